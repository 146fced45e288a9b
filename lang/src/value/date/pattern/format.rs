//! Writes a date by a pattern.

use super::{Item, Pattern, week_of};
use crate::value::date::{MONTHS, WEEKDAYS, civil, millis, timestamp};
use crate::value::fault::Run;
use crate::value::{Value, arith};
use jiff::Timestamp;
use jiff::civil::DateTime;
use jiff::tz::TimeZone;
use std::fmt::Write;

impl Pattern {
    /// Writes a date or date-time as a clock in the zone shows it; a date is its midnight. Any
    /// other value gives an empty text.
    ///
    /// # Errors
    /// `E0409` outside the years -9999 to 9999.
    pub fn format(&self, value: Value, zone: &TimeZone) -> Run<String> {
        let mut out = String::with_capacity(self.source.len() + 8);
        let Some(shown) = civil(value, zone)? else { return Ok(out) };
        for item in &self.items {
            match item {
                Item::Literal(text) => out.push_str(text),
                Item::Field(letter @ ('z' | 'Z' | 'X' | 'x'), count) => {
                    let instant = timestamp(millis(value, zone)?.unwrap_or_default())?;
                    write_zone(&mut out, *letter, *count, instant, zone);
                }
                Item::Field(letter, count) => write_field(&mut out, *letter, *count, shown),
            }
        }
        Ok(out)
    }
}

fn write_field(out: &mut String, letter: char, count: usize, at: DateTime) {
    let number = match letter {
        'G' => return out.push_str(if at.year() > 0 { "AD" } else { "BC" }),
        'y' => return write_year(out, at.year(), count),
        'Y' => return write_year(out, week_of(at.date()).0, count),
        'M' | 'L' if count >= 3 => return write_name(out, MONTHS[(at.month() - 1) as usize], count),
        'M' | 'L' => i64::from(at.month()),
        'E' => {
            return write_name(out, WEEKDAYS[at.weekday().to_sunday_zero_offset() as usize], count);
        }
        'a' => return out.push_str(if at.hour() < 12 { "AM" } else { "PM" }),
        'S' if count > 3 => return write_fraction(out, at.millisecond(), count),
        'w' => week_of(at.date()).1.into(),
        'W' => {
            let first = i64::from(at.first_of_month().weekday().to_sunday_zero_offset());
            (i64::from(at.day()) - 1 + first) / 7 + 1
        }
        'D' => at.day_of_year().into(),
        'd' => at.day().into(),
        'F' => (i64::from(at.day()) - 1) / 7 + 1,
        'u' => at.weekday().to_monday_one_offset().into(),
        'H' => at.hour().into(),
        'k' if at.hour() == 0 => 24,
        'k' => at.hour().into(),
        'K' => (at.hour() % 12).into(),
        'h' if at.hour() % 12 == 0 => 12,
        'h' => (at.hour() % 12).into(),
        'm' => at.minute().into(),
        's' => at.second().into(),
        _ => at.millisecond().into(),
    };
    write_padded(out, number, count);
}

/// A number with zeros in front, as `{number:0count$}` writes it.
fn write_padded(out: &mut String, number: i64, count: usize) {
    if let (2, Ok(small @ 0..=99)) = (count, u8::try_from(number)) {
        out.push(char::from(b'0' + small / 10));
        return out.push(char::from(b'0' + small % 10));
    }
    let mut buffer = [0; 20];
    let digits = arith::write_int(number.abs(), &mut buffer);
    let sign = number < 0;
    if sign {
        out.push('-');
    }
    for _ in usize::from(sign) + digits.len()..count {
        out.push('0');
    }
    out.push_str(digits);
}

fn write_year(out: &mut String, year: i16, count: usize) {
    let shown = if count == 2 { year.rem_euclid(100) } else { year };
    write_padded(out, shown.into(), count);
}

