//! Device authorization (RFC 8628): a code to enter, and the question whether somebody has.

use super::client::put;
use super::endpoint::{endpoint, required};
use super::parameters::{Parameters, form_request};
use super::{Oauth, Step};
use crate::conversation::{Conversation, Obtained, Talk, Turn, ask_once};
use crate::device::{DeviceBegun, Polled};
use crate::error::AuthError;
use crate::http_value::Answer;
use crate::scheme::Context;
use crate::token_answer::read_object_at;
use crate::token_error::{TokenError, TokenErrorKind};
use serde_json::{Map, Value};
use sluis_model::connection::Variables;
use sluis_model::secret::SecretText;
use sluis_model::time::Timestamp;

const GRANT_TYPE: &str = "urn:ietf:params:oauth:grant-type:device_code";
/// Pause between two questions unless the provider says otherwise (RFC 8628 §3.2), in seconds.
const INTERVAL_S: i64 = 5;
/// Longest lifetime of the codes believed, in seconds: an hour.
const LIFETIME_AT_MOST_S: i64 = 3600;

impl<'a> Oauth<'a> {
    /// Asks for the codes.
    pub(in crate::schemes) fn begin_device(
        &self,
        cx: Context<'a>,
    ) -> Result<Talk<'a, DeviceBegun>, AuthError> {
        let url = required("device_url", self.config.device_url.as_deref(), cx.variables)?;
        let client = self.client(cx, None)?.ok_or(AuthError::NoClient { scheme: self.name })?;
        let mut parameters = Parameters::default();
        let proof = self.prove(cx, Step::Exchange, &client, &url, &mut parameters)?;
        if proof.is_some() {
            parameters.set("client_id", client.id.as_str());
        }
        parameters.set_some("scope", self.scope(&self.config.scopes));
        parameters.set_some("audience", self.config.audience.as_deref());
        for resource in &self.config.resource {
            parameters.set("resource", resource.as_str());
        }
        parameters.overlay(&self.config.authorize_params);
        parameters.rename(&self.config.rename);
        let mut request = form_request(url, &parameters);
        put(&mut request, proof.as_ref())?;
        Ok(ask_once(request, read_begun))
    }

    /// Asks once whether somebody has agreed.
    pub(in crate::schemes) fn poll_device(
        &self,
        cx: Context<'a>,
        device_code: &SecretText,
    ) -> Result<Talk<'a, Polled>, AuthError> {
        let mut parameters = Parameters::of_grant(GRANT_TYPE);
        parameters.set("device_code", device_code.clone());
        let request = self.ask(cx, Step::Exchange, None, parameters)?;
        Ok(Box::new(Poll { talk: self.talk(cx, None, request)?, asked: false }))
    }
}

struct Poll<'a> {
    talk: Talk<'a, Obtained>,
    asked: bool,
}

impl Conversation<Polled> for Poll<'_> {
    fn next(&mut self, now: Timestamp, answer: Option<&Answer>) -> Result<Turn<Polled>, TokenError> {
        // Only the first answer can say that nobody has decided.
        if let Some(answer) = answer.filter(|_| !self.asked) {
            self.asked = true;
            match error_of(answer).as_deref() {
                Some("authorization_pending") => return Ok(Turn::Done(Polled::Pending)),
                Some("slow_down") => return Ok(Turn::Done(Polled::SlowDown)),
                _ => {}
            }
        }
        Ok(match self.talk.next(now, answer)? {
            Turn::Send(request) => Turn::Send(request),
            Turn::Done(obtained) => Turn::Done(Polled::Obtained(Box::new(obtained))),
        })
    }
}

fn error_of(answer: &Answer) -> Option<String> {
    let said: Value = serde_json::from_slice(&answer.body).ok()?;
    said.get("error")?.as_str().map(str::to_owned)
}

fn read_begun(now: Timestamp, answer: &Answer) -> Result<DeviceBegun, TokenError> {
    let said = read_object_at(now, answer)?;
    let unusable = |why: String| TokenError::new(TokenErrorKind::Unusable, why);
    let text = |name: &str| said.get(name).and_then(Value::as_str).filter(|text| !text.is_empty());
    let needed = |name: &str| {
        text(name).ok_or_else(|| unusable(format!("the provider's answer to the device holds no `{name}`")))
    };
    // An early draft, which some providers kept, called it `verification_url`.
    let uri = text("verification_uri").map_or_else(|| needed("verification_url"), Ok)?;
    let address = |text: &str| endpoint("verification_uri", text, &Variables::new());
    let user_code = needed("user_code")?;
    if user_code.len() > 64 || user_code.chars().any(char::is_control) {
        return Err(unusable("the provider's `user_code` is none that a person can enter".to_owned()));
    }
    Ok(DeviceBegun {
        device_code: needed("device_code")?.into(),
        user_code: user_code.to_owned(),
        verification_uri: address(uri)?,
        verification_uri_complete: text("verification_uri_complete").and_then(|text| address(text).ok()),
        expires_in_s: seconds(&said, "expires_in").unwrap_or(600).clamp(1, LIFETIME_AT_MOST_S),
        interval_s: seconds(&said, "interval").unwrap_or(INTERVAL_S).clamp(1, 300),
    })
}

fn seconds(said: &Map<String, Value>, name: &str) -> Option<i64> {
    match said.get(name)? {
        Value::Number(number) => number.as_f64().map(|seconds| seconds as i64),
        Value::String(text) => text.trim().parse().ok(),
        _ => None,
    }
}
