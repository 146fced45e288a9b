//! How keys and sealed rows stand, for operators. Reads names of keys only; opens no credential.

use super::org::{OrgRotation, rotation};
use crate::check::sealed_with;
use crate::envelope::{Form, peek};
use crate::error::VaultError;
use crate::keys::KeyId;
use crate::org::keys::{KeyNumber, OrgKeys};
use crate::places::{is_own, sealed_tables};
use crate::seal::Vault;
use serde::Serialize;
use sluis_model::id::OrgId;
use sluis_store::{Store, Table};
use std::collections::{BTreeMap, BTreeSet};

/// How things stand.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct VaultStatus {
    /// The root keys of this process; the first one wraps.
    pub ring: Vec<KeyId>,
    /// The root key that the store is under; another one than the first of the ring calls for
    /// [`Vault::rotate_root`].
    pub root: Option<KeyId>,
    /// The orgs that have keys or sealed rows.
    pub orgs: Vec<OrgStatus>,
}

/// How things stand for an org.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct OrgStatus {
    /// Which.
    pub org: OrgId,
    /// Number of the key that seals; 0 if it has none yet.
    pub primary: KeyNumber,
    /// The name of that key.
    pub key: Option<KeyId>,
    /// Keys of smaller numbers are retired.
    pub floor: KeyNumber,
    /// Root keys that wrap its keys.
    pub wrapped_by: BTreeSet<KeyId>,
    /// Its rows.
    pub rows: Rows,
    /// Its last change of keys.
    pub rotation: Option<OrgRotation>,
    /// Why its keys cannot be used, if they cannot.
    pub problem: Option<String>,
}

/// Counts of sealed rows.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize)]
pub struct Rows {
    /// Under the key that seals now.
    pub current: u64,
    /// Under an older key of the org that still counts.
    pub older: u64,
    /// Under a root key itself, by an older version of Sluis.
    pub root: u64,
    /// Damaged, or under a key that is retired or unknown.
    pub unreadable: u64,
}

type Counts = BTreeMap<Option<(bool, KeyId)>, u64>;

impl Vault {
    /// How keys and sealed rows stand.
    pub async fn status(&self, store: &dyn Store) -> Result<VaultStatus, VaultError> {
        let ring = std::iter::once(self.ring.primary_id()).chain(self.ring.other_ids()).collect();
        let mut wrapped: BTreeMap<OrgId, BTreeSet<KeyId>> = BTreeMap::new();
        let mut counts: BTreeMap<OrgId, Counts> = BTreeMap::new();
        for table in std::iter::once(Table::OrgKeys).chain(sealed_tables()) {
            let mut after = None;
            loop {
                let page = store.list_all(table, after.as_ref(), 1_000).await?;
                let rows = page.records.iter().map(|(key, record)| (key, peek(&record.bytes)));
                for (key, found) in rows.chain(page.damaged.iter().map(|key| (key, None))) {
                    if is_own(key) {
                        continue;
                    }
                    let root_keys = wrapped.entry(key.org.clone()).or_default();
                    if table == Table::OrgKeys {
                        root_keys.extend(found.map(|(_, id)| id));
                    } else {
                        let kind = found.map(|(form, id)| (form == Form::Root, id));
                        *counts.entry(key.org.clone()).or_default().entry(kind).or_default() += 1;
                    }
                }
                after = page.next;
                if after.is_none() {
                    break;
                }
            }
        }
        let mut orgs = Vec::with_capacity(wrapped.len());
        for (org, wrapped_by) in wrapped {
            let counts = counts.remove(&org).unwrap_or_default();
            orgs.push(self.org_status(store, org, wrapped_by, &counts).await?);
        }
        Ok(VaultStatus { ring, root: sealed_with(store).await?, orgs })
    }

    async fn org_status(
        &self,
        store: &dyn Store,
        org: OrgId,
        wrapped_by: BTreeSet<KeyId>,
        counts: &Counts,
    ) -> Result<OrgStatus, VaultError> {
        let (keys, problem) = match self.read_keys(store, &org).await {
            Ok(keys) => (keys, None),
            Err(error) => (None, Some(error.to_string())),
        };
        let primary = keys.as_ref().map(OrgKeys::primary);
        Ok(OrgStatus {
            primary: primary.map_or(0, |key| key.number),
            key: primary.map(|key| key.key.id),
            floor: keys.as_ref().map_or(0, |keys| keys.head.floor),
            rows: rows(keys.as_ref(), counts),
            rotation: rotation(store, &org).await?,
            org,
            wrapped_by,
            problem,
        })
    }
}

fn rows(keys: Option<&OrgKeys>, counts: &Counts) -> Rows {
    let mut rows = Rows::default();
    let floor = keys.map_or(0, |keys| keys.head.floor);
    for (kind, count) in counts {
        let known = |id| keys.and_then(|keys| keys.find(id)).filter(|key| key.number >= floor);
        let place = match kind {
            Some((true, _)) if floor == 0 => &mut rows.root,
            Some((false, id)) => match (known(*id), keys) {
                (Some(key), Some(keys)) if key.number == keys.head.primary => &mut rows.current,
                (Some(_), _) => &mut rows.older,
                (None, _) => &mut rows.unreadable,
            },
            Some((true, _)) | None => &mut rows.unreadable,
        };
        *place += count;
    }
    rows
}
