//! Dates and date-times: the default format, the forms that are read without a pattern, and the
//! step between an instant and what a clock on the wall shows.
//!
//! Patterns given by the author stand in [`pattern`], named zones in [`zone`]. All calendar
//! arithmetic is jiff's.

pub mod business;
pub mod pattern;
mod read;
pub mod zone;

pub use read::{parse_date_literal, parse_date_text};

use super::Value;
use super::arith::DATE_TIME_RANGE;
use super::fault::{Fault, Run};
use crate::codes;
use jiff::civil::{Date, DateTime};
use jiff::tz::TimeZone;
use jiff::{Span, Timestamp};
use std::fmt::Write;

/// English month names, January first; the short forms are their first three letters.
pub const MONTHS: [&str; 12] = [
    "January",
    "February",
    "March",
    "April",
    "May",
    "June",
    "July",
    "August",
    "September",
    "October",
    "November",
    "December",
];

/// English day names, Sunday first as in the language's `getDayOfWeek`.
pub const WEEKDAYS: [&str; 7] =
    ["Sunday", "Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday"];

const EPOCH: Date = Date::constant(1970, 1, 1);

fn out_of_calendar() -> Box<Fault> {
    Fault::new(codes::OVERFLOW, "this date lies outside the years -9999 to 9999")
}

/// The calendar date that many days after 1970-01-01.
///
/// # Errors
/// `E0409` outside the years -9999 to 9999.
pub fn date_of_days(days: i32) -> Run<Date> {
    Span::new().try_days(days).and_then(|span| EPOCH.checked_add(span)).map_err(|_| out_of_calendar())
}

/// Days from 1970-01-01 to a calendar date, as [`Value::Date`] holds them.
pub fn days_of_date(date: Date) -> i32 {
    (date.duration_since(EPOCH).as_hours() / 24) as i32
}

/// A date value.
pub fn date_value(date: Date) -> Value {
    Value::Date(days_of_date(date))
}

/// The date-time value at which a clock in the zone shows `civil`. Inside a gap of summer time the
/// clock is moved forward, inside a fold the first of the two instants is taken.
///
/// # Errors
/// `E0409` at the ends of the calendar.
pub fn instant_value(civil: DateTime, zone: &TimeZone) -> Run<Value> {
    zone.to_timestamp(civil)
        .ok()
        .map(Timestamp::as_millisecond)
        .filter(|millis| DATE_TIME_RANGE.contains(millis))
        .map(Value::DateTime)
        .ok_or_else(out_of_calendar)
}

/// The instant of a number of milliseconds.
///
/// # Errors
/// `E0409` outside the years -9999 to 9999.
pub fn timestamp(millis: i64) -> Run<Timestamp> {
    let within = Some(millis).filter(|millis| DATE_TIME_RANGE.contains(millis));
    within.and_then(|millis| Timestamp::from_millisecond(millis).ok()).ok_or_else(out_of_calendar)
}

/// What calendar and clock in the zone show for a date or date-time; `None` for any other value.
///
/// # Errors
/// `E0409` outside the years -9999 to 9999.
pub fn civil(value: Value, zone: &TimeZone) -> Run<Option<DateTime>> {
    Ok(match value {
        Value::Date(days) => Some(date_of_days(days)?.at(0, 0, 0, 0)),
        Value::DateTime(millis) => Some(zone.to_datetime(timestamp(millis)?)),
        _ => None,
    })
}

/// Milliseconds since 1970-01-01T00:00:00 UTC; a date counts from its midnight in the zone.
///
/// # Errors
/// `E0409` outside the years -9999 to 9999.
pub fn millis(value: Value, zone: &TimeZone) -> Run<Option<i64>> {
    Ok(match value {
        Value::DateTime(millis) => Some(millis),
        Value::Date(days) => match instant_value(date_of_days(days)?.at(0, 0, 0, 0), zone)? {
            Value::DateTime(millis) => Some(millis),
            _ => None,
        },
        _ => None,
    })
}

/// Appends a date as `dd-MMM-yyyy`, a date-time as `dd-MMM-yyyy HH:mm:ss` in the zone; nothing for
/// any other value.
///
/// # Errors
/// `E0409` outside the years -9999 to 9999.
pub fn write_default(out: &mut String, zone: &TimeZone, value: Value) -> Run<()> {
    let Some(shown) = civil(value, zone)? else { return Ok(()) };
    let month = &MONTHS[(shown.month() - 1) as usize][..3];
    // Writing into a `String` cannot fail.
    let _ = write!(out, "{:02}-{month}-{:04}", shown.day(), shown.year());
    if matches!(value, Value::DateTime(_)) {
        let _ = write!(out, " {:02}:{:02}:{:02}", shown.hour(), shown.minute(), shown.second());
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use jiff::tz::Offset;

    fn shown(value: Value, zone: &TimeZone) -> String {
        let mut out = String::new();
        write_default(&mut out, zone, value).unwrap();
        out
    }

    #[test]
    fn dates_print_without_time_and_date_times_with_it() {
        let india = TimeZone::fixed(Offset::from_seconds(19_800).unwrap());
        assert_eq!(shown(Value::Date(19_782), &TimeZone::UTC), "29-Feb-2024");
        assert_eq!(shown(Value::DateTime(0), &TimeZone::UTC), "01-Jan-1970 00:00:00");
        assert_eq!(shown(Value::DateTime(-1), &TimeZone::UTC), "31-Dec-1969 23:59:59");
        assert_eq!(shown(Value::DateTime(0), &india), "01-Jan-1970 05:30:00");
    }

    #[test]
    fn a_date_out_of_the_calendar_faults() {
        for value in [Value::Date(i32::MAX), Value::DateTime(i64::MAX), Value::DateTime(i64::MIN)] {
            assert_eq!(civil(value, &TimeZone::UTC).unwrap_err().code, codes::OVERFLOW);
        }
    }

    #[test]
    fn days_and_dates_are_inverse() {
        for days in [-719_162, -1, 0, 1, 19_782, 2_932_896] {
            assert_eq!(days_of_date(date_of_days(days).unwrap()), days);
        }
    }
}
