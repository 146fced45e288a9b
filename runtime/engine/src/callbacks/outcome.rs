//! What has become of a call whose answer is brought, as whoever called sees it.

use super::{AwaitedCall, AwaitedState};
use crate::builder::Engine;
use crate::host::{file_answer, script_answer, task_answer};
use crate::invoke::{Invocation, meant_by};
use crate::ledger::KeptAnswer;
use bytes::Bytes;
use serde::{Deserialize, Serialize};
use sluis_invoke::later::Progress;
use sluis_invoke::{AnswerView, Redactor, read_answer};
use sluis_lang::value::data::Data;
use sluis_model::error::{Failure, Reason};
use sluis_model::id::{ApiId, DeliveryId, OrgId};
use sluis_model::run::{CallRecord, WireRecord};
use sluis_model::secret::SecretText;

/// What a script gets of the answer.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Shape {
    /// `{"status_code": …, "response": …}`.
    Answer,
    /// The same with the body as a file.
    File,
    /// What the integration task of this name gives.
    Task(String),
}

/// An answer that was kept, as expressions look at it.
pub(super) struct Viewed {
    status: u16,
    headers: Vec<(String, String)>,
    body: Bytes,
    text: String,
}

impl Viewed {
    /// Reads it.
    pub fn of(kept: &KeptAnswer) -> Self {
        let answer = kept.to_answer();
        let read = read_answer(&answer);
        Self { status: read.status_code, headers: read.headers, body: answer.body, text: read.response }
    }

    /// As expressions look at it.
    pub fn view(&self) -> AnswerView<'_> {
        let Self { status, headers, body, text } = self;
        AnswerView { status: *status, headers, body, text, url: "" }
    }
}

impl Engine {
    /// What has become of a call; nothing while it is waited for.
    pub(super) async fn outcome_of(
        &self,
        org: &OrgId,
        call: &AwaitedCall,
    ) -> Option<Result<Invocation, Failure>> {
        match &call.state {
            AwaitedState::Open => None,
            AwaitedState::TooLate => Some(Err(too_late(call))),
            AwaitedState::Brought { at, answer } => {
                let millis = at.0.saturating_sub(call.since.0).max(0).unsigned_abs();
                Some(self.meaning_of(org, call, answer, millis).await)
            }
        }
    }

    async fn meaning_of(
        &self,
        org: &OrgId,
        call: &AwaitedCall,
        answer: &KeptAnswer,
        millis: u64,
    ) -> Result<Invocation, Failure> {
        let place = call.place(org)?;
        let connector = self.ready_at(&place).await?;
        let id: ApiId = call.api.parse().map_err(|_| super::damaged(&call.id))?;
        let api = connector.compiled.api(id.api())?;
        let mut redactor = Redactor::new([&SecretText::from(call.token.as_str())]);
        if let Ok(connection) = self.usable_connection(&place, &connector).await
            && let Ok(stored) = self.credential(&connection, &place.slot).await
        {
            stored.credential.secrets().for_each(|secret| redactor.add(secret));
        }
        let mut invocation = brought(call, answer, &redactor, millis);
        if let Some(rule) = &api.called_back {
            match rule.progress(&invocation.view(), &call.inputs) {
                Progress::Done(value) => invocation.value = value,
                Progress::Failed => {
                    let text = format!("{id}: the service says that it did not succeed");
                    let failure = Failure::new(Reason::ServiceError, text);
                    // An error that the connector names tells more.
                    return match meant_by(api, &call.inputs, invocation) {
                        Ok(_) => Err(failure),
                        Err(failed) => Err(failed.failure),
                    };
                }
                // The definition has changed since it was taken.
                Progress::Pending => {}
            }
        }
        meant_by(api, &call.inputs, invocation).map_err(|failed| failed.failure)
    }

    /// What the run that is parked for a call gets, with the record of what was brought; nothing while it is
    /// waited for.
    pub(crate) async fn answer_for_run(
        &self,
        org: &OrgId,
        id: &DeliveryId,
    ) -> Result<Option<(Result<Data, Failure>, Option<CallRecord>)>, Failure> {
        let Some((_, call)) = self.awaited_row(org, id).await? else {
            let text = format!("the call `{id}`, for whose answer the run waited, is no longer known");
            return Ok(Some((Err(Failure::new(Reason::Timeout, text)), None)));
        };
        let Some(outcome) = self.outcome_of(org, &call).await else { return Ok(None) };
        let record = match &call.state {
            AwaitedState::Brought { at, answer } => {
                let millis = at.0.saturating_sub(call.since.0).max(0).unsigned_abs();
                let record = brought(&call, answer, &Redactor::default(), millis).record;
                Some(CallRecord { note: Some(format!("brought to the call {id}")), ..record })
            }
            _ => None,
        };
        let shape = call.run.map_or(Shape::Answer, |(_, shape)| shape);
        let data = match outcome {
            Ok(invocation) => match shape {
                Shape::Answer => Ok(script_answer(invocation)),
                Shape::File => Ok(file_answer(&invocation)),
                Shape::Task(name) => task_answer(self, &name, invocation).await,
            },
            Err(failure) => Err(failure),
        };
        Ok(Some((data, record)))
    }
}

/// What was brought as an answer without secrets.
fn brought(call: &AwaitedCall, answer: &KeptAnswer, redactor: &Redactor, millis: u64) -> Invocation {
    let answer = answer.to_answer();
    let read = read_answer(&answer);
    let starred = redactor.redact(&read.response).into_owned();
    let body = match starred == read.response {
        true => answer.body.clone(),
        false => Bytes::from(starred.clone()),
    };
    let record = CallRecord {
        api: call.api.clone(),
        method: call.method.clone(),
        url: "/callbacks/***".to_owned(),
        status: Some(200),
        millis,
        at: call.since,
        note: None,
        wire: WireRecord { bytes_received: answer.body.len() as u64, ..WireRecord::default() },
    };
    Invocation {
        status_code: read.status_code,
        headers: read
            .headers
            .into_iter()
            .map(|(name, value)| (name, redactor.redact(&value).into_owned()))
            .collect(),
        response: starred,
        value: None,
        body,
        record,
        wire: String::new(),
        accepted: None,
        awaits: false,
    }
}

fn too_late(call: &AwaitedCall) -> Failure {
    let seconds = call.deadline.seconds_since(call.since);
    let text = format!("{}: the service has brought no answer within {seconds} s", call.api);
    Failure::new(Reason::Timeout, text).help(
        "the service may still work on it; `async.callback.at_most_s` of the API, or the option `timeout` of the call, \
         says how long to wait",
    )
}
