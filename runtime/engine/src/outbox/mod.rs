//! Authorizations on their way out: gone here, but the connector's on-revoke hook or the provider has
//! yet to hear of it. Nothing else can use them, and no script sees them.
//!
//! An entry has a hook to run first, while the token still works, and a provider to tell then. What
//! fails is tried again with growing, jittered pauses: the hook until its own deadline, the provider
//! for a week. After that the entry stays as a record, without its tokens, until somebody drops it.
//! [`work`] does what is due; `sluis serve` calls it all the time, `sluis outbox retry` at once.

pub mod work;

use crate::builder::Engine;
use crate::errors;
use crate::keys::{self, Slot};
use serde::{Deserialize, Serialize};
use sluis_model::connection::{Connection, ConnectionState};
use sluis_model::credential::Credential;
use sluis_model::error::{Failure, Reason};
use sluis_model::id::{OrgId, OutboxId};
use sluis_model::time::Timestamp;
use sluis_store::{Change, Expect, Table, get_json, put_json};

pub use work::OutboxWorked;

/// How long an on-revoke hook is tried before the token is given up without it, in seconds.
pub const HOOK_DEADLINE_S: i64 = 3_600;
/// How long the provider is told, in seconds: 7 days.
pub const PROVIDER_DEADLINE_S: i64 = 7 * 86_400;

/// What is still to be done about an entry.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "step", rename_all = "snake_case")]
pub enum OutboxStep {
    /// The on-revoke hook has yet to succeed.
    Hook {
        /// After this moment the token is given up without it.
        deadline: Timestamp,
    },
    /// The provider has yet to be told.
    Provider,
    /// Nothing: it could not be told in time, and the tokens have been thrown away.
    GivenUp {
        /// What failed last, fit for the org's admin.
        reason: String,
    },
}

/// One authorization on its way out. Its tokens are sealed beside it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct OutboxEntry {
    /// Identity; hooks are told it as `event`, and it stays the same through all their tries.
    pub id: OutboxId,
    /// The connection that it was.
    pub connection: Connection,
    /// What comes next.
    #[serde(flatten)]
    pub step: OutboxStep,
    /// Why it is here, in words.
    pub why: String,
    /// Tries that failed.
    pub attempts: u32,
    /// What failed last, fit for the org's admin.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub last_failure: Option<String>,
    /// What the hook failed with, if it was given up.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub hook_failure: Option<String>,
    /// When it came here.
    pub since: Timestamp,
    /// Not before this moment is it tried again.
    pub next_try_at: Timestamp,
    /// After this moment it is given up.
    pub expires_at: Timestamp,
}

/// How giving back is known to stand after a try.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Given {
    /// Nothing is left to do.
    Done {
        /// Whether the provider could be told, that is, offers to be.
        told: bool,
    },
    /// It will be tried again.
    Later(Box<OutboxEntry>),
    /// It never will be.
    GivenUp(Box<OutboxEntry>),
}

impl Engine {
    /// Hands over tokens that must not live on, to be revoked at the provider as soon as it can be
    /// told: those that came home after their connection was revoked, for instance. They are sealed
    /// and on disk when this returns; no hook runs for them.
    pub async fn hand_to_outbox(
        &self,
        connection: &Connection,
        credential: &Credential,
        why: &str,
    ) -> Result<OutboxId, Failure> {
        let entry = self.entry_of(connection, OutboxStep::Provider, why);
        let changes = self.put_entry(&entry, credential).await?;
        self.store().await?.apply(changes).await.map_err(errors::store)?;
        tracing::info!(org = %connection.org, connector = %connection.connector, outbox = %entry.id, why,
            "handed to the outbox");
        Ok(entry.id)
    }

    /// What an org has on its way out, and what was given up and not dropped yet.
    pub async fn outbox(&self, org: &OrgId) -> Result<Vec<OutboxEntry>, Failure> {
        self.org(org).await?;
        self.list_json(Table::Outbox, org, "").await
    }

    /// Forgets an entry and its tokens, told or not.
    pub async fn drop_from_outbox(&self, org: &OrgId, id: &OutboxId) -> Result<OutboxEntry, Failure> {
        let (_, entry) = self.outbox_entry(org, id).await?;
        self.store().await?.apply(removal(&entry)).await.map_err(errors::store)?;
        tracing::warn!(%org, connector = %entry.connection.connector, outbox = %id, "dropped from the outbox");
        Ok(entry)
    }

    pub(crate) async fn outbox_entry(
        &self,
        org: &OrgId,
        id: &OutboxId,
    ) -> Result<(u64, OutboxEntry), Failure> {
        let found = get_json(self.store().await?, &keys::outbox(org, id)).await.map_err(errors::store)?;
        found.ok_or_else(|| {
            Failure::new(Reason::NotFound, format!("there is no `{id}` in the outbox of `{org}`"))
                .help(format!("list what there is: sluis outbox list --org {org}"))
        })
    }

    /// A new entry, due at once.
    pub(crate) fn entry_of(&self, connection: &Connection, step: OutboxStep, why: &str) -> OutboxEntry {
        let now = self.now();
        OutboxEntry {
            id: OutboxId::generate(self.randomness()),
            connection: Connection { state: ConnectionState::Revoking, ..connection.clone() },
            step,
            why: why.to_owned(),
            attempts: 0,
            last_failure: None,
            hook_failure: None,
            since: now,
            next_try_at: now,
            expires_at: now.plus_seconds(PROVIDER_DEADLINE_S),
        }
    }

    /// The changes that put an entry, its connection and its tokens into the store.
    pub(crate) async fn put_entry(
        &self,
        entry: &OutboxEntry,
        credential: &Credential,
    ) -> Result<Vec<Change>, Failure> {
        let slot = Slot::Revoking(entry.id.clone());
        let mut changes = self.put_connection(&entry.connection, credential, &slot, Expect::Absent).await?;
        let key = keys::outbox(&entry.connection.org, &entry.id);
        changes.push(put_json(key, entry, Expect::Absent).map_err(errors::store)?);
        Ok(changes)
    }
}

/// The changes that leave nothing of an entry.
fn removal(entry: &OutboxEntry) -> Vec<Change> {
    let slot = Slot::Revoking(entry.id.clone());
    let mut changes = Engine::drop_connection(&entry.connection, &slot);
    let key = keys::outbox(&entry.connection.org, &entry.id);
    changes.push(Change::Delete { key, expect: Expect::Any });
    changes
}
