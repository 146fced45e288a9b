//! One try of an entry: the hook, then the provider. Of several nodes one tries: whoever moves the
//! time of the next try forward first has it until then.

use super::{Given, OutboxEntry, OutboxStep, removal};
use crate::builder::Engine;
use crate::errors;
use crate::grants::RevokedAtProvider;
use crate::keys::{self, Slot};
use sluis_model::connector::Release;
use sluis_model::error::Failure;
use sluis_model::id::{OrgId, OutboxId};
use sluis_store::{Expect, StoreError, Table, put_json};
use std::time::Duration;

/// How long a try has the entry to itself, in seconds: longer than hook and provider may take.
const LEASE_S: i64 = 600;
/// The first pause after a failure, in seconds; each next one is twice as long.
const FIRST_PAUSE_S: i64 = 30;
/// The longest pause, in seconds.
const LONGEST_PAUSE_S: i64 = 6 * 3_600;

/// What one round through all outboxes has done.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct OutboxWorked {
    /// Entries of which nothing is left to do.
    pub done: usize,
    /// Entries that failed and will be tried again.
    pub later: usize,
    /// Entries given up in this round.
    pub given_up: usize,
}

impl Engine {
    /// Tries what is due, again and again; ends only when it is dropped. Each step is on disk, so it may
    /// be dropped at any moment.
    pub async fn keep_working_outbox(&self, every: Duration) {
        let mut round = tokio::time::interval(every);
        round.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
        loop {
            round.tick().await;
            if let Err(error) = self.work_outbox().await {
                tracing::error!(%error, "the outbox could not be worked");
            }
            if let Err(error) = self.work_deliveries().await {
                tracing::error!(%error, "calls that were handed over could not be made");
            }
            if let Err(error) = self.work_awaited().await {
                tracing::error!(%error, "calls whose answers are brought could not be looked at");
            }
            if let Err(error) = self.work_accepted().await {
                tracing::error!(%error, "accepted calls could not be worked");
            }
        }
    }

    /// Tries everything that is due, in all orgs.
    pub async fn work_outbox(&self) -> Result<OutboxWorked, Failure> {
        let mut worked = OutboxWorked::default();
        for org in self.orgs().await? {
            let entries: Vec<OutboxEntry> = self.list_json(Table::Outbox, &org.id, "").await?;
            let is_due = |entry: &&OutboxEntry| {
                entry.next_try_at <= self.now() && !matches!(entry.step, OutboxStep::GivenUp { .. })
            };
            for entry in entries.iter().filter(is_due) {
                match self.work_entry(&org.id, &entry.id).await? {
                    Some(Given::Done { .. }) => worked.done += 1,
                    Some(Given::Later(_)) => worked.later += 1,
                    Some(Given::GivenUp(_)) => worked.given_up += 1,
                    None => {}
                }
            }
        }
        Ok(worked)
    }

    /// Tries an entry now, due or not. None if another node has it in hand.
    pub async fn retry_from_outbox(&self, org: &OrgId, id: &OutboxId) -> Result<Option<Given>, Failure> {
        self.outbox_entry(org, id).await?;
        self.work_entry(org, id).await
    }

    /// One try. None if another has it in hand.
    pub(crate) async fn work_entry(&self, org: &OrgId, id: &OutboxId) -> Result<Option<Given>, Failure> {
        let (version, mut entry) = self.outbox_entry(org, id).await?;
        if let OutboxStep::GivenUp { .. } = entry.step {
            return Ok(Some(Given::GivenUp(Box::new(entry))));
        }
        entry.next_try_at = self.now().plus_seconds(LEASE_S);
        let key = keys::outbox(org, id);
        let lease = put_json(key, &entry, Expect::Version(version)).map_err(errors::store)?;
        match self.store().await?.apply(vec![lease]).await {
            Ok(_) => {}
            Err(StoreError::Conflict { .. }) => return Ok(None),
            Err(error) => return Err(errors::store(error)),
        }
        let release = self.release_of(&entry.connection.connector, entry.connection.release).await;
        let tried = match &release {
            Ok(release) => self.try_entry(&mut entry, release).await,
            Err(failure) => Err(failure.message.clone()),
        };
        match tried {
            Ok(told) => {
                self.store().await?.apply(removal(&entry)).await.map_err(errors::store)?;
                tracing::info!(%org, connector = %entry.connection.connector, outbox = %id, told, "given back");
                Ok(Some(Given::Done { told }))
            }
            Err(reason) => self.put_off(entry, reason).await.map(Some),
        }
    }

