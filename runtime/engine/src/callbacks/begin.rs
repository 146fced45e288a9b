//! A call whose answer is brought: it is written down, then sent with its address.

use super::{AwaitedCall, AwaitedState};
use crate::builder::Engine;
use crate::compiled::ReadyConnector;
use crate::invoke::{Argument, Call, CallOptions, Invocation, InvocationFailed, meant};
use crate::keys::Place;
use crate::ledger::{KeptAnswer, Site};
use serde_json::json;
use sha2::{Digest as _, Sha256};
use sluis_auth::random_token;
use sluis_invoke::CompiledApi;
use sluis_invoke::called_back::CalledBack;
use sluis_model::error::{Failure, Reason};
use sluis_model::id::{DeliveryId, OrgId};
use sluis_model::ports::Randomness;
use sluis_model::secret::SecretText;
use sluis_model::time::Timestamp;
use std::sync::Arc;
use std::time::Duration;

/// What is called, and how.
pub(crate) struct CalledBackCall<'a> {
    /// The connector.
    pub connector: &'a Arc<ReadyConnector>,
    /// The connection.
    pub place: &'a Place,
    /// The API.
    pub api: &'a CompiledApi,
    /// How its answer is brought.
    pub rule: &'a CalledBack,
    /// Its data.
    pub argument: &'a Argument,
    /// What the call wants otherwise than the definition says.
    pub options: &'a CallOptions,
    /// Where in which run it stands.
    pub site: Option<&'a Site>,
}

impl Engine {
    /// Makes the call. Its answer is that of the service where that comes at once, or was brought before; else
    /// it says under which id the answer is waited for.
    pub(crate) async fn invoke_called_back(
        &self,
        wanted: &CalledBackCall<'_>,
    ) -> Result<Invocation, Box<InvocationFailed>> {
        let CalledBackCall { connector, place, api, rule, argument, options, site } = *wanted;
        let is_waited_for = options.wait.unwrap_or(!api.manners.hands_over);
        if is_waited_for && site.is_some_and(|site| !site.parks) {
            return Err(cannot_wait(api).into());
        }
        self.check_callback(connector, place, api, rule).await?;
        let org = &place.key.org;
        let (is_new, awaited) = self.begun(wanted).await?;
        let token = SecretText::from(awaited.token.as_str());
        let sent = async {
            let mut prepared = self.filled_with(api, argument, self.callback_url(&token)?.as_str())?;
            prepared.callback_token = Some(token.clone());
            // It is sent at once, whoever waits for the answer.
            let options = CallOptions { wait: Some(true), ..options.clone() };
            let through = Some((connector, place));
            let call = Call { prepared: &prepared, through, api: Some(api), options: &options, site };
            let first = self.round_trip(&call).await?;
            match rule.begins(&first.view(), &prepared.inputs) {
                true => Ok((first, None)),
                false => Ok((first.clone(), Some(meant(&call, first)))),
            }
        };
        match sent.await {
            Ok((first, None)) => {
                if is_new && first.record.wire.replayed {
                    self.drop_awaited(org, &awaited).await?;
                    return Err(given_up(forgotten(api), first));
                }
                self.waited_for(org, &awaited.id, first, is_waited_for).await
            }
            Ok((_, Some(at_once))) => {
                self.drop_awaited(org, &awaited).await?;
                at_once
            }
            Err(failed) => {
                let failed: Box<InvocationFailed> = failed;
                // Where it may be sent again, it is with the same address.
                if !(failed.was_sent && site.is_some_and(|site| site.kept)) {
                    self.drop_awaited(org, &awaited).await?;
                }
                Err(failed)
            }
        }
    }

