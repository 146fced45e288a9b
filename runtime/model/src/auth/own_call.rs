//! A call that a provider invented, as a connector file describes it.

use serde::{Deserialize, Serialize};
use serde_json::Value;
use std::collections::BTreeMap;

/// A request with placeholders: `${access_token}`, `${refresh_token}`, `${client_id}`,
/// `${client_secret}` and the connection's variables. Each is filled in as a value, and encoded after
/// that.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct OwnCall {
    /// HTTP method.
    #[serde(default = "post")]
    pub method: String,
    /// Absolute URL; placeholders may stand in its path.
    pub url: String,
    /// Query parameters.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub query: BTreeMap<String, String>,
    /// Headers.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub headers: BTreeMap<String, String>,
    /// A body in form encoding.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub form: BTreeMap<String, String>,
    /// A body in JSON.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub json: Option<Value>,
}

fn post() -> String {
    "POST".to_owned()
}
