//! What a host lends to languages that have no dates or number formats of their own.

use jiff::civil::{Date, DateTime};
use jiff::{Timestamp, tz::TimeZone};

/// Seconds since 1970 of midnight on a day such as `2024-01-15`; 0 for other texts.
pub fn date_parse(text: &str) -> i64 {
    let day: Option<Date> = text.parse().ok();
    day.and_then(|day| day.to_zoned(TimeZone::UTC).ok()).map_or(0, |start| start.timestamp().as_second())
}

/// The moment as `2024-01-15 09:30:00`.
pub fn date_format(seconds: i64) -> String {
    civil(seconds).strftime("%Y-%m-%d %H:%M:%S").to_string()
}

/// The month, from 1.
pub fn date_month(seconds: i64) -> i64 {
    i64::from(civil(seconds).month())
}

/// The number with zeros in front.
#[cfg(any(feature = "rhai", feature = "rune"))]
pub fn pad0(number: i64, width: i64) -> String {
    format!("{number:0width$}", width = usize::try_from(width).unwrap_or_default())
}

/// The number with two digits after the point and blanks in front.
#[cfg(any(feature = "rhai", feature = "rune"))]
pub fn fixed2(number: f64, width: i64) -> String {
    format!("{number:width$.2}", width = usize::try_from(width).unwrap_or_default())
}

fn civil(seconds: i64) -> DateTime {
    Timestamp::from_second(seconds).map_or_else(|_| DateTime::default(), |at| TimeZone::UTC.to_datetime(at))
}
