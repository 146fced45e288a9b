//! The one thread that writes. Batches that wait together are committed together: a commit costs
//! two syncs of the disk whatever it holds, so many runs at once share them.

use super::file::{File, translate};
use super::layout::{
    GUARDS, META_VERSION, RECORDS, decode_number, encode_number, encode_value, guard, read_row,
};
use super::queue::{self, Queue, Settled, Settlement, Turn};
use crate::error::StoreError;
use crate::store::{Change, Expect};
use redb::{Database, Durability, ReadableDatabase, ReadableTable, Table, WriteTransaction};
use sluis_model::time::Timestamp;
use std::collections::{BTreeSet, HashMap};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use tokio::sync::{Notify, mpsc, oneshot};

/// Most batches in one commit.
const GROUP: usize = 64;

type Outcome = Result<Answer, StoreError>;

/// What a batch is answered with.
enum Answer {
    Versions(Vec<u64>),
    Settled(Settled),
}

/// What is written as one.
enum Batch {
    Changes(Vec<Change>),
    Settle(Settlement),
}

/// Who waits for what became of a batch.
enum Waiter {
    Versions(oneshot::Sender<Result<Vec<u64>, StoreError>>),
    Settled(oneshot::Sender<Result<Settled, StoreError>>),
}

/// What the writer is asked to do.
pub(super) enum Errand {
    /// A batch.
    Apply { changes: Vec<Change>, reply: oneshot::Sender<Result<Vec<u64>, StoreError>> },
    /// Say which jobs may be begun, and keep them from others.
    Claim {
        now: Timestamp,
        room: usize,
        tasks: Vec<&'static str>,
        reply: oneshot::Sender<Result<Turn, StoreError>>,
    },
    /// Write down what came of a job.
    Settle { settlement: Settlement, reply: oneshot::Sender<Result<Settled, StoreError>> },
    /// Nobody is at this job any more.
    Release { id: u64 },
    /// Finish and close the file.
    Close { reply: oneshot::Sender<Result<(), StoreError>> },
}

/// What the writer has in hand.
pub(super) struct Writer {
    pub file: Arc<File>,
    /// Jobs that somebody is at. Others may read it; the writer alone adds.
    pub at_work: Arc<Mutex<BTreeSet<u64>>>,
    /// Told when jobs were queued or are free again.
    pub queued: Arc<Notify>,
}

impl Writer {
    /// Works until it is told to close or nobody can ask any more.
    pub(super) fn run(self, mut errands: mpsc::Receiver<Errand>) {
        while let Some(first) = errands.blocking_recv() {
            let mut group = Vec::new();
            let mut closing = None;
            let mut next = Some(first);
            while let Some(errand) = next.take() {
                match errand {
                    Errand::Apply { changes, reply } => {
                        group.push((Batch::Changes(changes), Waiter::Versions(reply)));
                    }
                    Errand::Settle { settlement, reply } => {
                        group.push((Batch::Settle(settlement), Waiter::Settled(reply)));
                    }
                    Errand::Claim { now, room, tasks, reply } => {
                        if let Err(Ok(unheard)) = reply.send(self.claim(now, room, &tasks)) {
                            unheard.due.iter().for_each(|due| self.release(due.id));
                        }
                    }
                    Errand::Release { id } => self.release(id),
                    Errand::Close { reply } => closing = Some(reply),
                }
                if closing.is_none() && group.len() < GROUP {
                    next = errands.try_recv().ok();
                }
            }
            self.commit_group(group);
            if let Some(reply) = closing {
                // Those that came after the close are answered by the channel's end.
                let _ = reply.send(self.file.close());
                return;
            }
        }
        if let Err(error) = self.file.close() {
            tracing::warn!(%error, "the store did not close cleanly");
        }
    }

    fn at_work(&self) -> MutexGuard<'_, BTreeSet<u64>> {
        self.at_work.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn claim(&self, now: Timestamp, room: usize, tasks: &[&str]) -> Result<Turn, StoreError> {
        let mut at_work = self.at_work();
        let turn = self.file.with("read", |database| {
            let snapshot = database.begin_read().map_err(|error| translate("read", error.into()))?;
            queue::turn(&snapshot, now, room, &at_work, &|task| tasks.contains(&task))
        })?;
        at_work.extend(turn.due.iter().map(|due| due.id).chain(turn.damaged.iter().copied()));
        Ok(turn)
    }

    fn release(&self, id: u64) {
        self.at_work().remove(&id);
        self.queued.notify_one();
    }

    fn commit_group(&self, group: Vec<(Batch, Waiter)>) {
        if group.is_empty() {
            return;
        }
        let (batches, waiters): (Vec<_>, Vec<_>) = group.into_iter().unzip();
        let at_work = self.at_work().clone();
        let outcomes = match self.file.with("write", |database| write(database, &batches, &at_work)) {
            Ok(outcomes) => outcomes,
            Err(error) => batches.iter().map(|_| Err(error.clone())).collect(),
        };
        for ((batch, waiter), outcome) in batches.iter().zip(waiters).zip(outcomes) {
            let enqueues = |change: &Change| matches!(change, Change::Enqueue { .. });
            match batch {
                _ if outcome.is_err() => {}
                Batch::Settle(settlement) => self.release(settlement.id),
                Batch::Changes(changes) if changes.iter().any(enqueues) => self.queued.notify_one(),
                Batch::Changes(_) => {}
            }
            waiter.answer(outcome);
        }
    }
}

