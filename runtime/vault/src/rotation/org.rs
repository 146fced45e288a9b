//! An org gets a new key. Four steps, each one batch of changes:
//!
//! 1. *announced*: the key is in the store; every process learns to open with it.
//! 2. *resealing*: it seals; whatever else the org has sealed is sealed anew.
//! 3. *draining*: nothing under an old key is left, but a process that has asked for the org's vault
//!    before step 2 may still write something.
//! 4. *done*: a last look found nothing, and the old keys are refused from now on.
//!
//! Between 1 and 2 and between 2 and 4 lies the time to settle, longer than any process uses keys
//! without looking ([`crate::org::FRESH_MS`]) and than it takes to write what was sealed. Old keys stay
//! in the store, wrapped, as OpenBao's transit engine keeps what lies below its `min_decryption_version`.

use super::reseal::{Tally, reseal};
use crate::envelope::Form;
use crate::error::VaultError;
use crate::keys::{KeyKind, SealingKey};
use crate::org::keys::{Head, KeyNumber, OrgKey, OrgKeys};
use crate::org::rows::{head_row, key_row};
use crate::places::{Found, Walk};
use crate::seal::Vault;
use serde::{Deserialize, Serialize};
use sluis_model::id::OrgId;
use sluis_model::time::Timestamp;
use sluis_store::{Change, Expect, Key, Store, StoreError, Table, get_json, put_json};

/// The time to settle where other processes, or other tasks of this one, use the store: in ms.
pub const SETTLE_MS: i64 = 30_000;

/// How often somebody else may be faster, or rows may appear, before we give up for now.
const ROUNDS: usize = 32;

/// Where a rotation stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Phase {
    /// The new key is there; it does not seal yet.
    Announced,
    /// The new key seals, old values are sealed anew.
    Resealing,
    /// Nothing old is left; late writers are waited for.
    Draining,
    /// The old keys are retired.
    Done,
}

/// The last change of an org's key.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct OrgRotation {
    /// Number of the new key.
    pub target: KeyNumber,
    /// Where it stands.
    pub phase: Phase,
    /// Rows sealed anew so far.
    pub resealed: u64,
    /// Rows that do not open with any key, as counted last.
    pub damaged: u64,
    /// When it began.
    pub started_at: Timestamp,
    /// When it was done.
    pub finished_at: Option<Timestamp>,
}

/// What is next.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Step {
    /// Call again at this moment.
    Wait {
        /// Not before.
        until: Timestamp,
        /// How far it has come.
        rotation: OrgRotation,
    },
    /// Nothing.
    Done(OrgRotation),
}

/// Is told how far a rotation has come, after each batch.
pub type Seen<'a> = &'a mut (dyn FnMut(&OrgRotation) + Send);

fn progress_row(org: &OrgId) -> Key {
    Key::new(Table::Rotations, org, "org-key")
}

/// The last rotation of an org, if there was one.
pub async fn rotation(store: &dyn Store, org: &OrgId) -> Result<Option<OrgRotation>, VaultError> {
    Ok(get_json(store, &progress_row(org)).await?.map(|(_, rotation)| rotation))
}

/// The orgs whose rotation was begun and is not done.
pub async fn unfinished(store: &dyn Store) -> Result<Vec<OrgId>, VaultError> {
    let (mut orgs, mut after) = (Vec::new(), None);
    loop {
        let page = store.list_all(Table::Rotations, after.as_ref(), 1_000).await?;
        for (key, record) in page.records {
            let known: Result<OrgRotation, _> = serde_json::from_slice(&record.bytes);
            if known.is_ok_and(|rotation| rotation.phase != Phase::Done) {
                orgs.push(key.org);
            }
        }
        after = page.next;
        if after.is_none() {
            return Ok(orgs);
        }
    }
}

impl Vault {
    /// Gives an org a new key, unless a rotation is under way: then that one is answered.
    pub async fn start_rotation(&self, store: &dyn Store, org: &OrgId) -> Result<OrgRotation, VaultError> {
        for _ in 0..ROUNDS {
            let keys = self.fresh_keys(store, org).await?;
            if let Some(under_way) = rotation(store, org).await?.filter(|r| r.phase != Phase::Done) {
                return Ok(under_way);
            }
            let now = self.clock.now();
            let target = keys.head.newest.saturating_add(1);
            let key = SealingKey::generate(KeyKind::Org, &*self.randomness);
            let wrapped = self.wrap_key(org, &OrgKey { number: target, key, made_at: now });
            let progress = OrgRotation {
                target,
                phase: Phase::Announced,
                resealed: 0,
                damaged: 0,
                started_at: now,
                finished_at: None,
            };
            let head = Head { newest: target, announced_at: now, ..keys.head };
            let changes = vec![
                Change::Put { key: key_row(org, target), bytes: wrapped, expect: Expect::Absent },
                self.head_change(org, &head, &keys),
                put_json(progress_row(org), &progress, Expect::Any)?,
                self.guard(store).await?,
            ];
            if applied(store, changes).await? {
                self.fresh_keys(store, org).await?;
                return Ok(progress);
            }
        }
        Err(VaultError::Busy)
    }

