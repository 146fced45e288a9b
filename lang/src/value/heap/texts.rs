//! Texts: made, read, joined.

use super::{Heap, SLOT};
use crate::value::fault::Run;
use crate::value::text::{TextBuffer, TextBuilder};
use crate::value::{SHORT_TEXT, Value};
use std::ops::Range;

impl Heap {
    /// Makes a text value.
    pub fn text(&mut self, text: &str) -> Value {
        match Value::short(text) {
            Some(value) => value,
            None => self.long_text(TextBuilder::new(text)),
        }
    }

    /// Makes a text value from bytes that came out of texts.
    pub fn text_of_bytes(&mut self, bytes: &[u8]) -> Value {
        match Value::short_bytes(bytes) {
            Some(value) => value,
            None => self.long_text(TextBuilder::from_utf8_lossy(bytes)),
        }
    }

    /// Makes a text value from one that was put together.
    pub fn text_built(&mut self, text: TextBuilder) -> Value {
        match Value::short(&text) {
            Some(value) => value,
            None => self.long_text(text),
        }
    }

    /// Makes a text value of a part of another one; empty if that is no text or the range does not
    /// fit it.
    pub fn text_piece(&mut self, of: &Value, range: Range<usize>) -> Value {
        let piece = self.str(of).and_then(|text| text.get(range)).unwrap_or_default();
        match Value::short(piece) {
            Some(value) => value,
            None => {
                let piece = TextBuilder::new(piece);
                self.long_text(piece)
            }
        }
    }

    /// Makes a text value from an owned string.
    pub fn text_owned(&mut self, text: String) -> Value {
        match Value::short(&text) {
            Some(value) => value,
            None => self.long_text(text.into()),
        }
    }

    fn long_text(&mut self, text: TextBuilder) -> Value {
        let len = text.len() as u32;
        let text = TextBuffer::new(text);
        self.used += text.capacity() + SLOT;
        Value::Text { buffer: self.texts.insert(text), len }
    }

    /// The characters of a text value; `None` for any other kind. Takes the value by reference
    /// because a short text stands inside it.
    #[inline]
    pub fn str<'a>(&'a self, value: &'a Value) -> Option<&'a str> {
        match value {
            Value::Short { len, bytes } => std::str::from_utf8(&bytes[..*len as usize]).ok(),
            Value::Text { buffer, len } => Some(self.texts.get(*buffer).prefix(*len)),
            _ => None,
        }
    }

    /// The bytes of a text value, which need no look at their encoding.
    #[inline]
    pub(crate) fn bytes<'a>(&'a self, value: &'a Value) -> Option<&'a [u8]> {
        match value {
            Value::Short { len, bytes } => bytes.get(..*len as usize),
            Value::Text { buffer, len } => Some(self.texts.get(*buffer).prefix(*len).as_bytes()),
            _ => None,
        }
    }

    /// Whether a text is known to be ASCII without looking at its characters.
    pub fn is_ascii(&self, value: &Value) -> bool {
        match value {
            Value::Short { len, bytes } => bytes[..*len as usize].is_ascii(),
            Value::Text { buffer, .. } => self.texts.get(*buffer).is_ascii(),
            _ => false,
        }
    }

    /// `left` followed by `more`. Appends in place when `left` is the newest view of its buffer.
    pub fn concat(&mut self, left: Value, more: &str) -> Run<Value> {
        let left_len = self.bytes(&left).map_or(0, <[u8]>::len);
        if left_len + more.len() <= SHORT_TEXT {
            let mut bytes = [0; SHORT_TEXT];
            bytes[..left_len].copy_from_slice(self.bytes(&left).unwrap_or_default());
            bytes[left_len..left_len + more.len()].copy_from_slice(more.as_bytes());
            return Ok(Value::Short { len: (left_len + more.len()) as u8, bytes });
        }
        self.reserve_text(left_len + more.len())?;
        if let Value::Text { buffer, len } = left {
            let target = self.texts.get_mut(buffer);
            if target.len() == len as usize {
                let before = target.capacity();
                target.push_str(more);
                self.used += target.capacity() - before;
                return Ok(Value::Text { buffer, len: len + more.len() as u32 });
            }
        }
        let mut joined = TextBuilder::with_capacity(left_len + more.len());
        joined.push_str(self.str(&left).unwrap_or_default());
        joined.push_str(more);
        Ok(self.long_text(joined))
    }

    /// `left`, a text, followed by `more`, a text; in place where it can be.
    pub fn concat_values(&mut self, left: Value, more: Value) -> Run<Value> {
        let Value::Text { buffer, len } = more else {
            let text = self.str(&more).unwrap_or_default().to_owned();
            return self.concat(left, &text);
        };
        // The buffer is taken out so that its text can be read while another one grows.
        if matches!(left, Value::Text { buffer: same, .. } if same == buffer) {
            let text = self.texts.get(buffer).prefix(len).to_owned();
            return self.concat(left, &text);
        }
        let taken = std::mem::take(self.texts.get_mut(buffer));
        let joined = self.concat(left, taken.prefix(len));
        *self.texts.get_mut(buffer) = taken;
        joined
    }
}
