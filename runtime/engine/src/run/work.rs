//! What is done with the job of a run: the run begins, or goes on where a process that died has left it. The
//! job may come more than once; what is to be done stands in the record of the run.

use super::again::anew;
use super::enqueue::as_failure;
use super::keep::recorded;
use super::slots::{FROM_LINE, Found, line_of};
use super::{Course, EntryPoint, Unobserved};
use crate::builder::Engine;
use crate::jobs::Work;
use crate::{errors, keys};
use sluis_lang::vm::Vm;
use sluis_model::error::{Failure, Reason};
use sluis_model::id::{OrgId, RunId};
use sluis_model::run::{Run, RunStatus};
use sluis_store::{Change, DueJob, Expect, StoreError, Worked};
use std::time::Duration;

/// The task of runs, as the register of tasks knows it.
pub(crate) fn work<'a>(engine: &'a Engine, due: &'a DueJob) -> Work<'a> {
    Box::pin(async move {
        let mut words = due.job.payload.split(' ');
        let Some(Ok(run)) = words.next().map(str::parse::<RunId>) else {
            return Worked::GiveUp { why: "the payload names no run".to_owned() };
        };
        let from_line = words.next() == Some(FROM_LINE);
        match engine.work_run(&due.job.org, &run, from_line).await {
            Ok(worked) => worked,
            // Somebody else has it, which is as good.
            Err(failure) if failure.reason == Reason::Conflict => Worked::Done,
            Err(failure) => Worked::Again { after: None, why: failure.to_string() },
        }
    })
}

impl Engine {
    async fn work_run(&self, org: &OrgId, id: &RunId, from_line: bool) -> Result<Worked, Failure> {
        // It may have been removed meanwhile, or has begun elsewhere, or was cancelled.
        let found = self.stored_run(org, id).await?.filter(|(_, run)| run.status == RunStatus::Queued);
        let Some((version, run)) = found else {
            if from_line {
                self.call_lines_of(org).await?;
            }
            return Ok(Worked::Done);
        };
        let not_before = run.queue.as_ref().and_then(|queue| queue.not_before);
        if let Some(wait) = not_before.map(|at| at.0.saturating_sub(self.now().0)).filter(|wait| *wait > 0) {
            return Ok(Worked::Later { after: Duration::from_millis(wait.unsigned_abs()) });
        }
        self.begin_queued(run, version, from_line).await?;
        Ok(Worked::Done)
    }

    /// Begins a run from the queue and drives it until it stops.
    async fn begin_queued(&self, queued: Run, version: u64, from_line: bool) -> Result<(), Failure> {
        let before = queued.clone();
        let (mut run, vm, nested_fuel) = match self.ready_queued(queued).await {
            Ok(ready) => ready,
            Err(failure) if matches!(failure.reason, Reason::InvalidDefinition | Reason::InvalidInput) => {
                return self.refuse_queued(before, version, &failure).await;
            }
            Err(failure) => return Err(failure),
        };
        run.status = RunStatus::Running;
        if let Some(queue) = &mut run.queue {
            queue.begun_at = queue.begun_at.or(Some(self.now()));
        }
        let changes = recorded(&run, Expect::Version(version))?;
        let held = match self.begin_in_place(&run, &changes, from_line).await? {
            Found::Held(held) => held,
            Found::Line(line) => {
                let change = self.stand_in(&run, &line);
                self.store().await?.apply(vec![change]).await.map_err(errors::store)?;
                tracing::debug!(org = %run.org, run = %run.id, line, "a run waits for a place");
                return Ok(());
            }
        };
        let course = Course { hook: None, held: Some(held), nested_fuel };
        self.drive_on(vm, run, &mut Unobserved, course, Vec::new()).await.map(drop)
    }

    /// The machine of a queued run: as it was kept when its process died, else a new one.
    async fn ready_queued(&self, queued: Run) -> Result<(Run, Vm, u64), Failure> {
        if let Some((midway, mut vm)) = self.midway(&queued).await? {
            let mut run = Run { attempts: queued.attempts.saturating_add(1), ..queued };
            midway.rewind(&mut run);
            if let Some(answer) = midway.answer {
                vm.resume(answer.into_result());
            }
            return Ok((run, vm, midway.nested_fuel));
        }
        let args = self.ledger_args(&queued).await?;
        let mut run = anew(queued);
        let wanted = run.entry.clone().map_or(EntryPoint::Default, EntryPoint::Function);
        let (vm, _) = self.prepare(&mut run, &wanted, args).await.map_err(as_failure)?;
        Ok((run, vm, 0))
    }

    /// Ends a run that cannot begin, whoever tries.
    async fn refuse_queued(&self, mut run: Run, version: u64, failure: &Failure) -> Result<(), Failure> {
        run.status = RunStatus::Failed {
            code: String::new(),
            message: failure.message.clone(),
            line: 1,
            reason: Some(failure.reason.as_str().to_owned()),
            help: failure.help.clone(),
        };
        run.finished_at = Some(self.now());
        if let Some(queue) = &mut run.queue {
            queue.dead = true;
            queue.last_failure = Some(failure.message.clone());
        }
        let changes: Vec<Change> = recorded(&run, Expect::Version(version))?;
        match self.store().await?.apply(changes).await {
            Ok(_) | Err(StoreError::Conflict { .. }) => Ok(()),
            Err(error) => Err(errors::store(error)),
        }
    }

    /// Calls others in place of a run that was called and does not want its place.
    async fn call_lines_of(&self, org: &OrgId) -> Result<(), Failure> {
        let store = self.store().await?;
        let rows = store.list(sluis_store::Table::Leases, org, keys::LINE, None, 100).await;
        let mut lines: Vec<String> = rows
            .map_err(errors::store)?
            .iter()
            .filter_map(|(id, _)| Some(line_of(id.rsplit_once('/')?.0.strip_prefix(keys::LINE)?)))
            .collect();
        lines.dedup();
        for line in lines {
            self.call_line(org, &line).await?;
        }
        Ok(())
    }
}
