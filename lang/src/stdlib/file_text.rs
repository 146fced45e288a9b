//! The text in a file: decoded, and cut into lines. What scripts call stands in `file`.

use super::Ctx;
use crate::codes;
use crate::value::Value;
use crate::value::fault::{Fault, Run};
use crate::value::file::File;

/// The text in a file.
///
/// A byte-order mark decides, then the charset that was set, then UTF-8.
///
/// # Errors
/// `E0417` if the bytes are no text in that encoding, or the encoding is not known.
pub(super) fn decode(file: &File) -> Run<String> {
    let bytes = &file.bytes[..];
    match bytes {
        [0xEF, 0xBB, 0xBF, rest @ ..] => utf8(file, rest),
        [0xFF, 0xFE, rest @ ..] => utf16(file, rest, u16::from_le_bytes),
        [0xFE, 0xFF, rest @ ..] => utf16(file, rest, u16::from_be_bytes),
        _ => match file.charset.as_deref().unwrap_or("utf-8").to_ascii_lowercase().as_str() {
            "utf-8" | "utf8" | "us-ascii" | "ascii" => utf8(file, bytes),
            "iso-8859-1" | "latin1" | "iso8859-1" => Ok(bytes.iter().map(|byte| char::from(*byte)).collect()),
            "utf-16le" => utf16(file, bytes, u16::from_le_bytes),
            "utf-16be" | "utf-16" => utf16(file, bytes, u16::from_be_bytes),
            _ => Err(Fault::new(
                codes::NOT_TEXT,
                format!(
                    "the encoding `{}` of the file `{}` is not known",
                    file.charset.as_deref().unwrap_or_default(),
                    file.name
                ),
            )
            .with_help(
                "known are UTF-8, UTF-16 and ISO-8859-1; set the right one: `file.setCharset(\"UTF-8\")`",
            )),
        },
    }
}

fn utf8(file: &File, bytes: &[u8]) -> Run<String> {
    match std::str::from_utf8(bytes) {
        Ok(text) => Ok(text.to_owned()),
        Err(_) => Err(no_text(file)),
    }
}

fn utf16(file: &File, bytes: &[u8], unit: fn([u8; 2]) -> u16) -> Run<String> {
    let (pairs, rest) = bytes.as_chunks::<2>();
    let text = char::decode_utf16(pairs.iter().map(|pair| unit(*pair))).collect::<Result<String, _>>();
    match text {
        Ok(text) if rest.is_empty() => Ok(text),
        _ => Err(no_text(file)),
    }
}

fn no_text(file: &File) -> Box<Fault> {
    Fault::new(
        codes::NOT_TEXT,
        format!("the file `{}` ({}) holds bytes that are no text", file.name, file.content_type),
    )
    .with_help("a picture or an archive has no text; for another encoding say it first: `file.setCharset(\"ISO-8859-1\")`")
}

/// The lines of a text file as a list of texts, for `for each`. A line break inside double quotes
/// belongs to its line, as CSV has it (RFC 4180); an empty last line is none.
///
/// # Errors
/// As [`decode`], and `E0502` if the lines need too much memory.
pub(crate) fn lines(ctx: &mut Ctx<'_>, file: Value) -> Run<Value> {
    let Some(file) = ctx.heap.as_file(file) else { return Ok(ctx.heap.list(vec![])) };
    ctx.heap.reserve(file.bytes.len().saturating_mul(3))?;
    let text = decode(file)?;
    ctx.charge(text.len() / 8);
    let lines = cut(&text);
    ctx.heap.reserve(text.len() + lines.len() * 4 * size_of::<Value>())?;
    let lines = lines.into_iter().map(|line| ctx.heap.text(line)).collect();
    Ok(ctx.heap.list(lines))
}

fn cut(text: &str) -> Vec<&str> {
    let (mut lines, mut start, mut quoted) = (Vec::new(), 0, false);
    for (at, byte) in text.bytes().enumerate() {
        match byte {
            b'"' => quoted = !quoted,
            b'\n' if !quoted => {
                lines.push(without_return(&text[start..at]));
                start = at + 1;
            }
            _ => {}
        }
    }
    if start < text.len() {
        lines.push(without_return(&text[start..]));
    }
    lines
}

fn without_return(line: &str) -> &str {
    line.strip_suffix('\r').unwrap_or(line)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_break_in_quotes_does_not_end_a_line() {
        assert_eq!(cut("a,b\r\n\"x\ny\",\"\"\"\"\n\nlast"), ["a,b", "\"x\ny\",\"\"\"\"", "", "last"]);
        assert_eq!(cut("one\n"), ["one"]);
        assert!(cut("").is_empty());
    }

    #[test]
    fn a_byte_order_mark_decides_before_the_charset() {
        let mut file = File::new("a.txt", [0xFF, 0xFE, 0x41, 0, 0x3D, 0xD8, 0x80, 0xDE].as_slice());
        file.charset = Some("UTF-8".to_owned());
        assert_eq!(decode(&file).unwrap(), "A\u{1F680}");
        let file = File::new("a.txt", b"\xEF\xBB\xBFz".as_slice());
        assert_eq!(decode(&file).unwrap(), "z");
    }

    #[test]
    fn latin_1_is_read_when_it_is_said_and_refused_when_it_is_not() {
        let mut file = File::new("a.txt", [0xE9].as_slice());
        assert_eq!(decode(&file).unwrap_err().code, codes::NOT_TEXT);
        file.charset = Some("ISO-8859-1".to_owned());
        assert_eq!(decode(&file).unwrap(), "é");
        file.charset = Some("klingon".to_owned());
        assert!(decode(&file).unwrap_err().message.contains("klingon"));
    }
}
