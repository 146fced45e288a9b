//! The backend for several nodes: rows in PostgreSQL 14 or newer.
//!
//! `address` understands the URL, `open` finds out what server is there, `migrate` makes the schema,
//! `pool` keeps connections, `calls` carries a call out and repeats it, `trouble` says what an error
//! means, `layout` how rows lie, `read` and `apply` hold the statements.

mod address;
mod apply;
mod calls;
mod layout;
mod migrate;
mod open;
mod pool;
mod read;
mod trouble;

use crate::error::StoreError;
use crate::job::{JobHandler, QueuedJob, StopSignal, WorkOptions};
use crate::key::{Key, Table};
use crate::store::{Change, Page, Record, Store, refuse_unfit};
use apply::{Batch, Sweep};
use async_trait::async_trait;
pub use calls::PostgresLimits;
use calls::{Work, run};
pub(crate) use open::{open, place_of};
use pool::Pool;
use read::{Get, List, ListAll, Now};
use sluis_model::id::OrgId;
use sluis_model::time::Timestamp;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;
use tokio::time::Instant;

/// How often what became of old batches is forgotten.
const SWEEP: Duration = Duration::from_secs(300);

struct Server {
    pool: Pool,
    limits: PostgresLimits,
    opened: Instant,
    /// Seconds after `opened` at which the last sweep began.
    swept: AtomicU64,
}

struct PostgresStore(Arc<Server>);

impl PostgresStore {
    fn new(pool: Pool, limits: PostgresLimits) -> Self {
        Self(Arc::new(Server { pool, limits, opened: Instant::now(), swept: AtomicU64::new(0) }))
    }

    async fn run<W: Work>(&self, work: &W) -> Result<W::Answer, StoreError> {
        if self.0.pool.is_closed() {
            return Err(StoreError::Closed);
        }
        run(&self.0.pool, &self.0.limits, work).await
    }

    /// Beside the call that was just answered, which does not wait for it.
    fn sweep_now_and_then(&self) {
        let now = self.0.opened.elapsed().as_secs();
        let last = self.0.swept.load(Ordering::Relaxed);
        let due = now >= last + SWEEP.as_secs();
        if due && self.0.swept.compare_exchange(last, now, Ordering::Relaxed, Ordering::Relaxed).is_ok() {
            let server = Arc::clone(&self.0);
            tokio::spawn(async move {
                if let Err(error) = run(&server.pool, &server.limits, &Sweep).await {
                    tracing::debug!(%error, "old batches were not forgotten; the next time will do");
                }
            });
        }
    }
}

#[async_trait]
impl Store for PostgresStore {
    async fn get(&self, key: &Key) -> Result<Option<Record>, StoreError> {
        if key.fault().is_some() {
            return Ok(None);
        }
        self.run(&Get(key)).await?
    }

    async fn list(
        &self,
        table: Table,
        org: &OrgId,
        prefix: &str,
        after: Option<&str>,
        limit: usize,
    ) -> Result<Vec<(String, Record)>, StoreError> {
        let list = List { table, org, prefix, after, limit };
        if list.is_empty() { Ok(Vec::new()) } else { self.run(&list).await? }
    }

    async fn list_all(&self, table: Table, after: Option<&Key>, limit: usize) -> Result<Page, StoreError> {
        if limit == 0 {
            return Ok(Page::default());
        }
        self.run(&ListAll { table, after, limit }).await?
    }

    async fn apply(&self, changes: Vec<Change>) -> Result<Vec<u64>, StoreError> {
        refuse_unfit(&changes)?;
        if changes.is_empty() {
            return Ok(Vec::new());
        }
        if let Some(Change::Enqueue { job }) = changes.iter().find(|change| change.key().is_none()) {
            let why = "jobs are queued by stores in a file only, so far";
            return Err(StoreError::RefusedJob { task: job.task.clone(), why });
        }
        let outcome = self.run(&Batch::new(&changes)?).await?;
        self.sweep_now_and_then();
        outcome.settle(&changes)
    }

    async fn server_time(&self) -> Result<Option<Timestamp>, StoreError> {
        self.run(&Now).await.map(Some)
    }

    async fn work_jobs(
        &self,
        _: Arc<dyn JobHandler>,
        _: WorkOptions,
        stop: StopSignal,
    ) -> Result<(), StoreError> {
        stop.await;
        Ok(())
    }

    async fn list_jobs(&self, _: Option<u64>, _: usize) -> Result<Vec<QueuedJob>, StoreError> {
        Ok(Vec::new())
    }

    async fn close(&self) -> Result<(), StoreError> {
        self.0.pool.close(self.0.limits.deadline).await;
        Ok(())
    }
}
