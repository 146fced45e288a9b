//! How long runs are kept: those that have ended are removed with all that belongs to them when they are
//! older than their org wants, or there are newer ones enough. Those that wait or go on stay.

use super::enqueue::forget_dedupe;
use super::index::{RunSummary, unindexed};
use super::midway;
use crate::builder::Engine;
use crate::{errors, keys};
use sluis_model::error::Failure;
use sluis_model::id::{OrgId, RunId};
use sluis_store::{Change, Expect, StoreError, Table};

/// Rows read from the store at once.
const ROWS: usize = 500;

impl Engine {
    /// Removes the runs of all orgs that are not kept any longer; answers how many.
    pub async fn forget_old_runs(&self) -> Result<usize, Failure> {
        let mut removed = 0;
        for org in self.orgs().await? {
            removed += self.forget_runs_of(&org.id).await?;
        }
        Ok(removed)
    }

    async fn forget_runs_of(&self, org: &OrgId) -> Result<usize, Failure> {
        let kept = self.believed_settings(org, None).await?.of_org.retention;
        let oldest = self.now().plus_seconds(-i64::from(kept.days()) * 86_400);
        let newest = usize::try_from(kept.runs.unwrap_or(u64::MAX)).unwrap_or(usize::MAX);
        let store = self.store().await?;
        let (mut removed, mut seen) = (0, 0);
        // Where only their age counts, the young ones need not be read.
        let mut after = match kept.runs {
            Some(_) => None,
            None => Some(format!("{}{}", keys::ALL_RUNS, super::index::place(oldest, ""))),
        };
        loop {
            let rows = store.list(Table::RunIndex, org, keys::ALL_RUNS, after.as_deref(), ROWS).await;
            let rows = rows.map_err(errors::store)?;
            let Some((last, _)) = rows.last() else { return Ok(removed) };
            after = Some(last.clone());
            for (_, record) in &rows {
                let Ok(run) = serde_json::from_slice::<RunSummary>(&record.bytes) else { continue };
                seen += 1;
                let is_old = run.started_at < oldest || seen > newest;
                if is_old && run.state.has_ended() && self.forget_run(org, &run).await? {
                    removed += 1;
                }
            }
        }
    }

    /// Removes a run that has ended; false if it has begun again meanwhile.
    async fn forget_run(&self, org: &OrgId, summary: &RunSummary) -> Result<bool, Failure> {
        let mut changes = unindexed(org, summary);
        changes.push(midway::forget(org, &summary.id));
        if let Some((version, run)) = self.stored_run(org, &summary.id).await? {
            if !run.status.has_ended() {
                return Ok(false);
            }
            changes.extend(forget_dedupe(&run));
            changes.push(Change::Delete { key: keys::run(org, &run.id), expect: Expect::Version(version) });
        }
        changes.extend(self.ledger_rows(org, &summary.id).await?);
        match self.store().await?.apply(changes).await {
            Ok(_) => Ok(true),
            Err(StoreError::Conflict { .. }) => Ok(false),
            Err(error) => Err(errors::store(error)),
        }
    }

    /// The changes that forget what a run has called.
    async fn ledger_rows(&self, org: &OrgId, run: &RunId) -> Result<Vec<Change>, Failure> {
        let rows = self.store().await?.list(Table::Ledger, org, &keys::ledger_of(run), None, 100_000).await;
        let delete = |(id, _): (String, _)| Change::Delete {
            key: sluis_store::Key { table: Table::Ledger, org: org.clone(), id },
            expect: Expect::Any,
        };
        Ok(rows.map_err(errors::store)?.into_iter().map(delete).collect())
    }
}
