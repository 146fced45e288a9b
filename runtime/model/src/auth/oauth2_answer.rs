//! What is odd about a token endpoint's answers, as a connector file says it. Paths are JSONPath
//! (RFC 9535); an answer in form encoding or XML is looked at as if it were JSON.

use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// Where an answer holds what RFC 6749 §5.1 puts at its top.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Oauth2Answer {
    /// Path of the access token.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub access_token: Option<String>,
    /// Path of the refresh token.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub refresh_token: Option<String>,
    /// Path of the scopes.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub scope: Option<String>,
    /// Path of the time at which, or after which, the token ends.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub expires: Option<String>,
    /// How that time is written.
    pub expires_as: ExpiresAs,
    /// Whether a lifetime of zero means that the token never ends.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub zero_is_never: bool,
    /// Path of the same of the refresh token.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub refresh_expires: Option<String>,
    /// Seconds that a token lives if its answer does not say.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub lifetime_s: Option<u32>,
    /// Seconds that a refresh token lives if its answer does not say.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub refresh_lifetime_s: Option<u32>,
    /// Path of an error code. Null, false, zero and an empty text are none.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub error: Option<String>,
    /// Path of the error in words.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub error_message: Option<String>,
    /// What the provider's codes mean in the words of RFC 6749 §5.2; `ok` is no error.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub error_codes: BTreeMap<String, String>,
    /// Statuses that ask to slow down, besides 429.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub busy_statuses: Vec<u16>,
}

/// How the end of a token is written. A number may always stand as a text.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ExpiresAs {
    /// Seconds from now.
    #[default]
    Seconds,
    /// Milliseconds from now.
    Milliseconds,
    /// Seconds since 1970.
    EpochSeconds,
    /// Milliseconds since 1970.
    EpochMilliseconds,
    /// A date and time: RFC 3339 or RFC 9110.
    Date,
    /// The claim `exp` of the access token, which is a JWT.
    Jwt,
}

/// Values that later URLs need, by the name of the variable.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct VariablesFrom {
    /// Path in the token endpoint's answer.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub token: BTreeMap<String, String>,
    /// Parameter of the callback.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub callback: BTreeMap<String, String>,
}
