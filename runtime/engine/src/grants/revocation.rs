//! Giving an authorization back. It leaves its place first, so that no script can use it any more and
//! no renewal can put it back; then, with its token still good, the on-revoke hook runs; then the
//! provider is told. What fails of that goes on from the [outbox](crate::outbox).

use crate::builder::Engine;
use crate::errors;
use crate::keys::{self, Slot};
use crate::outbox::{Given, HOOK_DEADLINE_S, OutboxEntry, OutboxStep};
use crate::triggers::Event;
use serde::Serialize;
use sluis_model::connection::{Connection, ConnectionKey};
use sluis_model::connector::Release;
use sluis_model::credential::Credential;
use sluis_model::error::{Failure, Reason};
use sluis_model::id::{Namespace, OrgId, OutboxId};
use sluis_model::trigger_spec::EventKind;
use sluis_store::{Change, Expect, StoreError};

/// What became of a grant at the provider.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(tag = "result", rename_all = "snake_case")]
pub enum RevokedAtProvider {
    /// The provider has revoked it (RFC 7009, or the definition's own call).
    Revoked,
    /// The connector names no revocation endpoint.
    NotOffered,
    /// The provider could not be told yet; it is tried again from the outbox.
    Later {
        /// What is in the way, fit for the org's admin.
        reason: String,
    },
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
    /// What the on-revoke hook said, if it failed; it is tried again, and cannot stop a revocation.
    pub hook_failure: Option<String>,
    /// What is still to be done, if something is.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub outbox: Option<OutboxId>,
}

/// One line of the report of a mass revocation.
#[derive(Debug)]
pub struct MassRevoked {
    /// Which connection.
    pub key: ConnectionKey,
    /// How it went.
    pub outcome: Result<Revocation, Failure>,
}

/// Tries at taking a connection out of its place while renewals go on around it.
const TRIES: usize = 8;

impl Engine {
    /// Revokes an org's main connection of a connector.
    pub async fn revoke(&self, org: &OrgId, namespace: &Namespace) -> Result<Revocation, Failure> {
        self.revoke_connection(&ConnectionKey::main(org, namespace)).await
    }

    /// Revokes a connection.
    pub async fn revoke_connection(&self, key: &ConnectionKey) -> Result<Revocation, Failure> {
        self.org(&key.org).await?;
        self.latest_release(&key.connector).await?;
        let entry = self.take_out(key).await?;
        tracing::info!(org = %key.org, connector = %key, outbox = %entry.id, "revoked here");
        let given = self.work_entry(&key.org, &entry.id).await;
        Ok(match given {
            Ok(Some(Given::Done { told })) => {
                let provider = if told { RevokedAtProvider::Revoked } else { RevokedAtProvider::NotOffered };
                Revocation { provider, hook_failure: None, outbox: None }
            }
            Ok(Some(Given::Later(entry))) => later(*entry),
            Ok(Some(Given::GivenUp(entry))) => Revocation {
                provider: RevokedAtProvider::Failed { reason: entry.last_failure.unwrap_or_default() },
                hook_failure: entry.hook_failure,
                outbox: Some(entry.id),
            },
            Ok(None) => later(entry),
            // The authorization is gone here all the same; the outbox goes on with it.
            Err(failure) => later(OutboxEntry { last_failure: Some(failure.message), ..entry }),
        })
    }

    /// Revokes every connection of an org or of all, of a connector or of all.
    pub async fn revoke_all(
        &self,
        org: Option<&OrgId>,
        connector: Option<&Namespace>,
    ) -> Result<Vec<MassRevoked>, Failure> {
        let orgs = match org {
            Some(org) => vec![self.org(org).await?],
            None => self.orgs().await?,
        };
        let mut report = Vec::new();
        for org in orgs {
            for connection in self.connections(&org.id).await? {
                if connector.is_none_or(|wanted| *wanted == connection.connector) {
                    let key = connection.key();
                    let outcome = self.revoke_connection(&key).await;
                    report.push(MassRevoked { key, outcome });
                }
            }
        }
        Ok(report)
    }

    /// Moves a connection and its tokens out of the place where scripts find them, in one step: what
    /// follows is on disk before it begins.
    async fn take_out(&self, key: &ConnectionKey) -> Result<OutboxEntry, Failure> {
        let mut conflict = None;
        for _ in 0..TRIES {
            let connection = self.connection(key, &Slot::Active).await?.ok_or_else(|| nothing(key))?;
            let stored = self.credential(&connection, &Slot::Active).await?;
            let release = self.release_of(&key.connector, connection.release).await.ok();
            let hooked = release.is_some_and(|release| release.definition.hooks.on_revoke.is_some());
            let deadline = self.now().plus_seconds(HOOK_DEADLINE_S);
            let step = if hooked { OutboxStep::Hook { deadline } } else { OutboxStep::Provider };
            let entry = self.entry_of(&connection, step, "revoked");
            let expect = Expect::Version(stored.version);
            let mut changes = vec![
                // Whoever renews at this moment expects this very version, and finds none.
                Change::Delete { key: keys::credential(key, &Slot::Active), expect },
                Change::Delete { key: keys::connection(key, &Slot::Active), expect: Expect::Any },
            ];
            changes.extend(self.put_entry(&entry, &stored.credential).await?);
            let event = Event::of_connection(EventKind::ConnectionRevoked, self.now(), key);
            changes.extend(self.event_change(&key.org, &event).await?);
            match self.store().await?.apply(changes).await {
                Ok(_) => return Ok(entry),
                Err(error @ StoreError::Conflict { .. }) => conflict = Some(error),
                Err(error) => return Err(errors::store(error)),
            }
        }
        Err(conflict.map_or_else(|| nothing(key), errors::store))
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

fn nothing(key: &ConnectionKey) -> Failure {
    Failure::new(Reason::NotAuthorized, format!("connector `{key}` is not authorized for `{}`", key.org))
        .help("there is nothing to revoke")
}

/// It goes on from the outbox.
fn later(entry: OutboxEntry) -> Revocation {
    let failure = entry.last_failure.unwrap_or_default();
    let hook_failed = matches!(entry.step, OutboxStep::Hook { .. });
    let reason = match hook_failed {
        true => "its on-revoke function comes first, and has yet to succeed".to_owned(),
        false => failure.clone(),
    };
    Revocation {
        provider: RevokedAtProvider::Later { reason },
        hook_failure: if hook_failed { Some(failure) } else { entry.hook_failure },
        outbox: Some(entry.id),
    }
}
