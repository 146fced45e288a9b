//! Parameters of the OAuth 2.0 schemes in a connector file: one struct for all grants. Which keys a
//! grant needs and knows stands in `spec/connector/schema.json`.

use super::oauth2_answer::{Oauth2Answer, VariablesFrom};
use super::{ClientAuths, ClientReference, OwnCall, TokenPlace};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// Parameters of an OAuth 2.0 grant.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Oauth2 {
    /// Issuer identifier. If given, an `iss` in the answer must equal it (RFC 9207), and endpoints
    /// that are not given are read from its metadata (RFC 8414).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub issuer: Option<String>,
    /// Whether an answer without `iss` is refused (RFC 9207 §2.4); so it is where the metadata says so.
    #[serde(skip_serializing_if = "is_false")]
    pub require_iss: bool,
    /// Authorization endpoint.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub authorize_url: Option<String>,
    /// Token endpoint.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub token_url: Option<String>,
    /// Endpoint for refreshes, where it is another than `token_url`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub refresh_url: Option<String>,
    /// Revocation endpoint (RFC 7009).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub revoke_url: Option<String>,
    /// Device authorization endpoint (RFC 8628).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub device_url: Option<String>,
    /// Endpoint to which the authorization request is pushed (RFC 9126).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub par_url: Option<String>,
    /// Introspection endpoint (RFC 7662), asked when an answer does not say when the token ends.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub introspect_url: Option<String>,
    /// Which token is sent to `revoke_url`.
    pub revoke_using: RevokeUsing,
    /// The provider's own call to end a grant, in place of `revoke_url`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub revoke_call: Option<OwnCall>,
    /// Where the client registered at the provider is found.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub client: Option<ClientReference>,
    /// How the client authenticates, for all steps or for each.
    pub client_auth: ClientAuths,
    /// Scopes asked for.
    pub scopes: Vec<String>,
    /// What stands between scopes; a space unless given.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub scope_separator: Option<String>,
    /// Whether PKCE is used (RFC 7636, S256). It is, unless this says `false`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub pkce: Option<bool>,
    /// Whom the token is for, as some providers want it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub audience: Option<String>,
    /// What the token is for (RFC 8707).
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub resource: Vec<String>,
    /// Extra parameters of the authorization request (`prompt`, `access_type`).
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub authorize_params: BTreeMap<String, String>,
    /// Extra parameters of the request that gets tokens.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub token_params: BTreeMap<String, String>,
    /// Extra parameters of a refresh.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub refresh_params: BTreeMap<String, String>,
    /// Extra parameters of a revocation.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub revoke_params: BTreeMap<String, String>,
    /// Extra headers of every request to the token endpoint.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub token_headers: BTreeMap<String, String>,
    /// Parameters that the provider calls otherwise: `client_id: client_key`.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub rename: BTreeMap<String, String>,
    /// Parameter of the callback that holds the code; `code` unless given.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub code_parameter: Option<String>,
    /// Method of the token endpoint.
    pub token_method: TokenMethod,
    /// Form of the body that the token endpoint wants.
    pub token_format: TokenFormat,
    /// Whether a refresh repeats the scopes.
    #[serde(skip_serializing_if = "is_false")]
    pub refresh_with_scope: bool,
    /// What is odd about the token endpoint's answers.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub answer: Option<Oauth2Answer>,
    /// Where on a request the token stands; as a bearer token (RFC 6750 §2.1) unless given.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub token_in: Option<TokenPlace>,
    /// Values that become variables of the connection.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub variables_from: Option<VariablesFrom>,
    /// A second call after the first, which gives a token that lives longer.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub long_lived: Option<OwnCall>,
    /// The provider's own call for a renewal, in place of a refresh.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub renew_call: Option<OwnCall>,
    /// What an assertion of a service account says (RFC 7523).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub assertion: Option<Assertion>,
    /// What kind of token is exchanged (RFC 8693 §3); an access token unless given.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub subject_token_type: Option<String>,
    /// What kind of token is wanted for it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub requested_token_type: Option<String>,
}

fn is_false(value: &bool) -> bool {
    !value
}

/// What an assertion of a service account says besides what a person enters.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Assertion {
    /// Whom it is for; the issuer unless given, and without one the token endpoint.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub audience: Option<String>,
    /// Seconds that it is good for, at most 300, which is what it is unless given.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub lifetime_s: Option<u16>,
    /// Whether the scopes stand in it (Google) and not beside it.
    #[serde(skip_serializing_if = "is_false")]
    pub scope_inside: bool,
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

/// Method of a token endpoint.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "UPPERCASE")]
pub enum TokenMethod {
    /// As RFC 6749 §3.2 has it.
    #[default]
    Post,
    /// Parameters then stand in the query.
    Get,
}

/// Form of the body that a token endpoint wants.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum TokenFormat {
    /// `application/x-www-form-urlencoded`, as RFC 6749 has it.
    #[default]
    Form,
    /// A JSON object.
    Json,
    /// No body: the parameters stand in the query.
    Query,
    /// An XML element `request` with an element for each parameter.
    Xml,
}
