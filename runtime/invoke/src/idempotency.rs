//! The key by which a service tells a repeated request from a new one: what it is made of, and how it is
//! put on a request.

use crate::input_error::InputError;
use crate::request::OutgoingRequest;
use bytes::Bytes;
use http::HeaderValue;
use http::header::{CONTENT_TYPE, HeaderName};
use serde_json::{Map, Value};
use sha2::{Digest as _, Sha256};
use sluis_model::idempotency::{Idempotency, KeyOf};
use sluis_model::task::{AnswerPath, Step};
use url::form_urlencoded;

/// Longest key that a call may bring, in bytes.
pub const KEY_AT_MOST: usize = 255;

/// Where in which run a call stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Site<'a> {
    /// The run.
    pub run: &'a str,
    /// The call's place in its script and how often it came by: `812#3`.
    pub place: &'a str,
}

/// The key of a call: the same for the same call however often it is made, and a UUID in form (RFC 9562
/// §5.8), because some services take nothing else. `digest` is that of the request without it.
pub fn key(rule: &Idempotency, site: Site<'_>, api: &str, digest: &[u8]) -> String {
    let mut hash = Sha256::new();
    let mut add = |part: &[u8]| {
        hash.update((part.len() as u64).to_le_bytes());
        hash.update(part);
    };
    add(api.as_bytes());
    add(digest);
    if rule.key == KeyOf::Generated {
        add(site.run.as_bytes());
        add(site.place.as_bytes());
    }
    as_uuid(&hash.finalize())
}

/// What stands for the content of a request: the hash of method, URL and body, or mail. Headers are left out, they
/// may hold the time.
pub fn digest(request: &OutgoingRequest) -> [u8; 32] {
    let mut hash = Sha256::new();
    for part in [request.method.as_str().as_bytes(), request.url.as_str().as_bytes(), &request.content()] {
        hash.update((part.len() as u64).to_le_bytes());
        hash.update(part);
    }
    hash.finalize().into()
}

fn as_uuid(hash: &[u8]) -> String {
    let mut text = String::with_capacity(36);
    for (at, byte) in hash.iter().take(16).enumerate() {
        let byte = match at {
            6 => (byte & 0x0f) | 0x80,
            8 => (byte & 0x3f) | 0x80,
            _ => *byte,
        };
        if matches!(at, 4 | 6 | 8 | 10) {
            text.push('-');
        }
        for half in [byte >> 4, byte & 0x0f] {
            text.extend(char::from_digit(u32::from(half), 16));
        }
    }
    text
}

/// Puts the key where the rule says; what stands there already is left, because whoever wrote it knows
/// what they repeat.
pub fn put(
    rule: &Idempotency,
    key: &str,
    api: &str,
    request: &mut OutgoingRequest,
) -> Result<(), InputError> {
    let unfit = |why: &str| InputError::Unfit {
        api: api.to_owned(),
        name: "idempotency_key".to_owned(),
        why: why.to_owned(),
    };
    if key.is_empty() || key.len() > KEY_AT_MOST || !key.chars().all(|c| c.is_ascii_graphic()) {
        return Err(unfit("must be 1 to 255 letters, digits and signs without spaces"));
    }
    if let Some(name) = &rule.header {
        let name = HeaderName::from_bytes(name.as_bytes()).map_err(|_| unfit("has no header to stand in"))?;
        let value = HeaderValue::from_str(key).map_err(|_| unfit("cannot be sent as a header"))?;
        request.headers.entry(name).or_insert(value);
    }
    if let Some(name) = &rule.query
        && !request.url.query_pairs().any(|(given, _)| given == *name)
    {
        request.url.query_pairs_mut().append_pair(name, key);
    }
    match &rule.field {
        Some(field) => put_field(field, key, request).map_err(|why| unfit(&why)),
        None => Ok(()),
    }
}

fn put_field(field: &AnswerPath, key: &str, request: &mut OutgoingRequest) -> Result<(), String> {
    let content_type = request.headers.get(CONTENT_TYPE).and_then(|value| value.to_str().ok());
    if content_type.is_some_and(|kind| kind.starts_with("application/x-www-form-urlencoded")) {
        let name = field.to_string();
        if form_urlencoded::parse(&request.body).any(|(given, _)| given == name) {
            return Ok(());
        }
        let mut form = String::from_utf8_lossy(&request.body).into_owned();
        if !form.is_empty() {
            form.push('&');
        }
        form.push_str(&form_urlencoded::Serializer::new(String::new()).append_pair(&name, key).finish());
        request.body = Bytes::from(form);
        return Ok(());
    }
    let mut body: Value = match request.body.is_empty() {
        true => Value::Object(Map::new()),
        false => serde_json::from_slice(&request.body)
            .map_err(|_| format!("goes to `{field}` of a JSON body or a form, which this request has not"))?,
    };
    let place = field.steps().iter().try_fold(&mut body, step_into);
    let place = place.ok_or_else(|| format!("has no place at `{field}` of the body"))?;
    if place.is_null() {
        *place = Value::String(key.to_owned());
        request.body = Bytes::from(body.to_string());
    }
    Ok(())
}

