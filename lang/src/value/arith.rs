//! The operators `+ - * / %` and the signs. The machine adds two whole numbers by itself and comes
//! here for everything else.

use super::convert::quoted;
use super::fault::{Fault, Run};
use super::heap::Heap;
use super::number::{Number, of_number, of_number_or_text};
use super::{Kind, Value, print};
use crate::codes;
use jiff::tz::TimeZone;
use jiff::{Span, Timestamp, civil};
use rust_decimal::Decimal;

/// Milliseconds that a date-time may hold: the years -9999 to 9999.
pub const DATE_TIME_RANGE: std::ops::RangeInclusive<i64> = -377_705_023_201_000..=253_402_207_200_000;
/// Days that a date may hold: the years -9999 to 9999.
pub const DATE_RANGE: std::ops::RangeInclusive<i32> = -4_371_587..=2_932_896;

fn overflow(sign: &str) -> Box<Fault> {
    Fault::new(codes::OVERFLOW, format!("the result of `{sign}` does not fit")).with_help(
        "whole numbers go from -9223372036854775808 to 9223372036854775807, decimals have 28 digits",
    )
}

fn mismatch(heap: &Heap, sign: &str, left: Value, right: Value) -> Box<Fault> {
    let (l, r) = (heap.kind(left), heap.kind(right));
    let fault = Fault::new(
        codes::WRONG_KIND,
        format!("`{sign}` cannot work with {} on the left and {} on the right", named(l), named(r)),
    );
    if l == Kind::Null || r == Kind::Null {
        fault.with_help("give the value a default first: `ifnull(x, 0)`")
    } else if l == Kind::Text || r == Kind::Text {
        fault.with_help("a text counts as a number only if it holds nothing but digits, a sign and a point")
    } else {
        fault
    }
}

fn named(kind: Kind) -> String {
    match kind {
        Kind::Null => "null".to_owned(),
        Kind::Empty => "an empty {}".to_owned(),
        Kind::Error => "an error".to_owned(),
        other => format!("a {}", other.name()),
    }
}

/// `a + b`: numbers are added, a text on either side joins, a number added to a date adds days.
///
/// # Errors
/// `E0402` for other kinds, `E0409` if the sum does not fit.
pub fn add(heap: &mut Heap, zone: &TimeZone, left: Value, right: Value) -> Run<Value> {
    if is_text(left) || is_text(right) {
        return join(heap, zone, left, right);
    }
    if let (Some(a), Some(b)) = (of_number(heap, left), of_number(heap, right)) {
        return match (a, b) {
            (Number::Int(a), Number::Int(b)) => a.checked_add(b).map(Value::Int).ok_or_else(|| overflow("+")),
            (a, b) => {
                let (a, b) = (a.decimal(), b.decimal());
                let sum = a.checked_add(b).map(|sum| at_scale(sum, a.scale().max(b.scale())));
                decimal(heap, "+", sum)
            }
        };
    }
    match (left, right) {
        (Value::Date(_) | Value::DateTime(_), Value::Int(days)) => shift(zone, left, days, "+"),
        (Value::Int(days), Value::Date(_) | Value::DateTime(_)) => shift(zone, right, days, "+"),
        _ => Err(mismatch(heap, "+", left, right)),
    }
}

fn is_text(value: Value) -> bool {
    matches!(value, Value::Short { .. } | Value::Text { .. })
}

/// Joins two values, at least one of them text.
///
/// # Errors
/// `E0504` and `E0502` if the text grows too large, `E0413` if a list contains itself.
pub fn join(heap: &mut Heap, zone: &TimeZone, left: Value, right: Value) -> Run<Value> {
    let left = if is_text(left) {
        left
    } else {
        let text = print::info_text(heap, zone, left)?;
        heap.text_owned(text)
    };
    append(heap, zone, left, right)
}

/// `left`, a text, followed by the `info` form of any value.
///
/// # Errors
/// As [`join`].
pub fn append(heap: &mut Heap, zone: &TimeZone, left: Value, right: Value) -> Run<Value> {
    match right {
        Value::Short { len, bytes } => {
            let more = std::str::from_utf8(&bytes[..len as usize]).unwrap_or_default();
            heap.concat(left, more)
        }
        Value::Int(n) => {
            let mut digits = [0; 20];
            heap.concat(left, write_int(n, &mut digits))
        }
        Value::Text { .. } => heap.concat_values(left, right),
        _ => {
            let more = print::info_text(heap, zone, right)?;
            heap.concat(left, &more)
        }
    }
}