fn write_name(out: &mut String, name: &str, count: usize) {
    out.push_str(if count >= 4 { name } else { &name[..3] });
}

fn write_fraction(out: &mut String, millis: i16, count: usize) {
    let _ = write!(out, "{millis:03}{:0<1$}", "", count - 3);
}

fn write_zone(out: &mut String, letter: char, count: usize, instant: Timestamp, zone: &TimeZone) {
    let info = zone.to_offset_info(instant);
    let seconds = info.offset().seconds();
    let sign = if seconds < 0 { '-' } else { '+' };
    let (hours, minutes) = (seconds.abs() / 3600, seconds.abs() / 60 % 60);
    let _ = match (letter, count) {
        ('z', _) => {
            let name = if count >= 4 { zone.iana_name() } else { None }.unwrap_or(info.abbreviation());
            if name.starts_with(['+', '-']) {
                write!(out, "GMT{sign}{hours:02}:{minutes:02}")
            } else {
                write!(out, "{name}")
            }
        }
        ('X', _) if seconds == 0 => write!(out, "Z"),
        ('X' | 'x', 1) => write!(out, "{sign}{hours:02}"),
        ('X' | 'x', 3..) | ('Z', 5..) => write!(out, "{sign}{hours:02}:{minutes:02}"),
        _ => write!(out, "{sign}{hours:02}{minutes:02}"),
    };
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::value::date::zone;

    /// 5 March 2024, 07:08:09.012 UTC.
    const MOMENT: Value = Value::DateTime(1_709_622_489_012);

    fn shown(pattern: &str, zone: &TimeZone) -> String {
        Pattern::compile(pattern).unwrap().format(MOMENT, zone).unwrap()
    }

    #[test]
    fn every_letter_is_written_as_java_does() {
        for (pattern, expected) in [
            ("yyyy-MM-dd'T'HH:mm:ss.SSSXXX", "2024-03-05T07:08:09.012Z"),
            ("yy M d H m s S", "24 3 5 7 8 9 12"),
            ("y MMM MMMM E EEE EEEE", "2024 Mar March Tue Tue Tuesday"),
            ("hh:mm a, K k h", "07:08 AM, 7 7 7"),
            ("Z X XX XXX x xxx z", "+0000 Z Z Z +00 +00:00 UTC"),
            ("DDD D w W F u G", "065 65 10 2 1 2 AD"),
            ("YYYY SSSSSS yyyyy", "2024 012000 02024"),
            ("dd/MM/yyyy 'o''clock'", "05/03/2024 o'clock"),
        ] {
            assert_eq!(shown(pattern, &TimeZone::UTC), expected, "{pattern}");
        }
    }

    #[test]
    fn the_zone_moves_the_clock_and_names_itself() {
        let india = zone::find("Asia/Kolkata").unwrap();
        assert_eq!(shown("HH:mm XXX XX X Z z zzzz", &india), "12:38 +05:30 +0530 +05 +0530 IST Asia/Kolkata");
        let fixed = zone::find("-03:00").unwrap();
        assert_eq!(shown("dd HH a XXX z", &fixed), "05 04 AM -03:00 GMT-03:00");
    }

    #[test]
    fn midnight_and_noon_have_their_four_spellings() {
        let at = |millis, pattern: &str| {
            Pattern::compile(pattern).unwrap().format(Value::DateTime(millis), &TimeZone::UTC).unwrap()
        };
        assert_eq!(at(0, "H k K h a"), "0 24 0 12 AM");
        assert_eq!(at(12 * 3_600_000, "H k K h a"), "12 12 0 12 PM");
    }

    #[test]
    fn the_week_year_differs_from_the_year_at_its_ends() {
        let pattern = Pattern::compile("YYYY yyyy").unwrap();
        let last = crate::value::date::date_value(jiff::civil::Date::constant(2023, 12, 31));
        assert_eq!(pattern.format(last, &TimeZone::UTC).unwrap(), "2024 2023");
    }
}
