//! Bodies of `multipart/form-data` (RFC 7578): texts and files side by side.

use bytes::Bytes;
use std::fmt;

/// A file on its way out.
#[derive(Clone, PartialEq, Eq)]
pub struct FilePart {
    /// Name of the file, as the other side is told.
    pub name: String,
    /// Its media type; `application/octet-stream` if not given.
    pub media_type: Option<String>,
    /// Its content.
    pub content: Bytes,
}

impl fmt::Debug for FilePart {
    /// Name and size only: the content is the user's.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("FilePart").field("name", &self.name).field("bytes", &self.content.len()).finish()
    }
}

/// One part.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Part {
    /// A text under a name.
    Text(String, String),
    /// A file under a name.
    File(String, FilePart),
}

/// Writes the parts; the content type with its boundary, and the body.
pub fn multipart(parts: &[Part]) -> (String, Bytes) {
    let boundary = boundary(parts);
    let mut body = Vec::new();
    for part in parts {
        body.extend_from_slice(format!("--{boundary}\r\n").as_bytes());
        match part {
            Part::Text(name, text) => {
                let head = format!("Content-Disposition: form-data; name=\"{}\"\r\n\r\n", quoted(name));
                body.extend_from_slice(head.as_bytes());
                body.extend_from_slice(text.as_bytes());
            }
            Part::File(name, file) => {
                let head = format!(
                    "Content-Disposition: form-data; name=\"{}\"; filename=\"{}\"\r\nContent-Type: {}\r\n\r\n",
                    quoted(name),
                    quoted(&file.name),
                    media_type(file.media_type.as_deref())
                );
                body.extend_from_slice(head.as_bytes());
                body.extend_from_slice(&file.content);
            }
        }
        body.extend_from_slice(b"\r\n");
    }
    body.extend_from_slice(format!("--{boundary}--\r\n").as_bytes());
    (format!("multipart/form-data; boundary={boundary}"), Bytes::from(body))
}

/// A boundary that stands in none of the parts.
fn boundary(parts: &[Part]) -> String {
    let holds = |needle: &[u8]| {
        parts.iter().any(|part| {
            let content: &[u8] = match part {
                Part::Text(_, text) => text.as_bytes(),
                Part::File(_, file) => &file.content,
            };
            content.windows(needle.len()).any(|window| window == needle)
        })
    };
    // One that is in use makes the next one free, so that this ends after as many turns as a content
    // has room for boundaries, in practice after one.
    let mut number = 0_u64;
    loop {
        let boundary = format!("sluis-part-{number:08x}");
        if !holds(boundary.as_bytes()) {
            return boundary;
        }
        number += 1;
    }
}

/// A name inside quotes, as browsers write it (HTML, multipart form data): a quote or a line break
/// could else end the header.
fn quoted(name: &str) -> String {
    let mut out = String::with_capacity(name.len());
    for c in name.chars() {
        match c {
            '"' => out.push_str("%22"),
            '\r' => out.push_str("%0D"),
            '\n' => out.push_str("%0A"),
            c if c.is_control() => out.push_str(&format!("%{:02X}", u32::from(c))),
            c => out.push(c),
        }
    }
    out
}

/// A media type that cannot break the header it stands in.
fn media_type(given: Option<&str>) -> &str {
    let fits =
        |text: &&str| text.contains('/') && text.bytes().all(|byte| byte.is_ascii_graphic() || byte == b' ');
    given.filter(fits).unwrap_or("application/octet-stream")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn file(name: &str, content: &'static [u8]) -> FilePart {
        FilePart { name: name.into(), media_type: None, content: Bytes::from_static(content) }
    }

    #[test]
    fn texts_and_files_stand_side_by_side() {
        let parts = [Part::Text("a".into(), "1".into()), Part::File("f".into(), file("x.bin", b"\x00\xff"))];
        let (content_type, body) = multipart(&parts);
        assert_eq!(content_type, "multipart/form-data; boundary=sluis-part-00000000");
        let wanted: &[u8] =
            b"--sluis-part-00000000\r\nContent-Disposition: form-data; name=\"a\"\r\n\r\n1\r\n\
            --sluis-part-00000000\r\nContent-Disposition: form-data; name=\"f\"; filename=\"x.bin\"\r\n\
            Content-Type: application/octet-stream\r\n\r\n\x00\xff\r\n--sluis-part-00000000--\r\n";
        assert_eq!(&body[..], wanted);
    }

    #[test]
    fn a_content_that_holds_the_boundary_gets_another_one() {
        let (content_type, _) = multipart(&[Part::Text("a".into(), "x sluis-part-00000000 y".into())]);
        assert!(content_type.ends_with("00000001"), "{content_type}");
    }

    #[test]
    fn no_name_breaks_out_of_its_header() {
        let mut bad = file("a\"\r\nX-Evil: 1\u{0}", b"");
        bad.media_type = Some("text/plain\r\nX-Evil: 2".into());
        let (_, body) = multipart(&[Part::File("n\nm".into(), bad)]);
        let text = String::from_utf8(body.to_vec()).unwrap();
        assert!(!text.contains("\nX-Evil") && text.contains("%22%0D%0AX-Evil"), "{text}");
        assert!(text.contains("name=\"n%0Am\"") && text.contains("octet-stream"), "{text}");
    }
}
