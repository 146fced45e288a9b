//! Reads a date by a pattern.
//!
//! As Java's lenient reader in what it skips: text after the last part of the pattern is ignored.
//! Not as Java in what it accepts: a day or month that does not exist is refused instead of rolled
//! over, and an hour, minute or second beyond its range counts as 0.

use super::{Item, Pattern, first_sunday};
use crate::codes;
use crate::value::date::read::{calendar, time_of};
use crate::value::date::{MONTHS, WEEKDAYS, zone};
use crate::value::fault::{Fault, Run};
use jiff::Span;
use jiff::civil::{Date, DateTime};
use jiff::tz::{Offset, TimeZone};

/// What a text says: a clock's face, and the zone if the text names one.
#[derive(Debug, Clone)]
pub struct Parsed {
    /// Calendar and clock.
    pub civil: DateTime,
    /// The zone that stands in the text.
    pub zone: Option<TimeZone>,
}

#[derive(Default)]
struct Parts {
    year: Option<u32>,
    week_year: Option<u32>,
    week: Option<u32>,
    weekday: Option<i64>,
    month: Option<u32>,
    day: Option<u32>,
    day_of_year: Option<u32>,
    hour: u32,
    half: Option<u32>,
    minute: u32,
    second: u32,
    millis: u32,
    zone: Option<TimeZone>,
}

impl Pattern {
    /// Reads a text. Two digits for `yy` are 1950 to 2049; parts that the pattern lacks are those
    /// of 1 January 1970, midnight.
    ///
    /// # Errors
    /// `E0406` if the text does not follow the pattern or names a day that does not exist.
    pub fn parse(&self, text: &str) -> Run<Parsed> {
        let mut parts = Parts::default();
        let mut rest = text.trim_start();
        for (position, item) in self.items.iter().enumerate() {
            let after = match item {
                Item::Literal(literal) => skip_literal(rest, literal),
                Item::Field(letter, count) => {
                    let adjacent = self.items.get(position + 1).is_some_and(is_numeric);
                    let width = if adjacent && is_numeric(item) { Some(*count) } else { None };
                    parts.read(rest, *letter, *count, width)
                }
            };
            rest = after.ok_or_else(|| self.mismatch(text, item, rest))?;
        }
        let civil = parts.civil().ok_or_else(|| {
            Fault::new(codes::NOT_A_DATE, format!("\"{}\" names a day that does not exist", shorten(text)))
        })?;
        Ok(Parsed { civil, zone: parts.zone })
    }

    fn mismatch(&self, text: &str, item: &Item, rest: &str) -> Box<Fault> {
        let expected = match item {
            Item::Literal(literal) => format!("`{literal}`"),
            Item::Field(letter, count) => format!("`{}`", letter.to_string().repeat(*count)),
        };
        let found =
            if rest.is_empty() { "at its end".to_owned() } else { format!("at \"{}\"", shorten(rest)) };
        let message = format!(
            "\"{}\" does not follow the date format `{}`: {expected} was expected {found}",
            shorten(text),
            self.source
        );
        Fault::new(codes::NOT_A_DATE, message).with_help(
            "the format describes the text that is read; give the result another look with toString(format)",
        )
    }
}

pub(crate) fn shorten(text: &str) -> String {
    match text.char_indices().nth(40) {
        Some((at, _)) => format!("{}…", &text[..at]),
        None => text.to_owned(),
    }
}

fn is_numeric(item: &Item) -> bool {
    match item {
        Item::Literal(_) => false,
        Item::Field('M' | 'L', count) => *count < 3,
        Item::Field(letter, _) => "yYwWDdFuHkKhmsS".contains(*letter),
    }
}

fn skip_literal<'t>(mut rest: &'t str, literal: &str) -> Option<&'t str> {
    for expected in literal.chars() {
        if expected.is_whitespace() {
            rest = rest.trim_start();
        } else {
            rest = rest.strip_prefix(expected)?;
        }
    }
    Some(rest)
}

/// The position and rest after the longest of the names, or of their first three letters.
fn name<'t>(rest: &'t str, names: &[&str]) -> Option<(usize, &'t str)> {
    let starts = |name: &str| rest.get(..name.len()).is_some_and(|head| head.eq_ignore_ascii_case(name));
    let full = names.iter().position(|name| starts(name));
    let position = full.or_else(|| names.iter().position(|name| starts(&name[..3])))?;
    let len = if full.is_some() { names[position].len() } else { 3 };
    Some((position, &rest[len..]))
}

