//! The one thread that writes. Batches that wait together are committed together: a commit costs
//! two syncs of the disk whatever it holds, so many runs at once share them.

use super::file::{File, translate};
use super::layout::{
    GUARDS, META, META_VERSION, RECORDS, decode_number, encode_number, encode_value, guard, read_row,
};
use crate::error::StoreError;
use crate::store::{Change, Expect};
use redb::{Database, Durability, ReadableTable, WriteTransaction};
use std::collections::HashMap;
use std::sync::Arc;
use tokio::sync::{mpsc, oneshot};

/// Most batches in one commit.
const GROUP: usize = 64;

type Outcome = Result<Vec<u64>, StoreError>;

/// What the writer is asked to do.
pub(super) enum Job {
    /// A batch.
    Apply { changes: Vec<Change>, reply: oneshot::Sender<Outcome> },
    /// Finish and close the file.
    Close { reply: oneshot::Sender<Result<(), StoreError>> },
}

/// Works until it is told to close or nobody can ask any more.
pub(super) fn run(file: Arc<File>, mut jobs: mpsc::Receiver<Job>) {
    while let Some(first) = jobs.blocking_recv() {
        let mut group = Vec::new();
        let mut closing = None;
        let mut next = Some(first);
        while let Some(job) = next.take() {
            match job {
                Job::Apply { changes, reply } => group.push((changes, reply)),
                Job::Close { reply } => closing = Some(reply),
            }
            if closing.is_none() && group.len() < GROUP {
                next = jobs.try_recv().ok();
            }
        }
        commit_group(&file, group);
        if let Some(reply) = closing {
            // Those that came after the close are answered by the channel's end.
            let _ = reply.send(file.close());
            return;
        }
    }
    if let Err(error) = file.close() {
        tracing::warn!(%error, "the store did not close cleanly");
    }
}

fn commit_group(file: &File, group: Vec<(Vec<Change>, oneshot::Sender<Outcome>)>) {
    if group.is_empty() {
        return;
    }
    let (batches, replies): (Vec<_>, Vec<_>) = group.into_iter().unzip();
    let outcomes = match file.with("write", |database| write(database, &batches)) {
        Ok(outcomes) => outcomes,
        Err(error) => batches.iter().map(|_| Err(error.clone())).collect(),
    };
    for (reply, outcome) in replies.into_iter().zip(outcomes) {
        // Nobody waits any more: the caller was dropped.
        let _ = reply.send(outcome);
    }
}

/// One transaction for all batches. A batch that is refused leaves no trace; a failure of the disk
/// ends all of them.
fn write(database: &Database, batches: &[Vec<Change>]) -> Result<Vec<Outcome>, StoreError> {
    let failed = |error: redb::Error| translate("write", error);
    let mut transaction = database.begin_write().map_err(|error| failed(error.into()))?;
    transaction.set_durability(Durability::Immediate).map_err(|error| failed(error.into()))?;
    transaction.set_quick_repair(true);
    let (outcomes, wrote) = write_batches(&transaction, batches)?;
    if wrote {
        transaction.commit().map_err(|error| failed(error.into()))?;
    } else {
        transaction.abort().map_err(|error| failed(error.into()))?;
    }
    Ok(outcomes)
}

fn write_batches(
    transaction: &WriteTransaction,
    batches: &[Vec<Change>],
) -> Result<(Vec<Outcome>, bool), StoreError> {
    let failed = |error: redb::Error| translate("write", error);
    let mut records = transaction.open_table(RECORDS).map_err(|error| failed(error.into()))?;
    let mut guards = transaction.open_table(GUARDS).map_err(|error| failed(error.into()))?;
    let mut meta = transaction.open_table(META).map_err(|error| failed(error.into()))?;
    let last = meta.get(META_VERSION).map_err(|error| failed(error.into()))?;
    let mut version = last
        .and_then(|value| decode_number(META_VERSION, value.value()))
        .ok_or_else(|| StoreError::Broken { why: "its counter of versions is damaged".to_owned() })?;
    let mut outcomes = Vec::with_capacity(batches.len());
    let mut wrote = false;
    for changes in batches {
        if let Err(error) = check(&records, &guards, changes, version) {
            outcomes.push(Err(error));
            continue;
        }
        let mut versions = Vec::with_capacity(changes.len());
        for change in changes {
            wrote = true;
            let physical = change.key().physical();
            match change {
                Change::Put { bytes, .. } => {
                    version += 1;
                    let value = encode_value(version, bytes);
                    let sum = guard(&physical, &value);
                    records
                        .insert(physical.as_slice(), value.as_slice())
                        .map_err(|error| failed(error.into()))?;
                    guards
                        .insert(physical.as_slice(), sum.as_slice())
                        .map_err(|error| failed(error.into()))?;
                    versions.push(version);
                }
                Change::Delete { .. } => {
                    records.remove(physical.as_slice()).map_err(|error| failed(error.into()))?;
                    guards.remove(physical.as_slice()).map_err(|error| failed(error.into()))?;
                    versions.push(0);
                }
            }
        }
        outcomes.push(Ok(versions));
    }
    if wrote {
        let counter = encode_number(META_VERSION, version);
        meta.insert(META_VERSION, counter.as_slice()).map_err(|error| failed(error.into()))?;
    }
    Ok((outcomes, wrote))
}

/// Whether all expectations of a batch hold, each seen after the changes before it.
fn check<T>(records: &T, guards: &T, changes: &[Change], mut version: u64) -> Result<(), StoreError>
where
    T: ReadableTable<&'static [u8], &'static [u8]>,
{
    let mut ahead: HashMap<_, Option<u64>> = HashMap::new();
    for change in changes {
        let key = change.key();
        // A damaged row may be written over, which is how it is mended, so it is not even read.
        if change.expect() != Expect::Any {
            let present = match ahead.get(key) {
                Some(known) => *known,
                None => read_row(records, guards, key)?.map(|record| record.version),
            };
            let holds = match change.expect() {
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
