//! Equality, order, `in` and `like`.
//!
//! A number and a numeric text compare by number, a date and a text that is a date compare as
//! dates; otherwise values of different kinds are unequal. Lists, maps, collections and files compare
//! by content.

use super::arith::start_of_day;
use super::fault::{Fault, Run};
use super::heap::Heap;
use super::number::{Number, of_number, parse};
use super::{Kind, Value, date};
use crate::codes;
use jiff::tz::TimeZone;
use std::cmp::Ordering;

/// How deep values may stand in each other while they are compared.
const MAX_DEPTH: u32 = 200;
/// How many elements one comparison may look at; shared parts can make a small value endless.
const MAX_STEPS: u32 = 20_000_000;

/// Whether two values are equal.
///
/// # Errors
/// `E0413` if they are nested too deeply, for example if they contain themselves.
pub fn equal(heap: &Heap, zone: &TimeZone, left: Value, right: Value) -> Run<bool> {
    equal_counted(heap, zone, left, right).map(|(equal, _)| equal)
}

/// Whether two values are equal, and how many lists and maps were looked into.
///
/// # Errors
/// As [`equal`].
pub fn equal_counted(heap: &Heap, zone: &TimeZone, left: Value, right: Value) -> Run<(bool, usize)> {
    let mut comparison = Comparison { heap, zone, steps: 0 };
    let equal = comparison.equal(left, right, 0)?;
    Ok((equal, comparison.steps as usize))
}

struct Comparison<'a> {
    heap: &'a Heap,
    zone: &'a TimeZone,
    steps: u32,
}

impl Comparison<'_> {
    fn equal(&mut self, left: Value, right: Value, depth: u32) -> Run<bool> {
        if let (Value::Object(a), Value::Object(b)) = (left, right) {
            return if a == b { Ok(true) } else { self.equal_objects(left, right, depth) };
        }
        Ok(equal_scalars(self.heap, self.zone, left, right))
    }

    fn equal_objects(&mut self, left: Value, right: Value, depth: u32) -> Run<bool> {
        self.steps += 1;
        if depth > MAX_DEPTH || self.steps > MAX_STEPS {
            return Err(Fault::new(
                codes::TOO_NESTED,
                "these values are nested too deeply to be compared; perhaps one contains itself",
            ));
        }
        let (left, right) = match (self.heap.in_collection(left), self.heap.in_collection(right)) {
            (Some(left), Some(right)) => (left, right),
            (None, None) => (left, right),
            _ => return Ok(false),
        };
        if let (Some(a), Some(b)) = (self.heap.as_file(left), self.heap.as_file(right)) {
            return Ok(a == b);
        }
        if let (Some(a), Some(b)) = (self.heap.as_list(left), self.heap.as_list(right)) {
            if a.len() != b.len() {
                return Ok(false);
            }
            for (a, b) in a.iter().zip(b) {
                if !self.equal(*a, *b, depth + 1)? {
                    return Ok(false);
                }
            }
            return Ok(true);
        }
        let (Some(a), Some(b)) = (self.heap.as_map(left), self.heap.as_map(right)) else {
            return Ok(false);
        };
        if a.len() != b.len() {
            return Ok(false);
        }
        for (key, value) in a {
            match self.heap.map_get(right, *key) {
                Some(other) if self.equal(*value, other, depth + 1)? => {}
                _ => return Ok(false),
            }
        }
        Ok(true)
    }
}

/// Equality of two values that are not both objects.
fn equal_scalars(heap: &Heap, zone: &TimeZone, left: Value, right: Value) -> bool {
    match (left, right) {
        (Value::Int(a), Value::Int(b)) => a == b,
        (Value::Null | Value::Unset, Value::Null | Value::Unset) => true,
        (Value::Bool(a), Value::Bool(b)) => a == b,
        _ => match (heap.str(&left), heap.str(&right)) {
            (Some(a), Some(b)) => a == b,
            _ => order_of_like(heap, zone, left, right) == Some(Ordering::Equal),
        },
    }
}

