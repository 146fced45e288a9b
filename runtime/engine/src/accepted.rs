//! Calls that were accepted: on disk, sealed, before whoever asked hears so; then made; then told of, where
//! somebody is to be told, again and again until it is taken.
//!
//! Of several nodes one works: whoever moves the time of the next try forward first has it until then. A
//! call that was under way when its server died is made again only if it reads; of any other it is told
//! that nobody knows.

use crate::activity::Activity;
use crate::builder::Engine;
use crate::connector_proxy::{Taken, Waiting};
use crate::{errors, keys};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use sluis_model::error::{Failure, Reason};
use sluis_model::id::{AcceptedId, OrgId};
use sluis_model::time::Timestamp;
use sluis_store::{Change, Expect, StoreError, Table};
use sluis_vault::field;
use zeroize::Zeroizing;

/// How long a try has a call to itself, in seconds: longer than a call and its callback may take.
const LEASE_S: i64 = 600;
/// How long somebody is told, in seconds: 3 days.
const DEADLINE_S: i64 = 3 * 86_400;
/// Rows read at once.
const PAGE: usize = 200;

/// How far a call has come.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(tag = "step", rename_all = "snake_case")]
enum Step {
    /// Nothing was sent yet.
    Accepted,
    /// It is being made.
    Calling,
    /// It is over; a backend has yet to take this envelope.
    Answered { envelope: Value },
}

/// What is to be done.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(tag = "what", rename_all = "snake_case")]
pub(crate) enum Todo {
    /// A command of a workflow backend, which is told of its outcome.
    Command(Waiting),
    /// A request that nobody waits for.
    Activity(Activity),
}

/// One accepted call, as it is sealed.
#[derive(Debug, Clone, Serialize, Deserialize)]
struct AcceptedCall {
    id: AcceptedId,
    org: OrgId,
    todo: Todo,
    #[serde(flatten)]
    step: Step,
    attempts: u32,
    next_try_at: Timestamp,
    expires_at: Timestamp,
}

impl Engine {
    /// Keeps a call to be made. It is on disk when this returns.
    pub(crate) async fn accept(&self, org: &OrgId, todo: Todo) -> Result<AcceptedId, Failure> {
        let now = self.now();
        let call = AcceptedCall {
            id: AcceptedId::generate(self.randomness()),
            org: org.clone(),
            todo,
            step: Step::Accepted,
            attempts: 0,
            next_try_at: now,
            expires_at: now.plus_seconds(DEADLINE_S),
        };
        let change = self.put_accepted(&call, Expect::Absent).await?;
        self.store().await?.apply(vec![change]).await.map_err(errors::store)?;
        tracing::info!(%org, accepted = %call.id, "a call was accepted");
        Ok(call.id)
    }

    /// Goes on with every accepted call that is due, in all orgs; how many are over.
    pub async fn work_accepted(&self) -> Result<usize, Failure> {
        let mut after = None;
        let mut taken = 0;
        loop {
            let page = self.store().await?.list_all(Table::Accepted, after.as_ref(), PAGE).await;
            let page = page.map_err(errors::store)?;
            for (key, _) in &page.records {
                if let Ok(id) = key.id.parse::<AcceptedId>() {
                    taken += usize::from(self.work_accepted_call(&key.org, &id, true).await?);
                }
            }
            after = page.next;
            if after.is_none() {
                return Ok(taken);
            }
        }
    }

    /// Goes on with an accepted call, `if_due` only when nobody has it in hand: makes it if it was not made,
    /// and tells whoever is to be told. Whether nothing is left to do.
    pub async fn work_accepted_call(
        &self,
        org: &OrgId,
        id: &AcceptedId,
        if_due: bool,
    ) -> Result<bool, Failure> {
        let Some((version, mut call)) = self.accepted_call(org, id).await? else { return Ok(false) };
        if if_due && call.next_try_at > self.now() {
            return Ok(false);
        }
        let before = call.step.clone();
        if matches!(before, Step::Accepted) {
            call.step = Step::Calling;
        }
        call.next_try_at = self.now().plus_seconds(LEASE_S);
        let Some(version) = self.write_accepted(&call, version).await? else { return Ok(false) };
        let interrupted = matches!(before, Step::Calling);
        match (call.todo.clone(), before) {
            (Todo::Command(waiting), Step::Answered { envelope }) => {
                self.told(call, version, &waiting, &envelope).await
            }
            (Todo::Command(waiting), _) => {
                let envelope = self.made_for_backend(org, &waiting, interrupted).await;
                call.step = Step::Answered { envelope: envelope.clone() };
                // Before it is told: a server that dies from here on does not make the call again.
                let Some(version) = self.write_accepted(&call, version).await? else { return Ok(false) };
                self.told(call, version, &waiting, &envelope).await
            }
            (Todo::Activity(activity), _) => {
                self.made_unwatched(org, id, &activity, interrupted).await;
                self.drop_accepted(&call).await.map(|()| true)
            }
        }
    }

