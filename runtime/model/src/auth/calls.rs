//! Parameters of schemes that make calls of their own: `two_step_token` and `session_login`.

use super::KeyPlace;
use crate::connector::Method;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// One value that a person enters.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct EnteredField {
    /// Name by which calls take it: `${user}`.
    pub name: String,
    /// What the person reads beside it.
    pub label: String,
    /// Whether it is hidden while it is entered. It is sealed either way.
    #[serde(default = "yes", skip_serializing_if = "is_true")]
    pub secret: bool,
    /// Whether it may be left out.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub optional: bool,
    /// Whether no request holds it: the service signs its callbacks with it.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub unsent: bool,
    /// One sentence on where to find it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub help: Option<String>,
}

fn yes() -> bool {
    true
}

fn is_true(flag: &bool) -> bool {
    *flag
}

/// A call that a scheme makes. Its texts hold placeholders `${name}`: entered fields, connection
/// variables, and what earlier calls kept.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SchemeCall {
    /// HTTP method.
    #[serde(default = "post")]
    pub method: Method,
    /// Absolute URL; of the placeholders only variables may stand before its path.
    pub url: String,
    /// Query parameters.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub query: BTreeMap<String, String>,
    /// Headers.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub headers: BTreeMap<String, String>,
    /// User name and password of HTTP Basic (RFC 7617), where the call wants it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub basic: Option<BasicPair>,
    /// The body.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub body: Option<CallBody>,
    /// What later calls take of the answer, by name: JSONPath (RFC 9535).
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub keep: BTreeMap<String, String>,
}

fn post() -> Method {
    Method::Post
}

/// User name and password of one call, with placeholders.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct BasicPair {
    /// User name.
    pub user: String,
    /// Password.
    pub password: String,
}

/// The body of a scheme's call.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
pub enum CallBody {
    /// JSON; placeholders stand in its texts.
    Json(serde_json::Value),
    /// `application/x-www-form-urlencoded`.
    Form(BTreeMap<String, String>),
}

/// When what a call gave ends.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Expiry {
    /// Where the answer says it: JSONPath (RFC 9535).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub at: Option<String>,
    /// How the answer says it.
    #[serde(rename = "as", default)]
    pub form: ExpiryForm,
    /// Seconds that it lasts where the answer does not say.
    #[serde(
        default,
        deserialize_with = "super::whole_number::optional",
        skip_serializing_if = "Option::is_none"
    )]
    pub lifetime_s: Option<u32>,
}

impl Expiry {
    fn is_unknown(&self) -> bool {
        *self == Self::default()
    }
}

/// Spelling of an end.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ExpiryForm {
    /// Seconds from now.
    #[default]
    Seconds,
    /// Milliseconds from now.
    Milliseconds,
    /// Minutes from now.
    Minutes,
    /// Seconds since 1970.
    Unix,
    /// Milliseconds since 1970.
    UnixMs,
    /// A date and time: RFC 3339, RFC 9110 or RFC 2822; without a zone it is UTC.
    DateTime,
    /// The claim `exp` of the token itself (RFC 7519 §4.1.4).
    Jwt,
}

/// A token got by one or several calls of the service's own making.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct TwoStepToken {
    /// What the person enters.
    pub fields: Vec<EnteredField>,
    /// The calls in order; the last one's answer holds the token.
    pub calls: Vec<SchemeCall>,
    /// Where the token stands in the last answer: JSONPath (RFC 9535).
    pub token: String,
    /// Where a refresh token stands.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub refresh_token: Option<String>,
    /// When the token ends.
    #[serde(default, skip_serializing_if = "Expiry::is_unknown")]
    pub expires: Expiry,
    /// The call that renews, which takes `${refresh_token}` or `${token}`; without it the calls are
    /// made again.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub refresh: Option<SchemeCall>,
    /// The call that gives the token back, which takes `${token}`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub revoke: Option<SchemeCall>,
    /// Where on a request the token stands.
    #[serde(rename = "in", default)]
    pub place: KeyPlace,
    /// Name of the header, parameter, cookie or body key; `Authorization` if none is given and it
    /// stands in a header.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// What stands before the token; `Bearer ` if neither this nor a name is given.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub prefix: Option<String>,
    /// Statuses that say the token is no longer good.
    #[serde(default = "unauthorized", deserialize_with = "super::whole_number::list")]
    pub refused: Vec<u16>,
}

fn unauthorized() -> Vec<u16> {
    vec![401]
}

/// A session: somebody logs in, and what the answer gave is carried until it ends.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SessionLogin {
    /// What the person enters.
    pub fields: Vec<EnteredField>,
    /// The call that logs in.
    pub login: SchemeCall,
    /// What of the answer is carried.
    #[serde(default)]
    pub carry: Carried,
    /// Where on a request it stands; a cookie if nothing is said.
    #[serde(rename = "in", default, skip_serializing_if = "Option::is_none")]
    pub place: Option<KeyPlace>,
    /// Name under which it stands there; that under which it came if none is given.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// What stands before it.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub prefix: String,
    /// When the session ends.
    #[serde(default, skip_serializing_if = "Expiry::is_unknown")]
    pub expires: Expiry,
    /// Statuses that say the session is over.
    #[serde(default = "unauthorized", deserialize_with = "super::whole_number::list")]
    pub refused: Vec<u16>,
    /// The call that logs out, which carries the session as any other.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub logout: Option<SchemeCall>,
}

/// What of the answer to a log-in is carried.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
pub enum Carried {
    /// Every cookie that it sets.
    #[default]
    Cookies,
    /// The cookie of this name.
    Cookie(String),
    /// The header of this name.
    Header(String),
    /// What stands in its body: JSONPath (RFC 9535).
    Body(String),
}
