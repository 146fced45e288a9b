//! What is counted and measured, in the text format of Prometheus. Labels are of bounded kinds: patterns
//! of routes, never paths; names of connectors, never of orgs, users or hosts.

use metrics::{Unit, describe_counter, describe_histogram};
use metrics_exporter_prometheus::{BuildError, PrometheusBuilder, PrometheusHandle};
use std::sync::OnceLock;
use std::time::Duration;

/// Upper bounds of the buckets of durations, in seconds.
const SECONDS: &[f64] =
    &[0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0, 60.0, 300.0];
/// How often samples are sorted into their buckets, whoever asks for them.
const UPKEEP_EVERY: Duration = Duration::from_secs(5);

/// The one collector of a process.
static COLLECTOR: OnceLock<Option<PrometheusHandle>> = OnceLock::new();

/// Begins to collect; from then on [`shown`] shows something. A second time it does nothing.
pub fn collect() {
    COLLECTOR.get_or_init(|| match install() {
        Ok(handle) => {
            describe();
            Some(handle)
        }
        Err(error) => {
            tracing::error!(%error, "metrics cannot be collected");
            None
        }
    });
}

fn install() -> Result<PrometheusHandle, BuildError> {
    let recorder = PrometheusBuilder::new().set_buckets(SECONDS)?.build_recorder();
    let handle = recorder.handle();
    metrics::set_global_recorder(recorder).map_err(BuildError::FailedToSetGlobalRecorder)?;
    Ok(handle)
}

fn describe() {
    for (name, text) in [
        ("sluis_http_requests_total", "Requests answered, by method, route and status"),
        ("sluis_http_limited_total", "Requests refused because one token or address sent too many"),
        ("sluis_calls_total", "Calls of connectors, by outcome: ok, refused (4xx), failed (5xx), unanswered"),
        ("sluis_log_lines_lost_total", "Lines of the log that were lost because nobody took them in time"),
        ("sluis_runs_total", "Runs of scripts that stopped, by state"),
        ("sluis_renewals_total", "Renewals of tokens, by outcome"),
    ] {
        describe_counter!(name, text);
    }
    for (name, text) in [
        ("sluis_http_request_seconds", "Time from a request to its answer, by route"),
        ("sluis_call_seconds", "Time of a call of a connector, its waits and repetitions included"),
        ("sluis_call_wait_seconds", "Time that a call waited for its turn"),
        ("sluis_store_seconds", "Time of an operation of the store"),
    ] {
        describe_histogram!(name, Unit::Seconds, text);
    }
}

/// Tells how many lines of the log were lost since the start.
pub fn lost_log_lines(total: u64) {
    metrics::counter!("sluis_log_lines_lost_total").absolute(total);
}

/// What has been collected, as text; nothing if nobody said [`collect`].
pub fn shown() -> Option<String> {
    let handle = COLLECTOR.get()?.as_ref()?;
    Some(handle.render())
}

/// Keeps what is collected small, whether somebody asks for it or not.
pub async fn upkeep() {
    loop {
        tokio::time::sleep(UPKEEP_EVERY).await;
        if let Some(Some(handle)) = COLLECTOR.get() {
            handle.run_upkeep();
        }
    }
}
