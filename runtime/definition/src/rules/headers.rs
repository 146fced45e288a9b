//! Headers that a file may set.

use crate::problem::Problems;
use crate::template::{Piece, names, pieces};
use crate::tree::Cursor;

/// Headers that belong to the transport (RFC 9110 section 7.6.1, RFC 9112).
const TRANSPORT: &[&str] = &[
    "host",
    "content-length",
    "transfer-encoding",
    "connection",
    "keep-alive",
    "te",
    "trailer",
    "upgrade",
    "expect",
];
/// Headers that belong to `auth`.
const CREDENTIAL: &[&str] = &["authorization", "cookie"];

/// Checks a map of headers. `authenticates` says whether `auth` sets a credential.
pub(super) fn check(headers: &Cursor<'_>, authenticates: bool, problems: &mut Problems<'_>) {
    for header in headers.entries() {
        let name = header.name().to_ascii_lowercase();
        if !is_token(&name) {
            let help = "letters, digits and hyphens, no placeholders and no spaces".to_owned();
            problems.add_key(&header, format!("`{}` is not the name of a header", header.name()), Some(help));
        } else if is_of_transport(&name) {
            let message = format!("the header `{}` is set by the transport", header.name());
            problems.add_key(&header, message, Some("leave it out".to_owned()));
        } else if CREDENTIAL.contains(&name.as_str()) {
            credential(&header, authenticates, problems);
        }
        if let Some(text) = header.text() {
            value(&header, text, problems);
        }
    }
}

fn is_token(name: &str) -> bool {
    let token = |b: u8| b.is_ascii_alphanumeric() || b"!#$%&'*+-.^_`|~".contains(&b);
    !name.is_empty() && name.bytes().all(token)
}

fn is_of_transport(name: &str) -> bool {
    TRANSPORT.contains(&name) || name.starts_with("proxy-")
}

/// Checks the names of headers that calls may set.
pub(super) fn check_overrides(named: &Cursor<'_>, problems: &mut Problems<'_>) {
    for at in named.items() {
        let Some(text) = at.text() else { continue };
        let name = text.to_ascii_lowercase();
        if !is_token(&name) {
            let help = "letters, digits and hyphens, no placeholders and no spaces".to_owned();
            problems.add(&at, format!("`{text}` is not the name of a header"), Some(help));
        } else if is_of_transport(&name) || CREDENTIAL.contains(&name.as_str()) {
            let help = "name headers that mean something to the service alone, such as `Accept`".to_owned();
            problems.add(&at, format!("no call may set the header `{text}`"), Some(help));
        }
    }
}

/// Checks the name of a cookie.
pub(super) fn check_cookie(cookie: &Cursor<'_>, problems: &mut Problems<'_>) {
    if !is_token(cookie.name()) {
        let help = "letters, digits and hyphens, no placeholders and no spaces".to_owned();
        problems.add_key(cookie, format!("`{}` is not the name of a cookie", cookie.name()), Some(help));
    }
}

/// Checks the headers of a part.
pub(super) fn check_of_part(headers: &Cursor<'_>, problems: &mut Problems<'_>) {
    for header in headers.entries() {
        let name = header.name().to_ascii_lowercase();
        if !is_token(&name) {
            let help = "letters, digits and hyphens, no placeholders and no spaces".to_owned();
            problems.add_key(&header, format!("`{}` is not the name of a header", header.name()), Some(help));
        } else if name == "content-type" || name == "content-disposition" {
            let help = "write `content_type` and `filename` beside `headers`".to_owned();
            problems.add_key(
                &header,
                format!("the header `{}` comes from fields of its own", header.name()),
                Some(help),
            );
        }
    }
}

fn credential(header: &Cursor<'_>, authenticates: bool, problems: &mut Problems<'_>) {
    if authenticates {
        let message = format!("the header `{}` is set by `auth`", header.name());
        problems.add_key(header, message, Some("leave it out".to_owned()));
    } else if header.text().is_some_and(|text| names(text).next().is_none()) {
        let message = format!("a fixed `{}` would put a credential into the file", header.name());
        let help = "take it from a placeholder, or use a scheme of `auth` that keeps it sealed".to_owned();
        problems.add_key(header, message, Some(help));
    }
}

fn value(header: &Cursor<'_>, text: &str, problems: &mut Problems<'_>) {
    if text.chars().any(char::is_control) {
        let help = "in YAML, `|` and `>` add line breaks; write the value on one line".to_owned();
        problems.add(
            header,
            format!("`{}` holds a line break or another control character", header.path()),
            Some(help),
        );
    }
    broken(header, text, problems);
}

/// Says which placeholders of a text are none.
pub(super) fn broken(at: &Cursor<'_>, text: &str, problems: &mut Problems<'_>) {
    for piece in pieces(text) {
        if let Piece::Broken(broken) = piece {
            let help = broken.help.unwrap_or_else(|| "a placeholder is written `${Name}`".to_owned());
            problems.add(at, format!("`{}` is not a placeholder: {}", broken.source, broken.why), Some(help));
        }
    }
}
