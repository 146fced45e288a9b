//! Who works on a run. A row says so, which its owner writes anew as long as it lives; each write of a run
//! that goes on is made in one batch with that row, in the version that the owner knows. So a process that
//! has lost a run, because it slept longer than its lease, can write nothing of it any more and stops.

use super::live::LiveRun;
use super::rules::RunRules;
use crate::builder::Engine;
use crate::{errors, keys};
use serde::{Deserialize, Serialize};
use sluis_model::error::{Failure, Reason};
use sluis_model::id::{OrgId, RunId, UserId};
use sluis_model::run::Run;
use sluis_model::time::Timestamp;
use sluis_store::{Change, Expect, StoreError, get_json, put_json};
use std::sync::{Arc, OnceLock, Weak};
use tokio::sync::{Mutex, watch};
use tokio::task::AbortHandle;

/// Who works on a run, as it is kept.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Lease {
    /// The engine that works on it.
    pub owner: String,
    /// Which beginning of the run it is: grows with each owner.
    pub fence: u32,
    /// Until when nobody else may; a moment of the store's clock.
    pub until: Timestamp,
    /// The places that it has taken where few may run at once.
    #[serde(default)]
    pub slots: Vec<String>,
    /// Who wants it to end.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cancel: Option<CancelAsked>,
}

/// Somebody wants a run to end.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct CancelAsked {
    /// Who, if it is a user.
    pub by: Option<UserId>,
}

/// Why a run must not go on here.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Halt {
    /// Another process has it.
    Lost,
    /// It is to end.
    Cancelled(CancelAsked),
}

/// Why a run was not taken.
pub(crate) enum NotTaken {
    /// Somebody was faster with one of its places.
    Place,
    /// Somebody was faster with the run.
    Run(RunId),
    /// The runtime failed.
    Failure(Failure),
}

impl From<Failure> for NotTaken {
    fn from(failure: Failure) -> Self {
        Self::Failure(failure)
    }
}

impl From<NotTaken> for Failure {
    fn from(not: NotTaken) -> Self {
        match not {
            NotTaken::Place => Failure::new(Reason::Conflict, "another run has taken the place"),
            NotTaken::Run(run) => going_on_elsewhere(&run),
            NotTaken::Failure(failure) => failure,
        }
    }
}

/// A run that this process works on.
pub(crate) struct Held {
    engine: Engine,
    org: OrgId,
    run: RunId,
    /// The row as this process wrote it last, and its version: the fence of each further write.
    row: Mutex<(u64, Lease)>,
    halt: watch::Sender<Option<Halt>>,
    /// What there is to tell of it now.
    pub live: LiveRun,
    watcher: OnceLock<AbortHandle>,
}

impl Drop for Held {
    fn drop(&mut self) {
        if let Some(watcher) = self.watcher.get() {
            watcher.abort();
        }
        self.engine.held_runs().forget(&self.org, &self.run);
    }
}

impl Engine {
    /// The present moment of the clock that leases are judged by.
    pub(crate) async fn lease_clock(&self) -> Result<Timestamp, Failure> {
        let here = self.now();
        let measured = self.store_clock().now();
        match measured {
            Some(moment) => Ok(moment),
            None => {
                let told = self.store().await?.server_time().await.map_err(errors::store)?;
                self.store_clock().measured(told);
                Ok(told.unwrap_or(here))
            }
        }
    }

    async fn lease_ends(&self) -> Result<Timestamp, Failure> {
        let lease = i64::try_from(self.run_rules().lease.as_millis()).unwrap_or(i64::MAX);
        Ok(Timestamp(self.lease_clock().await?.0.saturating_add(lease)))
    }

    /// Takes a run that nobody works on, in one batch with other changes; `conflict` if somebody was faster.
    pub(crate) async fn take_run(
        &self,
        run: &Run,
        slots: Vec<String>,
        mut changes: Vec<Change>,
    ) -> Result<Arc<Held>, NotTaken> {
        let owner = self.instance().to_owned();
        let until = self.lease_ends().await?;
        let lease = Lease { owner, fence: run.attempts, until, slots, cancel: None };
        let key = keys::lease(&run.org, &run.id);
        changes.insert(0, put_json(key, &lease, Expect::Absent).map_err(errors::store)?);
        self.hold(run, lease, changes).await
    }

    async fn hold(&self, run: &Run, lease: Lease, changes: Vec<Change>) -> Result<Arc<Held>, NotTaken> {
        let _taking = self.held_runs().taking(&run.org, &run.id);
        let versions = self.store().await?.apply(changes).await.map_err(|error| match error {
            StoreError::Conflict { key } if lease.slots.contains(&key.id) => NotTaken::Place,
            StoreError::Conflict { .. } => NotTaken::Run(run.id.clone()),
            error => NotTaken::Failure(errors::store(error)),
        })?;
        let version = versions.first().copied().unwrap_or_default();
        let held = Arc::new(Held {
            engine: self.clone(),
            org: run.org.clone(),
            run: run.id.clone(),
            row: Mutex::new((version, lease)),
            halt: watch::Sender::new(None),
            live: LiveRun::new(run.clone()),
            watcher: OnceLock::new(),
        });
        self.held_runs().keep(&run.org, &run.id, &held);
        let watching = tokio::spawn(watched(Arc::downgrade(&held), self.run_rules()));
        // It was made a moment ago, so nobody has set it.
        let _ = held.watcher.set(watching.abort_handle());
        Ok(held)
    }