/// The digits of a whole number, written into a buffer on the stack.
#[inline]
pub fn write_int(number: i64, buffer: &mut [u8; 20]) -> &str {
    let begin = write_digits(number, buffer);
    std::str::from_utf8(&buffer[begin..]).unwrap_or_default()
}

/// Writes the digits of a whole number to the end of a buffer; where they begin.
#[inline]
pub fn write_digits(number: i64, buffer: &mut [u8; 20]) -> usize {
    const PAIRS: &[u8; 200] = b"0001020304050607080910111213141516171819202122232425262728293031323334353637383940414243444546474849\
        5051525354555657585960616263646566676869707172737475767778798081828384858687888990919293949596979899";
    let mut rest = number.unsigned_abs();
    let mut at = buffer.len();
    while rest >= 10 {
        let pair = (rest % 100) as usize * 2;
        rest /= 100;
        at -= 2;
        buffer[at] = PAIRS[pair];
        buffer[at + 1] = PAIRS[pair + 1];
    }
    // A leading digit without a partner; the zero of a number like 105 came with its pair.
    if rest > 0 || at == buffer.len() {
        at -= 1;
        buffer[at] = b'0' + rest as u8;
    }
    if number < 0 {
        at -= 1;
        buffer[at] = b'-';
    }
    at
}

/// With the digits after the point that its operands ask for: where one of them is zero the library
/// answers the other as it stands. As many as fit into 28 digits.
fn at_scale(mut number: Decimal, scale: u32) -> Decimal {
    if number.scale() < scale {
        number.rescale(scale.min(Decimal::MAX_SCALE));
    }
    number
}

fn shift(zone: &TimeZone, date: Value, days: i64, sign: &str) -> Run<Value> {
    match date {
        Value::Date(day) => i32::try_from(i64::from(day).saturating_add(days))
            .ok()
            .filter(|day| DATE_RANGE.contains(day))
            .map(Value::Date)
            .ok_or_else(|| overflow(sign)),
        Value::DateTime(millis) => {
            let days = Span::new().try_days(days).map_err(|_| overflow(sign))?;
            let moved = Timestamp::from_millisecond(millis)
                .and_then(|at| at.to_zoned(zone.clone()).checked_add(days))
                .map_err(|_| overflow(sign))?;
            Ok(Value::DateTime(moved.timestamp().as_millisecond()))
        }
        other => Ok(other),
    }
}

/// `a - b`.
///
/// # Errors
/// As [`add`]; text counts if it is numeric, and faults with `E0405` if not.
pub fn sub(heap: &mut Heap, zone: &TimeZone, left: Value, right: Value) -> Run<Value> {
    match (left, right) {
        (Value::Date(_) | Value::DateTime(_), Value::Int(days)) => {
            shift(zone, left, days.checked_neg().ok_or_else(|| overflow("-"))?, "-")
        }
        (Value::Date(_) | Value::DateTime(_), Value::Date(_) | Value::DateTime(_)) => {
            Err(mismatch(heap, "-", left, right).with_help("use `first.daysBetween(second)`"))
        }
        _ => match pair(heap, "-", left, right)? {
            (Number::Int(a), Number::Int(b)) => a.checked_sub(b).map(Value::Int).ok_or_else(|| overflow("-")),
            (a, b) => {
                let (a, b) = (a.decimal(), b.decimal());
                let difference = a.checked_sub(b).map(|rest| at_scale(rest, a.scale().max(b.scale())));
                decimal(heap, "-", difference)
            }
        },
    }
}

/// `a * b`.
///
/// # Errors
/// As [`sub`].
pub fn mul(heap: &mut Heap, left: Value, right: Value) -> Run<Value> {
    match pair(heap, "*", left, right)? {
        (Number::Int(a), Number::Int(b)) => a.checked_mul(b).map(Value::Int).ok_or_else(|| overflow("*")),
        (a, b) => {
            let (a, b) = (a.decimal(), b.decimal());
            decimal(heap, "*", a.checked_mul(b).map(|product| at_scale(product, a.scale() + b.scale())))
        }
    }
}

/// `a / b`: always a decimal, without trailing zeros.
///
/// # Errors
/// As [`sub`]; `E0408` if `b` is zero.
pub fn div(heap: &mut Heap, left: Value, right: Value) -> Run<Value> {
    let (a, b) = pair(heap, "/", left, right)?;
    if let (Number::Int(a), Number::Int(b)) = (a, b)
        && b != 0
        && a.checked_rem(b) == Some(0)
        && let Some(mantissa) = a.checked_div(b)
    {
        return Ok(Value::Dec { scale: 0, mantissa });
    }
    let (a, b) = (a.decimal(), b.decimal());
    if b.is_zero() {
        return Err(division_by_zero());
    }
    decimal(heap, "/", a.checked_div(b).map(|quotient| quotient.normalize()))
}

