//! What is kept of a call, secrets starred.

use super::pipeline::Call;
use super::watch::Exchange;
use sluis_invoke::{Phases, Redactor};
use sluis_model::error::{Failure, Reason};
use sluis_model::run::{AttemptRecord, CallRecord, WireRecord};
use sluis_model::time::Timestamp;
use std::time::Duration;

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
        api: call.prepared.api.clone(),
        method: request.method.to_string(),
        url: redactor.redact(request.url.as_str()).into_owned(),
        status: None,
        millis: now.0.saturating_sub(at.0).try_into().unwrap_or_default(),
        at,
        note: None,
        wire: WireRecord::default(),
    }
}

/// Adds a try of which the transport saw these requests: redirects and renewed credentials may make it
/// several.
pub(super) fn add_attempt(wire: &mut WireRecord, seen: &[Exchange], pause: Duration) {
    let Some(last) = seen.last() else { return };
    let millis = |of: fn(&Phases) -> Duration| {
        let sum: Duration = seen.iter().map(|one| of(&one.phases)).sum();
        sum.as_millis().try_into().unwrap_or(u64::MAX)
    };
    wire.bytes_sent += seen.iter().map(|one| one.sent as u64).sum::<u64>();
    wire.bytes_received += seen.iter().map(|one| one.received as u64).sum::<u64>();
    wire.attempts.push(AttemptRecord {
        status: last.ended.as_ref().ok().copied(),
        error: last.ended.as_ref().err().map(ToString::to_string),
        waited_ms: pause.as_millis().try_into().unwrap_or(u64::MAX),
        queued_ms: millis(|phases| phases.queued),
        first_byte_ms: millis(|phases| phases.first_byte),
        body_ms: millis(|phases| phases.body),
    });
}

/// Whether something was sent in a call without an answer, so that there is something to keep.
pub(super) fn was_sent(failure: &Failure) -> bool {
    failure.answer.is_some()
        || matches!(
            failure.reason,
            Reason::Unreachable | Reason::Timeout | Reason::BadUpstream | Reason::TooLarge
        )
}
