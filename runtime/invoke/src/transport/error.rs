//! Why no answer came, in words that name hosts and never URLs, headers or bodies.

use super::clients::CONNECT_AT_MOST;
use crate::egress::Refusal;
use crate::mail_port::MailRefusal;
use rustls::{AlertDescription, CertificateError};
use sluis_model::error::{Failure, Reason};
use std::error::Error;
use std::io;
use std::time::Duration;

/// Why no answer came. Names hosts, never URLs.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum TransportError {
    /// The egress policy says no; nothing was sent.
    #[error(transparent)]
    Refused(#[from] Refusal),
    /// No connection came about; nothing was sent.
    #[error("`{host}` cannot be reached: {why}")]
    NotConnected {
        /// Where it was to be sent.
        host: String,
        /// The innermost cause.
        why: String,
    },
    /// The other side could not prove who it is, or does not speak a safe version of TLS, or does not
    /// accept who we are; nothing was sent.
    #[error("there is no secure connection to `{host}`: {why}")]
    Tls {
        /// Where it was to be sent.
        host: String,
        /// What is wrong.
        why: String,
        /// Who can mend it.
        help: &'static str,
    },
    /// As many requests as allowed are under way to this host; nothing was sent.
    #[error("`{host}` is busy: {limit} requests to it are under way, and none ended within {} s", .after.as_secs_f64())]
    Busy {
        /// Where it was to be sent.
        host: String,
        /// Requests allowed at a time.
        limit: usize,
        /// Time waited.
        after: Duration,
    },
    /// The connection broke before an answer began.
    #[error("`{host}` cannot be reached: {why}")]
    Unreachable {
        /// Where it was sent.
        host: String,
        /// The innermost cause.
        why: String,
    },
    /// The time was used up.
    #[error("`{host}` did not {} its answer within {} s", .awaiting.verb(), .after.as_secs_f64())]
    Timeout {
        /// Where it was sent.
        host: String,
        /// Time allowed.
        after: Duration,
        /// What had not come by then.
        awaiting: Awaiting,
    },
    /// The answer is longer than allowed; the rest was not read.
    #[error("{} of `{host}` is larger than {limit} {}", .what.name(), .what.unit())]
    TooLarge {
        /// Where it was sent.
        host: String,
        /// What is too large.
        what: Oversize,
        /// How much is allowed.
        limit: usize,
    },
    /// The answer broke off or was not HTTP.
    #[error("the answer of `{host}` cannot be read: {why}")]
    BadAnswer {
        /// Where it was sent.
        host: String,
        /// The innermost cause.
        why: String,
    },
    /// The answer points elsewhere, and that is not followed.
    #[error("`{host}` redirects {why}")]
    Redirect {
        /// Who redirects.
        host: String,
        /// Where, without the URL, and why it is not followed.
        why: String,
        /// Who can mend it.
        help: &'static str,
    },
    /// The client could not be built.
    #[error("no HTTP client can be made: {why}")]
    NoClient {
        /// The cause.
        why: String,
    },
    /// No recorded answer fits; nothing was sent.
    #[error("{why}")]
    NotRecorded {
        /// What was asked for, and what is nearest to it.
        why: String,
    },
    /// A mail server says no; it has not taken the mail on.
    #[error(transparent)]
    Mail(#[from] MailRefusal),
    /// The client certificate of the connection cannot be used.
    #[error("the client certificate for `{host}` cannot be used: {why}")]
    Identity {
        /// Where it was to be sent.
        host: String,
        /// What is wrong with it; nothing of it.
        why: String,
    },
}

/// What had not come when the time was used up.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Awaiting {
    /// The connection.
    Connection,
    /// The first byte of the answer.
    FirstByte,
    /// The last byte of the answer.
    LastByte,
}

impl Awaiting {
    fn verb(self) -> &'static str {
        match self {
            Self::Connection => "take the connection for",
            Self::FirstByte => "begin",
            Self::LastByte => "finish",
        }
    }
}

