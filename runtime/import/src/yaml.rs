//! The text of a connector file: YAML in blocks, with comments where something could not be said.

use serde_json::{Map, Value};

/// Columns that a comment fills.
const WIDTH: usize = 100;

/// A text as it grows.
#[derive(Default)]
pub(crate) struct Writer {
    out: String,
}

impl Writer {
    pub(crate) fn into_text(self) -> String {
        self.out
    }

    /// An empty line.
    pub(crate) fn gap(&mut self) {
        self.out.push('\n');
    }

    /// A comment, broken into lines.
    pub(crate) fn comment(&mut self, indent: usize, text: &str) {
        let mut line = String::new();
        for word in text.split(|c: char| c.is_whitespace() || c.is_control()).filter(|word| !word.is_empty())
        {
            if !line.is_empty() && indent + line.chars().count() + word.chars().count() > WIDTH {
                self.line_of_comment(indent, &line);
                line.clear();
                line.push_str("  ");
            }
            if !line.trim().is_empty() {
                line.push(' ');
            }
            line.extend(word.chars().filter(|c| is_printable(*c)));
        }
        self.line_of_comment(indent, &line);
    }

    fn line_of_comment(&mut self, indent: usize, line: &str) {
        self.indent(indent);
        self.out.push_str("# ");
        self.out.push_str(line);
        self.out.push('\n');
    }

    /// A name and what stands under it.
    pub(crate) fn entry(&mut self, indent: usize, name: &str, value: &Value) {
        self.name(indent, name);
        match value {
            Value::Object(map) if !map.is_empty() && !is_short(value) => {
                self.out.push('\n');
                self.entries(indent + 2, map);
            }
            Value::Array(items) if items.iter().any(|item| !is_scalar(item)) => {
                self.out.push('\n');
                for item in items {
                    self.indent(indent + 2);
                    self.out.push_str("- ");
                    self.flow(item);
                    self.out.push('\n');
                }
            }
            Value::String(text) if is_block(text) => self.block(indent + 2, text),
            _ => {
                self.out.push(' ');
                self.flow(value);
                self.out.push('\n');
            }
        }
    }

    /// A text of several lines as it stands (YAML 1.2.2 section 8.1.2), what ends it said (8.1.1.2).
    fn block(&mut self, indent: usize, text: &str) {
        self.out.push_str(if text.ends_with('\n') { " |\n" } else { " |-\n" });
        for line in text.strip_suffix('\n').unwrap_or(text).split('\n') {
            if !line.is_empty() {
                self.indent(indent);
                self.out.push_str(line);
            }
            self.out.push('\n');
        }
    }

    /// All names of a map.
    pub(crate) fn entries(&mut self, indent: usize, map: &Map<String, Value>) {
        for (name, value) in map {
            self.entry(indent, name, value);
        }
    }

    /// A name alone, with its colon and what ends the line.
    pub(crate) fn heading(&mut self, indent: usize, name: &str) {
        self.name(indent, name);
        self.out.push('\n');
    }

    fn name(&mut self, indent: usize, name: &str) {
        self.indent(indent);
        self.scalar(name);
        self.out.push(':');
    }

    fn indent(&mut self, indent: usize) {
        self.out.extend(std::iter::repeat_n(' ', indent));
    }

    fn flow(&mut self, value: &Value) {
        match value {
            Value::String(text) => self.scalar(text),
            Value::Array(items) => {
                self.out.push('[');
                for (at, item) in items.iter().enumerate() {
                    self.out.push_str(if at > 0 { ", " } else { "" });
                    self.flow(item);
                }
                self.out.push(']');
            }
            Value::Object(map) if map.is_empty() => self.out.push_str("{}"),
            Value::Object(map) => {
                self.out.push_str("{ ");
                for (at, (name, item)) in map.iter().enumerate() {
                    self.out.push_str(if at > 0 { ", " } else { "" });
                    self.scalar(name);
                    self.out.push_str(": ");
                    self.flow(item);
                }
                self.out.push_str(" }");
            }
            other => self.out.push_str(&other.to_string()),
        }
    }

