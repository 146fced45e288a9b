//! Reads one value that says how long to wait, in whichever of the spellings in use: seconds, with a
//! fraction or not, milliseconds, points in time counted in either, the three dates of HTTP (RFC 9110
//! §5.6.7), ISO 8601, and durations such as `6m0s`.

use jiff::civil::DateTime;
use jiff::fmt::rfc2822;
use jiff::tz::TimeZone;
use sluis_model::rate::{WaitMeaning, WaitUnit};
use sluis_model::time::Timestamp;

/// A number below this counts from now where nobody says what it counts from: no pause takes three years,
/// and no point in time lies in 1973.
const PAUSE_BELOW: f64 = 1e8;
/// A number from this on counts milliseconds since 1970, not seconds.
const MILLIS_FROM: f64 = 1e11;
/// A number from this on counts microseconds since 1970.
const MICROS_FROM: f64 = 1e14;
/// Longer pauses are not believed, in milliseconds: 31 days.
const BELIEVED_MS: f64 = 31.0 * 86_400e3;

/// When the wait that a value tells of is over; nothing if it says nothing that can be believed. What
/// lies in the past is `now`.
pub fn until(text: &str, meaning: WaitMeaning, unit: WaitUnit, now: Timestamp) -> Option<Timestamp> {
    let text = text.trim().trim_matches('"');
    let millis = match text.parse::<f64>() {
        Ok(number) => of_number(number, meaning, unit, now)?,
        Err(_) => match duration_ms(text) {
            Some(pause) => pause,
            None => (date(text)?.as_millisecond() - now.0) as f64,
        },
    };
    after(millis, now)
}

/// The same for the first number in a text with other words around it: `try again in 12.5 seconds`.
pub fn within(text: &str, meaning: WaitMeaning, unit: WaitUnit, now: Timestamp) -> Option<Timestamp> {
    if let Some(at) = until(text, meaning, unit, now) {
        return Some(at);
    }
    let begin = text.find(|c: char| c.is_ascii_digit())?;
    let rest = text.get(begin..)?;
    let iso = rest.split_whitespace().next().and_then(date);
    if let Some(at) = iso {
        return after((at.as_millisecond() - now.0) as f64, now);
    }
    let end = rest.find(|c: char| !c.is_ascii_digit() && c != '.').unwrap_or(rest.len());
    let number: f64 = rest.get(..end)?.trim_end_matches('.').parse().ok()?;
    after(of_number(number, meaning, unit, now)?, now)
}

/// So many milliseconds from now.
fn after(millis: f64, now: Timestamp) -> Option<Timestamp> {
    let believed = millis.is_finite() && millis <= BELIEVED_MS;
    believed.then(|| Timestamp(now.0.saturating_add(millis.max(0.0).ceil() as i64)))
}

/// Milliseconds from now.
fn of_number(number: f64, meaning: WaitMeaning, unit: WaitUnit, now: Timestamp) -> Option<f64> {
    if !number.is_finite() || number < 0.0 {
        return None;
    }
    let in_ms = match unit {
        WaitUnit::Seconds => 1e3,
        WaitUnit::Milliseconds => 1.0,
        WaitUnit::Minutes => 60e3,
    };
    let since_1970 = |number: f64| match number {
        n if n >= MICROS_FROM => n / 1e3,
        n if n >= MILLIS_FROM => n,
        n => n * 1e3,
    };
    Some(match meaning {
        WaitMeaning::After => number * in_ms,
        WaitMeaning::At => since_1970(number) - now.0 as f64,
        WaitMeaning::Auto if number < PAUSE_BELOW => number * in_ms,
        WaitMeaning::Auto => since_1970(number) - now.0 as f64,
    })
}

/// `1h2m3.5s`, `6m0s`, `20ms`: milliseconds.
fn duration_ms(text: &str) -> Option<f64> {
    let mut rest = text;
    let mut sum = 0.0;
    while !rest.is_empty() {
        let end = rest.find(|c: char| !c.is_ascii_digit() && c != '.')?;
        let (number, after) = rest.split_at(end);
        let number: f64 = number.parse().ok()?;
        let units = [("ms", 1.0), ("h", 3_600e3), ("m", 60e3), ("s", 1e3), ("d", 86_400e3)];
        let (unit, millis) = units.iter().find(|(unit, _)| after.starts_with(unit))?;
        sum += number * millis;
        rest = after.get(unit.len()..)?;
    }
    (!text.is_empty()).then_some(sum)
}

