//! Parameters of the scheme `oauth1` in a connector file.

use super::ClientReference;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// OAuth 1.0a (RFC 5849). With the three URLs a person consents; without them somebody enters a token
/// and its secret.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Oauth1 {
    /// Where temporary credentials are requested (RFC 5849 §2.1).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub request_token_url: Option<String>,
    /// Where the person consents (RFC 5849 §2.2).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub authorize_url: Option<String>,
    /// Where the token is requested (RFC 5849 §2.3).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub access_token_url: Option<String>,
    /// Where the client registered at the provider is found.
    pub client: ClientReference,
    /// How requests are signed.
    #[serde(default)]
    pub signature: Oauth1Signature,
    /// The protection realm that the header names (RFC 5849 §3.5.1).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub realm: Option<String>,
    /// Extra parameters of the authorization URL.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub authorize_params: BTreeMap<String, String>,
}

/// Signature method of OAuth 1.0a.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Oauth1Signature {
    /// `HMAC-SHA1` (RFC 5849 §3.4.2).
    #[default]
    HmacSha1,
    /// `HMAC-SHA256`, which many providers added.
    HmacSha256,
    /// `PLAINTEXT` (RFC 5849 §3.4.4), over TLS only.
    Plaintext,
}
