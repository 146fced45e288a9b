//! Parameters of the schemes `basic` and `digest` in a connector file.

use serde::{Deserialize, Serialize};

/// User name and password on every request (RFC 7617).
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Basic {
    /// What the person is asked for in place of a user name: `Key id`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub user_label: Option<String>,
    /// What the person is asked for in place of a password: `API token`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub password_label: Option<String>,
    /// The user name, where it is the same for everybody and only a password is asked for; it may be
    /// empty.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub user: Option<String>,
    /// The password, where it is the same for everybody and the user name is the key; it may be empty.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub password: Option<String>,
    /// One sentence on where to find the values.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub help: Option<String>,
}

/// User name and password, of which only digests are sent (RFC 7616).
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Digest {
    /// What the person is asked for in place of a user name.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub user_label: Option<String>,
    /// What the person is asked for in place of a password.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub password_label: Option<String>,
}
