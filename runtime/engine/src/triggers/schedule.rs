//! Moments that were planned: each is a job of the queue, which plans the next one in the batch that starts the run.
//!
//! A job may be worked on twice, and its node may die at any point: what counts is the state of the trigger, which is
//! changed in that same batch and only in the version that was read.

use super::arguments::Known;
use super::calendar::{Calendar, Plan};
use super::start::Start;
use super::state::{Firing, FiringOutcome, TriggerState};
use super::store::StoredTrigger;
use crate::builder::Engine;
use crate::{errors, keys};
use sluis_lang::value::data::Data;
use sluis_model::error::{Failure, Reason};
use sluis_model::id::{OrgId, TriggerName};
use sluis_model::time::Timestamp;
use sluis_model::trigger::Trigger;
use sluis_model::trigger_spec::{Occasion, Overlap, ScheduleRule};
use sluis_store::{Change, DueJob, Job, StoreError, Worked, put_json};
use std::time::Duration;

/// Name of the task that fires schedules. Part of what is stored.
pub(crate) const TASK: &str = "schedule";
/// Attempts of a job where the runtime fails; what is planned is planned anew at the next start.
const ATTEMPTS: u32 = 25;
/// How long a failure of the runtime is waited out.
const PAUSE: Duration = Duration::from_secs(10);
/// How often it is looked whether the run before has ended, where moments wait for that.
const LOOK_AGAIN_S: i64 = 5;
/// How many moments can wait.
const OWED_AT_MOST: usize = 100;
/// How many moments are shown.
pub const SHOWN_AT_MOST: usize = 100;

fn job_key(name: &TriggerName) -> String {
    format!("{TASK}/{name}")
}

/// The job that fires a schedule at a moment. It takes the place of the one that was planned before.
pub(super) fn job(org: &OrgId, name: &TriggerName, at: Timestamp) -> Job {
    Job {
        task: TASK.to_owned(),
        org: org.clone(),
        payload: name.to_string(),
        key: Some(job_key(name)),
        run_at: Some(at),
        max_attempts: ATTEMPTS,
    }
}

/// The change after which nothing is planned.
pub(super) fn unplan(org: &OrgId, name: &TriggerName) -> Change {
    Change::Unqueue { org: org.clone(), key: job_key(name) }
}

impl Engine {
    /// The next moments of a schedule, before it is stored.
    pub fn preview_schedule(&self, rule: &ScheduleRule, count: usize) -> Result<Vec<Timestamp>, Failure> {
        let calendar = Calendar::of(rule, self.now())?;
        Ok(calendar.coming(self.now(), count.min(SHOWN_AT_MOST)))
    }

    /// The next moments of a trigger; none if it is not by schedule, or rests.
    pub fn coming_moments(&self, trigger: &StoredTrigger, count: usize) -> Vec<Timestamp> {
        match &trigger.spec.on {
            Occasion::Schedule(rule) if !trigger.paused => {
                let calendar = Calendar::of(rule, trigger.made_at);
                calendar
                    .map(|calendar| calendar.coming(self.now(), count.min(SHOWN_AT_MOST)))
                    .unwrap_or_default()
            }
            _ => Vec::new(),
        }
    }

    /// Works on a moment that has come.
    pub(crate) async fn work_schedule(&self, due: &DueJob) -> Worked {
        let org = &due.job.org;
        let Ok(name) = due.job.payload.parse::<TriggerName>() else {
            return Worked::GiveUp { why: "it names no trigger".to_owned() };
        };
        match self.fire_schedule(org, &name).await {
            Ok(()) => Worked::Done,
            Err(failure) => Worked::Again { after: Some(PAUSE), why: failure.message },
        }
    }

    /// Does what is due for a schedule, and plans what comes next.
    async fn fire_schedule(&self, org: &OrgId, name: &TriggerName) -> Result<(), Failure> {
        loop {
            let Some((_, trigger)) = self.found_trigger(org, name).await? else { return Ok(()) };
            let Occasion::Schedule(rule) = &trigger.spec.on else { return Ok(()) };
            if trigger.paused {
                return Ok(());
            }
            let calendar = Calendar::of(rule, trigger.made_at)?;
            let (expect, mut state) = self.trigger_state(org, name).await?;
            let planned = state.next.or_else(|| calendar.after(self.now()));
            let plan = planned.map_or_else(Plan::default, |planned| calendar.plan(planned, self.now()));
            let mut changes = self.due_changes(org, &trigger, rule, &plan, &mut state).await?;
            state.next = plan.next;
            let look_again = Some(self.now().plus_seconds(LOOK_AGAIN_S)).filter(|_| !state.owed.is_empty());
            changes.extend(
                [state.next, look_again]
                    .into_iter()
                    .flatten()
                    .min()
                    .map(|at| Change::Enqueue { job: job(org, name, at) }),
            );
            changes.push(put_json(keys::trigger_state(org, name), &state, expect).map_err(errors::store)?);
            match self.store().await?.apply(changes).await {
                Ok(_) => return Ok(()),
                Err(StoreError::Conflict { .. }) => {}
                Err(error) => return Err(errors::store(error)),
            }
        }
    }

