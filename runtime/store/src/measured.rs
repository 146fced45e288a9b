//! A store whose operations are measured, whichever it is.

use crate::error::StoreError;
use crate::job::{JobHandler, QueuedJob, StopSignal, WorkOptions};
use crate::key::{Key, Table};
use crate::store::{Change, Page, Record, Store};
use async_trait::async_trait;
use sluis_model::id::OrgId;
use sluis_model::time::Timestamp;
use std::future::Future;
use std::sync::Arc;
use std::time::Instant;

/// Passes everything on and takes the time.
struct Measured(Arc<dyn Store>);

/// The same store, measured as `sluis_store_seconds` by operation and outcome.
pub fn measured(store: Arc<dyn Store>) -> Arc<dyn Store> {
    Arc::new(Measured(store))
}

async fn timed<T>(
    operation: &'static str,
    work: impl Future<Output = Result<T, StoreError>>,
) -> Result<T, StoreError> {
    let began = Instant::now();
    let outcome = work.await;
    let word = match &outcome {
        Ok(_) => "ok",
        // Somebody else was faster: nothing is wrong with the store.
        Err(StoreError::Conflict { .. }) => "conflict",
        Err(_) => "failed",
    };
    metrics::histogram!("sluis_store_seconds", "operation" => operation, "outcome" => word)
        .record(began.elapsed());
    outcome
}

#[async_trait]
impl Store for Measured {
    fn is_ours_alone(&self) -> bool {
        self.0.is_ours_alone()
    }

    async fn get(&self, key: &Key) -> Result<Option<Record>, StoreError> {
        timed("get", self.0.get(key)).await
    }

    async fn list(
        &self,
        table: Table,
        org: &OrgId,
        prefix: &str,
        after: Option<&str>,
        limit: usize,
    ) -> Result<Vec<(String, Record)>, StoreError> {
        timed("list", self.0.list(table, org, prefix, after, limit)).await
    }

    async fn list_all(&self, table: Table, after: Option<&Key>, limit: usize) -> Result<Page, StoreError> {
        timed("list", self.0.list_all(table, after, limit)).await
    }

    async fn apply(&self, changes: Vec<Change>) -> Result<Vec<u64>, StoreError> {
        timed("apply", self.0.apply(changes)).await
    }

    async fn server_time(&self) -> Result<Option<Timestamp>, StoreError> {
        self.0.server_time().await
    }

    async fn work_jobs(
        &self,
        handler: Arc<dyn JobHandler>,
        options: WorkOptions,
        stop: StopSignal,
    ) -> Result<(), StoreError> {
        self.0.work_jobs(handler, options, stop).await
    }

    async fn list_jobs(&self, after: Option<u64>, limit: usize) -> Result<Vec<QueuedJob>, StoreError> {
        timed("list", self.0.list_jobs(after, limit)).await
    }

    async fn close(&self) -> Result<(), StoreError> {
        self.0.close().await
    }
}
