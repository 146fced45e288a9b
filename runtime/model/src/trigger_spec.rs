//! What starts a stored function without a person: a request to an address of its own, a webhook, a moment, an
//! event in Sluis itself.
//!
//! Expressions are texts here, as in [`answer`](crate::answer). Those of requests read [`REQUEST_VARIABLES`],
//! those of schedules [`SCHEDULE_VARIABLES`], those of events [`EVENT_VARIABLES`].

use crate::auth::{DigestEncoding, HashAlgorithm};
use crate::id::{FunctionName, Namespace, UserId};
use crate::signature::SignatureRule;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// What expressions over a request read: its method, its query and headers as maps (names of headers in lower
/// case), its body as a value, the same as text, and all of this as one map.
pub const REQUEST_VARIABLES: &[&str] = &["method", "query", "headers", "body", "text", "request"];
/// What expressions over a moment read: the one that was planned, and the present one.
pub const SCHEDULE_VARIABLES: &[&str] = &["scheduled_at", "fired_at"];
/// What expressions over an event read: the event as a map.
pub const EVENT_VARIABLES: &[&str] = &["event"];

/// What starts which function, and with what.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct TriggerSpec {
    /// The stored function.
    pub function: FunctionName,
    /// On whose behalf it runs, where each user has connections of their own.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub user: Option<UserId>,
    /// An expression for each argument. Without any, each input of the function gets the variable of its name,
    /// else the field of its name in body or query.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub args: Option<BTreeMap<String, String>>,
    /// When it starts.
    pub on: Occasion,
}

/// When a trigger fires.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Occasion {
    /// A request to an address of its own.
    Url(UrlRule),
    /// A request that a service signs.
    Webhook(Box<WebhookRule>),
    /// A moment.
    Schedule(ScheduleRule),
    /// Something that happens in Sluis.
    Event(EventRule),
}

impl Occasion {
    /// Its kind, as it is written.
    pub fn kind(&self) -> &'static str {
        match self {
            Self::Url(_) => "url",
            Self::Webhook(_) => "webhook",
            Self::Schedule(_) => "schedule",
            Self::Event(_) => "event",
        }
    }

    /// Whether it has an address with a secret in it.
    pub fn has_address(&self) -> bool {
        matches!(self, Self::Url(_) | Self::Webhook(_))
    }

    /// What its expressions may read.
    pub fn variables(&self) -> &'static [&'static str] {
        match self {
            Self::Url(_) | Self::Webhook(_) => REQUEST_VARIABLES,
            Self::Schedule(_) => SCHEDULE_VARIABLES,
            Self::Event(_) => EVENT_VARIABLES,
        }
    }
}

/// A request to an address of its own.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct UrlRule {
    /// The methods that are taken.
    #[serde(default = "post")]
    pub methods: Vec<UrlMethod>,
    /// What is answered.
    #[serde(default)]
    pub answer: UrlAnswer,
    /// Which requests count; all if not given. An expression.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub when: Option<String>,
    /// Requests a minute that are taken.
    #[serde(default = "of_an_address")]
    pub per_minute: u32,
}

fn post() -> Vec<UrlMethod> {
    vec![UrlMethod::Post]
}

fn of_an_address() -> u32 {
    600
}

/// A method of a request to an address.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "UPPERCASE")]
pub enum UrlMethod {
    /// GET.
    Get,
    /// POST.
    Post,
}

impl UrlMethod {
    /// As HTTP writes it.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Get => "GET",
            Self::Post => "POST",
        }
    }
}

/// What a request to an address is answered.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum UrlAnswer {
    /// That it was taken (202), once the run is in the store.
    #[default]
    Accepted,
    /// What the function returns, as JSON, once it has ended.
    Value,
    /// What the function says in a map: `status`, `headers`, `body`.
    Response,
}

/// A request that a service signs.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct WebhookRule {
    /// A scheme that is known by name: `github`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub preset: Option<String>,
    /// A scheme of one's own.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub scheme: Option<WebhookScheme>,
    /// Which requests start the function; all if not given. The others are answered in the same way. An
    /// expression.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub when: Option<String>,
    /// Requests a minute that are taken.
    #[serde(default = "of_a_service")]
    pub per_minute: u32,
}

fn of_a_service() -> u32 {
    6_000
}

/// How a service makes itself known, and what it wants to hear.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct WebhookScheme {
    /// What it is, for people.
    pub title: String,
    /// Where the service describes it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub docs: Option<String>,
    /// How it signs.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub signature: Option<SignatureRule>,
    /// Where it shows the secret itself, where it does not sign: `headers.get("x-gitlab-token")`. An expression.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub token: Option<String>,
    /// What tells one delivery from another, and is the same when the service sends it again. An expression;
    /// where it is not given or null, the digest of the request.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub delivery: Option<String>,
    /// Questions by which the service finds out whether we are there.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub challenges: Vec<Challenge>,
    /// The status that it takes for a yes.
    #[serde(default = "accepted")]
    pub status: u16,
}