/// A date of HTTP or of ISO 8601; one without a zone is in UTC.
fn date(text: &str) -> Option<jiff::Timestamp> {
    if let Ok(at) = text.parse::<jiff::Timestamp>() {
        return Some(at);
    }
    let mail = rfc2822::DateTimeParser::new().relaxed_weekday(true).parse_timestamp(text);
    if let Ok(at) = mail {
        return Some(at);
    }
    let forms =
        ["%A, %d-%b-%y %H:%M:%S GMT", "%a %b %e %H:%M:%S %Y", "%Y-%m-%dT%H:%M:%S", "%Y-%m-%d %H:%M:%S"];
    let civil = forms.iter().find_map(|form| DateTime::strptime(form, text.trim_end_matches(" UTC")).ok())?;
    civil.to_zoned(TimeZone::UTC).ok().map(|zoned| zoned.timestamp())
}

#[cfg(test)]
mod tests {
    use super::*;

    /// 2026-11-23T00:00:00Z
    const NOW: Timestamp = Timestamp(1_795_392_000_000);

    fn millis(text: &str, meaning: WaitMeaning, unit: WaitUnit) -> Option<i64> {
        until(text, meaning, unit, NOW).map(|at| at.0 - NOW.0)
    }

    fn auto(text: &str) -> Option<i64> {
        millis(text, WaitMeaning::Auto, WaitUnit::Seconds)
    }

    #[test]
    fn every_spelling_of_half_a_minute_is_read() {
        for text in [
            "30",
            " 30 ",
            "30.0",
            "29.9999",
            "\"30\"",
            "30s",
            "0m30s",
            "30000ms",
            "1795392030",
            "1795392030.0",
            "1795392030000",
            "1795392030000000",
            "Mon, 23 Nov 2026 00:00:30 GMT",
            "Monday, 23-Nov-26 00:00:30 GMT",
            "Mon Nov 23 00:00:30 2026",
            "2026-11-23T00:00:30Z",
            "2026-11-23T00:00:30.000+00:00",
            "2026-11-23T01:00:30+01:00",
            "2026-11-23T00:00:30",
            "2026-11-23 00:00:30",
            "2026-11-23 00:00:30 UTC",
        ] {
            assert_eq!(auto(text), Some(30_000), "{text}");
        }
    }

    #[test]
    fn what_a_number_counts_is_as_told() {
        assert_eq!(millis("30000", WaitMeaning::After, WaitUnit::Milliseconds), Some(30_000));
        assert_eq!(millis("2", WaitMeaning::After, WaitUnit::Minutes), Some(120_000));
        assert_eq!(millis("1795392030", WaitMeaning::At, WaitUnit::Seconds), Some(30_000));
        assert_eq!(millis("1795392030500", WaitMeaning::At, WaitUnit::Milliseconds), Some(30_500));
        assert_eq!(auto("1h2m3.5s"), Some(3_723_500));
    }

    #[test]
    fn the_past_is_no_wait_and_nonsense_is_nothing() {
        assert_eq!(auto("Sun, 06 Nov 1994 08:49:37 GMT"), Some(0));
        assert_eq!(auto("0"), Some(0));
        for text in ["", "soon", "-5", "NaN", "inf", "99999999", "2099-01-01T00:00:00Z", "1.2.3", "5 apples"]
        {
            assert_eq!(auto(text), None, "{text}");
        }
    }

    #[test]
    fn a_number_is_found_among_words() {
        let found =
            |text: &str| within(text, WaitMeaning::Auto, WaitUnit::Seconds, NOW).map(|at| at.0 - NOW.0);
        assert_eq!(found("Please try again in 12.5 seconds."), Some(12_500));
        assert_eq!(found("User-rate limit exceeded. Retry after 2026-11-23T00:00:30.000Z"), Some(30_000));
        assert_eq!(found("7."), Some(7_000));
        assert_eq!(found("later"), None);
    }
}
