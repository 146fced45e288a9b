//! Numbers: rounding, limits, powers and roots. Numeric text counts as a number. Logarithms and
//! trigonometry stand in `number_math`.

use super::args::{self, NUMBERS};
use super::number_math::fifteen_digits;
use super::{Builtin, Ctx, Native, Param, example, optional, param};
use crate::codes;
use crate::value::convert;
use crate::value::fault::{Fault, Run};
use crate::value::{Kind, Value};
use rust_decimal::prelude::ToPrimitive;
use rust_decimal::{Decimal, MathematicalOps, RoundingStrategy};

const PLACES: &[Param] = &[optional("places", "number")];
const OTHER: &[Param] = &[param("other", "number")];

const fn simple(
    name: &'static str,
    returns: &'static str,
    doc: &'static str,
    examples: &'static [super::Example],
    run: Native,
) -> Builtin {
    Builtin { name, aliases: &[], on: NUMBERS, params: &[], returns, doc, examples, run }
}

pub(super) const TABLE: &[Builtin] = &[
    Builtin {
        name: "round",
        aliases: &[],
        on: NUMBERS,
        params: PLACES,
        returns: "decimal",
        doc: "The number rounded to so many places, halves away from zero. Negative places round left of the point. Without places, or with 0, a whole number.",
        examples: &[
            example("4.556.round(2)", "4.56"),
            example("2.5.round(0)", "3"),
            example("(0 - 2.5).round()", "-3"),
            example("1250.round(-2)", "1300"),
            example("5.round(2)", "5"),
            example(r#""1.005".round(2)"#, "1.01"),
        ],
        run: |ctx, args| rounded(ctx, args, "round", RoundingStrategy::MidpointAwayFromZero),
    },
    Builtin {
        name: "truncate",
        aliases: &[],
        on: NUMBERS,
        params: PLACES,
        returns: "decimal",
        doc: "The number cut off after so many places, without rounding.",
        examples: &[
            example("4.556.truncate(2)", "4.55"),
            example("(0 - 4.9).truncate(0)", "-4"),
            example("1299.truncate(-2)", "1200"),
        ],
        run: |ctx, args| rounded(ctx, args, "truncate", RoundingStrategy::ToZero),
    },
    simple(
        "floor",
        "number",
        "The largest whole number that is not larger.",
        &[example("4.8.floor()", "4"), example("(0 - 4.2).floor()", "-5")],
        |ctx, args| whole(ctx, args, "floor", |number| number.floor()),
    ),
    simple(
        "ceil",
        "number",
        "The smallest whole number that is not smaller.",
        &[example("4.2.ceil()", "5"), example("(0 - 4.8).ceil()", "-4")],
        |ctx, args| whole(ctx, args, "ceil", |number| number.ceil()),
    ),
    simple(
        "frac",
        "decimal",
        "What stands after the point.",
        &[example("4.25.frac()", "0.25"), example("(0 - 4.25).frac()", "-0.25"), example("7.frac()", "0")],
        |ctx, args| {
            let number = args::decimal(ctx, args, 0, "frac")?;
            Ok(ctx.heap.decimal(number.fract()))
        },
    ),
    simple(
        "abs",
        "number",
        "The number without its sign.",
        &[example("(0 - 5).abs()", "5"), example(r#""-1.50".abs()"#, "1.50")],
        abs,
    ),
    Builtin {
        name: "min",
        aliases: &[],
        on: NUMBERS,
        params: OTHER,
        returns: "number",
        doc: "The smaller of two numbers.",
        examples: &[example("5.min(3)", "3"), example(r#"min("2", 10)"#, "2")],
        run: |ctx, args| choose(ctx, args, "min", |a, b| a <= b),
    },
    Builtin {
        name: "max",
        aliases: &[],
        on: NUMBERS,
        params: OTHER,
        returns: "number",
        doc: "The larger of two numbers.",
        examples: &[example("5.max(3)", "5"), example("max(1.5, 1.25)", "1.5")],
        run: |ctx, args| choose(ctx, args, "max", |a, b| a >= b),
    },
    Builtin {
        name: "power",
        aliases: &[],
        on: NUMBERS,
        params: &[param("exponent", "number")],
        returns: "decimal",
        doc: "The number raised to a power: exact for whole exponents, a whole number where the result is whole; to 15 significant digits for others.",
        examples: &[
            example("2.power(3)", "8"),
            example("27.power(1 / 3)", "3"),
            example("2.power(0.5)", "1.4142135623730950488016887242"),
            example("0.power(0 - 1)", "fault E0408"),
            example("(0 - 8).power(1.5)", "fault E0416"),
            example("2.power(0 - 1)", "0.5"),
            example("1.5.power(2)", "2.25"),
            example("10.power(40)", "fault E0409"),
        ],
        run: power,
    },
    simple(
        "sqrt",
        "decimal",
        "The square root; a whole number where it is whole. Negative numbers fault.",
        &[example("9.sqrt()", "3"), example("2.25.sqrt()", "1.5"), example("(0 - 1).sqrt()", "fault E0416")],
        sqrt,
    ),
    simple(
        "isEven",
        "boolean",
        "Whether the number is whole and divisible by two.",
        &[example("4.isEven()", "true"), example("3.isEven()", "false")],
        |ctx, args| {
            let number = args::decimal(ctx, args, 0, "isEven")?;
            Ok(Value::Bool((number % Decimal::TWO).is_zero()))
        },
    ),
    simple(
        "isOdd",
        "boolean",
        "Whether the number is whole and not divisible by two.",
        &[example("4.isOdd()", "false"), example("(0 - 3).isOdd()", "true")],
        |ctx, args| {
            let number = args::decimal(ctx, args, 0, "isOdd")?;
            Ok(Value::Bool((number % Decimal::TWO).abs() == Decimal::ONE))
        },
    ),
];

/// A whole result as a whole number, any other without needless zeros.
pub(super) fn tidy(ctx: &mut Ctx<'_>, number: Decimal) -> Value {
    if number.fract().is_zero()
        && let Some(whole) = number.to_i64()
    {
        return Value::Int(whole);
    }
    ctx.heap.decimal(number.normalize())
}

pub(super) fn overflow(name: &str) -> Box<Fault> {
    Fault::new(codes::OVERFLOW, format!("the result of `{name}` does not fit: decimals have 28 digits"))
}

fn rounded(ctx: &mut Ctx<'_>, args: &[Value], name: &str, strategy: RoundingStrategy) -> Run<Value> {
    let number = args::decimal(ctx, args, 0, name)?;
    let places = if args.len() > 1 { args::int(ctx, args, 1, name)? } else { 0 };
    if let (Value::Int(whole), 0..) = (args[0], places) {
        return Ok(Value::Int(whole));
    }
    if places > 0 {
        let places = u32::try_from(places.min(28)).unwrap_or(28);
        return Ok(ctx.heap.decimal(number.round_dp_with_strategy(places, strategy)));
    }
    let left = u32::try_from(places.unsigned_abs().min(29)).unwrap_or(29);
    let result = if left > 28 {
        Decimal::ZERO
    } else {
        let unit = Decimal::from_i128_with_scale(10_i128.pow(left), 0);
        let units = (number / unit).round_dp_with_strategy(0, strategy);
        units.checked_mul(unit).ok_or_else(|| overflow(name))?
    };
    Ok(tidy(ctx, result))
}

fn whole(ctx: &mut Ctx<'_>, args: &[Value], name: &str, round: fn(&Decimal) -> Decimal) -> Run<Value> {
    let number = round(&args::decimal(ctx, args, 0, name)?);
    Ok(tidy(ctx, number))
}

fn abs(ctx: &mut Ctx<'_>, args: &[Value]) -> Run<Value> {
    if let Value::Int(number) = args[0] {
        return number.checked_abs().map(Value::Int).ok_or_else(|| overflow("abs"));
    }
    let number = args::decimal(ctx, args, 0, "abs")?.abs();
    Ok(as_given(ctx, args[0], number))
}

/// A number read from `source`: whole if it was written so, with its zeros if not.
fn as_given(ctx: &mut Ctx<'_>, source: Value, number: Decimal) -> Value {
    let is_whole_text = ctx.heap.str(&source).is_some() && number.scale() == 0;
    match number.to_i64().filter(|_| is_whole_text) {
        Some(whole) => Value::Int(whole),
        None => ctx.heap.decimal(number),
    }
}

fn choose(ctx: &mut Ctx<'_>, args: &[Value], name: &str, first: fn(Decimal, Decimal) -> bool) -> Run<Value> {
    let (a, b) = (args::decimal(ctx, args, 0, name)?, args::decimal(ctx, args, 1, name)?);
    let (value, number) = if first(a, b) { (args[0], a) } else { (args[1], b) };
    match ctx.heap.str(&value) {
        Some(_) => Ok(as_given(ctx, value, number)),
        None => Ok(value),
    }
}

fn power(ctx: &mut Ctx<'_>, args: &[Value]) -> Run<Value> {
    let (base, exponent) = (args::decimal(ctx, args, 0, "power")?, args::decimal(ctx, args, 1, "power")?);
    if base.is_zero() && exponent.is_sign_negative() && !exponent.is_zero() {
        return Err(Fault::new(codes::DIVISION_BY_ZERO, "zero has no negative power"));
    }
    let result = match exponent.to_i64().filter(|_| exponent.fract().is_zero()) {
        Some(whole) => whole_power(base, whole),
        None if base.is_sign_negative() => {
            return Err(Fault::new(
                codes::BAD_ARGUMENT,
                format!("a negative number has no power of {exponent}; only whole exponents fit"),
            ));
        }
        None => root_power(base, exponent),
    };
    let result = result.ok_or_else(|| overflow("power"))?;
    ctx.charge(64);
    Ok(tidy(ctx, result))
}

/// Powers by squaring; the reciprocal is taken last, so that it is exact where it can be.
fn whole_power(base: Decimal, exponent: i64) -> Option<Decimal> {
    let (mut result, mut square, mut left) = (Decimal::ONE, base, exponent.unsigned_abs());
    if square.abs() == Decimal::ONE {
        return Some(if left % 2 == 0 { Decimal::ONE } else { square });
    }
    loop {
        if left % 2 == 1 {
            result = result.checked_mul(square)?;
        }
        left /= 2;
        if left == 0 {
            break;
        }
        square = square.checked_mul(square)?;
        if square.is_zero() {
            return if exponent < 0 { None } else { Some(Decimal::ZERO) };
        }
    }
    if exponent < 0 { Decimal::ONE.checked_div(result) } else { Some(result) }
}

/// A power that has no exact answer, to 15 significant digits; a square root is exact.
fn root_power(base: Decimal, exponent: Decimal) -> Option<Decimal> {
    if exponent == Decimal::new(5, 1) {
        return base.sqrt();
    }
    fifteen_digits(base.to_f64()?.powf(exponent.to_f64()?))
}

fn sqrt(ctx: &mut Ctx<'_>, args: &[Value]) -> Run<Value> {
    let number = args::decimal(ctx, args, 0, "sqrt")?;
    let root = number.sqrt().ok_or_else(|| {
        Fault::new(codes::BAD_ARGUMENT, format!("{number} is negative and has no square root"))
    })?;
    ctx.charge(64);
    Ok(tidy(ctx, root))
}

/// What `toLong()` and `toNumber()` do.
pub(super) fn to_long(ctx: &mut Ctx<'_>, args: &[Value]) -> Run<Value> {
    convert::to_long(ctx.heap, ctx.zone, args[0]).map(Value::Int)
}

/// What `toDecimal()` does: at least one digit after the point; text loses needless zeros.
pub(super) fn to_decimal(ctx: &mut Ctx<'_>, args: &[Value]) -> Run<Value> {
    let number = convert::to_decimal(ctx.heap, args[0])?;
    let mut number = match ctx.heap.kind(args[0]) {
        Kind::Decimal => number,
        _ => number.normalize(),
    };
    if number.scale() == 0 && ctx.heap.kind(args[0]) != Kind::Decimal {
        number.rescale(1);
    }
    Ok(ctx.heap.decimal(number))
}
