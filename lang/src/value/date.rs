//! Dates and date-times: the default format, the forms that are read without a pattern, and the
//! step between an instant and what a clock on the wall shows.
//!
//! Patterns given by the author stand in [`pattern`], named zones in [`zone`]. Zones and months are
//! jiff's work; days and clocks are plain arithmetic on the numbers that values hold.

pub mod business;
pub mod pattern;
mod read;
pub mod zone;

pub use read::{parse_date_literal, parse_date_text};

use super::Value;
use super::arith::{DATE_RANGE, DATE_TIME_RANGE};
use super::fault::{Fault, Run};
use crate::codes;
use jiff::Timestamp;
use jiff::civil::{Date, DateTime};
use jiff::tz::TimeZone;
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

/// Milliseconds of a day without a change of clocks.
pub const DAY: i64 = 86_400_000;

fn out_of_calendar() -> Box<Fault> {
    Fault::new(codes::OVERFLOW, "this date lies outside the years -9999 to 9999")
}

/// The calendar date that many days after 1970-01-01.
///
/// # Errors
/// `E0409` outside the years -9999 to 9999.
pub fn date_of_days(days: i32) -> Run<Date> {
    if !DATE_RANGE.contains(&days) {
        return Err(out_of_calendar());
    }
    let (year, month, day) = calendar(i64::from(days));
    Date::new(year as i16, month as i8, day as i8).map_err(|_| out_of_calendar())
}

/// Year, month and day of a number of days since 1970-01-01, in the Gregorian calendar extended
/// both ways. Years are taken to begin in March, so that the day that may be missing comes last, and
/// to come in eras of 400, which are all alike.
fn calendar(days: i64) -> (i64, i64, i64) {
    const DAYS_OF_ERA: i64 = 146_097;
    /// From 1 March of year 0 to 1 January 1970.
    const TO_EPOCH: i64 = 719_468;
    let days = days + TO_EPOCH;
    let (era, day) = (days.div_euclid(DAYS_OF_ERA), days.rem_euclid(DAYS_OF_ERA));
    let year = (day - day / 1460 + day / 36_524 - day / 146_096) / 365;
    let day = day - (365 * year + year / 4 - year / 100);
    // Months from March have 31, 30, 31, 30, 31 days, over and over: 153 in five.
    let from_march = (5 * day + 2) / 153;
    let month = if from_march < 10 { from_march + 3 } else { from_march - 9 };
    let year = year + era * 400 + i64::from(month <= 2);
    (year, month, day - (153 * from_march + 2) / 5 + 1)
}

/// Days from 1970-01-01 to a calendar date, as [`Value::Date`] holds them.
pub fn days_of_date(date: Date) -> i32 {
    let from_march = i32::from((date.month() + 9) % 12);
    let year = i32::from(date.year()) - i32::from(date.month() <= 2);
    let (era, year) = (year.div_euclid(400), year.rem_euclid(400));
    let day = (153 * from_march + 2) / 5 + i32::from(date.day()) - 1;
    era * 146_097 + 365 * year + year / 4 - year / 100 + day - 719_468
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
        Value::DateTime(_) => match wall_millis(value, zone)? {
            Some(wall) => Some(clock(wall)?),
            None => None,
        },
        _ => None,
    })
}

/// Milliseconds from 1970-01-01T00:00:00 to what calendar and clock in the zone show, as if both
/// stood in UTC; `None` for any other value.
///
/// # Errors
/// `E0409` outside the years -9999 to 9999.
pub fn wall_millis(value: Value, zone: &TimeZone) -> Run<Option<i64>> {
    Ok(match value {
        Value::Date(days) if DATE_RANGE.contains(&days) => Some(i64::from(days) * DAY),
        Value::Date(_) => return Err(out_of_calendar()),
        Value::DateTime(millis) => {
            let at = timestamp(millis)?;
            let offset = zone.to_fixed_offset().unwrap_or_else(|_| zone.to_offset(at));
            Some(millis + i64::from(offset.seconds()) * 1000)
        }
        _ => None,
    })
}

fn clock(wall: i64) -> Run<DateTime> {
    let (days, rest) = (wall.div_euclid(DAY), wall.rem_euclid(DAY));
    let (seconds, millis) = (rest / 1000, rest % 1000);
    let (hour, minute, second) = (seconds / 3600, seconds / 60 % 60, seconds % 60);
    let day = date_of_days(i32::try_from(days).map_err(|_| out_of_calendar())?)?;
    Ok(day.at(hour as i8, minute as i8, second as i8, millis as i32 * 1_000_000))
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

    #[test]
    fn every_day_of_the_calendar_is_the_day_after_the_one_before() {
        let mut expected = Date::MIN;
        for days in DATE_RANGE {
            let date = date_of_days(days).unwrap();
            assert_eq!(date, expected, "{days}");
            assert_eq!(days_of_date(date), days);
            expected = expected.tomorrow().unwrap_or(expected);
        }
        assert_eq!(expected, Date::MAX);
    }

    #[test]
    fn clocks_agree_with_those_of_jiff_in_every_zone() {
        for name in ["UTC", "Europe/Paris", "Asia/Kolkata", "America/New_York", "+05:30"] {
            let zone = zone::find(name).unwrap();
            for step in -4000..4000_i64 {
                let millis = step * 63_000_000_123;
                let Ok(at) = timestamp(millis) else { continue };
                let shown = civil(Value::DateTime(millis), &zone).unwrap();
                assert_eq!(shown, Some(zone.to_datetime(at)), "{millis} in {name}");
            }
        }
    }
}
