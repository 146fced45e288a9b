//! Cassettes: calls that were made once, kept in a file that people can read, and played again without a
//! network.
//!
//! **Invariant:** a cassette holds nothing secret, by the way it is made: it keeps the request from before
//! the credential was put on it, and the answer after the connection's secrets were starred in it. Headers
//! that are not known to be harmless keep their name only, and cookies not even that.

mod replay;

pub use replay::Replay;

use crate::redact::Redactor;
use crate::request::OutgoingRequest;
use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use http::HeaderMap;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use sluis_model::connection::Variables;
use std::collections::BTreeMap;

/// Version of the format that is written.
pub const FORMAT: u32 = 1;

/// Headers whose values are kept. Whatever is not here may be a key.
const HARMLESS: &[&str] = &[
    "accept",
    "accept-language",
    "accept-ranges",
    "allow",
    "cache-control",
    "content-disposition",
    "content-language",
    "content-range",
    "content-type",
    "date",
    "etag",
    "last-modified",
    "link",
    "location",
    "prefer",
    "range",
    "retry-after",
    "vary",
    "x-ratelimit-limit",
    "x-ratelimit-remaining",
    "x-ratelimit-reset",
    "x-total-count",
];

/// What stands in place of a value that is not kept.
pub const STARS: &str = "***";

/// Calls of one connector, in the order in which they were made.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Cassette {
    /// Version of this format.
    pub sluis_cassette: u32,
    /// Namespace of the connector.
    pub connector: String,
    /// When it was recorded, RFC 3339.
    pub recorded_at: String,
    /// The variables of the connection that it was recorded with; they are no secrets.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub variables: Variables,
    /// The calls.
    pub exchanges: Vec<Exchange>,
}

/// A request and its answer.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Exchange {
    /// What it was made for: `list: two of them`.
    pub name: String,
    /// The request, without its credential.
    pub request: RecordedRequest,
    /// The answer, without secrets.
    pub answer: RecordedAnswer,
}

/// A request as it is kept.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RecordedRequest {
    /// HTTP method.
    pub method: String,
    /// Whole URL.
    pub url: String,
    /// Headers; only for reading, they do not count when an answer is looked for.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub headers: BTreeMap<String, String>,
    /// The body, if there was one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub body: Option<RecordedBody>,
}

/// An answer as it is kept.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RecordedAnswer {
    /// HTTP status.
    pub status: u16,
    /// Headers that say something about the body or the call.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub headers: BTreeMap<String, String>,
    /// The body, if there was one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub body: Option<RecordedBody>,
}

/// A body in the form in which people can read it best.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum RecordedBody {
    /// JSON.
    Json(Value),
    /// Any other text.
    Text(String),
    /// Bytes that are no text.
    Base64(String),
}

impl RecordedBody {
    /// A body; none if it is empty. Secrets are starred in it.
    pub fn of(bytes: &[u8], redactor: &Redactor) -> Option<Self> {
        if bytes.is_empty() {
            return None;
        }
        let Ok(text) = std::str::from_utf8(bytes) else {
            let encoded = BASE64_STANDARD.encode(bytes);
            return Some(match redactor.redact(&encoded) {
                std::borrow::Cow::Borrowed(_) => Self::Base64(encoded),
                // With something cut out of it, it stands for no bytes.
                std::borrow::Cow::Owned(_) => Self::Text(STARS.to_owned()),
            });
        };
        let starred = redactor.redact(text).into_owned();
        Some(match serde_json::from_str(&starred) {
            Ok(value @ (Value::Object(_) | Value::Array(_))) => Self::Json(value),
            _ => Self::Text(starred),
        })
    }

    /// The bytes that it stands for.
    pub fn bytes(&self) -> Vec<u8> {
        match self {
            Self::Json(value) => value.to_string().into_bytes(),
            Self::Text(text) => text.clone().into_bytes(),
            Self::Base64(text) => BASE64_STANDARD.decode(text).unwrap_or_default(),
        }
    }
}

impl Exchange {
    /// A call as it is kept. `request` is the one from before the credential was put on it, `answer` the
    /// status, headers and body that came back; `redactor` knows the secrets of the connection.
    pub fn record(
        name: &str,
        request: &OutgoingRequest,
        answer: (u16, &[(String, String)], &[u8]),
        redactor: &Redactor,
    ) -> Self {
        let (status, headers, body) = answer;
        let kept = headers
            .iter()
            .filter(|(name, _)| is_harmless(name))
            .map(|(name, value)| (name.to_ascii_lowercase(), redactor.redact(value).into_owned()));
        Self {
            name: name.to_owned(),
            request: RecordedRequest {
                method: request.method.to_string(),
                url: redactor.redact(request.url.as_str()).into_owned(),
                headers: named(&request.headers, redactor),
                body: match request.secret_body {
                    true => Some(RecordedBody::Text(STARS.to_owned())),
                    false => RecordedBody::of(&request.content(), redactor),
                },
            },
            answer: RecordedAnswer {
                status,
                headers: kept.collect(),
                body: RecordedBody::of(body, redactor),
            },
        }
    }
}

