//! Runs whose process has died: they go on where it left them, or are told as interrupted. Processes look for
//! them at their start and every few seconds.

use super::enqueue::job_of;
use super::index::indexed;
use super::keep::recorded;
use super::lease::Lease;
use super::{cancel, midway};
use crate::builder::Engine;
use crate::recover::Recovered;
use crate::{errors, keys};
use sluis_model::error::Failure;
use sluis_model::grant::GrantOutcome;
use sluis_model::id::{OrgId, RunId};
use sluis_model::run::{InQueue, Run, RunStatus};
use sluis_store::{Change, Expect, StoreError, Table, put_json};
use std::collections::BTreeSet;
use std::time::Duration;

/// Rows read from the store at once.
const ROWS: usize = 500;

impl Engine {
    /// Looks after runs until it is dropped: lets those go on whose process has died, calls those who wait for
    /// places, and keeps what was used.
    pub async fn keep_runs_going(&self, every: Duration) {
        let mut round = tokio::time::interval(every);
        round.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
        loop {
            round.tick().await;
            if let Err(failure) = self.recover_running(&mut Recovered::default()).await {
                tracing::error!(%failure, "runs of processes that died could not be looked for");
            }
            if let Err(failure) = self.keep_usage().await {
                tracing::error!(%failure, "what was used could not be kept");
            }
        }
    }

    /// Goes through the leases of all orgs.
    pub(crate) async fn recover_running(&self, recovered: &mut Recovered) -> Result<(), Failure> {
        let store = self.store().await?;
        let mut lines = BTreeSet::new();
        let mut after = None;
        loop {
            let page = store.list_all(Table::Leases, after.as_ref(), ROWS).await.map_err(errors::store)?;
            for (key, record) in page.records {
                if let Some((line, _)) = key.id.rsplit_once('/').filter(|_| key.id.starts_with(keys::LINE)) {
                    // The line, then the moment and the run.
                    let line = line.rsplit_once('/').map_or(line, |(line, _)| line);
                    lines.insert((key.org.clone(), format!("{line}/")));
                }
                let Ok(run) = key.id.parse::<RunId>() else { continue };
                let Ok(lease) = serde_json::from_slice::<Lease>(&record.bytes) else { continue };
                if self.is_dead(&key.org, &run, &lease).await? {
                    self.inherit(&key.org, &run, record.version, &lease, recovered).await?;
                }
            }
            after = page.next;
            if after.is_none() {
                break;
            }
        }
        for (org, line) in lines {
            self.call_line(&org, &line).await?;
        }
        Ok(())
    }

    /// What becomes of a run whose process has died. Of several processes one is faster.
    async fn inherit(
        &self,
        org: &OrgId,
        id: &RunId,
        version: u64,
        lease: &Lease,
        recovered: &mut Recovered,
    ) -> Result<(), Failure> {
        let mut changes =
            vec![Change::Delete { key: keys::lease(org, id), expect: Expect::Version(version) }];
        changes.extend(
            lease
                .slots
                .iter()
                .map(|slot| Change::Delete { key: keys::lease_row(org, slot.clone()), expect: Expect::Any }),
        );
        let mut goes_on = None;
        if let Some((_, mut run)) =
            self.stored_run(org, id).await?.filter(|(_, run)| run.status == RunStatus::Running)
        {
            goes_on = Some(self.after_death(&mut run, lease));
            changes.extend(recorded(&run, Expect::Any)?);
            match goes_on {
                Some(true) => changes.push(job_of(&run)),
                _ => changes.push(midway::forget(org, id)),
            }
        }
        match self.store().await?.apply(changes).await {
            Ok(_) => {}
            // Another process has it, or the owner lives after all.
            Err(StoreError::Conflict { .. }) => return Ok(()),
            Err(error) => return Err(errors::store(error)),
        }
        match goes_on {
            Some(true) => recovered.going_on.push((org.clone(), id.clone())),
            Some(false) => recovered.interrupted.push((org.clone(), id.clone())),
            None => {}
        }
        tracing::warn!(%org, run = %id, owner = lease.owner, ?goes_on, "the process that worked on a run has died");
        self.give_places(org, &lease.slots).await;
        Ok(())
    }

