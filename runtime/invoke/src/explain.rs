//! A request as people read it: as it goes over the wire, and as a curl command. Credentials are
//! starred in both.

use crate::explain_mail;
use crate::redact::Redactor;
use crate::request::OutgoingRequest;
use http::HeaderValue;

/// Longest body shown, in bytes.
pub(crate) const BODY_AT_MOST: usize = 16 * 1024;

/// Shows a request to people.
pub trait Explain {
    /// The request as it goes over the wire, credentials starred.
    fn explain(&self) -> String {
        self.explain_with(&Redactor::default())
    }

    /// Like [`Explain::explain`], and stars these secrets wherever they stand.
    fn explain_with(&self, redactor: &Redactor) -> String;

    /// A curl command that would send it, credentials starred.
    fn to_curl(&self) -> String {
        self.to_curl_with(&Redactor::default())
    }

    /// Like [`Explain::to_curl`], and stars these secrets wherever they stand.
    fn to_curl_with(&self, redactor: &Redactor) -> String;
}

impl Explain for OutgoingRequest {
    fn explain_with(&self, redactor: &Redactor) -> String {
        if let Some(mail) = &self.mail {
            return redactor.redact(&explain_mail::explain(self, mail)).into_owned();
        }
        let target = match self.url.query() {
            Some(query) => format!("{}?{query}", self.url.path()),
            None => self.url.path().to_owned(),
        };
        let mut shown = format!("{} {target} HTTP/1.1\nHost: {}\n", self.method, authority(self));
        for (name, value) in &self.headers {
            shown.push_str(&format!("{}: {}\n", title_case(name.as_str()), shown_value(value)));
        }
        if let Some(body) = shown_body(self) {
            shown.push('\n');
            shown.push_str(&body);
            shown.push('\n');
        }
        redactor.redact(&shown).into_owned()
    }

    fn to_curl_with(&self, redactor: &Redactor) -> String {
        if let Some(mail) = &self.mail {
            return redactor.redact(&explain_mail::to_curl(self, mail)).into_owned();
        }
        let mut command = format!("curl --request {} {}", self.method, quoted(self.url.as_str()));
        for (name, value) in &self.headers {
            let header = format!("{}: {}", title_case(name.as_str()), shown_value(value));
            command.push_str(&format!(" \\\n  --header {}", quoted(&header)));
        }
        if let Some(body) = shown_body(self) {
            command.push_str(&format!(" \\\n  --data-raw {}", quoted(&body)));
        }
        redactor.redact(&command).into_owned()
    }
}

fn authority(request: &OutgoingRequest) -> String {
    let host = request.url.host_str().unwrap_or_default();
    request.url.port().map_or_else(|| host.to_owned(), |port| format!("{host}:{port}"))
}

fn shown_body(request: &OutgoingRequest) -> Option<String> {
    if request.body.is_empty() {
        return None;
    }
    if request.secret_body {
        return Some("***".to_owned());
    }
    let Ok(text) = std::str::from_utf8(&request.body) else {
        return Some(format!("[{} bytes that are not text]", request.body.len()));
    };
    match text.len() <= BODY_AT_MOST {
        true => Some(text.to_owned()),
        false => {
            let cut: String = text.chars().take(BODY_AT_MOST).collect();
            Some(format!("{cut}… [{} bytes in all]", text.len()))
        }
    }
}

/// A header value; of a secret one its scheme only.
fn shown_value(value: &HeaderValue) -> String {
    if !value.is_sensitive() {
        return String::from_utf8_lossy(value.as_bytes()).into_owned();
    }
    let text = value.to_str().unwrap_or_default();
    match text.split_once(' ') {
        Some((scheme @ ("Bearer" | "Basic"), _)) => format!("{scheme} ***"),
        _ => "***".to_owned(),
    }
}

/// `content-type` as people write it: `Content-Type`.
fn title_case(name: &str) -> String {
    let words = name.split('-').map(|word| {
        let mut letters = word.chars();
        letters
            .next()
            .map(|first| first.to_ascii_uppercase().to_string() + letters.as_str())
            .unwrap_or_default()
    });
    words.collect::<Vec<_>>().join("-")
}

/// In single quotes for a POSIX shell.
pub(crate) fn quoted(text: &str) -> String {
    format!("'{}'", text.replace('\'', r"'\''"))
}
