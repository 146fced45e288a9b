//! What is put in order when a process starts: runs that the last one left in mid-work, attempts
//! that it was about to finish.

use crate::builder::Engine;
use crate::errors;
use crate::keys::{self, Slot};
use sluis_model::connection::{Connection, ConnectionState};
use sluis_model::error::Failure;
use sluis_model::grant::{Grant, GrantOutcome};
use sluis_model::id::{OrgId, RunId};
use sluis_model::run::{Run, RunStatus};
use sluis_store::{Expect, Table, put_json};

/// What was found at start.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Recovered {
    /// Runs that were cut off; they are told as interrupted and never silently run again.
    pub interrupted: Vec<(OrgId, RunId)>,
    /// Runs that wait and whose matter has been decided meanwhile: [`Engine::resume`] them.
    pub ready: Vec<(OrgId, RunId)>,
    /// Runs that still wait.
    pub waiting: usize,
    /// Attempts cut off between callback and end.
    pub grants: usize,
}

impl Engine {
    /// Puts in order what the last process left behind. Call once at start, before serving.
    pub async fn recover(&self) -> Result<Recovered, Failure> {
        let mut recovered = Recovered::default();
        for org in self.orgs().await? {
            self.recover_grants(&org.id, &mut recovered).await?;
            self.recover_runs(&org.id, &mut recovered).await?;
        }
        if recovered != Recovered::default() {
            tracing::info!(
                interrupted = recovered.interrupted.len(),
                ready = recovered.ready.len(),
                waiting = recovered.waiting,
                grants = recovered.grants,
                "recovered after the last stop"
            );
        }
        Ok(recovered)
    }

    async fn recover_grants(&self, org: &OrgId, recovered: &mut Recovered) -> Result<(), Failure> {
        let grants: Vec<Grant> = self.list_json(Table::Grants, org, "").await?;
        for mut grant in grants.into_iter().filter(|g| g.outcome == GrantOutcome::Exchanging) {
            recovered.grants += 1;
            grant.outcome =
                GrantOutcome::Failed { reason: "the server stopped before it was finished".to_owned() };
            let mut changes =
                vec![put_json(keys::grant(org, &grant.id), &grant, Expect::Any).map_err(errors::store)?];
            let slot = Slot::Pending(grant.id.clone());
            if let Some(pending) = self.connection(org, &grant.connector, &slot).await? {
                changes.extend(Engine::drop_connection(&pending, &slot));
            }
            self.store().await?.apply(changes).await.map_err(errors::store)?;
        }
        // A pending connection whose attempt is not in flight any more has no owner.
        let connections: Vec<Connection> = self.list_json(Table::Connections, org, "").await?;
        let orphans = connections.iter().filter(|c| c.state == ConnectionState::Pending).count();
        if orphans > 0 {
            tracing::warn!(%org, orphans, "pending connections without an attempt in flight");
        }
        Ok(())
    }

    async fn recover_runs(&self, org: &OrgId, recovered: &mut Recovered) -> Result<(), Failure> {
        let runs: Vec<Run> = self.list_json(Table::Runs, org, "").await?;
        for mut run in runs {
            match &run.status {
                RunStatus::Running => {
                    run.status = RunStatus::Interrupted;
                    run.finished_at = Some(self.now());
                    self.keep_run(&run).await?;
                    recovered.interrupted.push((org.clone(), run.id));
                }
                RunStatus::Waiting { grant, .. } => {
                    let grant = self.grant(org, grant).await?;
                    let open = matches!(grant.outcome, GrantOutcome::Waiting);
                    if open && !self.is_authorized(org, &grant.connector).await? {
                        recovered.waiting += 1;
                    } else {
                        recovered.ready.push((org.clone(), run.id));
                    }
                }
                RunStatus::Done { .. } | RunStatus::Failed { .. } | RunStatus::Interrupted => {}
            }
        }
        Ok(())
    }
}