    /// Goes on with the rotation of an org, as far as it can without waiting. Call again until it is
    /// done; from any process.
    ///
    /// `settle_ms` is [`SETTLE_MS`], or 0 for a caller who knows that nobody else uses the store.
    pub async fn advance_rotation(
        &self,
        store: &dyn Store,
        org: &OrgId,
        settle_ms: i64,
        seen: Seen<'_>,
    ) -> Result<Step, VaultError> {
        for _ in 0..ROUNDS {
            let keys = self.fresh_keys(store, org).await?;
            let Some(mut progress) = rotation(store, org).await? else {
                return Err(VaultError::NoRotation { org: org.clone() });
            };
            if progress.phase == Phase::Done {
                return Ok(Step::Done(progress));
            }
            let head = keys.head;
            if head.primary < progress.target {
                let until = Timestamp(head.announced_at.0.saturating_add(settle_ms));
                if self.clock.now() < until {
                    return Ok(Step::Wait { until, rotation: progress });
                }
                progress.phase = Phase::Resealing;
                let head = Head { primary: progress.target, promoted_at: self.clock.now(), ..head };
                let changes = vec![
                    self.head_change(org, &head, &keys),
                    put_json(progress_row(org), &progress, Expect::Any)?,
                ];
                applied(store, changes).await?;
                continue;
            }
            let (begun, until) = (self.clock.now(), Timestamp(head.promoted_at.0.saturating_add(settle_ms)));
            let found = self.pass(store, org, &mut progress, seen).await?;
            if begun < until {
                progress.phase = Phase::Draining;
                store.apply(vec![put_json(progress_row(org), &progress, Expect::Any)?]).await?;
                return Ok(Step::Wait { until, rotation: progress });
            }
            if found {
                continue;
            }
            (progress.phase, progress.finished_at) = (Phase::Done, Some(self.clock.now()));
            let head = Head { floor: progress.target, ..head };
            let changes = vec![
                self.head_change(org, &head, &keys),
                put_json(progress_row(org), &progress, Expect::Any)?,
            ];
            if applied(store, changes).await? {
                self.fresh_keys(store, org).await?;
                seen(&progress);
                return Ok(Step::Done(progress));
            }
        }
        Err(VaultError::Busy)
    }

    fn head_change(&self, org: &OrgId, head: &Head, before: &OrgKeys) -> Change {
        let expect = Expect::Version(before.version);
        Change::Put { key: head_row(org), bytes: self.wrap_head(org, head), expect }
    }

    /// Goes once through all that the org has sealed. Tells whether anything old was found that can be
    /// opened: then another pass must follow.
    async fn pass(
        &self,
        store: &dyn Store,
        org: &OrgId,
        progress: &mut OrgRotation,
        seen: Seen<'_>,
    ) -> Result<bool, VaultError> {
        let vault = self.of(store, org).await?;
        let (mut walk, mut damaged, mut found) = (Walk::new(org), 0, false);
        while let Some(page) = walk.next(store).await? {
            let mut old = Vec::new();
            for row in page {
                match (row.form(), row) {
                    (Some((Form::Org, id)), _) if id == vault.primary().1 => {}
                    (_, Found::Sealed(key, record)) => old.push((key, record)),
                    (_, Found::Damaged(_)) => damaged += 1,
                }
            }
            if old.is_empty() {
                continue;
            }
            let Tally { resealed, damaged: more, left } = reseal(store, &vault, old).await?;
            damaged += more;
            found |= resealed + left > 0;
            progress.resealed += resealed;
            progress.damaged = progress.damaged.max(damaged);
            if resealed > 0 {
                store.apply(vec![put_json(progress_row(org), progress, Expect::Any)?]).await?;
                seen(progress);
            }
        }
        progress.damaged = damaged;
        Ok(found)
    }
}

/// Makes all changes; `false` if somebody else was faster.
async fn applied(store: &dyn Store, changes: Vec<Change>) -> Result<bool, VaultError> {
    match store.apply(changes).await {
        Ok(_) => Ok(true),
        Err(StoreError::Conflict { .. }) => Ok(false),
        Err(error) => Err(error.into()),
    }
}