    /// Runs the hook if it has yet to succeed, then tells the provider; whether that could be told.
    async fn try_entry(&self, entry: &mut OutboxEntry, release: &Release) -> Result<bool, String> {
        let slot = Slot::Revoking(entry.id.clone());
        if let OutboxStep::Hook { deadline } = entry.step {
            let failed = self.run_revoke_hook(&entry.connection, release, &slot, entry.id.as_str()).await;
            match failed {
                Some(reason) if self.now() < deadline => return Err(reason),
                Some(reason) => {
                    tracing::warn!(outbox = %entry.id, reason, "the token is given up without its hook");
                    entry.hook_failure = Some(reason);
                }
                None => {}
            }
            entry.step = OutboxStep::Provider;
        }
        // The hook may have renewed the tokens: what is revoked is what is stored now.
        let stored = self.credential(&entry.connection, &slot).await.map_err(|failure| failure.message)?;
        match self.revoke_at_provider(&entry.connection, release, &stored.credential).await {
            RevokedAtProvider::Revoked => Ok(true),
            RevokedAtProvider::NotOffered => Ok(false),
            RevokedAtProvider::Failed { reason } | RevokedAtProvider::Later { reason } => Err(reason),
        }
    }

    /// Keeps what failed, for another try or as a record.
    async fn put_off(&self, mut entry: OutboxEntry, reason: String) -> Result<Given, Failure> {
        let now = self.now();
        entry.attempts = entry.attempts.saturating_add(1);
        let pause = self.pause_after(entry.attempts);
        entry.next_try_at = now.plus_seconds(pause);
        if let OutboxStep::Hook { deadline } = entry.step {
            // The last try of a hook comes at its deadline, not after it.
            entry.next_try_at = entry.next_try_at.min(deadline);
        }
        let org = entry.connection.org.clone();
        let key = keys::outbox(&org, &entry.id);
        tracing::warn!(%org, connector = %entry.connection.connector, outbox = %entry.id,
            attempts = entry.attempts, reason, "could not be given back yet");
        let given_up = now >= entry.expires_at;
        let mut changes = Vec::new();
        if given_up {
            entry.step = OutboxStep::GivenUp { reason: reason.clone() };
            changes = Engine::drop_connection(&entry.connection, &Slot::Revoking(entry.id.clone()));
        }
        entry.last_failure = Some(reason);
        changes.push(put_json(key, &entry, Expect::Any).map_err(errors::store)?);
        self.store().await?.apply(changes).await.map_err(errors::store)?;
        Ok(if given_up { Given::GivenUp(Box::new(entry)) } else { Given::Later(Box::new(entry)) })
    }

    /// Twice as long each time, up to a bound, and up to a quarter shorter or longer by chance, so that
    /// many entries of one provider do not come back together.
    pub(crate) fn pause_after(&self, attempts: u32) -> i64 {
        let doubled = FIRST_PAUSE_S.saturating_mul(1i64 << attempts.saturating_sub(1).min(20));
        let pause = doubled.min(LONGEST_PAUSE_S);
        let mut byte = [0u8; 1];
        self.randomness().fill(&mut byte);
        let [chance] = byte;
        pause * 3 / 4 + pause * i64::from(chance) / 510
    }
}
