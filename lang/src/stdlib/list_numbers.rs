//! Lists of numbers: the largest, the smallest, the mean. Numbers written as text count.

use super::args::{self, ROWS};
use super::{Builtin, Ctx, Example, Native, Param, example, number, param};
use crate::codes;
use crate::value::fault::{Fault, Run};
use crate::value::{Value, convert};
use rust_decimal::Decimal;

const RANK: &[Param] = &[param("rank", "number")];

const fn of_all(
    name: &'static str,
    params: &'static [Param],
    returns: &'static str,
    doc: &'static str,
    examples: &'static [Example],
    run: Native,
) -> Builtin {
    Builtin { name, aliases: &[], on: ROWS, params, returns, doc, examples, run }
}

pub(super) const TABLE: &[Builtin] = &[
    of_all(
        "largest",
        &[],
        "number",
        "The largest number of a list; numeric text counts.",
        &[
            example("{1, 5, 2}.largest()", "5"),
            example(r#"{"10", "9.5"}.largest()"#, "10"),
            example("List().largest()", "fault E0416"),
            example(r#"{1, "x"}.largest()"#, "fault E0405"),
        ],
        |ctx, args| ranked(ctx, args, "largest", Some(1), true),
    ),
    of_all(
        "smallest",
        &[],
        "number",
        "The smallest number of a list; numeric text counts.",
        &[
            example(r#"{4, "2", 3}.smallest()"#, "2"),
            example("{0.5, 0.25}.smallest()", "0.25"),
            example("List().smallest()", "fault E0416"),
        ],
        |ctx, args| ranked(ctx, args, "smallest", Some(1), false),
    ),
    of_all(
        "nthLargest",
        RANK,
        "number",
        "The number that stands at a rank when the list or collection is put in order from the largest, the first rank being 1. Equal numbers each take a rank. A rank that the list does not have faults.",
        &[
            example("{300, 455, 124, 926, 780}.nthLargest(5)", "124"),
            example("Collection(300, 455, 124).nthLargest(3)", "124"),
            example("{7, 7, 3}.nthLargest(2)", "7"),
            example("{1, 2}.nthLargest(3)", "fault E0416"),
            example("{1, 2}.nthLargest(0)", "fault E0416"),
        ],
        |ctx, args| ranked(ctx, args, "nthLargest", None, true),
    ),
    of_all(
        "nthSmallest",
        RANK,
        "number",
        "The number that stands at a rank when the list or collection is put in order from the smallest, the first rank being 1. Equal numbers each take a rank. A rank that the list does not have faults.",
        &[
            example("{300, 455, 124, 926, 780}.nthSmallest(2)", "300"),
            example("{1, 2}.nthSmallest(3)", "fault E0416"),
        ],
        |ctx, args| ranked(ctx, args, "nthSmallest", None, false),
    ),
    of_all(
        "average",
        &[],
        "decimal",
        "The mean of a list of numbers; a whole number where it is whole.",
        &[
            example("{1, 2, 3}.average()", "2"),
            example("{1, 2}.average()", "1.5"),
            example("List().average()", "fault E0416"),
        ],
        average,
    ),
    of_all(
        "median",
        &[],
        "decimal",
        "The number in the middle of a list that is put in order; the mean of the two in the middle if their count is even.",
        &[
            example("{9, 1, 5}.median()", "5"),
            example("{4, 1, 3, 2}.median()", "2.5"),
            example("List().median()", "fault E0416"),
        ],
        median,
    ),
];

/// The numbers of a list, with the values they were read from; at least one.
fn numbers(ctx: &mut Ctx<'_>, args: &[Value], name: &str) -> Run<Vec<(Decimal, Value)>> {
    let items = args::items(ctx, args, 0, name)?;
    if items.is_empty() {
        return Err(Fault::new(
            codes::BAD_ARGUMENT,
            format!("`{name}` needs a list with at least one number"),
        )
        .with_help("ask first with `if(!list.isEmpty())`"));
    }
    ctx.heap.reserve(items.len() * size_of::<(Decimal, Value)>())?;
    ctx.charge(items.len());
    items.into_iter().map(|item| Ok((convert::to_decimal(ctx.heap, item)?, item))).collect()
}

/// As [`numbers`], from the smallest to the largest.
fn sorted(ctx: &mut Ctx<'_>, args: &[Value], name: &str) -> Run<Vec<(Decimal, Value)>> {
    let mut numbers = numbers(ctx, args, name)?;
    numbers.sort_by_key(|(number, _)| *number);
    ctx.charge(4 * numbers.len());
    Ok(numbers)
}

fn ranked(ctx: &mut Ctx<'_>, args: &[Value], name: &str, rank: Option<i64>, from_top: bool) -> Run<Value> {
    let rank = match rank {
        Some(rank) => rank,
        None => args::int(ctx, args, 1, name)?,
    };
    let numbers = sorted(ctx, args, name)?;
    let count = numbers.len();
    let place = usize::try_from(rank).ok().filter(|rank| (1..=count).contains(rank)).ok_or_else(|| {
        Fault::new(
            codes::BAD_ARGUMENT,
            format!("`{name}` needs a rank from 1 to {count}, the size of the list, but this is {rank}"),
        )
    })?;
    let at = if from_top { count - place } else { place - 1 };
    let Some((number, value)) = numbers.get(at).copied() else { return Ok(Value::Null) };
    Ok(match value {
        Value::Int(_) => value,
        _ => number::tidy(ctx, number),
    })
}

fn mean(ctx: &mut Ctx<'_>, numbers: &[(Decimal, Value)]) -> Run<Value> {
    let count = Decimal::from(numbers.len());
    let sum = numbers.iter().try_fold(Decimal::ZERO, |sum, (number, _)| sum.checked_add(*number));
    let mean = sum.and_then(|sum| sum.checked_div(count)).ok_or_else(|| {
        Fault::new(codes::OVERFLOW, "the sum of the list does not fit: decimals have 28 digits")
    })?;
    Ok(number::tidy(ctx, mean))
}

fn average(ctx: &mut Ctx<'_>, args: &[Value]) -> Run<Value> {
    let numbers = numbers(ctx, args, "average")?;
    mean(ctx, &numbers)
}

fn median(ctx: &mut Ctx<'_>, args: &[Value]) -> Run<Value> {
    let numbers = sorted(ctx, args, "median")?;
    let middle = numbers.len() / 2;
    let first = if numbers.len() % 2 == 0 { middle - 1 } else { middle };
    mean(ctx, &numbers[first..=middle])
}
