//! Giving an authorization back: the hook first, then the provider, then here.

use super::credential::StoredTokens;
use crate::builder::Engine;
use crate::errors;
use crate::keys::Slot;
use serde::Serialize;
use sluis_auth::scheme_of;
use sluis_model::connector::Release;
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
    /// Revokes an org's authorization of a connector.
    pub async fn revoke(&self, org: &OrgId, namespace: &Namespace) -> Result<Revocation, Failure> {
        self.org(org).await?;
        let release = self.latest_release(namespace).await?;
        let connection = self.connection(org, namespace, &Slot::Active).await?.ok_or_else(|| {
            Failure::new(
                Reason::NotAuthorized,
                format!("connector `{namespace}` is not authorized for `{org}`"),
            )
            .help("there is nothing to revoke")
        })?;
        let release = self.release_of(namespace, connection.release).await.unwrap_or(release);
        let hook_failure = self.run_revoke_hook(&connection, &release).await;
        // The hook may have renewed the tokens: what is revoked is what is stored now.
        let provider = match self.tokens(&connection, &Slot::Active).await {
            Ok(stored) => self.revoke_at_provider(&release, &stored).await,
            Err(failure) => RevokedAtProvider::Failed { reason: failure.message },
        };
        let changes = Engine::drop_connection(&connection, &Slot::Active);
        self.store().await?.apply(changes).await.map_err(errors::store)?;
        tracing::info!(%org, connector = %namespace, connection = %connection.id, ?provider, "revoked");
        Ok(Revocation { provider, hook_failure })
    }

    pub(crate) async fn revoke_at_provider(
        &self,
        release: &Release,
        stored: &StoredTokens,
    ) -> RevokedAtProvider {
        match self.try_revoke(release, stored).await {
            Ok(Some(())) => RevokedAtProvider::Revoked,
            Ok(None) => RevokedAtProvider::NotOffered,
            Err(failure) => RevokedAtProvider::Failed { reason: failure.message },
        }
    }

    async fn try_revoke(&self, release: &Release, stored: &StoredTokens) -> Result<Option<()>, Failure> {
        let scheme = scheme_of(&release.definition.auth);
        let Some(reference) = scheme.client() else { return Ok(None) };
        let client = self.client(reference).await?;
        let Some(request) = scheme.revoke(&client, &stored.tokens)? else { return Ok(None) };
        let answer = self.send_auth(request).await?;
        sluis_auth::read_revocation_at(self.now(), answer.status, &answer.headers, &answer.body)?;
        Ok(Some(()))
    }
}
