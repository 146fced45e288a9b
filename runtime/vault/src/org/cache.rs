//! Keys of orgs are unwrapped once and held; an org without a key gets one.
//!
//! What is held is looked at again after [`FRESH_MS`], so that a rotation by another process is
//! learned of; [`crate::rotation`] waits longer than that between its steps.

use super::keys::{Head, OrgKey, OrgKeys};
use super::rows::{head_row, key_row};
use super::vault::OrgVault;
use crate::check::check_row;
use crate::envelope::peek;
use crate::error::VaultError;
use crate::keys::{KeyKind, SealingKey};
use crate::seal::Vault;
use sluis_model::id::OrgId;
use sluis_model::time::Timestamp;
use sluis_store::{Change, Expect, Store, StoreError};
use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

/// How long keys are used without looking whether they still count, in ms.
pub const FRESH_MS: i64 = 5_000;

/// How often somebody else may be faster before we give up.
const ROUNDS: usize = 32;

struct Held {
    keys: Arc<OrgKeys>,
    seen_at: Timestamp,
}

/// The keys of orgs that this process has unwrapped.
#[derive(Default)]
pub(crate) struct OrgCache {
    held: Mutex<HashMap<OrgId, Held>>,
    /// One at a time makes keys: they all write one row, see [`Vault::guard`].
    making: tokio::sync::Mutex<()>,
}

impl OrgCache {
    fn get(&self, org: &OrgId) -> Option<(Arc<OrgKeys>, Timestamp)> {
        let held = self.held.lock().unwrap_or_else(PoisonError::into_inner);
        held.get(org).map(|held| (Arc::clone(&held.keys), held.seen_at))
    }

    pub(crate) fn put(&self, org: &OrgId, keys: Arc<OrgKeys>, seen_at: Timestamp) {
        let mut held = self.held.lock().unwrap_or_else(PoisonError::into_inner);
        held.insert(org.clone(), Held { keys, seen_at });
    }
}

impl Vault {
    /// The vault of an org: unwraps its keys if they are not yet, and makes its first one. Ask anew for
    /// each piece of work and keep it no longer: keys change.
    pub async fn of(&self, store: &dyn Store, org: &OrgId) -> Result<OrgVault, VaultError> {
        let keys = self.keys_of(store, org).await?;
        Ok(OrgVault::new(self.clone(), org.clone(), keys))
    }

    async fn keys_of(&self, store: &dyn Store, org: &OrgId) -> Result<Arc<OrgKeys>, VaultError> {
        let now = self.clock.now();
        if let Some((keys, seen_at)) = self.orgs.get(org) {
            // A clock that was set back makes it look again, not trust for longer.
            if (0..FRESH_MS).contains(&(now.0.saturating_sub(seen_at.0))) {
                return Ok(keys);
            }
            let head = store.get(&head_row(org)).await?;
            if head.is_some_and(|record| record.version == keys.version) {
                self.orgs.put(org, Arc::clone(&keys), now);
                return Ok(keys);
            }
        }
        self.fresh_keys(store, org).await
    }

    /// The keys of an org as the store has them now.
    pub(crate) async fn fresh_keys(
        &self,
        store: &dyn Store,
        org: &OrgId,
    ) -> Result<Arc<OrgKeys>, VaultError> {
        let now = self.clock.now();
        let keys = match self.read_keys(store, org).await? {
            Some(keys) => keys,
            None => self.make_first_key(store, org).await?,
        };
        let keys = Arc::new(keys);
        self.orgs.put(org, Arc::clone(&keys), now);
        Ok(keys)
    }

    async fn make_first_key(&self, store: &dyn Store, org: &OrgId) -> Result<OrgKeys, VaultError> {
        let _one_at_a_time = self.orgs.making.lock().await;
        for _ in 0..ROUNDS {
            if let Some(keys) = self.read_keys(store, org).await? {
                return Ok(keys);
            }
            let mut changes = self.first_key(org);
            changes.push(self.guard(store).await?);
            match store.apply(changes).await {
                // Either ours or another node's is there now: the one in the store counts.
                Ok(_) => {}
                Err(StoreError::Conflict { key }) if key == key_row(org, 1) => {
                    if store.get(&head_row(org)).await?.is_none() {
                        return Err(VaultError::Damaged { why: "which of the org's keys seals is lost" });
                    }
                }
                Err(StoreError::Conflict { .. }) => {}
                Err(error) => return Err(error.into()),
            }
        }
        Err(VaultError::Busy)
    }

    fn first_key(&self, org: &OrgId) -> Vec<Change> {
        let now = self.clock.now();
        let key =
            OrgKey { number: 1, key: SealingKey::generate(KeyKind::Org, &*self.randomness), made_at: now };
        // Older versions sealed with the root key, which counts as number 0: such values still open.
        let head = Head { newest: 1, primary: 1, floor: 0, announced_at: now, promoted_at: now };
        vec![
            Change::Put { key: key_row(org, 1), bytes: self.wrap_key(org, &key), expect: Expect::Absent },
            Change::Put { key: head_row(org), bytes: self.wrap_head(org, &head), expect: Expect::Absent },
        ]
    }

    /// A change that goes through only if no other root key has taken over meanwhile: a process that
    /// has the old one alone would wrap keys that nobody else can unwrap.
    pub(crate) async fn guard(&self, store: &dyn Store) -> Result<Change, VaultError> {
        let key = check_row();
        if store.get(&key).await?.is_none() {
            self.verify(store).await?;
        }
        let record = store.get(&key).await?.ok_or(VaultError::Busy)?;
        match peek(&record.bytes) {
            Some((_, id)) if self.ring.find(id).is_some() => {
                Ok(Change::Put { key, bytes: record.bytes, expect: Expect::Version(record.version) })
            }
            Some((_, wanted)) => Err(VaultError::WrongKey { given: self.ring.primary_id(), wanted }),
            None => Err(VaultError::Damaged { why: "the check value is not sealed" }),
        }
    }
}
