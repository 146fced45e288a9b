//! Calls that were accepted: on disk, sealed, before the backend hears 202; then made; then told of, again
//! and again until the backend has taken it.
//!
//! Of several nodes one works: whoever moves the time of the next try forward first has it until then. A
//! call that was under way when its server died is made again only if it reads; of any other it is told
//! that nobody knows.

use super::callback::Taken;
use super::command::Command;
use super::envelope::Refusal;
use crate::builder::Engine;
use crate::invoke::{Inputs, Through};
use crate::{errors, keys};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use sluis_model::connector::Effect;
use sluis_model::error::{Failure, Reason};
use sluis_model::id::{AcceptedId, ApiId, OrgId};
use sluis_model::time::Timestamp;
use sluis_store::{Change, Expect, StoreError, Table};
use sluis_vault::field;
use url::Url;
use zeroize::Zeroizing;

/// How long a try has a call to itself, in seconds: longer than a call and its callback may take.
const LEASE_S: i64 = 600;
/// How long a backend is told, in seconds: 3 days.
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
    /// It is over; the backend has yet to take this envelope.
    Answered { envelope: Value },
}

/// One accepted call, as it is sealed.
#[derive(Debug, Clone, Serialize, Deserialize)]
struct AcceptedCall {
    id: AcceptedId,
    org: OrgId,
    plugin: String,
    command: String,
    inputs: Inputs,
    through: Through,
    callback: String,
    #[serde(flatten)]
    step: Step,
    attempts: u32,
    next_try_at: Timestamp,
    expires_at: Timestamp,
}

impl Engine {
    /// Keeps a call to be made. It is on disk when this returns.
    pub(super) async fn accept(
        &self,
        org: &OrgId,
        command: Command,
        callback: Url,
    ) -> Result<(AcceptedId, Value), Failure> {
        let now = self.now();
        let api = command.api;
        let call = AcceptedCall {
            id: AcceptedId::generate(self.randomness()),
            org: org.clone(),
            plugin: api.namespace().to_string(),
            command: api.api().to_owned(),
            inputs: command.inputs,
            through: command.through,
            callback: callback.into(),
            step: Step::Accepted,
            attempts: 0,
            next_try_at: now,
            expires_at: now.plus_seconds(DEADLINE_S),
        };
        let change = self.put_accepted(&call, Expect::Absent).await?;
        self.store().await?.apply(vec![change]).await.map_err(errors::store)?;
        tracing::info!(%org, %api, accepted = %call.id, "a call was accepted; its outcome is told later");
        let body = json!({
            "command_response": {
                "body": { "accepted": call.id },
                "mimetype": "application/json",
                "http_status": 202,
            },
            "command_response_version": 2,
            "error": null,
            "spiff__logs": [],
        });
        Ok((call.id, body))
    }

    /// Goes on with every accepted call that is due, in all orgs; how many the backends have taken.
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
    /// and tells the backend. Whether the backend has taken the outcome.
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
        let envelope = match before {
            Step::Answered { envelope } => envelope,
            Step::Accepted => self.made(&call, false).await,
            Step::Calling => self.made(&call, true).await,
        };
        call.step = Step::Answered { envelope: envelope.clone() };
        // Before it is told: a server that dies from here on does not make the call again.
        let Some(version) = self.write_accepted(&call, version).await? else { return Ok(false) };
        match self.tell_backend(&call.org, &call.callback, &envelope).await {
            Taken::Yes => self.drop_accepted(&call).await.map(|()| true),
            Taken::Never { reason } => {
                tracing::error!(%org, accepted = %id, reason, "the backend does not want the outcome of a call");
                self.drop_accepted(&call).await.map(|()| false)
            }
            Taken::NotYet { reason } => self.put_off_accepted(call, version, &reason).await.map(|()| false),
        }
    }

    /// Makes the call; the envelope of its outcome, whatever that is.
    async fn made(&self, call: &AcceptedCall, interrupted: bool) -> Value {
        let outcome = async {
            let (plugin, command) = (&call.plugin, &call.command);
            let (api, definition) = self.api_of_command(&call.org, plugin, command).await?;
            let effect = definition.apis.get(api.api()).map(|api| api.effect);
            if interrupted && effect != Some(Effect::Read) {
                return Err(Refusal::Failed(ambiguous(&api)));
            }
            let (inputs, through) = (call.inputs.clone(), call.through.clone());
            let command = Command { api, inputs, through, callback: None, definition };
            self.command_envelope(&call.org, &command, None).await
        };
        outcome.await.unwrap_or_else(|refusal: Refusal| refusal.envelope())
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

fn ambiguous(api: &ApiId) -> Failure {
    Failure::new(
        Reason::Internal,
        format!("the server stopped while {api} was under way; whether the service has acted is not known"),
    )
    .help("look at the service whether it has, before the call is made again")
}
