//! An answer as scripts see it: a status and a text.

use crate::transport::HttpAnswer;
use encoding_rs::{Encoding, UTF_8};
use http::header::CONTENT_TYPE;
use std::borrow::Cow;

/// What a script gets.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ScriptAnswer {
    /// HTTP status.
    pub status_code: u16,
    /// Headers in the order received, names in lower case; a repeated header stands there again.
    pub headers: Vec<(String, String)>,
    /// The body as text.
    pub response: String,
    /// What was lost or guessed on the way, in words for the script's author.
    pub note: Option<String>,
}

/// Reads an answer's body as text, by byte order mark, else by the charset of its content type,
/// else as UTF-8.
pub fn read_answer(answer: &HttpAnswer) -> ScriptAnswer {
    let content_type =
        answer.headers.get(CONTENT_TYPE).and_then(|value| value.to_str().ok()).unwrap_or_default();
    let (response, note) = decode(&answer.body, content_type);
    let header = |(name, value): (&http::HeaderName, &http::HeaderValue)| {
        (name.as_str().to_owned(), String::from_utf8_lossy(value.as_bytes()).into_owned())
    };
    ScriptAnswer {
        status_code: answer.status,
        headers: answer.headers.iter().map(header).collect(),
        response,
        note,
    }
}

/// Reads a body in an encoding that the script names (`ISO-8859-1`), unless a byte order mark says
/// otherwise. Nothing if there is no such encoding.
pub fn decode_as(body: &[u8], label: &str) -> Option<String> {
    let encoding = Encoding::for_label(label.trim().as_bytes())?;
    Some(encoding.decode(body).0.into_owned())
}

fn decode(body: &[u8], content_type: &str) -> (String, Option<String>) {
    let label = charset(content_type);
    let encoding = label.map(|label| Encoding::for_label(label.as_bytes()));
    let (text, used, damaged) = encoding.flatten().unwrap_or(UTF_8).decode(body);
    let note = match (damaged, encoding) {
        (true, _) => Some(format!(
            "the answer is not clean {}: bytes that could not be read became U+FFFD",
            used.name()
        )),
        (false, Some(None)) => Some(format!(
            "the charset `{}` is not known; the answer was read as {}",
            shown(label),
            used.name()
        )),
        _ => None,
    };
    let text = match text {
        Cow::Borrowed(text) => text.to_owned(),
        Cow::Owned(text) => text,
    };
    (text, note)
}

fn charset(content_type: &str) -> Option<&str> {
    let parameters = content_type.split(';').skip(1).filter_map(|parameter| parameter.split_once('='));
    let mut charsets = parameters.filter(|(name, _)| name.trim().eq_ignore_ascii_case("charset"));
    charsets.next().map(|(_, value)| value.trim().trim_matches('"'))
}

fn shown(label: Option<&str>) -> String {
    label.unwrap_or_default().chars().filter(|c| !c.is_control()).take(40).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(body: &[u8], content_type: &str) -> (String, Option<String>) {
        decode(body, content_type)
    }

    #[test]
    fn a_text_is_read_in_its_own_charset() {
        assert_eq!(read("é".as_bytes(), "application/json"), ("é".into(), None));
        assert_eq!(read(b"\xe9", "text/plain; Charset=\"ISO-8859-1\""), ("é".into(), None));
        assert_eq!(read(b"\xef\xbb\xbf{}", "application/json"), ("{}".into(), None));
        assert_eq!(read(b"\xff\xfeA\0", "text/plain; charset=utf-8"), ("A".into(), None));
        assert_eq!(read(b"\x82\xa0", "text/html; a=b; charset=shift_jis"), ("あ".into(), None));
    }

    #[test]
    fn a_body_is_read_in_the_encoding_that_is_asked_for() {
        assert_eq!(decode_as(b"\xe9", "ISO-8859-1").as_deref(), Some("é"));
        assert_eq!(decode_as(b"\x82\xa0", " shift_jis ").as_deref(), Some("あ"));
        assert_eq!(decode_as(b"x", "x-martian"), None);
    }

    #[test]
    fn what_was_lost_is_noted() {
        let (text, note) = read(b"a\xff", "text/plain");
        assert_eq!(text, "a\u{fffd}");
        assert!(note.unwrap().contains("UTF-8"));
        assert!(read(b"a", "text/plain; charset=x-martian").1.unwrap().contains("x-martian"));
    }
}
