//! What is counted of calls, runs and renewals. Labels name connectors, of which there are as many as an
//! operator releases; never orgs, users, hosts or anything that a request holds.

use metrics::{counter, histogram};
use sluis_model::run::{CallRecord, RunStatus};
use std::time::Duration;

/// Counts a call that was made, or was not answered.
pub(crate) fn call(record: &CallRecord, status: Option<u16>) {
    let outcome = match status {
        None => "unanswered",
        Some(..400) => "ok",
        Some(400..500) => "refused",
        Some(_) => "failed",
    };
    let connector = match record.api.split('.').next() {
        Some(name) if !name.is_empty() => name.to_owned(),
        _ => "none".to_owned(),
    };
    counter!("sluis_calls_total", "connector" => connector.clone(), "outcome" => outcome).increment(1);
    histogram!("sluis_call_seconds", "connector" => connector.clone())
        .record(Duration::from_millis(record.millis));
    let waited = record.wire.queued_ms + record.wire.attempts.iter().map(|one| one.queued_ms).sum::<u64>();
    histogram!("sluis_call_wait_seconds", "connector" => connector).record(Duration::from_millis(waited));
}

/// Counts a run that has stopped.
pub(crate) fn run(status: &RunStatus) {
    let state = match status {
        // It has only begun, or has yet to.
        RunStatus::Running | RunStatus::Queued => return,
        RunStatus::Waiting { .. } => "waiting",
        RunStatus::AwaitingCallback { .. } => "awaiting_callback",
        RunStatus::Done { .. } => "done",
        RunStatus::Failed { .. } => "failed",
        RunStatus::Interrupted => "interrupted",
        RunStatus::Cancelled { .. } => "cancelled",
    };
    counter!("sluis_runs_total", "state" => state).increment(1);
}

/// Counts a renewal of tokens.
pub(crate) fn renewal(worked: bool) {
    counter!("sluis_renewals_total", "outcome" => if worked { "renewed" } else { "failed" }).increment(1);
}
