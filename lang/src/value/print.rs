//! How values look as text: what `info` prints, what `text + value` joins, what `toString()` gives.
//!
//! The two forms differ for lists only, and for collections that are like one: [`info_text`] joins
//! their elements with commas and without brackets, [`to_text`] writes JSON. A file is its name. Formats for numbers and dates given by the author stand in
//! the standard library, not here.

use super::arith::write_int;
use super::fault::{Fault, Run};
use super::heap::{Heap, Object};
use super::{Value, date, json};
use crate::codes;
use jiff::tz::TimeZone;
use rust_decimal::Decimal;
use std::fmt::Write;

/// How deep values may stand in each other before they are taken for endless.
pub const MAX_DEPTH: usize = 128;

/// What `info` shows of a value, and what it adds when joined to a text.
///
/// Lists are their elements joined by commas, without brackets; lists and maps inside are JSON.
///
/// # Errors
/// `E0413` if the value is nested deeper than [`MAX_DEPTH`], `E0504` if the text passes the limit.
pub fn info_text(heap: &Heap, zone: &TimeZone, value: Value) -> Run<String> {
    let mut out = String::new();
    write_info(&mut out, heap, zone, value)?;
    Ok(out)
}

/// What `toString()` gives: as [`info_text`], but a list is JSON.
///
/// # Errors
/// As [`info_text`].
pub fn to_text(heap: &Heap, zone: &TimeZone, value: Value) -> Run<String> {
    let mut out = String::new();
    write_text(&mut out, heap, zone, value)?;
    Ok(out)
}

/// Appends [`info_text`] of a value.
///
/// # Errors
/// As [`info_text`]; `out` then holds a part of the text.
pub fn write_info(out: &mut String, heap: &Heap, zone: &TimeZone, value: Value) -> Run<()> {
    if let Value::Object(at) = heap.opened(value)
        && let Object::List(items) = heap.get(at)
    {
        for (position, item) in items.iter().enumerate() {
            if position > 0 {
                out.push(',');
            }
            match item {
                Value::Object(_) => json::write_at_depth(heap, zone, *item, out, 1)?,
                _ => write_scalar(out, heap, zone, *item)?,
            }
            heap.reserve_text(out.len())?;
        }
        return Ok(());
    }
    write_text(out, heap, zone, value)
}

/// Appends [`to_text`] of a value.
///
/// # Errors
/// As [`info_text`]; `out` then holds a part of the text.
pub fn write_text(out: &mut String, heap: &Heap, zone: &TimeZone, value: Value) -> Run<()> {
    match value {
        Value::Object(at) => match heap.get(at) {
            Object::Error(_) | Object::File(_) => write_scalar(out, heap, zone, value),
            Object::Empty | Object::List(_) | Object::Map(_) | Object::Collection(_) => {
                json::write(heap, zone, value, out)
            }
        },
        _ => write_scalar(out, heap, zone, value),
    }
}

/// Appends a value that is neither list nor map; of those, nothing.
pub(crate) fn write_scalar(out: &mut String, heap: &Heap, zone: &TimeZone, value: Value) -> Run<()> {
    match value {
        Value::Unset | Value::Null => out.push_str("null"),
        Value::Bool(b) => out.push_str(if b { "true" } else { "false" }),
        Value::Int(n) => out.push_str(write_int(n, &mut [0; 20])),
        Value::Dec { scale, mantissa } => write_small_decimal(out, scale, mantissa),
        Value::BigDec(_) => {
            write_decimal(out, heap.as_decimal(value).unwrap_or_default());
        }
        Value::Date(_) | Value::DateTime(_) => date::write_default(out, zone, value)?,
        Value::Short { .. } | Value::Text { .. } => out.push_str(heap.str(&value).unwrap_or_default()),
        Value::Object(at) => match heap.get(at) {
            Object::Error(error) => {
                out.push_str(heap.str(&error.message).unwrap_or_default());
                // Writing into a `String` cannot fail.
                let _ = write!(out, " (line {})", error.line);
            }
            Object::File(file) => out.push_str(&file.name),
            _ => {}
        },
    }
    Ok(())
}

