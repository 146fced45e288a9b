//! Calls whose answer the service brings by itself. It is given an address of ours with the request; the
//! call stands here, sealed, from before it is sent until a week after its answer has come.
//!
//! [`begin`] makes the call, [`receive`] takes what the service brings, [`outcome`] says what that means to
//! whoever has called, [`work`] ends what was waited for too long. The run of a call is parked meanwhile
//! ([`run::keep`](crate::run::keep)): no task waits for hours.
//!
//! **Invariant:** the address holds 256 random bits and nothing else; the store finds a call by their hash.

mod address;
mod begin;
mod outcome;
pub mod receive;
pub mod work;

use crate::builder::Engine;
use crate::deliveries::{DeliveryState, HandedOver};
use crate::errors;
use crate::keys::{self, Place};
use crate::ledger::KeptAnswer;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use sluis_auth::state_digest;
use sluis_model::connection::ConnectionKey;
use sluis_model::error::{Failure, Reason};
use sluis_model::id::{DeliveryId, Namespace, OrgId, RunId, UserId};
use sluis_model::secret::SecretText;
use sluis_model::time::Timestamp;
use sluis_store::{Change, Expect, StoreError, Table, put_json};
use sluis_vault::field;

pub(crate) use begin::CalledBackCall;
pub(crate) use outcome::Shape;
pub use receive::BroughtRequest;

/// A call whose answer is waited for, as it is sealed.
#[derive(Serialize, Deserialize)]
struct AwaitedCall {
    id: DeliveryId,
    connector: Namespace,
    connection: String,
    user: Option<UserId>,
    /// Full id of the API.
    api: String,
    /// What it was called with, which the rules for answers look at.
    inputs: Map<String, Value>,
    /// With which method its answer is brought.
    method: String,
    /// The secret part of its address: the same when the call is sent again.
    token: String,
    /// The run that is parked for it, and what its script gets.
    run: Option<(RunId, Shape)>,
    since: Timestamp,
    deadline: Timestamp,
    /// The answer to the request itself, once it is known.
    first: Option<KeptAnswer>,
    /// What was brought before that answer was known, with which it must be compared.
    early: Option<KeptAnswer>,
    state: AwaitedState,
}

/// What has become of it.
#[derive(Clone, Serialize, Deserialize)]
#[serde(tag = "state", rename_all = "snake_case")]
enum AwaitedState {
    /// It is waited for.
    Open,
    /// It was brought.
    Brought {
        /// When.
        at: Timestamp,
        /// As what an answer is.
        answer: KeptAnswer,
    },
    /// It was waited for too long.
    TooLate,
}

/// A call whose answer is there, or will not come.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Settled {
    /// On whose behalf.
    pub org: OrgId,
    /// The call.
    pub call: DeliveryId,
    /// The run that is parked for it.
    pub run: Option<RunId>,
}

impl AwaitedCall {
    fn place(&self, org: &OrgId) -> Result<Place, Failure> {
        let name = self.connection.parse().map_err(|_| damaged(&self.id))?;
        let (connector, user) = (self.connector.clone(), self.user.clone());
        Ok(Place::active(ConnectionKey { org: org.clone(), connector, name, user }))
    }

    fn digest(&self) -> String {
        state_digest(&SecretText::from(self.token.as_str()))
    }

    fn is_settled(&self) -> bool {
        !matches!(self.state, AwaitedState::Open)
    }

    fn settled(&self, org: &OrgId) -> Settled {
        let run = self.run.as_ref().map(|(run, _)| run.clone());
        Settled { org: org.clone(), call: self.id.clone(), run }
    }
}

impl Engine {
    /// The calls of an org whose answer is brought: those that wait, and those of the last week.
    pub(crate) async fn awaited_calls(&self, org: &OrgId) -> Result<Vec<HandedOver>, Failure> {
        let rows = self.store().await?.list(Table::Awaited, org, "", None, 100_000).await;
        let mut all = Vec::new();
        for (id, record) in rows.map_err(errors::store)? {
            all.push(self.seen(org, self.open_awaited(org, &id, &record.bytes).await?).await);
        }
        Ok(all)
    }

    /// One of them, if it is one.
    pub(crate) async fn awaited_call(
        &self,
        org: &OrgId,
        id: &DeliveryId,
    ) -> Result<Option<HandedOver>, Failure> {
        match self.awaited_row(org, id).await? {
            Some((_, call)) => Ok(Some(self.seen(org, call).await)),
            None => Ok(None),
        }
    }

