//! The signature of a request with which a service brings an answer: a keyed digest over parts of it.

use crate::digest_of::{from_base64, from_hex, is_hmac, key_bytes};
use crate::template::{Segment, Template};
use http::HeaderMap;
use http::header::HeaderName;
use sluis_model::callback::CallbackSignature;
use sluis_model::connector::DigestEncoding;
use sluis_model::secret::SecretText;
use sluis_model::suggest;
use url::Url;

/// A request as it arrived.
#[derive(Debug, Clone, Copy)]
pub struct Arrived<'a> {
    /// Its method.
    pub method: &'a str,
    /// Its whole address, as the service was given it and with the query that it added.
    pub url: &'a Url,
    /// Its headers.
    pub headers: &'a HeaderMap,
    /// Its body.
    pub body: &'a [u8],
}

/// Why a signature does not count.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum SignatureFault {
    /// The header is not there.
    #[error("the header with the signature is missing")]
    Missing,
    /// It is not written as the definition says.
    #[error("the signature is not written as the connector says")]
    Unreadable,
    /// It is that of another request, or made with another key.
    #[error("the signature does not fit the request")]
    Wrong,
    /// The key of the connection is not written as the definition says.
    #[error("the connection's key is not written as the connector says")]
    BadKey,
}

/// What may be signed, besides `header.NAME`.
const KNOWN: &[&str] = &["method", "url", "path", "query", "body"];

/// What is wrong with a rule, in words.
///
/// # Errors
/// A header that is none, a placeholder that stands for nothing.
pub fn check(rule: &CallbackSignature) -> Result<(), String> {
    HeaderName::from_bytes(rule.header.as_bytes()).map_err(|_| format!("`{}` is no header", rule.header))?;
    let template = Template::parse(&rule.sign).map_err(|error| error.to_string())?;
    for slot in template.slots() {
        match slot.strip_prefix("header.") {
            Some(name) if HeaderName::from_bytes(name.as_bytes()).is_err() => {
                return Err(format!("`{name}` is no header"));
            }
            Some(_) => {}
            None if KNOWN.contains(&slot) => {}
            None => {
                let known: Vec<String> =
                    KNOWN.iter().map(|name| (*name).to_owned()).chain(["header.NAME".to_owned()]).collect();
                let help = suggest::help(slot, &known, "values");
                return Err(format!("nothing gives `${{{slot}}}` a value; {help}"));
            }
        }
    }
    match template.slots().next() {
        Some(_) => Ok(()),
        None => Err("nothing of the request is signed".to_owned()),
    }
}

/// Checks the signature of a request.
///
/// # Errors
/// Why it does not count; never what would.
pub fn verify(
    rule: &CallbackSignature,
    key: &SecretText,
    arrived: Arrived<'_>,
) -> Result<(), SignatureFault> {
    let told = arrived.headers.get(rule.header.as_str()).ok_or(SignatureFault::Missing)?;
    let told = told.to_str().map_err(|_| SignatureFault::Unreadable)?.trim();
    let told = told.strip_prefix(rule.prefix.as_str()).ok_or(SignatureFault::Unreadable)?;
    let told = match rule.encoding {
        DigestEncoding::Hex => from_hex(told),
        DigestEncoding::Base64 | DigestEncoding::Base64Url => from_base64(told),
    };
    let told = told.ok_or(SignatureFault::Unreadable)?;
    let key = key_bytes(rule.key_encoding, key.expose()).ok_or(SignatureFault::BadKey)?;
    match is_hmac(rule.algorithm, &key, &signed(rule, arrived), &told) {
        true => Ok(()),
        false => Err(SignatureFault::Wrong),
    }
}

