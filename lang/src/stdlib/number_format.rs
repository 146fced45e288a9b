//! Numbers as text by a pattern such as `##,###.00`, in the letters of Java's `DecimalFormat`.
//!
//! English signs: a point before the fraction, commas between groups. Halves go to the even
//! neighbour, as there.

use super::args::{self, NUMBERS};
use super::{Builtin, Ctx, example, optional};
use crate::codes;
use crate::value::Value;
use crate::value::convert::quoted;
use crate::value::fault::{Fault, Run};
use crate::value::print;
use rust_decimal::{Decimal, RoundingStrategy};

pub(super) const TABLE: &[Builtin] = &[Builtin {
    name: "text",
    aliases: &[],
    on: NUMBERS,
    params: &[optional("format", "text")],
    returns: "text",
    doc: "A number as text. In the format `0` stands for a digit that is always shown, `#` for one that is shown if it counts, a comma before the last digits for groups, `%` for hundredths; what follows a semicolon is used for negative numbers.",
    examples: &[
        example("1234.5.text(\"##,###.00\")", "1,234.50"),
        example(r#"7.text("000")"#, "007"),
        example(r#"0.256.text("0.#%")"#, "25.6%"),
        example("(0 - 5).text(\"#;(#)\")", "(5)"),
        example("1234.5.text()", "1234.5"),
        example(r#"1.text("0.0.0")"#, "fault E0412"),
    ],
    run: text,
}];

fn text(ctx: &mut Ctx<'_>, args: &[Value]) -> Run<Value> {
    let number = args::decimal(ctx, args, 0, "text")?;
    let shown = if args.len() > 1 {
        format_decimal(number, &args::text(ctx, args, 1, "text")?)?
    } else {
        let mut out = String::new();
        print::write_decimal(&mut out, number);
        out
    };
    Ok(ctx.heap.text_owned(shown))
}

/// One half of a pattern, before or after `;`.
#[derive(Default)]
struct Layout {
    prefix: String,
    suffix: String,
    whole_digits: usize,
    fraction_digits: usize,
    fraction_most: usize,
    group: usize,
    percent: bool,
}

/// Writes a number by a pattern.
fn format_decimal(number: Decimal, pattern: &str) -> Run<String> {
    if pattern.chars().nth(100).is_some() {
        return Err(bad(pattern, "it has more than 100 characters"));
    }
    let (positive, negative) = split(pattern);
    let layout = Layout::read(positive, pattern)?;
    let scaled = if layout.percent { number.checked_mul(Decimal::ONE_HUNDRED) } else { Some(number) };
    let scaled = scaled.ok_or_else(|| {
        Fault::new(codes::OVERFLOW, format!("{number} as a percentage does not fit 28 digits"))
    })?;
    let places = u32::try_from(layout.fraction_most.min(28)).unwrap_or(28);
    let rounded = scaled.abs().round_dp_with_strategy(places, RoundingStrategy::MidpointNearestEven);
    let digits = layout.digits(rounded);
    if number.is_sign_positive() || rounded.is_zero() {
        return Ok(format!("{}{digits}{}", layout.prefix, layout.suffix));
    }
    match negative {
        Some(negative) => {
            let signs = Layout::read(negative, pattern)?;
            Ok(format!("{}{digits}{}", signs.prefix, signs.suffix))
        }
        None => Ok(format!("-{}{digits}{}", layout.prefix, layout.suffix)),
    }
}

fn bad(pattern: &str, reason: &str) -> Box<Fault> {
    Fault::new(codes::BAD_PATTERN, format!("{} is not a number format: {reason}", quoted(pattern)))
        .with_help("for example `#,##0.00`: 0 is a digit always shown, # one shown if it counts")
}

/// The halves before and after an unquoted semicolon.
fn split(pattern: &str) -> (&str, Option<&str>) {
    let mut in_quotes = false;
    for (at, c) in pattern.char_indices() {
        match c {
            '\'' => in_quotes = !in_quotes,
            ';' if !in_quotes => return (&pattern[..at], Some(&pattern[at + 1..])),
            _ => {}
        }
    }
    (pattern, None)
}

impl Layout {
    fn read(half: &str, pattern: &str) -> Run<Layout> {
        let mut layout = Layout::default();
        let (mut digits_begun, mut digits_done, mut point) = (false, false, false);
        let mut since_comma = None;
        let mut rest = half.chars().peekable();
        while let Some(c) = rest.next() {
            if matches!(c, '#' | '0' | ',' | '.') {
                if digits_done || (point && c == '.') {
                    return Err(bad(pattern, "the digits stand in more than one place"));
                }
                digits_begun = true;
                match c {
                    '.' => point = true,
                    ',' if point => return Err(bad(pattern, "a comma stands after the point")),
                    ',' => since_comma = Some(0),
                    _ if point => {
                        layout.fraction_most += 1;
                        if c == '0' {
                            layout.fraction_digits = layout.fraction_most;
                        }
                    }
                    _ => {
                        since_comma = since_comma.map(|n: usize| n + 1);
                        layout.whole_digits += usize::from(c == '0' || layout.whole_digits > 0);
                    }
                }
                continue;
            }
            digits_done = digits_begun;
            let side = if digits_begun { &mut layout.suffix } else { &mut layout.prefix };
            match c {
                '\'' if rest.next_if_eq(&'\'').is_some() => side.push('\''),
                '\'' => side.extend(rest.by_ref().take_while(|c| *c != '\'')),
                _ => {
                    layout.percent |= c == '%';
                    side.push(c);
                }
            }
        }
        layout.group = since_comma.unwrap_or(0);
        if digits_begun { Ok(layout) } else { Err(bad(pattern, "it holds neither 0 nor #")) }
    }

    fn digits(&self, number: Decimal) -> String {
        let shown = number.to_string();
        let (whole, fraction) = shown.split_once('.').unwrap_or((&shown, ""));
        let whole = if whole == "0" { "" } else { whole };
        let whole = format!("{whole:0>width$}", width = self.whole_digits);
        let mut out = String::new();
        for (at, digit) in whole.chars().enumerate() {
            if self.group > 0 && at > 0 && (whole.len() - at) % self.group == 0 {
                out.push(',');
            }
            out.push(digit);
        }
        let fraction = format!("{:0<width$}", fraction.trim_end_matches('0'), width = self.fraction_digits);
        if !fraction.is_empty() {
            out.push('.');
            out.push_str(&fraction);
        }
        if out.is_empty() { "0".to_owned() } else { out }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shown(number: &str, pattern: &str) -> String {
        format_decimal(number.parse().unwrap(), pattern).unwrap()
    }

    #[test]
    fn digits_groups_and_signs_follow_the_pattern() {
        for (number, pattern, expected) in [
            ("1234567.891", "#,##0.00", "1,234,567.89"),
            ("1234.5", "##,###.00", "1,234.50"),
            ("0.5", "#.00", ".50"),
            ("0", "#", "0"),
            ("5", "000.0#", "005.0"),
            ("0.125", "0.00", "0.12"),
            ("0.135", "0.00", "0.14"),
            ("-3", "0.0", "-3.0"),
            ("-0.001", "0.0", "0.0"),
            ("3.5", "$0.00 'per' #'", "x"),
            ("12", "$#,##0.00 'USD'", "$12.00 USD"),
            ("0.5", "0%", "50%"),
        ] {
            if expected == "x" {
                assert!(format_decimal(number.parse().unwrap(), pattern).is_err());
            } else {
                assert_eq!(shown(number, pattern), expected, "{number} {pattern}");
            }
        }
    }

    #[test]
    fn a_format_without_digits_is_refused() {
        for pattern in ["", "abc", "0.0.0", "0 0", "0.0,0"] {
            assert_eq!(
                format_decimal(Decimal::ONE, pattern).unwrap_err().code,
                codes::BAD_PATTERN,
                "{pattern}"
            );
        }
    }
}
