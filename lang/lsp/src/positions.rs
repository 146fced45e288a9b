//! Byte offsets and the protocol's lines and columns. A column counts bytes, UTF-16 units or
//! characters, as client and server agreed at the start.

use lsp_types::{Position, PositionEncodingKind, Range};
use sluis_lang::source::Span;

/// What a column counts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) enum Encoding {
    /// Bytes.
    Utf8,
    /// UTF-16 units; what everyone knows.
    #[default]
    Utf16,
    /// Characters.
    Utf32,
}

impl Encoding {
    /// The one to use of those that a client offers: bytes if possible, because nothing has to be
    /// counted then.
    pub fn choose(offered: &[PositionEncodingKind]) -> Self {
        let has = |kind: &PositionEncodingKind| offered.contains(kind);
        if has(&PositionEncodingKind::UTF8) {
            Self::Utf8
        } else if has(&PositionEncodingKind::UTF32) && !has(&PositionEncodingKind::UTF16) {
            Self::Utf32
        } else {
            Self::Utf16
        }
    }

    /// Its name in the protocol.
    pub fn kind(self) -> PositionEncodingKind {
        match self {
            Self::Utf8 => PositionEncodingKind::UTF8,
            Self::Utf16 => PositionEncodingKind::UTF16,
            Self::Utf32 => PositionEncodingKind::UTF32,
        }
    }

    fn width(self, c: char) -> usize {
        match self {
            Self::Utf8 => c.len_utf8(),
            Self::Utf16 => c.len_utf16(),
            Self::Utf32 => 1,
        }
    }

    /// How long a piece of text is.
    pub fn length(self, text: &str) -> u32 {
        if self == Self::Utf8 || text.is_ascii() {
            return text.len() as u32;
        }
        text.chars().map(|c| self.width(c)).sum::<usize>() as u32
    }
}

/// Where each line of a text begins. A line ends with `\n`, `\r\n` or `\r` alone, as the protocol
/// wants; the language's own table knows `\n` only.
#[derive(Debug, Clone)]
pub(crate) struct Lines {
    starts: Vec<u32>,
    encoding: Encoding,
}

impl Lines {
    /// Scans a text once.
    pub fn new(text: &str, encoding: Encoding) -> Self {
        let bytes = text.as_bytes();
        let mut starts = vec![0];
        for (at, byte) in bytes.iter().enumerate() {
            if *byte == b'\n' || (*byte == b'\r' && bytes.get(at + 1) != Some(&b'\n')) {
                starts.push(at as u32 + 1);
            }
        }
        Self { starts, encoding }
    }

    /// Line and column of a byte offset, both from 0.
    pub fn position(&self, text: &str, offset: u32) -> Position {
        let offset = offset.min(text.len() as u32);
        let line = self.starts.partition_point(|start| *start <= offset).saturating_sub(1);
        let before = text.get(self.starts[line] as usize..offset as usize).unwrap_or_default();
        Position { line: line as u32, character: self.encoding.length(before) }
    }

    /// The byte offset of a position. One beyond the end of its line is that end, as the protocol
    /// wants; one beyond the text is the end of the text; one within a character is its beginning.
    pub fn offset(&self, text: &str, position: Position) -> u32 {
        let line = position.line as usize;
        let Some(start) = self.starts.get(line).copied() else { return text.len() as u32 };
        let end = self.starts.get(line + 1).map_or(text.len(), |next| *next as usize);
        let content = text.get(start as usize..end).unwrap_or_default().trim_end_matches(['\r', '\n']);
        let mut column = 0;
        for (at, c) in content.char_indices() {
            column += self.encoding.width(c);
            if column > position.character as usize {
                return start + at as u32;
            }
        }
        start + content.len() as u32
    }

    /// A span as a range.
    pub fn range(&self, text: &str, span: Span) -> Range {
        Range { start: self.position(text, span.start), end: self.position(text, span.end) }
    }

    /// A range as a span; one that is the wrong way round is turned.
    pub fn span(&self, text: &str, range: Range) -> Span {
        let (a, b) = (self.offset(text, range.start), self.offset(text, range.end));
        Span::new(a.min(b), a.max(b))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const TEXT: &str = "a😀b\r\né\rx\n";

    fn at(line: u32, character: u32) -> Position {
        Position { line, character }
    }

    #[test]
    fn columns_count_what_was_agreed_on() {
        for (encoding, column) in [(Encoding::Utf8, 5), (Encoding::Utf16, 3), (Encoding::Utf32, 2)] {
            let lines = Lines::new(TEXT, encoding);
            assert_eq!(lines.position(TEXT, 5), at(0, column), "{encoding:?}");
            assert_eq!(lines.offset(TEXT, at(0, column)), 5, "{encoding:?}");
        }
    }

    #[test]
    fn every_offset_comes_back_from_its_position() {
        for encoding in [Encoding::Utf8, Encoding::Utf16, Encoding::Utf32] {
            let lines = Lines::new(TEXT, encoding);
            // Between `\r` and `\n` there is no position.
            for (offset, _) in TEXT.char_indices().filter(|(offset, _)| *offset != 7) {
                let offset = offset as u32;
                assert_eq!(lines.offset(TEXT, lines.position(TEXT, offset)), offset, "{encoding:?}");
            }
        }
    }

    #[test]
    fn positions_outside_are_brought_inside() {
        let lines = Lines::new(TEXT, Encoding::Utf16);
        assert_eq!(lines.offset(TEXT, at(0, 99)), 6, "the end of the line, before its break");
        assert_eq!(lines.offset(TEXT, at(0, 2)), 1, "within a surrogate pair: before the character");
        assert_eq!(lines.offset(TEXT, at(99, 0)), TEXT.len() as u32);
        assert_eq!(lines.position(TEXT, 10_000), at(3, 0));
    }

    #[test]
    fn bytes_are_preferred_and_utf_16_is_the_rest() {
        use PositionEncodingKind as Kind;
        assert_eq!(Encoding::choose(&[Kind::UTF16, Kind::UTF8]), Encoding::Utf8);
        assert_eq!(Encoding::choose(&[Kind::UTF32]), Encoding::Utf32);
        assert_eq!(Encoding::choose(&[]), Encoding::Utf16);
    }
}
