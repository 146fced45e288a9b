//! Parameters of the scheme `bearer` in a connector file.

use serde::{Deserialize, Serialize};

/// A token that a person pastes and that goes onto every request as `Authorization: Bearer …`
/// (RFC 6750 §2.1).
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Bearer {
    /// What the person is asked for, where it has a name of its own: `Personal access token`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub label: Option<String>,
    /// One sentence on where to find it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub help: Option<String>,
}