    /// The changes that start what is due, as the rule says what becomes of moments that meet a run that still goes
    /// on; what comes of it is noted in the state.
    async fn due_changes(
        &self,
        org: &OrgId,
        trigger: &StoredTrigger,
        rule: &ScheduleRule,
        plan: &Plan,
        state: &mut TriggerState,
    ) -> Result<Vec<Change>, Failure> {
        let now = self.now();
        if plan.dropped > 0 {
            let why = format!("{} were missed while no server was there", plan.dropped);
            state.skipped += plan.dropped - 1;
            state.note(Firing { at: now, planned: None, outcome: FiringOutcome::Skipped { why } });
        }
        state.owed.extend(&plan.due);
        let late = state.owed.len().saturating_sub(OWED_AT_MOST);
        for planned in state.owed.drain(..late).collect::<Vec<_>>() {
            skip(state, now, planned, "too many wait already");
        }
        let goes_on = rule.overlap != Overlap::Allow && self.goes_on(org, state).await?;
        let start: Vec<Timestamp> = match rule.overlap {
            Overlap::Allow => std::mem::take(&mut state.owed),
            Overlap::Queue if goes_on || state.owed.is_empty() => Vec::new(),
            Overlap::Queue => vec![state.owed.remove(0)],
            Overlap::Skip => {
                let mut owed = std::mem::take(&mut state.owed);
                let start = if goes_on { None } else { owed.pop() };
                owed.into_iter()
                    .for_each(|planned| skip(state, now, planned, "the run before still goes on"));
                start.into_iter().collect()
            }
        };
        let mut changes = Vec::new();
        for planned in start {
            changes.extend(self.moment_changes(org, trigger, planned, state).await?);
        }
        Ok(changes)
    }

    /// The changes that start the run of one moment. What is wrong with the function is noted, not tried again.
    async fn moment_changes(
        &self,
        org: &OrgId,
        trigger: &StoredTrigger,
        planned: Timestamp,
        state: &mut TriggerState,
    ) -> Result<Vec<Change>, Failure> {
        let now = self.now();
        let dedupe = Some(format!("schedule/{}/{}/{}", trigger.name, trigger.made_at.0, planned.0));
        let start = Start { org, trigger, by: Trigger::Schedule, dedupe };
        let (outcome, changes) = match self.start_changes(&start, &known(planned, now)).await {
            Ok((run, changes)) if changes.is_empty() => (FiringOutcome::Repeated { run }, changes),
            Ok((run, changes)) => (FiringOutcome::Started { run }, changes),
            Err(failure) if matches!(failure.reason, Reason::Internal | Reason::Unavailable) => {
                return Err(failure);
            }
            Err(failure) => {
                tracing::warn!(%org, trigger = %trigger.name, %failure, "a schedule could not start its function");
                (FiringOutcome::Failed { why: failure.message }, Vec::new())
            }
        };
        state.note(Firing { at: now, planned: Some(planned), outcome });
        Ok(changes)
    }

    /// Whether the run that a trigger started last goes on.
    async fn goes_on(&self, org: &OrgId, state: &TriggerState) -> Result<bool, Failure> {
        let Some(run) = &state.last_run else { return Ok(false) };
        match self.run_record(org, run).await {
            Ok(run) => Ok(!run.status.has_ended()),
            Err(failure) if failure.reason == Reason::RunNotFound => Ok(false),
            Err(failure) => Err(failure),
        }
    }

    /// Plans anew what every schedule is to do next: a job that was given up, or lost with a queue that was not copied,
    /// is there again. What is planned already stays so.
    pub(crate) async fn plan_schedules(&self) -> Result<(), Failure> {
        for org in self.orgs().await? {
            for trigger in self.triggers(&org.id).await? {
                if trigger.paused || !matches!(trigger.spec.on, Occasion::Schedule(_)) {
                    continue;
                }
                let (_, state) = self.trigger_state(&org.id, &trigger.name).await?;
                let Some(next) = state.next else { continue };
                let change = Change::Enqueue { job: job(&org.id, &trigger.name, next) };
                self.store().await?.apply(vec![change]).await.map_err(errors::store)?;
            }
        }
        Ok(())
    }
}

fn skip(state: &mut TriggerState, now: Timestamp, planned: Timestamp, why: &str) {
    let outcome = FiringOutcome::Skipped { why: why.to_owned() };
    state.note(Firing { at: now, planned: Some(planned), outcome });
}

/// What expressions read of a moment.
pub(super) fn known(planned: Timestamp, now: Timestamp) -> Known {
    vec![
        ("scheduled_at".to_owned(), Data::DateTime(planned.0)),
        ("fired_at".to_owned(), Data::DateTime(now.0)),
    ]
}
