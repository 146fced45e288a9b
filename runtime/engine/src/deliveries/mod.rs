//! Calls that a script has handed over and does not wait for: written down, sealed, before the script goes
//! on, and made as soon as possible, also by another process. [`work`] makes what is due.
//!
//! A call that has not reached the service is tried again with growing pauses for a day; one that may have
//! been done is repeated only if it may be ([`Repeatable`]), else it stays here for somebody to look at.

mod request;
pub(crate) mod under_way;
pub mod work;

use crate::builder::Engine;
use crate::keys::{self, Place};
use crate::{errors, invoke::Call};
use request::KeptRequest;
use serde::{Deserialize, Serialize};
use sluis_invoke::retry::Repeatable;
use sluis_model::connection::ConnectionKey;
use sluis_model::connector::Effect;
use sluis_model::error::{Failure, Reason};
use sluis_model::id::{DeliveryId, Namespace, OrgId, UserId};
use sluis_model::retry::RetryRule;
use sluis_model::time::Timestamp;
use sluis_store::{Change, Expect, Table};
use sluis_vault::field;
use std::time::Duration;

/// How long a call is tried, in seconds: a day.
const TRIED_FOR_S: i64 = 86_400;

/// A call that was handed over.
#[derive(Debug, Clone, Serialize, Deserialize)]
struct Delivery {
    id: DeliveryId,
    connector: Namespace,
    connection: String,
    user: Option<UserId>,
    /// Full id of the API.
    api: String,
    request: KeptRequest,
    effect: Effect,
    timeout_ms: u64,
    retry: Option<RetryRule>,
    key: Option<String>,
    key_until: Option<Timestamp>,
    since: Timestamp,
    next_try_at: Timestamp,
    tries: u32,
    state: DeliveryState,
}

/// How a call that was handed over stands.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "state", rename_all = "snake_case")]
pub enum DeliveryState {
    /// It has yet to be made; why the last try failed.
    Waiting {
        /// In words.
        why: Option<String>,
    },
    /// It is being made, or was when a process died.
    Sending,
    /// Its answer is brought by the service.
    AwaitingCallback,
    /// It was answered.
    Answered {
        /// Status.
        status: u16,
        /// What scripts would get of an answer that was brought.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        response: Option<serde_json::Value>,
    },
    /// What was brought is an error, or nothing was in time.
    Failed {
        /// Its name: `timeout`, or what the connector calls it.
        code: String,
        /// In words.
        why: String,
        /// What to do about it.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        help: Option<String>,
    },
    /// It will not be made any more, or may have been done already.
    GivenUp {
        /// In words.
        why: String,
    },
}

/// A call that was handed over, as others see it.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct HandedOver {
    /// Its id, which the script was told.
    pub call: DeliveryId,
    /// Full id of the API.
    pub api: String,
    /// When it was handed over.
    pub since: Timestamp,
    /// Tries so far.
    pub tries: u32,
    /// How long an answer that its service brings is waited for.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub until: Option<Timestamp>,
    /// How it stands.
    #[serde(flatten)]
    pub state: DeliveryState,
}

impl Delivery {
    fn repeatable(&self, now: Timestamp) -> Repeatable {
        Repeatable::of(self.effect, self.key_until.is_some_and(|until| now < until))
    }

    fn key_of(&self, org: &OrgId) -> Result<ConnectionKey, Failure> {
        let name = self.connection.parse().map_err(|_| lost(&self.id))?;
        Ok(ConnectionKey {
            org: org.clone(),
            connector: self.connector.clone(),
            name,
            user: self.user.clone(),
        })
    }

    /// Whether it will not be made any more.
    fn has_ended(&self) -> bool {
        !matches!(self.state, DeliveryState::Waiting { .. } | DeliveryState::Sending)
    }

    fn seen(self) -> HandedOver {
        HandedOver {
            call: self.id,
            api: self.api,
            since: self.since,
            tries: self.tries,
            until: None,
            state: self.state,
        }
    }
}

