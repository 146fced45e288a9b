//! Reads JSON (RFC 8259) into the heap, and the looser forms that authors write by hand.

mod quoted;

use super::scan::plain_run;
use crate::codes;
use crate::value::Value;
use crate::value::fault::{Fault, Run};
use crate::value::heap::Heap;
use crate::value::print::MAX_DEPTH;
use rust_decimal::Decimal;

/// How exact the text must be.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Mode {
    /// RFC 8259.
    Strict,
    /// Also unquoted keys and words (`{company: Zoho}`), single quotes, line breaks inside quotes
    /// and a comma before a closing bracket.
    Lenient,
}

/// Reads one JSON value. Whole numbers that fit 64 bits are numbers, all others decimals with the
/// digits as written (the 29th and further digits are rounded). The last of equal keys wins. Half
/// a surrogate pair becomes U+FFFD.
///
/// # Errors
/// `E0407` with the position and what stands there; `E0502` if the values pass the memory limit.
pub fn parse(heap: &mut Heap, text: &str, mode: Mode) -> Run<Value> {
    let used = heap.used();
    let mut reader = Reader { heap, text, at: 0, mode, depth: 0, used, pending: 0 };
    if reader.text.starts_with('\u{feff}') {
        reader.at = '\u{feff}'.len_utf8();
    }
    reader.skip_space();
    let value = reader.value(Value::Null)?;
    reader.skip_space();
    if reader.at < text.len() {
        return Err(reader.fault("nothing more was expected after the value"));
    }
    Ok(value)
}

/// Room for at most so many elements is made because the object or list before had them.
const ROOM: usize = 16;

/// How many characters of the text are shown on each side of the place that is wrong.
const SHOWN: usize = 20;

struct Reader<'a> {
    heap: &'a mut Heap,
    text: &'a str,
    at: usize,
    mode: Mode,
    depth: usize,
    /// Heap bytes in use before the first value.
    used: usize,
    /// Elements of lists that are still open, and so not yet metered by the heap.
    pending: usize,
}

