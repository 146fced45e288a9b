//! Growing text buffers behind [`Value::Text`](super::Value).

use compact_str::CompactString;
use serde::{Deserialize, Serialize, Serializer};

/// A text while it is put together; 24 bytes of it need no allocation.
pub type TextBuilder = CompactString;

/// A text buffer that only ever grows at its end. A value views a prefix of it. Up to 24 bytes
/// stand in the buffer itself, so that most texts of a script need no allocation of their own.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(from = "String")]
pub struct TextBuffer {
    text: TextBuilder,
    /// Whether all bytes are ASCII: then character positions are byte positions.
    ascii: bool,
}

impl From<String> for TextBuffer {
    fn from(text: String) -> Self {
        Self::new(text.into())
    }
}

impl Serialize for TextBuffer {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&self.text)
    }
}

impl TextBuffer {
    /// A buffer that holds this text.
    #[inline]
    pub fn new(text: TextBuilder) -> Self {
        let ascii = text.is_ascii();
        Self { text, ascii }
    }

    /// The first `len` bytes.
    #[inline]
    pub fn prefix(&self, len: u32) -> &str {
        &self.text.as_str()[..len as usize]
    }

    /// Bytes used.
    #[inline]
    pub fn len(&self) -> usize {
        self.text.len()
    }

    /// Whether there is nothing in it.
    pub fn is_empty(&self) -> bool {
        self.text.is_empty()
    }

    /// Bytes reserved outside the buffer; what the heap accounts for.
    #[inline]
    pub fn capacity(&self) -> usize {
        if self.text.is_heap_allocated() { self.text.capacity() } else { 0 }
    }

    /// Whether all of it is ASCII.
    pub fn is_ascii(&self) -> bool {
        self.ascii
    }

    /// Appends at the end.
    #[inline]
    pub fn push_str(&mut self, more: &str) {
        self.ascii &= more.is_ascii();
        self.text.push_str(more);
    }

    /// Whether `len` is a place where the buffer may be cut; checked when a snapshot is loaded.
    pub fn is_boundary(&self, len: u32) -> bool {
        self.text.is_char_boundary(len as usize)
    }
}
