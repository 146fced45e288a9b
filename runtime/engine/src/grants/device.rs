//! An authorization on another device (RFC 8628): a person enters a code at the provider, and we ask
//! now and then whether they have. The pauses that the provider wants are kept in the store, so that
//! neither a restart nor a second node asks more often.

use super::bound::BoundAuth;
use super::callback::failed;
use crate::builder::Engine;
use crate::errors;
use crate::keys;
use sluis_auth::Polled;
use sluis_model::error::{Failure, Reason};
use sluis_model::grant::{DevicePrompt, Grant, GrantOutcome};
use sluis_model::id::{GrantId, OrgId};
use sluis_store::{Change, Expect, StoreError, get_json, put_json};
use std::time::Duration;

/// The least pause between two questions, in seconds, whatever the provider says.
const INTERVAL_AT_LEAST_S: i64 = 1;
/// The longest pause, in seconds.
const INTERVAL_AT_MOST_S: i64 = 120;
/// What `slow_down` adds (RFC 8628 §3.5), in seconds.
const SLOWER_BY_S: i64 = 5;
/// How long one question may keep others from asking, in seconds.
const LEASE_S: i64 = 60;
/// How often the clock is looked at while a pause lasts.
const LOOK_EVERY: Duration = Duration::from_millis(500);

impl Engine {
    /// Asks the provider for codes, and keeps them with an attempt that has been made: the one that is
    /// shown in its record, the one to ask with sealed.
    pub(super) async fn begin_device(
        &self,
        grant: &mut Grant,
        bound: &BoundAuth<'_>,
    ) -> Result<Change, Failure> {
        let begun = self.converse(bound.scheme().begin_device(bound.context(self))?).await?;
        let interval_s = begun.interval_s.clamp(INTERVAL_AT_LEAST_S, INTERVAL_AT_MOST_S);
        let now = self.now();
        grant.expires_at = now.plus_seconds(begun.expires_in_s.clamp(1, 86_400));
        grant.device = Some(DevicePrompt {
            user_code: begun.user_code,
            verification_uri: begun.verification_uri.into(),
            verification_uri_complete: begun.verification_uri_complete.map(Into::into),
            interval_s,
            next_poll_at: now.plus_seconds(interval_s),
        });
        let sealed = self.vault_of(&grant.org).await?.seal_verifier(&grant.id, &begun.device_code);
        let key = keys::verifier(&grant.org, &grant.id);
        Ok(Change::Put { key, bytes: sealed, expect: Expect::Absent })
    }

    /// Asks the provider once whether the person has agreed, if it is time to. Answers how the attempt
    /// stands.
    pub async fn poll_device(&self, org: &OrgId, id: &GrantId) -> Result<Grant, Failure> {
        let key = keys::grant(org, id);
        let store = self.store().await?;
        let found = get_json::<Grant>(store, &key).await.map_err(errors::store)?;
        let (version, mut grant) = found.ok_or_else(|| {
            Failure::new(Reason::NotFound, format!("there is no authorization attempt `{id}`"))
        })?;
        let now = self.now();
        let Some(device) = grant.device.as_mut().filter(|_| grant.outcome == GrantOutcome::Waiting) else {
            return Ok(grant);
        };
        if now > grant.expires_at {
            grant.outcome = GrantOutcome::Expired;
            return self.end_device(grant).await;
        }
        if now < device.next_poll_at {
            return Ok(grant);
        }
        // Whoever moves the moment of the next question forward has this one.
        device.next_poll_at = now.plus_seconds(LEASE_S);
        let lease = put_json(key, &grant, Expect::Version(version)).map_err(errors::store)?;
        match store.apply(vec![lease]).await {
            Ok(_) => {}
            Err(StoreError::Conflict { .. }) => return self.grant(org, id).await,
            Err(error) => return Err(errors::store(error)),
        }
        self.ask_device(grant).await
    }

