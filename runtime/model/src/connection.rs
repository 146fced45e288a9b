//! One org's authorization of a connector.

use crate::id::{ConnectionId, Namespace, OrgId};
use crate::time::Timestamp;
use serde::{Deserialize, Serialize};

/// What a connection can do now.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "state", rename_all = "snake_case")]
pub enum ConnectionState {
    /// Tokens are there, the on-authorize hook has not agreed yet. Only that hook may use it.
    Pending,
    /// Ready.
    Active,
    /// The provider refuses to renew it; a person must authorize again.
    NeedsReauthorization {
        /// Why, in words fit for the org's admin.
        reason: String,
    },
}

/// One org's authorization of a connector. A revoked connection is deleted.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Connection {
    /// Identity; a new authorization is a new connection.
    pub id: ConnectionId,
    /// Whose it is.
    pub org: OrgId,
    /// Which connector.
    pub connector: Namespace,
    /// The release that was authorized.
    pub release: u32,
    /// What it can do now.
    #[serde(flatten)]
    pub state: ConnectionState,
    /// Scopes granted.
    pub scopes: Vec<String>,
    /// When the access token ends, if known.
    pub expires_at: Option<Timestamp>,
    /// Whether it renews itself.
    pub refreshable: bool,
    /// When consent was given.
    pub authorized_at: Timestamp,
    /// When the tokens were last renewed.
    pub refreshed_at: Option<Timestamp>,
}

impl Connection {
    /// Whether scripts may use it.
    pub fn is_active(&self) -> bool {
        self.state == ConnectionState::Active
    }
}