/// `a % b`, with the sign of `a`.
///
/// # Errors
/// As [`div`].
pub fn rem(heap: &mut Heap, left: Value, right: Value) -> Run<Value> {
    match pair(heap, "%", left, right)? {
        (Number::Int(_), Number::Int(0)) => Err(division_by_zero()),
        (Number::Int(a), Number::Int(b)) => Ok(Value::Int(a.checked_rem(b).unwrap_or(0))),
        (_, b) if b.decimal().is_zero() => Err(division_by_zero()),
        (a, b) => decimal(heap, "%", a.decimal().checked_rem(b.decimal())),
    }
}

/// `-a`.
///
/// # Errors
/// `E0402` if it is no number, `E0405` if it is a text that holds none, `E0409` if it does not fit.
pub fn negate(heap: &mut Heap, value: Value) -> Run<Value> {
    match of_number_or_text(heap, value) {
        Some(Number::Int(n)) => n.checked_neg().map(Value::Int).ok_or_else(|| overflow("-")),
        Some(Number::Dec(d)) => Ok(heap.decimal(-d)),
        None => Err(not_signed(heap, "-", value)),
    }
}

/// `+a`: a number as it is.
///
/// # Errors
/// `E0402` if it is no number, `E0405` if it is a text that holds none.
pub fn plus(heap: &mut Heap, value: Value) -> Run<Value> {
    match of_number_or_text(heap, value) {
        Some(number) => Ok(number.value(heap)),
        None => Err(not_signed(heap, "+", value)),
    }
}

fn pair(heap: &Heap, sign: &str, left: Value, right: Value) -> Run<(Number, Number)> {
    match (of_number_or_text(heap, left), of_number_or_text(heap, right)) {
        (Some(a), Some(b)) => Ok((a, b)),
        (None, other) if is_text(left) && (other.is_some() || is_text(right)) => {
            Err(text_operand(heap, sign, left, " on the left"))
        }
        (Some(_), None) if is_text(right) => Err(text_operand(heap, sign, right, " on the right")),
        _ => Err(mismatch(heap, sign, left, right)),
    }
}

/// The fault of a text that should be a number; it shows the text, which says more than its kind.
#[cold]
fn text_operand(heap: &Heap, sign: &str, text: Value, side: &str) -> Box<Fault> {
    let text = heap.str(&text).unwrap_or_default();
    let fault = Fault::new(
        codes::NOT_A_NUMBER,
        format!("`{sign}` needs a number{side}; {} is not a number", quoted(text)),
    );
    match text.trim() {
        "" => fault.with_help("an empty text is no number: ask with `isEmpty()` first"),
        _ => {
            fault.with_help("a number is digits with an optional sign and point; isNumber() tells beforehand")
        }
    }
}

/// The fault of a sign before something that is no number.
#[cold]
fn not_signed(heap: &Heap, sign: &str, value: Value) -> Box<Fault> {
    if is_text(value) {
        return text_operand(heap, sign, value, "");
    }
    let fault = Fault::new(
        codes::WRONG_KIND,
        format!("`{sign}` needs a number; this is {}", named(heap.kind(value))),
    );
    if value.is_null() { fault.with_help("give the value a default first: `ifnull(x, 0)`") } else { fault }
}

fn division_by_zero() -> Box<Fault> {
    Fault::new(codes::DIVISION_BY_ZERO, "a division by zero")
        .with_help("ask first: `if(divisor != 0, a / divisor, 0)`")
}

fn decimal(heap: &mut Heap, sign: &str, result: Option<Decimal>) -> Run<Value> {
    result.map(|d| heap.decimal(d)).ok_or_else(|| overflow(sign))
}

/// Milliseconds at which a day begins in a zone.
pub fn start_of_day(zone: &TimeZone, day: i32) -> Option<i64> {
    let date = civil::date(1970, 1, 1).checked_add(Span::new().try_days(day).ok()?).ok()?;
    Some(date.to_zoned(zone.clone()).ok()?.timestamp().as_millisecond())
}

#[cfg(test)]
mod tests {
    use super::*;
    use jiff::ToSpan;

    fn show(heap: &Heap, value: Value) -> String {
        print::info_text(heap, &TimeZone::UTC, value).unwrap()
    }

