//! Custody of keys, for operators: how they stand, new ones, and moving what they seal elsewhere.

use crate::builder::Engine;
use crate::errors;
use sluis_model::error::Failure;
use sluis_model::id::OrgId;
use sluis_model::secret::SecretText;
use sluis_store::system_org;
use sluis_vault::bundle::{Exported, Imported, Overwrite};
use sluis_vault::rotation::org::unfinished;
use sluis_vault::rotation::{OrgRotation, RootRotation, Step, VaultStatus};
use std::time::Duration;

/// Longest sleep at once: a rotation that another process has finished meanwhile is noticed after it.
const LONGEST_SLEEP_MS: i64 = 2_000;

impl Engine {
    /// How keys and sealed rows stand.
    pub async fn vault_status(&self) -> Result<VaultStatus, Failure> {
        self.vault().await?.status(self.store().await?).await.map_err(errors::custody)
    }

    /// Puts the store under the first root key of the ring; `seen` is told how far it has come.
    pub async fn rotate_root_key(
        &self,
        seen: &mut (dyn FnMut(&RootRotation) + Send),
    ) -> Result<RootRotation, Failure> {
        let done = self.vault().await?.rotate_root(self.store().await?, seen).await;
        let done = done.map_err(errors::custody)?;
        tracing::info!(root = %done.to, rewrapped = done.rewrapped, upgraded = done.upgraded, "root key rotated");
        Ok(done)
    }

    /// Begins to give an org a new key; one that is under way is answered as it stands.
    pub async fn start_org_key_rotation(&self, org: &OrgId) -> Result<OrgRotation, Failure> {
        if *org != system_org() {
            self.org(org).await?;
        }
        let begun = self.vault().await?.start_rotation(self.store().await?, org).await;
        let begun = begun.map_err(errors::custody)?;
        tracing::info!(%org, key = begun.target, "rotation of an org key is under way");
        Ok(begun)
    }

    /// Carries a rotation to its end. `settle_ms` is [`sluis_vault::rotation::org::SETTLE_MS`], or 0 if
    /// nothing else uses the store at this time, this process included.
    pub async fn finish_org_key_rotation(
        &self,
        org: &OrgId,
        settle_ms: i64,
        seen: &mut (dyn FnMut(&OrgRotation) + Send),
    ) -> Result<OrgRotation, Failure> {
        let (vault, store) = (self.vault().await?, self.store().await?);
        loop {
            match vault.advance_rotation(store, org, settle_ms, seen).await.map_err(errors::custody)? {
                Step::Done(rotation) => {
                    tracing::info!(%org, key = rotation.target, resealed = rotation.resealed,
                        damaged = rotation.damaged, "rotation of an org key is done");
                    return Ok(rotation);
                }
                Step::Wait { until, rotation } => {
                    seen(&rotation);
                    let left = until.0.saturating_sub(self.now().0).clamp(1, LONGEST_SLEEP_MS);
                    tokio::time::sleep(Duration::from_millis(left.unsigned_abs())).await;
                }
            }
        }
    }

    /// Carries to their end the rotations that a process has left behind. What stops it is logged: the
    /// next start tries again.
    pub async fn resume_org_key_rotations(&self, settle_ms: i64) {
        let resumed = async {
            for org in unfinished(self.store().await?).await.map_err(errors::custody)? {
                self.finish_org_key_rotation(&org, settle_ms, &mut |_| {}).await?;
            }
            Ok::<_, Failure>(())
        };
        if let Err(error) = resumed.await {
            tracing::error!(%error, "a change of keys stopped; it goes on at the next start");
        }
    }

    /// The orgs that have keys, the system's own among them.
    pub async fn orgs_with_keys(&self) -> Result<Vec<OrgId>, Failure> {
        Ok(self.vault_status().await?.orgs.into_iter().map(|status| status.org).collect())
    }

    /// Everything that gives access, in one file under a passphrase.
    pub async fn export_sealed(&self, passphrase: &SecretText) -> Result<Exported, Failure> {
        let exported = self.vault().await?.export(self.store().await?, passphrase).await;
        let exported = exported.map_err(errors::custody)?;
        tracing::warn!(
            connections = exported.connections,
            clients = exported.clients,
            "everything sealed was exported"
        );
        Ok(exported)
    }

    /// Takes an export in: all of it, or nothing.
    pub async fn import_sealed(
        &self,
        passphrase: &SecretText,
        file: &[u8],
        overwrite: Overwrite,
    ) -> Result<Imported, Failure> {
        let done = self.vault().await?.import(self.store().await?, passphrase, file, overwrite).await;
        let done = done.map_err(errors::custody)?;
        tracing::warn!(connections = done.connections, clients = done.clients, "an export was imported");
        Ok(done)
    }
}
