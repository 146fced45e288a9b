//! Date patterns in the letters of Java's `SimpleDateFormat`, for writing and for reading.
//!
//! Names are English. The week is that of the United States, as in the language's own functions:
//! it starts on Sunday, and week 1 holds 1 January. Writing stands in `format`, reading in `parse`.

mod format;
mod parse;

pub use parse::Parsed;

use crate::codes;
use crate::value::fault::{Fault, Run};
use jiff::Span;
use jiff::civil::Date;
use std::cell::RefCell;
use std::rc::Rc;

/// Longest pattern, in characters.
const LONGEST: usize = 200;

/// The letters that stand for something.
const LETTERS: &str = "GyYMLwWDdFEuaHkKhmsSzZXx";

/// A pattern that was read once and can be used for many dates.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Pattern {
    items: Vec<Item>,
    source: String,
}

/// One part of a pattern.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Item {
    /// Stands for itself.
    Literal(String),
    /// A letter and how often it stands.
    Field(char, usize),
}

/// How many patterns a thread keeps.
const KEPT: usize = 8;

thread_local! {
    /// Scripts print dates in loops, by few patterns. Only speed depends on it.
    static CACHE: RefCell<Vec<Rc<Pattern>>> = const { RefCell::new(Vec::new()) };
}

impl Pattern {
    /// Reads a pattern, or takes it from those read last.
    ///
    /// # Errors
    /// As [`compile`](Self::compile).
    pub fn kept(source: &str) -> Run<Rc<Pattern>> {
        let known = CACHE.with_borrow(|cache| cache.iter().find(|kept| kept.source == source).cloned());
        if let Some(pattern) = known {
            return Ok(pattern);
        }
        let pattern = Rc::new(Pattern::compile(source)?);
        CACHE.with_borrow_mut(|cache| {
            if cache.len() >= KEPT {
                cache.remove(0);
            }
            cache.push(Rc::clone(&pattern));
        });
        Ok(pattern)
    }

    /// Reads a pattern.
    ///
    /// # Errors
    /// `E0412` for a letter without a meaning, an unclosed quote, or a pattern of more than 200
    /// characters.
    pub fn compile(source: &str) -> Run<Pattern> {
        if source.chars().nth(LONGEST).is_some() {
            return Err(bad(format!("a date format has at most {LONGEST} characters")));
        }
        let mut items: Vec<Item> = Vec::new();
        let mut rest = source.chars().peekable();
        while let Some(letter) = rest.next() {
            if letter == '\'' {
                if rest.next_if_eq(&'\'').is_some() {
                    push_literal(&mut items, '\'');
                    continue;
                }
                loop {
                    match rest.next() {
                        Some('\'') if rest.next_if_eq(&'\'').is_none() => break,
                        Some(plain) => push_literal(&mut items, plain),
                        None => {
                            return Err(bad(format!(
                                "the date format `{source}` has a quote that is not closed"
                            )));
                        }
                    }
                }
            } else if letter.is_ascii_alphabetic() {
                if !LETTERS.contains(letter) {
                    let fault =
                        bad(format!("the letter `{letter}` in the date format `{source}` has no meaning"));
                    return Err(
                        fault.with_help(format!("put text that stands for itself in quotes: '{letter}'"))
                    );
                }
                let mut count = 1;
                while rest.next_if_eq(&letter).is_some() {
                    count += 1;
                }
                items.push(Item::Field(letter, count));
            } else {
                push_literal(&mut items, letter);
            }
        }
        Ok(Pattern { items, source: source.to_owned() })
    }
}

fn push_literal(items: &mut Vec<Item>, plain: char) {
    match items.last_mut() {
        Some(Item::Literal(text)) => text.push(plain),
        _ => items.push(Item::Literal(plain.to_string())),
    }
}

fn bad(message: String) -> Box<Fault> {
    Fault::new(codes::BAD_PATTERN, message)
        .with_help("letters: yyyy MM dd HH mm ss SSS, MMM for Jan, EEE for Mon, hh with a, XXX for an offset")
}

/// Sunday of week 1: the week that holds 1 January.
fn first_sunday(year: i16) -> Option<Date> {
    let new_year = Date::new(year, 1, 1).ok()?;
    new_year.checked_sub(Span::new().days(new_year.weekday().to_sunday_zero_offset())).ok()
}

/// Week-based year and week of a date, weeks counted from [`first_sunday`].
pub fn week_of(date: Date) -> (i16, i16) {
    let next = date.year() + 1;
    if first_sunday(next).is_some_and(|sunday| date >= sunday) {
        return (next, 1);
    }
    let start = i16::from(first_day_column(date));
    (date.year(), (date.day_of_year() - 1 + start) / 7 + 1)
}

/// Weekday of 1 January of the date's year, Sunday 0.
fn first_day_column(date: Date) -> i8 {
    date.first_of_year().weekday().to_sunday_zero_offset()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn quotes_and_doubled_quotes_stand_for_themselves() {
        let pattern = Pattern::compile("yyyy'T'''HH''").unwrap();
        assert_eq!(
            pattern.items,
            [Item::Field('y', 4), Item::Literal("T'".into()), Item::Field('H', 2), Item::Literal("'".into())]
        );
    }

    #[test]
    fn a_letter_without_meaning_and_an_open_quote_are_refused() {
        assert_eq!(Pattern::compile("yyyy-MM-ddTHH").unwrap_err().code, codes::BAD_PATTERN);
        assert!(Pattern::compile("yyyy 'x").unwrap_err().message.contains("not closed"));
        assert!(Pattern::compile(&"y".repeat(201)).is_err());
    }

    #[test]
    fn weeks_start_on_sunday_and_week_one_holds_new_year() {
        let week = |y, m, d| week_of(Date::constant(y, m, d));
        assert_eq!(week(2024, 1, 1), (2024, 1));
        assert_eq!(week(2024, 1, 7), (2024, 2));
        assert_eq!(week(2023, 12, 30), (2023, 52));
        assert_eq!(week(2023, 12, 31), (2024, 1));
        assert_eq!(week(2022, 1, 1), (2022, 1));
        assert_eq!(week(2022, 1, 2), (2022, 2));
    }
}
