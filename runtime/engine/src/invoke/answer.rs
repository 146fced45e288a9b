//! What came back, as a script sees it: read as text, without the connection's own secrets.

use super::Invocation;
use super::account::Account;
use crate::scopes;
use bytes::Bytes;
use sluis_invoke::{HttpAnswer, Redactor, read_answer};
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
        record: CallRecord { status: Some(answer.status), millis, note, ..kept },
        wire,
    }
}
