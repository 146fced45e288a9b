//! What came back, as a script sees it: read as text, without the connection's own secrets, then as its
//! connector says that it is meant.

use super::account::Account;
use super::pipeline::Call;
use super::{Inputs, Invocation, InvocationFailed};
use crate::scopes;
use bytes::Bytes;
use sluis_invoke::{AnswerView, CompiledApi, HttpAnswer, Redactor, read_answer};
use sluis_model::run::CallRecord;
use std::borrow::Cow;

/// Reads an answer of any status; `kept` is what the call's record says without it.
pub(super) fn answered(
    account: Option<&Account>,
    answer: &HttpAnswer,
    redactor: &Redactor,
    kept: CallRecord,
    wire: String,
) -> Invocation {
    let read = read_answer(answer);
    let refused = scopes::Refused { status: answer.status, headers: &read.headers, body: &read.response };
    let note = account.and_then(|account| scopes::note(&account.connection, &refused));
    // It says what the service names, which may be anything.
    let note = note.map(|note| redactor.redact(&note).into_owned());
    let (response, body) = match redactor.redact(&read.response) {
        Cow::Owned(starred) => (starred.clone(), Bytes::from(starred)),
        Cow::Borrowed(_) => (read.response, answer.body.clone()),
    };
    let millis = answer.elapsed.as_millis().try_into().unwrap_or(u64::MAX);
    let starred = |(name, value): (String, String)| (name, redactor.redact(&value).into_owned());
    Invocation {
        body,
        status_code: read.status_code,
        headers: read.headers.into_iter().map(starred).collect(),
        response,
        value: None,
        record: CallRecord { status: Some(answer.status), millis, note, ..kept },
        wire,
        accepted: None,
        awaits: false,
    }
}

/// The same as the connector says that it is meant: with a value, or as an error.
pub(crate) fn meant(call: &Call<'_>, invocation: Invocation) -> Result<Invocation, Box<InvocationFailed>> {
    match call.api {
        Some(api) => meant_by(api, &call.prepared.inputs, invocation),
        None => Ok(invocation),
    }
}

/// The same of an API that was called with these inputs.
pub(crate) fn meant_by(
    api: &CompiledApi,
    inputs: &Inputs,
    mut invocation: Invocation,
) -> Result<Invocation, Box<InvocationFailed>> {
    let Some(rules) = api.answers.as_ref() else { return Ok(invocation) };
    // The answer is ours; that of the service comes when nobody waits for it.
    if invocation.accepted.is_some() {
        return Ok(invocation);
    }
    let found = invocation.record.note.clone();
    let meaning = rules.meaning(&invocation.view(), inputs);
    for note in meaning.notes {
        add_note(&mut invocation.record, &note);
    }
    // What the last of several answers is for is told already.
    invocation.value = invocation.value.or(meaning.value);
    let Some(error) = meaning.error else { return Ok(invocation) };
    let mut failure = error.into_failure(&api.id.to_string());
    // Which scopes are lacking, say, is known here alone.
    if let Some(note) = found {
        failure.help = Some(failure.help.map_or(note.clone(), |help| format!("{help}; {note}")));
    }
    Err(Box::new(InvocationFailed {
        failure,
        record: Some(invocation.record),
        wire: invocation.wire,
        was_sent: true,
    }))
}

/// Whether an answer says, by the rules of its connector, that the credential is no longer good.
pub(super) fn asks_for_renewal(call: &Call<'_>, answer: &HttpAnswer) -> bool {
    let Some(rules) = call.api.and_then(|api| api.answers.as_ref()) else { return false };
    let read = read_answer(answer);
    let view = AnswerView {
        status: answer.status,
        headers: &read.headers,
        body: &answer.body,
        text: &read.response,
        url: call.prepared.request.url.as_str(),
    };
    rules.asks_for_renewal(&view, &call.prepared.inputs)
}

fn add_note(record: &mut CallRecord, note: &str) {
    record.note = Some(match record.note.take() {
        Some(there) => format!("{there}; {note}"),
        None => note.to_owned(),
    });
}

impl Invocation {
    /// The answer as expressions look at it.
    pub(crate) fn view(&self) -> AnswerView<'_> {
        AnswerView {
            status: self.status_code,
            headers: &self.headers,
            body: &self.body,
            text: &self.response,
            url: &self.record.url,
        }
    }
}
