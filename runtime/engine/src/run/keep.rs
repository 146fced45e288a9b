//! Run records and parked machines in the store.

use super::index::indexed;
use super::midway;
use crate::builder::Engine;
use crate::host::HostContext;
use crate::{errors, keys, measured};
use sluis_lang::vm::Vm;
use sluis_model::error::{Failure, Reason};
use sluis_model::id::{Namespace, OrgId, RunId};
use sluis_model::run::{Run, RunStatus};
use sluis_store::{Change, Expect, put_json};
use sluis_vault::field;

/// The changes that write the record of a run and what lists tell of it.
pub(crate) fn recorded(run: &Run, expect: Expect) -> Result<Vec<Change>, Failure> {
    let mut changes = vec![put_json(keys::run(&run.org, &run.id), run, expect).map_err(errors::store)?];
    changes.extend(indexed(run)?);
    Ok(changes)
}

impl Engine {
    /// Writes a waiting run, its sealed machine and its sealed link, if it has one, in one step, and gives the
    /// run back. The link holds the `state` of the attempt, of which the store otherwise knows the hash only.
    pub(crate) async fn park(
        &self,
        context: &HostContext<'_>,
        namespace: &Namespace,
        vm: &mut Vm,
    ) -> Result<(), Failure> {
        let run = &context.run;
        let vault = self.vault_of(&run.org).await?;
        let sealed = vault.seal(run.id.as_str(), field::SNAPSHOT, &vm.snapshot());
        let mut record = run.clone();
        let mut link = String::new();
        if let RunStatus::Waiting { authorize_url, .. } = &mut record.status {
            link = std::mem::take(authorize_url);
        }
        let mut changes = recorded(&record, Expect::Any)?;
        changes.push(Change::Put {
            key: keys::snapshot(&run.org, namespace, &run.id),
            bytes: sealed,
            expect: Expect::Any,
        });
        changes.push(midway::forget(&run.org, &run.id));
        if !link.is_empty() {
            changes.push(Change::Put {
                key: keys::waiting_link(&run.org, &run.id),
                bytes: vault.seal(run.id.as_str(), field::AUTHORIZE_URL, link.as_bytes()),
                expect: Expect::Any,
            });
        }
        match &context.held {
            Some(held) => {
                held.write_and_end(changes).await?;
                self.give_places(&run.org, &held.lease().await.slots).await;
            }
            None => drop(self.store().await?.apply(changes).await.map_err(errors::store)?),
        }
        measured::run(&run.status);
        tracing::info!(run = %run.id, org = %run.org, connector = %namespace, "run is parked");
        Ok(())
    }

    /// A run's record; of one that goes on in this process, as it is now.
    pub async fn run_record(&self, org: &OrgId, id: &RunId) -> Result<Run, Failure> {
        let (_, mut run) = self.stored_run(org, id).await?.ok_or_else(|| run_not_found(org, id))?;
        if let RunStatus::Waiting { grant, .. } = &run.status {
            let (grant, authorize_url) = (grant.clone(), self.waiting_link(&run).await?);
            run.status = RunStatus::Waiting { grant, authorize_url };
        }
        Ok(match (&run.status, self.held_runs().find(org, id)) {
            (RunStatus::Running, Some(held)) => held.live.record(),
            _ => run,
        })
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

pub(crate) fn run_not_found(org: &OrgId, id: &RunId) -> Failure {
    Failure::new(Reason::RunNotFound, format!("there is no run `{id}` in organisation `{org}`"))
        .help(format!("list those that there are: sluis runs list --org {org}"))
}
