//! A store whose process dies: after so many batches nothing is answered any more.

use async_trait::async_trait;
use sluis_model::id::OrgId;
use sluis_store::{
    Change, JobHandler, Key, Page, QueuedJob, Record, StopSignal, Store, StoreError, Table, WorkOptions,
};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

pub(crate) struct Dying<'a> {
    pub(crate) store: &'a dyn Store,
    left: AtomicUsize,
}

impl<'a> Dying<'a> {
    /// Carries out so many batches, and the next one not.
    pub(crate) fn after(store: &'a dyn Store, batches: usize) -> Self {
        Self { store, left: AtomicUsize::new(batches) }
    }
}

#[async_trait]
impl Store for Dying<'_> {
    async fn get(&self, key: &Key) -> Result<Option<Record>, StoreError> {
        self.store.get(key).await
    }

    async fn list(
        &self,
        table: Table,
        org: &OrgId,
        prefix: &str,
        after: Option<&str>,
        limit: usize,
    ) -> Result<Vec<(String, Record)>, StoreError> {
        self.store.list(table, org, prefix, after, limit).await
    }

    async fn list_all(&self, table: Table, after: Option<&Key>, limit: usize) -> Result<Page, StoreError> {
        self.store.list_all(table, after, limit).await
    }

    async fn apply(&self, changes: Vec<Change>) -> Result<Vec<u64>, StoreError> {
        let left = self.left.fetch_update(Ordering::SeqCst, Ordering::SeqCst, |left| left.checked_sub(1));
        if left.is_err() {
            return Err(StoreError::Closed);
        }
        self.store.apply(changes).await
    }

    async fn work_jobs(
        &self,
        handler: Arc<dyn JobHandler>,
        options: WorkOptions,
        stop: StopSignal,
    ) -> Result<(), StoreError> {
        self.store.work_jobs(handler, options, stop).await
    }
    async fn list_jobs(&self, after: Option<u64>, limit: usize) -> Result<Vec<QueuedJob>, StoreError> {
        self.store.list_jobs(after, limit).await
    }
    async fn close(&self) -> Result<(), StoreError> {
        self.store.close().await
    }
}
