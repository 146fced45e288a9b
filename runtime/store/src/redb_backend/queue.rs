//! Jobs in the file: how they lie, how they come and go within a transaction of the writer, and which of
//! them are due.
//!
//! `jobs` holds each job under its number, with a checksum; `jobs_due` its number under its time; and
//! `jobs_keys` its number under its org and key. Who is at work on a job stands nowhere in the file: when
//! the process dies, nobody is.

use super::file::translate;
use super::layout::{META, decode_number, encode_number, guard};
use crate::error::StoreError;
use crate::job::{DueJob, Job, QueuedJob, Worked, pause_after};
use redb::{ReadTransaction, ReadableTable, Table, TableDefinition, TableError, WriteTransaction};
use serde::{Deserialize, Serialize};
use sluis_model::id::OrgId;
use sluis_model::time::Timestamp;
use std::collections::BTreeSet;

type Bytes = &'static [u8];

const JOBS: TableDefinition<u64, Bytes> = TableDefinition::new("jobs");
const DUE: TableDefinition<(u64, u64), ()> = TableDefinition::new("jobs_due");
const KEYS: TableDefinition<Bytes, u64> = TableDefinition::new("jobs_keys");
/// The highest number given to any job.
const META_JOB: &str = "job";

/// A job as it stands in the file.
#[derive(Debug, Clone, Serialize, Deserialize)]
struct Row {
    #[serde(flatten)]
    job: Job,
    #[serde(default)]
    attempts: u32,
    #[serde(default)]
    last_error: Option<String>,
    /// Another one has its key now, or it was taken off the queue: it is not tried again.
    #[serde(default)]
    retired: bool,
}

impl Row {
    /// Those that are due at once come first in the index, in the order of their numbers.
    fn place(&self, id: u64) -> (u64, u64) {
        (self.job.run_at.map_or(0, |at| u64::try_from(at.0).unwrap_or(0).max(1)), id)
    }
}

/// What is to become of a job that was worked on.
#[derive(Debug, Clone)]
pub(super) struct Settlement {
    pub id: u64,
    pub worked: Worked,
    /// The moment it ended.
    pub now: Timestamp,
}

/// What became of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Settled {
    /// It is not there any more.
    Gone,
    /// It waits for another attempt.
    Waits,
    /// No attempt was left, or nobody wants another: it is not there any more.
    GivenUp,
}

/// The tables of the queue in a transaction that writes.
pub(super) struct Queue<'txn> {
    jobs: Table<'txn, u64, Bytes>,
    due: Table<'txn, (u64, u64), ()>,
    keys: Table<'txn, Bytes, u64>,
}

fn failed(error: impl Into<redb::Error>) -> StoreError {
    translate("write", error.into())
}

impl<'txn> Queue<'txn> {
    pub(super) fn open(transaction: &'txn WriteTransaction) -> Result<Self, StoreError> {
        Ok(Self {
            jobs: transaction.open_table(JOBS).map_err(failed)?,
            due: transaction.open_table(DUE).map_err(failed)?,
            keys: transaction.open_table(KEYS).map_err(failed)?,
        })
    }

    /// Queues a job in place of one with its key.
    pub(super) fn enqueue(
        &mut self,
        meta: &mut Table<'txn, &'static str, Bytes>,
        job: &Job,
        at_work: &BTreeSet<u64>,
    ) -> Result<(), StoreError> {
        if let Some(key) = &job.key {
            self.unqueue(&job.org, key, at_work)?;
        }
        let last = match meta.get(META_JOB).map_err(failed)? {
            Some(value) => decode_number(META_JOB, value.value())
                .ok_or_else(|| StoreError::Broken { why: "its counter of jobs is damaged".to_owned() })?,
            None => 0,
        };
        let id = last + 1;
        meta.insert(META_JOB, encode_number(META_JOB, id).as_slice()).map_err(failed)?;
        let row = Row { job: job.clone(), attempts: 0, last_error: None, retired: false };
        self.put(id, &row)?;
        if let Some(key) = &job.key {
            self.keys.insert(key_of(&job.org, key).as_slice(), id).map_err(failed)?;
        }
        Ok(())
    }