    async fn told(
        &self,
        call: AcceptedCall,
        version: u64,
        waiting: &Waiting,
        envelope: &Value,
    ) -> Result<bool, Failure> {
        let (org, id) = (&call.org, &call.id);
        match self.tell_backend(org, &waiting.callback, envelope).await {
            Taken::Yes => self.drop_accepted(&call).await.map(|()| true),
            Taken::Never { reason } => {
                tracing::error!(%org, accepted = %id, reason, "the backend does not want the outcome of a call");
                self.drop_accepted(&call).await.map(|()| false)
            }
            Taken::NotYet { reason } => self.put_off_accepted(call, version, &reason).await.map(|()| false),
        }
    }

    async fn put_off_accepted(
        &self,
        mut call: AcceptedCall,
        version: u64,
        reason: &str,
    ) -> Result<(), Failure> {
        let now = self.now();
        call.attempts = call.attempts.saturating_add(1);
        call.next_try_at = now.plus_seconds(self.pause_after(call.attempts));
        let (org, id, attempts) = (&call.org, &call.id, call.attempts);
        if now >= call.expires_at {
            tracing::error!(%org, accepted = %id, attempts, reason, "a backend could not be told in time");
            return self.drop_accepted(&call).await;
        }
        tracing::warn!(%org, accepted = %id, attempts, reason, "a backend could not be told yet");
        self.write_accepted(&call, version).await.map(drop)
    }

    async fn accepted_call(
        &self,
        org: &OrgId,
        id: &AcceptedId,
    ) -> Result<Option<(u64, AcceptedCall)>, Failure> {
        let found = self.store().await?.get(&keys::accepted(org, id)).await.map_err(errors::store)?;
        let Some(record) = found else { return Ok(None) };
        let vault = self.vault_of(org).await?;
        let plain = vault.open(id.as_str(), field::ACCEPTED, &record.bytes).map_err(errors::vault)?;
        let call = serde_json::from_slice(plain.expose()).map_err(|_| {
            Failure::new(Reason::Internal, format!("the accepted call `{id}` cannot be read"))
        })?;
        Ok(Some((record.version, call)))
    }

    async fn put_accepted(&self, call: &AcceptedCall, expect: Expect) -> Result<Change, Failure> {
        let mut plain = Zeroizing::new(Vec::with_capacity(4096));
        serde_json::to_writer(&mut *plain, call)
            .map_err(|_| Failure::new(Reason::Internal, "an accepted call has no JSON form"))?;
        let bytes = self.vault_of(&call.org).await?.seal(call.id.as_str(), field::ACCEPTED, &plain);
        Ok(Change::Put { key: keys::accepted(&call.org, &call.id), bytes, expect })
    }

    /// Writes it over the version that was read; the new version, or none if somebody else has it in hand.
    async fn write_accepted(&self, call: &AcceptedCall, version: u64) -> Result<Option<u64>, Failure> {
        let change = self.put_accepted(call, Expect::Version(version)).await?;
        match self.store().await?.apply(vec![change]).await {
            Ok(versions) => Ok(versions.first().copied()),
            Err(StoreError::Conflict { .. }) => Ok(None),
            Err(error) => Err(errors::store(error)),
        }
    }

    async fn drop_accepted(&self, call: &AcceptedCall) -> Result<(), Failure> {
        let key = keys::accepted(&call.org, &call.id);
        let change = Change::Delete { key, expect: Expect::Any };
        self.store().await?.apply(vec![change]).await.map_err(errors::store)?;
        Ok(())
    }
}
