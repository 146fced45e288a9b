//! Growing text buffers behind [`Value::Text`](super::Value).

use serde::{Deserialize, Serialize, Serializer};

/// A text buffer that only ever grows at its end. A value views a prefix of it.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(from = "String")]
pub struct TextBuffer {
    text: String,
    /// Whether all bytes are ASCII: then character positions are byte positions.
    ascii: bool,
}

impl From<String> for TextBuffer {
    fn from(text: String) -> Self {
        Self::new(text)
    }
}

impl Serialize for TextBuffer {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&self.text)
    }
}

impl TextBuffer {
    /// A buffer that holds this text.
    pub fn new(text: String) -> Self {
        let ascii = text.is_ascii();
        Self { text, ascii }
    }

    /// The first `len` bytes.
    pub fn prefix(&self, len: u32) -> &str {
        &self.text[..len as usize]
    }

    /// Bytes used.
    pub fn len(&self) -> usize {
        self.text.len()
    }

    /// Whether there is nothing in it.
    pub fn is_empty(&self) -> bool {
        self.text.is_empty()
    }

    /// Bytes reserved; what the heap accounts for.
    pub fn capacity(&self) -> usize {
        self.text.capacity()
    }

    /// Whether all of it is ASCII.
    pub fn is_ascii(&self) -> bool {
        self.ascii
    }

    /// Appends at the end.
    pub fn push_str(&mut self, more: &str) {
        self.ascii &= more.is_ascii();
        self.text.push_str(more);
    }

    /// Whether `len` is a place where the buffer may be cut; checked when a snapshot is loaded.
    pub fn is_boundary(&self, len: u32) -> bool {
        self.text.is_char_boundary(len as usize)
    }
}
