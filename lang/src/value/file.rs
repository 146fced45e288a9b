//! Files: bytes with a name and a type. They come from `toFile`, from answers of `invokeurl` and from
//! archives, and go into uploads and attachments.
//!
//! The bytes never change and are shared by all copies; what can be set is around them. Neither
//! `Debug` nor JSON shows them.

use serde::de::{Error, Visitor};
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use std::fmt;
use std::sync::Arc;

/// A file, inside a run and outside.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct File {
    /// Its name, such as `report.pdf`; never a path.
    pub name: String,
    /// Its media type, such as `application/pdf`.
    pub content_type: String,
    /// Encoding of its text, such as `UTF-8`, if it was set.
    pub charset: Option<String>,
    /// Name of its part in an upload, if it was set.
    pub param_name: Option<String>,
    /// The content.
    #[serde(with = "shared_bytes")]
    pub bytes: Arc<[u8]>,
}

impl File {
    /// A file of some bytes; its type is known by the ending of its name.
    pub fn new(name: impl Into<String>, bytes: impl Into<Arc<[u8]>>) -> Self {
        let name = file_name(&name.into());
        let content_type = type_of_name(&name).to_owned();
        Self { name, content_type, charset: None, param_name: None, bytes: bytes.into() }
    }

    /// Bytes of memory that it needs.
    pub fn weight(&self) -> usize {
        let texts =
            [Some(&self.name), Some(&self.content_type), self.charset.as_ref(), self.param_name.as_ref()];
        size_of::<Self>() + self.bytes.len() + texts.into_iter().flatten().map(String::len).sum::<usize>()
    }
}

/// Without the content, which may be long and may be nobody's business.
impl fmt::Debug for File {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("File")
            .field("name", &self.name)
            .field("content_type", &self.content_type)
            .field("size", &self.bytes.len())
            .finish_non_exhaustive()
    }
}

/// The last part of a name that may be a path, without control characters; `file` if nothing is left.
pub fn file_name(name: &str) -> String {
    let last = name.rsplit(['/', '\\']).next().unwrap_or_default();
    let kept: String = last.chars().filter(|c| !c.is_control()).collect();
    match kept.trim() {
        "" | "." | ".." => "file".to_owned(),
        kept => kept.to_owned(),
    }
}

/// Endings and their media types (IANA); what is not here is `application/octet-stream`.
const TYPES: &[(&str, &str)] = &[
    ("csv", "text/csv"),
    ("txt", "text/plain"),
    ("log", "text/plain"),
    ("md", "text/markdown"),
    ("htm", "text/html"),
    ("html", "text/html"),
    ("css", "text/css"),
    ("js", "text/javascript"),
    ("ics", "text/calendar"),
    ("vcf", "text/vcard"),
    ("json", "application/json"),
    ("xml", "application/xml"),
    ("pdf", "application/pdf"),
    ("zip", "application/zip"),
    ("gz", "application/gzip"),
    ("doc", "application/msword"),
    ("docx", "application/vnd.openxmlformats-officedocument.wordprocessingml.document"),
    ("xls", "application/vnd.ms-excel"),
    ("xlsx", "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"),
    ("ppt", "application/vnd.ms-powerpoint"),
    ("pptx", "application/vnd.openxmlformats-officedocument.presentationml.presentation"),
    ("png", "image/png"),
    ("jpg", "image/jpeg"),
    ("jpeg", "image/jpeg"),
    ("gif", "image/gif"),
    ("svg", "image/svg+xml"),
    ("webp", "image/webp"),
    ("mp3", "audio/mpeg"),
    ("wav", "audio/wav"),
    ("mp4", "video/mp4"),
];

/// The media type that goes with the ending of a name.
pub fn type_of_name(name: &str) -> &'static str {
    let ending = name.rsplit_once('.').map_or("", |(_, ending)| ending);
    TYPES
        .iter()
        .find(|(known, _)| known.eq_ignore_ascii_case(ending))
        .map_or("application/octet-stream", |(_, media_type)| media_type)
}

/// An ending that goes with a media type, parameters left aside; for a file that came without a name.
pub fn ending_of_type(content_type: &str) -> Option<&'static str> {
    let bare = content_type.split(';').next().unwrap_or_default().trim();
    TYPES.iter().find(|(_, known)| known.eq_ignore_ascii_case(bare)).map(|(ending, _)| *ending)
}

/// One run of bytes, not a list of numbers.
mod shared_bytes {
    use super::{Arc, Deserializer, Error, Serializer, Visitor, fmt};

    pub fn serialize<S: Serializer>(bytes: &Arc<[u8]>, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_bytes(bytes)
    }

    pub fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Arc<[u8]>, D::Error> {
        deserializer.deserialize_bytes(Bytes)
    }

    struct Bytes;

    impl Visitor<'_> for Bytes {
        type Value = Arc<[u8]>;

        fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
            f.write_str("bytes")
        }

        fn visit_bytes<E: Error>(self, bytes: &[u8]) -> Result<Self::Value, E> {
            Ok(bytes.into())
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_never_leads_out_of_its_folder() {
        for (name, kept) in [
            ("a/b/report.pdf", "report.pdf"),
            ("..\\..\\boot.ini", "boot.ini"),
            ("../..", "file"),
            ("", "file"),
            ("line\nbreak\0.txt", "linebreak.txt"),
            ("Über uns.txt", "Über uns.txt"),
        ] {
            assert_eq!(file_name(name), kept, "{name:?}");
        }
    }

    #[test]
    fn the_ending_of_a_name_tells_the_type_and_back() {
        assert_eq!(type_of_name("REPORT.PDF"), "application/pdf");
        assert_eq!(type_of_name("nothing"), "application/octet-stream");
        assert_eq!(ending_of_type("text/csv; charset=utf-8"), Some("csv"));
    }

    #[test]
    fn debug_shows_the_size_and_not_the_content() {
        let file = File::new("a.txt", b"private".as_slice());
        let shown = format!("{file:?}");
        assert!(shown.contains("size: 7") && !shown.contains("private"), "{shown}");
        assert!(!shown.contains("112"), "{shown}");
    }

    #[test]
    fn a_file_survives_postcard() {
        let mut file = File::new("a.bin", vec![0, 255, 7]);
        file.param_name = Some("content".to_owned());
        let bytes = postcard::to_stdvec(&file).unwrap();
        assert_eq!(postcard::from_bytes::<File>(&bytes).unwrap(), file);
    }
}
