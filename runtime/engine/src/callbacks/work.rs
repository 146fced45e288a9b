//! Ends what was waited for too long, tells runs whose answer is there and who have not heard, and forgets
//! what ended long ago.

use super::{AwaitedState, Settled};
use crate::builder::Engine;
use crate::deliveries::HandedOver;
use crate::errors;
use sluis_model::error::Failure;
use sluis_model::id::{ApiId, DeliveryId, OrgId};
use sluis_model::run::RunStatus;
use sluis_store::Table;
use std::time::Duration;
use tokio::sync::broadcast;

/// How long what has become of a call is known, in seconds: a week.
const REMEMBERED_S: i64 = 7 * 86_400;
/// Another node on the same store tells nobody here.
const LOOK_ELSEWHERE_EVERY: Duration = Duration::from_secs(1);

impl Engine {
    /// Calls whose answer comes, or stops being waited for, in this process from now on.
    pub fn settled_calls(&self) -> broadcast::Receiver<Settled> {
        self.settled_channel().subscribe()
    }

    pub(crate) fn tell_settled(&self, settled: Settled) {
        // Nobody need be listening.
        let _ = self.settled_channel().send(settled);
    }

    /// Whether the answers of an API are brought by its service.
    pub async fn is_called_back(&self, api: &ApiId) -> Result<bool, Failure> {
        let connector = self.ready_connector(&api.namespace()).await?;
        let definition = connector.release.definition.apis.get(api.api());
        let later = definition.and_then(|api| api.asynchronous.as_ref());
        Ok(later.is_some_and(|later| later.callback.is_some()))
    }

    /// Whether a script names an API whose answers are brought.
    pub async fn names_called_back(&self, script: &str) -> Result<bool, Failure> {
        for namespace in self.namespaces().await? {
            if !script.contains(namespace.as_str()) {
                continue;
            }
            let release = self.latest_release(&namespace).await?;
            let brought = |later: &sluis_model::answer::AsyncAnswer| later.callback.is_some();
            if release.definition.apis.values().any(|api| api.asynchronous.as_ref().is_some_and(brought)) {
                return Ok(true);
            }
        }
        Ok(false)
    }

    /// A call once its answer is there or will not come, or as it stands when so much time has passed.
    pub async fn handed_over_when_settled(
        &self,
        org: &OrgId,
        id: &DeliveryId,
        at_most: Duration,
    ) -> Result<HandedOver, Failure> {
        let until = tokio::time::Instant::now() + at_most;
        // Subscribed before the first look, so that nothing falls between look and wait.
        let mut settled = self.settled_calls();
        loop {
            self.end_if_late(org, id).await?;
            let left = until.saturating_duration_since(tokio::time::Instant::now());
            if left.is_zero() || self.is_settled(org, id).await? {
                return self.handed_over_call(org, id).await;
            }
            let _ = tokio::time::timeout(left.min(LOOK_ELSEWHERE_EVERY), settled.recv()).await;
        }
    }

    /// Goes through all calls whose answers are brought, in all orgs.
    pub async fn work_awaited(&self) -> Result<(), Failure> {
        for org in self.orgs().await? {
            let rows = self.store().await?.list(Table::Awaited, &org.id, "", None, 100_000).await;
            for (id, record) in rows.map_err(errors::store)? {
                let call = self.open_awaited(&org.id, &id, &record.bytes).await?;
                if !call.is_settled() {
                    self.end_if_late(&org.id, &call.id).await?;
                } else if self.now().seconds_since(call.deadline.max(call.since)) > REMEMBERED_S {
                    self.drop_awaited(&org.id, &call).await?;
                } else if self.is_parked_for(&org.id, &call).await? {
                    self.tell_settled(call.settled(&org.id));
                }
            }
        }
        Ok(())
    }

    /// Whether a run waits for a call still.
    async fn is_parked_for(&self, org: &OrgId, call: &super::AwaitedCall) -> Result<bool, Failure> {
        let Some((run, _)) = &call.run else { return Ok(false) };
        let Ok(run) = self.run_record(org, run).await else { return Ok(false) };
        Ok(matches!(&run.status, RunStatus::AwaitingCallback { call: waits, .. } if *waits == call.id))
    }

    /// Ends a call that was waited for too long.
    pub(crate) async fn end_if_late(&self, org: &OrgId, id: &DeliveryId) -> Result<(), Failure> {
        loop {
            let Some((version, mut call)) = self.awaited_row(org, id).await? else { return Ok(()) };
            if call.is_settled() || self.now() <= call.deadline {
                return Ok(());
            }
            call.state = AwaitedState::TooLate;
            if self.write_awaited(org, &call, version).await? {
                tracing::warn!(%org, call = %id, api = call.api, "no answer was brought in time");
                self.tell_settled(call.settled(org));
                return Ok(());
            }
        }
    }
}