impl Reader<'_> {
    fn peek(&self) -> Option<u8> {
        self.text.as_bytes().get(self.at).copied()
    }

    fn skip_space(&mut self) {
        while let Some(b' ' | b'\t' | b'\n' | b'\r') = self.peek() {
            self.at += 1;
        }
    }

    fn eat(&mut self, byte: u8) -> bool {
        let found = self.peek() == Some(byte);
        self.at += usize::from(found);
        found
    }

    fn lenient(&self) -> bool {
        self.mode == Mode::Lenient
    }

    fn fault(&self, what: &str) -> Box<Fault> {
        let (before, after) = self.text.split_at(self.at.min(self.text.len()));
        let head = before.char_indices().rev().nth(SHOWN - 1).map_or(0, |(at, _)| at);
        let tail = after.char_indices().nth(SHOWN).map_or(after.len(), |(at, _)| at);
        let (dots_before, dots_after) =
            (if head > 0 { "…" } else { "" }, if tail < after.len() { "…" } else { "" });
        let position = before.chars().count() + 1;
        let excerpt = format!("{dots_before}{}▶{}{dots_after}", &before[head..], &after[..tail]);
        let excerpt = excerpt.replace(['\n', '\r', '\t'], " ");
        Fault::new(
            codes::NOT_JSON,
            format!("this text is not JSON: {what}, at character {position}: {excerpt}"),
        )
        .with_help("▶ marks the place; print the text with `info` to see all of it")
    }

    fn meter(&mut self) -> Run<()> {
        let grown = self.heap.used().saturating_sub(self.used);
        self.heap.reserve(grown + self.pending * size_of::<Value>())
    }

    /// Reads any value. `like` is one that stands in the same place of the object or list before:
    /// documents repeat themselves, and what is known of one object need not be found out again.
    fn value(&mut self, like: Value) -> Run<Value> {
        match self.peek() {
            Some(b'{') => self.nested(like, Self::object),
            Some(b'[') => self.nested(like, Self::array),
            Some(b'"') => self.quoted(b'"'),
            Some(b'-' | b'0'..=b'9') if self.number_stands_alone() => {
                let end = self.at + number_len(&self.text[self.at..]);
                self.number(end)
            }
            Some(b'\'') if self.lenient() => self.quoted(b'\''),
            Some(_) if self.lenient() => self.bare_value(),
            Some(b'-' | b'0'..=b'9') => {
                let end = self.at + number_len(&self.text[self.at..]);
                self.number(end)
            }
            Some(b't') => self.word("true", Value::Bool(true)),
            Some(b'f') => self.word("false", Value::Bool(false)),
            Some(b'n') => self.word("null", Value::Null),
            Some(_) => Err(self.fault("a value was expected")),
            None => Err(self.fault("it ends where a value was expected")),
        }
    }

    /// Whether right after the number here the element ends; else a lenient reader may see words.
    fn number_stands_alone(&self) -> bool {
        let end = self.at + number_len(&self.text[self.at..]);
        end > self.at && matches!(self.text.as_bytes().get(end), Some(b',' | b'}' | b']'))
    }

    fn nested(&mut self, like: Value, inner: fn(&mut Self, Value) -> Run<Value>) -> Run<Value> {
        if self.depth >= MAX_DEPTH {
            return Err(self.fault(&format!("it is nested more than {MAX_DEPTH} levels deep")));
        }
        self.depth += 1;
        self.at += 1;
        let value = inner(self, like)?;
        self.depth -= 1;
        Ok(value)
    }

    fn object(&mut self, like: Value) -> Run<Value> {
        self.skip_space();
        if self.eat(b'}') {
            return Ok(self.heap.map(0));
        }
        let room = self.heap.as_map(like).map_or(0, <[_]>::len).min(ROOM);
        let map = self.heap.map(room);
        let mut alike = true;
        for position in 0.. {
            let expected =
                if alike { self.heap.as_map(like).and_then(|map| map.get(position)) } else { None };
            let expected = expected.copied();
            let known = expected.and_then(|(key, _)| self.known_key(key));
            alike = known.is_some();
            let key = match known {
                Some(key) => key,
                None => self.key()?,
            };
            self.skip_space();
            if !self.eat(b':') {
                return Err(self.fault("a colon was expected after the key"));
            }
            self.skip_space();
            let value = self.value(expected.map_or(Value::Null, |(_, value)| value))?;
            if alike {
                // The keys so far are those of a map, so this one is new.
                self.heap.map_push(map, key, value);
            } else {
                self.heap.map_put(map, key, value);
            }
            self.meter()?;
            if self.ends(b'}', "a comma or `}` was expected")? {
                break;
            }
        }
        Ok(map)
    }

    /// The key that is expected, if it is the one that stands here.
    fn known_key(&mut self, key: Value) -> Option<Value> {
        let rest = self.text.as_bytes().get(self.at..)?.strip_prefix(b"\"")?;
        let expected = self.heap.bytes(&key)?;
        // Quotes and backslashes inside would have to be escaped, and then the bytes differ.
        let len = plain_run(rest, b'"');
        if rest.get(..len)? != expected || rest.get(len) != Some(&b'"') {
            return None;
        }
        self.at += len + 2;
        Some(key)
    }

    fn array(&mut self, like: Value) -> Run<Value> {
        let like = self.heap.as_list(like).unwrap_or_default();
        let mut items = Vec::with_capacity(like.len().min(ROOM));
        let mut like = like.last().copied().unwrap_or(Value::Null);
        self.skip_space();
        if !self.eat(b']') {
            loop {
                like = self.value(like)?;
                items.push(like);
                self.pending += 1;
                self.meter()?;
                if self.ends(b']', "a comma or `]` was expected")? {
                    break;
                }
            }
        }
        self.pending -= items.len();
        Ok(self.heap.list(items))
    }

    /// After an element: true at the closing bracket, false after a comma.
    fn ends(&mut self, close: u8, expected: &str) -> Run<bool> {
        self.skip_space();
        if self.eat(close) {
            return Ok(true);
        }
        if !self.eat(b',') {
            return Err(self.fault(expected));
        }
        self.skip_space();
        Ok(self.lenient() && self.eat(close))
    }

    fn key(&mut self) -> Run<Value> {
        match self.peek() {
            Some(b'"') => self.quoted(b'"'),
            Some(b'\'') if self.lenient() => self.quoted(b'\''),
            Some(_) if self.lenient() => {
                let end = self.bare_end(b":,{}[]\"'\n");
                let key = self.text[self.at..end].trim_end();
                if key.is_empty() {
                    return Err(self.fault("a key was expected"));
                }
                let key = self.heap.text(key);
                self.at = end;
                Ok(key)
            }
            _ => Err(self.fault("a key in double quotes was expected")),
        }
    }

    fn bare_end(&self, stop: &[u8]) -> usize {
        let rest = &self.text.as_bytes()[self.at..];
        self.at + rest.iter().position(|b| stop.contains(b)).unwrap_or(rest.len())
    }

    /// A number, `true`, `false`, `null`, or any other run of words as text.
    fn bare_value(&mut self) -> Run<Value> {
        let end = self.bare_end(b",{}[]\n");
        let word = self.text[self.at..end].trim_end();
        let value = match word {
            "" => return Err(self.fault("a value was expected")),
            "true" => Value::Bool(true),
            "false" => Value::Bool(false),
            "null" => Value::Null,
            _ if number_len(word) == word.len() => return self.number(self.at + word.len()),
            _ if self.depth == 0 => return Err(self.fault("`{` or `[` was expected")),
            _ => self.heap.text(word),
        };
        self.at = end;
        Ok(value)
    }

    fn word(&mut self, word: &str, value: Value) -> Run<Value> {
        let rest = &self.text[self.at..];
        let whole = rest.starts_with(word)
            && !rest.as_bytes().get(word.len()).is_some_and(|b| b.is_ascii_alphanumeric() || *b == b'_');
        if !whole {
            return Err(self.fault("a value was expected"));
        }
        self.at += word.len();
        Ok(value)
    }

    fn number(&mut self, end: usize) -> Run<Value> {
        let digits = &self.text[self.at..end];
        if digits.is_empty() {
            return Err(self.fault("a number was expected"));
        }
        let value = if let Some(value) = small_number(digits.as_bytes()) {
            value
        } else if let Ok(whole) = digits.parse::<i64>() {
            Value::Int(whole)
        } else {
            let decimal =
                if digits.contains(['e', 'E']) { Decimal::from_scientific(digits) } else { digits.parse() };
            match decimal {
                Ok(decimal) => self.heap.decimal(decimal),
                Err(_) => return Err(self.fault("a number is too large (28 digits are kept)")),
            }
        };
        self.at = end;
        Ok(value)
    }
}

