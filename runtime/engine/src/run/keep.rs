//! Run records and parked machines in the store.

use crate::builder::Engine;
use crate::{errors, keys};
use sluis_lang::vm::Vm;
use sluis_model::error::{Failure, Reason};
use sluis_model::id::{Namespace, OrgId, RunId};
use sluis_model::run::Run;
use sluis_store::{Change, Expect, get_json, put_json};
use sluis_vault::{SealContext, field};

impl Engine {
    /// Writes a run's record.
    pub(crate) async fn keep_run(&self, run: &Run) -> Result<(), Failure> {
        let change = put_json(keys::run(&run.org, &run.id), run, Expect::Any).map_err(errors::store)?;
        self.store().await?.apply(vec![change]).await.map_err(errors::store)?;
        Ok(())
    }

    /// Writes a waiting run and its sealed machine in one step.
    pub(crate) async fn park(&self, run: &Run, namespace: &Namespace, vm: &mut Vm) -> Result<(), Failure> {
        let sealed = self.vault().await?.seal(&snapshot_context(run), &vm.snapshot());
        let changes = vec![
            put_json(keys::run(&run.org, &run.id), run, Expect::Any).map_err(errors::store)?,
            Change::Put {
                key: keys::snapshot(&run.org, namespace, &run.id),
                bytes: sealed,
                expect: Expect::Absent,
            },
        ];
        self.store().await?.apply(changes).await.map_err(errors::store)?;
        tracing::info!(run = %run.id, org = %run.org, connector = %namespace, "run waits for consent");
        Ok(())
    }

    /// A run's record.
    pub async fn run_record(&self, org: &OrgId, id: &RunId) -> Result<Run, Failure> {
        let found = get_json::<Run>(self.store().await?, &keys::run(org, id)).await.map_err(errors::store)?;
        found.map(|(_, run)| run).ok_or_else(|| {
            Failure::new(Reason::RunNotFound, format!("there is no run `{id}` in organisation `{org}`"))
        })
    }
}

/// Under which name a parked machine is sealed.
pub(crate) fn snapshot_context(run: &Run) -> SealContext<'_> {
    SealContext { org: &run.org, subject: run.id.as_str(), field: field::SNAPSHOT }
}
