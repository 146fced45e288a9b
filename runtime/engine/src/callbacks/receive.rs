//! What a service brings. It is on disk before the service hears so, and counts once: the same brought again is
//! taken for what it is, anything else is refused.

use super::{AwaitedCall, AwaitedState};
use crate::builder::Engine;
use crate::ledger::KeptAnswer;
use crate::{errors, keys};
use bytes::Bytes;
use http::{HeaderMap, Method};
use sluis_auth::signed_request::{self, Arrived};
use sluis_auth::state_digest;
use sluis_invoke::called_back::CalledBack;
use sluis_invoke::later::Progress;
use sluis_model::callback::CallbackMethod;
use sluis_model::error::{Failure, Reason};
use sluis_model::id::{ApiId, DeliveryId, OrgId};
use sluis_model::secret::SecretText;
use sluis_store::get_json;

/// A longer text is no secret of ours.
const TOKEN_AT_MOST: usize = 128;
/// Headers that are between the service and whoever forwards for it, or hold a secret.
const LEFT_OUT: &[&str] = &["authorization", "cookie", "proxy-authorization", "forwarded", "host"];

/// A request with which a service brings an answer.
#[derive(Debug, Clone, Default)]
pub struct BroughtRequest {
    /// GET or POST.
    pub method: Method,
    /// The query, without its `?`; empty if there is none.
    pub query: String,
    /// The headers.
    pub headers: HeaderMap,
    /// The body.
    pub body: Bytes,
}

impl BroughtRequest {
    /// As an answer of the service: the query of a GET is a form.
    fn as_answer(&self, key_header: Option<&str>) -> KeptAnswer {
        let mut headers: Vec<(String, String)> = Vec::new();
        for (name, value) in &self.headers {
            let is_secret = LEFT_OUT.contains(&name.as_str()) || key_header.is_some_and(|key| name == key);
            if let (Ok(value), false) = (value.to_str(), is_secret) {
                headers.push((name.as_str().to_owned(), value.to_owned()));
            }
        }
        if self.method == Method::GET {
            headers.retain(|(name, _)| name != "content-type");
            headers.push(("content-type".to_owned(), "application/x-www-form-urlencoded".to_owned()));
            return KeptAnswer::of(200, &headers, self.query.as_bytes());
        }
        KeptAnswer::of(200, &headers, &self.body)
    }
}

impl Engine {
    /// Takes what was brought to an address, by the secret in it.
    ///
    /// # Errors
    /// `not_found` for an address that leads nowhere (any longer), `denied` for a wrong signature, `conflict`
    /// where the call has its answer or this belongs to another.
    pub async fn receive_callback(&self, token: &str, brought: &BroughtRequest) -> Result<(), Failure> {
        let (org, id) = self.called(token).await?;
        loop {
            let Some((version, mut call)) = self.awaited_row(&org, &id).await? else { return Err(nowhere()) };
            let place = call.place(&org)?;
            let connector = self.ready_at(&place).await?;
            let api: ApiId = call.api.parse().map_err(|_| super::damaged(&id))?;
            let compiled = connector.compiled.api(api.api())?;
            let rule = compiled.called_back.as_ref().ok_or_else(nowhere)?;
            if brought.method.as_str() != rule.method.as_str() {
                return Err(other_method(rule.method));
            }
            if let Some(signature) = &rule.signature {
                let key = self.callback_key(&connector, &place, signature).await?;
                let mut url = self.callback_url(&SecretText::from(token))?;
                url.set_query(Some(brought.query.as_str()).filter(|query| !query.is_empty()));
                let method = brought.method.as_str();
                let (headers, body) = (&brought.headers, brought.body.as_ref());
                let arrived = Arrived { method, url: &url, headers, body, at: self.now() };
                if let Err(fault) = signed_request::verify(&signature.rule, &[key], arrived) {
                    tracing::warn!(%org, call = %id, api = call.api, %fault, "a callback was refused");
                    return Err(Failure::new(Reason::Denied, fault.to_string()).help(
                        "the signature is checked as the connector's `async.callback.signature` says",
                    ));
                }
            }
            let header = rule.signature.as_ref().map(|signature| signature.rule.header.to_ascii_lowercase());
            let answer = brought.as_answer(header.as_deref());
            if !self.take(&mut call, rule, answer)? {
                return Ok(());
            }
            if self.write_awaited(&org, &call, version).await? {
                tracing::info!(%org, call = %id, api = call.api, settled = call.is_settled(), "an answer was brought");
                if call.is_settled() {
                    self.tell_settled(call.settled(&org));
                }
                return Ok(());
            }
        }
    }

