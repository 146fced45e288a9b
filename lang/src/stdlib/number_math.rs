//! Numbers: exponentials, logarithms and trigonometry, angles in radians.
//!
//! These have no exact decimal answer. They are worked out in binary floating point, and 15
//! significant digits are kept: all that are certain, so that no binary noise is ever seen and
//! `1000.log10()` is 3. Roots and whole powers are exact and stand in `number`.

use super::args::{self, NUMBERS};
use super::number::{overflow, tidy};
use super::{Builtin, Ctx, Example, Native, example, param};
use crate::codes;
use crate::value::Value;
use crate::value::fault::{Fault, Run};
use rust_decimal::Decimal;
use rust_decimal::prelude::ToPrimitive;

const fn simple(name: &'static str, doc: &'static str, examples: &'static [Example], run: Native) -> Builtin {
    Builtin { name, aliases: &[], on: NUMBERS, params: &[], returns: "decimal", doc, examples, run }
}

pub(super) const TABLE: &[Builtin] = &[
    simple(
        "cbrt",
        "The cube root, to 15 significant digits; a whole number where it is whole.",
        &[
            example("27.cbrt()", "3"),
            example("(0 - 0.001).cbrt()", "-0.1"),
            example("2.cbrt()", "1.25992104989487"),
        ],
        |ctx, args| real(ctx, args, "cbrt", f64::cbrt),
    ),
    simple(
        "exp",
        "Euler's number raised to this power, to 15 significant digits.",
        &[
            example("0.exp()", "1"),
            example("1.exp()", "2.71828182845905"),
            example("100.exp()", "fault E0409"),
            example("(0 - 100).exp()", "0"),
        ],
        |ctx, args| real(ctx, args, "exp", f64::exp),
    ),
    simple(
        "log",
        "The natural logarithm, to 15 significant digits. Zero and negative numbers have none and fault.",
        &[
            example("1.log()", "0"),
            example("10.log()", "2.30258509299405"),
            example("0.log()", "fault E0416"),
        ],
        |ctx, args| {
            within(ctx, args, "log", "a number above 0", |x| x > Decimal::ZERO)?;
            real(ctx, args, "log", f64::ln)
        },
    ),
    simple(
        "log10",
        "The logarithm to base 10, to 15 significant digits. Zero and negative numbers have none and fault.",
        &[
            example("100.log10()", "2"),
            example("0.001.log10()", "-3"),
            example("(0 - 1).log10()", "fault E0416"),
        ],
        |ctx, args| {
            within(ctx, args, "log10", "a number above 0", |x| x > Decimal::ZERO)?;
            real(ctx, args, "log10", f64::log10)
        },
    ),
    simple(
        "sin",
        "The sine of an angle in radians, to 15 significant digits.",
        &[
            example("0.sin()", "0"),
            example("0.5235987755982988.sin()", "0.5"),
            example("1.sin()", "0.841470984807897"),
        ],
        |ctx, args| real(ctx, args, "sin", f64::sin),
    ),
    simple(
        "cos",
        "The cosine of an angle in radians, to 15 significant digits.",
        &[example("0.cos()", "1"), example("1.0471975511965976.cos()", "0.5")],
        |ctx, args| real(ctx, args, "cos", f64::cos),
    ),
    simple(
        "tan",
        "The tangent of an angle in radians, to 15 significant digits.",
        &[example("0.tan()", "0"), example("0.7853981633974483.tan()", "1")],
        |ctx, args| real(ctx, args, "tan", f64::tan),
    ),
    simple(
        "asin",
        "The angle whose sine this is, in radians. Only numbers from -1 to 1 have one.",
        &[
            example("0.asin()", "0"),
            example("1.asin()", "1.5707963267949"),
            example("2.asin()", "fault E0416"),
        ],
        |ctx, args| {
            within(ctx, args, "asin", "a number from -1 to 1", |x| x.abs() <= Decimal::ONE)?;
            real(ctx, args, "asin", f64::asin)
        },
    ),
    simple(
        "acos",
        "The angle whose cosine this is, in radians. Only numbers from -1 to 1 have one.",
        &[
            example("1.acos()", "0"),
            example("0.acos()", "1.5707963267949"),
            example("1.5.acos()", "fault E0416"),
        ],
        |ctx, args| {
            within(ctx, args, "acos", "a number from -1 to 1", |x| x.abs() <= Decimal::ONE)?;
            real(ctx, args, "acos", f64::acos)
        },
    ),
    simple(
        "atan",
        "The angle whose tangent this is, in radians, from -π/2 to π/2.",
        &[example("0.atan()", "0"), example("1.atan()", "0.785398163397448")],
        |ctx, args| real(ctx, args, "atan", f64::atan),
    ),
    Builtin {
        name: "atan2",
        aliases: &[],
        on: NUMBERS,
        params: &[param("x", "number")],
        returns: "decimal",
        doc: "The angle in radians of the point whose height is this number and whose distance to the right is `x`: `atan2(y, x)`, as in other languages.",
        examples: &[
            example("atan2(1, 1)", "0.785398163397448"),
            example("1.atan2(0 - 1)", "2.35619449019234"),
            example("0.atan2(0)", "0"),
        ],
        run: |ctx, args| {
            let (y, x) = (binary(ctx, args, 0, "atan2")?, binary(ctx, args, 1, "atan2")?);
            shown(ctx, "atan2", y.atan2(x))
        },
    },
    simple(
        "sinh",
        "The hyperbolic sine, to 15 significant digits.",
        &[
            example("0.sinh()", "0"),
            example("1.sinh()", "1.1752011936438"),
            example("99.sinh()", "fault E0409"),
        ],
        |ctx, args| real(ctx, args, "sinh", f64::sinh),
    ),
    simple(
        "cosh",
        "The hyperbolic cosine, to 15 significant digits.",
        &[example("0.cosh()", "1"), example("1.cosh()", "1.54308063481524")],
        |ctx, args| real(ctx, args, "cosh", f64::cosh),
    ),
    simple(
        "tanh",
        "The hyperbolic tangent, to 15 significant digits.",
        &[example("0.tanh()", "0"), example("100.tanh()", "1")],
        |ctx, args| real(ctx, args, "tanh", f64::tanh),
    ),
    simple(
        "asinh",
        "The number whose hyperbolic sine this is.",
        &[example("0.asinh()", "0"), example("1.asinh()", "0.881373587019543")],
        |ctx, args| real(ctx, args, "asinh", f64::asinh),
    ),
    simple(
        "acosh",
        "The number whose hyperbolic cosine this is. Only numbers from 1 upwards have one.",
        &[
            example("1.acosh()", "0"),
            example("2.acosh()", "1.31695789692482"),
            example("0.acosh()", "fault E0416"),
        ],
        |ctx, args| {
            within(ctx, args, "acosh", "a number of 1 or more", |x| x >= Decimal::ONE)?;
            real(ctx, args, "acosh", f64::acosh)
        },
    ),
    simple(
        "atanh",
        "The number whose hyperbolic tangent this is. Only numbers between -1 and 1 have one.",
        &[
            example("0.atanh()", "0"),
            example("0.5.atanh()", "0.549306144334055"),
            example("1.atanh()", "fault E0416"),
        ],
        |ctx, args| {
            within(ctx, args, "atanh", "a number between -1 and 1", |x| x.abs() < Decimal::ONE)?;
            real(ctx, args, "atanh", f64::atanh)
        },
    ),
];

