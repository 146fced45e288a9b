//! Texts in quotes, with their escapes.

use super::Reader;
use crate::value::Value;
use crate::value::fault::Run;
use crate::value::json::scan::plain_run;

impl Reader<'_> {
    /// A text in quotes.
    pub(super) fn quoted(&mut self, quote: u8) -> Run<Value> {
        let start = self.at + 1;
        let end = start + plain_run(&self.text.as_bytes()[start..], quote);
        if self.text.as_bytes().get(end) == Some(&quote) {
            self.at = end + 1;
            return Ok(self.heap.text(&self.text[start..end]));
        }
        self.escaped(quote)
    }

    /// A text in quotes with escapes in it, or with something that must not be there.
    fn escaped(&mut self, quote: u8) -> Run<Value> {
        let open = self.at;
        self.at += 1;
        let mut start = self.at;
        let mut built = String::new();
        loop {
            let Some(byte) = self.peek() else {
                self.at = open;
                return Err(self.fault("a text in quotes is not closed"));
            };
            match byte {
                _ if byte == quote => break,
                b'\\' => {
                    built.push_str(&self.text[start..self.at]);
                    self.at += 1;
                    self.escape(&mut built)?;
                    start = self.at;
                }
                0..=0x1f if !self.lenient() => {
                    return Err(self.fault("a line break or control character stands unescaped in quotes"));
                }
                _ => self.at += 1,
            }
        }
        let last = &self.text[start..self.at];
        self.at += 1;
        if built.is_empty() {
            return Ok(self.heap.text(last));
        }
        built.push_str(last);
        Ok(self.heap.text_owned(built))
    }

    fn escape(&mut self, out: &mut String) -> Run<()> {
        let Some(letter) = self.text[self.at..].chars().next() else {
            return Err(self.fault("it ends after a backslash"));
        };
        let plain = match letter {
            '"' | '\\' | '/' => letter,
            'b' => '\u{8}',
            'f' => '\u{c}',
            'n' => '\n',
            'r' => '\r',
            't' => '\t',
            'u' => return self.unicode_escape(out),
            other if self.lenient() => other,
            _ => return Err(self.fault("an unknown escape stands after a backslash")),
        };
        self.at += letter.len_utf8();
        out.push(plain);
        Ok(())
    }

    fn unicode_escape(&mut self, out: &mut String) -> Run<()> {
        let first = self.hex4(self.at + 1)?;
        self.at += 5;
        let is_high = (0xd800..0xdc00).contains(&first);
        if is_high && self.text[self.at..].starts_with("\\u") {
            let second = self.hex4(self.at + 2)?;
            if (0xdc00..0xe000).contains(&second) {
                self.at += 6;
                let code = 0x1_0000 + ((first - 0xd800) << 10) + (second - 0xdc00);
                out.push(char::from_u32(code).unwrap_or(char::REPLACEMENT_CHARACTER));
                return Ok(());
            }
        }
        out.push(char::from_u32(first).unwrap_or(char::REPLACEMENT_CHARACTER));
        Ok(())
    }

    fn hex4(&self, at: usize) -> Run<u32> {
        self.text
            .get(at..at + 4)
            .filter(|digits| digits.bytes().all(|b| b.is_ascii_hexdigit()))
            .and_then(|digits| u32::from_str_radix(digits, 16).ok())
            .ok_or_else(|| self.fault("four hexadecimal digits were expected after `\\u`"))
    }
}