impl Engine {
    /// The change that writes a call down.
    pub(crate) async fn delivery_of(
        &self,
        call: &Call<'_>,
        key: Option<String>,
        key_until: Option<Timestamp>,
    ) -> Result<(DeliveryId, Change), Failure> {
        let Some((_, Place { key: connection, .. })) = call.through else {
            return Err(Failure::new(Reason::InvalidInput, "only calls of a connector can be handed over"));
        };
        let now = self.now();
        let delivery = Delivery {
            id: DeliveryId::generate(self.randomness()),
            connector: connection.connector.clone(),
            connection: connection.name.to_string(),
            user: connection.user.clone(),
            api: call.prepared.api.clone(),
            request: KeptRequest::of(call.prepared),
            effect: call.prepared.effect,
            timeout_ms: call.timeout().as_millis().try_into().unwrap_or(u64::MAX),
            retry: call.options.retry.clone(),
            key,
            key_until,
            since: now,
            next_try_at: now,
            tries: 0,
            state: DeliveryState::Waiting { why: None },
        };
        let change = self.delivery_change(&connection.org, &delivery, Expect::Absent).await?;
        Ok((delivery.id, change))
    }

    /// The calls of an org that were handed over: those to come, and those of the last week.
    pub async fn handed_over(&self, org: &OrgId) -> Result<Vec<HandedOver>, Failure> {
        self.org(org).await?;
        let rows = self.store().await?.list(Table::Deliveries, org, "", None, 100_000).await;
        let mut all = Vec::new();
        for (id, record) in rows.map_err(errors::store)? {
            all.push(self.open_delivery(org, &id, &record.bytes).await?.seen());
        }
        all.extend(self.awaited_calls(org).await?);
        Ok(all)
    }

    /// One of them.
    pub async fn handed_over_call(&self, org: &OrgId, id: &DeliveryId) -> Result<HandedOver, Failure> {
        if let Some(awaited) = self.awaited_call(org, id).await? {
            return Ok(awaited);
        }
        Ok(self.delivery(org, id).await?.1.seen())
    }

    async fn delivery(&self, org: &OrgId, id: &DeliveryId) -> Result<(u64, Delivery), Failure> {
        let record = self.store().await?.get(&keys::delivery(org, id)).await.map_err(errors::store)?;
        let record = record.ok_or_else(|| {
            Failure::new(
                Reason::NotFound,
                format!("no call `{id}` was handed over by `{org}` in the last week"),
            )
            .help(format!("list what there is: sluis calls handed-over --org {org}"))
        })?;
        Ok((record.version, self.open_delivery(org, id.as_str(), &record.bytes).await?))
    }

    async fn open_delivery(&self, org: &OrgId, id: &str, sealed: &[u8]) -> Result<Delivery, Failure> {
        let vault = self.vault_of(org).await?;
        let opened = vault.open(id, field::DELIVERY, sealed).map_err(errors::vault)?;
        serde_json::from_slice(opened.expose()).map_err(|_| {
            Failure::new(Reason::Internal, format!("the call `{id}` that was handed over cannot be read"))
        })
    }

    async fn delivery_change(
        &self,
        org: &OrgId,
        delivery: &Delivery,
        expect: Expect,
    ) -> Result<Change, Failure> {
        let bytes = serde_json::to_vec(delivery).map_err(|_| lost(&delivery.id))?;
        let bytes = self.vault_of(org).await?.seal(delivery.id.as_str(), field::DELIVERY, &bytes);
        Ok(Change::Put { key: keys::delivery(org, &delivery.id), bytes, expect })
    }

    /// Waits until the calls that this process has begun to make have ended.
    pub async fn settle_deliveries(&self) {
        self.under_way().ended().await;
    }

    /// Begins to make a call that was handed over. What is not finished when the process ends, another makes.
    pub(crate) fn begin_delivery(&self, org: &OrgId, id: &DeliveryId) {
        let (engine, org, id) = (self.clone(), org.clone(), id.clone());
        self.under_way().spawn(async move {
            if let Err(failure) = engine.deliver(&org, &id).await {
                tracing::error!(%org, call = %id, %failure, "a call that was handed over could not be made");
            }
        });
    }
}

fn lost(id: &DeliveryId) -> Failure {
    Failure::new(Reason::Internal, format!("the call `{id}` cannot be written down"))
}

/// How long a process has a call to itself: its time, and some to write down how it went.
fn lease(delivery: &Delivery) -> i64 {
    let seconds = Duration::from_millis(delivery.timeout_ms).as_secs().saturating_add(60);
    i64::try_from(seconds).unwrap_or(i64::MAX)
}
