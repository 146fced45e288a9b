//! Giving an authorization back: the hook first, then the provider, then here.

use crate::builder::Engine;
use crate::errors;
use crate::keys::Slot;
use serde::Serialize;
use sluis_model::connection::{Connection, ConnectionKey};
use sluis_model::connector::Release;
use sluis_model::credential::Credential;
use sluis_model::error::{Failure, Reason};
use sluis_model::id::{Namespace, OrgId};

/// What became of a grant at the provider.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(tag = "result", rename_all = "snake_case")]
pub enum RevokedAtProvider {
    /// The provider has revoked it (RFC 7009).
    Revoked,
    /// The connector names no revocation endpoint.
    NotOffered,
    /// The provider could not be told; the token may live on there until it expires.
    Failed {
        /// Why, fit for the org's admin.
        reason: String,
    },
}

/// The outcome of a revocation. The authorization is gone here in every case.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Revocation {
    /// At the provider.
    pub provider: RevokedAtProvider,
    /// What the on-revoke hook said, if it failed; it cannot stop a revocation.
    pub hook_failure: Option<String>,
}

impl Engine {
    /// Revokes an org's main connection of a connector.
    pub async fn revoke(&self, org: &OrgId, namespace: &Namespace) -> Result<Revocation, Failure> {
        self.revoke_connection(&ConnectionKey::main(org, namespace)).await
    }

    /// Revokes a connection.
    pub async fn revoke_connection(&self, key: &ConnectionKey) -> Result<Revocation, Failure> {
        self.org(&key.org).await?;
        let release = self.latest_release(&key.connector).await?;
        let connection = self.connection(key, &Slot::Active).await?.ok_or_else(|| {
            Failure::new(
                Reason::NotAuthorized,
                format!("connector `{key}` is not authorized for `{}`", key.org),
            )
            .help("there is nothing to revoke")
        })?;
        let release = self.release_of(&key.connector, connection.release).await.unwrap_or(release);
        let hook_failure = self.run_revoke_hook(&connection, &release).await;
        // The hook may have renewed the tokens: what is revoked is what is stored now.
        let provider = match self.credential(&connection, &Slot::Active).await {
            Ok(stored) => self.revoke_at_provider(&connection, &release, &stored.credential).await,
            Err(failure) => RevokedAtProvider::Failed { reason: failure.message },
        };
        let changes = Engine::drop_connection(&connection, &Slot::Active);
        self.store().await?.apply(changes).await.map_err(errors::store)?;
        tracing::info!(org = %key.org, connector = %key, connection = %connection.id, ?provider, "revoked");
        Ok(Revocation { provider, hook_failure })
    }

    pub(crate) async fn revoke_at_provider(
        &self,
        connection: &Connection,
        release: &Release,
        credential: &Credential,
    ) -> RevokedAtProvider {
        match self.try_revoke(connection, release, credential).await {
            Ok(Some(())) => RevokedAtProvider::Revoked,
            Ok(None) => RevokedAtProvider::NotOffered,
            Err(failure) => RevokedAtProvider::Failed { reason: failure.message },
        }
    }

    async fn try_revoke(
        &self,
        connection: &Connection,
        release: &Release,
        credential: &Credential,
    ) -> Result<Option<()>, Failure> {
        let bound =
            self.bound(&release.definition, connection.auth.as_deref(), &connection.variables).await?;
        let scheme = bound.scheme();
        let Some(talk) = scheme.revoke(bound.context(self), credential)? else { return Ok(None) };
        self.converse(talk).await?;
        Ok(Some(()))
    }
}