    /// Takes the job with this key away; one that is at work only loses its key and further attempts.
    pub(super) fn unqueue(
        &mut self,
        org: &OrgId,
        key: &str,
        at_work: &BTreeSet<u64>,
    ) -> Result<(), StoreError> {
        let found = self.keys.remove(key_of(org, key).as_slice()).map_err(failed)?.map(|id| id.value());
        let Some(id) = found else { return Ok(()) };
        let Some(mut row) = self.get(id)? else { return Ok(()) };
        if at_work.contains(&id) {
            row.retired = true;
            row.job.key = None;
            self.put(id, &row)
        } else {
            self.remove(id, &row)
        }
    }

    /// Writes down what came of an attempt.
    pub(super) fn settle(&mut self, settlement: &Settlement) -> Result<Settled, StoreError> {
        let id = settlement.id;
        let Some(mut row) = self.get(id)? else { return Ok(Settled::Gone) };
        let place = row.place(id);
        let pause = match &settlement.worked {
            Worked::Done => return self.remove(id, &row).map(|()| Settled::Gone),
            Worked::GiveUp { .. } => return self.remove(id, &row).map(|()| Settled::GivenUp),
            Worked::Later { after } => *after,
            Worked::Again { after, why } => {
                row.attempts = row.attempts.saturating_add(1);
                row.last_error = Some(why.clone());
                if row.attempts >= row.job.max_attempts {
                    return self.remove(id, &row).map(|()| Settled::GivenUp);
                }
                after.unwrap_or_else(|| pause_after(row.attempts))
            }
        };
        if row.retired {
            return self.remove(id, &row).map(|()| Settled::Gone);
        }
        let pause = i64::try_from(pause.as_millis()).unwrap_or(i64::MAX);
        row.job.run_at = Some(Timestamp(settlement.now.0.saturating_add(pause)));
        self.due.remove(place).map_err(failed)?;
        self.put(id, &row).map(|()| Settled::Waits)
    }

    fn get(&self, id: u64) -> Result<Option<Row>, StoreError> {
        match self.jobs.get(id).map_err(failed)? {
            Some(value) => decode(id, value.value()).map(Some),
            None => Ok(None),
        }
    }

    fn put(&mut self, id: u64, row: &Row) -> Result<(), StoreError> {
        self.jobs.insert(id, encode(id, row)?.as_slice()).map_err(failed)?;
        self.due.insert(row.place(id), ()).map_err(failed)?;
        Ok(())
    }

    fn remove(&mut self, id: u64, row: &Row) -> Result<(), StoreError> {
        self.jobs.remove(id).map_err(failed)?;
        self.due.remove(row.place(id)).map_err(failed)?;
        if let Some(key) = &row.job.key {
            self.keys.remove(key_of(&row.job.org, key).as_slice()).map_err(failed)?;
        }
        Ok(())
    }
}

fn key_of(org: &OrgId, key: &str) -> Vec<u8> {
    [org.as_str().as_bytes(), key.as_bytes()].join(&0)
}

fn encode(id: u64, row: &Row) -> Result<Vec<u8>, StoreError> {
    let content = serde_json::to_vec(row)
        .map_err(|error| StoreError::Io { doing: "write a job", why: error.to_string() })?;
    Ok([&guard(&id.to_be_bytes(), &content)[..], &content].concat())
}

fn decode(id: u64, value: &[u8]) -> Result<Row, StoreError> {
    let sound = value.split_first_chunk::<8>().filter(|(sum, rest)| guard(&id.to_be_bytes(), rest) == **sum);
    let row = sound.and_then(|(_, rest)| serde_json::from_slice(rest).ok());
    row.ok_or_else(|| StoreError::Broken { why: format!("job {id} is damaged") })
}

