//! Ending a run before its end, wherever it stands: in the queue, parked, or in the hands of a process, this
//! one or another.

use super::enqueue::job_key;
use super::keep::{recorded, run_not_found};
use super::lease::{CancelAsked, Lease};
use super::midway;
use crate::builder::Engine;
use crate::{errors, keys};
use sluis_model::error::{Failure, Reason};
use sluis_model::id::{Namespace, OrgId, RunId, UserId};
use sluis_model::run::{Run, RunStatus};
use sluis_model::run_state::RunState;
use sluis_model::time::Timestamp;
use sluis_store::{Change, Expect, StoreError, get_json, put_json};
use std::time::Duration;

/// How long whoever ends a run waits for the process that works on it, in looks.
const LOOKS: u32 = 40;
/// Pause between them.
const LOOK_EVERY: Duration = Duration::from_millis(100);

/// Makes a record say that the run was ended.
pub(super) fn end(run: &mut Run, by: Option<UserId>, now: Timestamp) {
    run.status = RunStatus::Cancelled { by };
    run.finished_at = Some(now);
}

/// What became of the wish that a run end.
enum Step {
    /// It has ended.
    Ended,
    /// It was told to whoever works on it.
    Told,
    /// Somebody has changed it meanwhile.
    Again,
}

impl Engine {
    /// Ends a run. One that another process works on ends within seconds: it may still be running in the
    /// record that is answered. A call that is under way is not waited for; what has become of a write is
    /// then open (`sluis calls open`).
    pub async fn cancel_run(&self, org: &OrgId, id: &RunId, by: Option<UserId>) -> Result<Run, Failure> {
        let mut looks = 0;
        loop {
            let (version, run) = self.stored_run(org, id).await?.ok_or_else(|| run_not_found(org, id))?;
            if run.status.has_ended() {
                return match (&run.status, looks) {
                    (RunStatus::Cancelled { .. }, _) => Ok(run),
                    // It was faster than the wish.
                    (_, 1..) => Ok(run),
                    (_, 0) => Err(has_ended(&run)),
                };
            }
            match self.cancel_step(run, version, by.clone()).await? {
                Step::Ended | Step::Again => {}
                Step::Told => {
                    looks += 1;
                    if looks > LOOKS {
                        return self.run_record(org, id).await;
                    }
                    tokio::time::sleep(LOOK_EVERY).await;
                }
            }
        }
    }

    async fn cancel_step(&self, mut run: Run, version: u64, by: Option<UserId>) -> Result<Step, Failure> {
        let parked = match &run.status {
            RunStatus::Running => return self.tell_owner(&run, version, by).await,
            RunStatus::Waiting { grant, .. } => Some(self.grant(&run.org, grant).await?.connector),
            RunStatus::AwaitingCallback { api, .. } => Some(api.namespace()),
            _ => None,
        };
        end(&mut run, by, self.now());
        let mut changes = recorded(&run, Expect::Version(version))?;
        changes.extend(left_behind(&run, parked.as_ref()));
        self.cancelled(&run, changes).await
    }

    async fn cancelled(&self, run: &Run, changes: Vec<Change>) -> Result<Step, Failure> {
        match self.store().await?.apply(changes).await {
            Ok(_) => {
                crate::measured::run(&run.status);
                tracing::info!(org = %run.org, run = %run.id, "a run was cancelled");
                Ok(Step::Ended)
            }
            Err(StoreError::Conflict { .. }) => Ok(Step::Again),
            Err(error) => Err(errors::store(error)),
        }
    }

    /// Tells whoever works on a run that it is to end; ends it if nobody does.
    async fn tell_owner(&self, run: &Run, version: u64, by: Option<UserId>) -> Result<Step, Failure> {
        let key = keys::lease(&run.org, &run.id);
        let found = get_json::<Lease>(self.store().await?, &key).await.map_err(errors::store)?;
        let Some((fence, lease)) = found else {
            let mut ended = run.clone();
            end(&mut ended, by, self.now());
            return self.cancelled(&ended, recorded(&ended, Expect::Version(version))?).await;
        };
        if self.is_dead(&run.org, &run.id, &lease).await? {
            let mut ended = run.clone();
            end(&mut ended, by, self.now());
            let mut changes = vec![Change::Delete { key, expect: Expect::Version(fence) }];
            changes.extend(lease.slots.iter().map(|slot| Change::Delete {
                key: keys::lease_row(&run.org, slot.clone()),
                expect: Expect::Any,
            }));
            changes.extend(recorded(&ended, Expect::Any)?);
            changes.push(midway::forget(&run.org, &run.id));
            let step = self.cancelled(&ended, changes).await?;
            self.give_places(&run.org, &lease.slots).await;
            return Ok(step);
        }
        if lease.cancel.is_none() {
            let asked = Lease { cancel: Some(CancelAsked { by }), ..lease };
            let change = put_json(key, &asked, Expect::Version(fence)).map_err(errors::store)?;
            match self.store().await?.apply(vec![change]).await {
                Ok(_) => {}
                Err(StoreError::Conflict { .. }) => return Ok(Step::Again),
                Err(error) => return Err(errors::store(error)),
            }
        }
        if let Some(held) = self.held_runs().find(&run.org, &run.id) {
            held.look().await?;
        }
        Ok(Step::Told)
    }
}

/// What a run leaves behind that will not go on.
fn left_behind(run: &Run, parked_for: Option<&Namespace>) -> Vec<Change> {
    let delete = |key| Change::Delete { key, expect: Expect::Any };
    let mut changes = vec![midway::forget(&run.org, &run.id)];
    match parked_for {
        Some(namespace) => {
            changes.push(delete(keys::snapshot(&run.org, namespace, &run.id)));
            changes.push(delete(keys::waiting_link(&run.org, &run.id)));
        }
        None => changes.push(Change::Unqueue { org: run.org.clone(), key: job_key(&run.id) }),
    }
    changes
}

fn has_ended(run: &Run) -> Failure {
    let state = RunState::from(&run.status);
    Failure::new(Reason::Conflict, format!("run `{}` has ended already: it is {state}", run.id))
}
