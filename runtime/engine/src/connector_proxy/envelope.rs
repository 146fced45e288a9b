//! What a backend reads: the envelope of version 2, and the errors of the protocol.

use crate::host::arguments;
use crate::invoke::Invocation;
use serde_json::{Value, json};
use sluis_model::error::{FailedAnswer, Failure};
use sluis_model::id::{AcceptedId, ApiId};

/// From this status on an answer of a service is an error, as the backend counts it.
const ERROR_FROM: u16 = 300;
/// Characters of a service's answer that stand in the message of an error.
const EXCERPT: usize = 300;

/// Why a command was not carried out.
#[derive(Debug)]
pub(super) enum Refusal {
    /// There is no such command.
    NotFound,
    /// Its arguments are not those that it has.
    Arguments(String),
    /// It failed before a service answered.
    Failed(Failure),
}

impl Refusal {
    /// HTTP status and body.
    pub(super) fn answer(&self) -> (u16, Value) {
        let status = match self {
            Refusal::NotFound => 404,
            Refusal::Arguments(_) | Refusal::Failed(_) => 500,
        };
        (status, json!({ "command_response": {}, "error": self.error() }))
    }

    /// The same for whoever is told later: a body must be there.
    pub(super) fn envelope(&self) -> Value {
        json!({
            "command_response": { "body": {}, "mimetype": "application/json", "http_status": 500 },
            "command_response_version": 2,
            "error": self.error(),
            "spiff__logs": [],
        })
    }

    fn error(&self) -> Value {
        match self {
            Refusal::NotFound => json!({
                "error_code": "command_not_found",
                "message": "no connector that this organisation has released offers it; GET /v1/commands lists those \
                            that there are",
            }),
            Refusal::Arguments(message) => json!({ "error_code": "TypeError", "message": message }),
            Refusal::Failed(failure) => {
                let help = failure.help.as_ref().map(|help| format!(" ({help})")).unwrap_or_default();
                json!({
                    "error_code": failure.reason.as_str(),
                    "message": format!("{}{help}", failure.message),
                })
            }
        }
    }
}

/// The envelope of what a service answered.
pub(super) fn of_answer(api: &ApiId, invocation: &Invocation, log: Option<String>) -> Value {
    let mimetype = mimetype(&invocation.headers);
    let meant = invocation.value.as_ref().and_then(|value| arguments::json(value).ok());
    let body = match meant.map_or_else(|| serde_json::from_str::<Value>(&invocation.response), Ok) {
        Ok(body) => body,
        Err(_) if invocation.response.is_empty() => json!({}),
        Err(_) => json!({ "raw_response": invocation.response }),
    };
    let status = invocation.status_code;
    let error = match status {
        ..ERROR_FROM => Value::Null,
        _ => json!({
            "error_code": format!("HttpError{status}"),
            "message": message(api, invocation),
        }),
    };
    let record = &invocation.record;
    let mut logs = vec![format!(
        "[{}.{:03}] {api}: {} answered {status} after {} ms",
        record.at.0.div_euclid(1000),
        record.at.0.rem_euclid(1000),
        record.method,
        record.millis
    )];
    logs.extend(log);
    json!({
        "command_response": { "body": body, "mimetype": mimetype, "http_status": status },
        "command_response_version": 2,
        "error": error,
        "spiff__logs": logs,
    })
}

/// The envelope of an answer that is an error by the rules of its connector, whatever its status is.
pub(super) fn of_failed_answer(failure: &Failure, answer: &FailedAnswer) -> Value {
    let help = failure.help.as_ref().map(|help| format!(" ({help})")).unwrap_or_default();
    json!({
        "command_response": {
            "body": answer.response,
            "mimetype": "application/json",
            "http_status": answer.status_code,
        },
        "command_response_version": 2,
        "error": { "error_code": answer.code, "message": format!("{}{help}", failure.message) },
        "spiff__logs": [],
    })
}

/// The envelope of a call that is yet to be made.
pub(super) fn of_accepted(id: &AcceptedId) -> Value {
    json!({
        "command_response": {
            "body": { "accepted": id },
            "mimetype": "application/json",
            "http_status": 202,
        },
        "command_response_version": 2,
        "error": null,
        "spiff__logs": [],
    })
}

/// Why the service refused: what is known of it, and what it said.
fn message(api: &ApiId, invocation: &Invocation) -> String {
    let said: String = invocation.response.chars().take(EXCERPT).collect();
    let mut message = format!("{api} was answered with status {}", invocation.status_code);
    if let Some(note) = &invocation.record.note {
        message.push_str(&format!("; {note}"));
    }
    if !said.trim().is_empty() {
        message.push_str(&format!(": {said}"));
    }
    message
}

/// Media type of an answer, without parameters.
fn mimetype(headers: &[(String, String)]) -> String {
    let found = headers.iter().find(|(name, _)| name.eq_ignore_ascii_case("content-type"));
    let essence = found.and_then(|(_, value)| value.split(';').next()).map(|text| text.trim().to_lowercase());
    essence.filter(|text| !text.is_empty()).unwrap_or_else(|| "application/json".to_owned())
}