    /// The call as it is written down, and whether it was not before.
    async fn begun(&self, wanted: &CalledBackCall<'_>) -> Result<(bool, AwaitedCall), Failure> {
        let CalledBackCall { place, api, rule, argument, site, .. } = *wanted;
        let org = &place.key.org;
        let deadline = after(self.now(), wanted.options.timeout.unwrap_or(rule.at_most));
        let id = match site.filter(|site| site.kept) {
            Some(site) => id_of(site),
            None => DeliveryId::generate(self.randomness()),
        };
        let before = self.change_awaited(org, &id, |call| {
            // Whoever runs a script again waits again.
            if matches!(call.state, AwaitedState::TooLate) {
                call.state = AwaitedState::Open;
            }
            if !call.is_settled() {
                call.deadline = deadline;
            }
            call.run = None;
        });
        if let Some(before) = before.await? {
            return Ok((false, before));
        }
        let call = AwaitedCall {
            id,
            connector: place.key.connector.clone(),
            connection: place.key.name.to_string(),
            user: place.key.user.clone(),
            api: api.id.to_string(),
            inputs: argument.call_data(api)?.values,
            method: rule.method.as_str().to_owned(),
            token: random_token(self.randomness()).expose().clone(),
            run: None,
            since: self.now(),
            deadline,
            first: None,
            early: None,
            state: AwaitedState::Open,
        };
        self.put_awaited(org, &call).await?;
        Ok((true, call))
    }

    /// The first answer is known: what was brought meanwhile is compared with it.
    async fn waited_for(
        &self,
        org: &OrgId,
        id: &DeliveryId,
        first: Invocation,
        is_waited_for: bool,
    ) -> Result<Invocation, Box<InvocationFailed>> {
        let kept = KeptAnswer::of(first.status_code, &first.headers, &first.body);
        let stands = self.change_awaited(org, id, |call| call.first = Some(kept.clone())).await?;
        let mut stands = stands.ok_or_else(|| super::damaged(id))?;
        if stands.early.is_some() {
            stands = self.compare_early(org, id).await?;
        }
        let until = stands.deadline;
        match self.outcome_of(org, &stands).await.filter(|_| is_waited_for) {
            Some(Ok(brought)) => Ok(Invocation { record: first.record, wire: first.wire, ..brought }),
            Some(Err(failure)) => Err(given_up(failure, first)),
            None => {
                tracing::info!(%org, call = %id, api = stands.api, until = until.0, "an answer will be brought");
                Ok(handed_over(id, first, is_waited_for))
            }
        }
    }
}

/// A call that waits for its answer under an id.
fn handed_over(id: &DeliveryId, first: Invocation, is_waited_for: bool) -> Invocation {
    let response = json!({ "accepted": true, "call": id }).to_string();
    let mut record = first.record;
    let note = format!("the answer is brought to the call {id}");
    record.note = Some(record.note.map_or(note.clone(), |there| format!("{there}; {note}")));
    Invocation {
        status_code: 202,
        headers: vec![("content-type".to_owned(), "application/json".to_owned())],
        body: response.clone().into(),
        response,
        value: None,
        record,
        wire: first.wire,
        accepted: Some(id.clone()),
        awaits: is_waited_for,
    }
}

fn given_up(failure: Failure, first: Invocation) -> Box<InvocationFailed> {
    Box::new(InvocationFailed { failure, record: Some(first.record), wire: first.wire, was_sent: true })
}

fn cannot_wait(api: &CompiledApi) -> Failure {
    Failure::new(
        Reason::InvalidInput,
        format!("the answer of {} is brought later, and only the script of a run itself can wait for it", api.id),
    )
    .help("call it there, not in a hook, a stored function that is called or a prompt; or go on with {\"wait\": false}")
}

fn forgotten(api: &CompiledApi) -> Failure {
    let text = format!("{} was sent in an earlier run, and its answer is no longer waited for", api.id);
    Failure::new(Reason::Timeout, text).help("look at the service, and run the script anew")
}

/// A moment later.
fn after(now: Timestamp, pause: Duration) -> Timestamp {
    Timestamp(now.0.saturating_add(i64::try_from(pause.as_millis()).unwrap_or(i64::MAX)))
}

/// The id of a call at a place of a run: the same whenever the run comes by.
fn id_of(site: &Site) -> DeliveryId {
    struct Drawn([u8; 32]);
    impl Randomness for Drawn {
        fn fill(&self, buffer: &mut [u8]) {
            for (to, from) in buffer.iter_mut().zip(self.0) {
                *to = from;
            }
        }
    }
    let mut hash = Sha256::new();
    for part in [site.org.as_str(), site.run.as_str(), &site.place] {
        hash.update((part.len() as u64).to_le_bytes());
        hash.update(part);
    }
    DeliveryId::generate(&Drawn(hash.finalize().into()))
}