impl Parts {
    fn read<'t>(
        &mut self,
        rest: &'t str,
        letter: char,
        count: usize,
        width: Option<usize>,
    ) -> Option<&'t str> {
        let rest = rest.trim_start();
        match letter {
            'G' => return rest.strip_prefix("AD").or_else(|| rest.strip_prefix("ad")),
            'M' | 'L' if count >= 3 => {
                let (month, rest) = name(rest, &MONTHS)?;
                self.month = Some(month as u32 + 1);
                return Some(rest);
            }
            'E' => {
                let (weekday, rest) = name(rest, &WEEKDAYS)?;
                self.weekday = Some(weekday as i64);
                return Some(rest);
            }
            'a' => {
                let head = rest.get(..2)?;
                self.half =
                    ["AM", "PM"].iter().position(|half| head.eq_ignore_ascii_case(half)).map(|h| h as u32);
                return self.half.map(|_| &rest[2..]);
            }
            'z' | 'Z' | 'X' | 'x' => return self.read_zone(rest),
            _ => {}
        }
        let all = rest.bytes().take_while(u8::is_ascii_digit).count();
        let len = width.map_or(all, |width| width.min(all));
        let longest = match letter {
            'y' | 'Y' => 4,
            'S' => 9,
            'D' => 3,
            _ => 2,
        };
        if len == 0 || len > longest.max(width.unwrap_or(0)) {
            return None;
        }
        let number: u32 = rest[..len].parse().ok()?;
        self.set(letter, count, number, len)?;
        Some(&rest[len..])
    }

    fn set(&mut self, letter: char, count: usize, number: u32, len: usize) -> Option<()> {
        let century = |number: u32| if number < 50 { 2000 + number } else { 1900 + number };
        let year = if count == 2 && len == 2 { century(number) } else { number };
        match letter {
            'y' => (self.year, self.week_year) = (Some(year), None),
            'Y' => self.week_year = Some(year),
            'w' => self.week = Some(number),
            'u' => self.weekday = Some(i64::from(number % 7)),
            'M' | 'L' => self.month = Some(number),
            'd' => (self.day, self.day_of_year) = (Some(number), None),
            'D' => self.day_of_year = Some(number),
            'H' | 'K' => self.hour = number,
            'k' => self.hour = number % 24,
            'h' => self.hour = if number == 12 { 0 } else { number },
            'm' => self.minute = number,
            's' => self.second = number,
            'S' if len > 3 => self.millis = number / 10_u32.pow(len as u32 - 3),
            'S' => self.millis = number,
            _ => {}
        }
        Some(())
    }

    fn read_zone<'t>(&mut self, rest: &'t str) -> Option<&'t str> {
        let signed = ["GMT", "UTC"].iter().find_map(|p| rest.strip_prefix(p)).unwrap_or(rest);
        if let Some((seconds, len)) = zone::read_offset(signed) {
            self.zone = Some(TimeZone::fixed(Offset::from_seconds(seconds).ok()?));
            return Some(&signed[len..]);
        }
        let len = rest.bytes().take_while(|b| b.is_ascii_alphabetic() || matches!(b, b'/' | b'_')).count();
        self.zone = Some(zone::find(&rest[..len]).ok()?);
        Some(&rest[len..])
    }

    fn civil(&self) -> Option<DateTime> {
        let hour = match self.half {
            Some(half) if self.hour < 12 => self.hour + 12 * half,
            _ => self.hour,
        };
        let time = time_of(hour, self.minute, self.second, self.millis)?;
        Some(self.date()?.to_datetime(time))
    }

    fn date(&self) -> Option<Date> {
        if let Some(year) = self.week_year {
            let days = i64::from(self.week.unwrap_or(1).checked_sub(1)?) * 7 + self.weekday.unwrap_or(0);
            return first_sunday(year.try_into().ok()?)?.checked_add(Span::new().try_days(days).ok()?).ok();
        }
        let year = self.year.unwrap_or(1970);
        match self.day_of_year {
            Some(day) => {
                let first = calendar(year, 1, 1)?;
                let within = (1..=first.days_in_year() as u32).contains(&day);
                within.then(|| first.checked_add(Span::new().days(day - 1)).ok())?
            }
            None => calendar(year, self.month.unwrap_or(1), self.day.unwrap_or(1)),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(pattern: &str, text: &str) -> Run<String> {
        let parsed = Pattern::compile(pattern)?.parse(text)?;
        let zone = parsed.zone.map(|zone| zone.to_offset(jiff::Timestamp::UNIX_EPOCH).to_string());
        Ok(format!("{}{}", parsed.civil, zone.unwrap_or_default()))
    }

    #[test]
    fn the_patterns_of_real_scripts_read_their_texts() {
        for (pattern, text, expected) in [
            ("yyyy-MM-dd", "2024-02-29", "2024-02-29T00:00:00"),
            ("MM-dd-yyyy", "12-31-2024", "2024-12-31T00:00:00"),
            ("dd/MM/yyyy HH:mm", "5/3/2024 7:08", "2024-03-05T07:08:00"),
            ("dd-MMM-yyyy", "05-MARCH-2024", "2024-03-05T00:00:00"),
            ("yyyy-MM-dd'T'HH:mm:ss", "2024-03-05T07:08:09+05:30", "2024-03-05T07:08:09"),
            ("yyyy-MM-dd'T'HH:mm:ssXXX", "2024-03-05T07:08:09+05:30", "2024-03-05T07:08:09+05:30"),
            ("yyyy-MM-dd'T'HH:mm:ss.SSS'Z'", "2024-03-05T07:08:09.123Z", "2024-03-05T07:08:09.123"),
            ("yyyy-MM-dd HH:mm:ss.SSSSSS", "2024-03-05 07:08:09.123456", "2024-03-05T07:08:09.123"),
            ("EEE, d MMM yyyy HH:mm:ss Z", "Tue, 5 Mar 2024 07:08:09 -0800", "2024-03-05T07:08:09-08"),
            ("dd MMM yyyy hh:mm a z", "05 Mar 2024 12:08 am IST", "2024-03-05T00:08:00+05:30"),
            ("hh:mm a", "12:30 PM", "1970-01-01T12:30:00"),
            ("yyyyMMddHHmmss", "20240305070809", "2024-03-05T07:08:09"),
            ("dd.MM.yy", "05.03.24", "2024-03-05T00:00:00"),
            ("dd.MM.yy", "05.03.75", "1975-03-05T00:00:00"),
        ] {
            assert_eq!(read(pattern, text).unwrap(), expected, "{pattern} {text}");
        }
    }

    #[test]
    fn a_week_year_or_day_of_year_reads_as_in_java() {
        assert_eq!(read("YYYY-MM-dd", "2024-03-15").unwrap(), "2023-12-31T00:00:00");
        assert_eq!(read("yyyy-MM-DD", "2024-03-15").unwrap(), "2024-01-15T00:00:00");
        assert_eq!(read("yyyy DDD", "2024 366").unwrap(), "2024-12-31T00:00:00");
    }

    #[test]
    fn a_wrong_clock_becomes_zero_and_a_wrong_day_is_refused() {
        assert_eq!(read("yyyy-MM-dd HH:mm:ss", "2024-03-05 25:61:07").unwrap(), "2024-03-05T00:00:07");
        for (pattern, text) in [
            ("yyyy-MM-dd", "2023-02-29"),
            ("yyyy-MM-dd", "2023-13-01"),
            ("yyyy-MM-dd", "20233-01-01"),
            ("HH:mm", "123:00"),
            ("yyyy DDD", "2023 366"),
        ] {
            assert_eq!(read(pattern, text).unwrap_err().code, codes::NOT_A_DATE, "{pattern} {text}");
        }
    }

    #[test]
    fn a_mismatch_names_text_format_and_place() {
        let fault = read("yyyy-MM-dd", "05/03/2024").unwrap_err();
        assert_eq!(
            fault.message,
            "\"05/03/2024\" does not follow the date format `yyyy-MM-dd`: `-` was expected at \"/03/2024\""
        );
        assert!(read("yyyy-MM-dd", "2024-02").unwrap_err().message.ends_with("`-` was expected at its end"));
        assert!(read("dd MMM", "5 März").unwrap_err().message.contains("`MMM`"));
    }
}
