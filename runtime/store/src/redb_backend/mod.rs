//! The embedded backend: one redb file, or the same in memory.
//!
//! `file` keeps the database open, `open` makes and explains files, `layout` says how rows lie in
//! it, `list` walks it, `writer` is the one thread that writes. `queue` holds the jobs, `worker` gives them
//! to whoever does the work.

#[cfg(test)]
mod failing_disk;
mod file;
mod layout;
mod list;
mod open;
mod queue;
mod worker;
mod writer;

use crate::error::StoreError;
use crate::job::{JobHandler, QueuedJob, StopSignal, WorkOptions};
use crate::key::{Key, Table};
use crate::store::{Change, Page, Record, Store, refuse_unfit};
use async_trait::async_trait;
use file::File;
use redb::{Builder, Database, ReadTransaction, ReadableDatabase, backends::InMemoryBackend};
use sluis_model::id::OrgId;
use std::collections::BTreeSet;
use std::path::Path;
use std::sync::{Arc, Mutex, PoisonError};
use tokio::sync::{Notify, mpsc, oneshot};
use writer::{Errand, Writer};

/// Opens the store in a file; makes the file (0600) and its folder (0700) if there is none.
///
/// # Errors
/// [`StoreError::InUse`] if another process has it, [`StoreError::Unusable`] or
/// [`StoreError::Broken`] with a one-line diagnosis if it is no store or is damaged.
pub async fn open(path: &Path) -> Result<Arc<dyn Store>, StoreError> {
    let first = path.to_owned();
    let opener = Box::new(move || open::open_or_create(&first));
    let again = path.to_owned();
    start(opener, Box::new(move || open::open_existing(&again))).await
}

/// A store that is gone when it is closed, for tests and trials: the same code over memory.
pub async fn open_in_memory() -> Result<Arc<dyn Store>, StoreError> {
    let opener = Box::new(|| {
        let database = Builder::new()
            .create_with_backend(InMemoryBackend::new())
            .map_err(|error| file::translate("open", error.into()))?;
        open::prepare(&database)?;
        Ok(database)
    });
    let again =
        Box::new(|| Err(StoreError::Broken { why: "a store in memory cannot be opened again".to_owned() }));
    start(opener, again).await
}

async fn start(first: file::Opener, again: file::Opener) -> Result<Arc<dyn Store>, StoreError> {
    let file = Arc::new(blocking(move || File::open(first, again)).await?);
    let (errands, receiver) = mpsc::channel(1024);
    let (at_work, queued) = <(Arc<Mutex<BTreeSet<u64>>>, Arc<Notify>)>::default();
    let writer = Writer { file: Arc::clone(&file), at_work: at_work.clone(), queued: queued.clone() };
    std::thread::Builder::new()
        .name("sluis-store".to_owned())
        .spawn(move || writer.run(receiver))
        .map_err(|error| StoreError::Io { doing: "start its writer", why: error.to_string() })?;
    Ok(Arc::new(RedbStore { file, errands, at_work, queued }))
}

struct RedbStore {
    file: Arc<File>,
    errands: mpsc::Sender<Errand>,
    /// Jobs that somebody is at.
    at_work: Arc<Mutex<BTreeSet<u64>>>,
    queued: Arc<Notify>,
}

impl RedbStore {
    async fn read<T: Send + 'static>(
        &self,
        work: impl FnOnce(&ReadTransaction) -> Result<T, StoreError> + Send + 'static,
    ) -> Result<T, StoreError> {
        let file = Arc::clone(&self.file);
        blocking(move || file.with("read", |database: &Database| work(&snapshot(database)?))).await
    }
}

fn snapshot(database: &Database) -> Result<ReadTransaction, StoreError> {
    database.begin_read().map_err(|error| file::translate("read", error.into()))
}

async fn blocking<T: Send + 'static>(
    work: impl FnOnce() -> Result<T, StoreError> + Send + 'static,
) -> Result<T, StoreError> {
    // The work itself catches panics; what is left is a runtime that shuts down.
    tokio::task::spawn_blocking(work).await.unwrap_or(Err(StoreError::Closed))
}

#[async_trait]
impl Store for RedbStore {
    fn is_ours_alone(&self) -> bool {
        true // the file is locked while it is open
    }

    async fn get(&self, key: &Key) -> Result<Option<Record>, StoreError> {
        // In place: one row takes a few microseconds from cached pages and one disk access at worst,
        // while every call of a connector would pay several hops to a blocking thread.
        self.file.with("read", |database: &Database| layout::get(&snapshot(database)?, key))
    }

    async fn list(
        &self,
        table: Table,
        org: &OrgId,
        prefix: &str,
        after: Option<&str>,
        limit: usize,
    ) -> Result<Vec<(String, Record)>, StoreError> {
        let (org, prefix, after) = (org.clone(), prefix.to_owned(), after.map(str::to_owned));
        self.read(move |snapshot| list::list(snapshot, table, &org, &prefix, after.as_deref(), limit)).await
    }

    async fn list_all(&self, table: Table, after: Option<&Key>, limit: usize) -> Result<Page, StoreError> {
        let after = after.cloned();
        self.read(move |snapshot| list::list_all(snapshot, table, after.as_ref(), limit)).await
    }

    async fn apply(&self, changes: Vec<Change>) -> Result<Vec<u64>, StoreError> {
        refuse_unfit(&changes)?;
        if changes.is_empty() {
            return Ok(Vec::new());
        }
        let (reply, answer) = oneshot::channel();
        self.errands.send(Errand::Apply { changes, reply }).await.map_err(|_| StoreError::Closed)?;
        answer.await.unwrap_or(Err(StoreError::Closed))
    }

    async fn work_jobs(
        &self,
        handler: Arc<dyn JobHandler>,
        options: WorkOptions,
        stop: StopSignal,
    ) -> Result<(), StoreError> {
        let (errands, queued) = (self.errands.clone(), Arc::clone(&self.queued));
        worker::work(worker::Desk { errands, queued, handler, options }, stop).await
    }

    async fn list_jobs(&self, after: Option<u64>, limit: usize) -> Result<Vec<QueuedJob>, StoreError> {
        let at_work = self.at_work.lock().unwrap_or_else(PoisonError::into_inner).clone();
        self.read(move |snapshot| queue::list(snapshot, after, limit, &at_work)).await
    }

    async fn close(&self) -> Result<(), StoreError> {
        let (reply, answer) = oneshot::channel();
        if self.errands.send(Errand::Close { reply }).await.is_err() {
            return Ok(());
        }
        answer.await.unwrap_or(Ok(()))
    }
}