/// What of an answer is larger than allowed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Oversize {
    /// The body, unpacked.
    Body,
    /// The body, as it arrives.
    Wire,
    /// How much the body grows when unpacked.
    Growth,
    /// The headers together.
    Headers,
}

impl Oversize {
    fn name(self) -> &'static str {
        match self {
            Self::Body => "the answer",
            Self::Wire => "the packed answer",
            Self::Growth => "the unpacked answer",
            Self::Headers => "the header of the answer",
        }
    }

    fn unit(self) -> &'static str {
        match self {
            Self::Growth => "times what was sent",
            Self::Body | Self::Wire | Self::Headers => "bytes",
        }
    }
}

impl TransportError {
    /// Whether it is certain that the other side has not acted on the request.
    pub fn nothing_was_sent(&self) -> bool {
        match self {
            Self::Refused(_)
            | Self::NotConnected { .. }
            | Self::Tls { .. }
            | Self::Busy { .. }
            | Self::NoClient { .. }
            | Self::Identity { .. }
            | Self::NotRecorded { .. }
            | Self::Mail(_)
            | Self::Timeout { awaiting: Awaiting::Connection, .. } => true,
            Self::Unreachable { .. }
            | Self::Timeout { .. }
            | Self::TooLarge { .. }
            | Self::BadAnswer { .. }
            | Self::Redirect { .. } => false,
        }
    }

    /// Who can mend it, and how.
    pub fn help(&self) -> String {
        let help = match self {
            Self::Refused(refusal) => return refusal.help(),
            Self::Mail(refusal) => refusal.help(),
            Self::Tls { help, .. } | Self::Redirect { help, .. } => help,
            Self::NotConnected { .. } => {
                "check that the service is up and that this machine can reach it; nothing was sent, so the call can be repeated"
            }
            Self::Unreachable { .. } => {
                "check that the service is up and that this machine can reach it; a call that only reads can be repeated"
            }
            Self::Busy { .. } => "nothing was sent: try again later, or send less at a time to this service",
            Self::Timeout { awaiting: Awaiting::Connection, .. } => {
                "check that the service is up and that this machine can reach it; nothing was sent, so the call can be repeated"
            }
            Self::Timeout { .. } => {
                "the service may still have acted on it; try again later, or the connector's author raises `timeout_s`"
            }
            Self::TooLarge { what: Oversize::Headers, .. } => {
                "tell the service's operator; the service may have acted on the request"
            }
            Self::TooLarge { what: Oversize::Growth, .. } => {
                "ask for less at once; an answer that unpacks to so much more than was sent looks like a decompression bomb"
            }
            Self::TooLarge { .. } => "ask for less at once, for example with the service's paging parameters",
            Self::BadAnswer { .. } => "the service may have acted on the request; try again later",
            Self::NotRecorded { .. } => {
                "record it again, or ask for what was recorded: sluis connector test FILE --record CASSETTE"
            }
            Self::NoClient { .. } => "the operator checks the machine's TLS trust roots",
            Self::Identity { .. } => {
                "an admin authorizes the connection again, with a PEM certificate and the private key that belongs to it"
            }
        };
        help.to_owned()
    }
}

impl From<TransportError> for Failure {
    fn from(error: TransportError) -> Failure {
        let reason = match &error {
            TransportError::Mail(refusal) => return refusal.clone().into(),
            TransportError::Refused(_) | TransportError::Redirect { .. } => Reason::Forbidden,
            TransportError::NotConnected { .. }
            | TransportError::Tls { .. }
            | TransportError::Busy { .. }
            | TransportError::Unreachable { .. } => Reason::Unreachable,
            TransportError::Timeout { .. } => Reason::Timeout,
            TransportError::TooLarge { .. } => Reason::TooLarge,
            TransportError::BadAnswer { .. } => Reason::BadUpstream,
            TransportError::Identity { .. } => Reason::NeedsReauthorization,
            TransportError::NotRecorded { .. } => Reason::InvalidInput,
            TransportError::NoClient { .. } => Reason::Internal,
        };
        Failure::new(reason, error.to_string()).help(error.help())
    }
}

