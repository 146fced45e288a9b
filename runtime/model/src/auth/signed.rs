//! Parameters of schemes that sign requests: `hmac_signature` and `aws_sigv4`.

use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// A keyed digest over parts of the request (RFC 2104).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct HmacSignature {
    /// What is signed, line by line. Placeholders: `${method}`, `${path}`, `${query}`,
    /// `${query_sorted}`, `${target}`, `${url}`, `${host}`, `${timestamp}`, `${nonce}`, `${body}`,
    /// `${body_hash}`, `${key_id}`, `${header.NAME}`, and connection variables.
    pub sign: Vec<String>,
    /// What stands between the lines.
    #[serde(default = "newline")]
    pub separator: String,
    /// The digest.
    #[serde(default)]
    pub algorithm: HashAlgorithm,
    /// How signature and body hash are written.
    #[serde(default)]
    pub encoding: DigestEncoding,
    /// The digest of `${body_hash}`, where it is another.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub body_hash: Option<HashAlgorithm>,
    /// How the key that a person enters is written.
    #[serde(default)]
    pub key_encoding: KeyEncoding,
    /// How `${timestamp}` is written.
    #[serde(default)]
    pub timestamp: TimestampForm,
    /// Headers to set, with the placeholders of `sign` and `${signature}`.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub headers: BTreeMap<String, String>,
    /// Query parameters to add, with the same placeholders.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub query: BTreeMap<String, String>,
    /// What the person is asked for in place of a key id; it is asked for only where `${key_id}` is
    /// used.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub key_id_label: Option<String>,
    /// What the person is asked for in place of a signing key.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub key_label: Option<String>,
}

fn newline() -> String {
    "\n".to_owned()
}

/// A digest.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[allow(missing_docs)]
pub enum HashAlgorithm {
    Sha1,
    #[default]
    Sha256,
    Sha512,
}

/// How a digest is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum DigestEncoding {
    /// Lower-case hexadecimal digits.
    #[default]
    Hex,
    /// Base64 with padding (RFC 4648 §4).
    Base64,
    /// Base64 for URLs without padding (RFC 4648 §5).
    Base64Url,
}

/// How a signing key is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum KeyEncoding {
    /// The text is the key.
    #[default]
    Text,
    /// Hexadecimal digits.
    Hex,
    /// Base64, in either alphabet, padded or not.
    Base64,
}

/// How a moment is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum TimestampForm {
    /// Seconds since 1970.
    #[default]
    Unix,
    /// Milliseconds since 1970.
    UnixMs,
    /// `2026-11-22T21:05:00Z`.
    Rfc3339,
    /// `Sun, 22 Nov 2026 21:05:00 GMT` (RFC 9110 §5.6.7).
    HttpDate,
}

/// AWS Signature Version 4.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct AwsSigv4 {
    /// Region, `us-east-1`, or a connection variable, `${region}`.
    pub region: String,
    /// Signing name of the service, `s3`, or a connection variable.
    pub service: String,
    /// Whether somebody may enter the token of a temporary key as well.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub session_token: bool,
    /// Whether the signature covers the body; only s3 over TLS may leave it out.
    #[serde(default)]
    pub payload: PayloadSigning,
}

/// Whether a signature covers the body.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum PayloadSigning {
    /// It does.
    #[default]
    Signed,
    /// It does not (`UNSIGNED-PAYLOAD`).
    Unsigned,
}
