//! Reads the file into a store: all of it, or nothing.

use super::contents::{Contents, RowEntry};
use super::file;
use crate::envelope::{Envelope, Form, SealContext};
use crate::error::VaultError;
use crate::keys::{KeyKind, SealingKey};
use crate::places::{self, contents, is_own};
use crate::seal::Vault;
use sluis_model::id::OrgId;
use sluis_model::secret::SecretText;
use sluis_store::{Change, Expect, Key, Store, StoreError, Table};
use std::collections::BTreeSet;
use zeroize::Zeroizing;

/// What happens to rows that the store has already.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Overwrite {
    /// Nothing at all is imported.
    Refuse,
    /// They are replaced.
    Replace,
}

/// What was imported.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Imported {
    /// Orgs with something in the file.
    pub orgs: usize,
    /// Connections.
    pub connections: usize,
    /// Client registrations.
    pub clients: usize,
    /// Rows that were there before and were replaced.
    pub replaced: usize,
}

struct Entry {
    key: Key,
    bytes: Zeroizing<Vec<u8>>,
}

impl Vault {
    /// Puts what a file holds into a store, sealed with the keys that the orgs have here, which are made
    /// if need be. One batch: all of it, or nothing.
    ///
    /// # Errors
    /// [`VaultError::NotAnExport`], [`VaultError::WrongPassphrase`], [`VaultError::Occupied`].
    pub async fn import(
        &self,
        store: &dyn Store,
        passphrase: &SecretText,
        bytes: &[u8],
        overwrite: Overwrite,
    ) -> Result<Imported, VaultError> {
        let plain = file::open(passphrase, bytes)?;
        let Contents { keys, rows, .. } = Contents::decode(plain.expose())?;
        let keys = keys.into_iter().map(|entry| {
            let bytes = <&[u8; 32]>::try_from(entry.key.0.as_slice()).map_err(|_| not_understood())?;
            Ok((entry.org, SealingKey::new(KeyKind::Org, Zeroizing::new(*bytes))))
        });
        let keys: Vec<(OrgId, SealingKey)> = keys.collect::<Result<_, VaultError>>()?;
        let entries: Vec<Entry> = rows.into_iter().map(entry).collect::<Result<_, _>>()?;
        let (expects, replaced) = self.expectations(store, &entries, overwrite).await?;
        let count = |table| entries.iter().filter(|entry| entry.key.table == table).count();
        let orgs: BTreeSet<&str> =
            entries
                .iter()
                .map(|entry| {
                    if entry.key.table == Table::Orgs {
                        entry.key.id.as_str()
                    } else {
                        entry.key.org.as_str()
                    }
                })
                .collect();
        let done = Imported {
            orgs: orgs.len(),
            connections: count(Table::Connections),
            clients: count(Table::Clients),
            replaced,
        };
        let mut changes = Vec::with_capacity(entries.len());
        for (entry, expect) in entries.iter().zip(expects) {
            let Some(expect) = expect else { continue };
            let bytes = self.settled(store, entry, &keys).await?;
            changes.push(Change::Put { key: entry.key.clone(), bytes, expect });
        }
        store.apply(changes).await.map_err(|error| match error {
            StoreError::Conflict { key } => VaultError::Occupied { count: 1, example: key },
            error => error.into(),
        })?;
        Ok(done)
    }

    /// For each row the state that it must be in, or `None` if it stays as it is: an org that is there.
    async fn expectations(
        &self,
        store: &dyn Store,
        entries: &[Entry],
        overwrite: Overwrite,
    ) -> Result<(Vec<Option<Expect>>, usize), VaultError> {
        let (mut expects, mut taken) = (Vec::with_capacity(entries.len()), Vec::new());
        for Entry { key, .. } in entries {
            expects.push(match store.get(key).await? {
                None => Some(Expect::Absent),
                Some(_) if key.table == Table::Orgs => None,
                Some(record) => {
                    taken.push(key);
                    Some(Expect::Version(record.version))
                }
            });
        }
        match taken.first() {
            Some(example) if overwrite == Overwrite::Refuse => {
                Err(VaultError::Occupied { count: taken.len(), example: (*example).clone() })
            }
            _ => Ok((expects, taken.len())),
        }
    }

    /// A row's bytes as this store keeps them.
    async fn settled(
        &self,
        store: &dyn Store,
        entry: &Entry,
        keys: &[(OrgId, SealingKey)],
    ) -> Result<Vec<u8>, VaultError> {
        if contents(entry.key.table) != places::Contents::Sealed {
            return Ok(entry.bytes.to_vec());
        }
        let envelope = Envelope::parse(&entry.bytes)?;
        let (Form::Org, Some((subject, field))) = (envelope.form, envelope.place) else {
            return Err(not_understood());
        };
        let org = &entry.key.org;
        let key = keys.iter().find(|(owner, key)| owner == org && key.id == envelope.key);
        let (_, key) = key.ok_or_else(not_understood)?;
        let plain = envelope.open(key, &SealContext { org, subject, field })?;
        Ok(self.of(store, org).await?.seal(subject, field, plain.expose()))
    }
}

fn not_understood() -> VaultError {
    VaultError::NotAnExport { why: "a row in it does not belong there" }
}

/// A row that an export may hold. The file is sealed, but whoever knows the passphrase is not thereby
/// allowed to write any row.
fn entry(row: RowEntry) -> Result<Entry, VaultError> {
    let table = Table::ALL.iter().copied().find(|table| table.name() == row.table);
    let table = table.filter(|table| places::travels(*table)).ok_or_else(not_understood)?;
    let key = Key { table, org: row.org, id: row.id };
    if is_own(&key) || key.fault().is_some() {
        return Err(not_understood());
    }
    Ok(Entry { key, bytes: row.bytes.0 })
}
