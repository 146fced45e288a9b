//! One try of a call that was handed over. Of several nodes one tries: whoever moves the time of the next
//! try forward first has it until then.

use super::{Delivery, DeliveryState, TRIED_FOR_S, lease};
use crate::builder::Engine;
use crate::errors;
use crate::invoke::{Call, CallOptions, Invocation, InvocationFailed};
use crate::keys::{self, Place};
use sluis_model::error::{Failure, Reason};
use sluis_model::id::{ApiId, DeliveryId, OrgId};
use sluis_store::{Change, Expect, StoreError, Table};
use std::time::Duration;

/// How long what has become of a call is known, in seconds: a week.
const REMEMBERED_S: i64 = 7 * 86_400;

impl Engine {
    /// Makes the calls that are due, in all orgs, and forgets those that ended long ago.
    pub async fn work_deliveries(&self) -> Result<(), Failure> {
        for org in self.orgs().await? {
            let rows = self.store().await?.list(Table::Deliveries, &org.id, "", None, 100_000).await;
            for (id, record) in rows.map_err(errors::store)? {
                let delivery = self.open_delivery(&org.id, &id, &record.bytes).await?;
                let ended = delivery.has_ended();
                if !ended && delivery.next_try_at <= self.now() {
                    self.deliver(&org.id, &delivery.id).await?;
                }
                if ended && self.now().seconds_since(delivery.since) > REMEMBERED_S {
                    let key = keys::delivery(&org.id, &delivery.id);
                    let change = Change::Delete { key, expect: Expect::Version(record.version) };
                    match self.store().await?.apply(vec![change]).await {
                        Ok(_) | Err(StoreError::Conflict { .. }) => {}
                        Err(error) => return Err(errors::store(error)),
                    }
                }
            }
        }
        Ok(())
    }

    /// One try. Nothing happens if another process has it in hand, or it has ended.
    pub(crate) async fn deliver(&self, org: &OrgId, id: &DeliveryId) -> Result<(), Failure> {
        let (version, mut delivery) = self.delivery(org, id).await?;
        let now = self.now();
        match delivery.state {
            _ if delivery.has_ended() || delivery.next_try_at > now => return Ok(()),
            DeliveryState::Sending if !delivery.repeatable(now).is_safe() => {
                let why = "the process that sent it died before it knew the answer: it may have been done";
                delivery.state = DeliveryState::GivenUp { why: why.to_owned() };
                return self.keep_delivery(org, &delivery, Expect::Version(version)).await.map(drop);
            }
            _ => {}
        }
        delivery.state = DeliveryState::Sending;
        delivery.tries = delivery.tries.saturating_add(1);
        delivery.next_try_at = now.plus_seconds(lease(&delivery));
        if !self.keep_delivery(org, &delivery, Expect::Version(version)).await? {
            return Ok(());
        }
        let ended = self.send_delivery(org, &delivery).await;
        self.settle_delivery(&mut delivery, ended);
        self.keep_delivery(org, &delivery, Expect::Any).await?;
        tracing::info!(%org, call = %id, api = delivery.api, tries = delivery.tries, state = ?delivery.state,
            "a call that was handed over");
        Ok(())
    }

    /// Writes down how a call stands; false if another process was faster.
    async fn keep_delivery(&self, org: &OrgId, delivery: &Delivery, expect: Expect) -> Result<bool, Failure> {
        let change = self.delivery_change(org, delivery, expect).await?;
        match self.store().await?.apply(vec![change]).await {
            Ok(_) => Ok(true),
            Err(StoreError::Conflict { .. }) => Ok(false),
            Err(error) => Err(errors::store(error)),
        }
    }

    async fn send_delivery(
        &self,
        org: &OrgId,
        delivery: &Delivery,
    ) -> Result<Invocation, Box<InvocationFailed>> {
        let damaged = || Failure::new(Reason::Internal, "what was written down of the call is damaged");
        let place = Place::active(delivery.key_of(org)?);
        let connector = self.ready_at(&place).await?;
        let timeout = Duration::from_millis(delivery.timeout_ms);
        let prepared =
            delivery.request.prepared(&delivery.api, delivery.effect, timeout).ok_or_else(damaged)?;
        let id: ApiId = delivery.api.parse().map_err(|_| damaged())?;
        let options = CallOptions {
            timeout: Some(timeout),
            retry: delivery.retry.clone(),
            idempotency_key: delivery.key.clone(),
            wait: Some(true),
        };
        let api = connector.compiled.api(id.api())?;
        let through = Some((&connector, &place));
        self.perform(&Call { prepared: &prepared, through, api: Some(api), options: &options, site: None })
            .await
    }

    /// What comes after a try.
    fn settle_delivery(&self, delivery: &mut Delivery, ended: Result<Invocation, Box<InvocationFailed>>) {
        let now = self.now();
        let (why, may_be_done) = match ended {
            Ok(answer) => match answer.status_code {
                status @ (429 | 500..=599) => {
                    (format!("it was answered with status {status}"), status != 429)
                }
                status => {
                    delivery.state = DeliveryState::Answered { status, response: None };
                    return;
                }
            },
            Err(failed) => (failed.failure.message.clone(), failed.was_sent),
        };
        let over = now.seconds_since(delivery.since) >= TRIED_FOR_S;
        delivery.state = match may_be_done && !delivery.repeatable(now).is_safe() {
            true => DeliveryState::GivenUp { why: format!("{why}: it may have been done") },
            false if over => DeliveryState::GivenUp { why },
            false => DeliveryState::Waiting { why: Some(why) },
        };
        delivery.next_try_at = now.plus_seconds(self.pause_after(delivery.tries));
    }
}
