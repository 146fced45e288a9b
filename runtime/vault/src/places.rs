//! What is sealed where: the one register of the store's tables. Rotation seals anew what it names, a
//! store's move takes along what it names.
//!
//! A table that is added does not compile until [`contents`] says what it holds.

use crate::check::check_row;
use crate::envelope::{Form, field, peek};
use crate::error::VaultError;
use sluis_model::id::OrgId;
use sluis_store::{Key, Record, Store, Table, get_json};

/// What the rows of a table are.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Contents {
    /// Sealed with the key of the org that owns the row.
    Sealed,
    /// Sealed with a root key.
    Keys,
    /// In clear: nothing in it gives access to anything.
    Clear,
}

/// What the rows of a table are.
pub fn contents(table: Table) -> Contents {
    match table {
        Table::Credentials
        | Table::Verifiers
        | Table::Snapshots
        | Table::Clients
        | Table::Intents
        | Table::Accepted
        | Table::Ledger
        | Table::Awaited
        | Table::Repeats
        | Table::TriggerSecrets
        | Table::Deliveries => Contents::Sealed,
        Table::OrgKeys => Contents::Keys,
        Table::Orgs
        | Table::Releases
        | Table::Connections
        | Table::Grants
        // Hashes.
        | Table::GrantStates
        | Table::ApiTokens
        | Table::CallbackTokens
        | Table::Sessions
        | Table::Invitations
        | Table::FailedSignIns
        | Table::TriggerTokens
        | Table::Triggers
        | Table::TriggerStates
        | Table::TriggerEvents
        // Passwords only as Argon2id hashes.
        | Table::Accounts
        | Table::Members
        | Table::Runs
        | Table::RunIndex
        | Table::RunSettings
        | Table::Usage
        | Table::Leases
        | Table::Functions
        | Table::Rotations
        | Table::Ends
        // Its tokens are sealed beside it, among the credentials.
        | Table::Outbox => Contents::Clear,
    }
}

/// Whether the rows of a table move to another store together with what is sealed. What is under way
/// (attempts, runs that wait) stays behind, and so does what is released from files.
pub fn travels(table: Table) -> bool {
    match table {
        Table::Orgs | Table::Connections | Table::Credentials | Table::Clients => true,
        Table::Releases
        | Table::Grants
        | Table::GrantStates
        | Table::Verifiers
        | Table::Runs
        | Table::RunIndex
        | Table::RunSettings
        | Table::Usage
        | Table::Leases
        | Table::Snapshots
        | Table::Functions
        | Table::OrgKeys
        | Table::Rotations
        | Table::ApiTokens
        | Table::Intents
        | Table::Accepted
        | Table::Ledger
        | Table::Awaited
        | Table::CallbackTokens
        | Table::Deliveries
        | Table::Accounts
        | Table::Members
        | Table::Sessions
        | Table::Invitations
        | Table::FailedSignIns
        | Table::Repeats
        | Table::Ends
        | Table::Triggers
        | Table::TriggerStates
        | Table::TriggerSecrets
        | Table::TriggerTokens
        | Table::TriggerEvents
        | Table::Outbox => false,
    }
}

/// Whether a row belongs to a connection that waits for its on-authorize hook: no name of a connection
/// holds a `~`.
pub(crate) fn is_passing(key: &Key) -> bool {
    matches!(key.table, Table::Connections | Table::Credentials) && key.id.contains('~')
}

/// The tables that are sealed with keys of orgs.
pub fn sealed_tables() -> impl Iterator<Item = Table> {
    Table::ALL.iter().copied().filter(|table| contents(*table) == Contents::Sealed)
}

/// Whether a row of a sealed table is the vault's own, sealed with a root key for good.
pub(crate) fn is_own(key: &Key) -> bool {
    *key == check_row()
}

/// Subject and field of a value that an older version sealed with the root key (`SLV1`), which the
/// value does not say. `None` if it is nobody's: its sibling row is gone.
pub(crate) async fn old_place(
    store: &dyn Store,
    key: &Key,
) -> Result<Option<(String, &'static str)>, VaultError> {
    Ok(match key.table {
        Table::Clients => Some((key.id.clone(), field::CLIENT)),
        Table::Intents => Some((key.id.clone(), field::INTENT)),
        // Ids of runs and of attempts differ by their prefix.
        Table::Verifiers if key.id.starts_with("run_") => Some((key.id.clone(), field::AUTHORIZE_URL)),
        Table::Verifiers => Some((key.id.clone(), field::VERIFIER)),
        Table::Snapshots => key.id.rsplit_once('/').map(|(_, run)| (run.to_owned(), field::SNAPSHOT)),
        Table::Credentials => {
            let connection = Key::new(Table::Connections, &key.org, key.id.as_str());
            let found = get_json::<serde_json::Value>(store, &connection).await?;
            found.and_then(|(_, row)| Some((row.get("id")?.as_str()?.to_owned(), field::TOKENS)))
        }
        _ => None,
    })
}

/// A row of a sealed table as a walk finds it.
pub(crate) enum Found {
    /// An envelope.
    Sealed(Key, Record),
    /// It is damaged, or is no envelope at all.
    Damaged(Key),
}

impl Found {
    pub(crate) fn form(&self) -> Option<(Form, crate::keys::KeyId)> {
        match self {
            Found::Sealed(_, record) => peek(&record.bytes),
            Found::Damaged(_) => None,
        }
    }
}

/// Goes through what one org has sealed, page by page.
pub(crate) struct Walk {
    org: OrgId,
    tables: Vec<Table>,
    after: Option<Key>,
}

/// Rows per page, and per batch of changes.
pub(crate) const PAGE: usize = 100;

impl Walk {
    /// From the beginning.
    pub(crate) fn new(org: &OrgId) -> Self {
        let mut tables: Vec<_> = sealed_tables().collect();
        tables.reverse();
        Self { org: org.clone(), tables, after: None }
    }

    /// The next rows; none at the end.
    pub(crate) async fn next(&mut self, store: &dyn Store) -> Result<Option<Vec<Found>>, VaultError> {
        while let Some(table) = self.tables.last().copied() {
            // No id is smaller than the empty one, which no row has.
            let start = self.after.take().unwrap_or_else(|| Key::new(table, &self.org, ""));
            // Over all orgs, because only this way of listing goes past damaged rows.
            let page = store.list_all(table, Some(&start), PAGE).await?;
            let ours = |key: &Key| key.org == self.org;
            match page.next.filter(ours) {
                Some(next) => self.after = Some(next),
                None => drop(self.tables.pop()),
            }
            let damaged = page.damaged.into_iter().map(Found::Damaged);
            let rows = page.records.into_iter().map(|(key, record)| match peek(&record.bytes) {
                Some(_) => Found::Sealed(key, record),
                None => Found::Damaged(key),
            });
            let key = |found: &Found| match found {
                Found::Sealed(key, _) | Found::Damaged(key) => key.clone(),
            };
            let found: Vec<_> =
                rows.chain(damaged).filter(|found| ours(&key(found)) && !is_own(&key(found))).collect();
            if !found.is_empty() {
                return Ok(Some(found));
            }
        }
        Ok(None)
    }
}