fn accepted() -> u16 {
    202
}

/// A question of a service, which starts nothing.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Challenge {
    /// Which requests ask it. An expression.
    pub when: String,
    /// Whether they are signed like all others.
    #[serde(default)]
    pub signed: bool,
    /// Where the secret itself stands in them. An expression.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub token: Option<String>,
    /// What is to be signed with the secret; the expression of the answer reads it as `proof`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub prove: Option<Proof>,
    /// The answer: a text is answered as text, anything else as JSON. An expression.
    pub answer: String,
}

/// A keyed digest that we are asked for.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Proof {
    /// What is signed. An expression.
    pub of: String,
    /// The digest.
    #[serde(default)]
    pub algorithm: HashAlgorithm,
    /// How it is written.
    #[serde(default)]
    pub encoding: DigestEncoding,
}

/// Moments.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ScheduleRule {
    /// A pattern of minutes, hours, days, months and weekdays, with seconds before them if there are six:
    /// `0 9 * * 1-5`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cron: Option<String>,
    /// Or a fixed time between two moments: `15m`, `1h 30m`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub every: Option<String>,
    /// The time zone that the pattern is read in.
    #[serde(default = "utc")]
    pub zone: String,
    /// Before this moment it does not fire; an interval is counted from it. RFC 3339, or local to the zone.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub starts_at: Option<String>,
    /// After this moment it does not fire.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ends_at: Option<String>,
    /// What becomes of moments at which no server was there.
    #[serde(default)]
    pub missed: Missed,
    /// How many of them are made good at most, the latest first to count, where all are.
    #[serde(default = "ten")]
    pub at_most: u32,
    /// What becomes of a moment at which the run before still goes on.
    #[serde(default)]
    pub overlap: Overlap,
}

fn utc() -> String {
    "UTC".to_owned()
}

fn ten() -> u32 {
    10
}

/// What becomes of moments that were missed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Missed {
    /// Nothing.
    Skip,
    /// The function runs once for all of them.
    #[default]
    Once,
    /// It runs for each, up to `at_most`.
    All,
}

/// What becomes of a moment at which the run before still goes on.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Overlap {
    /// Nothing.
    #[default]
    Skip,
    /// Its run begins when that has ended.
    Queue,
    /// Its run begins all the same.
    Allow,
}

/// Something that happens in Sluis.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct EventRule {
    /// What.
    pub events: Vec<EventKind>,
    /// Only of this connector.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub connector: Option<Namespace>,
    /// Only of runs of this function.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub of: Option<FunctionName>,
}

/// What can happen.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum EventKind {
    /// A connection was authorized.
    ConnectionAuthorized,
    /// A connection was given back.
    ConnectionRevoked,
    /// The tokens of a connection can no longer be renewed: a person must authorize again.
    RenewalFailed,
    /// A run failed. Runs that an event has started do not tell, so that nothing goes in circles.
    RunFailed,
}

impl EventKind {
    /// All of them.
    pub const ALL: &'static [EventKind] =
        &[Self::ConnectionAuthorized, Self::ConnectionRevoked, Self::RenewalFailed, Self::RunFailed];

    /// As it is written.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::ConnectionAuthorized => "connection_authorized",
            Self::ConnectionRevoked => "connection_revoked",
            Self::RenewalFailed => "renewal_failed",
            Self::RunFailed => "run_failed",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn what_is_not_said_of_a_trigger_is_what_most_want() {
        let trigger: TriggerSpec = serde_json::from_value(json!({
            "function": "nightly", "on": { "schedule": { "cron": "0 3 * * *" } }
        }))
        .unwrap();
        let Occasion::Schedule(rule) = &trigger.on else { panic!("{trigger:?}") };
        assert_eq!((rule.zone.as_str(), rule.missed, rule.overlap), ("UTC", Missed::Once, Overlap::Skip));
        let url: Occasion = serde_json::from_value(json!({ "url": {} })).unwrap();
        let Occasion::Url(rule) = &url else { panic!("{url:?}") };
        assert_eq!((rule.methods.as_slice(), rule.answer), (&[UrlMethod::Post][..], UrlAnswer::Accepted));
    }

    #[test]
    fn a_field_that_is_not_known_is_refused() {
        let slip = json!({ "function": "f", "on": { "schedule": { "corn": "* * * * *" } } });
        let said = serde_json::from_value::<TriggerSpec>(slip).unwrap_err().to_string();
        assert!(said.contains("corn") && said.contains("cron"), "{said}");
    }

    #[test]
    fn events_are_written_as_they_are_named() {
        for event in EventKind::ALL {
            assert_eq!(serde_json::to_value(event).unwrap(), event.as_str());
        }
    }
}