    /// Asks, as often as the provider allows, until the attempt is decided.
    pub async fn watch_device(&self, org: &OrgId, id: &GrantId) -> Result<Grant, Failure> {
        loop {
            let grant = self.poll_device(org, id).await?;
            let Some(device) = grant.device.as_ref().filter(|_| grant.outcome == GrantOutcome::Waiting)
            else {
                return Ok(grant);
            };
            while self.now() < device.next_poll_at {
                tokio::time::sleep(LOOK_EVERY).await;
            }
        }
    }

    /// The same on a task of its own, whoever may look meanwhile.
    pub(crate) fn poll_unseen(&self, grant: &Grant) {
        let (engine, org, id) = (self.clone(), grant.org.clone(), grant.id.clone());
        tokio::spawn(async move {
            if let Err(error) = engine.watch_device(&org, &id).await {
                tracing::error!(%org, grant = %id, %error, "a device authorization could not be watched");
            }
        });
    }

    async fn ask_device(&self, mut grant: Grant) -> Result<Grant, Failure> {
        let asked = self.question(&grant).await;
        let Some(device) = grant.device.as_mut() else { return Ok(grant) };
        match asked {
            Ok(Polled::Pending) => {}
            Ok(Polled::SlowDown) => {
                device.interval_s = (device.interval_s + SLOWER_BY_S).min(INTERVAL_AT_MOST_S)
            }
            Ok(Polled::Obtained(obtained)) => {
                grant.outcome = match self.settle(&grant, *obtained).await {
                    Ok(connection) => {
                        grant.missing_scopes = connection.missing_scopes;
                        GrantOutcome::Authorized
                    }
                    Err(outcome) => outcome,
                };
                return self.end_device(grant).await;
            }
            // A provider that is busy or out of reach has decided nothing (RFC 8628 §3.5).
            Err(failure) if is_passing(&failure) => {
                tracing::debug!(grant = %grant.id, reason = failure.reason.as_str(), "not answered");
                device.interval_s = (device.interval_s * 2).min(INTERVAL_AT_MOST_S);
            }
            Err(failure) => {
                grant.outcome = match failure.reason {
                    Reason::Denied => GrantOutcome::Denied { reason: failure.message },
                    Reason::NeedsReauthorization => GrantOutcome::Expired,
                    _ => failed(failure),
                };
                return self.end_device(grant).await;
            }
        }
        device.next_poll_at = self.now().plus_seconds(device.interval_s);
        let change =
            put_json(keys::grant(&grant.org, &grant.id), &grant, Expect::Any).map_err(errors::store)?;
        self.store().await?.apply(vec![change]).await.map_err(errors::store)?;
        Ok(grant)
    }

    async fn question(&self, grant: &Grant) -> Result<Polled, Failure> {
        let release = self.release_of(&grant.connector, grant.release).await?;
        let bound = self.bound(&release.definition, grant.auth.as_deref(), &grant.variables).await?;
        let key = keys::verifier(&grant.org, &grant.id);
        let record = self.store().await?.get(&key).await.map_err(errors::store)?;
        let record = record.ok_or_else(|| {
            Failure::new(Reason::InvalidGrantState, "the code of this attempt is gone").help("begin it again")
        })?;
        let vault = self.vault_of(&grant.org).await?;
        let device_code = vault.open_verifier(&grant.id, &record.bytes).map_err(errors::vault)?;
        self.converse(bound.scheme().poll_device(bound.context(self), &device_code)?).await
    }

    async fn end_device(&self, grant: Grant) -> Result<Grant, Failure> {
        let key = keys::verifier(&grant.org, &grant.id);
        let gone = Change::Delete { key, expect: Expect::Any };
        self.store().await?.apply(vec![gone]).await.map_err(errors::store)?;
        self.decide(&grant).await?;
        Ok(grant)
    }
}

fn is_passing(failure: &Failure) -> bool {
    matches!(failure.reason, Reason::Unreachable | Reason::Timeout)
}