/// A number of so few digits that they fit a value, without an exponent.
fn small_number(digits: &[u8]) -> Option<Value> {
    const MOST: usize = 18;
    let (negative, unsigned) = match digits {
        [b'-', unsigned @ ..] => (true, unsigned),
        _ => (false, digits),
    };
    if unsigned.len() > MOST {
        return None;
    }
    let (mut mantissa, mut point) = (0_i64, None);
    for (at, byte) in unsigned.iter().enumerate() {
        match byte {
            b'0'..=b'9' => mantissa = mantissa * 10 + i64::from(byte - b'0'),
            b'.' => point = Some(at + 1),
            _ => return None,
        }
    }
    let mantissa = if negative { -mantissa } else { mantissa };
    Some(match point {
        Some(after) => Value::Dec { scale: (unsigned.len() - after) as u8, mantissa },
        None => Value::Int(mantissa),
    })
}

/// Length of the JSON number that a text starts with; 0 if there is none.
pub(crate) fn number_len(text: &str) -> usize {
    let bytes = text.as_bytes();
    let digits =
        |from: usize| bytes[from.min(bytes.len())..].iter().take_while(|b| b.is_ascii_digit()).count();
    let sign = usize::from(bytes.first() == Some(&b'-'));
    let whole = match digits(sign) {
        0 => return 0,
        _ if bytes[sign] == b'0' => 1,
        n => n,
    };
    let mut len = sign + whole;
    if bytes.get(len) == Some(&b'.') && digits(len + 1) > 0 {
        len += 1 + digits(len + 1);
    }
    if let Some(b'e' | b'E') = bytes.get(len) {
        let signed = usize::from(matches!(bytes.get(len + 1), Some(b'+' | b'-')));
        if digits(len + 1 + signed) > 0 {
            len += 1 + signed + digits(len + 1 + signed);
        }
    }
    len
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::value::Kind;
    use crate::value::heap::HeapLimits;
    use crate::value::print::to_text;
    use jiff::tz::TimeZone;

    fn read(text: &str, mode: Mode) -> Run<String> {
        let mut heap = Heap::default();
        let value = parse(&mut heap, text, mode)?;
        to_text(&heap, &TimeZone::UTC, value)
    }

    fn refusal(text: &str, mode: Mode) -> String {
        let fault = read(text, mode).unwrap_err();
        assert_eq!(fault.code, codes::NOT_JSON);
        fault.message
    }

    #[test]
    fn numbers_keep_every_digit() {
        let text = "[1,-1,9223372036854775807,9223372036854775808,1.50,0.1,1e3,1.5E-3,-0.0]";
        let expected = "[1,-1,9223372036854775807,9223372036854775808,1.50,0.1,1000,0.0015,0.0]";
        assert_eq!(read(text, Mode::Strict).unwrap(), expected);
    }

    #[test]
    fn whole_numbers_and_decimals_are_different_kinds() {
        let mut heap = Heap::default();
        let list = parse(&mut heap, "[1, 1.0]", Mode::Strict).unwrap();
        let kinds: Vec<Kind> = heap.as_list(list).unwrap().iter().map(|v| heap.kind(*v)).collect();
        assert_eq!(kinds, [Kind::Number, Kind::Decimal]);
    }

    #[test]
    fn surrogate_pairs_join_and_halves_are_replaced() {
        assert_eq!(
            read(r#"["\ud83d\ude80","\ud83d","\ude80x"]"#, Mode::Strict).unwrap(),
            r#"["🚀","�","�x"]"#
        );
    }

    #[test]
    fn a_refusal_names_the_place_and_shows_it() {
        assert_eq!(
            refusal(r#"{"a" 1}"#, Mode::Strict),
            r#"this text is not JSON: a colon was expected after the key, at character 6: {"a" ▶1}"#
        );
        assert!(refusal("[1] x", Mode::Strict).contains("nothing more was expected"));
        assert!(refusal("", Mode::Strict).contains("ends where a value"));
        let long = format!("[{} oops", "1,".repeat(100));
        assert!(
            refusal(&long, Mode::Strict).ends_with("…,1,1,1,1,1,1,1,1,1, ▶oops"),
            "{}",
            refusal(&long, Mode::Strict)
        );
    }

    #[test]
    fn strict_refuses_what_rfc_8259_does() {
        for text in [
            "{a:1}",
            "['a']",
            "[1,]",
            "{\"a\":1,}",
            "[01]",
            "[1.]",
            "[.5]",
            "[+1]",
            "[tru]",
            "[\"a\nb\"]",
            "[\"\\x\"]",
            "[nulls]",
        ] {
            refusal(text, Mode::Strict);
        }
    }

    #[test]
    fn lenient_reads_what_authors_write_by_hand() {
        let text = "{company: Zoho Corp, 'product':'Crea\"tor', n: 12, d: 1.5, t: true, u: http://x.y/z, l: [a, 2,], }";
        let expected = r#"{"company":"Zoho Corp","product":"Crea\"tor","n":12,"d":1.5,"t":true,"u":"http://x.y/z","l":["a",2]}"#;
        assert_eq!(read(text, Mode::Lenient).unwrap(), expected);
    }

    #[test]
    fn plain_words_are_not_json_even_when_lenient() {
        refusal("Service unavailable", Mode::Lenient);
        refusal("<html></html>", Mode::Lenient);
        refusal("", Mode::Lenient);
    }

    #[test]
    fn depth_is_limited() {
        let fits = "[".repeat(MAX_DEPTH) + &"]".repeat(MAX_DEPTH);
        assert_eq!(read(&fits, Mode::Strict).unwrap(), fits);
        assert!(refusal(&"[".repeat(100_000), Mode::Strict).contains("nested more than"));
    }

    #[test]
    fn memory_is_limited_while_reading() {
        let mut heap = Heap::new(HeapLimits { memory: 1 << 20, text: 64 << 20 });
        let lists = format!("[{}[]]", "[],".repeat(100_000));
        assert_eq!(parse(&mut heap, &lists, Mode::Strict).unwrap_err().code, codes::OUT_OF_MEMORY);
        let mut heap = Heap::new(HeapLimits { memory: 1 << 20, text: 64 << 20 });
        let numbers = format!("[{}1]", "1,".repeat(200_000));
        assert_eq!(parse(&mut heap, &numbers, Mode::Strict).unwrap_err().code, codes::OUT_OF_MEMORY);
    }
}
