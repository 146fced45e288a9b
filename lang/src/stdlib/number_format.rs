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
use std::cell::RefCell;
use std::rc::Rc;

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

/// A pattern as read, with its text.
struct Layouts {
    source: String,
    positive: Layout,
    negative: Option<Layout>,
}

/// Patterns kept for the next number; a script writes many numbers by few of them.
const KEPT: usize = 8;

thread_local! {
    static CACHE: RefCell<Vec<Rc<Layouts>>> = const { RefCell::new(Vec::new()) };
}

impl Layouts {
    /// Reads a pattern, or takes it from those read last.
    fn kept(source: &str) -> Run<Rc<Layouts>> {
        let known = CACHE.with_borrow(|cache| cache.iter().find(|kept| kept.source == source).cloned());
        if let Some(layouts) = known {
            return Ok(layouts);
        }
        let layouts = Rc::new(Layouts::read(source)?);
        CACHE.with_borrow_mut(|cache| {
            if cache.len() >= KEPT {
                cache.remove(0);
            }
            cache.push(Rc::clone(&layouts));
        });
        Ok(layouts)
    }

    fn read(source: &str) -> Run<Layouts> {
        if source.chars().nth(100).is_some() {
            return Err(bad(source, "it has more than 100 characters"));
        }
        let (positive, negative) = split(source);
        Ok(Layouts {
            source: source.to_owned(),
            positive: Layout::read(positive, source)?,
            negative: negative.map(|half| Layout::read(half, source)).transpose()?,
        })
    }
}

/// Writes a number by a pattern.
fn format_decimal(number: Decimal, pattern: &str) -> Run<String> {
    let layouts = Layouts::kept(pattern)?;
    let layout = &layouts.positive;
    let scaled = if layout.percent { number.checked_mul(Decimal::ONE_HUNDRED) } else { Some(number) };
    let scaled = scaled.ok_or_else(|| {
        Fault::new(codes::OVERFLOW, format!("{number} as a percentage does not fit 28 digits"))
    })?;
    let places = u32::try_from(layout.fraction_most.min(28)).unwrap_or(28);
    let rounded = scaled.abs().round_dp_with_strategy(places, RoundingStrategy::MidpointNearestEven);
    let negative = number.is_sign_negative() && !rounded.is_zero();
    let signs = layouts.negative.as_ref().filter(|_| negative).unwrap_or(layout);
    let mut out = String::with_capacity(32);
    if negative && layouts.negative.is_none() {
        out.push('-');
    }
    out.push_str(&signs.prefix);
    layout.write_digits(rounded, &mut out);
    out.push_str(&signs.suffix);
    Ok(out)
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

    /// The digits of a number that is not negative, with groups and zeros as the pattern asks.
    fn write_digits(&self, number: Decimal, out: &mut String) {
        let begin = out.len();
        let mut shown = String::with_capacity(32);
        print::write_decimal(&mut shown, number);
        let (whole, fraction) = shown.split_once('.').unwrap_or((&shown, ""));
        let whole = if whole == "0" { "" } else { whole };
        let length = whole.len().max(self.whole_digits);
        for at in 0..length {
            if self.group > 0 && at > 0 && (length - at).is_multiple_of(self.group) {
                out.push(',');
            }
            let digit = (at + whole.len()).checked_sub(length).and_then(|at| whole.as_bytes().get(at));
            out.push(digit.map_or('0', |digit| char::from(*digit)));
        }
        let fraction = fraction.trim_end_matches('0');
        if !fraction.is_empty() || self.fraction_digits > 0 {
            out.push('.');
            out.push_str(fraction);
            out.extend(std::iter::repeat_n('0', self.fraction_digits.saturating_sub(fraction.len())));
        }
        if out.len() == begin {
            out.push('0');
        }
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
