//! One org's authorization of a connector.

use crate::id::{ConnectionId, ConnectionName, IdError, Namespace, OrgId, UserId};
use crate::time::Timestamp;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::fmt;

/// Values of a connection's variables by name: `subdomain`, `instance_url`. Not secret.
pub type Variables = BTreeMap<String, String>;

/// Which connection: an org may have several of a connector, and each of its users one of their own.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct ConnectionKey {
    /// Whose it is.
    pub org: OrgId,
    /// Of which connector.
    pub connector: Namespace,
    /// Which of several.
    pub name: ConnectionName,
    /// The user to whom alone it belongs; none if it is shared by the org.
    pub user: Option<UserId>,
}

impl ConnectionKey {
    /// The org's shared main connection of a connector.
    pub fn main(org: &OrgId, connector: &Namespace) -> Self {
        Self { org: org.clone(), connector: connector.clone(), name: ConnectionName::main(), user: None }
    }

    /// The org's shared connection as people name it: `gcontacts`, `gcontacts/sales`.
    pub fn named(org: &OrgId, text: &str) -> Result<Self, IdError> {
        let (connector, name) = match text.split_once('/') {
            Some((connector, name)) => (connector.parse()?, name.parse()?),
            None => (text.parse()?, ConnectionName::main()),
        };
        Ok(Self { org: org.clone(), connector, name, user: None })
    }

    /// As scripts name it: `gcontacts`, `gcontacts/sales`. Whose it is follows from whose the run is.
    pub fn in_scripts(&self) -> String {
        ConnectionKey { user: None, ..self.clone() }.to_string()
    }

    /// The command that authorizes it: `sluis authorize gcontacts --name sales --user ada`.
    pub fn authorize_command(&self) -> String {
        let mut command = format!("sluis authorize {}", self.connector);
        if !self.name.is_main() {
            command.push_str(&format!(" --name {}", self.name));
        }
        command + &self.for_user()
    }

    /// The command that renews it: `sluis connections renew gcontacts/sales --user ada`.
    pub fn renew_command(&self) -> String {
        format!("sluis connections renew {}{}", self.in_scripts(), self.for_user())
    }

    fn for_user(&self) -> String {
        self.user.as_ref().map(|user| format!(" --user {user}")).unwrap_or_default()
    }
}

impl fmt::Display for ConnectionKey {
    /// As people write it: `gcontacts`, `gcontacts/sales`, `gcontacts/sales@ada@example.com`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.connector)?;
        if !self.name.is_main() {
            write!(f, "/{}", self.name)?;
        }
        match &self.user {
            Some(user) => write!(f, "@{user}"),
            None => Ok(()),
        }
    }
}

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
    /// Renewing it has failed for too long to go on trying by itself; nobody knows whether the grant
    /// is still good.
    Exhausted {
        /// What failed last, and who can mend it, in words fit for the org's admin.
        reason: String,
    },
    /// It is being given back: scripts cannot use it any more, its on-revoke hook still can.
    Revoking,
}

/// How renewing goes.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct RenewalHealth {
    /// Failures in a row.
    pub failures: u32,
    /// When the first of them was.
    pub failing_since: Option<Timestamp>,
    /// What the last one was, in words fit for the org's admin.
    pub last_failure: Option<String>,
    /// Not before this moment is it tried again.
    pub next_try_at: Option<Timestamp>,
}

fn is_healthy(health: &RenewalHealth) -> bool {
    *health == RenewalHealth::default()
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
    /// Which of several connections of this connector.
    #[serde(default, skip_serializing_if = "ConnectionName::is_main")]
    pub name: ConnectionName,
    /// The user to whom alone it belongs; none if it is shared by the org.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub user: Option<UserId>,
    /// The release that was authorized.
    pub release: u32,
    /// Name of the auth config, where the connector offers several.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub auth: Option<String>,
    /// The environment that it was authorized for, where the connector has several.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub environment: Option<String>,
    /// Values of its variables.
    #[serde(default, skip_serializing_if = "Variables::is_empty")]
    pub variables: Variables,
    /// The account at the service that it stands for, as the service names it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub account: Option<String>,
    /// Scheme, host and port of everything that its credential was authorized to be sent to.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub origins: Vec<String>,
    /// What it can do now.
    #[serde(flatten)]
    pub state: ConnectionState,
    /// Scopes granted.
    pub scopes: Vec<String>,
    /// Scopes asked for and not granted.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub missing_scopes: Vec<String>,
    /// When the access token ends, if known.
    pub expires_at: Option<Timestamp>,
    /// Whether it renews itself.
    pub refreshable: bool,
    /// When consent was given.
    pub authorized_at: Timestamp,
    /// When the tokens were last renewed.
    pub refreshed_at: Option<Timestamp>,
    /// How renewing goes.
    #[serde(default, skip_serializing_if = "is_healthy")]
    pub renewal: RenewalHealth,
}

impl Connection {
    /// Which connection it is.
    pub fn key(&self) -> ConnectionKey {
        ConnectionKey {
            org: self.org.clone(),
            connector: self.connector.clone(),
            name: self.name.clone(),
            user: self.user.clone(),
        }
    }

    /// Whether scripts may use it.
    pub fn is_active(&self) -> bool {
        self.state == ConnectionState::Active
    }
}
