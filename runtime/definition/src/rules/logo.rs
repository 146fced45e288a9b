//! The logo of a service: an SVG beside the file, or a small picture in the file itself. It becomes a `data:`
//! URL, so that a page that shows it tells no third party who looks at it.

use super::beside::is_beside;
use crate::problem::Problems;
use crate::tree::Cursor;
use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use serde_json::Value;

/// Largest picture, in bytes.
const BYTES_AT_MOST: usize = 64 * 1024;

/// Media types with what their content begins with.
const KINDS: &[(&str, &[u8])] = &[
    ("image/png", b"\x89PNG\r\n\x1a\n"),
    ("image/jpeg", b"\xff\xd8\xff"),
    ("image/webp", b"RIFF"),
    ("image/svg+xml", b""),
];

const HELP: &str = "`file:logo.svg` beside the connector file, or `data:image/png;base64,…`";

/// The logo as a `data:` URL, where it stood in a file.
#[derive(Default)]
pub(crate) struct Logo(Option<String>);

impl Logo {
    /// Replaces the reference by the picture.
    pub(crate) fn put_into(self, definition: &mut Value) {
        if let (Some(url), Some(service)) =
            (self.0, definition.get_mut("service").and_then(Value::as_object_mut))
        {
            service.insert("logo".to_owned(), Value::String(url));
        }
    }
}

pub(super) fn check(
    root: &Cursor<'_>,
    load: &dyn Fn(&str) -> Result<String, String>,
    problems: &mut Problems<'_>,
) -> Logo {
    let Some(logo) = root.get("service").and_then(|service| service.get("logo")) else {
        return Logo::default();
    };
    let Some(text) = logo.text() else { return Logo::default() };
    let outcome = match text.strip_prefix("file:").map(str::trim) {
        Some(file) => from_file(file, load).map(Some),
        None => inline(text).map(|()| None),
    };
    outcome.map(Logo).unwrap_or_else(|why| {
        problems.add(&logo, why, Some(HELP.to_owned()));
        Logo::default()
    })
}

fn from_file(file: &str, load: &dyn Fn(&str) -> Result<String, String>) -> Result<String, String> {
    if !is_beside(file) {
        return Err(format!("`{file}` does not lie beside the connector file"));
    }
    if !file.to_ascii_lowercase().ends_with(".svg") {
        return Err(format!("`{file}` is no SVG; another picture stands in the file itself"));
    }
    let text = load(file).map_err(|why| format!("the logo `{file}` cannot be loaded: {why}"))?;
    fits("image/svg+xml", text.as_bytes())?;
    Ok(format!("data:image/svg+xml;base64,{}", BASE64_STANDARD.encode(text)))
}

fn inline(text: &str) -> Result<(), String> {
    let (kind, content) = text
        .strip_prefix("data:")
        .and_then(|rest| rest.split_once(";base64,"))
        .ok_or("the logo is neither a file nor a `data:` URL in base64")?;
    let bytes =
        BASE64_STANDARD.decode(content.trim()).map_err(|_| "the logo is not clean base64".to_owned())?;
    fits(kind, &bytes)
}

fn fits(kind: &str, bytes: &[u8]) -> Result<(), String> {
    let (_, begins) = KINDS
        .iter()
        .find(|(known, _)| *known == kind)
        .ok_or_else(|| format!("the logo is `{kind}`, which pages do not show"))?;
    if bytes.len() > BYTES_AT_MOST {
        return Err(format!("the logo has {} bytes; at most {BYTES_AT_MOST} are kept", bytes.len()));
    }
    let is_svg = || String::from_utf8_lossy(bytes).contains("<svg");
    let is_what_it_says = bytes.starts_with(begins) && (kind != "image/svg+xml" || is_svg());
    if is_what_it_says { Ok(()) } else { Err(format!("the logo is no {kind}")) }
}