/// What the client says, without its URL, as one of ours.
pub(super) fn of_reqwest(error: reqwest::Error, host: &str) -> TransportError {
    let error = error.without_url();
    let host = host.to_owned();
    if let Some(refusal) = find::<Refusal>(&error) {
        return TransportError::Refused(refusal.clone());
    }
    if let Some((why, help)) =
        find::<rustls::Error>(&error).and_then(|tls| untrusted(tls, error.is_connect()))
    {
        return TransportError::Tls { host, why, help };
    }
    let why = innermost(&error);
    if error.is_timeout() {
        // Only connecting has a limit of its own there; the rest is timed by us.
        TransportError::Timeout { host, after: CONNECT_AT_MOST, awaiting: Awaiting::Connection }
    } else if error.is_connect() {
        TransportError::NotConnected { host, why }
    } else if error.is_body() || error.is_decode() {
        TransportError::BadAnswer { host, why }
    } else {
        TransportError::Unreachable { host, why }
    }
}

/// What is wrong with a secure connection, if the handshake is what failed. In TLS 1.3 our half is
/// done before the server has judged our certificate, so its alert may come when we already read.
fn untrusted(error: &rustls::Error, connecting: bool) -> Option<(String, &'static str)> {
    use rustls::Error as Tls;
    let why = match error {
        Tls::InvalidCertificate(CertificateError::Expired | CertificateError::ExpiredContext { .. }) => {
            "its certificate has expired".to_owned()
        }
        Tls::InvalidCertificate(
            CertificateError::NotValidForName | CertificateError::NotValidForNameContext { .. },
        ) => "its certificate belongs to another host".to_owned(),
        Tls::InvalidCertificate(CertificateError::UnknownIssuer) => {
            "its certificate comes from an authority that is not trusted here".to_owned()
        }
        Tls::AlertReceived(
            AlertDescription::CertificateRequired
            | AlertDescription::BadCertificate
            | AlertDescription::UnsupportedCertificate
            | AlertDescription::CertificateRevoked
            | AlertDescription::CertificateExpired
            | AlertDescription::CertificateUnknown
            | AlertDescription::UnknownCA
            | AlertDescription::AccessDenied,
        ) => "it does not accept our client certificate, or asks for one where there is none".to_owned(),
        other if connecting => other.to_string(),
        _ => return None,
    };
    let help = match error {
        Tls::InvalidCertificate(CertificateError::UnknownIssuer) => {
            "checking cannot be switched off; for a private authority the operator names its certificate: --ca-file FILE"
        }
        Tls::InvalidCertificate(_) => {
            "checking cannot be switched off; the service's operator renews or mends its certificate"
        }
        Tls::AlertReceived(_) => {
            "an admin authorizes the connection with the client certificate that the service has registered"
        }
        _ => "the service must speak TLS 1.2 or 1.3",
    };
    Some((why, help))
}

/// The causes of an error, outermost first, also those that an `io::Error` wraps.
fn causes<'a>(error: &'a (dyn Error + 'static)) -> impl Iterator<Item = &'a (dyn Error + 'static)> {
    std::iter::successors(Some(error), |error| cause(*error))
}

fn cause<'a>(error: &'a (dyn Error + 'static)) -> Option<&'a (dyn Error + 'static)> {
    match error.downcast_ref::<io::Error>().and_then(io::Error::get_ref) {
        Some(wrapped) => Some(wrapped),
        None => error.source(),
    }
}

fn find<'a, E: Error + 'static>(error: &'a (dyn Error + 'static)) -> Option<&'a E> {
    causes(error).find_map(|cause| cause.downcast_ref::<E>())
}

/// The last cause: `Connection refused`, `unexpected end of file`.
pub(super) fn innermost(error: &(dyn Error + 'static)) -> String {
    causes(error).last().map(ToString::to_string).unwrap_or_default()
}
