//! JSON to values and back, straight into and out of the run's heap.
//!
//! Reading stands in `json/read.rs`. Writing keeps insertion order and non-ASCII characters; keys
//! that are not text are written as their text, dates in the default format; of a file only what it
//! is, not what is in it.

mod read;
mod scan;

pub use read::{Mode, parse};

use super::Value;
use super::fault::Run;
use super::file::File;
use super::heap::{Heap, Object};
use super::print::{self, MAX_DEPTH};
use jiff::tz::TimeZone;
use std::fmt::Write;

/// Appends the JSON of a value.
///
/// # Errors
/// `E0413` if it is nested deeper than [`MAX_DEPTH`], `E0504` if the text passes the heap's limit;
/// `out` then holds a part.
pub fn write(heap: &Heap, zone: &TimeZone, value: Value, out: &mut String) -> Run<()> {
    write_at_depth(heap, zone, value, out, 0)
}

/// As [`write`], for a value that stands inside `depth` others.
pub(crate) fn write_at_depth(
    heap: &Heap,
    zone: &TimeZone,
    value: Value,
    out: &mut String,
    depth: usize,
) -> Run<()> {
    let Value::Object(at) = value else { return write_leaf(heap, zone, value, out) };
    if depth >= MAX_DEPTH {
        return Err(print::too_deep());
    }
    match heap.get(at) {
        Object::Empty => out.push_str("{}"),
        Object::List(items) => {
            out.push('[');
            for (position, item) in items.iter().enumerate() {
                if position > 0 {
                    out.push(',');
                }
                write_at_depth(heap, zone, *item, out, depth + 1)?;
                heap.reserve_text(out.len())?;
            }
            out.push(']');
        }
        Object::Map(map) => {
            out.push('{');
            for (position, (key, item)) in map.entries().iter().enumerate() {
                if position > 0 {
                    out.push(',');
                }
                write_key(heap, zone, *key, out, depth + 1)?;
                out.push(':');
                write_at_depth(heap, zone, *item, out, depth + 1)?;
                heap.reserve_text(out.len())?;
            }
            out.push('}');
        }
        Object::Collection(inner) => write_at_depth(heap, zone, *inner, out, depth + 1)?,
        Object::File(file) => write_file(file, out),
        Object::Error(_) => write_leaf(heap, zone, value, out)?,
    }
    Ok(())
}

fn write_key(heap: &Heap, zone: &TimeZone, key: Value, out: &mut String, depth: usize) -> Run<()> {
    if let Some(text) = heap.str(&key) {
        write_string(text, out);
        return Ok(());
    }
    let mut text = String::new();
    match key {
        Value::Object(_) => write_at_depth(heap, zone, key, &mut text, depth)?,
        _ => print::write_scalar(&mut text, heap, zone, key)?,
    }
    write_string(&text, out);
    Ok(())
}

fn write_leaf(heap: &Heap, zone: &TimeZone, value: Value, out: &mut String) -> Run<()> {
    match value {
        Value::Short { .. } | Value::Text { .. } => write_string(heap.str(&value).unwrap_or_default(), out),
        Value::Date(_) | Value::DateTime(_) | Value::Object(_) => {
            let mut text = String::new();
            print::write_scalar(&mut text, heap, zone, value)?;
            write_string(&text, out);
        }
        _ => print::write_scalar(out, heap, zone, value)?,
    }
    Ok(())
}

/// Appends what JSON tells of a file: its name, its type and its size, never its content.
pub(super) fn write_file(file: &File, out: &mut String) {
    out.push_str("{\"name\":");
    write_string(&file.name, out);
    out.push_str(",\"type\":");
    write_string(&file.content_type, out);
    // Writing into a `String` cannot fail.
    let _ = write!(out, ",\"size\":{}}}", file.bytes.len());
}

/// Appends a JSON string with its quotes (RFC 8259 section 7); only what must be escaped is.
pub fn write_string(text: &str, out: &mut String) {
    out.push('"');
    let bytes = text.as_bytes();
    let mut start = 0;
    loop {
        let at = start + scan::plain_run(&bytes[start..], b'"');
        out.push_str(&text[start..at]);
        let Some(byte) = bytes.get(at) else { break };
        let escape = match byte {
            b'"' => "\\\"",
            b'\\' => "\\\\",
            b'\n' => "\\n",
            b'\r' => "\\r",
            b'\t' => "\\t",
            0x08 => "\\b",
            0x0c => "\\f",
            _ => "",
        };
        out.push_str(escape);
        if escape.is_empty() {
            // Writing into a `String` cannot fail.
            let _ = write!(out, "\\u{byte:04x}");
        }
        start = at + 1;
    }
    out.push('"');
}

#[cfg(test)]
mod tests {
    use super::*;

    fn round(text: &str, mode: Mode) -> String {
        let mut heap = Heap::default();
        let value = parse(&mut heap, text, mode).unwrap();
        let mut out = String::new();
        write(&heap, &TimeZone::UTC, value, &mut out).unwrap();
        out
    }

    #[test]
    fn order_scale_and_non_ascii_characters_survive_a_round_trip() {
        let text = r#"{"z":1,"a":[1.50,true,null,"Zürich 🚀"],"m":{"k":9223372036854775807}}"#;
        assert_eq!(round(text, Mode::Strict), text);
    }

    #[test]
    fn control_characters_and_quotes_are_escaped() {
        let text = r#"["\"\\\n\r\t\b\f\u0001\u001f"]"#;
        assert_eq!(round(text, Mode::Strict), text);
    }

    #[test]
    fn keys_that_are_not_text_are_written_as_their_text() {
        let mut heap = Heap::default();
        let map = heap.map(0);
        let list = heap.list(vec![Value::Int(1), Value::Null]);
        heap.map_put(map, Value::Int(5), Value::Date(0));
        heap.map_put(map, Value::Null, Value::DateTime(0));
        heap.map_put(map, list, Value::Bool(true));
        let mut out = String::new();
        write(&heap, &TimeZone::UTC, map, &mut out).unwrap();
        assert_eq!(out, r#"{"5":"01-Jan-1970","null":"01-Jan-1970 00:00:00","[1,null]":true}"#);
    }
}