/// As [`write_decimal`], for one whose digits fit 64 bits.
fn write_small_decimal(out: &mut String, scale: u8, mantissa: i64) {
    let mut buffer = [0; 20];
    let digits = write_int(mantissa, &mut buffer);
    let (sign, digits) = match digits.strip_prefix('-') {
        Some(unsigned) => ("-", unsigned),
        None => ("", digits),
    };
    out.push_str(sign);
    let scale = usize::from(scale);
    let whole = digits.len().saturating_sub(scale);
    out.push_str(if whole == 0 { "0" } else { &digits[..whole] });
    if scale > 0 {
        out.push('.');
        (digits.len()..scale).for_each(|_| out.push('0'));
        out.push_str(&digits[whole..]);
    }
}

/// Appends a decimal with all digits of its scale; never `-0`.
pub(crate) fn write_decimal(out: &mut String, decimal: Decimal) {
    if let Some(Value::Dec { scale, mantissa }) = Value::small_decimal(decimal) {
        return write_small_decimal(out, scale, mantissa);
    }
    let shown = if decimal.is_zero() { decimal.abs() } else { decimal };
    let _ = write!(out, "{shown}");
}

pub(crate) fn too_deep() -> Box<Fault> {
    Fault::new(codes::TOO_NESTED, format!("this value is nested more than {MAX_DEPTH} levels deep"))
        .with_help("look for a list or map that was put into itself")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn info(heap: &Heap, value: Value) -> String {
        info_text(heap, &TimeZone::UTC, value).unwrap()
    }

    #[test]
    fn a_printed_list_has_no_brackets_but_the_lists_inside_do() {
        let mut heap = Heap::default();
        let inner_text = heap.text("b");
        let inner = heap.list(vec![inner_text, Value::Null]);
        let a = heap.text("a");
        let list = heap.list(vec![Value::Int(1), a, inner]);
        assert_eq!(info(&heap, list), r#"1,a,["b",null]"#);
        assert_eq!(to_text(&heap, &TimeZone::UTC, list).unwrap(), r#"[1,"a",["b",null]]"#);
    }

    #[test]
    fn an_empty_list_prints_nothing_and_empty_braces_print_as_braces() {
        let mut heap = Heap::default();
        let list = heap.list(vec![]);
        let empty = heap.object(Object::Empty);
        let map = heap.map(0);
        assert_eq!(info(&heap, list), "");
        assert_eq!(info(&heap, empty), "{}");
        assert_eq!(info(&heap, map), "{}");
    }

    #[test]
    fn decimals_show_their_scale_and_no_negative_zero() {
        let mut heap = Heap::default();
        let three = heap.decimal(Decimal::new(30, 1));
        let mut zero = Decimal::new(0, 2);
        zero.set_sign_negative(true);
        let zero = heap.decimal(zero);
        let large = heap.decimal(Decimal::MAX);
        assert_eq!(info(&heap, three), "3.0");
        assert_eq!(info(&heap, zero), "0.00");
        assert_eq!(info(&heap, large), "79228162514264337593543950335");
    }

    #[test]
    fn decimals_of_few_digits_are_written_as_all_others() {
        for mantissa in [0, 1, -1, 7, -10, 42, 105, -99_999, 1_000_000, i64::MAX, i64::MIN] {
            for scale in 0..=28 {
                let mut quick = String::new();
                write_small_decimal(&mut quick, scale, mantissa);
                let mut exact = String::new();
                write_decimal(&mut exact, Decimal::from_i128_with_scale(mantissa.into(), scale.into()));
                assert_eq!(quick, exact);
            }
        }
    }

    #[test]
    fn a_list_that_contains_itself_faults_instead_of_printing_for_ever() {
        let mut heap = Heap::default();
        let list = heap.list(vec![]);
        heap.edit_list(list, |items| items.push(list)).unwrap();
        assert_eq!(info_text(&heap, &TimeZone::UTC, list).unwrap_err().code, codes::TOO_NESTED);
    }

    #[test]
    fn a_value_that_doubles_at_each_level_stops_at_the_text_limit() {
        let mut heap = Heap::new(super::super::heap::HeapLimits { memory: 1 << 20, text: 10_000 });
        let mut list = heap.list(vec![Value::Int(1)]);
        for _ in 0..60 {
            list = heap.list(vec![list, list]);
        }
        assert_eq!(info_text(&heap, &TimeZone::UTC, list).unwrap_err().code, codes::TEXT_TOO_LARGE);
    }
}
