//! What differs between two states of a connector, in the terms of those who have to decide on it: does
//! it want more than was agreed to, and do scripts that call it still work?

use serde::{Deserialize, Serialize};
use serde_json::Value;

/// One difference.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Change {
    /// What kind of difference.
    pub kind: ChangeKind,
    /// Where in the definition: `apis.add.inputs.Owner`.
    pub at: String,
    /// One sentence.
    pub what: String,
    /// Whether somebody who answers for an org should look at it: the connector may do, reach or ask for
    /// something that nobody has agreed to yet.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub admin: bool,
    /// Whether scripts that worked may fail.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub breaking: bool,
    /// What stood there; none if nothing did, or if it is long.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub before: Option<Value>,
    /// What stands there now; none if nothing does, or if it is long.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub after: Option<Value>,
}

/// What kind of difference.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ChangeKind {
    /// There is one API more.
    ApiAdded,
    /// There is one API less.
    ApiRemoved,
    /// A scope is asked for that was not.
    ScopeAdded,
    /// A scope is no longer asked for.
    ScopeRemoved,
    /// Requests, and the credential, may go to one host more.
    HostAdded,
    /// They may go to one host less.
    HostRemoved,
    /// An API does more to the service than it did: it reads no longer only, or destroys.
    EffectRaised,
    /// An API does less to the service.
    EffectLowered,
    /// An API takes one input more.
    InputAdded,
    /// An API takes one input less.
    InputRemoved,
    /// An input takes other values, or is required, or no longer.
    InputChanged,
    /// Another way to authenticate, or the same with other parameters.
    AuthChanged,
    /// A script that runs at both ends of an authorization is new, different or gone.
    HookChanged,
    /// What a connection is asked for, or how it is tried.
    ConnectionChanged,
    /// What is sent: method, URL, query, headers, body.
    RequestChanged,
    /// How a call behaves: time, retries, pages, what becomes of the answer.
    BehaviourChanged,
    /// What people read, and the tests of the file.
    Described,
    /// Anything else: a field that has no rule of its own.
    Other,
}
