//! What a request to the address of a trigger is answered.

use sluis_lang::value::data::Data;
use sluis_model::id::RunId;

/// What a request to the address of a trigger is answered.
#[derive(Debug, Clone, PartialEq)]
pub struct TriggerAnswer {
    /// HTTP status.
    pub status: u16,
    /// Headers besides the media type; none that sets a cookie or says what a page may do.
    pub headers: Vec<(String, String)>,
    /// The body.
    pub body: Answered,
}

/// A body.
#[derive(Debug, Clone, PartialEq)]
pub enum Answered {
    /// None.
    Nothing,
    /// A text.
    Text(String),
    /// JSON, as text.
    Json(String),
}

/// Headers that a function may set.
const HEADERS: &[&str] = &[
    "content-type",
    "content-disposition",
    "content-language",
    "cache-control",
    "location",
    "retry-after",
    "etag",
];

impl TriggerAnswer {
    /// That it was taken.
    pub(super) fn taken(status: u16, run: Option<&RunId>) -> Self {
        let body = match run {
            _ if status == 204 => Answered::Nothing,
            Some(run) => Answered::Json(format!("{{\"accepted\":true,\"run\":\"{run}\"}}")),
            None => Answered::Json("{\"accepted\":true}".to_owned()),
        };
        Self { status, headers: Vec::new(), body }
    }

    /// A value: a text as text, anything else as JSON.
    pub(super) fn of(status: u16, value: &Data) -> Self {
        let body = match value.as_str() {
            Some(text) => Answered::Text(text.to_owned()),
            None => Answered::Json(value.to_json()),
        };
        Self { status, headers: Vec::new(), body }
    }

    /// The value of a function as JSON.
    pub(super) fn value(value: &Data) -> Self {
        Self { status: 200, headers: Vec::new(), body: Answered::Json(value.to_json()) }
    }

    /// What a function says in a map; a value that is none is answered as it is.
    pub(super) fn said(value: &Data) -> Self {
        let is_answer = ["status", "headers", "body"].iter().any(|key| value.get(key).is_some());
        if !is_answer {
            return Self::of(200, value);
        }
        let status = value.get("status").and_then(Data::as_int).and_then(|status| u16::try_from(status).ok());
        let status = status.filter(|status| (200..=599).contains(status)).unwrap_or(200);
        let headers = value.get("headers").map(Data::entries).unwrap_or_default();
        let headers = headers.iter().filter_map(|(name, value)| {
            let name = name.as_str()?.to_ascii_lowercase();
            let text = value.as_str().map_or_else(|| value.to_json(), str::to_owned);
            let own = name.strip_prefix("x-").is_some_and(|rest| !rest.is_empty())
                && !matches!(name.as_str(), "x-frame-options" | "x-content-type-options" | "x-request-id");
            (own || HEADERS.contains(&name.as_str())).then_some((name, text))
        });
        let headers = headers.collect();
        let body = match value.get("body") {
            None | Some(Data::Null) => Answered::Nothing,
            Some(body) => Self::of(status, body).body,
        };
        Self { status, headers, body }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn said(json: &str) -> TriggerAnswer {
        TriggerAnswer::said(&Data::from_json(json).unwrap())
    }

    #[test]
    fn a_function_says_status_headers_and_body() {
        let answer = said(r#"{"status":201,"headers":{"Location":"/x","X-Count":3},"body":{"a":1}}"#);
        assert_eq!(answer.status, 201);
        assert_eq!(answer.headers, [("location".into(), "/x".into()), ("x-count".into(), "3".into())]);
        assert_eq!(answer.body, Answered::Json("{\"a\":1}".into()));
        assert_eq!(said("[1]").body, Answered::Json("[1]".into()));
        assert_eq!(said(r#"{"body":"hi"}"#).body, Answered::Text("hi".into()));
    }

    #[test]
    fn a_function_sets_no_cookie_and_lifts_no_protection() {
        let answer = said(
            r#"{"status":99,"headers":{"Set-Cookie":"a=b","Content-Security-Policy":"x","X-Frame-Options":"x",
               "Access-Control-Allow-Origin":"*","X-":"x"}}"#,
        );
        assert_eq!(answer, TriggerAnswer { status: 200, headers: vec![], body: Answered::Nothing });
    }
}
