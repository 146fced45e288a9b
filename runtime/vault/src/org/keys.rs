//! The keys of one org. They are numbered from 1; one of them seals, the ones from the floor on
//! open, and those below the floor are retired.

use crate::keys::{KeyId, SealingKey};
use serde::{Deserialize, Serialize};
use sluis_model::time::Timestamp;
use std::fmt;

/// Number of a key within its org. 0 stands for values that no org key sealed (`SLV1`).
pub type KeyNumber = u32;

/// A key of an org.
pub(crate) struct OrgKey {
    pub(crate) number: KeyNumber,
    pub(crate) key: SealingKey,
    pub(crate) made_at: Timestamp,
}

/// Which keys of an org count.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Head {
    /// The last key made. One that is not the primary yet is announced: every process learns to open
    /// with it before any process seals with it.
    pub(crate) newest: KeyNumber,
    /// The key that seals.
    pub(crate) primary: KeyNumber,
    /// Values sealed with a key of a smaller number are refused.
    pub(crate) floor: KeyNumber,
    /// When the last key was made.
    pub(crate) announced_at: Timestamp,
    /// When the primary became the primary.
    pub(crate) promoted_at: Timestamp,
}

/// All keys of an org, unwrapped. Wiped when dropped.
pub(crate) struct OrgKeys {
    pub(crate) head: Head,
    /// Version of the head's row.
    pub(crate) version: u64,
    primary: OrgKey,
    others: Vec<OrgKey>,
}

impl OrgKeys {
    /// `None` if the primary is not among the keys.
    pub(crate) fn new(head: Head, version: u64, mut keys: Vec<OrgKey>) -> Option<Self> {
        let place = keys.iter().position(|key| key.number == head.primary)?;
        let primary = keys.swap_remove(place);
        Some(Self { head, version, primary, others: keys })
    }

    pub(crate) fn primary(&self) -> &OrgKey {
        &self.primary
    }

    pub(crate) fn all(&self) -> impl Iterator<Item = &OrgKey> {
        std::iter::once(&self.primary).chain(&self.others)
    }

    pub(crate) fn find(&self, id: KeyId) -> Option<&OrgKey> {
        self.all().find(|key| key.key.id == id)
    }
}

impl fmt::Debug for OrgKeys {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let ids: Vec<_> = self.all().map(|key| (key.number, key.key.id)).collect();
        f.debug_struct("OrgKeys").field("head", &self.head).field("keys", &ids).finish()
    }
}
