//! A connector as its author writes it: a service, a way to authenticate, the hosts it may talk
//! to, its APIs and its hooks. `spec/connector/schema.json` describes the same in JSON Schema.
//!
//! Placeholders `${name}` in URLs, query, headers and bodies are kept as text here; `invoke` gives
//! them meaning.

pub use crate::answer::*;
use crate::api_test::ApiTest;
pub use crate::auth::*;
pub use crate::body::*;
use crate::connection_settings::ConnectionSettings;
use crate::id::{ApiId, IdError, Namespace};
use crate::idempotency::Idempotency;
use crate::inputs::Inputs;
use crate::pagination::Pagination;
use crate::rate::RateRule;
use crate::retry::RetryRule;
use crate::task::IntegrationTask;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// A whole connector file.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ConnectorDefinition {
    /// Version of the file format; this is 1.
    pub sluis: u32,
    /// Namespace that scripts use.
    pub namespace: Namespace,
    /// One paragraph for people.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub description: Option<String>,
    /// The product behind it.
    pub service: Service,
    /// How to authenticate.
    pub auth: AuthConfig,
    /// Hosts that requests, and secrets, may go to: `people.example.com`, or with a port,
    /// `127.0.0.1:8080`. Nothing else is ever contacted with this connector's credential.
    pub hosts: Vec<String>,
    /// Headers of every API; an API's own win.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub headers: BTreeMap<String, String>,
    /// What differs from one connection to another, and how one is tried.
    #[serde(default, skip_serializing_if = "ConnectionSettings::is_empty")]
    pub connection: ConnectionSettings,
    /// Whole time allowed for a call of any API, in seconds, 1 to 300; an API's own wins.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub timeout_s: Option<u32>,
    /// When calls are made again by themselves; an API's own wins. Without it none is.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub retry: Option<RetryRule>,
    /// How much the service takes, and how its answers say so.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub rate: Option<RateRule>,
    /// When an answer of any API is an error whatever its status says; an API's own wins. An expression.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub error_when: Option<String>,
    /// Which answers of any API are errors, looked at after an API's own.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub errors: Vec<ErrorRule>,
    /// The APIs by the part of their id after the namespace: `pushcontact`, `files.upload`.
    pub apis: BTreeMap<String, ApiDefinition>,
    /// Scripts that run when the connector is authorized and revoked.
    #[serde(default, skip_serializing_if = "Hooks::is_empty")]
    pub hooks: Hooks,
}

impl ConnectorDefinition {
    /// Full ids of all APIs, in order.
    pub fn api_ids(&self) -> Result<Vec<ApiId>, IdError> {
        self.apis.keys().map(|api| ApiId::of(&self.namespace, api)).collect()
    }
}

/// The product behind a connector.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Service {
    /// Name that people know: `Google Contacts`.
    pub name: String,
    /// Version of the product.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub product_version: Option<String>,
    /// Version of its API.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub api_version: Option<String>,
    /// URL of its documentation.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub documentation: Option<String>,
    /// Its logo, as a `data:` URL (RFC 2397): pages that show it ask nobody else for it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub logo: Option<String>,
    /// Absolute URL under which the paths of `invokeapi` stand; without it, https on the first host. With
    /// `smtp://` or `smtps://` the service is a mail server, and every API is a mail.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub base_url: Option<String>,
}

