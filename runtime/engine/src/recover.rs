//! What is put in order when a process starts: runs that the last one left in mid-work, attempts
//! that it was about to finish.

use crate::builder::Engine;
use crate::errors;
use crate::keys;
use sluis_model::error::Failure;
use sluis_model::grant::{Grant, GrantOutcome};
use sluis_model::id::{GrantId, OrgId, RunId};
use sluis_store::{Change, Expect, Key, Table, list_json, put_json, system_org};

/// What was found at start.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Recovered {
    /// Runs that were cut off and that nobody but their author can go on with; they are told as interrupted.
    pub interrupted: Vec<(OrgId, RunId)>,
    /// Runs that were cut off and go on, as soon as somebody works on jobs.
    pub going_on: Vec<(OrgId, RunId)>,
    /// Runs that wait and whose matter has been decided meanwhile: [`Engine::resume`] them.
    pub ready: Vec<(OrgId, RunId)>,
    /// Runs that still wait.
    pub waiting: usize,
    /// Attempts cut off between callback and end.
    pub grants: usize,
    /// Attempts that nobody answered in time.
    pub expired: usize,
    /// Renewals that were cut off and have been finished from the answer that was kept.
    pub renewals: usize,
}

impl Engine {
    /// Puts in order what the last process left behind. Call once at start, before serving.
    pub async fn recover(&self) -> Result<Recovered, Failure> {
        let mut recovered = Recovered::default();
        for org in self.orgs().await? {
            self.recover_grants(&org.id, &mut recovered).await?;
            self.index_old_runs(&org.id).await?;
            self.recover_parked(&org.id, &mut recovered).await?;
        }
        self.recover_running(&mut recovered).await?;
        self.drop_dead_states().await?;
        recovered.renewals = self.recover_renewals().await?;
        self.plan_schedules().await?;
        if recovered != Recovered::default() {
            tracing::info!(
                interrupted = recovered.interrupted.len(),
                going_on = recovered.going_on.len(),
                ready = recovered.ready.len(),
                waiting = recovered.waiting,
                grants = recovered.grants,
                expired = recovered.expired,
                renewals = recovered.renewals,
                "recovered after the last stop"
            );
        }
        Ok(recovered)
    }

    async fn recover_grants(&self, org: &OrgId, recovered: &mut Recovered) -> Result<(), Failure> {
        let grants: Vec<Grant> = self.list_json(Table::Grants, org, "").await?;
        for mut grant in grants {
            match grant.outcome {
                GrantOutcome::Exchanging => {
                    recovered.grants += 1;
                    let reason = "the server stopped before it was finished".to_owned();
                    grant.outcome = GrantOutcome::Failed { reason };
                }
                GrantOutcome::Waiting if self.now() > grant.expires_at => {
                    recovered.expired += 1;
                    grant.outcome = GrantOutcome::Expired;
                }
                GrantOutcome::Waiting if grant.device.is_some() => {
                    self.poll_unseen(&grant);
                    continue;
                }
                _ => continue,
            }
            let changes = vec![
                put_json(keys::grant(org, &grant.id), &grant, Expect::Any).map_err(errors::store)?,
                Change::Delete { key: keys::verifier(org, &grant.id), expect: Expect::Any },
            ];
            self.store().await?.apply(changes).await.map_err(errors::store)?;
        }
        self.drop_pending(org).await
    }

    /// Connections that waited for their hook when the process ended: nobody will agree to them now.
    async fn drop_pending(&self, org: &OrgId) -> Result<(), Failure> {
        let store = self.store().await?;
        let rows = store.list(Table::Connections, org, "", None, 10_000).await.map_err(errors::store)?;
        let pending = rows.into_iter().filter(|(id, _)| keys::is_pending_connection(id));
        let changes: Vec<Change> = pending
            .flat_map(|(id, _)| {
                [Table::Connections, Table::Credentials].map(|table| Change::Delete {
                    key: Key::new(table, org, id.clone()),
                    expect: Expect::Any,
                })
            })
            .collect();
        if !changes.is_empty() {
            store.apply(changes).await.map_err(errors::store)?;
        }
        Ok(())
    }

    /// The `state` of an attempt that can no longer be finished is good for nothing.
    async fn drop_dead_states(&self) -> Result<(), Failure> {
        let store = self.store().await?;
        let rows = list_json::<(OrgId, GrantId)>(store, Table::GrantStates, &system_org(), "", None, 10_000)
            .await
            .map_err(errors::store)?;
        for (id, version, (org, grant)) in rows {
            let waits = self.grant(&org, &grant).await.is_ok_and(|g| g.outcome == GrantOutcome::Waiting);
            if !waits {
                let delete = Change::Delete { key: keys::grant_state(&id), expect: Expect::Version(version) };
                store.apply(vec![delete]).await.map_err(errors::store)?;
            }
        }
        Ok(())
    }
}
