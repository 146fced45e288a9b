//! A run that was cut off or has failed is run again from its beginning: the same script with the same
//! arguments, under the same id. Calls that it has finished are answered from its ledger.

use super::{EntryPoint, RunEnd, RunObserver, RunRefused, RunRequest};
use crate::builder::Engine;
use crate::{errors, keys};
use sluis_lang::value::data::Data;
use sluis_model::error::{Failure, Reason};
use sluis_model::id::{OrgId, RunId};
use sluis_model::run::{Run, RunStatus};
use sluis_store::{Change, Expect, StoreError, get_json, put_json};
use sluis_vault::field;

impl Engine {
    /// Runs a kept run again. Two processes that try at once: one goes on, the other gets `conflict`.
    pub async fn run_again(
        &self,
        org: &OrgId,
        id: &RunId,
        observer: &mut dyn RunObserver,
    ) -> Result<RunEnd, RunRefused> {
        let found = get_json::<Run>(self.store().await?, &keys::run(org, id)).await.map_err(errors::store)?;
        let (version, run) = found.ok_or_else(|| {
            Failure::new(Reason::RunNotFound, format!("there is no run `{id}` in organisation `{org}`"))
        })?;
        may_run_again(&run)?;
        let args = self.ledger_args(&run).await?;
        let claimed = Run {
            status: RunStatus::Running,
            output: Vec::new(),
            calls: Vec::new(),
            sites: Default::default(),
            open: None,
            finished_at: None,
            fuel: 0,
            ..run.clone()
        };
        let change =
            put_json(keys::run(org, id), &claimed, Expect::Version(version)).map_err(errors::store)?;
        self.store().await?.apply(vec![change]).await.map_err(|error| match error {
            StoreError::Conflict { .. } => {
                Failure::new(Reason::Conflict, format!("run `{id}` is already going on elsewhere"))
            }
            error => errors::store(error),
        })?;
        let request = RunRequest {
            org: claimed.org.clone(),
            user: claimed.user.clone(),
            label: claimed.label.clone(),
            function: claimed.function.clone(),
            source: claimed.source.clone(),
            entry: claimed.entry.clone().map_or(EntryPoint::Default, EntryPoint::Function),
            args,
            keep: true,
        };
        let ended = self.run_as(request, observer, None, Some(claimed)).await;
        if ended.is_err() {
            self.unclaim(&run).await?;
        }
        ended
    }

    /// Puts back the record of a run that did not begin again after all.
    async fn unclaim(&self, before: &Run) -> Result<(), Failure> {
        let key = keys::run(&before.org, &before.id);
        let store = self.store().await?;
        let found = get_json::<Run>(store, &key).await.map_err(errors::store)?;
        let Some((version, _)) = found.filter(|(_, run)| run.status == RunStatus::Running) else {
            return Ok(());
        };
        let change = put_json(key, before, Expect::Version(version)).map_err(errors::store)?;
        store.apply(vec![change]).await.map_err(errors::store)?;
        Ok(())
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

    async fn ledger_args(&self, run: &Run) -> Result<Vec<(String, Data)>, Failure> {
        let key = keys::ledger(&run.org, &run.id, keys::LEDGER_ARGS);
        let lost = || Failure::new(Reason::Internal, format!("the arguments of run `{}` are lost", run.id));
        let record = self.store().await?.get(&key).await.map_err(errors::store)?.ok_or_else(lost)?;
        let vault = self.vault_of(&run.org).await?;
        let bytes = vault.open(&subject(&run.id), field::LEDGER, &record.bytes).map_err(errors::vault)?;
        serde_json::from_slice(bytes.expose()).map_err(|_| lost())
    }
}

fn subject(run: &RunId) -> String {
    format!("{run}/{}", keys::LEDGER_ARGS)
}

fn may_run_again(run: &Run) -> Result<(), Failure> {
    let id = &run.id;
    let (why, help) = match &run.status {
        RunStatus::Failed { .. } | RunStatus::Interrupted if run.ledger => return Ok(()),
        RunStatus::Failed { .. } | RunStatus::Interrupted => (
            "kept no ledger of its calls, so that they would be made twice",
            "run the script anew; with --keep it can be run again",
        ),
        RunStatus::Running => (
            "is going on",
            "if the process that worked on it is gone, start Sluis once: what was cut off is marked then",
        ),
        RunStatus::Waiting { .. } => ("waits for consent", "it goes on by itself when that is given"),
        RunStatus::AwaitingCallback { .. } => {
            ("waits for an answer that a service brings", "it goes on by itself when that has come")
        }
        RunStatus::Done { .. } => ("has ended well, so that there is nothing to do", "run the script anew"),
    };
    Err(Failure::new(Reason::Conflict, format!("run `{id}` {why}")).help(help))
}
