//! Bodies of several parts: `multipart/form-data` (RFC 7578) and its kin (RFC 2046), texts and files side by
//! side.

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
#[derive(Clone, PartialEq, Eq, Default)]
pub struct Part {
    /// Its name, where parts have one.
    pub name: Option<String>,
    /// Name of the file that it is.
    pub filename: Option<String>,
    /// Its media type.
    pub media_type: Option<String>,
    /// Further headers: names are tokens, values hold no line breaks.
    pub headers: Vec<(String, String)>,
    /// Its content.
    pub content: Bytes,
}

impl Part {
    /// A text under a name.
    pub fn text(name: impl Into<String>, text: impl Into<String>) -> Self {
        Self { name: Some(name.into()), content: Bytes::from(text.into()), ..Self::default() }
    }

    /// A file under a name.
    pub fn file(name: impl Into<String>, file: &FilePart) -> Self {
        Self {
            name: Some(name.into()),
            filename: Some(file.name.clone()),
            media_type: Some(media_type(file.media_type.as_deref()).to_owned()),
            content: file.content.clone(),
            ..Self::default()
        }
    }
}

impl fmt::Debug for Part {
    /// Name and size only: the content is the user's.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Part").field("name", &self.name).field("bytes", &self.content.len()).finish()
    }
}

/// The content type of `multipart/form-data`.
pub const FORM_DATA: &str = "multipart/form-data";
/// The content type of `multipart/related`.
pub const RELATED: &str = "multipart/related";

/// Writes the parts; the content type with its boundary, and the body. In [`FORM_DATA`] each part tells its
/// name; of [`RELATED`] the type tells what its first part is (RFC 2387).
pub fn multipart(kind: &str, parts: &[Part]) -> (String, Bytes) {
    let boundary = boundary(parts);
    let mut body = Vec::new();
    for part in parts {
        body.extend_from_slice(format!("--{boundary}\r\n{}\r\n", head(kind, part)).as_bytes());
        body.extend_from_slice(&part.content);
        body.extend_from_slice(b"\r\n");
    }
    body.extend_from_slice(format!("--{boundary}--\r\n").as_bytes());
    let mut content_type = format!("{kind}; boundary={boundary}");
    if let Some(first) = parts.first().and_then(|part| part.media_type.as_deref()).filter(|_| kind == RELATED)
    {
        // Parameters of the first part's type are its own business.
        let bare = first.split(';').next().unwrap_or_default().trim();
        content_type.push_str(&format!("; type=\"{bare}\""));
    }
    (content_type, Bytes::from(body))
}

/// The headers of a part, each with its line end.
fn head(kind: &str, part: &Part) -> String {
    let mut head = String::new();
    let says = |wanted: &str| part.headers.iter().any(|(name, _)| name.eq_ignore_ascii_case(wanted));
    if !says("Content-Disposition") {
        let filename = part.filename.as_ref().map(|name| format!("; filename=\"{}\"", quoted(name)));
        if kind == FORM_DATA {
            let name = quoted(part.name.as_deref().unwrap_or("file"));
            let filename = filename.unwrap_or_default();
            head.push_str(&format!("Content-Disposition: form-data; name=\"{name}\"{filename}\r\n"));
        } else if let Some(filename) = filename {
            head.push_str(&format!("Content-Disposition: attachment{filename}\r\n"));
        }
    }
    if let Some(media_type) = part.media_type.as_deref().filter(|_| !says("Content-Type")) {
        head.push_str(&format!("Content-Type: {media_type}\r\n"));
    }
    for (name, value) in &part.headers {
        head.push_str(&format!("{name}: {value}\r\n"));
    }
    head
}

/// A boundary that stands in none of the parts.
fn boundary(parts: &[Part]) -> String {
    let holds = |needle: &[u8]| {
        parts.iter().any(|part| part.content.windows(needle.len()).any(|window| window == needle))
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
pub(crate) fn media_type(given: Option<&str>) -> &str {
    given.filter(|text| is_media_type(text)).unwrap_or("application/octet-stream")
}

/// Whether a text can stand where a media type does.
pub(crate) fn is_media_type(text: &str) -> bool {
    text.contains('/') && text.bytes().all(|byte| byte.is_ascii_graphic() || byte == b' ')
}

#[cfg(test)]
mod tests {
    use super::*;

    fn file(name: &str, content: &'static [u8]) -> FilePart {
        FilePart { name: name.into(), media_type: None, content: Bytes::from_static(content) }
    }

    #[test]
    fn texts_and_files_stand_side_by_side() {
        let parts = [Part::text("a", "1"), Part::file("f", &file("x.bin", b"\x00\xff"))];
        let (content_type, body) = multipart(FORM_DATA, &parts);
        assert_eq!(content_type, "multipart/form-data; boundary=sluis-part-00000000");
        let wanted: &[u8] =
            b"--sluis-part-00000000\r\nContent-Disposition: form-data; name=\"a\"\r\n\r\n1\r\n\
            --sluis-part-00000000\r\nContent-Disposition: form-data; name=\"f\"; filename=\"x.bin\"\r\n\
            Content-Type: application/octet-stream\r\n\r\n\x00\xff\r\n--sluis-part-00000000--\r\n";
        assert_eq!(&body[..], wanted);
    }

    #[test]
    fn related_parts_have_no_names_and_the_whole_is_what_the_first_is() {
        let metadata = Part {
            media_type: Some("application/json; charset=UTF-8".into()),
            content: Bytes::from_static(b"{}"),
            ..Part::default()
        };
        let photo = Part {
            media_type: Some("image/png".into()),
            content: Bytes::from_static(b"\x89"),
            ..Part::default()
        };
        let (content_type, body) = multipart(RELATED, &[metadata, photo]);
        assert_eq!(
            content_type,
            "multipart/related; boundary=sluis-part-00000000; type=\"application/json\""
        );
        let wanted: &[u8] =
            b"--sluis-part-00000000\r\nContent-Type: application/json; charset=UTF-8\r\n\r\n{}\r\n\
            --sluis-part-00000000\r\nContent-Type: image/png\r\n\r\n\x89\r\n--sluis-part-00000000--\r\n";
        assert_eq!(&body[..], wanted);
    }

    #[test]
    fn a_content_that_holds_the_boundary_gets_another_one() {
        let (content_type, _) = multipart(FORM_DATA, &[Part::text("a", "x sluis-part-00000000 y")]);
        assert!(content_type.ends_with("00000001"), "{content_type}");
    }

    #[test]
    fn no_name_breaks_out_of_its_header() {
        let mut bad = file("a\"\r\nX-Evil: 1\u{0}", b"");
        bad.media_type = Some("text/plain\r\nX-Evil: 2".into());
        let (_, body) = multipart(FORM_DATA, &[Part::file("n\nm", &bad)]);
        let text = String::from_utf8(body.to_vec()).unwrap();
        assert!(!text.contains("\nX-Evil") && text.contains("%22%0D%0AX-Evil"), "{text}");
        assert!(text.contains("name=\"n%0Am\"") && text.contains("octet-stream"), "{text}");
    }
}
