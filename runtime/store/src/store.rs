//! The one trait of the store. It says what callers may count on; `tests/it/conformance.rs` checks
//! a backend against it.

use crate::error::StoreError;
use crate::job::{self, Job, JobHandler, QueuedJob, StopSignal, WorkOptions};
use crate::key::{Key, Table};
use async_trait::async_trait;
use sluis_model::id::OrgId;
use sluis_model::time::Timestamp;
use std::sync::Arc;

/// Longest value of a row, in bytes.
pub const MAX_VALUE_BYTES: usize = 32 * 1024 * 1024;

/// Most bytes that the values of one batch may have together.
pub const MAX_BATCH_BYTES: usize = 256 * 1024 * 1024;

/// A row as read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Record {
    /// Grows with every write of the row. Never used twice in the life of a store, also not after
    /// the row was deleted and made anew. Says nothing else: do not count on steps of one.
    pub version: u64,
    /// The content.
    pub bytes: Vec<u8>,
}

/// What must be true of a row for a change to happen.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Expect {
    /// Nothing.
    Any,
    /// It is not there.
    Absent,
    /// It is there in this version.
    Version(u64),
}

/// One step of a batch.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Change {
    /// Writes a row.
    Put {
        /// Which.
        key: Key,
        /// Its new content.
        bytes: Vec<u8>,
        /// Under which condition.
        expect: Expect,
    },
    /// Removes a row; removing what is not there is fine unless a version was expected.
    Delete {
        /// Which.
        key: Key,
        /// Under which condition.
        expect: Expect,
    },
    /// Queues a job: somebody works on it once the batch is written, see [`crate::job`].
    Enqueue {
        /// The job.
        job: Job,
    },
    /// Takes the job with this key off the queue; none is there is fine. One that is being worked on is
    /// finished, but not tried again.
    Unqueue {
        /// Whose.
        org: OrgId,
        /// Its key.
        key: String,
    },
}

impl Change {
    /// The row concerned; none if it is about a job.
    pub fn key(&self) -> Option<&Key> {
        self.row().map(|(key, _)| key)
    }

    /// The row concerned and what must be true of it.
    pub(crate) fn row(&self) -> Option<(&Key, Expect)> {
        match self {
            Change::Put { key, expect, .. } | Change::Delete { key, expect } => Some((key, *expect)),
            Change::Enqueue { .. } | Change::Unqueue { .. } => None,
        }
    }
}

/// Refuses a batch in which a key or value breaks the rules.
pub(crate) fn refuse_unfit(changes: &[Change]) -> Result<(), StoreError> {
    let mut all = 0;
    for change in changes {
        if let Some(key) = change.key()
            && let Some(why) = key.fault()
        {
            return Err(StoreError::Refused { key: key.clone(), why });
        }
        let (key, bytes) = match change {
            Change::Put { key, bytes, .. } => (key, bytes),
            Change::Enqueue { job } => {
                job::refuse_unfit(job)?;
                continue;
            }
            Change::Delete { .. } | Change::Unqueue { .. } => continue,
        };
        if bytes.len() > MAX_VALUE_BYTES {
            return Err(StoreError::Refused { key: key.clone(), why: "a value has at most 32 MiB" });
        }
        all += bytes.len();
        if all > MAX_BATCH_BYTES {
            return Err(StoreError::Refused { key: key.clone(), why: "a batch has at most 256 MiB" });
        }
    }
    Ok(())
}

/// Part of a table, over all orgs.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Page {
    /// Rows in the order of their keys.
    pub records: Vec<(Key, Record)>,
    /// Rows that are damaged. They count toward the limit.
    pub damaged: Vec<Key>,
    /// Where to go on; `None` at the end.
    pub next: Option<Key>,
}

/// A place for rows.
///
/// A write that was answered with `Ok` survives the death of process and machine. Every call is
/// safe to be dropped half-way; an `apply` that was begun may then still be carried out.
#[async_trait]
pub trait Store: Send + Sync {
    /// Whether no other process can have this store open at the same time. Who wrote a row and is
    /// not of this process is then dead.
    fn is_ours_alone(&self) -> bool {
        false
    }

    /// Reads a row; `None` if it is not there.
    async fn get(&self, key: &Key) -> Result<Option<Record>, StoreError>;

    /// Rows of a table that an org owns, in byte order of their ids: those that begin with
    /// `prefix` and come after `after` (exclusive), at most `limit`. A damaged row among them is
    /// an error that names it; [`Store::list_all`] goes past such rows.
    async fn list(
        &self,
        table: Table,
        org: &OrgId,
        prefix: &str,
        after: Option<&str>,
        limit: usize,
    ) -> Result<Vec<(String, Record)>, StoreError>;

    /// Rows of a table of all orgs, for recovery at start and for operators. Never answer a
    /// subscriber with this.
    async fn list_all(&self, table: Table, after: Option<&Key>, limit: usize) -> Result<Page, StoreError>;

    /// Makes all changes, or none. Changes are made in order and see the ones before them. The
    /// answer holds the new version for each `Put` and 0 for every other change.
    async fn apply(&self, changes: Vec<Change>) -> Result<Vec<u64>, StoreError>;

    /// The time of the server that holds the rows; `None` if they are this process's own, whose clock
    /// then serves all who use them.
    ///
    /// For leases, and nothing else. A lease that one node takes and another one judges by its own
    /// clock ends early by as much as the clocks differ, and then two nodes renew one token at the same
    /// time: versions keep the rows right, but a provider that rotates has already answered twice.
    /// Write the end of a lease as a moment of this clock, and judge it by this clock.
    async fn server_time(&self) -> Result<Option<Timestamp>, StoreError> {
        Ok(None)
    }

    /// Works on jobs until `stop` completes: takes those that are due as soon as they are, whichever process
    /// queued them, and gives them to `handler`, several at a time. After the stop it takes no more, and
    /// comes back when those at work have ended or the time of draining is over. When the future is dropped
    /// what is at work is cut off, and comes back to whoever works next.
    ///
    /// # Errors
    /// [`StoreError::Closed`] when the store is closed meanwhile. While a store cannot be reached, it is
    /// asked again.
    async fn work_jobs(
        &self,
        handler: Arc<dyn JobHandler>,
        options: WorkOptions,
        stop: StopSignal,
    ) -> Result<(), StoreError>;

    /// Jobs in the order of their numbers, from after this one on, at most `limit`: for operators and for
    /// copying. Never answer a subscriber with this.
    async fn list_jobs(&self, after: Option<u64>, limit: usize) -> Result<Vec<QueuedJob>, StoreError>;

    /// Finishes what was begun and closes. Later calls, but for `close` itself, are answered with
    /// [`StoreError::Closed`].
    async fn close(&self) -> Result<(), StoreError>;
}