    fn scalar(&mut self, text: &str) {
        if is_plain(text) {
            self.out.push_str(text);
            return;
        }
        self.out.push('"');
        for c in text.chars() {
            match c {
                '"' => self.out.push_str("\\\""),
                '\\' => self.out.push_str("\\\\"),
                '\n' => self.out.push_str("\\n"),
                '\t' => self.out.push_str("\\t"),
                c if is_printable(c) => self.out.push(c),
                c => self.out.push_str(&format!("\\U{:08X}", u32::from(c))),
            }
        }
        self.out.push('"');
    }
}

fn is_scalar(value: &Value) -> bool {
    !matches!(value, Value::Array(_) | Value::Object(_))
}

/// Whether a text reads best as lines, and comes back from them as it was.
fn is_block(text: &str) -> bool {
    let body = text.strip_suffix('\n').unwrap_or(text);
    let first_is_plain = body.starts_with(|c: char| !c.is_whitespace());
    body.contains('\n')
        && first_is_plain
        && !body.ends_with(['\n', ' '])
        && text.chars().all(|c| c == '\n' || is_printable(c))
}

/// A map of a few short scalars stands on one line.
fn is_short(value: &Value) -> bool {
    let Value::Object(map) = value else { return false };
    map.values().all(|value| is_scalar(value) && !value.as_str().is_some_and(is_block))
        && value.to_string().chars().count() <= 90
}

/// YAML 1.2 section 5.1, without what looks like white space.
fn is_printable(c: char) -> bool {
    !c.is_control() && !matches!(c, '\u{2028}' | '\u{2029}' | '\u{FEFF}' | '\u{FFFE}' | '\u{FFFF}')
}

/// Whether a text needs no quotes wherever it stands.
fn is_plain(text: &str) -> bool {
    const WORDS: &[&str] =
        &["true", "false", "null", "yes", "no", "on", "off", "y", "n", "nan", "inf", "infinity"];
    let fit = |c: char| c.is_ascii_alphanumeric() || matches!(c, '_' | '-' | '.' | '/');
    text.starts_with(|c: char| c.is_ascii_alphabetic() || c == '_')
        && text.len() <= 200
        && text.split(' ').all(|word| !word.is_empty() && word.chars().all(fit))
        && !WORDS.contains(&text.to_ascii_lowercase().as_str())
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn written(value: &Value) -> String {
        let mut writer = Writer::default();
        writer.entry(0, "root", value);
        writer.into_text()
    }

    #[test]
    fn maps_stand_in_blocks_and_short_ones_on_a_line() {
        let value = json!({ "a": { "b": 1, "c": "yes" }, "d": { "e": { "f": [] } }, "g": [{ "h": "i: j" }], "k": {} });
        let text = "root:\n  a: { b: 1, c: \"yes\" }\n  d:\n    e:\n      f: []\n  g:\n    - { h: \"i: j\" }\n  k: {}\n";
        assert_eq!(written(&value), text);
    }

    #[test]
    fn a_comment_is_broken_and_cannot_end_early() {
        let mut writer = Writer::default();
        writer.comment(2, &format!("a\nb: {}\u{2028}c", "word ".repeat(30)));
        let text = writer.into_text();
        assert!(text.lines().all(|line| line.starts_with("  # ") && line.chars().count() < 110), "{text}");
        assert!(text.lines().count() >= 2);
    }

    proptest::proptest! {
        #[test]
        fn what_is_written_is_read_back(name in "\\PC{1,20}|.{1,20}", text in ".{0,80}", number in proptest::num::i64::ANY) {
            let value = json!({ &name: [text, number, true, null], "deep": { "x": { &name: &text } } });
            let back = crate::document::parse(&written(&value)).unwrap();
            proptest::prop_assert_eq!(&back["root"], &value);
        }
    }
}
