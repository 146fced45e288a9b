//! What starts functions, as the document describes it. The types themselves stand in
//! `sluis_model::trigger_spec`; a test at each route holds real answers against these.
#![expect(dead_code, reason = "these types are read by the macro that makes the document and never built")]

use super::ids;
use serde_json::{Map, Value};
use std::collections::BTreeMap;
use utoipa::ToSchema;

/// What starts which function, and with what.
#[derive(ToSchema)]
#[schema(example = json!({
    "function": "nightly",
    "on": { "schedule": { "cron": "0 3 * * *", "zone": "Europe/Amsterdam" } }
}))]
pub struct TriggerSpec {
    function: ids::FunctionName,
    /// On whose behalf it runs.
    user: Option<ids::UserId>,
    /// An expression for each argument; without any, inputs get what has their name.
    args: Option<BTreeMap<String, String>>,
    on: Occasion,
}

/// When a trigger fires: one of these.
#[derive(ToSchema)]
#[schema(rename_all = "snake_case")]
pub enum Occasion {
    /// A request to an address of its own.
    Url(UrlRule),
    /// A request that a service signs.
    Webhook(WebhookRule),
    /// A moment.
    Schedule(ScheduleRule),
    /// Something that happens in Sluis.
    Event(EventRule),
}

/// A request to an address of its own.
#[derive(ToSchema)]
pub struct UrlRule {
    /// POST if nothing is said.
    #[schema(required = false, min_items = 1)]
    methods: Vec<UrlMethod>,
    #[schema(required = false)]
    answer: UrlAnswer,
    /// Which requests count: an expression.
    #[schema(required = false)]
    when: Option<String>,
    /// Requests a minute that are taken; 600 if nothing is said.
    #[schema(required = false, minimum = 1, maximum = 600_000)]
    per_minute: u32,
}

/// A method.
#[derive(ToSchema)]
#[schema(rename_all = "UPPERCASE")]
#[schema(as = UrlMethod)]
pub enum UrlMethod {
    Get,
    Post,
}

/// What is answered: that it was taken, what the function returns, or what it says in a map of `status`, `headers`
/// and `body`.
#[derive(ToSchema)]
#[schema(rename_all = "snake_case")]
pub enum UrlAnswer {
    Accepted,
    Value,
    Response,
}

/// A request that a service signs, by a scheme that is known by name or one of one's own.
#[derive(ToSchema)]
pub struct WebhookRule {
    #[schema(required = false, example = "github")]
    preset: Option<String>,
    /// See docs/TRIGGERS.md.
    #[schema(required = false)]
    scheme: Option<Map<String, Value>>,
    /// Which requests start the function: an expression.
    #[schema(required = false)]
    when: Option<String>,
    /// Requests a minute that are taken; 6000 if nothing is said.
    #[schema(required = false, minimum = 1, maximum = 600_000)]
    per_minute: u32,
}

/// Moments: by a cron pattern, or with a fixed time between them.
#[derive(ToSchema)]
#[schema(example = json!({ "cron": "0 9 * * 1-5", "zone": "Europe/Amsterdam" }))]
pub struct ScheduleRule {
    /// Minute, hour, day of the month, month, day of the week.
    #[schema(required = false)]
    cron: Option<String>,
    /// `15m`, `1h 30m`.
    #[schema(required = false)]
    every: Option<String>,
    /// IANA name of the time zone; UTC if nothing is said.
    #[schema(required = false)]
    zone: String,
    /// RFC 3339, or local to the zone.
    #[schema(required = false)]
    starts_at: Option<String>,
    #[schema(required = false)]
    ends_at: Option<String>,
    #[schema(required = false)]
    missed: Missed,
    /// How many moments that were missed are made good, where all are; 10 if nothing is said.
    #[schema(required = false, minimum = 1, maximum = 100)]
    at_most: u32,
    #[schema(required = false)]
    overlap: Overlap,
}

/// What becomes of moments at which no server was there; `once` if nothing is said.
#[derive(ToSchema)]
#[schema(rename_all = "snake_case")]
pub enum Missed {
    Skip,
    Once,
    All,
}

/// What becomes of a moment at which the run before still goes on; `skip` if nothing is said.
#[derive(ToSchema)]
#[schema(rename_all = "snake_case")]
pub enum Overlap {
    Skip,
    Queue,
    Allow,
}

/// Something that happens in Sluis.
#[derive(ToSchema)]
pub struct EventRule {
    #[schema(min_items = 1)]
    events: Vec<EventKind>,
    /// Only of this connector.
    #[schema(required = false)]
    connector: Option<ids::Namespace>,
    /// Only of runs of this function.
    #[schema(required = false)]
    of: Option<ids::FunctionName>,
}

/// What can happen.
#[derive(ToSchema)]
#[schema(rename_all = "snake_case")]
pub enum EventKind {
    ConnectionAuthorized,
    ConnectionRevoked,
    RenewalFailed,
    RunFailed,
}

/// One time that a trigger was asked.
#[derive(ToSchema)]
#[schema(as = TriggerFiring)]
pub struct Firing {
    at: ids::Moment,
    /// The moment that was planned, where it is a schedule.
    #[schema(required = false)]
    planned: Option<ids::Moment>,
    /// What came of it.
    outcome: FiringKind,
    /// The run that was started, or had been.
    #[schema(required = false)]
    run: Option<ids::RunId>,
    /// Why nothing was started.
    #[schema(required = false)]
    why: Option<String>,
}

/// What came of a firing.
#[derive(ToSchema)]
#[schema(rename_all = "snake_case")]
pub enum FiringKind {
    Started,
    Repeated,
    Skipped,
    Answered,
    Refused,
    Failed,
}