    /// Makes the record say how a run stands whose process has died: whether it goes on.
    fn after_death(&self, run: &mut Run, lease: &Lease) -> bool {
        if let Some(asked) = &lease.cancel {
            cancel::end(run, asked.by.clone(), self.now());
            return false;
        }
        let goes_on = run.goes_on_by_itself();
        let deaths = run.queue.as_ref().map_or(0, |queue| queue.deaths).saturating_add(1);
        if goes_on {
            let queue = run.queue.get_or_insert_with(InQueue::default);
            queue.deaths = deaths;
            queue.not_before = None;
            if deaths <= self.run_rules().deaths {
                run.status = RunStatus::Queued;
                return true;
            }
            queue.dead = true;
            queue.last_failure = Some(format!("{deaths} processes have died while they worked on it"));
        }
        run.status = RunStatus::Interrupted;
        run.finished_at = Some(self.now());
        false
    }

    /// Looks what has become of runs that were parked.
    pub(crate) async fn recover_parked(&self, org: &OrgId, recovered: &mut Recovered) -> Result<(), Failure> {
        let store = self.store().await?;
        let mut after: Option<String> = None;
        loop {
            let rows = store.list(Table::Snapshots, org, "", after.as_deref(), ROWS).await;
            let rows = rows.map_err(errors::store)?;
            let Some((last, _)) = rows.last() else { return Ok(()) };
            after = Some(last.clone());
            for (id, _) in rows {
                let Some((connector, run)) = id.split_once('/').filter(|(connector, _)| *connector != "~")
                else {
                    continue;
                };
                let Some((_, run)) = (match run.parse() {
                    Ok(run) => self.stored_run(org, &run).await?,
                    Err(_) => None,
                }) else {
                    tracing::error!(%org, connector, id, "a machine belongs to no run");
                    continue;
                };
                match self.is_decided(&run).await? {
                    Some(true) => recovered.ready.push((org.clone(), run.id)),
                    Some(false) => recovered.waiting += 1,
                    None => {}
                }
            }
        }
    }

    /// Whether what a parked run waits for has happened; none if it is not parked.
    async fn is_decided(&self, run: &Run) -> Result<Option<bool>, Failure> {
        Ok(match &run.status {
            RunStatus::Waiting { grant, .. } => {
                let grant = self.grant(&run.org, grant).await?;
                let open = matches!(grant.outcome, GrantOutcome::Waiting);
                Some(!open || self.is_authorized(&run.org, &grant.connector).await?)
            }
            RunStatus::AwaitingCallback { call, .. } => {
                self.end_if_late(&run.org, call).await?;
                Some(self.is_settled(&run.org, call).await?)
            }
            _ => None,
        })
    }

    /// Writes the index of runs that were kept before there was one, and tells of those that were cut off
    /// before there were leases.
    pub(crate) async fn index_old_runs(&self, org: &OrgId) -> Result<(), Failure> {
        let store = self.store().await?;
        let first = store.list(Table::RunIndex, org, keys::ALL_RUNS, None, 1).await.map_err(errors::store)?;
        let mut after: Option<String> = None;
        while first.is_empty() {
            let rows =
                store.list(Table::Runs, org, "", after.as_deref(), ROWS).await.map_err(errors::store)?;
            let Some((last, _)) = rows.last() else { break };
            after = Some(last.clone());
            let mut changes = Vec::new();
            for (id, record) in &rows {
                let Ok(mut run) = serde_json::from_slice::<Run>(&record.bytes) else {
                    tracing::error!(id, "a run could not be read and is not listed");
                    continue;
                };
                if run.status == RunStatus::Running {
                    run.status = RunStatus::Interrupted;
                    run.finished_at = Some(self.now());
                    let key = keys::run(org, &run.id);
                    changes.push(put_json(key, &run, Expect::Any).map_err(errors::store)?);
                }
                changes.extend(indexed(&run)?);
            }
            store.apply(changes).await.map_err(errors::store)?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use crate::run::slots::line_of;

    #[test]
    fn a_row_of_a_line_tells_its_line() {
        let line = line_of("slot/of/billing.total/000001");
        let row = format!("{line}{:020}/run_1", 5);
        let (rest, _) = row.rsplit_once('/').unwrap();
        let (found, _) = rest.rsplit_once('/').unwrap();
        assert_eq!(format!("{found}/"), line);
    }
}
