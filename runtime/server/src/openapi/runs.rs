//! Shapes of what is said about runs, as the document describes them. They are never made: a test at each
//! route holds real answers against them.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// What an organisation says about its runs. What is absent is not limited.
#[derive(Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct RunSettings {
    /// This many run at once at most; the others wait for their turn.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(minimum = 1, maximum = 10_000)]
    at_once: Option<u32>,
    /// How much in a day, from midnight to midnight UTC.
    #[serde(default)]
    daily: Quota,
    /// How much in a calendar month, UTC.
    #[serde(default)]
    monthly: Quota,
    /// How long runs that have ended are kept.
    #[serde(default)]
    retention: Retention,
}

/// How much is allowed in a time.
#[derive(Default, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Quota {
    /// Runs that are asked for.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(maximum = 9_007_199_254_740_991_u64)]
    runs: Option<u64>,
    /// Fuel that they use.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(maximum = 9_007_199_254_740_991_u64)]
    fuel: Option<u64>,
    /// Calls that are made.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(maximum = 9_007_199_254_740_991_u64)]
    calls: Option<u64>,
}

/// How long runs that have ended are kept.
#[derive(Default, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Retention {
    /// This many days; 90 where nothing is said.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(maximum = 36_500)]
    days: Option<u32>,
    /// The newest so many.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(maximum = 9_007_199_254_740_991_u64)]
    runs: Option<u64>,
}

/// What is said about the runs of one function.
#[derive(Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct FunctionSettings {
    /// This many of them run at once at most.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(minimum = 1, maximum = 10_000)]
    at_once: Option<u32>,
    /// What follows on a failure.
    #[serde(default)]
    retries: Retries,
}

/// Whether and when a run from the queue that has failed is run again. Calls that it has finished are not made
/// again.
#[derive(Default, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Retries {
    /// Further tries after the first; 0 for none.
    #[schema(maximum = 100)]
    times: u32,
    /// Seconds until the first of them. Each pause is twice the one before.
    #[schema(minimum = 1, maximum = 604_800)]
    first_after_s: u32,
    /// Seconds that a pause has at most; no less than `first_after_s`.
    #[schema(minimum = 1, maximum = 604_800)]
    at_most_after_s: u32,
}

/// What was used in a time.
#[derive(Serialize, ToSchema)]
pub struct Usage {
    /// Runs that were asked for.
    runs: u64,
    /// Fuel that they have used.
    fuel: u64,
    /// Calls that were made.
    calls: u64,
}

/// An event of a run's tail (WHATWG HTML, server-sent events).
#[derive(Serialize, ToSchema)]
pub struct RunEvent {
    /// Where it stands in the history: the `Last-Event-ID` to go on from.
    #[serde(skip_serializing_if = "Option::is_none")]
    id: Option<String>,
    /// `state`, `anew`, `line`, `call`, or at last `end`.
    event: String,
    /// JSON, by the kind of event.
    data: String,
}
