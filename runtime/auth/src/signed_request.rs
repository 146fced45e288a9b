//! The signature of a request that a service sends to us: a keyed digest over parts of it.

use crate::digest_of::{encoded, from_base64, from_hex, hmac, is_hmac, key_bytes};
use crate::template::{Segment, Template};
use http::HeaderMap;
use http::header::HeaderName;
use jiff::fmt::rfc2822;
use sluis_model::connector::{DigestEncoding, HashAlgorithm, TimestampForm};
use sluis_model::secret::SecretText;
use sluis_model::signature::{SignatureRule, SignedAt};
use sluis_model::suggest;
use sluis_model::time::Timestamp;
use url::{Url, form_urlencoded};

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
    /// When it came, by our clock.
    pub at: Timestamp,
}

/// Why a signature does not count.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum SignatureFault {
    /// The header is not there.
    #[error("the header with the signature is missing")]
    Missing,
    /// It is not written as the rule says.
    #[error("the signature is not written as the rule for it says")]
    Unreadable,
    /// It is that of another request, or made with another key.
    #[error("the signature does not fit the request")]
    Wrong,
    /// No key is written as the rule says.
    #[error("the key here is not written as the rule for the signature says")]
    BadKey,
    /// It does not say when it was signed.
    #[error("the moment of signing is missing, or not written as the rule for the signature says")]
    NoTime,
    /// It was signed at another time.
    #[error("the request was signed {0} s before or after the time here, which is more than is tolerated")]
    OutOfTime(u64),
}

/// What may be signed, besides `header.NAME` and `part.NAME`.
const KNOWN: &[&str] =
    &["method", "url", "path", "query", "body", "form_sorted", "fields_sorted", "body_unless_form"];

/// What is wrong with a rule, in words.
///
/// # Errors
/// A header that is none, a placeholder that stands for nothing.
pub fn check(rule: &SignatureRule) -> Result<(), String> {
    HeaderName::from_bytes(rule.header.as_bytes()).map_err(|_| format!("`{}` is no header", rule.header))?;
    if rule.separator.as_deref() == Some("") {
        return Err("an empty separator separates nothing".to_owned());
    }
    check_template(&rule.sign, "nothing of the request is signed")?;
    match &rule.timestamp {
        Some(at) => check_template(&at.from, "the moment of signing stands in the request"),
        None => Ok(()),
    }
}

fn check_template(text: &str, without: &str) -> Result<(), String> {
    let template = Template::parse(text).map_err(|error| error.to_string())?;
    for slot in template.slots() {
        match slot.split_once('.') {
            Some(("header", name)) if HeaderName::from_bytes(name.as_bytes()).is_err() => {
                return Err(format!("`{name}` is no header"));
            }
            Some(("header" | "part", _)) => {}
            _ if KNOWN.contains(&slot) => {}
            _ => {
                let known =
                    ["header.NAME", "part.NAME"].into_iter().chain(KNOWN.iter().copied()).map(str::to_owned);
                let help = suggest::help(slot, &known.collect::<Vec<_>>(), "values");
                return Err(format!("nothing gives `${{{slot}}}` a value; {help}"));
            }
        }
    }
    match template.slots().next() {
        Some(_) => Ok(()),
        None => Err(without.to_owned()),
    }
}

/// Checks the signature of a request, which one of the keys must have made.
///
/// # Errors
/// Why it does not count; never what would.
pub fn verify(rule: &SignatureRule, keys: &[SecretText], arrived: Arrived<'_>) -> Result<(), SignatureFault> {
    let parts = parts(rule, arrived.headers)?;
    let told: Vec<Vec<u8>> = parts
        .iter()
        .filter_map(|part| part.strip_prefix(rule.prefix.as_str()))
        .filter_map(|told| match rule.encoding {
            DigestEncoding::Hex => from_hex(told),
            DigestEncoding::Base64 | DigestEncoding::Base64Url => from_base64(told),
        })
        .collect();
    if told.is_empty() {
        return Err(SignatureFault::Unreadable);
    }
    let written = |key: &SecretText| {
        let key = key.expose();
        key_bytes(rule.key_encoding, key.strip_prefix(rule.key_prefix.as_str()).unwrap_or(key))
    };
    let keys: Vec<Vec<u8>> = keys.iter().filter_map(written).collect();
    if keys.is_empty() {
        return Err(SignatureFault::BadKey);
    }
    let signed = filled(&rule.sign, arrived, &parts);
    // All of them, so that the time does not tell which key is asked first.
    let fits = keys.iter().flat_map(|key| told.iter().map(move |told| (key, told)));
    let fitting = fits.filter(|(key, told)| is_hmac(rule.algorithm, key, &signed, told)).count();
    if fitting == 0 {
        return Err(SignatureFault::Wrong);
    }
    match &rule.timestamp {
        Some(at) => in_time(at, arrived, &parts),
        None => Ok(()),
    }
}