    async fn seen(&self, org: &OrgId, call: AwaitedCall) -> HandedOver {
        let state = match self.outcome_of(org, &call).await {
            None => DeliveryState::AwaitingCallback,
            Some(Ok(invocation)) => {
                let (status, value) = (invocation.status_code, invocation.into_value().to_json());
                let response = Some(serde_json::from_str(&value).unwrap_or_default());
                DeliveryState::Answered { status, response }
            }
            Some(Err(failure)) => DeliveryState::Failed {
                code: failure.code().to_owned(),
                why: failure.message,
                help: failure.help,
            },
        };
        HandedOver {
            call: call.id,
            api: call.api,
            since: call.since,
            tries: 1,
            until: Some(call.deadline),
            state,
        }
    }

    /// Remembers which run is parked for a call, and what its script gets.
    pub(crate) async fn park_for(
        &self,
        org: &OrgId,
        id: &DeliveryId,
        run: &RunId,
        shape: &Shape,
    ) -> Result<(), Failure> {
        self.change_awaited(org, id, |call| call.run = Some((run.clone(), shape.clone()))).await.map(drop)
    }

    /// Whether the answer of a call is there, or will not come.
    pub(crate) async fn is_settled(&self, org: &OrgId, id: &DeliveryId) -> Result<bool, Failure> {
        Ok(self.awaited_row(org, id).await?.is_none_or(|(_, call)| call.is_settled()))
    }

    async fn awaited_row(&self, org: &OrgId, id: &DeliveryId) -> Result<Option<(u64, AwaitedCall)>, Failure> {
        let found = self.store().await?.get(&keys::awaited(org, id)).await.map_err(errors::store)?;
        let Some(record) = found else { return Ok(None) };
        Ok(Some((record.version, self.open_awaited(org, id.as_str(), &record.bytes).await?)))
    }

    async fn open_awaited(&self, org: &OrgId, id: &str, sealed: &[u8]) -> Result<AwaitedCall, Failure> {
        let vault = self.vault_of(org).await?;
        let plain = vault.open(id, field::AWAITED, sealed).map_err(errors::vault)?;
        serde_json::from_slice(plain.expose()).map_err(|_| {
            Failure::new(
                Reason::Internal,
                format!("the call `{id}`, whose answer is waited for, cannot be read"),
            )
        })
    }

    async fn awaited_change(
        &self,
        org: &OrgId,
        call: &AwaitedCall,
        expect: Expect,
    ) -> Result<Change, Failure> {
        let plain = serde_json::to_vec(call).map_err(|_| damaged(&call.id))?;
        let bytes = self.vault_of(org).await?.seal(call.id.as_str(), field::AWAITED, &plain);
        Ok(Change::Put { key: keys::awaited(org, &call.id), bytes, expect })
    }

    /// Writes a call over the version that was read; false if somebody was faster.
    async fn write_awaited(&self, org: &OrgId, call: &AwaitedCall, version: u64) -> Result<bool, Failure> {
        let change = self.awaited_change(org, call, Expect::Version(version)).await?;
        match self.store().await?.apply(vec![change]).await {
            Ok(_) => Ok(true),
            Err(StoreError::Conflict { .. }) => Ok(false),
            Err(error) => Err(errors::store(error)),
        }
    }

    /// Changes a call, whoever else changes it meanwhile; as it stands then, if it is still there.
    async fn change_awaited(
        &self,
        org: &OrgId,
        id: &DeliveryId,
        mut change: impl FnMut(&mut AwaitedCall),
    ) -> Result<Option<AwaitedCall>, Failure> {
        loop {
            let Some((version, mut call)) = self.awaited_row(org, id).await? else { return Ok(None) };
            change(&mut call);
            if self.write_awaited(org, &call, version).await? {
                return Ok(Some(call));
            }
        }
    }

    /// Writes down a new call together with the way to it.
    async fn put_awaited(&self, org: &OrgId, call: &AwaitedCall) -> Result<(), Failure> {
        let index = put_json(keys::callback_token(&call.digest()), &(org, &call.id), Expect::Absent);
        let changes =
            vec![self.awaited_change(org, call, Expect::Absent).await?, index.map_err(errors::store)?];
        self.store().await?.apply(changes).await.map_err(errors::store)?;
        Ok(())
    }

    /// Forgets a call: its address leads nowhere from now on.
    async fn drop_awaited(&self, org: &OrgId, call: &AwaitedCall) -> Result<(), Failure> {
        let delete = |key| Change::Delete { key, expect: Expect::Any };
        let changes =
            vec![delete(keys::awaited(org, &call.id)), delete(keys::callback_token(&call.digest()))];
        self.store().await?.apply(changes).await.map_err(errors::store)?;
        Ok(())
    }
}

fn damaged(id: &DeliveryId) -> Failure {
    Failure::new(Reason::Internal, format!("what is written down of the call `{id}` is damaged"))
}