/// Order of two numbers or two dates, one of which may be text; `None` if they are neither.
fn order_of_like(heap: &Heap, zone: &TimeZone, left: Value, right: Value) -> Option<Ordering> {
    let (a, b) = (of_number(heap, left), of_number(heap, right));
    if a.is_some() || b.is_some() {
        let a = a.or_else(|| heap.str(&left).and_then(parse))?;
        let b = b.or_else(|| heap.str(&right).and_then(parse))?;
        return Some(match (a, b) {
            (Number::Int(a), Number::Int(b)) => a.cmp(&b),
            (a, b) => a.decimal().cmp(&b.decimal()),
        });
    }
    if is_date(left) || is_date(right) {
        return Some(instant(heap, zone, left)?.cmp(&instant(heap, zone, right)?));
    }
    None
}

fn is_date(value: Value) -> bool {
    matches!(value, Value::Date(_) | Value::DateTime(_))
}

fn instant(heap: &Heap, zone: &TimeZone, value: Value) -> Option<i64> {
    match value {
        Value::Date(day) => start_of_day(zone, day),
        Value::DateTime(millis) => Some(millis),
        _ => match date::parse_date_text(heap.str(&value)?, zone)? {
            Value::DateTime(millis) => Some(millis),
            Value::Date(day) => start_of_day(zone, day),
            _ => None,
        },
    }
}

/// Order of two values for `< <= > >=`; `None` where the answer is always false: null or an empty
/// text against anything else.
///
/// # Errors
/// `E0402` if the two have no order: lists, booleans, a number against a word.
pub fn order(heap: &Heap, zone: &TimeZone, left: Value, right: Value) -> Run<Option<Ordering>> {
    if let (Value::Int(a), Value::Int(b)) = (left, right) {
        return Ok(Some(a.cmp(&b)));
    }
    if let (Some(a), Some(b)) = (heap.str(&left), heap.str(&right)) {
        return Ok(Some(text_order(a, b)));
    }
    if let Some(order) = order_of_like(heap, zone, left, right) {
        return Ok(Some(order));
    }
    let blank = |v: &Value| matches!(v, Value::Null | Value::Unset) || heap.str(v).is_some_and(str::is_empty);
    if blank(&left) || blank(&right) {
        return Ok(None);
    }
    Err(Fault::new(
        codes::WRONG_KIND,
        format!("a {} and a {} have no order", heap.kind(left).name(), heap.kind(right).name()),
    )
    .with_help("`< <= > >=` compare numbers, dates, or two texts"))
}

/// Order of texts by UTF-16 code unit, as the original has it.
pub fn text_order(a: &str, b: &str) -> Ordering {
    if a.is_ascii() || b.is_ascii() { a.cmp(b) } else { a.encode_utf16().cmp(b.encode_utf16()) }
}

/// `needle in place`: an element of a list, a value of a collection, a key of a map, a part of a text.
///
/// # Errors
/// `E0402` if the place is nothing of these; as [`equal`] for elements.
pub fn is_in(heap: &Heap, zone: &TimeZone, needle: Value, place: Value) -> Run<bool> {
    let inside = heap.opened(place);
    if heap.kind(place) == Kind::Collection
        && let Some(entries) = heap.as_map(inside)
    {
        for (_, value) in entries {
            if equal(heap, zone, needle, *value)? {
                return Ok(true);
            }
        }
        return Ok(false);
    }
    if let Some(items) = heap.as_list(inside) {
        for item in items {
            if equal(heap, zone, needle, *item)? {
                return Ok(true);
            }
        }
        return Ok(false);
    }
    match heap.kind(place) {
        Kind::Map => Ok(heap.map_get(place, needle).is_some()),
        Kind::Text => match heap.str(&needle) {
            Some(part) => Ok(heap.str(&place).is_some_and(|whole| whole.contains(part))),
            None => {
                let part = super::print::info_text(heap, zone, needle)?;
                Ok(heap.str(&place).is_some_and(|whole| whole.contains(&part)))
            }
        },
        Kind::Null => Ok(false),
        other => Err(Fault::new(
            codes::WRONG_KIND,
            format!("`in` looks into a list, a collection, a map or a text, not into a {}", other.name()),
        )),
    }
}

