//! Shapes of what the engine and the model serialise by themselves, as the document describes them. They
//! are never made: a test at each route holds real answers against them.
#![expect(dead_code, reason = "these types are read by the macro that makes the document and never built")]

use super::ids::{ConnectionName, Moment, OrgId, UserId};
use serde::Serialize;
use serde_json::{Map, Value};
use std::collections::BTreeMap;
use utoipa::ToSchema;

/// A problem document (RFC 9457). `code` is what a program looks at.
#[derive(ToSchema)]
#[schema(example = json!({
    "type": "urn:sluis:problem:connector_not_found",
    "title": "Connector not found",
    "status": 404,
    "detail": "there is no connector called `gcontact`",
    "code": "connector_not_found",
    "help": "did you mean `gcontacts`?",
    "request_id": "req_0a1b2c3d4e5f6g7h8j9kmnpqrs"
}))]
pub struct Problem {
    /// `urn:sluis:problem:` and the code.
    #[schema(rename = "type")]
    kind: String,
    /// The kind of problem in a few words.
    title: String,
    /// The status of the answer.
    status: u16,
    /// What is wrong with this request.
    detail: String,
    /// Stable; see the table in docs/API.md.
    code: String,
    /// What to do about it.
    #[serde(skip_serializing_if = "Option::is_none")]
    help: Option<String>,
    /// Under which the operator finds it in the log.
    #[schema(value_type = super::ids::RequestId)]
    request_id: String,
}

/// What the connector file of an API says, as JSON (`spec/connector/schema.json`).
#[derive(ToSchema)]
pub struct Definition(Map<String, Value>);

/// How a connection stands.
#[derive(Serialize, ToSchema)]
#[serde(tag = "state", rename_all = "snake_case")]
pub enum ConnectionState {
    /// Tokens are there; the on-authorize hook has not agreed yet.
    Pending,
    /// Ready.
    Active,
    /// The provider refuses to renew it; a person must authorize again.
    NeedsReauthorization {
        /// Why.
        reason: String,
    },
    /// Renewing it has failed for too long.
    Exhausted {
        /// What failed last.
        reason: String,
    },
    /// It is being given back.
    Revoking,
}

/// How an attempt stands.
#[derive(Serialize, ToSchema)]
#[serde(tag = "outcome", rename_all = "snake_case")]
pub enum GrantOutcome {
    /// Nobody has answered yet.
    Waiting,
    /// The code is being exchanged.
    Exchanging,
    /// The connection is active.
    Authorized,
    /// The person, or the on-authorize hook, said no.
    Denied {
        /// Why.
        reason: String,
    },
    /// It could not be finished.
    Failed {
        /// Why.
        reason: String,
    },
    /// Nobody answered in time.
    Expired,
}

/// What came of giving an authorization back. It is gone here in every case.
#[derive(Serialize, ToSchema)]
pub struct Revocation {
    /// At the provider.
    provider: RevokedAtProvider,
    /// What the on-revoke hook said, if it failed; it is tried again.
    hook_failure: Option<String>,
    /// What is still to be done, if something is.
    #[serde(skip_serializing_if = "Option::is_none")]
    outbox: Option<String>,
}

/// What the provider said.
#[derive(Serialize, ToSchema)]
#[serde(tag = "result", rename_all = "snake_case")]
pub enum RevokedAtProvider {
    /// It has revoked it.
    Revoked,
    /// The connector names no way to revoke.
    NotOffered,
    /// It could not be told yet; it is tried again.
    Later {
        /// What is in the way.
        reason: String,
    },
    /// It could not be told.
    Failed {
        /// Why.
        reason: String,
    },
}

/// How a call went over the wire.
#[derive(Serialize, ToSchema)]
pub struct Wire {
    /// The call's place in the script and how often it came by (`812#3`).
    #[serde(skip_serializing_if = "Option::is_none")]
    call: Option<String>,
    /// Its tries in order.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    attempts: Vec<Attempt>,
    /// Milliseconds that it waited for its turn.
    queued_ms: u64,
    /// Bytes of body sent, in all tries.
    bytes_sent: u64,
    /// Bytes of body received, in all tries.
    bytes_received: u64,
    /// Hash of its idempotency key.
    #[serde(skip_serializing_if = "Option::is_none")]
    idempotency_key_hash: Option<String>,
    /// Whether nothing was sent because the answer was kept from before.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    replayed: bool,
}

/// One try of a call.
#[derive(Serialize, ToSchema)]
pub struct Attempt {
    /// Status of the answer; absent if none came.
    #[serde(skip_serializing_if = "Option::is_none")]
    status: Option<u16>,
    /// Why none came.
    #[serde(skip_serializing_if = "Option::is_none")]
    error: Option<String>,
    /// Milliseconds of pause before it.
    waited_ms: u64,
    /// Milliseconds until the host had a place free.
    queued_ms: u64,
    /// Milliseconds to the first byte of the answer.
    first_byte_ms: u64,
    /// Milliseconds from then to the last byte.
    body_ms: u64,
}

