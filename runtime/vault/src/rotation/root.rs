//! The first root key of the ring takes over a store. In this order, so that a stop at any moment leaves
//! a store that opens with both keys on the ring:
//!
//! 1. What older versions sealed with a root key itself is sealed with the key of its org.
//! 2. The keys of all orgs are wrapped by the first root key.
//! 3. The known value of the start check is sealed by it. From then on the old key is not needed.
//!
//! Step 3 fails if a key of an org was made or changed meanwhile (see `Vault::guard`), and all begins
//! anew; steps that were done find nothing to do.

use super::reseal::reseal;
use crate::check::check_row;
use crate::envelope::{Form, peek};
use crate::error::VaultError;
use crate::keys::KeyId;
use crate::org::rows;
use crate::places::{PAGE, is_own, sealed_tables};
use crate::seal::Vault;
use sluis_model::id::OrgId;
use sluis_store::{Change, Expect, Key, Record, Store, StoreError, Table};
use std::collections::BTreeMap;

/// What changing the root key did.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RootRotation {
    /// The root key that the store is under now.
    pub to: KeyId,
    /// Keys of orgs, and what is known about them, that were wrapped anew.
    pub rewrapped: u64,
    /// Values of older versions that were sealed with the key of their org.
    pub upgraded: u64,
    /// Rows that do not open with any key.
    pub damaged: Vec<Key>,
}

/// How often somebody else may be faster before we give up for now.
const ROUNDS: usize = 32;

type Seen<'a> = &'a mut (dyn FnMut(&RootRotation) + Send);

impl Vault {
    /// Puts a store under the first root key of the ring. Nothing happens if it is.
    ///
    /// # Errors
    /// [`VaultError::UnknownKey`] if a root key is needed that is not on the ring; nothing is lost then.
    pub async fn rotate_root(&self, store: &dyn Store, seen: Seen<'_>) -> Result<RootRotation, VaultError> {
        let to = self.ring.primary_id();
        let mut done = RootRotation { to, rewrapped: 0, upgraded: 0, damaged: Vec::new() };
        for _ in 0..ROUNDS {
            self.verify(store).await?;
            let Some(check) = store.get(&check_row()).await? else { continue };
            done.damaged.clear();
            let still = self.upgrade(store, &mut done, seen).await?;
            let still = self.rewrap(store, &mut done, seen).await? || still;
            if still {
                continue;
            }
            if peek(&check.bytes) == Some((Form::Root, to)) {
                return Ok(done);
            }
            match store.apply(vec![self.check_value(Expect::Version(check.version))]).await {
                Ok(_) => return Ok(done),
                Err(StoreError::Conflict { .. }) => {}
                Err(error) => return Err(error.into()),
            }
        }
        Err(VaultError::Busy)
    }

    /// Seals with keys of orgs what a root key sealed. Tells whether rows were left for another round.
    async fn upgrade(
        &self,
        store: &dyn Store,
        done: &mut RootRotation,
        seen: Seen<'_>,
    ) -> Result<bool, VaultError> {
        let mut left = false;
        for table in sealed_tables() {
            let mut after = None;
            loop {
                let page = store.list_all(table, after.as_ref(), PAGE).await?;
                let mut by_org: BTreeMap<OrgId, Vec<(Key, Record)>> = BTreeMap::new();
                for (key, record) in page.records {
                    if !is_own(&key) && matches!(peek(&record.bytes), Some((Form::Root, _))) {
                        by_org.entry(key.org.clone()).or_default().push((key, record));
                    }
                }
                for (org, rows) in by_org {
                    let keys: Vec<Key> = rows.iter().map(|(key, _)| key.clone()).collect();
                    let tally = reseal(store, &self.of(store, &org).await?, rows).await?;
                    done.upgraded += tally.resealed;
                    left |= tally.left > 0;
                    if tally.damaged > 0 {
                        done.damaged.extend(still_old(store, keys).await?);
                    }
                    seen(done);
                }
                after = page.next;
                if after.is_none() {
                    break;
                }
            }
        }
        Ok(left)
    }

    /// Wraps anew whatever another root key has wrapped. Tells whether rows were left.
    async fn rewrap(
        &self,
        store: &dyn Store,
        done: &mut RootRotation,
        seen: Seen<'_>,
    ) -> Result<bool, VaultError> {
        let (mut left, mut after) = (false, None);
        loop {
            let page = store.list_all(Table::OrgKeys, after.as_ref(), PAGE).await?;
            done.damaged.extend(page.damaged);
            let mut changes = Vec::new();
            for (key, record) in page.records {
                if peek(&record.bytes) == Some((Form::Root, done.to)) {
                    continue;
                }
                match self.open(&rows::context(&key), &record.bytes) {
                    Ok(plain) => changes.push(Change::Put {
                        bytes: self.seal(&rows::context(&key), plain.expose()),
                        key,
                        expect: Expect::Version(record.version),
                    }),
                    Err(VaultError::Damaged { .. }) => done.damaged.push(key),
                    Err(error) => return Err(error),
                }
            }
            let count = changes.len() as u64;
            if count > 0 {
                match store.apply(changes).await {
                    Ok(_) => done.rewrapped += count,
                    Err(StoreError::Conflict { .. }) => left = true,
                    Err(error) => return Err(error.into()),
                }
                seen(done);
            }
            after = page.next;
            if after.is_none() {
                return Ok(left);
            }
        }
    }
}

/// Those of the rows that a root key still seals.
async fn still_old(store: &dyn Store, keys: Vec<Key>) -> Result<Vec<Key>, VaultError> {
    let mut old = Vec::new();
    for key in keys {
        let record = store.get(&key).await?;
        if record.is_some_and(|record| matches!(peek(&record.bytes), Some((Form::Root, _)))) {
            old.push(key);
        }
    }
    Ok(old)
}
