//! What is kept of a call, secrets starred.

use super::pipeline::Call;
use sluis_invoke::Redactor;
use sluis_model::error::{Failure, Reason};
use sluis_model::run::CallRecord;
use sluis_model::time::Timestamp;

/// When a call began.
pub(crate) struct Stopwatch {
    started_at: Timestamp,
}

impl Stopwatch {
    /// Begins to measure.
    pub fn start(now: Timestamp) -> Self {
        Self { started_at: now }
    }
}

/// What is known of a call before anything is known of its answer.
pub(super) fn of_call(call: &Call<'_>, redactor: &Redactor, watch: &Stopwatch, now: Timestamp) -> CallRecord {
    let request = &call.prepared.request;
    let at = watch.started_at;
    CallRecord {
        api: call.api.map_or_else(|| call.prepared.api.clone(), |api| api.id.to_string()),
        method: request.method.to_string(),
        url: redactor.redact(request.url.as_str()).into_owned(),
        status: None,
        millis: now.0.saturating_sub(at.0).try_into().unwrap_or_default(),
        at,
        note: None,
    }
}

/// Whether something was sent in a call without an answer, so that there is something to keep.
pub(super) fn was_sent(failure: &Failure) -> bool {
    matches!(failure.reason, Reason::Unreachable | Reason::Timeout | Reason::BadUpstream | Reason::TooLarge)
}
