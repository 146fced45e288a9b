//! A request that a service signs: who it is, whether it came before, what it asks.

use super::address::FoundTrigger;
use super::answer::TriggerAnswer;
use super::arguments::{Known, evaluate};
use super::check::scheme_of;
use super::receive::{known, lets_by};
use super::start::Start;
use crate::builder::Engine;
use crate::callbacks::BroughtRequest;
use bytes::Bytes;
use sluis_auth::signed_request::{self, Arrived};
use sluis_model::error::{Failure, Reason};
use sluis_model::secret::SecretText;
use sluis_model::trigger::Trigger;
use sluis_model::trigger_spec::{REQUEST_VARIABLES, WebhookRule, WebhookScheme};

/// Longest text by which deliveries are told apart.
const LONGEST_DELIVERY: usize = 512;
/// Stands in the place of a secret that a service shows.
const STARS: &str = "***";

impl Engine {
    pub(super) async fn receive_webhook(
        &self,
        found: &FoundTrigger,
        rule: &WebhookRule,
        request: &BroughtRequest,
    ) -> Result<TriggerAnswer, Failure> {
        let (org, trigger) = (&found.org, &found.trigger);
        let scheme = scheme_of(rule)?;
        let secrets = self.trigger_secrets(org, &trigger.name).await?;
        let seen = known(request, &[]);
        if let Some(answer) = super::challenge::answer(scheme, false, &seen, &secrets)? {
            return Ok(self.answer_challenge(found, answer).await);
        }
        self.prove(found, scheme, request, &seen, &secrets)?;
        if let Some(answer) = super::challenge::answer(scheme, true, &seen, &secrets)? {
            return Ok(self.answer_challenge(found, answer).await);
        }
        let dedupe = delivery_of(scheme, request, &seen).map(|delivery| {
            // A trigger that was removed and made anew knows nothing of the one before.
            format!("trigger/{}/{}/{delivery}", trigger.name, trigger.made_at.0)
        });
        let safe = without_secrets(scheme, request, &secrets);
        if lets_by(rule.when.as_deref(), &safe) {
            self.skip_request(found).await;
            return Ok(TriggerAnswer::taken(scheme.status, None));
        }
        self.start_run(Start { org, trigger, by: Trigger::Webhook, dedupe }, &safe).await?;
        Ok(TriggerAnswer::taken(scheme.status, None))
    }

    async fn answer_challenge(&self, found: &FoundTrigger, answer: TriggerAnswer) -> TriggerAnswer {
        self.note_firing(&found.org, &found.trigger.name, super::FiringOutcome::Answered).await;
        answer
    }

    /// Refuses a request that is not of the service.
    fn prove(
        &self,
        found: &FoundTrigger,
        scheme: &WebhookScheme,
        request: &BroughtRequest,
        known: &Known,
        secrets: &[SecretText],
    ) -> Result<(), Failure> {
        let needs = scheme.signature.is_some() || scheme.token.is_some();
        if needs && secrets.is_empty() {
            let text = "this address takes nothing yet: the secret of the service has not been entered";
            return Err(Failure::new(Reason::Denied, text)
                .help(format!("its owner enters it: sluis trigger secret {}", found.trigger.name)));
        }
        if let Some(signature) = &scheme.signature {
            let mut url = found.address.expose().clone();
            url.set_query(Some(request.query.as_str()).filter(|query| !query.is_empty()));
            let (headers, body) = (&request.headers, request.body.as_ref());
            let arrived =
                Arrived { method: request.method.as_str(), url: &url, headers, body, at: self.now() };
            signed_request::verify(signature, secrets, arrived).map_err(|fault| {
                Failure::new(Reason::Denied, fault.to_string())
                    .help("the secret here must be that of the service; its clock and ours must agree")
            })?;
        }
        if let Some(token) = &scheme.token {
            shown("token", token, known, secrets)?;
        }
        Ok(())
    }
}

/// Refuses a request that does not show one of the secrets.
pub(super) fn shown(
    place: &str,
    expression: &str,
    known: &Known,
    secrets: &[SecretText],
) -> Result<(), Failure> {
    let told = evaluate(place, expression, REQUEST_VARIABLES, known).ok();
    let told = told.as_ref().and_then(|told| told.as_str()).unwrap_or_default();
    let fitting = secrets.iter().filter(|secret| sluis_vault::same_text(secret.expose(), told)).count();
    match fitting {
        0 => Err(Failure::new(Reason::Denied, "the request does not show the secret that was agreed on")),
        _ => Ok(()),
    }
}

/// What tells a delivery from another. Where the moment of signing is signed, the signature itself does.
fn delivery_of(scheme: &WebhookScheme, request: &BroughtRequest, known: &Known) -> Option<String> {
    let told =
        scheme.delivery.as_deref().and_then(|text| evaluate("delivery", text, REQUEST_VARIABLES, known).ok());
    let told = told.filter(|told| !told.is_null());
    let told = told.map(|told| told.as_str().map_or_else(|| told.to_json(), str::to_owned));
    if let Some(told) = told.filter(|told| !told.is_empty()) {
        let fits = told.len() <= LONGEST_DELIVERY;
        return Some(if fits {
            format!("id/{told}")
        } else {
            format!("hash/{}", sluis_vault::hash_token(&told))
        });
    }
    let signature = scheme.signature.as_ref().filter(|signature| signature.timestamp.is_some())?;
    let header = request.headers.get(signature.header.as_str())?.to_str().ok()?;
    Some(format!("signature/{}", sluis_vault::hash_token(header)))
}

/// What functions read of a request: a secret that the service shows is starred, a signature left out.
fn without_secrets(scheme: &WebhookScheme, request: &BroughtRequest, secrets: &[SecretText]) -> Known {
    let signature = scheme.signature.as_ref().map(|signature| signature.header.as_str());
    let mut safe = request.clone();
    if scheme.token.is_some() {
        for secret in secrets {
            let secret = secret.expose().as_str();
            safe.query = safe.query.replace(secret, STARS);
            if let Ok(text) = std::str::from_utf8(&safe.body)
                && text.contains(secret)
            {
                safe.body = Bytes::from(text.replace(secret, STARS));
            }
            let shows = |value: &http::HeaderValue| value.to_str().is_ok_and(|value| value.contains(secret));
            let showing: Vec<_> =
                safe.headers.iter().filter(|(_, value)| shows(value)).map(|(name, _)| name.clone()).collect();
            showing.iter().for_each(|name| drop(safe.headers.remove(name)));
        }
    }
    known(&safe, signature.as_slice())
}
