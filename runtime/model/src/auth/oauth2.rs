//! Parameters of the OAuth 2.0 schemes in a connector file.

use super::{ClientAuth, ClientReference};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// Parameters of the authorization code grant.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Oauth2AuthorizationCode {
    /// Authorization endpoint.
    pub authorize_url: String,
    /// Token endpoint.
    pub token_url: String,
    /// Endpoint for refreshes, where it is another than `token_url`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub refresh_url: Option<String>,
    /// Revocation endpoint (RFC 7009).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub revoke_url: Option<String>,
    /// Which token is sent to `revoke_url`.
    #[serde(default)]
    pub revoke_using: RevokeUsing,
    /// Scopes asked for.
    #[serde(default)]
    pub scopes: Vec<String>,
    /// Issuer identifier; if given, an `iss` in the answer must equal it (RFC 9207).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub issuer: Option<String>,
    /// Extra parameters of the authorization request (`prompt`, `access_type`).
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub authorize_params: BTreeMap<String, String>,
    /// Where the client registered at the provider is found.
    pub client: ClientReference,
    /// How the client authenticates at the token endpoint (RFC 6749 §2.3.1).
    #[serde(default)]
    pub client_auth: ClientAuth,
}

/// Which token revokes a grant at the provider.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum RevokeUsing {
    /// The refresh token, or the access token if there is none.
    #[default]
    RefreshToken,
    /// The access token.
    AccessToken,
}
