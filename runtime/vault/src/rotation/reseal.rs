//! Seals rows anew with the key that now counts.

use crate::envelope::{Envelope, Form};
use crate::error::VaultError;
use crate::org::OrgVault;
use crate::places::old_place;
use sluis_store::{Change, Expect, Key, Record, Store, StoreError};

/// How often one row may change under our hands before it is left to the next pass.
const ROUNDS: usize = 16;

/// What became of rows.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct Tally {
    /// Sealed anew.
    pub(crate) resealed: u64,
    /// Cannot be opened, by anyone.
    pub(crate) damaged: u64,
    /// Changed all the time; the next pass looks again.
    pub(crate) left: u64,
}

/// Seals rows of one org anew. Each is replaced only in the version that was opened.
pub(crate) async fn reseal(
    store: &dyn Store,
    vault: &OrgVault,
    rows: Vec<(Key, Record)>,
) -> Result<Tally, VaultError> {
    let mut tally = Tally::default();
    let mut changes = Vec::with_capacity(rows.len());
    for (key, record) in rows {
        match anew(store, vault, &key, record).await? {
            Anew::Put(change) => changes.push(change),
            Anew::Gone => {}
            Anew::Damaged => tally.damaged += 1,
        }
    }
    if changes.is_empty() {
        return Ok(tally);
    }
    let count = changes.len() as u64;
    match store.apply(changes.clone()).await {
        Ok(_) => tally.resealed += count,
        // Somebody wrote one of them: each on its own, so that the others need not wait.
        Err(StoreError::Conflict { .. }) => {
            for change in changes {
                one(store, vault, change, &mut tally).await?;
            }
        }
        Err(error) => return Err(error.into()),
    }
    Ok(tally)
}

async fn one(
    store: &dyn Store,
    vault: &OrgVault,
    mut change: Change,
    tally: &mut Tally,
) -> Result<(), VaultError> {
    for _ in 0..ROUNDS {
        let Some(key) = change.key().cloned() else { return Ok(()) };
        match store.apply(vec![change]).await {
            Ok(_) => {
                tally.resealed += 1;
                return Ok(());
            }
            Err(StoreError::Conflict { .. }) => {}
            Err(error) => return Err(error.into()),
        }
        let Some(record) = store.get(&key).await? else { return Ok(()) };
        change = match anew(store, vault, &key, record).await? {
            Anew::Put(change) => change,
            Anew::Gone => return Ok(()),
            Anew::Damaged => {
                tally.damaged += 1;
                return Ok(());
            }
        };
    }
    tally.left += 1;
    Ok(())
}

enum Anew {
    /// This replaces it.
    Put(Change),
    /// It is not there any more, or needs no change.
    Gone,
    /// It does not open.
    Damaged,
}

async fn anew(
    store: &dyn Store,
    vault: &OrgVault,
    key: &Key,
    mut record: Record,
) -> Result<Anew, VaultError> {
    loop {
        let version = record.version;
        match sealed_anew(store, vault, key, &record).await {
            Ok(None) => return Ok(Anew::Gone),
            Ok(Some(bytes)) => {
                let expect = Expect::Version(version);
                return Ok(Anew::Put(Change::Put { key: key.clone(), bytes, expect }));
            }
            Err(
                VaultError::Damaged { .. } | VaultError::Retired { .. } | VaultError::UnknownOrgKey { .. },
            ) => {}
            // A missing root key and a failing store are no property of the row.
            Err(error) => return Err(error),
        }
        // Perhaps row and sibling were read on two sides of a change.
        match store.get(key).await? {
            None => return Ok(Anew::Gone),
            Some(again) if again.version == version => return Ok(Anew::Damaged),
            Some(again) => record = again,
        }
    }
}

/// The row's value under the primary key; `None` if that is the key it has.
async fn sealed_anew(
    store: &dyn Store,
    vault: &OrgVault,
    key: &Key,
    record: &Record,
) -> Result<Option<Vec<u8>>, VaultError> {
    let envelope = Envelope::parse(&record.bytes)?;
    if envelope.form == Form::Org && envelope.key == vault.primary().1 {
        return Ok(None);
    }
    let place = match envelope.place {
        Some((subject, field)) => Some((subject.to_owned(), field.to_owned())),
        None => old_place(store, key).await?.map(|(subject, field)| (subject, field.to_owned())),
    };
    let (subject, field) = place.ok_or(VaultError::Damaged { why: "what it belongs to is not there" })?;
    let plain = vault.open(&subject, &field, &record.bytes)?;
    Ok(Some(vault.seal(&subject, &field, plain.expose())))
}
