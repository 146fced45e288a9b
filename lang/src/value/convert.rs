//! From one kind of value to another, where an author asks for it (`toLong()`, an argument that must
//! be a number). Operators convert by their own, stricter rules in `number`.

use super::fault::{Fault, Run};
use super::heap::Heap;
use super::{Value, date};
use crate::codes;
use jiff::tz::TimeZone;
use rust_decimal::Decimal;
use rust_decimal::prelude::ToPrimitive;

/// How much of an offending text is shown.
const SHOWN: usize = 40;

/// A text in quotes for a message, cut where it is long.
pub fn quoted(text: &str) -> String {
    match text.char_indices().nth(SHOWN) {
        Some((at, _)) => format!("\"{}…\"", &text[..at]),
        None => format!("\"{text}\""),
    }
}

/// The decimal in a text: digits with an optional sign and point, blanks around them ignored.
/// `None` for anything else, exponents included, and for more than 28 digits before the point.
pub fn parse_decimal(text: &str) -> Option<Decimal> {
    let text = text.trim();
    let digits = text.strip_prefix(['-', '+']).unwrap_or(text);
    let is_plain = digits.bytes().all(|b| b.is_ascii_digit() || b == b'.')
        && digits.bytes().filter(|b| *b == b'.').count() <= 1
        && digits.bytes().any(|b| b.is_ascii_digit());
    if is_plain { text.strip_prefix('+').unwrap_or(text).parse().ok() } else { None }
}

/// Whether a text is a number by [`parse_decimal`].
pub fn is_numeric(text: &str) -> bool {
    parse_decimal(text).is_some()
}

fn not_a_number(text: &str) -> Box<Fault> {
    let fault = Fault::new(codes::NOT_A_NUMBER, format!("{} is not a number", quoted(text)));
    if text.trim().is_empty() {
        return fault.with_help("an empty text is no number; test it first, or use ifnull and isEmpty");
    }
    if text.contains(',') {
        return fault.with_help("take out the commas first: replaceAll(\",\", \"\", true)");
    }
    fault.with_help("a number is digits with an optional sign and point; isNumber() tells beforehand")
}

fn wrong_kind(heap: &Heap, value: Value, wanted: &str) -> Box<Fault> {
    Fault::new(codes::WRONG_KIND, format!("a {} cannot become a {wanted}", heap.kind(value).name()))
}

/// The number in a text.
///
/// # Errors
/// `E0405`, showing the text.
pub fn text_to_decimal(text: &str) -> Run<Decimal> {
    parse_decimal(text).ok_or_else(|| not_a_number(text))
}

/// The whole number in a text; a fraction is cut off, not rounded.
///
/// # Errors
/// `E0405`, showing the text; `E0409` if it does not fit 64 bits.
pub fn text_to_long(text: &str) -> Run<i64> {
    match text.trim().parse::<i64>() {
        Ok(whole) => Ok(whole),
        Err(_) => decimal_to_long(text_to_decimal(text)?),
    }
}

/// A decimal without its fraction.
///
/// # Errors
/// `E0409` if it does not fit 64 bits.
pub fn decimal_to_long(decimal: Decimal) -> Run<i64> {
    decimal.trunc().to_i64().ok_or_else(|| {
        Fault::new(codes::OVERFLOW, format!("{} does not fit a whole number of 64 bits", decimal.trunc()))
    })
}

/// What `toLong()` gives: numbers and numeric text without their fraction, dates and date literals
/// as milliseconds since 1970-01-01T00:00:00 UTC.
///
/// # Errors
/// `E0405`, `E0409` as above; `E0402` for other kinds.
pub fn to_long(heap: &Heap, zone: &TimeZone, value: Value) -> Run<i64> {
    if let Value::Int(whole) = value {
        return Ok(whole);
    }
    if let Some(millis) = date::millis(value, zone)? {
        return Ok(millis);
    }
    match (heap.as_decimal(value), heap.str(&value)) {
        (Some(decimal), _) => decimal_to_long(decimal),
        // A date literal is a text until something asks it to be a date.
        (None, Some(text)) => match date::parse_date_literal(text, zone) {
            Some(date) => Ok(date::millis(date, zone)?.unwrap_or_default()),
            None => text_to_long(text),
        },
        (None, None) => Err(wrong_kind(heap, value, "number")),
    }
}

/// The exact number in a number or numeric text.
///
/// # Errors
/// `E0405` as above; `E0402` for other kinds.
pub fn to_decimal(heap: &Heap, value: Value) -> Run<Decimal> {
    match (heap.as_decimal(value), heap.str(&value)) {
        (Some(decimal), _) => Ok(decimal),
        (None, Some(text)) => text_to_decimal(text),
        (None, None) => Err(wrong_kind(heap, value, "number")),
    }
}

/// The date in a date, date-time or date text; the value as it is or made from the text.
///
/// # Errors
/// `E0406`, showing the text; `E0402` for other kinds.
pub fn to_date(heap: &Heap, zone: &TimeZone, value: Value) -> Run<Value> {
    if matches!(value, Value::Date(_) | Value::DateTime(_)) {
        return Ok(value);
    }
    let Some(text) = heap.str(&value) else { return Err(wrong_kind(heap, value, "date")) };
    date::parse_date_text(text, zone).ok_or_else(|| {
        Fault::new(codes::NOT_A_DATE, format!("{} is not a date", quoted(text)))
            .with_help("dates look like 15-Mar-2019, 15-Mar-2019 20:50:36 or 2019-03-15T20:50:36Z; for other forms use toDate(format)")
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_fraction_is_cut_off_not_rounded() {
        assert_eq!(text_to_long("99.9").unwrap(), 99);
        assert_eq!(text_to_long(" -99.9 ").unwrap(), -99);
        assert_eq!(text_to_long("+7").unwrap(), 7);
        assert_eq!(text_to_long("9223372036854775807").unwrap(), i64::MAX);
    }

    #[test]
    fn what_is_no_number_is_shown() {
        for text in ["", " ", "134A123B", "1,234", "1e5", "0x10", "1.2.3", "-", ".", "١٢"] {
            let fault = text_to_long(text).unwrap_err();
            assert_eq!(fault.code, codes::NOT_A_NUMBER, "{text}");
            assert!(fault.message.contains(text.trim()), "{}", fault.message);
        }
        assert_eq!(text_to_long("9223372036854775808").unwrap_err().code, codes::OVERFLOW);
    }

    #[test]
    fn a_point_may_stand_at_either_end() {
        assert_eq!(text_to_decimal(".45").unwrap(), Decimal::new(45, 2));
        assert_eq!(text_to_decimal("123.").unwrap(), Decimal::from(123));
    }

    #[test]
    fn a_date_counts_its_milliseconds_from_midnight_in_the_zone() {
        let heap = Heap::default();
        let india = date::zone::find("Asia/Kolkata").unwrap();
        assert_eq!(to_long(&heap, &india, Value::Date(0)).unwrap(), -19_800_000);
        assert_eq!(to_long(&heap, &TimeZone::UTC, Value::Date(1)).unwrap(), 86_400_000);
    }

    #[test]
    fn a_list_is_neither_number_nor_date() {
        let mut heap = Heap::default();
        let list = heap.list(vec![]);
        assert_eq!(to_long(&heap, &TimeZone::UTC, list).unwrap_err().code, codes::WRONG_KIND);
        assert_eq!(to_date(&heap, &TimeZone::UTC, list).unwrap_err().code, codes::WRONG_KIND);
    }
}