/// What may be begun now.
#[derive(Debug, Default)]
pub(super) struct Turn {
    pub due: Vec<DueJob>,
    /// Jobs that cannot be read: nobody works on them.
    pub damaged: Vec<u64>,
    /// When the next one is due that nobody is at.
    pub next: Option<Timestamp>,
}

/// Jobs that are due and that nobody is at, at most `room`.
pub(super) fn turn(
    snapshot: &ReadTransaction,
    now: Timestamp,
    room: usize,
    at_work: &BTreeSet<u64>,
    knows: &dyn Fn(&str) -> bool,
) -> Result<Turn, StoreError> {
    let mut turn = Turn::default();
    let (Some(jobs), Some(due)) = (opened(snapshot.open_table(JOBS))?, opened(snapshot.open_table(DUE))?)
    else {
        return Ok(turn);
    };
    let present = u64::try_from(now.0).unwrap_or(0).max(1);
    let free = |range: std::ops::RangeInclusive<(u64, u64)>| -> Result<_, StoreError> {
        let entries = due.range(range).map_err(failed)?;
        Ok(entries.filter_map(|entry| match entry {
            Ok((place, _)) if at_work.contains(&place.value().1) => None,
            Ok((place, _)) => Some(Ok(place.value())),
            Err(error) => Some(Err(failed(error))),
        }))
    };
    // Those without a time and those whose time has come take turns, so that neither waits for ever.
    let mut at_once = free((0, 0)..=(0, u64::MAX))?;
    let mut timed = free((1, 0)..=(present, u64::MAX))?;
    loop {
        let both = [at_once.next(), timed.next()];
        let found: Vec<(u64, u64)> = both.into_iter().flatten().collect::<Result<_, _>>()?;
        if found.is_empty() || turn.due.len() >= room {
            break;
        }
        for (_, id) in found {
            match jobs.get(id).map_err(failed)?.map(|value| decode(id, value.value())) {
                Some(Ok(row)) if turn.due.len() < room && knows(&row.job.task) => {
                    turn.due.push(DueJob { id, job: row.job, attempt: row.attempts.saturating_add(1) });
                }
                Some(Err(_)) => turn.damaged.push(id),
                _ => {}
            }
        }
    }
    if let Some(next) = free((present.saturating_add(1), 0)..=(u64::MAX, u64::MAX))?.next() {
        turn.next = Some(Timestamp(i64::try_from(next?.0).unwrap_or(i64::MAX)));
    }
    Ok(turn)
}

/// As [`crate::Store::list_jobs`].
pub(super) fn list(
    snapshot: &ReadTransaction,
    after: Option<u64>,
    limit: usize,
    at_work: &BTreeSet<u64>,
) -> Result<Vec<QueuedJob>, StoreError> {
    let Some(jobs) = opened(snapshot.open_table(JOBS))? else { return Ok(Vec::new()) };
    let rows = jobs.range(after.map_or(0, |after| after.saturating_add(1))..).map_err(failed)?;
    let read = |entry: Result<(redb::AccessGuard<'_, u64>, redb::AccessGuard<'_, Bytes>), _>| {
        let (id, value) = entry.map_err(|error: redb::StorageError| translate("read", error.into()))?;
        let id = id.value();
        let row = decode(id, value.value())?;
        let (attempts, last_error) = (row.attempts, row.last_error);
        Ok(QueuedJob { id, job: row.job, attempts, last_error, at_work: at_work.contains(&id) })
    };
    rows.take(limit).map(read).collect()
}

/// A table that nobody has written to yet is not there.
fn opened<T>(table: Result<T, TableError>) -> Result<Option<T>, StoreError> {
    match table {
        Ok(table) => Ok(Some(table)),
        Err(TableError::TableDoesNotExist(_)) => Ok(None),
        Err(error) => Err(translate("read", error.into())),
    }
}

/// For the writer, which opens it beside the rows.
pub(super) fn open_meta(
    transaction: &WriteTransaction,
) -> Result<Table<'_, &'static str, Bytes>, StoreError> {
    transaction.open_table(META).map_err(failed)
}