    /// Whether nobody works on a run any more.
    pub(crate) async fn is_dead(&self, org: &OrgId, run: &RunId, lease: &Lease) -> Result<bool, Failure> {
        if lease.owner == self.instance() {
            return Ok(!self.held_runs().is_ours(org, run));
        }
        let alone = self.store().await?.is_ours_alone();
        let gone = alone && !crate::renewal::Instance::is_living(&lease.owner);
        Ok(gone || self.lease_clock().await? > lease.until)
    }
}

/// Looks after a lease until the run is over.
async fn watched(held: Weak<Held>, rules: RunRules) {
    loop {
        tokio::time::sleep(rules.looks_every).await;
        let Some(held) = held.upgrade() else { return };
        if let Err(failure) = held.look().await {
            // The store is away for a moment, or for so long that the lease ends.
            tracing::warn!(run = %held.run, %failure, "the lease of a run could not be looked at");
        }
    }
}

impl Held {
    /// Why the run must not go on here, if it must not.
    pub fn halted(&self) -> Option<Halt> {
        self.halt.borrow().clone()
    }

    /// Comes back when the run must not go on here.
    pub async fn halts(&self) -> Halt {
        let mut halts = self.halt.subscribe();
        match halts.wait_for(Option::is_some).await {
            Ok(halt) => halt.clone().unwrap_or(Halt::Lost),
            // The sender is ours.
            Err(_) => Halt::Lost,
        }
    }

    /// The row as it is now.
    pub async fn lease(&self) -> Lease {
        self.row.lock().await.1.clone()
    }

    /// Writes changes of the run, if it is still ours, and says that we live.
    pub async fn write(&self, changes: Vec<Change>) -> Result<(), Failure> {
        self.apply(changes, false).await
    }

    /// Writes the last changes, and gives the run and its places back.
    pub async fn write_and_end(&self, changes: Vec<Change>) -> Result<(), Failure> {
        self.apply(changes, true).await
    }

    async fn apply(&self, changes: Vec<Change>, ends: bool) -> Result<(), Failure> {
        let mut row = self.row.lock().await;
        let key = keys::lease(&self.org, &self.run);
        loop {
            if self.halted() == Some(Halt::Lost) {
                return Err(lost(&self.run));
            }
            let (version, lease) = &*row;
            let next = Lease { until: self.engine.lease_ends().await?, ..lease.clone() };
            let expect = Expect::Version(*version);
            let mut batch = Vec::with_capacity(changes.len() + 2);
            if ends {
                batch.push(Change::Delete { key: key.clone(), expect });
                batch.extend(lease.slots.iter().map(|slot| Change::Delete {
                    key: keys::lease_row(&self.org, slot.clone()),
                    expect: Expect::Any,
                }));
            } else {
                batch.push(put_json(key.clone(), &next, expect).map_err(errors::store)?);
            }
            batch.extend(changes.iter().cloned());
            match self.engine.store().await?.apply(batch).await {
                Ok(versions) => {
                    *row = (versions.first().copied().unwrap_or_default(), next);
                    if let Some(watcher) = self.watcher.get().filter(|_| ends) {
                        watcher.abort();
                    }
                    return Ok(());
                }
                Err(StoreError::Conflict { key: met }) if met == key => self.read_again(&mut row).await?,
                Err(error) => return Err(errors::store(error)),
            }
        }
    }

    /// Somebody has changed the row: a wish that the run end, or another owner.
    async fn read_again(&self, row: &mut (u64, Lease)) -> Result<(), Failure> {
        let store = self.engine.store().await?;
        let found = get_json::<Lease>(store, &keys::lease(&self.org, &self.run)).await;
        let ours = found
            .map_err(errors::store)?
            .filter(|(_, found)| found.owner == self.engine.instance() && found.fence == row.1.fence);
        let halt = match ours {
            Some((version, lease)) => {
                let cancel = lease.cancel.clone();
                *row = (version, lease);
                cancel.map(Halt::Cancelled)
            }
            None => Some(Halt::Lost),
        };
        if let Some(halt) = halt {
            if halt == Halt::Lost {
                tracing::warn!(org = %self.org, run = %self.run, "a run was taken over by another process");
            }
            self.halt.send_if_modified(|present| {
                let news = present.as_ref() != Some(&halt);
                *present = Some(halt);
                news
            });
        }
        Ok(())
    }

    /// Looks whether the run is still ours, and says that we live when a third of the lease is over.
    pub async fn look(&self) -> Result<(), Failure> {
        let renew_before = {
            let mut row = self.row.lock().await;
            let store = self.engine.store().await?;
            let record = store.get(&keys::lease(&self.org, &self.run)).await.map_err(errors::store)?;
            if record.is_none_or(|record| record.version != row.0) {
                self.read_again(&mut row).await?;
            }
            let lease = i64::try_from(self.engine.run_rules().lease.as_millis()).unwrap_or(i64::MAX);
            row.1.until.0.saturating_sub(lease / 3 * 2)
        };
        match self.halted() != Some(Halt::Lost) && self.engine.lease_clock().await?.0 >= renew_before {
            true => self.write(Vec::new()).await,
            false => Ok(()),
        }
    }
}

pub(crate) fn going_on_elsewhere(run: &RunId) -> Failure {
    Failure::new(Reason::Conflict, format!("run `{run}` is already going on elsewhere"))
}

pub(super) fn lost(run: &RunId) -> Failure {
    Failure::new(Reason::Conflict, format!("run `{run}` goes on in another process"))
        .help("this one was not heard of for too long; look at the run")
}