fn binary(ctx: &Ctx<'_>, args: &[Value], at: usize, name: &str) -> Run<f64> {
    // Every decimal has a nearest binary number; the default is never taken.
    Ok(args::decimal(ctx, args, at, name)?.to_f64().unwrap_or_default())
}

fn within(ctx: &Ctx<'_>, args: &[Value], name: &str, wanted: &str, fits: fn(Decimal) -> bool) -> Run<()> {
    let number = args::decimal(ctx, args, 0, name)?;
    if fits(number) {
        return Ok(());
    }
    Err(Fault::new(codes::BAD_ARGUMENT, format!("`{name}` needs {wanted}, but this is {number}")))
}

fn real(ctx: &mut Ctx<'_>, args: &[Value], name: &str, function: fn(f64) -> f64) -> Run<Value> {
    let number = binary(ctx, args, 0, name)?;
    shown(ctx, name, function(number))
}

fn shown(ctx: &mut Ctx<'_>, name: &str, number: f64) -> Run<Value> {
    ctx.charge(16);
    let number = fifteen_digits(number).ok_or_else(|| overflow(name))?;
    Ok(tidy(ctx, number))
}

/// The decimal of the 15 digits of a binary number that are certain; `None` if it does not fit.
pub(super) fn fifteen_digits(number: f64) -> Option<Decimal> {
    let text = format!("{number:.14e}");
    let (digits, exponent) = text.split_once('e')?;
    let mantissa: i128 = digits.replace('.', "").parse().ok()?;
    let scale = 14 - exponent.parse::<i32>().ok()?;
    match u32::try_from(scale) {
        Err(_) => {
            let zeros = 10_i128.checked_pow(scale.unsigned_abs())?;
            Decimal::try_from_i128_with_scale(mantissa.checked_mul(zeros)?, 0).ok()
        }
        Ok(scale @ ..=28) => Decimal::try_from_i128_with_scale(mantissa, scale).ok(),
        // Too small for 28 places: what is left of it there.
        Ok(scale) => {
            let cut = 10_i128.checked_pow(scale - 28).unwrap_or(i128::MAX);
            Decimal::try_from_i128_with_scale(mantissa / cut, 28).ok()
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn fifteen_digits_are_kept_whatever_the_size() {
        for (number, expected) in [
            (0.1 + 0.2, "0.3"),
            (1.0 / 3.0, "0.333333333333333"),
            (-2.5e20, "-250000000000000000000"),
            (1.5e-28, "0.0000000000000000000000000001"),
            (1e-40, "0"),
            (-0.0, "0"),
            (7.9e28, "79000000000000000000000000000"),
        ] {
            let decimal = fifteen_digits(number).unwrap().normalize();
            assert_eq!(decimal.to_string(), expected, "{number}");
        }
    }

    #[test]
    fn what_is_too_large_or_no_number_has_no_decimal() {
        for number in [8e28, 1e300, f64::MAX, f64::INFINITY, f64::NAN] {
            assert_eq!(fifteen_digits(number), None, "{number}");
        }
    }
}
