//! Writes the file.

use super::contents::{Bytes, Contents, KeyEntry, RowEntry};
use super::file;
use crate::envelope::{Envelope, Form};
use crate::error::VaultError;
use crate::org::OrgVault;
use crate::places::{self, contents, is_own, is_passing, old_place};
use crate::seal::Vault;
use sluis_model::id::OrgId;
use sluis_model::secret::SecretText;
use sluis_store::{Key, Record, Store, Table};
use std::collections::BTreeSet;
use zeroize::Zeroizing;

/// A file to keep, and what stands in it.
pub struct Exported {
    /// The file's bytes.
    pub file: Vec<u8>,
    /// Orgs with something in it.
    pub orgs: usize,
    /// Connections.
    pub connections: usize,
    /// Client registrations.
    pub clients: usize,
    /// Rows that do not open with any key, which are not in it.
    pub damaged: Vec<Key>,
}

const PAGE: usize = 500;

impl Vault {
    /// Everything that gives access, under a passphrase. Let nobody use the store meanwhile and
    /// afterwards: a token that was renewed in both places is lost in one of them.
    ///
    /// # Errors
    /// [`VaultError::ShortPassphrase`].
    pub async fn export(&self, store: &dyn Store, passphrase: &SecretText) -> Result<Exported, VaultError> {
        let (mut rows, mut damaged, mut orgs) = (Vec::new(), Vec::new(), BTreeSet::new());
        for table in Table::ALL.iter().copied().filter(|table| places::travels(*table)) {
            let mut after = None;
            loop {
                let page = store.list_all(table, after.as_ref(), PAGE).await?;
                damaged.extend(page.damaged.into_iter().filter(|key| !is_passing(key)));
                for (key, record) in page.records {
                    if is_own(&key) || is_passing(&key) {
                        continue;
                    }
                    match self.travelling(store, &key, record).await? {
                        Some(bytes) => rows.push((key, bytes)),
                        None => damaged.push(key),
                    }
                }
                after = page.next;
                if after.is_none() {
                    break;
                }
            }
        }
        // What a damaged row belongs to would be of no use without it.
        let half = |key: &Key| damaged.iter().any(|other| other.org == key.org && other.id == key.id);
        rows.retain(|(key, _)| key.table != Table::Connections || !half(key));
        orgs.extend(rows.iter().map(|(key, _)| owner(key)));
        let count = |table| rows.iter().filter(|(key, _)| key.table == table).count();
        let (connections, clients) = (count(Table::Connections), count(Table::Clients));
        let keys = self.travelling_keys(store, &rows).await?;
        let entries = rows.into_iter().map(|(key, bytes)| RowEntry {
            table: key.table.name().to_owned(),
            org: key.org,
            id: key.id,
            bytes: Bytes(Zeroizing::new(bytes)),
        });
        let contents = Contents::new(self.clock.now(), keys, entries.collect());
        let file = file::seal(passphrase, contents.encode()?, &*self.randomness)?;
        Ok(Exported { file, orgs: orgs.len(), connections, clients, damaged })
    }

    /// A row's bytes as they travel: sealed with a key of its org, and known to open. `None` if it does
    /// not.
    async fn travelling(
        &self,
        store: &dyn Store,
        key: &Key,
        record: Record,
    ) -> Result<Option<Vec<u8>>, VaultError> {
        if contents(key.table) != places::Contents::Sealed {
            return Ok(Some(record.bytes));
        }
        let vault = self.of(store, &key.org).await?;
        match sealed(store, &vault, key, &record).await {
            Ok(bytes) => Ok(Some(bytes)),
            Err(
                VaultError::Damaged { .. } | VaultError::Retired { .. } | VaultError::UnknownOrgKey { .. },
            ) => Ok(None),
            Err(error) => Err(error),
        }
    }

    async fn travelling_keys(
        &self,
        store: &dyn Store,
        rows: &[(Key, Vec<u8>)],
    ) -> Result<Vec<KeyEntry>, VaultError> {
        let sealed = rows.iter().filter(|(key, _)| contents(key.table) == places::Contents::Sealed);
        let orgs: BTreeSet<&OrgId> = sealed.map(|(key, _)| &key.org).collect();
        let mut keys = Vec::new();
        for org in orgs {
            let found = self.fresh_keys(store, org).await?;
            keys.extend(found.all().map(|key| KeyEntry {
                org: org.clone(),
                number: key.number,
                key: Bytes(Zeroizing::new(key.key.bytes.to_vec())),
            }));
        }
        Ok(keys)
    }
}

/// Whom a row is about: rows of orgs themselves belong to the system.
fn owner(key: &Key) -> String {
    if key.table == Table::Orgs { key.id.clone() } else { key.org.as_str().to_owned() }
}

async fn sealed(
    store: &dyn Store,
    vault: &OrgVault,
    key: &Key,
    record: &Record,
) -> Result<Vec<u8>, VaultError> {
    let envelope = Envelope::parse(&record.bytes)?;
    let place = match envelope.place {
        Some((subject, field)) => Some((subject.to_owned(), field.to_owned())),
        None => old_place(store, key).await?.map(|(subject, field)| (subject, field.to_owned())),
    };
    let (subject, field) = place.ok_or(VaultError::Damaged { why: "what it belongs to is not there" })?;
    let plain = vault.open(&subject, &field, &record.bytes)?;
    Ok(match envelope.form {
        Form::Org => record.bytes.clone(),
        Form::Root => vault.seal(&subject, &field, plain.expose()),
    })
}
