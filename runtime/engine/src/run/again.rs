//! A run that was cut off or has failed is run again from its beginning: the same script with the same
//! arguments, under the same id. Calls that it has finished are answered from its ledger.

use super::keep::{recorded, run_not_found};
use super::{Course, EntryPoint, RunEnd, RunObserver, RunRefused, midway};
use crate::builder::Engine;
use crate::{errors, keys};
use sluis_lang::value::data::Data;
use sluis_model::error::{Failure, Reason};
use sluis_model::id::{OrgId, RunId};
use sluis_model::run::{InQueue, Run, RunStatus};
use sluis_store::{Change, Expect};
use sluis_vault::field;

impl Engine {
    /// Runs a kept run again. Two processes that try at once: one goes on, the other gets `conflict`.
    pub async fn run_again(
        &self,
        org: &OrgId,
        id: &RunId,
        observer: &mut dyn RunObserver,
    ) -> Result<RunEnd, RunRefused> {
        let (version, before) = self.stored_run(org, id).await?.ok_or_else(|| run_not_found(org, id))?;
        may_run_again(&before)?;
        let args = self.ledger_args(&before).await?;
        let mut run = anew(before);
        let wanted = run.entry.clone().map_or(EntryPoint::Default, EntryPoint::Function);
        let (vm, warnings) = self.prepare(&mut run, &wanted, args).await?;
        let mut changes = recorded(&run, Expect::Version(version))?;
        changes.push(midway::forget(org, id));
        let held = self.take_run(&run, Vec::new(), changes).await.map_err(Failure::from)?;
        let course = Course { hook: None, held: Some(held), nested_fuel: 0 };
        Ok(self.drive_on(vm, run, observer, course, warnings).await?)
    }

    /// The change that keeps the arguments of a run, sealed, beside its ledger.
    pub(super) async fn keep_args(&self, run: &Run, args: &[(String, Data)]) -> Result<Change, Failure> {
        let bytes = serde_json::to_vec(args).map_err(|_| {
            Failure::new(Reason::InvalidInput, "the arguments of the run cannot be written down")
        })?;
        let vault = self.vault_of(&run.org).await?;
        let bytes = vault.seal(&subject(&run.id), field::LEDGER, &bytes);
        let key = keys::ledger(&run.org, &run.id, keys::LEDGER_ARGS);
        Ok(Change::Put { key, bytes, expect: Expect::Any })
    }

    /// The arguments that a run began with.
    pub(super) async fn ledger_args(&self, run: &Run) -> Result<Vec<(String, Data)>, Failure> {
        let key = keys::ledger(&run.org, &run.id, keys::LEDGER_ARGS);
        let lost = || Failure::new(Reason::Internal, format!("the arguments of run `{}` are lost", run.id));
        let record = self.store().await?.get(&key).await.map_err(errors::store)?.ok_or_else(lost)?;
        let vault = self.vault_of(&run.org).await?;
        let bytes = vault.open(&subject(&run.id), field::LEDGER, &record.bytes).map_err(errors::vault)?;
        serde_json::from_slice(bytes.expose()).map_err(|_| lost())
    }
}

/// The record of a run that begins again from its beginning.
pub(super) fn anew(run: Run) -> Run {
    Run {
        status: RunStatus::Running,
        output: Vec::new(),
        calls: Vec::new(),
        sites: Default::default(),
        open: None,
        attempts: run.attempts.saturating_add(1),
        queue: run.queue.map(|queue| InQueue { dead: false, not_before: None, ..queue }),
        finished_at: None,
        fuel: 0,
        ..run
    }
}

fn subject(run: &RunId) -> String {
    format!("{run}/{}", keys::LEDGER_ARGS)
}

fn may_run_again(run: &Run) -> Result<(), Failure> {
    let id = &run.id;
    let (why, help) = match &run.status {
        RunStatus::Failed { .. } | RunStatus::Interrupted | RunStatus::Cancelled { .. } if run.ledger => {
            return Ok(());
        }
        RunStatus::Failed { .. } | RunStatus::Interrupted | RunStatus::Cancelled { .. } => (
            "kept no ledger of its calls, so that they would be made twice",
            "run the script anew; with --keep it can be run again",
        ),
        RunStatus::Running => (
            "is going on",
            "if the process that worked on it is gone, start Sluis once: what was cut off goes on then, or is marked",
        ),
        RunStatus::Queued => ("waits for its turn", "it begins by itself; end it with: sluis runs cancel"),
        RunStatus::Waiting { .. } => ("waits for consent", "it goes on by itself when that is given"),
        RunStatus::AwaitingCallback { .. } => {
            ("waits for an answer that a service brings", "it goes on by itself when that has come")
        }
        RunStatus::Done { .. } => ("has ended well, so that there is nothing to do", "run the script anew"),
    };
    Err(Failure::new(Reason::Conflict, format!("run `{id}` {why}")).help(help))
}