/// One step further, making maps on the way; nothing where something else stands.
fn step_into<'v>(value: &'v mut Value, step: &Step) -> Option<&'v mut Value> {
    match step {
        Step::Key(key) => {
            if value.is_null() {
                *value = Value::Object(Map::new());
            }
            Some(value.as_object_mut()?.entry(key.as_str()).or_insert(Value::Null))
        }
        step => {
            let items = value.as_array_mut()?;
            let at = step.position(items.len())?;
            items.get_mut(at)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use http::Method;
    use url::Url;

    fn rule(text: &str) -> Idempotency {
        serde_json::from_str(text).unwrap()
    }

    fn request(content_type: &str, body: &str) -> OutgoingRequest {
        let mut request =
            OutgoingRequest::new(Method::POST, Url::parse("https://a.example.com/pay?x=1").unwrap());
        request.headers.insert(CONTENT_TYPE, HeaderValue::from_str(content_type).unwrap());
        request.body = Bytes::from(body.to_owned());
        request
    }

    fn put_on(rule_text: &str, content_type: &str, body: &str) -> OutgoingRequest {
        let mut request = request(content_type, body);
        put(&rule(rule_text), "k-1", "pay.make", &mut request).unwrap();
        request
    }

    #[test]
    fn a_key_is_the_same_for_the_same_call_and_a_uuid_in_form() {
        let made = |rule_text: &str, run, place, body| {
            key(&rule(rule_text), Site { run, place }, "pay.make", &digest(&request("a/b", body)))
        };
        let header = r#"{"header": "Idempotency-Key"}"#;
        let first = made(header, "run_1", "10#1", "{}");
        assert_eq!(first, made(header, "run_1", "10#1", "{}"));
        let others = [("run_2", "10#1", "{}"), ("run_1", "10#2", "{}"), ("run_1", "10#1", "[]")];
        for (run, place, body) in others {
            assert_ne!(first, made(header, run, place, body), "{run} {place} {body}");
        }
        let parts: Vec<usize> = first.split('-').map(str::len).collect();
        assert_eq!(parts, [8, 4, 4, 4, 12]);
        assert_eq!(&first[14..15], "8");
        let of_input = r#"{"header": "Idempotency-Key", "key": "input"}"#;
        assert_eq!(made(of_input, "run_1", "10#1", "{}"), made(of_input, "run_2", "99#9", "{}"));
    }

    #[test]
    fn a_key_goes_where_the_rule_says() {
        let json = "application/json";
        let in_header = put_on(r#"{"header": "Idempotency-Key"}"#, json, "{}");
        assert_eq!(in_header.headers["idempotency-key"], "k-1");
        let in_query = put_on(r#"{"query": "requestId"}"#, json, "{}");
        assert_eq!(in_query.url.query(), Some("x=1&requestId=k-1"));
        let in_body = put_on(r#"{"field": "meta.id"}"#, json, r#"{"a":12345678901234567890}"#);
        assert_eq!(in_body.body, r#"{"a":12345678901234567890,"meta":{"id":"k-1"}}"#);
        let form = "application/x-www-form-urlencoded";
        assert_eq!(put_on(r#"{"field": "id"}"#, form, "a=b").body, "a=b&id=k-1");
    }

    #[test]
    fn a_key_that_stands_there_is_left() {
        let own = put_on(r#"{"field": "id"}"#, "application/json", r#"{"id":"mine"}"#);
        assert_eq!(own.body, r#"{"id":"mine"}"#);
        let own = put_on(r#"{"query": "x"}"#, "application/json", "{}");
        assert_eq!(own.url.query(), Some("x=1"));
    }

    #[test]
    fn what_is_no_key_or_has_no_place_is_told() {
        let mut target = request("text/plain", "hello");
        let refused = put(&rule(r#"{"field": "id"}"#), "k", "pay.make", &mut target).unwrap_err();
        assert!(refused.to_string().contains("JSON body"), "{refused}");
        for key in ["", "a b", "ä", "line\nbreak"] {
            assert!(put(&rule(r#"{"header": "K"}"#), key, "pay.make", &mut target).is_err(), "{key:?}");
        }
    }
}
