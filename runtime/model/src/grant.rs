//! One attempt to get a person's consent: from the authorization request to its outcome.

use crate::connection::{ConnectionKey, Variables};
use crate::id::{ConnectionName, GrantId, Namespace, OrgId, UserId};
use crate::time::Timestamp;
use serde::{Deserialize, Serialize};

/// How an attempt stands.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "outcome", rename_all = "snake_case")]
pub enum GrantOutcome {
    /// Nobody has answered yet.
    Waiting,
    /// The callback has arrived; its code is being exchanged. The attempt can no longer be used.
    Exchanging,
    /// The connection is active.
    Authorized,
    /// The person, or the on-authorize hook, said no.
    Denied {
        /// Why, fit for the org's admin.
        reason: String,
    },
    /// It could not be finished.
    Failed {
        /// Why, fit for the org's admin.
        reason: String,
    },
    /// Nobody answered in time.
    Expired,
}

/// Where an attempt was begun. The person who is to consent is told.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(tag = "at", rename_all = "snake_case")]
pub enum AskedBy {
    /// The HTTP API.
    #[default]
    Api,
    /// A command at a terminal of the server's machine.
    Terminal,
    /// A script that called `authorize`.
    Script {
        /// Its name.
        label: String,
    },
    /// Another system, whose page the person came from and goes back to.
    Site {
        /// Scheme, host and port of it.
        origin: String,
    },
}

/// What a person needs to authorize on another device (RFC 8628 §3.2), and when the provider is asked
/// next whether they have.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct DevicePrompt {
    /// What they enter.
    pub user_code: String,
    /// Where they enter it.
    pub verification_uri: String,
    /// The same with the code in it, if the provider offers that.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub verification_uri_complete: Option<String>,
    /// Pause between two questions, in seconds.
    pub interval_s: i64,
    /// Not before this moment is it asked again.
    pub next_poll_at: Timestamp,
}

/// One attempt. The PKCE verifier is sealed beside it; `state` is stored as its hash only.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Grant {
    /// Identity.
    pub id: GrantId,
    /// For whom.
    pub org: OrgId,
    /// For which connector.
    pub connector: Namespace,
    /// Which of several connections of the connector it is to become.
    #[serde(default, skip_serializing_if = "ConnectionName::is_main")]
    pub name: ConnectionName,
    /// The user to whom alone the connection will belong.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub user: Option<UserId>,
    /// Name of the auth config, where the connector offers several.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub auth: Option<String>,
    /// The environment that was asked for, where the connector has several.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub environment: Option<String>,
    /// Values of the connection's variables.
    #[serde(default, skip_serializing_if = "Variables::is_empty")]
    pub variables: Variables,
    /// The release whose scopes are asked for.
    pub release: u32,
    /// The exact redirect URI that was sent (RFC 9700 §2.1).
    pub redirect_uri: String,
    /// Where it was begun.
    #[serde(default)]
    pub asked_by: AskedBy,
    /// Whether whoever opens the link goes on to the provider without being asked first: only for a
    /// browser that was opened on this machine for the very person who began the attempt.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub straight: bool,
    /// Digest of the cookie of the one browser that has followed the link and may finish it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub browser: Option<String>,
    /// Digest of the `state` that is out now; following the link anew makes a fresh one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub state: Option<String>,
    /// The codes, if it goes by another device.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub device: Option<DevicePrompt>,
    /// Scopes that were asked for and not granted, once it is authorized.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub missing_scopes: Vec<String>,
    /// When it began.
    pub started_at: Timestamp,
    /// After this moment a callback is refused.
    pub expires_at: Timestamp,
    /// How it stands.
    #[serde(flatten)]
    pub outcome: GrantOutcome,
}

impl Grant {
    /// The connection that it is to become.
    pub fn key(&self) -> ConnectionKey {
        ConnectionKey {
            org: self.org.clone(),
            connector: self.connector.clone(),
            name: self.name.clone(),
            user: self.user.clone(),
        }
    }
}
