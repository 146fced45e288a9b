//! Run records and parked machines in the store.

use crate::builder::Engine;
use crate::{errors, keys, measured};
use sluis_lang::vm::Vm;
use sluis_model::error::{Failure, Reason};
use sluis_model::id::{Namespace, OrgId, RunId};
use sluis_model::run::{Run, RunStatus};
use sluis_store::{Change, Expect, get_json, put_json};
use sluis_vault::field;

impl Engine {
    /// Writes a run's record.
    pub(crate) async fn keep_run(&self, run: &Run) -> Result<(), Failure> {
        self.keep_run_and(run, Vec::new()).await
    }

    /// The same together with other changes.
    pub(crate) async fn keep_run_and(&self, run: &Run, mut changes: Vec<Change>) -> Result<(), Failure> {
        changes.push(put_json(keys::run(&run.org, &run.id), run, Expect::Any).map_err(errors::store)?);
        self.store().await?.apply(changes).await.map_err(errors::store)?;
        measured::run(&run.status);
        Ok(())
    }

    /// Writes a waiting run, its sealed machine and its sealed link, if it has one, in one step. The link holds
    /// the `state` of the attempt, of which the store otherwise knows the hash only.
    pub(crate) async fn park(&self, run: &Run, namespace: &Namespace, vm: &mut Vm) -> Result<(), Failure> {
        let vault = self.vault_of(&run.org).await?;
        let sealed = vault.seal(run.id.as_str(), field::SNAPSHOT, &vm.snapshot());
        let mut record = run.clone();
        let mut link = String::new();
        if let RunStatus::Waiting { authorize_url, .. } = &mut record.status {
            link = std::mem::take(authorize_url);
        }
        let mut changes = vec![
            put_json(keys::run(&run.org, &run.id), &record, Expect::Any).map_err(errors::store)?,
            Change::Put {
                key: keys::snapshot(&run.org, namespace, &run.id),
                bytes: sealed,
                expect: Expect::Absent,
            },
        ];
        if !link.is_empty() {
            changes.push(Change::Put {
                key: keys::waiting_link(&run.org, &run.id),
                bytes: vault.seal(run.id.as_str(), field::AUTHORIZE_URL, link.as_bytes()),
                expect: Expect::Any,
            });
        }
        self.store().await?.apply(changes).await.map_err(errors::store)?;
        measured::run(&run.status);
        tracing::info!(run = %run.id, org = %run.org, connector = %namespace, "run is parked");
        Ok(())
    }

    /// A run's record.
    pub async fn run_record(&self, org: &OrgId, id: &RunId) -> Result<Run, Failure> {
        let found = get_json::<Run>(self.store().await?, &keys::run(org, id)).await.map_err(errors::store)?;
        let (_, mut run) = found.ok_or_else(|| {
            Failure::new(Reason::RunNotFound, format!("there is no run `{id}` in organisation `{org}`"))
        })?;
        if let RunStatus::Waiting { grant, .. } = &run.status {
            let (grant, authorize_url) = (grant.clone(), self.waiting_link(&run).await?);
            run.status = RunStatus::Waiting { grant, authorize_url };
        }
        Ok(run)
    }

    /// Opens the link of a waiting run; empty if the run went on at this moment.
    async fn waiting_link(&self, run: &Run) -> Result<String, Failure> {
        let key = keys::waiting_link(&run.org, &run.id);
        let Some(record) = self.store().await?.get(&key).await.map_err(errors::store)? else {
            return Ok(String::new());
        };
        let vault = self.vault_of(&run.org).await?;
        let link = vault.open(run.id.as_str(), field::AUTHORIZE_URL, &record.bytes).map_err(errors::vault)?;
        Ok(String::from_utf8_lossy(link.expose()).into_owned())
    }
}