/// One API of a connector.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ApiDefinition {
    /// One sentence for people.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub description: Option<String>,
    /// HTTP method; an API of a mail server has none.
    #[serde(default = "Method::of_mail", skip_serializing_if = "Method::is_mail")]
    pub method: Method,
    /// Absolute URL; placeholders in the path and nowhere before it. Empty in an API of a mail server.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub url: String,
    /// Query parameters. A parameter that is one placeholder only and has no value is left out.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub query: BTreeMap<String, FieldValue>,
    /// Headers.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub headers: BTreeMap<String, String>,
    /// Headers that a call may set itself.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub override_headers: Vec<String>,
    /// Cookies (RFC 6265) by name.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub cookies: BTreeMap<String, String>,
    /// The body, if there is one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub body: Option<Body>,
    /// The placeholders, described. A placeholder that is not listed is required.
    #[serde(default, skip_serializing_if = "Inputs::is_empty")]
    pub inputs: Inputs,
    /// Whether the credential of a connection goes onto the request.
    #[serde(default, skip_serializing_if = "CredentialUse::is_required")]
    pub credential: CredentialUse,
    /// How scripts call it as an integration task.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub task: Option<IntegrationTask>,
    /// How its answers are pages of one list.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub pagination: Option<Pagination>,
    /// What a call does to the service.
    #[serde(default)]
    pub effect: Effect,
    /// Calls with what is expected of their answers, which `sluis connector test` makes.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub tests: Vec<ApiTest>,
    /// Whole time allowed for a call, in seconds, 1 to 300; without it the connector's, without that
    /// [`DEFAULT_TIMEOUT_S`].
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub timeout_s: Option<u32>,
    /// Whether redirects are followed, to declared hosts and without the credential past its origin;
    /// else they are answers.
    #[serde(default = "default_follow_redirects", skip_serializing_if = "is_true")]
    pub follow_redirects: bool,
    /// How its answers are read and what scripts get of them; without it a status and a text.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub answer: Option<AnswerMapping>,
    /// Which answers are errors; the first that fits counts.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub errors: Vec<ErrorRule>,
    /// Where an answer comes later.
    #[serde(rename = "async", default, skip_serializing_if = "Option::is_none")]
    pub asynchronous: Option<AsyncAnswer>,
    /// JSON Schema (draft 2020-12) of what scripts get.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub outputs: Option<serde_json::Value>,
    /// An example of it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub output_example: Option<serde_json::Value>,
    /// When calls are made again by themselves, in place of the connector's rule.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub retry: Option<RetryRule>,
    /// How many calls of this API the service takes, besides what it takes in all.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub rate: Option<RateRule>,
    /// How the service is told that two requests are one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub idempotency: Option<Idempotency>,
    /// Whether scripts wait for the answer; else the call is handed over and they go on.
    #[serde(default = "default_wait", skip_serializing_if = "is_true")]
    pub wait: bool,
}

impl Service {
    /// Its address, if it is a mail server.
    pub fn mail_server(&self) -> Option<&str> {
        self.base_url.as_deref().filter(|url| is_mail_address(url))
    }
}

/// Whether a URL is that of a mail server.
pub fn is_mail_address(url: &str) -> bool {
    url.starts_with("smtp://") || url.starts_with("smtps://")
}

/// Whole time allowed for a call where neither its API nor its connector says, in seconds.
pub const DEFAULT_TIMEOUT_S: u32 = 30;

impl ApiDefinition {
    /// Whole time allowed for a call, in seconds: its own, else its connector's, else
    /// [`DEFAULT_TIMEOUT_S`].
    pub fn timeout_s(&self, of: &ConnectorDefinition) -> u32 {
        self.timeout_s.or(of.timeout_s).unwrap_or(DEFAULT_TIMEOUT_S)
    }

    /// What it says of its answers, with what its connector says of all.
    pub fn answers<'a>(&'a self, of: &'a ConnectorDefinition) -> ApiAnswers<'a> {
        ApiAnswers {
            answer: self.answer.as_ref(),
            errors: &self.errors,
            shared_error_when: of.error_when.as_ref(),
            shared_errors: &of.errors,
            asynchronous: self.asynchronous.as_ref(),
        }
    }
}

fn default_wait() -> bool {
    true
}

fn default_follow_redirects() -> bool {
    true
}

fn is_true(flag: &bool) -> bool {
    *flag
}

/// HTTP methods that an API may use; the last five are those of WebDAV (RFC 4918, RFC 3253) and CalDAV
/// (RFC 4791).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "UPPERCASE")]
#[allow(missing_docs)]
pub enum Method {
    Get,
    Post,
    Put,
    Patch,
    Delete,
    Head,
    Options,
    Propfind,
    Proppatch,
    Mkcol,
    Mkcalendar,
    Report,
    /// None of HTTP: the API is one of a mail server. No file writes it.
    Mail,
}

impl Method {
    fn of_mail() -> Self {
        Self::Mail
    }

    /// Whether the API is one of a mail server.
    pub fn is_mail(&self) -> bool {
        *self == Self::Mail
    }
}