/// The digest that a service asks us for, to see that we know its secret. It is shown to whoever asked.
pub fn keyed_digest(
    algorithm: HashAlgorithm,
    encoding: DigestEncoding,
    secret: &SecretText,
    bytes: &[u8],
) -> String {
    encoded(encoding, &hmac(algorithm, secret.expose().as_bytes(), bytes))
}

/// The parts of the header that holds the signature.
fn parts<'h>(rule: &SignatureRule, headers: &'h HeaderMap) -> Result<Vec<&'h str>, SignatureFault> {
    let whole = headers.get(rule.header.as_str()).ok_or(SignatureFault::Missing)?;
    let whole = whole.to_str().map_err(|_| SignatureFault::Unreadable)?.trim();
    Ok(match rule.separator.as_deref().filter(|separator| !separator.is_empty()) {
        Some(separator) => whole.split(separator).map(str::trim).collect(),
        None => vec![whole],
    })
}

/// Looked at once the signature fits: what is not signed says nothing of when.
fn in_time(rule: &SignedAt, arrived: Arrived<'_>, parts: &[&str]) -> Result<(), SignatureFault> {
    let text = String::from_utf8(filled(&rule.from, arrived, parts)).map_err(|_| SignatureFault::NoTime)?;
    let text = text.trim();
    let at = match rule.form {
        TimestampForm::Unix => text.parse().ok().and_then(|s: i64| s.checked_mul(1000)),
        TimestampForm::UnixMs => text.parse().ok(),
        TimestampForm::Rfc3339 => text.parse().ok().map(jiff::Timestamp::as_millisecond),
        TimestampForm::HttpDate => rfc2822::parse(text).ok().map(|at| at.timestamp().as_millisecond()),
    };
    let off = at.ok_or(SignatureFault::NoTime)?.abs_diff(arrived.at.0) / 1000;
    if off > u64::from(rule.tolerance_s) { Err(SignatureFault::OutOfTime(off)) } else { Ok(()) }
}

/// A template with the values of a request.
fn filled(template: &str, arrived: Arrived<'_>, parts: &[&str]) -> Vec<u8> {
    let mut out = Vec::with_capacity(arrived.body.len() + 64);
    let template = Template::parse(template).unwrap_or_default();
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
            "form_sorted" => out.extend(sorted(&[form(arrived)])),
            "fields_sorted" => {
                out.extend(sorted(&[arrived.url.query().unwrap_or_default().as_bytes(), form(arrived)]));
            }
            "body_unless_form" if is_form(arrived.headers) => {}
            "body_unless_form" => out.extend_from_slice(arrived.body),
            other => out.extend_from_slice(named(other, arrived.headers, parts)),
        }
    }
    out
}

fn named<'a>(slot: &str, headers: &'a HeaderMap, parts: &[&'a str]) -> &'a [u8] {
    match slot.split_once('.') {
        Some(("header", name)) => headers.get(name).map(http::HeaderValue::as_bytes).unwrap_or_default(),
        Some(("part", name)) => {
            let value = |part: &&'a str| part.strip_prefix(name)?.strip_prefix('=');
            parts.iter().find_map(value).unwrap_or_default().as_bytes()
        }
        _ => &[],
    }
}

fn is_form(headers: &HeaderMap) -> bool {
    let media_type = headers.get(http::header::CONTENT_TYPE).and_then(|value| value.to_str().ok());
    let media_type = media_type.unwrap_or_default().split(';').next().unwrap_or_default();
    media_type.trim().eq_ignore_ascii_case("application/x-www-form-urlencoded")
}

fn form<'a>(arrived: Arrived<'a>) -> &'a [u8] {
    if is_form(arrived.headers) { arrived.body } else { &[] }
}

