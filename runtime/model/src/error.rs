//! The closed list of reasons for which a host call or a request to the server fails. Scripts read
//! them as `e.code`, HTTP callers as `code` of a problem document (RFC 9457).

use crate::answer::Who;
use serde::{Deserialize, Serialize};

/// A failure of the runtime, worded for whoever asked. What only operators may read goes to the
/// log instead, never in here.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, thiserror::Error)]
#[error("{message}")]
pub struct Failure {
    /// Stable name.
    pub reason: Reason,
    /// What went wrong, one sentence.
    pub message: String,
    /// What to do about it, and who can.
    pub help: Option<String>,
    /// The service's answer, where that is what failed.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub answer: Option<Box<FailedAnswer>>,
}

/// An answer of a service that is an error by the rules of its connector.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct FailedAnswer {
    /// Its name in the connector: `rate_limited`.
    pub code: String,
    /// HTTP status.
    pub status_code: u16,
    /// Who can mend it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub who: Option<Who>,
    /// Whether the same call may succeed later.
    pub retry: bool,
    /// The body, secrets starred.
    pub response: serde_json::Value,
}

impl Failure {
    /// A failure without help.
    pub fn new(reason: Reason, message: impl Into<String>) -> Self {
        Self { reason, message: message.into(), help: None, answer: None }
    }

    /// The name that scripts read: that of the service's error, else that of the reason.
    pub fn code(&self) -> &str {
        self.answer.as_ref().map_or(self.reason.as_str(), |answer| &answer.code)
    }

    /// Adds what to do about it.
    #[must_use]
    pub fn help(mut self, help: impl Into<String>) -> Self {
        self.help = Some(help.into());
        self
    }
}

macro_rules! reasons {
    ($($(#[$doc:meta])* $name:ident = $text:literal $status:literal;)*) => {
        /// Why something failed.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize)]
        pub enum Reason {
            $($(#[$doc])* #[serde(rename = $text)] $name,)*
        }

        impl Reason {
            /// The stable name, in snake case.
            pub fn as_str(self) -> &'static str {
                match self { $(Reason::$name => $text,)* }
            }

            /// The HTTP status that goes with it.
            pub fn status(self) -> u16 {
                match self { $(Reason::$name => $status,)* }
            }

            /// All of them.
            pub const ALL: &'static [Reason] = &[$(Reason::$name),*];
        }
    };
}

reasons! {
    /// No connector of this namespace is released.
    ConnectorNotFound = "connector_not_found" 404;
    /// The connector has no such API.
    ApiNotFound = "api_not_found" 404;
    /// No stored function of this name.
    FunctionNotFound = "function_not_found" 404;
    /// No such organisation.
    OrgNotFound = "org_not_found" 404;
    /// No such run.
    RunNotFound = "run_not_found" 404;
    /// No such route or thing.
    NotFound = "not_found" 404;
    /// The org has not authorized the connector.
    NotAuthorized = "not_authorized" 409;
    /// The grant is no longer good; a person must authorize again.
    NeedsReauthorization = "needs_reauthorization" 409;
    /// The person or a hook said no.
    Denied = "denied" 403;
    /// A grant attempt is unknown, used, expired or of someone else.
    InvalidGrantState = "invalid_grant_state" 400;
    /// A value is missing or unfit; the message names it.
    InvalidInput = "invalid_input" 400;
    /// A definition or script is wrong.
    InvalidDefinition = "invalid_definition" 422;
    /// Who asks is not known.
    Unauthenticated = "unauthenticated" 401;
    /// The target is not allowed by the egress policy or the connector's hosts.
    Forbidden = "forbidden" 403;
    /// The remote side gave no answer.
    Unreachable = "unreachable" 502;
    /// The remote side took too long.
    Timeout = "timeout" 504;
    /// The remote side answered something that cannot be used.
    BadUpstream = "bad_upstream" 502;
    /// The service answered with an error that the connector names.
    ServiceError = "service_error" 502;
    /// The service takes no more for now, and waiting would take longer than the call may.
    RateLimited = "rate_limited" 429;
    /// The organisation has used what it may in a day or a month.
    QuotaExceeded = "quota_exceeded" 429;
    /// The service has failed so often in a row that it is left alone for a while.
    CircuitOpen = "circuit_open" 503;
    /// A write was sent before and nobody knows whether it was done; a person settles that.
    Ambiguous = "ambiguous" 409;
    /// A page of a list could not be read; the message says which and why.
    PageFailed = "page_failed" 502;
    /// The pages of a list go in circles.
    PageLoop = "page_loop" 502;
    /// An answer or request is larger than allowed.
    TooLarge = "too_large" 413;
    /// The client registration is missing.
    ClientMissing = "client_missing" 409;
    /// No mail server is configured, or it refuses the sign-in.
    MailNotConfigured = "mail_not_configured" 409;
    /// The mail server refuses the mail for good.
    MailRefused = "mail_refused" 502;
    /// The mail server does not take the mail now.
    MailDeferred = "mail_deferred" 503;
    /// A stored function that was called ended with a fault of its own.
    FunctionFailed = "function_failed" 422;
    /// Two changes met; try again.
    Conflict = "conflict" 409;
    /// The store is away for the moment; the help says whether to try again.
    Unavailable = "unavailable" 503;
    /// Our own fault; the log knows more.
    Internal = "internal" 500;
}