    /// Takes an answer; whether the call is another than before.
    fn take(&self, call: &mut AwaitedCall, rule: &CalledBack, answer: KeptAnswer) -> Result<bool, Failure> {
        match &call.state {
            AwaitedState::Brought { answer: before, .. } if before.body == answer.body => return Ok(false),
            AwaitedState::Brought { .. } => {
                return Err(Failure::new(
                    Reason::Conflict,
                    "this call has its answer already, and this is another",
                ));
            }
            AwaitedState::TooLate => return Err(nowhere()),
            AwaitedState::Open if self.now() > call.deadline => return Err(nowhere()),
            AwaitedState::Open => {}
        }
        let view = super::outcome::Viewed::of(&answer);
        let Some(first) = call.first.as_ref().map(super::outcome::Viewed::of) else {
            if rule.compares() {
                call.early = Some(answer);
                return Ok(true);
            }
            return Ok(self.final_one(call, rule, answer));
        };
        if !rule.belongs(&first.view(), &view.view(), &call.inputs) {
            return Err(Failure::new(
                Reason::Conflict,
                "this belongs to another call than the one whose address it came to",
            )
            .help("`async.callback.match` of the connector's API says what must be the same"));
        }
        Ok(self.final_one(call, rule, answer))
    }

    /// Keeps the last answer; anything before it is let go.
    fn final_one(&self, call: &mut AwaitedCall, rule: &CalledBack, answer: KeptAnswer) -> bool {
        let viewed = super::outcome::Viewed::of(&answer);
        if rule.progress(&viewed.view(), &call.inputs) == Progress::Pending {
            return false;
        }
        call.early = None;
        call.state = AwaitedState::Brought { at: self.now(), answer };
        true
    }

    /// Compares what was brought before the first answer was known; what belongs to another is forgotten.
    pub(super) async fn compare_early(&self, org: &OrgId, id: &DeliveryId) -> Result<AwaitedCall, Failure> {
        loop {
            let Some((version, mut call)) = self.awaited_row(org, id).await? else {
                return Err(super::damaged(id));
            };
            let Some(answer) = call.early.take().filter(|_| !call.is_settled()) else { return Ok(call) };
            let connector = self.ready_at(&call.place(org)?).await?;
            let api: ApiId = call.api.parse().map_err(|_| super::damaged(id))?;
            let compiled = connector.compiled.api(api.api())?;
            if let Some(rule) = &compiled.called_back
                && let Err(failure) = self.take(&mut call, rule, answer)
            {
                tracing::warn!(%org, call = %id, api = call.api, %failure, "what was brought early is let go");
            }
            if self.write_awaited(org, &call, version).await? {
                return Ok(call);
            }
        }
    }

    async fn called(&self, token: &str) -> Result<(OrgId, DeliveryId), Failure> {
        if token.len() > TOKEN_AT_MOST {
            return Err(nowhere());
        }
        let key = keys::callback_token(&state_digest(&SecretText::from(token)));
        let found =
            get_json::<(OrgId, DeliveryId)>(self.store().await?, &key).await.map_err(errors::store)?;
        found.map(|(_, call)| call).ok_or_else(nowhere)
    }
}

/// Nothing tells an address that never was from one that has ended.
fn nowhere() -> Failure {
    Failure::new(Reason::NotFound, "no call waits for an answer at this address")
        .help("an address is good for one call and until its time is over")
}

fn other_method(method: CallbackMethod) -> Failure {
    let text = format!("the answer is brought to this address with {}", method.as_str());
    Failure::new(Reason::NotFound, text)
}
