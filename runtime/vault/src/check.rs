//! A wrong or missing root key is noticed at start, not at the first credential: a known value is
//! sealed into the store at first start and must open ever after, and every key of an org must be
//! wrapped by a root key that is here.
//!
//! The known value also tells which root key the store is under: a rotation seals it anew when
//! everything else is (see [`crate::rotation`]).

use crate::command;
use crate::envelope::{Form, SealContext, field, peek};
use crate::error::VaultError;
use crate::keys::{KeyId, KeyRing};
use crate::seal::Vault;
use crate::source::{Created, KeySource, MASTER_KEY_VARIABLE, load_key_file, load_or_create_key_file};
use sluis_model::ports::Randomness;
use sluis_store::{Change, Expect, Key, Store, StoreError, Table, system_org};
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

// Part of what is sealed; root keys were once called master keys.
const SUBJECT: &str = "master-key";
const PLAIN: &[u8] = b"sluis";
const PAGE: usize = 1_000;

/// The row of the known value. The slash keeps it apart from the names of clients, which hold none.
pub(crate) fn check_row() -> Key {
    Key::system(Table::Clients, "vault/check")
}

impl Vault {
    /// The usual way to a vault: finds or makes the root key and verifies it against the store. Makes
    /// no key file for a store that was sealed before.
    ///
    /// # Errors
    /// [`VaultError::WrongKey`], [`VaultError::KeyMissing`], [`VaultError::RootKeyMissing`],
    /// [`VaultError::KeyFile`], [`VaultError::KeyText`], [`VaultError::Command`]: all one line for the
    /// operator. Do not start then.
    pub async fn unlock(
        store: &dyn Store,
        source: &KeySource,
        randomness: Arc<dyn Randomness>,
    ) -> Result<(Self, Created), VaultError> {
        let (ring, created) = match source {
            KeySource::Text(text) => {
                (KeyRing::from_text(text.expose(), MASTER_KEY_VARIABLE)?, Created(false))
            }
            KeySource::Command(line) => (command::run(line, command::TIMEOUT).await?, Created(false)),
            KeySource::File(path) => match (load_key_file(path)?, sealed_with(store).await?) {
                (Some(ring), _) => (ring, Created(false)),
                (None, Some(wanted)) => {
                    return Err(VaultError::KeyMissing { path: path.clone(), wanted });
                }
                (None, None) => load_or_create_key_file(path, &*randomness)?,
            },
        };
        let vault = Self::new(ring, randomness);
        vault.verify(store).await?;
        Ok((vault, created))
    }

    /// Makes sure that this vault's keys open what the store holds: the known value, and the keys of
    /// all orgs. The first vault of a store leaves the value that later ones are held against.
    pub async fn verify(&self, store: &dyn Store) -> Result<(), VaultError> {
        // Before the known value is made: keys of orgs may be there without it.
        self.verify_org_keys(store).await?;
        let sealed = match store.get(&check_row()).await? {
            Some(record) => record.bytes,
            None => match store.apply(vec![self.check_value(Expect::Absent)]).await {
                Ok(_) => return Ok(()),
                // Another node was faster; its value counts.
                Err(StoreError::Conflict { .. }) => match store.get(&check_row()).await? {
                    Some(record) => record.bytes,
                    None => return Err(VaultError::Damaged { why: "the check value vanished" }),
                },
                Err(error) => return Err(error.into()),
            },
        };
        self.opens_check_value(&sealed)
    }

    /// Whether the keys still open what the store holds, by the known value alone: one row, for probes.
    ///
    /// # Errors
    /// [`VaultError::WrongKey`], [`VaultError::Damaged`], or that of the store.
    pub async fn still_fits(&self, store: &dyn Store) -> Result<(), VaultError> {
        match store.get(&check_row()).await? {
            Some(record) => self.opens_check_value(&record.bytes),
            // Whoever opens a store leaves it there; where it is not, nothing says that the keys do not fit.
            None => Ok(()),
        }
    }

    fn opens_check_value(&self, sealed: &[u8]) -> Result<(), VaultError> {
        let org = system_org();
        match self.open(&SealContext { org: &org, subject: SUBJECT, field: field::CHECK }, sealed) {
            Ok(plain) if plain.expose() == PLAIN => Ok(()),
            Ok(_) => Err(VaultError::Damaged { why: "the check value is another one" }),
            Err(VaultError::UnknownKey { key }) => {
                Err(VaultError::WrongKey { given: self.keys().primary_id(), wanted: key })
            }
            Err(error) => Err(error),
        }
    }

    /// The known value under the first root key.
    pub(crate) fn check_value(&self, expect: Expect) -> Change {
        let org = system_org();
        let context = SealContext { org: &org, subject: SUBJECT, field: field::CHECK };
        Change::Put { key: check_row(), bytes: self.seal(&context, PLAIN), expect }
    }

    /// Looks at the names of root keys only: thousands of orgs take no time. A row that is damaged
    /// concerns its org, not the start.
    async fn verify_org_keys(&self, store: &dyn Store) -> Result<(), VaultError> {
        let mut missing: BTreeMap<KeyId, BTreeSet<_>> = BTreeMap::new();
        let mut after = None;
        loop {
            let page = store.list_all(Table::OrgKeys, after.as_ref(), PAGE).await?;
            for (key, record) in page.records {
                if let Some((Form::Root, id)) = peek(&record.bytes)
                    && self.ring.find(id).is_none()
                {
                    missing.entry(id).or_default().insert(key.org);
                }
            }
            after = page.next;
            if after.is_none() {
                break;
            }
        }
        match missing.into_iter().next() {
            Some((key, orgs)) => {
                let example = orgs.first().cloned().unwrap_or_else(system_org);
                Err(VaultError::RootKeyMissing { key, orgs: orgs.len(), example })
            }
            None => Ok(()),
        }
    }
}

/// The root key that the store is under; `None` for a new store.
pub(crate) async fn sealed_with(store: &dyn Store) -> Result<Option<KeyId>, VaultError> {
    let record = match store.get(&check_row()).await? {
        Some(record) => Some(record.bytes),
        // A store whose known value was lost is not a new one.
        None => {
            let first = store.list_all(Table::OrgKeys, None, 1).await?.records;
            first.into_iter().next().map(|(_, record)| record.bytes)
        }
    };
    let Some(bytes) = record else { return Ok(None) };
    let named = peek(&bytes).map(|(_, key)| key);
    named.map(Some).ok_or(VaultError::Damaged { why: "the check value is not sealed" })
}
