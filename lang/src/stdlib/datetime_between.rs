//! Dates: how far apart two of them are, always the argument minus the receiver.
//!
//! `daysBetween` and what is made of it (`monthsBetween` counts 30 days, `yearsBetween` 365) measure
//! by the clock on the wall, so that summer time makes no day shorter; `hoursBetween` measures real
//! time. `monthsDiff` and `yearsDiff` count by the calendar.

use super::args::{self, DATES};
use super::datetime::clock;
use super::{Builtin, Ctx, Example, Native, Param, example, param};
use crate::value::Value;
use crate::value::date;
use crate::value::fault::Run;
use jiff::civil::Date;

const OTHER: &[Param] = &[param("other", "date")];

const fn distance(
    name: &'static str,
    doc: &'static str,
    examples: &'static [Example],
    run: Native,
) -> Builtin {
    Builtin { name, aliases: &[], on: DATES, params: OTHER, returns: "number", doc, examples, run }
}

const fn also(builtin: Builtin, aliases: &'static [&'static str]) -> Builtin {
    Builtin { aliases, ..builtin }
}

pub(super) const TABLE: &[Builtin] = &[
    distance(
        "daysBetween",
        "Whole days from this date to the other; negative if the other is earlier.",
        &[
            example("'01-Mar-2024'.daysBetween('05-Mar-2024')", "4"),
            example("'05-Mar-2024'.daysBetween('01-Mar-2024')", "-4"),
            example("'01-Mar-2024 12:00:00'.daysBetween('02-Mar-2024 11:00:00')", "0"),
            example("\"2024-02-28\".daysBetween(\"2024-03-01\")", "2"),
        ],
        |ctx, args| Ok(Value::Int(wall_seconds(ctx, args, "daysBetween")? / 86_400)),
    ),
    distance(
        "hoursBetween",
        "Whole hours from this date-time to the other.",
        &[
            example("'01-Mar-2024 00:00:00'.hoursBetween('01-Mar-2024 05:30:00')", "5"),
            example("'02-Mar-2024'.hoursBetween('01-Mar-2024')", "-24"),
        ],
        hours_between,
    ),
    distance(
        "monthsBetween",
        "Months of 30 days from this date to the other. `monthsDiff` counts by the calendar.",
        &[
            example("'01-Feb-2020'.monthsBetween('01-Mar-2020')", "0"),
            example("'01-Jan-2020'.monthsBetween('31-Jan-2020')", "1"),
        ],
        |ctx, args| Ok(Value::Int(wall_seconds(ctx, args, "monthsBetween")? / 86_400 / 30)),
    ),
    distance(
        "yearsBetween",
        "Years of 365 days from this date to the other. `yearsDiff` counts by the calendar.",
        &[
            example("'02-Jan-2020'.yearsBetween('01-Jan-2021')", "1"),
            example("'01-Jan-2020'.yearsBetween('30-Dec-2020')", "0"),
        ],
        |ctx, args| Ok(Value::Int(wall_seconds(ctx, args, "yearsBetween")? / 86_400 / 365)),
    ),
    also(
        distance(
            "monthsDiff",
            "Whole calendar months from this date to the other.",
            &[
                example("'01-Feb-2020'.monthsDiff('01-Mar-2020')", "1"),
                example("'31-Jan-2020'.monthsDiff('28-Feb-2020')", "0"),
                example("'31-Mar-2020'.monthsDiff('01-Mar-2020')", "0"),
                example("'01-Jan-2020'.totalMonth('01-Mar-2021')", "14"),
            ],
            |ctx, args| Ok(Value::Int(calendar_months(ctx, args, "monthsDiff")?)),
        ),
        &["totalMonth"],
    ),
    also(
        distance(
            "yearsDiff",
            "Whole calendar years from this date to the other.",
            &[
                example("'02-Jan-2020'.yearsDiff('01-Jan-2021')", "0"),
                example("'01-Jan-2020'.yearsDiff('01-Jan-2021')", "1"),
                example("'01-Jan-2020'.totalYear('31-Dec-2020')", "0"),
            ],
            |ctx, args| Ok(Value::Int(calendar_months(ctx, args, "yearsDiff")? / 12)),
        ),
        &["totalYear"],
    ),
    distance(
        "days360",
        "Days from this date to the other in a year of twelve months of 30 days, as bookkeepers count. For real days use `daysBetween`.",
        &[
            example("'01-Jan-2024'.days360('01-Feb-2024')", "30"),
            example("days360('31-Jan-2024', '31-Mar-2024')", "60"),
        ],
        days360,
    ),
];

fn wall_seconds(ctx: &mut Ctx<'_>, args: &[Value], name: &str) -> Run<i64> {
    ctx.charge(4);
    let from = date::wall_millis(args::date(ctx, args, 0, name)?, ctx.zone)?;
    let to = date::wall_millis(args::date(ctx, args, 1, name)?, ctx.zone)?;
    Ok((to.unwrap_or_default() - from.unwrap_or_default()) / 1000)
}

fn hours_between(ctx: &mut Ctx<'_>, args: &[Value]) -> Run<Value> {
    let ((from, _), (to, _)) = (clock(ctx, args, 0, "hoursBetween")?, clock(ctx, args, 1, "hoursBetween")?);
    let (from, to) = (date::millis(from, ctx.zone)?, date::millis(to, ctx.zone)?);
    Ok(Value::Int((to.unwrap_or_default() - from.unwrap_or_default()) / 3_600_000))
}

fn calendar_months(ctx: &mut Ctx<'_>, args: &[Value], name: &str) -> Run<i64> {
    let ((_, from), (_, to)) = (clock(ctx, args, 0, name)?, clock(ctx, args, 1, name)?);
    let months = |at: Date| i64::from(at.year()) * 12 + i64::from(at.month());
    let whole = months(to.date()) - months(from.date());
    let (start, end) = ((from.day(), from.time()), (to.day(), to.time()));
    Ok(match whole {
        1.. if end < start => whole - 1,
        ..=-1 if end > start => whole + 1,
        _ => whole,
    })
}

/// The American rule: a first day 31 counts as 30, and so does a second one after it.
fn days360(ctx: &mut Ctx<'_>, args: &[Value]) -> Run<Value> {
    let ((_, from), (_, to)) = (clock(ctx, args, 0, "days360")?, clock(ctx, args, 1, "days360")?);
    let start = i64::from(from.day()).min(30);
    let end = if start == 30 { i64::from(to.day()).min(30) } else { to.day().into() };
    let months = i64::from(to.year() - from.year()) * 12 + i64::from(to.month() - from.month());
    Ok(Value::Int(months * 30 + end - start))
}
