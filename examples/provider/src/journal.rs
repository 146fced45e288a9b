//! What was asked of the provider, with secrets starred, so that a demo can show the request that
//! went out and a test can look at it.

use crate::state::Shared;
use axum::body::{Body, to_bytes};
use axum::extract::{Request, State};
use axum::http::{HeaderMap, StatusCode, header};
use axum::middleware::Next;
use axum::response::{IntoResponse as _, Response};
use std::collections::VecDeque;
use url::form_urlencoded;

/// Requests remembered; the oldest go first.
const KEPT: usize = 2000;
/// Bytes of a request body that are accepted at all.
const BODY_LIMIT: usize = 1024 * 1024;
/// What stands in the place of a secret.
const STARS: &str = "***";
/// Names of form fields and query parameters whose values are never kept.
const SECRET_FIELDS: &[&str] =
    &["access_token", "client_secret", "code", "code_verifier", "refresh_token", "ticket", "token"];

/// One request as it came in. Secrets are starred before it is kept.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SeenRequest {
    /// Method in capitals.
    pub method: String,
    /// Path without the query.
    pub path: String,
    /// Query without its question mark; empty when there was none.
    pub query: String,
    /// Headers in the order they came; of `Authorization` only the scheme is kept.
    pub headers: Vec<(String, String)>,
    /// The body as text. Secret fields of a form are starred.
    pub body: String,
    /// Status of our answer.
    pub status: u16,
}

impl SeenRequest {
    /// The first header of this name, whatever its case.
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|(key, _)| key.eq_ignore_ascii_case(name)).map(|(_, value)| value.as_str())
    }
}

/// The requests so far.
#[derive(Default)]
pub(crate) struct Journal {
    seen: VecDeque<SeenRequest>,
}

impl Journal {
    pub(crate) fn push(&mut self, request: SeenRequest) {
        if self.seen.len() == KEPT {
            self.seen.pop_front();
        }
        self.seen.push_back(request);
    }

    pub(crate) fn all(&self) -> Vec<SeenRequest> {
        self.seen.iter().cloned().collect()
    }
}

/// Middleware: reads the body, lets the request through, and keeps both it and the status.
pub(crate) async fn record(State(state): State<Shared>, request: Request, next: Next) -> Response {
    let (parts, body) = request.into_parts();
    let Ok(bytes) = to_bytes(body, BODY_LIMIT).await else {
        return (StatusCode::PAYLOAD_TOO_LARGE, "the body is larger than 1 MiB").into_response();
    };
    let mut seen = SeenRequest {
        method: parts.method.to_string(),
        path: parts.uri.path().to_owned(),
        query: star_fields(parts.uri.query().unwrap_or_default()),
        headers: star_headers(&parts.headers),
        body: star_body(&parts.headers, &bytes),
        status: 0,
    };
    let response = next.run(Request::from_parts(parts, Body::from(bytes))).await;
    seen.status = response.status().as_u16();
    state.journal().push(seen);
    response
}

fn star_headers(headers: &HeaderMap) -> Vec<(String, String)> {
    let star = |(name, value): (&header::HeaderName, &header::HeaderValue)| {
        let text = String::from_utf8_lossy(value.as_bytes());
        let kept = match *name {
            header::AUTHORIZATION | header::PROXY_AUTHORIZATION => match text.split_once(' ') {
                Some((scheme, _)) => format!("{scheme} {STARS}"),
                None => STARS.to_owned(),
            },
            header::COOKIE => STARS.to_owned(),
            _ => text.into_owned(),
        };
        (name.to_string(), kept)
    };
    headers.iter().map(star).collect()
}

fn star_body(headers: &HeaderMap, bytes: &[u8]) -> String {
    let text = String::from_utf8_lossy(bytes);
    if is_form(headers) { star_fields(&text) } else { text.into_owned() }
}

/// Whether the body says that it is a form.
pub(crate) fn is_form(headers: &HeaderMap) -> bool {
    let kind = headers.get(header::CONTENT_TYPE).and_then(|value| value.to_str().ok()).unwrap_or_default();
    let essence = kind.split(';').next().unwrap_or_default().trim();
    essence.eq_ignore_ascii_case("application/x-www-form-urlencoded")
}

/// Stars the secret fields of a form or query and leaves everything else as it was written.
fn star_fields(text: &str) -> String {
    let star = |pair: &str| {
        let name = form_urlencoded::parse(pair.as_bytes()).next().map(|(name, _)| name.into_owned());
        match (name, pair.split_once('=')) {
            (Some(name), Some((written, _))) if SECRET_FIELDS.contains(&name.as_str()) => {
                format!("{written}={STARS}")
            }
            _ => pair.to_owned(),
        }
    };
    text.split('&').map(star).collect::<Vec<_>>().join("&")
}

#[cfg(test)]
mod tests {
    use super::*;
    use axum::http::HeaderValue;

    #[test]
    fn secret_fields_are_starred_also_when_their_name_is_encoded() {
        let form = "grant_type=authorization_code&code=abc&%63lient_secret=def&x";
        assert_eq!(star_fields(form), "grant_type=authorization_code&code=***&%63lient_secret=***&x");
    }

    #[test]
    fn of_an_authorization_header_only_the_scheme_is_kept() {
        let mut headers = HeaderMap::new();
        headers.insert(header::AUTHORIZATION, HeaderValue::from_static("Bearer abc"));
        headers.insert(header::COOKIE, HeaderValue::from_static("a=b"));
        headers.insert(header::ACCEPT, HeaderValue::from_static("*/*"));
        let kept = star_headers(&headers);
        assert!(kept.contains(&("authorization".to_owned(), "Bearer ***".to_owned())), "{kept:?}");
        assert!(kept.contains(&("cookie".to_owned(), "***".to_owned())));
        assert!(kept.contains(&("accept".to_owned(), "*/*".to_owned())));
    }

    #[test]
    fn the_journal_keeps_the_newest() {
        let mut journal = Journal::default();
        let request = |path: usize| SeenRequest {
            method: "GET".to_owned(),
            path: path.to_string(),
            query: String::new(),
            headers: Vec::new(),
            body: String::new(),
            status: 200,
        };
        (0..=KEPT).for_each(|path| journal.push(request(path)));
        let all = journal.all();
        assert_eq!((all.len(), all[0].path.as_str()), (KEPT, "1"));
    }
}
