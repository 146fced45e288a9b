//! A call whose answer nobody waits for: it is written down, and the script goes on.

use super::Invocation;
use super::keyed::Keyed;
use super::pipeline::Call;
use crate::builder::Engine;
use crate::errors;
use bytes::Bytes;
use serde_json::json;
use sluis_invoke::HttpAnswer;
use sluis_model::error::Failure;
use sluis_model::id::DeliveryId;
use sluis_model::run::CallRecord;

/// Status of the answer that a script gets in place of the service's: 202 Accepted (RFC 9110 §15.3.3).
const ACCEPTED: u16 = 202;

impl Call<'_> {
    /// Whether nobody waits for the answer.
    pub(super) fn is_handed_over(&self) -> bool {
        let by_definition = || self.api.is_some_and(|api| api.manners.hands_over);
        self.options.wait.map_or_else(by_definition, |wait| !wait)
    }

    /// Under which id the run has handed it over before, as the ledger keeps it.
    pub(super) fn accepted_before(&self, kept: &HttpAnswer) -> Option<DeliveryId> {
        if !self.is_handed_over() {
            return None;
        }
        let told: serde_json::Value = serde_json::from_slice(&kept.body).ok()?;
        told.get("call")?.as_str()?.parse().ok()
    }
}

impl Engine {
    /// Writes the call down, in one step with its entry in the ledger of the run: a run that is run again does
    /// not hand it over twice.
    pub(super) async fn hand_over(
        &self,
        call: &Call<'_>,
        keyed: &Keyed,
        kept: CallRecord,
        wire: String,
    ) -> Result<Invocation, Failure> {
        let (id, change) = self.delivery_of(call, keyed.key.clone(), keyed.entry.key_until).await?;
        let answer = accepted(id, kept, wire);
        let mut changes = vec![change];
        if let Some(site) = call.kept_site() {
            changes.push(self.ledger_change(site, &keyed.answered(&answer)).await?);
        }
        self.store().await?.apply(changes).await.map_err(errors::store)?;
        if let (Some((_, place)), Some(id)) = (call.through, &answer.accepted) {
            self.begin_delivery(&place.key.org, id);
        }
        Ok(answer)
    }
}

fn accepted(id: DeliveryId, kept: CallRecord, wire: String) -> Invocation {
    let response = json!({ "accepted": true, "call": id }).to_string();
    Invocation {
        status_code: ACCEPTED,
        headers: vec![("content-type".to_owned(), "application/json".to_owned())],
        body: Bytes::from(response.clone()),
        response,
        value: None,
        record: CallRecord { note: Some(format!("handed over as {id}")), ..kept },
        wire,
        accepted: Some(id),
        awaits: false,
    }
}
