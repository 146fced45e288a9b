//! What comes after a run has stopped: it has ended, is tried again later, or lies among the dead letters.

use super::enqueue::job_of;
use super::keep::recorded;
use super::lease::Halt;
use super::{Held, midway};
use crate::builder::Engine;
use crate::measured;
use crate::triggers::Event;
use sluis_model::error::{Failure, Reason};
use sluis_model::run::{Run, RunStatus};
use sluis_store::{Change, Expect};

impl Engine {
    /// Writes down how a run has ended, gives it and its places back, and puts it into the queue again if it
    /// has failed and that is wanted.
    pub(crate) async fn settle_run(&self, held: &Held, run: &mut Run) -> Result<(), Failure> {
        let again = self.after_failure(run).await?;
        let mut changes = recorded(run, Expect::Any)?;
        changes.push(midway::forget(&run.org, &run.id));
        changes.extend(again);
        if let Some(event) = Event::of_failed_run(self.now(), run) {
            changes.extend(self.event_change(&run.org, &event).await?);
        }
        held.write_and_end(changes).await?;
        measured::run(&run.status);
        let slots = held.lease().await.slots;
        self.give_places(&run.org, &slots).await;
        Ok(())
    }

    /// The job that tries a failed run again, if there is to be one.
    pub(super) async fn after_failure(&self, run: &mut Run) -> Result<Option<Change>, Failure> {
        let RunStatus::Failed { message, reason, .. } = &run.status else { return Ok(None) };
        let needs_a_person = reason.as_deref() == Some(Reason::Ambiguous.as_str());
        let Some(queue) = &mut run.queue else { return Ok(None) };
        queue.failures = queue.failures.saturating_add(1);
        queue.last_failure = Some(message.clone());
        let retries = self.believed_settings(&run.org, run.function.as_ref()).await?.of_function.retries;
        let pause = retries.pause_after(queue.failures).filter(|_| !needs_a_person);
        let Some(pause) = pause else {
            queue.dead = true;
            return Ok(None);
        };
        queue.not_before = Some(self.now().plus_seconds(pause));
        tracing::info!(org = %run.org, run = %run.id, failures = queue.failures, pause, "a run is tried again");
        run.status = RunStatus::Queued;
        run.finished_at = None;
        Ok(Some(job_of(run)))
    }

    /// What becomes of a run that the runtime could not go on with. Another process may: it finds the run
    /// without an owner.
    pub(crate) async fn settle_broken(&self, held: &Held, mut run: Run, failure: &Failure) {
        tracing::error!(org = %run.org, run = %run.id, %failure, "a run was broken off");
        if held.halted() == Some(Halt::Lost) || run.goes_on_by_itself() {
            return;
        }
        run.status = RunStatus::Interrupted;
        run.finished_at = Some(self.now());
        if let Err(failure) = self.settle_run(held, &mut run).await {
            tracing::error!(run = %run.id, %failure, "that a run was broken off could not be written down");
        }
    }
}