/// How a call that was handed over stands.
#[derive(Serialize, ToSchema)]
#[serde(tag = "state", rename_all = "snake_case")]
pub enum DeliveryState {
    /// It has yet to be made.
    Waiting {
        /// Why the last try failed.
        why: Option<String>,
    },
    /// It is being made.
    Sending,
    /// Its answer is brought by the service.
    AwaitingCallback,
    /// It was answered.
    Answered {
        /// Status of the answer.
        status: u16,
        /// What was brought, as scripts would get it.
        #[schema(value_type = Option<Value>)]
        response: Option<serde_json::Value>,
    },
    /// What was brought is an error, or nothing was in time.
    Failed {
        /// Its name.
        code: String,
        /// Why.
        why: String,
        /// What to do about it.
        help: Option<String>,
    },
    /// It will not be made any more.
    GivenUp {
        /// Why.
        why: String,
    },
}

/// Which workflow backends an organisation serves.
#[derive(Serialize, serde::Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ProxySettings {
    /// The backends. Browsers are sent back, and outcomes are told, to no other place.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[schema(max_items = 50)]
    backends: Vec<Backend>,
    /// Which calls are answered by 202 and told of later.
    #[serde(default)]
    accepted: WhenAccepted,
    /// Categories of suggestions, `ns/api/input`, that may be asked for without a key.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    open_typeahead: Vec<String>,
}

/// A workflow backend.
#[derive(Serialize, serde::Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Backend {
    /// Scheme, host and port.
    #[schema(example = "https://backend.example.com")]
    origin: String,
    /// The connection, `ns` or `ns/name`, with which outcomes are told to it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    connection: Option<String>,
}

/// Which calls that name a callback are answered by 202.
#[derive(Default, Serialize, serde::Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum WhenAccepted {
    /// Those that may take longer than a backend waits.
    #[default]
    Long,
    /// All.
    Always,
    /// None.
    Never,
}

/// How a connection did in its test call.
#[derive(Serialize, ToSchema)]
pub struct Tried {
    /// Whether the service accepts it.
    ok: bool,
    /// Status of the service's answer.
    status: u16,
    /// The account that it stands for.
    account: Option<String>,
    /// The result in words.
    message: String,
}

/// What somebody is asked for to connect.
#[derive(Serialize, ToSchema)]
pub struct ConnectForm {
    /// `by_fields`, `by_consent`, `by_device` or `freely`.
    connects: String,
    /// The ways to authenticate to choose among.
    choices: Vec<String>,
    /// What people read in place of their names.
    titles: BTreeMap<String, String>,
    /// The one chosen.
    auth: Option<String>,
    /// Whose the connection is: `org` or `user`.
    owner: String,
    /// Named sets of values of variables.
    environments: Vec<String>,
    /// The one used where none is named.
    default_environment: Option<String>,
    /// The variables, as the connector file declares them.
    variables: Vec<Map<String, Value>>,
    /// Values that variables have if no others are entered.
    values: BTreeMap<String, String>,
    /// The fields of the credential.
    fields: Vec<Map<String, Value>>,
}

/// What is sent in place of what the file says.
#[derive(serde::Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Overrides {
    /// The whole path of the URL, `/pets/1`.
    #[serde(default)]
    path: Option<String>,
    /// Query parameters by name; null takes one away.
    #[serde(default)]
    query: BTreeMap<String, Option<String>>,
    /// Headers by name; null takes one away.
    #[serde(default)]
    headers: BTreeMap<String, Option<String>>,
    /// The body: a text is sent as it stands, anything else as JSON, null takes it away.
    #[serde(default)]
    body: Option<Value>,
}

/// What a trial came to, secrets starred.
#[derive(Serialize, ToSchema)]
pub struct TrialAnswer {
    /// The request as it went out.
    request: String,
    /// The same as a cURL command.
    curl: String,
    /// Status of the answer.
    status_code: u16,
    /// Headers of the answer: name and value.
    headers: Vec<Vec<String>>,
    /// Body of the answer as text.
    response: String,
    /// Time from sending to the last byte.
    millis: u64,
    /// Inputs that nothing in the definition takes.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    unused: Vec<String>,
}

