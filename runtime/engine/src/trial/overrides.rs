//! What a trial sends in place of what the definition says.

use bytes::Bytes;
use http::header::CONTENT_TYPE;
use http::{HeaderName, HeaderValue};
use serde::Deserialize;
use serde_json::Value;
use sluis_invoke::OutgoingRequest;
use sluis_model::error::{Failure, Reason};
use std::collections::BTreeMap;

/// What is sent in place of what the definition says. The host cannot be changed.
#[derive(Debug, Clone, Default, PartialEq, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Overrides {
    /// The whole path of the URL, `/pets/1`.
    pub path: Option<String>,
    /// Query parameters by name; null takes one away.
    pub query: BTreeMap<String, Option<String>>,
    /// Headers by name; null takes one away.
    pub headers: BTreeMap<String, Option<String>>,
    /// The body: a text is sent as it stands, anything else as JSON, null takes it away.
    #[serde(deserialize_with = "present")]
    pub body: Option<Value>,
}

/// A field that is there, even if it is null.
fn present<'de, D: serde::Deserializer<'de>>(from: D) -> Result<Option<Value>, D::Error> {
    Value::deserialize(from).map(Some)
}

fn refuse(message: String, help: &str) -> Failure {
    Failure::new(Reason::InvalidInput, message).help(help)
}

impl Overrides {
    /// Puts them on a request.
    pub(super) fn put_on(&self, request: &mut OutgoingRequest) -> Result<(), Failure> {
        if request.mail.is_some() && *self != Self::default() {
            return Err(refuse(
                "a mail has no path, query, headers of HTTP or body that a test could replace".to_owned(),
                "give the API other values of its inputs",
            ));
        }
        if let Some(path) = &self.path {
            replace_path(path, request)?;
        }
        if !self.query.is_empty() {
            self.replace_query(request);
        }
        for (name, value) in &self.headers {
            replace_header(name, value.as_deref(), request)?;
        }
        match &self.body {
            None => {}
            Some(Value::Null) => {
                request.body = Bytes::new();
                request.headers.remove(CONTENT_TYPE);
            }
            Some(body) => replace_body(body, request)?,
        }
        Ok(())
    }

    fn replace_query(&self, request: &mut OutgoingRequest) {
        let mut pairs: Vec<(String, String)> =
            request.url.query_pairs().map(|(n, v)| (n.into_owned(), v.into_owned())).collect();
        for (name, value) in &self.query {
            let at = pairs.iter().position(|(known, _)| known == name).unwrap_or(pairs.len());
            pairs.retain(|(known, _)| known != name);
            if let Some(value) = value {
                pairs.insert(at.min(pairs.len()), (name.clone(), value.clone()));
            }
        }
        match pairs.is_empty() {
            true => request.url.set_query(None),
            false => drop(request.url.query_pairs_mut().clear().extend_pairs(pairs)),
        }
    }
}

fn replace_path(path: &str, request: &mut OutgoingRequest) -> Result<(), Failure> {
    if !path.starts_with('/') || path.contains(['?', '#', '\\']) || path.chars().any(char::is_control) {
        return Err(refuse(
            format!("`{}` is no path", path.chars().take(60).collect::<String>()),
            "a path begins with `/` and holds no `?`; the host cannot be changed, the query with --query NAME=VALUE",
        ));
    }
    request.url.set_path(path);
    Ok(())
}

fn replace_header(name: &str, value: Option<&str>, request: &mut OutgoingRequest) -> Result<(), Failure> {
    const NOT_YOURS: &[&str] = &[
        "host",
        "content-length",
        "transfer-encoding",
        "connection",
        "authorization",
        "cookie",
        "te",
        "upgrade",
    ];
    let unfit = || refuse(format!("the header `{name}` cannot be sent"), "check its name and its value");
    let header = HeaderName::from_bytes(name.as_bytes()).map_err(|_| unfit())?;
    if NOT_YOURS.contains(&header.as_str()) || header.as_str().starts_with("proxy-") {
        return Err(refuse(
            format!("the header `{name}` is not for a test to set"),
            "the connection supplies its credential, and the runtime what the protocol needs",
        ));
    }
    match value {
        Some(value) => {
            let value = HeaderValue::from_str(value).map_err(|_| unfit())?;
            request.headers.insert(header, value);
        }
        None => drop(request.headers.remove(header)),
    }
    Ok(())
}

fn replace_body(body: &Value, request: &mut OutgoingRequest) -> Result<(), Failure> {
    if matches!(request.method, http::Method::GET | http::Method::HEAD) {
        return Err(refuse(
            format!("a {} request has no body", request.method),
            "leave the body out, or change the method in the file",
        ));
    }
    request.body = match body {
        Value::String(text) => Bytes::from(text.clone()),
        other => {
            request.headers.insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
            Bytes::from(other.to_string())
        }
    };
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn put(overrides: Value, method: http::Method) -> Result<OutgoingRequest, Failure> {
        let overrides: Overrides = serde_json::from_value(overrides).unwrap();
        let mut request = OutgoingRequest::new(method, "https://pets.example/a?x=1&y=2".parse().unwrap());
        request.body = "old".into();
        overrides.put_on(&mut request).map(|()| request)
    }

    #[test]
    fn path_query_headers_and_body_are_replaced_and_the_rest_stays() {
        let sent = put(
            json!({ "path": "/b c", "query": { "x": "ä", "y": null, "z": "3" }, "headers": { "X-A": "1" }, "body": { "n": 1 } }),
            http::Method::POST,
        )
        .unwrap();
        assert_eq!(sent.url.as_str(), "https://pets.example/b%20c?x=%C3%A4&z=3");
        assert_eq!((sent.headers["x-a"].as_bytes(), &sent.body[..]), (&b"1"[..], &br#"{"n":1}"#[..]));
        let sent = put(json!({ "body": null }), http::Method::POST).unwrap();
        assert!(sent.body.is_empty());
        let sent = put(json!({ "query": { "x": null, "y": null } }), http::Method::POST).unwrap();
        assert_eq!((sent.url.as_str(), &sent.body[..]), ("https://pets.example/a", &b"old"[..]));
    }

    #[test]
    fn nothing_leads_to_another_host_or_carries_a_credential_of_its_own() {
        for wrong in [json!({ "path": "//evil.example/x" }), json!({ "path": "/a/../../b" })] {
            let sent = put(wrong, http::Method::POST).unwrap();
            assert_eq!(sent.url.host_str(), Some("pets.example"));
        }
        for wrong in [
            json!({ "path": "https://evil.example/" }),
            json!({ "path": "@evil.example" }),
            json!({ "path": "/a?b" }),
            json!({ "headers": { "Host": "evil.example" } }),
            json!({ "headers": { "Authorization": "x" } }),
            json!({ "headers": { "a b": "x" } }),
            json!({ "headers": { "X": "a\nb" } }),
        ] {
            assert_eq!(
                put(wrong.clone(), http::Method::POST).unwrap_err().reason,
                Reason::InvalidInput,
                "{wrong}"
            );
        }
        assert!(put(json!({ "body": "x" }), http::Method::GET).is_err());
    }
}