/// Headers of a request: with stars where a value may be a key, and without cookies.
fn named(headers: &HeaderMap, redactor: &Redactor) -> BTreeMap<String, String> {
    let kept = headers.iter().filter(|(name, _)| name.as_str() != "cookie");
    kept.map(|(name, value)| {
        let shown = match value.to_str() {
            Ok(text) if is_harmless(name.as_str()) && !value.is_sensitive() => {
                redactor.redact(text).into_owned()
            }
            _ => STARS.to_owned(),
        };
        (name.as_str().to_owned(), shown)
    })
    .collect()
}

fn is_harmless(name: &str) -> bool {
    HARMLESS.contains(&name.to_ascii_lowercase().as_str())
}

/// Why a text is no [`Cassette`].
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum CassetteError {
    /// It is not of this format.
    #[error("this is no cassette: {0}")]
    Unreadable(String),
    /// A newer one.
    #[error("this cassette has format {0}, and this sluis reads format {FORMAT}")]
    Newer(u32),
}

impl Cassette {
    /// Reads the text of a file.
    pub fn read(text: &str) -> Result<Self, CassetteError> {
        let cassette: Self =
            serde_json::from_str(text).map_err(|error| CassetteError::Unreadable(error.to_string()))?;
        match cassette.sluis_cassette {
            FORMAT => Ok(cassette),
            newer => Err(CassetteError::Newer(newer)),
        }
    }

    /// The text of its file.
    pub fn write(&self) -> String {
        // Texts, numbers and maps with text keys: there is nothing that JSON could not hold.
        serde_json::to_string_pretty(self).unwrap_or_default() + "\n"
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use http::{HeaderValue, Method};
    use serde_json::json;
    use sluis_model::secret::SecretText;

    fn request() -> OutgoingRequest {
        let mut request =
            OutgoingRequest::new(Method::POST, "https://pets.example/pets?a=c4nary-key".parse().unwrap());
        request.headers.insert("content-type", HeaderValue::from_static("application/json"));
        request.headers.insert("x-api-key", HeaderValue::from_static("k3y-of-an-input"));
        request.headers.insert("cookie", HeaderValue::from_static("sid=1"));
        request.body = r#"{"name":"Rex","echo":"c4nary-key"}"#.into();
        request
    }

    #[test]
    fn nothing_secret_is_kept_wherever_it_stands() {
        let secret = SecretText::from("c4nary-key");
        let headers = [
            ("Content-Type".to_owned(), "text/plain".to_owned()),
            ("Set-Cookie".to_owned(), "sid=2".to_owned()),
            ("X-Session".to_owned(), "5e551on".to_owned()),
            ("Link".to_owned(), "<https://pets.example/?k=c4nary-key>".to_owned()),
        ];
        let body = BASE64_STANDARD.encode("user:c4nary-key");
        let kept =
            Exchange::record("x", &request(), (200, &headers, body.as_bytes()), &Redactor::new([&secret]));
        let text = serde_json::to_string(&kept).unwrap();
        for hidden in ["c4nary", "k3y-of", "sid=", "5e551on", "Y2FuYXJ5", "c2lkPT"] {
            assert!(!text.contains(hidden), "{hidden} in {text}");
        }
        assert_eq!(kept.request.headers["x-api-key"], STARS);
        assert_eq!(kept.answer.headers.len(), 2, "{:?}", kept.answer.headers);
    }

    #[test]
    fn a_cassette_is_read_as_it_was_written_and_a_newer_one_refused() {
        let exchange = Exchange::record("x", &request(), (200, &[], b"\xff\x00"), &Redactor::default());
        let mut cassette = Cassette {
            sluis_cassette: FORMAT,
            connector: "pets".into(),
            recorded_at: "2026-11-23T00:00:00Z".into(),
            variables: Variables::new(),
            exchanges: vec![exchange],
        };
        assert_eq!(Cassette::read(&cassette.write()).unwrap(), cassette);
        assert_eq!(
            cassette.exchanges[0].request.body,
            Some(RecordedBody::Json(json!({ "name": "Rex", "echo": "c4nary-key" })))
        );
        assert_eq!(cassette.exchanges[0].answer.body.as_ref().unwrap().bytes(), b"\xff\x00");
        cassette.sluis_cassette = 2;
        assert_eq!(Cassette::read(&cassette.write()), Err(CassetteError::Newer(2)));
    }
}
