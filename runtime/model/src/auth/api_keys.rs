//! Parameters of the scheme `api_keys` in a connector file.

use super::{BasicPair, EnteredField};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// Several values that a person enters once, and where on every request they stand: texts with placeholders
/// `${field}` of what was entered and of connection variables. One whose fields were all left out is not sent.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ApiKeys {
    /// What the person enters.
    pub fields: Vec<EnteredField>,
    /// Headers.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub headers: BTreeMap<String, String>,
    /// Query parameters.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub query: BTreeMap<String, String>,
    /// Cookies (RFC 6265).
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub cookies: BTreeMap<String, String>,
    /// Keys of a JSON body or fields of a form, beside what the API puts there.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub body: BTreeMap<String, String>,
    /// User name and password of HTTP Basic (RFC 7617).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub basic: Option<BasicPair>,
}

/// Where on a request a token stands that is no bearer token of RFC 6750.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct TokenPlace {
    /// Which part of the request.
    #[serde(rename = "in", default)]
    pub place: super::KeyPlace,
    /// Name of the header, parameter, cookie or body key; `Authorization` if none is given and it stands
    /// in a header, else `access_token` (RFC 6750 §2.2 and §2.3).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// What stands before the token, with its space if there is one: `Zoho-oauthtoken `.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub prefix: String,
}
