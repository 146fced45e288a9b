//! Dates and times in text that are read without a pattern.

use super::{MONTHS, date_value, instant_value, zone};
use crate::value::Value;
use jiff::civil::{Date, Time};
use jiff::tz::TimeZone;

/// Reads the default format, `dd-MMM-yyyy` with an optional ` HH:mm[:ss]`: the form of literals
/// such as `'15-Mar-2019'`. A date without a time is a date, with one a date-time.
pub fn parse_date_literal(text: &str, zone: &TimeZone) -> Option<Value> {
    let (date, rest) = default_date(text.trim())?;
    finish(date, rest, zone)
}

/// Reads what `toDate()` and its like take without a pattern: the default format, ISO 8601
/// (`yyyy-MM-dd`, with `T` or a blank before a time, with or without an offset).
pub fn parse_date_text(text: &str, zone: &TimeZone) -> Option<Value> {
    let text = text.trim();
    let (date, rest) = default_date(text).or_else(|| iso_date(text))?;
    finish(date, rest, zone)
}

fn finish(date: Date, rest: &str, zone: &TimeZone) -> Option<Value> {
    if rest.is_empty() {
        return Some(date_value(date));
    }
    let rest = rest.strip_prefix(['T', 't', ' '])?.trim_start();
    let (time, rest) = clock(rest)?;
    let civil = date.to_datetime(time);
    let rest = rest.trim_start();
    if rest.is_empty() {
        return instant_value(civil, zone).ok();
    }
    let (seconds, len) = zone::read_offset(rest)?;
    if len != rest.len() {
        return None;
    }
    let offset = jiff::tz::Offset::from_seconds(seconds).ok()?;
    instant_value(civil, &TimeZone::fixed(offset)).ok()
}

/// `d` or `dd`, `MMM`, `yyyy`.
fn default_date(text: &str) -> Option<(Date, &str)> {
    let (day, rest) = digits(text, 1, 2)?;
    let rest = rest.strip_prefix('-')?;
    let name = rest.get(..3)?;
    let month = MONTHS.iter().position(|month| month[..3].eq_ignore_ascii_case(name))? + 1;
    let (year, rest) = digits(rest.get(3..)?.strip_prefix('-')?, 4, 4)?;
    calendar(year, month as u32, day).map(|date| (date, rest))
}

fn iso_date(text: &str) -> Option<(Date, &str)> {
    let (year, rest) = digits(text, 4, 4)?;
    let (month, rest) = digits(rest.strip_prefix('-')?, 1, 2)?;
    let (day, rest) = digits(rest.strip_prefix('-')?, 1, 2)?;
    calendar(year, month, day).map(|date| (date, rest))
}

pub(super) fn calendar(year: u32, month: u32, day: u32) -> Option<Date> {
    Date::new(year.try_into().ok()?, month.try_into().ok()?, day.try_into().ok()?).ok()
}

/// `HH:mm`, `HH:mm:ss` or `HH:mm:ss.fraction`; parts of two digits that no clock shows become 0.
fn clock(text: &str) -> Option<(Time, &str)> {
    let (hour, rest) = digits(text, 1, 2)?;
    let (minute, rest) = digits(rest.strip_prefix(':')?, 2, 2)?;
    let Some(rest_of_second) = rest.strip_prefix(':') else {
        return time_of(hour, minute, 0, 0).map(|time| (time, rest));
    };
    let (second, rest) = digits(rest_of_second, 2, 2)?;
    let (millis, rest) = match rest.strip_prefix('.') {
        Some(fraction) => {
            let len = fraction.bytes().take_while(u8::is_ascii_digit).count();
            let first: String = fraction[..len].chars().chain("000".chars()).take(3).collect();
            (first.parse().ok().filter(|_| len > 0)?, &fraction[len..])
        }
        None => (0, rest),
    };
    time_of(hour, minute, second, millis).map(|time| (time, rest))
}

/// A time of day; an hour, minute or second beyond its range counts as 0, as in the reference.
pub(super) fn time_of(hour: u32, minute: u32, second: u32, millis: u32) -> Option<Time> {
    let within = |part: u32, limit: u32| if part < limit { part as i8 } else { 0 };
    let nanos = i32::try_from(millis % 1000).ok()? * 1_000_000;
    Time::new(within(hour, 24), within(minute, 60), within(second, 60), nanos).ok()
}

/// A run of `min` to `max` digits that no further digit follows.
pub(super) fn digits(text: &str, min: usize, max: usize) -> Option<(u32, &str)> {
    let len = text.bytes().take_while(u8::is_ascii_digit).count();
    if len < min || len > max {
        return None;
    }
    text[..len].parse().ok().map(|number| (number, &text[len..]))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::value::date::write_default;

    fn read(text: &str) -> Option<String> {
        let value = parse_date_text(text, &TimeZone::UTC)?;
        let mut out = String::new();
        write_default(&mut out, &TimeZone::UTC, value).unwrap();
        Some(out)
    }

    #[test]
    fn the_default_format_and_iso_8601_are_read_without_a_pattern() {
        for (text, expected) in [
            ("15-Mar-2019", "15-Mar-2019"),
            ("5-mar-2019", "05-Mar-2019"),
            ("01-Jan-2020 20:50:36", "01-Jan-2020 20:50:36"),
            ("2024-02-29", "29-Feb-2024"),
            ("2024-02-29T10:20:30", "29-Feb-2024 10:20:30"),
            ("2024-02-29 10:20", "29-Feb-2024 10:20:00"),
            ("2024-02-29T10:20:30.123Z", "29-Feb-2024 10:20:30"),
            ("2024-02-29T10:20:30+05:30", "29-Feb-2024 04:50:30"),
            ("2024-02-29T10:20:30-0800", "29-Feb-2024 18:20:30"),
        ] {
            assert_eq!(read(text).as_deref(), Some(expected), "{text}");
        }
    }

    #[test]
    fn a_wrong_hour_minute_or_second_becomes_zero_but_three_digits_are_refused() {
        assert_eq!(read("01-Jan-2020 24:60:61").as_deref(), Some("01-Jan-2020 00:00:00"));
        assert_eq!(read("01-Jan-2020 024:00:00"), None);
    }

    #[test]
    fn what_is_no_date_is_not_read() {
        for text in [
            "",
            "hello",
            "30-Feb-2024",
            "15-Mrz-2019",
            "15-Mar-20199",
            "2024-13-01",
            "2024-01-01T",
            "2024-01-01x",
            "１５-Mar-2019",
        ] {
            assert_eq!(read(text), None, "{text}");
        }
    }

    #[test]
    fn a_literal_is_the_default_format_only() {
        assert!(parse_date_literal("15-Mar-2019", &TimeZone::UTC).is_some());
        assert!(parse_date_literal("2019-03-15", &TimeZone::UTC).is_none());
    }
}