/// What a call would send, and why. Nothing in it is secret.
#[derive(Serialize, ToSchema)]
pub struct Explanation {
    /// Full id of the API.
    #[schema(value_type = super::ids::ApiId)]
    api: String,
    /// The release of the connector that describes it.
    release: u32,
    /// What it does to the service: `read`, `write` or `destructive`.
    effect: String,
    /// The request as it goes over the wire, stars in place of what is secret.
    request: String,
    /// The same as a cURL command.
    curl: String,
    /// Each part of it with its origins.
    parts: Vec<Part>,
    /// Whose authorization is used.
    grant: GrantUsed,
    /// Whole time allowed, in seconds.
    timeout_s: f64,
    /// What becomes of a redirect.
    redirects: String,
    /// Whether it would be sent again by itself, and why.
    repeats: Vec<Repeat>,
    /// How much of its rate is left, if that is known.
    #[serde(skip_serializing_if = "Option::is_none")]
    budget: Option<Value>,
    /// Given values that no part of the request takes.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    unused: Vec<String>,
    /// What keeps it from being sent as it is.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    obstacles: Vec<String>,
}

/// One part of a request.
#[derive(Serialize, ToSchema)]
pub struct Part {
    /// `method`, `url`, `query limit`, `header accept`, `body /names/0/givenName`.
    at: String,
    /// Its value as it is sent; stars where it is secret.
    #[serde(skip_serializing_if = "Option::is_none")]
    value: Option<String>,
    /// Where it comes from: `from` is `definition`, `argument`, `default`, `absent`, `variable`,
    /// `override`, `credential` or `runtime`.
    origins: Vec<BTreeMap<String, String>>,
}

/// Whose authorization a call uses.
#[derive(Serialize, ToSchema)]
pub struct GrantUsed {
    /// Whether the call needs one.
    needed: bool,
    /// For whom.
    #[schema(value_type = OrgId)]
    org: String,
    /// Which of several connections.
    #[schema(value_type = ConnectionName)]
    connection: String,
    /// Whose it is, where each user has their own.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<UserId>)]
    user: Option<String>,
    /// Which of several ways to authenticate.
    #[serde(skip_serializing_if = "Option::is_none")]
    auth: Option<String>,
    /// Name of the scheme.
    #[serde(skip_serializing_if = "Option::is_none")]
    scheme: Option<String>,
    /// The account at the service.
    #[serde(skip_serializing_if = "Option::is_none")]
    account: Option<String>,
    /// How the connection stands; nothing if there is none.
    #[serde(skip_serializing_if = "Option::is_none")]
    state: Option<ConnectionState>,
    /// Whether its token would be renewed before the call.
    renews_first: bool,
    /// Scopes that the connector asks for.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    scopes_needed: Vec<String>,
    /// Scopes that were granted.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    scopes_granted: Vec<String>,
    /// Scopes that are needed and were not granted.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    scopes_missing: Vec<String>,
}

/// A case in which a call is sent again, or is not.
#[derive(Serialize, ToSchema)]
pub struct Repeat {
    /// What has happened.
    when: String,
    /// Whether it is sent again.
    again: bool,
    /// Why.
    why: String,
}

/// A finding in a script.
#[derive(Serialize, ToSchema)]
pub struct Diagnostic {
    /// Its code; `spec/errors` has a page on each.
    code: String,
    /// `error`, `warning` or `hint`.
    severity: String,
    /// Counted from 1.
    line: u32,
    /// Counted from 1.
    column: u32,
    /// What is wrong.
    message: String,
    /// What stands beside the place.
    #[serde(skip_serializing_if = "Option::is_none")]
    label: Option<String>,
    /// How to mend it.
    #[serde(skip_serializing_if = "Option::is_none")]
    help: Option<String>,
    /// What else is to be known.
    #[serde(skip_serializing_if = "Option::is_none")]
    note: Option<String>,
}

/// How keys stand.
#[derive(Serialize, ToSchema)]
pub struct VaultStatus {
    /// The root keys of this process; the first one wraps.
    ring: Vec<String>,
    /// The root key that the store is under.
    root: Option<String>,
    /// The organisations that have keys.
    orgs: Vec<Map<String, Value>>,
}

/// What a new root key was put around.
#[derive(Serialize, ToSchema)]
pub struct Rewrapped {
    /// The root key now.
    root: String,
    /// Keys of organisations that it wraps now and did not before.
    rewrapped: u64,
    /// Values of older versions that were brought up to date.
    upgraded: u64,
    /// What could not be read.
    damaged: Vec<String>,
}

/// How far the change of an organisation's key has come.
#[derive(Serialize, ToSchema)]
pub struct Rotation {
    /// Number of the key that it leads to.
    target: u32,
    /// `announced`, `resealing`, `draining` or `done`.
    phase: String,
    /// Values that were sealed anew.
    resealed: u64,
    /// Values that could not be read.
    damaged: u64,
    /// When it began.
    #[schema(value_type = Moment)]
    started_at: String,
    /// When it was done.
    #[schema(value_type = Option<Moment>)]
    finished_at: Option<String>,
}