    fn dec(heap: &mut Heap, text: &str) -> Value {
        heap.decimal(text.parse().unwrap())
    }

    #[test]
    fn division_is_decimal_and_other_operators_keep_the_scale() {
        let mut heap = Heap::default();
        let heap = &mut heap;
        let six_by_two = div(heap, Value::Int(6), Value::Int(2)).unwrap();
        assert_eq!(heap.kind(six_by_two), Kind::Decimal);
        assert_eq!(show(heap, six_by_two), "3");
        let third = div(heap, Value::Int(2), Value::Int(3)).unwrap();
        assert_eq!(show(heap, third), "0.6666666666666666666666666667");
        let one_and_half = dec(heap, "1.5");
        let product = mul(heap, Value::Int(2), one_and_half).unwrap();
        assert_eq!(show(heap, product), "3.0");
    }

    #[test]
    fn a_sum_that_does_not_fit_faults() {
        let mut heap = Heap::default();
        let fault = add(&mut heap, &TimeZone::UTC, Value::Int(i64::MAX), Value::Int(1)).unwrap_err();
        assert_eq!(fault.code, codes::OVERFLOW);
        assert_eq!(negate(&mut heap, Value::Int(i64::MIN)).unwrap_err().code, codes::OVERFLOW);
        assert_eq!(
            add(&mut heap, &TimeZone::UTC, Value::Date(0), Value::Int(i64::MAX)).unwrap_err().code,
            codes::OVERFLOW
        );
        assert_eq!(
            add(&mut heap, &TimeZone::UTC, Value::DateTime(0), Value::Int(i64::MAX)).unwrap_err().code,
            codes::OVERFLOW
        );
    }

    #[test]
    fn text_joins_with_plus_and_counts_as_a_number_elsewhere() {
        let mut heap = Heap::default();
        let heap = &mut heap;
        let five = heap.text("5");
        let joined = add(heap, &TimeZone::UTC, five, Value::Int(2)).unwrap();
        assert_eq!(show(heap, joined), "52");
        let joined = add(heap, &TimeZone::UTC, Value::Null, five).unwrap();
        assert_eq!(show(heap, joined), "null5");
        let less = sub(heap, &TimeZone::UTC, five, Value::Int(2)).unwrap();
        assert_eq!(show(heap, less), "3");
        let word = heap.text("five");
        for (left, right) in [(word, Value::Int(2)), (Value::Int(2), word), (word, word)] {
            let fault = sub(heap, &TimeZone::UTC, left, right).unwrap_err();
            assert_eq!(fault.code, codes::NOT_A_NUMBER);
            assert!(fault.message.contains("\"five\" is not a number"), "{}", fault.message);
        }
        assert_eq!(sub(heap, &TimeZone::UTC, word, Value::Null).unwrap_err().code, codes::WRONG_KIND);
        assert_eq!(negate(heap, word).unwrap_err().code, codes::NOT_A_NUMBER);
    }

    #[test]
    fn the_remainder_has_the_sign_of_the_dividend() {
        let mut heap = Heap::default();
        let rest = rem(&mut heap, Value::Int(-7), Value::Int(3)).unwrap();
        assert_eq!(show(&heap, rest), "-1");
        assert!(matches!(rem(&mut heap, Value::Int(i64::MIN), Value::Int(-1)), Ok(Value::Int(0))));
        assert_eq!(rem(&mut heap, Value::Int(1), Value::Int(0)).unwrap_err().code, codes::DIVISION_BY_ZERO);
    }

    #[test]
    fn the_ends_of_the_date_ranges_are_dates() {
        assert!(Timestamp::from_millisecond(*DATE_TIME_RANGE.start()).is_ok());
        assert!(Timestamp::from_millisecond(*DATE_TIME_RANGE.end()).is_ok());
        assert!(Timestamp::from_millisecond(*DATE_TIME_RANGE.end() + 1000).is_err());
        let epoch = civil::date(1970, 1, 1);
        assert!(epoch.checked_add(DATE_RANGE.start().days()).is_ok());
        assert!(epoch.checked_add(DATE_RANGE.end().days()).is_ok());
        assert!(epoch.checked_add((DATE_RANGE.end() + 1).days()).is_err());
        assert!(epoch.checked_add((DATE_RANGE.start() - 1).days()).is_err());
    }

    #[test]
    fn every_whole_number_is_written_with_all_its_digits() {
        let mut buffer = [0; 20];
        for n in [0, 7, -7, 1234567890, i64::MAX, i64::MIN] {
            assert_eq!(write_int(n, &mut buffer), n.to_string());
        }
    }
}
