//! Writing: a batch is one call of the function `sluis.apply` in the database, so that it costs one
//! round trip and is one transaction whatever it holds.
//!
//! **A lost answer.** When the connection dies while a batch is out, nobody here knows whether it was
//! committed. The same batch is then sent again, on another connection. Each batch has a random id,
//! and the transaction that makes its changes also writes `sluis.batch`: the second sending takes the
//! same locks, hence waits for the first one if that is still at work, then finds its outcome and
//! answers that, or finds nothing and does the work. In the latter case it records its outcome
//! whatever that is, a refusal too, so that a first sending that was held up in the network and
//! arrives late finds the id and does nothing. Only when no server can be reached until the deadline
//! the answer is [`StoreError::Unknown`].
//!
//! **Contention.** Keys are locked in ascending order of the names of their locks, so batches wait for
//! each other and never deadlock; expectations are looked at under the locks, so there are no
//! serialization failures either. Both are repeated all the same if the server reports them.

use super::calls::Work;
use super::layout;
use crate::error::StoreError;
use crate::key::Key;
use crate::store::{Change, Expect};
use sqlx::{PgConnection, Row};
use std::collections::HashMap;

/// Most keys that are locked one by one. The server has room for some thousand locks in all; a
/// larger batch keeps all other writers out while it is made.
const LOCKS: usize = 256;

/// `p_expects`: there must be no row.
const ABSENT: i64 = 0;
/// `p_expects`: nothing fits.
const IMPOSSIBLE: i64 = -1;

/// A batch as the arguments of `sluis.apply`; one entry for each change.
pub(super) struct Batch<'a> {
    id: [u8; 16],
    locks: Vec<i32>,
    kinds: Vec<&'a str>,
    orgs: Vec<&'a str>,
    ids: Vec<&'a str>,
    expects: Vec<Option<i64>>,
    contents: Vec<Option<&'a [u8]>>,
    digests: Vec<Option<Vec<u8>>>,
}

/// What the database says of a batch.
pub(super) struct Outcome {
    code: i16,
    /// Which change is meant, from 1.
    place: i32,
    versions: Vec<i64>,
}

impl<'a> Batch<'a> {
    /// Changes under a new id.
    pub(super) fn new(changes: &'a [Change]) -> Result<Self, StoreError> {
        let mut id = [0; 16];
        getrandom::fill(&mut id)
            .map_err(|error| StoreError::Io { doing: "find randomness", why: error.to_string() })?;
        let mut batch = Self {
            id,
            locks: Vec::new(),
            kinds: Vec::new(),
            orgs: Vec::new(),
            ids: Vec::new(),
            expects: expectations(changes),
            contents: Vec::new(),
            digests: Vec::new(),
        };
        for (change, key) in rows(changes) {
            let physical = key.physical();
            batch.locks.push(layout::lock_name(&physical));
            batch.kinds.push(key.table.name());
            batch.orgs.push(key.org.as_str());
            batch.ids.push(&key.id);
            let content = match change {
                Change::Put { bytes, .. } => Some(bytes.as_slice()),
                _ => None,
            };
            batch.contents.push(content);
            batch.digests.push(content.map(|content| layout::digest(&physical, content).to_vec()));
        }
        batch.locks.sort_unstable();
        batch.locks.dedup();
        if batch.locks.len() > LOCKS {
            batch.locks.clear();
        }
        Ok(batch)
    }
}

/// The changes that concern rows, which alone the database counts.
fn rows(changes: &[Change]) -> impl Iterator<Item = (&Change, &Key)> {
    changes.iter().filter_map(|change| Some((change, change.key()?)))
}

/// What must be true in the database before the batch. A condition on what an earlier change of the
/// same batch leaves is settled here: whether there is a row is known, and a version that is yet to
/// be given cannot have been asked for.
fn expectations(changes: &[Change]) -> Vec<Option<i64>> {
    let mut left_behind = HashMap::new();
    let mut expects = Vec::with_capacity(changes.len());
    for (change, (key, expect)) in changes.iter().filter_map(|change| Some((change, change.row()?))) {
        expects.push(match (expect, left_behind.get(key)) {
            (Expect::Any, _) | (Expect::Absent, Some(false)) => None,
            (Expect::Absent, None) => Some(ABSENT),
            (Expect::Absent, Some(true)) | (Expect::Version(_), Some(_)) => Some(IMPOSSIBLE),
            (Expect::Version(wanted), None) => {
                Some(i64::try_from(wanted).ok().filter(|version| *version > 0).unwrap_or(IMPOSSIBLE))
            }
        });
        left_behind.insert(key, matches!(change, Change::Put { .. }));
    }
    expects
}

impl Work for Batch<'_> {
    type Answer = Outcome;
    const DOING: &'static str = "write";
    const WRITES: bool = true;

    async fn once(&self, connection: &mut PgConnection, again: bool) -> Result<Outcome, sqlx::Error> {
        let row = sqlx::query(
            "SELECT outcome, place, versions FROM sluis.apply($1, $2, $3, $4, $5, $6, $7, $8, $9)",
        )
        .bind(&self.id[..])
        .bind(again)
        .bind(&self.locks)
        .bind(&self.kinds)
        .bind(&self.orgs)
        .bind(&self.ids)
        .bind(&self.expects)
        .bind(&self.contents)
        .bind(&self.digests)
        .fetch_one(connection)
        .await?;
        Ok(Outcome { code: row.try_get(0)?, place: row.try_get(1)?, versions: row.try_get(2)? })
    }
}

impl Outcome {
    /// The answer to whoever wanted the changes.
    pub(super) fn settle(self, changes: &[Change]) -> Result<Vec<u64>, StoreError> {
        let odd = || StoreError::Broken { why: "`sluis.apply` answers what cannot be".to_owned() };
        if self.code == 0 {
            let mut given = self.versions.iter().map(|version| u64::try_from(*version).ok());
            let version = |change: &Change| change.key().map_or(Some(0), |_| given.next().flatten());
            let versions: Option<Vec<u64>> = changes.iter().map(version).collect();
            return versions.filter(|_| given.next().is_none()).ok_or_else(odd);
        }
        let index = usize::try_from(self.place).ok().and_then(|place| place.checked_sub(1));
        let key = index.and_then(|index| rows(changes).nth(index)).ok_or_else(odd)?.1.clone();
        match self.code {
            1 => Err(StoreError::Conflict { key }),
            2 => Err(StoreError::Damaged { key, why: "content and checksum differ".to_owned() }),
            _ => Err(odd()),
        }
    }
}

/// Forgets what became of batches that nobody can ask for any more.
pub(super) struct Sweep;

impl Work for Sweep {
    type Answer = u64;
    const DOING: &'static str = "tidy up";
    const WRITES: bool = true;

    async fn once(&self, connection: &mut PgConnection, _: bool) -> Result<u64, sqlx::Error> {
        let swept = sqlx::query("DELETE FROM sluis.batch WHERE ended < now() - interval '15 minutes'")
            .execute(connection)
            .await?;
        Ok(swept.rows_affected())
    }
}