impl From<Method> for http::Method {
    fn from(method: Method) -> http::Method {
        match method {
            Method::Get => http::Method::GET,
            Method::Post => http::Method::POST,
            Method::Put => http::Method::PUT,
            Method::Patch => http::Method::PATCH,
            Method::Delete => http::Method::DELETE,
            Method::Head => http::Method::HEAD,
            Method::Options => http::Method::OPTIONS,
            Method::Propfind => extension("PROPFIND"),
            Method::Proppatch => extension("PROPPATCH"),
            Method::Mkcol => extension("MKCOL"),
            Method::Mkcalendar => extension("MKCALENDAR"),
            Method::Report => extension("REPORT"),
            // A method of our own, which is a token as any other (RFC 9110 §9.1).
            Method::Mail => extension("MAIL"),
        }
    }
}

/// A method that HTTP itself has no name for. All of those above are tokens (RFC 9110 section 5.6.2).
fn extension(name: &str) -> http::Method {
    http::Method::from_bytes(name.as_bytes()).unwrap_or_default()
}

/// What is known of one placeholder.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Input {
    /// What values it takes.
    #[serde(rename = "type", default, skip_serializing_if = "InputType::is_any")]
    pub kind: InputType,
    /// Name for people.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub title: Option<String>,
    /// One sentence for people.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub description: Option<String>,
    /// Whether a call without it is refused. Without a default, an absent optional value is null in
    /// a JSON body, leaves out a query parameter or header, and is refused in a path.
    #[serde(default = "default_required")]
    pub required: bool,
    /// What becomes of a key of a JSON body whose value is this input, where there is no value.
    #[serde(default, skip_serializing_if = "Absent::is_null")]
    pub absent: Absent,
    /// Value used when none is given.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub default: Option<serde_json::Value>,
    /// An example.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub example: Option<serde_json::Value>,
    /// The only values that it takes.
    #[serde(rename = "enum", default, skip_serializing_if = "Vec::is_empty")]
    pub choices: Vec<serde_json::Value>,
    /// Regular expression (ECMA 262) that a text matches somewhere.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub pattern: Option<String>,
    /// Least number, or fewest characters of a text, entries of a list, keys of a map.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub min: Option<serde_json::Number>,
    /// Greatest number, or most characters, entries, keys.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub max: Option<serde_json::Number>,
    /// Whatever else is to be said of it, as JSON Schema (draft 2020-12).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub schema: Option<serde_json::Value>,
    /// The API that lists its values.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub options_from: Option<OptionsFrom>,
}

fn default_required() -> bool {
    true
}

/// What values an input takes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum InputType {
    /// Anything.
    #[default]
    Any,
    /// Text.
    Text,
    /// A whole or decimal number.
    Number,
    /// True or false.
    Boolean,
    /// A date or date-time.
    Date,
    /// A list.
    List,
    /// A map.
    Map,
    /// A file; only a part of a multipart body takes one.
    File,
}

impl InputType {
    fn is_any(&self) -> bool {
        *self == Self::Any
    }
}

/// What stands in a JSON body for a value that is not given.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Absent {
    /// `null`.
    #[default]
    Null,
    /// Nothing: the key is left out.
    LeaveOut,
}

impl Absent {
    fn is_null(&self) -> bool {
        *self == Self::Null
    }
}

/// Whether the credential of a connection goes onto the requests of an API.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum CredentialUse {
    /// It does, and without a connection there is no call.
    #[default]
    Required,
    /// It does where there is a connection that can be used.
    Optional,
    /// It never does.
    None,
}

impl CredentialUse {
    fn is_required(&self) -> bool {
        *self == Self::Required
    }
}

/// What a call does to the service.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Effect {
    /// Reads only.
    Read,
    /// Changes something.
    #[default]
    Write,
    /// Destroys something.
    Destructive,
}

/// Scripts that run at both ends of an authorization.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Hooks {
    /// Runs after the code exchange, while the connection is pending; `return false` or an
    /// uncaught fault vetoes it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub on_authorize: Option<String>,
    /// Runs before the tokens are revoked; cannot stop the revocation.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub on_revoke: Option<String>,
}

impl Hooks {
    fn is_empty(&self) -> bool {
        self.on_authorize.is_none() && self.on_revoke.is_none()
    }
}

/// A published, immutable, numbered state of a connector.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Release {
    /// Counted from 1 for each namespace.
    pub number: u32,
    /// The definition as released, hooks inlined.
    pub definition: ConnectorDefinition,
    /// What changed, in the author's words.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub notes: Option<String>,
    /// Where to ask for help.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub support_email: Option<String>,
    /// When it was published.
    pub released_at: crate::time::Timestamp,
    /// What differs from the release before.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub changes: Vec<crate::change::Change>,
}
