//! How a service signs the requests that it sends to us, as data: callbacks of connectors and webhooks are
//! checked by the same rule.

use crate::auth::{DigestEncoding, HashAlgorithm, KeyEncoding, TimestampForm};
use serde::{Deserialize, Serialize};

/// A keyed digest (RFC 2104) in a header.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SignatureRule {
    /// The header that holds it.
    pub header: String,
    /// What stands between its parts, where it has several: `,` in `t=1,v1=ab`. Of several signatures in it
    /// one must fit.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub separator: Option<String>,
    /// What stands before the signature there: `sha256=`, `v1=`.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub prefix: String,
    /// What stands before the key as the service shows it, and is no part of it: `whsec_`.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub key_prefix: String,
    /// How the key is written.
    #[serde(default)]
    pub key_encoding: KeyEncoding,
    /// What is signed, with the placeholders `${method}`, `${url}`, `${path}`, `${query}`, `${body}`,
    /// `${header.NAME}`, `${part.NAME}` (what stands behind `NAME=` in the header of the signature),
    /// `${form_sorted}` (names and values of a form by name, without anything between), `${fields_sorted}` (the
    /// same of query and form together) and `${body_unless_form}`.
    #[serde(default = "body")]
    pub sign: String,
    /// The digest.
    #[serde(default)]
    pub algorithm: HashAlgorithm,
    /// How the signature is written.
    #[serde(default)]
    pub encoding: DigestEncoding,
    /// When the request was signed, where the service tells.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub timestamp: Option<SignedAt>,
}

/// The moment of signing. A request that is older or newer than the tolerance does not count, so that nobody
/// sends it again later.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SignedAt {
    /// Where it stands, by the placeholders of [`SignatureRule::sign`]: `${header.X-Timestamp}`, `${part.t}`.
    pub from: String,
    /// How it is written.
    #[serde(default)]
    pub form: TimestampForm,
    /// Seconds by which it may differ from our clock.
    #[serde(default = "five_minutes")]
    pub tolerance_s: u32,
}

fn body() -> String {
    "${body}".to_owned()
}

fn five_minutes() -> u32 {
    300
}
