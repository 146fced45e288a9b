//! Parameters of the scheme `api_key` in a connector file.

use serde::{Deserialize, Serialize};

/// A key that a person enters once and that goes onto every request.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ApiKey {
    /// Where on the request it stands.
    #[serde(rename = "in", default)]
    pub place: KeyPlace,
    /// Name of the header, parameter, cookie or body key; `Authorization` if none is given and it
    /// stands in a header.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// What stands before the key, with its space if there is one: `Token `.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub prefix: String,
    /// What the person is asked for, where it has a name of its own: `Secret key`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub label: Option<String>,
}

/// Where a key stands on a request.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum KeyPlace {
    /// In a header.
    #[default]
    Header,
    /// In the query of the URL.
    Query,
    /// In a cookie.
    Cookie,
    /// In the body, beside what the API puts there.
    Body,
}