/// Names and values, decoded, by name; fields of one name stay in their order.
fn sorted(of: &[&[u8]]) -> Vec<u8> {
    let mut fields: Vec<_> = of.iter().flat_map(|text| form_urlencoded::parse(text)).collect();
    fields.sort_by(|(one, _), (other, _)| one.cmp(other));
    fields
        .into_iter()
        .flat_map(|(name, value)| [name.into_owned(), value.into_owned()].concat().into_bytes())
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rule(fields: serde_json::Value) -> SignatureRule {
        let mut rule = serde_json::json!({ "header": "X-Signature" });
        rule.as_object_mut().unwrap().extend(fields.as_object().unwrap().clone());
        serde_json::from_value(rule).unwrap()
    }

    fn verified(
        rule: &SignatureRule,
        key: &str,
        headers: &[(&'static str, &'static str)],
        body: &str,
    ) -> Result<(), SignatureFault> {
        let mut map = HeaderMap::new();
        for (name, value) in headers {
            map.insert(*name, value.parse().unwrap());
        }
        let url: Url = "https://x.example/callbacks/t?a=1".parse().unwrap();
        let arrived = Arrived {
            method: "POST",
            url: &url,
            headers: &map,
            body: body.as_bytes(),
            at: Timestamp(1_000_000),
        };
        verify(rule, &["other".into(), SecretText::from(key)], arrived)
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
        let arrived =
            Arrived { method: "POST", url: &url, headers: &headers, body: b"\xff{}", at: Timestamp(0) };
        assert_eq!(filled(&rule.sign, arrived, &[]), b"v0:17:POST:a=1:\xff{}");
    }

    #[test]
    fn names_and_values_of_query_and_form_are_sorted_together() {
        let url: Url = "https://x.example/t?name=ba%20sic&b=2".parse().unwrap();
        let mut headers = HeaderMap::new();
        headers.insert("content-type", "application/x-www-form-urlencoded; charset=utf-8".parse().unwrap());
        let arrived =
            Arrived { method: "POST", url: &url, headers: &headers, body: b"c=3&a=1+1", at: Timestamp(0) };
        assert_eq!(filled("${fields_sorted}${body_unless_form}", arrived, &[]), b"a1 1b2c3nameba sic");
        assert_eq!(filled("${form_sorted}", arrived, &[]), b"a1 1c3");
        headers.clear();
        let arrived = Arrived { method: "POST", url: &url, headers: &headers, body: b"{}", at: Timestamp(0) };
        assert_eq!(filled("${fields_sorted}${body_unless_form}", arrived, &[]), b"b2nameba sic{}");
    }

    /// Of a header such as Stripe's: HMAC-SHA256 of `1000.{}` with the key `whsec_test`, and one of another key.
    const DATED: &str = "t=1000,v1=00ff,v1=SIGNED,v0=12";

    #[test]
    fn one_of_several_signatures_must_fit_and_its_moment_must_be_near() {
        let fields = serde_json::json!({
            "separator": ",", "prefix": "v1=", "sign": "${part.t}.${body}", "timestamp": { "from": "${part.t}" }
        });
        let rule = rule(fields);
        let signature = crate::digest_of::hmac(HashAlgorithm::Sha256, b"whsec_test", b"1000.{}");
        let header = DATED.replace("SIGNED", &crate::digest_of::hex(&signature));
        let at = |seconds: i64, keys: &[&str], header: &str| {
            let url: Url = "https://x.example/t".parse().unwrap();
            let headers =
                HeaderMap::from_iter([(HeaderName::from_static("x-signature"), header.parse().unwrap())]);
            let keys: Vec<SecretText> = keys.iter().map(|key| SecretText::from(*key)).collect();
            let at = Timestamp(seconds * 1000);
            verify(&rule, &keys, Arrived { method: "POST", url: &url, headers: &headers, body: b"{}", at })
        };
        assert_eq!(at(1300, &["new", "whsec_test"], &header), Ok(()));
        assert_eq!(at(700, &["whsec_test"], &header), Ok(()));
        assert_eq!(at(1301, &["whsec_test"], &header), Err(SignatureFault::OutOfTime(301)));
        assert_eq!(at(1000, &["new"], &header), Err(SignatureFault::Wrong));
        assert_eq!(at(1000, &["whsec_test"], &header.replace("1000", "1001")), Err(SignatureFault::Wrong));
        assert_eq!(at(1000, &[], &header), Err(SignatureFault::BadKey));
    }

    #[test]
    fn a_rule_that_signs_nothing_known_is_refused() {
        let said = |fields| check(&rule(fields)).unwrap_err();
        assert!(said(serde_json::json!({ "sign": "${bdoy}" })).contains("`body`"));
        assert!(said(serde_json::json!({ "sign": "fixed" })).contains("nothing of the request"));
        assert!(said(serde_json::json!({ "header": "no header" })).contains("is no header"));
        assert!(said(serde_json::json!({ "timestamp": { "from": "${headr.X}" } })).contains("header.NAME"));
        assert!(said(serde_json::json!({ "separator": "" })).contains("separates nothing"));
        assert!(check(&rule(serde_json::json!({ "sign": "${part.t}.${body}" }))).is_ok());
        assert!(check(&rule(serde_json::json!({}))).is_ok());
    }
}
