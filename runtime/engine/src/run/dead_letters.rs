//! Runs from the queue that have failed for good. They lie in a list of their own until somebody runs them
//! again or takes them off it.

use super::keep::{recorded, run_not_found};
use crate::builder::Engine;
use crate::errors;
use sluis_model::error::{Failure, Reason};
use sluis_model::id::{OrgId, RunId};
use sluis_store::{Expect, StoreError};

impl Engine {
    /// Takes a run off the dead letters. Its record stays.
    pub async fn drop_dead_letter(&self, org: &OrgId, id: &RunId) -> Result<(), Failure> {
        loop {
            let (version, mut run) = self.stored_run(org, id).await?.ok_or_else(|| run_not_found(org, id))?;
            let Some(queue) = run.queue.as_mut().filter(|queue| queue.dead) else {
                return Err(Failure::new(
                    Reason::NotFound,
                    format!("run `{id}` does not lie among the dead letters of `{org}`"),
                )
                .help(format!("list them: sluis runs list --dead --org {org}")));
            };
            queue.dead = false;
            let changes = recorded(&run, Expect::Version(version))?;
            match self.store().await?.apply(changes).await {
                Ok(_) => {
                    tracing::info!(%org, run = %id, "a dead letter was dropped");
                    return Ok(());
                }
                Err(StoreError::Conflict { .. }) => {}
                Err(error) => return Err(errors::store(error)),
            }
        }
    }
}