/// The bytes that are signed.
fn signed(rule: &CallbackSignature, arrived: Arrived<'_>) -> Vec<u8> {
    let mut out = Vec::with_capacity(arrived.body.len() + 64);
    let template = Template::parse(&rule.sign).unwrap_or_default();
    for segment in template.segments() {
        let slot = match segment {
            Segment::Literal(text) => {
                out.extend_from_slice(text.as_bytes());
                continue;
            }
            Segment::Slot(slot) => slot.as_str(),
        };
        match slot {
            "method" => out.extend_from_slice(arrived.method.as_bytes()),
            "url" => out.extend_from_slice(arrived.url.as_str().as_bytes()),
            "path" => out.extend_from_slice(arrived.url.path().as_bytes()),
            "query" => out.extend_from_slice(arrived.url.query().unwrap_or_default().as_bytes()),
            "body" => out.extend_from_slice(arrived.body),
            other => {
                let value = other.strip_prefix("header.").and_then(|name| arrived.headers.get(name));
                out.extend_from_slice(value.map(http::HeaderValue::as_bytes).unwrap_or_default());
            }
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rule(fields: serde_json::Value) -> CallbackSignature {
        let mut rule = serde_json::json!({ "header": "X-Signature", "key": "key" });
        rule.as_object_mut().unwrap().extend(fields.as_object().unwrap().clone());
        serde_json::from_value(rule).unwrap()
    }

    fn verified(
        rule: &CallbackSignature,
        key: &str,
        headers: &[(&'static str, &'static str)],
        body: &str,
    ) -> Result<(), SignatureFault> {
        let mut map = HeaderMap::new();
        for (name, value) in headers {
            map.insert(*name, value.parse().unwrap());
        }
        let url: Url = "https://x.example/callbacks/t?a=1".parse().unwrap();
        let arrived = Arrived { method: "POST", url: &url, headers: &map, body: body.as_bytes() };
        verify(rule, &SecretText::from(key), arrived)
    }

    /// RFC 4231, test case 2.
    const JEFE: &str = "sha256=5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843";
    const BODY: &str = "what do ya want for nothing?";

    #[test]
    fn a_signature_is_that_of_the_standard_and_of_nothing_else() {
        let rule = rule(serde_json::json!({ "prefix": "sha256=" }));
        assert_eq!(verified(&rule, "Jefe", &[("x-signature", JEFE)], BODY), Ok(()));
        for (key, headers, body, fault) in [
            ("Jefe", vec![("x-signature", JEFE)], "what do ya want for something?", SignatureFault::Wrong),
            ("jefe", vec![("x-signature", JEFE)], BODY, SignatureFault::Wrong),
            ("Jefe", vec![], BODY, SignatureFault::Missing),
            ("Jefe", vec![("x-signature", "5bdc")], BODY, SignatureFault::Unreadable),
            ("Jefe", vec![("x-signature", "sha256=zz")], BODY, SignatureFault::Unreadable),
            ("Jefe", vec![("x-signature", "sha256=")], BODY, SignatureFault::Wrong),
        ] {
            assert_eq!(verified(&rule, key, &headers, body), Err(fault));
        }
    }

    #[test]
    fn what_is_signed_is_put_together_as_the_definition_says() {
        let rule = rule(serde_json::json!({ "sign": "v0:${header.X-Time}:${method}:${query}:${body}" }));
        let mut headers = HeaderMap::new();
        headers.insert("x-time", "17".parse().unwrap());
        let url: Url = "https://x.example/callbacks/t?a=1".parse().unwrap();
        let arrived = Arrived { method: "POST", url: &url, headers: &headers, body: b"\xff{}" };
        assert_eq!(signed(&rule, arrived), b"v0:17:POST:a=1:\xff{}");
    }

    #[test]
    fn a_rule_that_signs_nothing_known_is_refused() {
        let said = |fields| check(&rule(fields)).unwrap_err();
        assert!(said(serde_json::json!({ "sign": "${bdoy}" })).contains("`body`"));
        assert!(said(serde_json::json!({ "sign": "fixed" })).contains("nothing of the request"));
        assert!(said(serde_json::json!({ "header": "no header" })).contains("is no header"));
        assert!(check(&rule(serde_json::json!({}))).is_ok());
    }
}
