//! From a trigger to a run.

use super::arguments::{self, Known};
use super::state::FiringOutcome;
use super::store::StoredTrigger;
use crate::builder::Engine;
use crate::errors;
use crate::run::{Enqueued, RunEnd, RunRefused, Unobserved};
use sluis_model::error::{Failure, Reason};
use sluis_model::id::{OrgId, RunId};
use sluis_model::trigger::Trigger;
use sluis_store::{Change, StoreError};

/// A run that a trigger asks for.
#[derive(Clone)]
pub(super) struct Start<'a> {
    pub org: &'a OrgId,
    pub trigger: &'a StoredTrigger,
    pub by: Trigger,
    /// Who asks a second time with the same text gets the run that there is.
    pub dedupe: Option<String>,
}

impl Engine {
    /// Puts a run into the queue, or finds the one that was asked for before; whether it did.
    pub(super) async fn start_run(&self, start: Start<'_>, known: &Known) -> Result<(RunId, bool), Failure> {
        loop {
            let (run, changes) = self.start_changes(&start, known).await?;
            let is_new = !changes.is_empty();
            if is_new {
                match self.store().await?.apply(changes).await {
                    Ok(_) => {}
                    // Somebody asks for the same at this moment: the next look finds it.
                    Err(StoreError::Conflict { .. }) if start.dedupe.is_some() => continue,
                    Err(error) => return Err(errors::store(error)),
                }
            }
            let outcome = match is_new {
                true => FiringOutcome::Started { run: run.clone() },
                false => FiringOutcome::Repeated { run: run.clone() },
            };
            self.note_firing(start.org, &start.trigger.name, outcome).await;
            return Ok((run, is_new));
        }
    }

    /// The changes that put a run into the queue; none if it was asked for before.
    pub(super) async fn start_changes(
        &self,
        start: &Start<'_>,
        known: &Known,
    ) -> Result<(RunId, Vec<Change>), Failure> {
        let spec = &start.trigger.spec;
        let function = self.function(start.org, &spec.function).await?;
        self.enqueue_changes(Enqueued {
            org: start.org.clone(),
            function: spec.function.clone(),
            args: arguments::arguments(spec, &function, known)?,
            by: start.by,
            user: spec.user.clone(),
            dedupe: start.dedupe.clone(),
            not_before: None,
        })
        .await
    }

    /// Runs it at once, for whoever waits for its value.
    pub(super) async fn run_now(&self, start: Start<'_>, known: &Known) -> Result<RunEnd, Failure> {
        let spec = &start.trigger.spec;
        let function = self.function(start.org, &spec.function).await?;
        let args = arguments::arguments(spec, &function, known)?;
        let observer = &mut Unobserved;
        let ended =
            self.run_function_by(start.by, start.org, &spec.function, spec.user.clone(), args, observer);
        ended.await.map_err(|refused| match refused {
            RunRefused::Failure(failure) => failure,
            // What is wrong with it is for its owner to read.
            RunRefused::Script(_) | RunRefused::Entry { .. } => {
                Failure::new(Reason::FunctionFailed, "the function behind this address cannot be run")
                    .help("its owner stores it again, and is told why")
            }
        })
    }
}