/// `text like pattern`: `%` and `*` stand for any text. Case matters.
///
/// # Errors
/// `E0402` if one of them is no text.
pub fn like(heap: &Heap, text: Value, pattern: Value) -> Run<bool> {
    match (heap.str(&text), heap.str(&pattern)) {
        (Some(text), Some(pattern)) => Ok(matches_pattern(text, pattern)),
        _ if text.is_null() => Ok(false),
        _ => Err(Fault::new(
            codes::WRONG_KIND,
            format!(
                "`like` needs two texts, not a {} and a {}",
                heap.kind(text).name(),
                heap.kind(pattern).name()
            ),
        )),
    }
}

fn matches_pattern(text: &str, pattern: &str) -> bool {
    let mut parts = pattern.split(['%', '*']);
    let first = parts.next().unwrap_or_default();
    let Some(mut rest) = text.strip_prefix(first) else { return false };
    let Some(last) = parts.next_back() else { return rest.is_empty() };
    for part in parts {
        match rest.find(part) {
            Some(at) => rest = &rest[at + part.len()..],
            None => return false,
        }
    }
    rest.ends_with(last)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn same(heap: &Heap, a: Value, b: Value) -> bool {
        equal(heap, &TimeZone::UTC, a, b).unwrap()
    }

    #[test]
    fn a_number_equals_its_text_and_null_does_not_equal_the_empty_text() {
        let mut heap = Heap::default();
        let five = heap.text("5");
        let five_point_zero = heap.decimal("5.0".parse().unwrap());
        let empty = heap.text("");
        assert!(same(&heap, Value::Int(5), five));
        assert!(same(&heap, five_point_zero, Value::Int(5)));
        assert!(same(&heap, five_point_zero, five));
        assert!(!same(&heap, empty, Value::Null));
        assert!(!same(&heap, empty, Value::Int(0)));
        assert!(!same(&heap, Value::Bool(true), Value::Int(1)));
    }

    #[test]
    fn lists_that_contain_themselves_fault_instead_of_running_for_ever() {
        let mut heap = Heap::default();
        let (a, b) = (heap.list(vec![]), heap.list(vec![]));
        heap.edit_list(a, |items| items.push(a)).unwrap();
        heap.edit_list(b, |items| items.push(b)).unwrap();
        assert!(same(&heap, a, a));
        assert_eq!(equal(&heap, &TimeZone::UTC, a, b).unwrap_err().code, codes::TOO_NESTED);
    }

    #[test]
    fn maps_are_equal_whatever_their_order() {
        let mut heap = Heap::default();
        let (a, b) = (heap.map(0), heap.map(0));
        for key in ["x", "y"] {
            heap.map_put_str(a, key, Value::Int(1));
        }
        for key in ["y", "x"] {
            heap.map_put_str(b, key, Value::Int(1));
        }
        assert!(same(&heap, a, b));
        heap.map_put_str(b, "x", Value::Null);
        assert!(!same(&heap, a, b));
    }

    #[test]
    fn nothing_compared_with_null_is_smaller_or_larger() {
        let mut heap = Heap::default();
        let word = heap.text("word");
        let list = heap.list(vec![]);
        assert_eq!(order(&heap, &TimeZone::UTC, Value::Null, Value::Int(1)).unwrap(), None);
        assert_eq!(order(&heap, &TimeZone::UTC, word, Value::Int(1)).unwrap_err().code, codes::WRONG_KIND);
        assert_eq!(order(&heap, &TimeZone::UTC, list, list).unwrap_err().code, codes::WRONG_KIND);
    }

    #[test]
    fn text_is_ordered_by_utf16_code_unit() {
        assert_eq!(text_order("B", "a"), Ordering::Less);
        assert_eq!(text_order("\u{1F600}", "\u{FF5E}"), Ordering::Less);
    }

    #[test]
    fn a_pattern_matches_the_whole_text() {
        for (text, pattern, expected) in [
            ("abcabc", "abc", false),
            ("abcabc", "abc%", true),
            ("abcabc", "%abc", true),
            ("abcabc", "a*a*c", true),
            ("abc", "abc", true),
            ("abc", "%", true),
            ("ab", "ab%b", false),
            ("", "", true),
        ] {
            assert_eq!(matches_pattern(text, pattern), expected, "{text} like {pattern}");
        }
    }
}