impl Waiter {
    /// Perhaps nobody waits any more: the caller was dropped.
    fn answer(self, outcome: Outcome) {
        match (self, outcome) {
            (Waiter::Versions(reply), Ok(Answer::Versions(versions))) => drop(reply.send(Ok(versions))),
            (Waiter::Settled(reply), Ok(Answer::Settled(settled))) => drop(reply.send(Ok(settled))),
            (Waiter::Versions(reply), Err(error)) => drop(reply.send(Err(error))),
            (Waiter::Settled(reply), Err(error)) => drop(reply.send(Err(error))),
            // A batch is answered by its own kind; dropping the reply says `Closed`.
            _ => {}
        }
    }
}

/// One transaction for all batches. A batch that is refused leaves no trace; a failure of the disk
/// ends all of them.
fn write(
    database: &Database,
    batches: &[Batch],
    at_work: &BTreeSet<u64>,
) -> Result<Vec<Outcome>, StoreError> {
    let failed = |error: redb::Error| translate("write", error);
    let mut transaction = database.begin_write().map_err(|error| failed(error.into()))?;
    // That a job is done need not survive a power cut: then it is done again, as promised, and finds so.
    let settles = batches.iter().all(|batch| matches!(batch, Batch::Settle(_)));
    let durability = if settles { Durability::None } else { Durability::Immediate };
    transaction.set_durability(durability).map_err(|error| failed(error.into()))?;
    transaction.set_quick_repair(!settles);
    let (outcomes, wrote) = write_batches(&transaction, batches, at_work)?;
    if wrote {
        transaction.commit().map_err(|error| failed(error.into()))?;
    } else {
        transaction.abort().map_err(|error| failed(error.into()))?;
    }
    Ok(outcomes)
}

/// The tables of a transaction that writes.
struct Tables<'txn> {
    records: Table<'txn, &'static [u8], &'static [u8]>,
    guards: Table<'txn, &'static [u8], &'static [u8]>,
    meta: Table<'txn, &'static str, &'static [u8]>,
    queue: Queue<'txn>,
    version: u64,
}

fn write_batches(
    transaction: &WriteTransaction,
    batches: &[Batch],
    at_work: &BTreeSet<u64>,
) -> Result<(Vec<Outcome>, bool), StoreError> {
    let failed = |error: redb::TableError| translate("write", error.into());
    let meta = queue::open_meta(transaction)?;
    let last = meta.get(META_VERSION).map_err(|error| translate("write", error.into()))?;
    let version = last
        .and_then(|value| decode_number(META_VERSION, value.value()))
        .ok_or_else(|| StoreError::Broken { why: "its counter of versions is damaged".to_owned() })?;
    let mut tables = Tables {
        records: transaction.open_table(RECORDS).map_err(failed)?,
        guards: transaction.open_table(GUARDS).map_err(failed)?,
        meta,
        queue: Queue::open(transaction)?,
        version,
    };
    let mut outcomes = Vec::with_capacity(batches.len());
    let mut wrote = false;
    for batch in batches {
        let changes = match batch {
            Batch::Changes(changes) => changes,
            Batch::Settle(settlement) => {
                wrote = true;
                outcomes.push(Ok(Answer::Settled(tables.queue.settle(settlement)?)));
                continue;
            }
        };
        if let Err(error) = check(&tables.records, &tables.guards, changes, tables.version) {
            outcomes.push(Err(error));
            continue;
        }
        wrote |= !changes.is_empty();
        let versions: Result<_, _> = changes.iter().map(|change| tables.make(change, at_work)).collect();
        outcomes.push(Ok(Answer::Versions(versions?)));
    }
    if wrote {
        let counter = encode_number(META_VERSION, tables.version);
        tables
            .meta
            .insert(META_VERSION, counter.as_slice())
            .map_err(|error| translate("write", error.into()))?;
    }
    Ok((outcomes, wrote))
}

impl Tables<'_> {
    /// Makes a change; the new version of its row, or 0.
    fn make(&mut self, change: &Change, at_work: &BTreeSet<u64>) -> Result<u64, StoreError> {
        let failed = |error: redb::StorageError| translate("write", error.into());
        match change {
            Change::Put { key, bytes, .. } => {
                self.version += 1;
                let physical = key.physical();
                let value = encode_value(self.version, bytes);
                let sum = guard(&physical, &value);
                self.records.insert(physical.as_slice(), value.as_slice()).map_err(failed)?;
                self.guards.insert(physical.as_slice(), sum.as_slice()).map_err(failed)?;
                return Ok(self.version);
            }
            Change::Delete { key, .. } => {
                let physical = key.physical();
                self.records.remove(physical.as_slice()).map_err(failed)?;
                self.guards.remove(physical.as_slice()).map_err(failed)?;
            }
            Change::Enqueue { job } => self.queue.enqueue(&mut self.meta, job, at_work)?,
            Change::Unqueue { org, key } => self.queue.unqueue(org, key, at_work)?,
        }
        Ok(0)
    }
}

/// Whether all expectations of a batch hold, each seen after the changes before it.
fn check<T>(records: &T, guards: &T, changes: &[Change], mut version: u64) -> Result<(), StoreError>
where
    T: ReadableTable<&'static [u8], &'static [u8]>,
{
    let mut ahead: HashMap<_, Option<u64>> = HashMap::new();
    for change in changes {
        let Some((key, expect)) = change.row() else { continue };
        // A damaged row may be written over, which is how it is mended, so it is not even read.
        if expect != Expect::Any {
            let present = match ahead.get(key) {
                Some(known) => *known,
                None => read_row(records, guards, key)?.map(|record| record.version),
            };
            let holds = match expect {
                Expect::Any => true,
                Expect::Absent => present.is_none(),
                Expect::Version(wanted) => present == Some(wanted),
            };
            if !holds {
                return Err(StoreError::Conflict { key: key.clone() });
            }
        }
        let after = matches!(change, Change::Put { .. }).then(|| {
            version += 1;
            version
        });
        ahead.insert(key, after);
    }
    Ok(())
}
