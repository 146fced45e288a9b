//! Entity tags, and requests that hold only for what the caller has seen (RFC 9110 §8.8.3 and §13).

use crate::error::ApiError;
use axum::Json;
use axum::extract::FromRequestParts;
use axum::response::{IntoResponse as _, Response};
use http::request::Parts;
use http::{HeaderMap, HeaderName, HeaderValue, StatusCode, header};
use serde::Serialize;
use sha2::{Digest as _, Sha256};
use std::fmt::Write as _;

/// The tag of a representation: the same text for the same content, whoever serves it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Tag(String);

impl Tag {
    /// The tag of what would be answered.
    pub fn of(content: &impl Serialize) -> Self {
        // What is answered always has a JSON form.
        let bytes = serde_json::to_vec(content).unwrap_or_default();
        let mut tag = String::from("\"");
        for byte in Sha256::digest(&bytes).iter().take(16) {
            // Writing to a text cannot fail.
            let _ = write!(tag, "{byte:02x}");
        }
        Self(tag + "\"")
    }

    fn header(&self) -> Option<HeaderValue> {
        HeaderValue::from_str(&self.0).ok()
    }
}

/// What a request says of the representation that it holds for.
#[derive(Debug, Clone, Default)]
pub struct Conditions {
    if_match: Option<String>,
    if_none_match: Option<String>,
}

impl<S: Send + Sync> FromRequestParts<S> for Conditions {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, ApiError> {
        let read = |name| list(&parts.headers, name);
        Ok(Self { if_match: read(header::IF_MATCH)?, if_none_match: read(header::IF_NONE_MATCH)? })
    }
}

/// A header that may be sent several times, as one list; its tags are looked at to find mistakes early.
fn list(headers: &HeaderMap, name: HeaderName) -> Result<Option<String>, ApiError> {
    let mut all: Vec<&str> = Vec::new();
    for value in headers.get_all(&name) {
        all.push(value.to_str().map_err(|_| ApiError::invalid(format!("`{name}` is no text")))?.trim());
    }
    let joined = all.join(", ");
    let is_tag = |tag: &str| {
        let tag = tag.strip_prefix("W/").unwrap_or(tag);
        tag.len() >= 2 && tag.starts_with('"') && tag.ends_with('"')
    };
    match all.is_empty() {
        true => Ok(None),
        false if joined == "*" || tags(&joined).all(is_tag) => Ok(Some(joined)),
        false => Err(ApiError::invalid(format!("`{name}` holds no entity tag"))
            .help("send the `ETag` of an answer as it came, with its quotes, or `*`")),
    }
}

/// No tag of ours holds a comma.
fn tags(list: &str) -> impl Iterator<Item = &str> {
    list.split(',').map(str::trim)
}

impl Conditions {
    /// Whether a change may go ahead over what is there: strong comparison, as `If-Match` wants.
    pub fn allow(&self, present: Option<&Tag>) -> bool {
        let matches = match (&self.if_match, present) {
            (None, _) => true,
            (Some(_), None) => false,
            (Some(list), Some(Tag(tag))) => list == "*" || tags(list).any(|given| given == tag),
        };
        matches && !self.names(present)
    }

    /// Whether `If-None-Match` names what is there: weak comparison.
    fn names(&self, present: Option<&Tag>) -> bool {
        let (Some(list), Some(Tag(tag))) = (&self.if_none_match, present) else { return false };
        list == "*" || tags(list).any(|given| given.strip_prefix("W/").unwrap_or(given) == tag)
    }

    /// The answer to a question: the content with its tag, or that it has not changed (304).
    pub fn answer(&self, content: &impl Serialize) -> Response {
        let tag = Tag::of(content);
        let mut answer = match self.names(Some(&tag)) {
            true => StatusCode::NOT_MODIFIED.into_response(),
            false => Json(content).into_response(),
        };
        tagged(&mut answer, &tag);
        answer
    }
}

/// Puts a tag on an answer. It may be kept, if it is asked for anew each time.
pub fn tagged(answer: &mut Response, tag: &Tag) {
    if let Some(value) = tag.header() {
        answer.headers_mut().insert(header::ETAG, value);
        answer.headers_mut().insert(header::CACHE_CONTROL, HeaderValue::from_static("private, no-cache"));
    }
}

/// The answer to a change over something else than the caller has seen: 412 with the present tag.
pub fn refused(present: Option<&Tag>) -> ApiError {
    let refused = ApiError::protocol(
        StatusCode::PRECONDITION_FAILED,
        "precondition_failed",
        match present {
            Some(_) => "it has been changed since it was read",
            None => "there is nothing yet to hold `If-Match` against",
        },
    )
    .help("read it again, bring the change up to date, and send it with the new `ETag`");
    match present.and_then(Tag::header) {
        Some(tag) => refused.header(header::ETAG, tag),
        None => refused,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn conditions(name: &str, value: &str) -> Result<Conditions, ApiError> {
        let mut headers = HeaderMap::new();
        headers.insert(HeaderName::try_from(name).unwrap(), HeaderValue::from_str(value).unwrap());
        Ok(Conditions {
            if_match: list(&headers, header::IF_MATCH)?,
            if_none_match: list(&headers, header::IF_NONE_MATCH)?,
        })
    }

    #[test]
    fn a_change_holds_for_what_was_seen() {
        let (seen, other) = (Tag::of(&"seen"), Tag::of(&"other"));
        let of = |value: &str| conditions("if-match", value).unwrap();
        assert!(of(&seen.0).allow(Some(&seen)) && !of(&seen.0).allow(Some(&other)));
        assert!(of(&format!("{}, {}", other.0, seen.0)).allow(Some(&seen)));
        assert!(!of(&format!("W/{}", seen.0)).allow(Some(&seen)), "weak tags do not do for changes");
        assert!(of("*").allow(Some(&seen)) && !of("*").allow(None));
        assert!(Conditions::default().allow(None) && Conditions::default().allow(Some(&seen)));
    }

    #[test]
    fn a_thing_is_made_only_where_there_is_none() {
        let there = Tag::of(&1);
        let of = |value: &str| conditions("if-none-match", value).unwrap();
        assert!(of("*").allow(None) && !of("*").allow(Some(&there)));
        assert!(!of(&format!("W/{}", there.0)).allow(Some(&there)));
    }

    #[test]
    fn what_is_no_tag_is_refused() {
        for wrong in ["abc", "\"abc", "\"a\", b", ""] {
            assert!(conditions("if-match", wrong).is_err(), "{wrong}");
        }
    }
}
