//! The port through which mails of connectors leave: what is asked of whoever speaks SMTP, and how that
//! may end. What speaks stands in `sluis-mail`; where it may go is decided here, by
//! [`Transport`](crate::transport::Transport), before it is asked.

use async_trait::async_trait;
use sluis_auth::MailRequest;
use sluis_model::answer::Who;
use sluis_model::error::{FailedAnswer, Failure, Reason};
use sluis_model::secret::SecretText;
use std::fmt;
use std::net::SocketAddr;
use std::time::Duration;

/// One conversation with a mail server.
#[derive(Debug)]
pub struct MailOrder {
    /// The server in messages: `mail.example.com:587`.
    pub shown: String,
    /// What its certificate must be for.
    pub tls_name: String,
    /// Where it is, checked; nothing else may be connected to. At least one.
    pub addresses: Vec<SocketAddr>,
    /// Whether TLS comes before anything else.
    pub tls_from_start: bool,
    /// Whether a server that offers no TLS is spoken to all the same, because it is on this machine.
    pub may_be_plain: bool,
    /// Who signs in.
    pub account: Option<MailAccount>,
    /// What is asked for.
    pub request: MailRequest,
    /// Whole time allowed.
    pub within: Duration,
}

/// Who signs in with the server (RFC 4954).
#[derive(Debug, Clone)]
pub enum MailAccount {
    /// With user and password.
    Password {
        /// The user.
        user: String,
        /// The password.
        password: SecretText,
    },
    /// With an access token (XOAUTH2).
    Token {
        /// The mailbox that the token is for.
        mailbox: String,
        /// The token.
        token: SecretText,
    },
}

/// A line that a mail server answered with (RFC 5321 §4.2).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MailLine {
    /// Its status, 200 to 599.
    pub status: u16,
    /// What it says, on one line, shortened.
    pub message: String,
}

impl MailLine {
    /// The enhanced status at the head of the text (RFC 3463): `5.7.8`.
    pub fn enhanced(&self) -> Option<&str> {
        let word = self.message.split_whitespace().next()?;
        let parts: Vec<&str> = word.split('.').collect();
        let digits = |part: &&str| (1..=3).contains(&part.len()) && part.bytes().all(|b| b.is_ascii_digit());
        let class = |part: &&str| matches!(*part, "2" | "4" | "5");
        (parts.len() == 3 && parts.iter().all(digits) && parts.first().is_some_and(class)).then_some(word)
    }
}

impl fmt::Display for MailLine {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}", self.status, self.message)
    }
}

/// A mail that was taken on, or a sign-in that worked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MailTaken {
    /// The last line of the server.
    pub line: MailLine,
    /// `Message-ID` of the mail.
    pub message_id: Option<String>,
    /// Recipients that it was taken on for.
    pub accepted: Vec<String>,
    /// Recipients that the server refused, and how.
    pub rejected: Vec<(String, MailLine)>,
    /// Time until the server was ready to take the mail.
    pub until_ready: Duration,
    /// Bytes of the mail as it went out.
    pub sent: usize,
}

/// How a conversation may fail. Of all but the last two it is certain that no mail was taken on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum MailError {
    /// No connection came about.
    NotConnected(String),
    /// There is no secure connection.
    Tls(String),
    /// The server cannot be spoken to securely, so neither credential nor mail was sent.
    NotOffered,
    /// The server offers no way to sign in that fits the credential.
    NoMechanism(String),
    /// The server does not let the account in.
    SignInRefused(MailLine),
    /// The server puts it off (4xx).
    Deferred(MailLine),
    /// The server refuses it (5xx).
    Refused(MailLine),
    /// What was to be sent is no mail; nothing was sent.
    NotAMail(String),
    /// The time was used up before the mail was handed over.
    TimedOut,
    /// The connection broke before the mail was handed over.
    BrokeBefore(String),
    /// The time was used up after the mail was handed over and before the server said what it does with it.
    TimedOutAfter,
    /// The connection broke then.
    BrokeAfter(String),
}

/// Speaks SMTP (RFC 5321).
#[async_trait]
pub trait MailPort: Send + Sync {
    /// Holds one conversation, within its time.
    async fn converse(&self, order: MailOrder) -> Result<MailTaken, MailError>;
}

/// What a mail server said no to, which is an error of a call.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum MailRefusal {
    /// The account is not let in.
    #[error("the mail server `{host}` does not let the connection in: {line}")]
    SignIn {
        /// The server.
        host: String,
        /// What it said.
        line: MailLine,
    },
    /// Not now.
    #[error("the mail server `{host}` puts the mail off: {line}")]
    Deferred {
        /// The server.
        host: String,
        /// What it said.
        line: MailLine,
    },
    /// Not at all.
    #[error("the mail server `{host}` refuses the mail: {line}")]
    Refused {
        /// The server.
        host: String,
        /// What it said.
        line: MailLine,
    },
    /// What was to be sent is no mail.
    #[error("{why}")]
    NotAMail {
        /// What is wrong with it.
        why: String,
    },
}

impl MailRefusal {
    fn line(&self) -> Option<&MailLine> {
        match self {
            Self::SignIn { line, .. } | Self::Deferred { line, .. } | Self::Refused { line, .. } => {
                Some(line)
            }
            Self::NotAMail { .. } => None,
        }
    }

    /// Why, as scripts read it.
    pub fn reason(&self) -> Reason {
        match self {
            Self::SignIn { .. } => Reason::NeedsReauthorization,
            Self::Deferred { .. } => Reason::MailDeferred,
            // Larger than the server takes (RFC 1870 §6.1, RFC 3463 §3.4).
            Self::Refused { line, .. } if line.status == 552 || line.enhanced() == Some("5.3.4") => {
                Reason::TooLarge
            }
            Self::Refused { .. } => Reason::MailRefused,
            Self::NotAMail { .. } => Reason::InvalidInput,
        }
    }

    fn who(&self) -> Who {
        match self {
            Self::SignIn { .. } => Who::Admin,
            Self::Deferred { .. } => Who::Provider,
            // Not allowed to send as this sender, or to relay (RFC 3463 §3.8).
            Self::Refused { line, .. } if line.enhanced().is_some_and(|code| code.starts_with("5.7.")) => {
                Who::Admin
            }
            Self::Refused { .. } | Self::NotAMail { .. } => Who::Author,
        }
    }

    /// Who can mend it, and how.
    pub fn help(&self) -> &'static str {
        match (self, self.reason(), self.who()) {
            (Self::SignIn { .. }, ..) => {
                "an admin of the organisation authorizes the connection again, with user and password (or a token) that the \
                 mail server takes; nothing was sent"
            }
            (Self::Deferred { .. }, ..) => "nothing was sent, so the call can be made again later",
            (Self::NotAMail { .. }, ..) => {
                "write `ada@example.com` or `Ada Lovelace <ada@example.com>`; several with commas or as a list"
            }
            (_, Reason::TooLarge, _) => {
                "send less at once, for example a link in place of a file; nothing was sent"
            }
            (_, _, Who::Admin) => {
                "an admin asks whoever runs the mail server to let this account send as this sender; nothing was sent"
            }
            _ => {
                "check sender, recipients and content; the same mail will be refused again; nothing was sent"
            }
        }
    }
}

impl From<MailRefusal> for Failure {
    fn from(refusal: MailRefusal) -> Failure {
        let reason = refusal.reason();
        let answer = refusal.line().map(|line| {
            let told = serde_json::json!({
                "status_code": line.status,
                "enhanced_code": line.enhanced(),
                "message": line.message,
            });
            Box::new(FailedAnswer {
                code: reason.as_str().to_owned(),
                status_code: line.status,
                who: Some(refusal.who()),
                retry: matches!(refusal, MailRefusal::Deferred { .. }),
                response: told,
            })
        });
        Failure { answer, ..Failure::new(reason, refusal.to_string()).help(refusal.help()) }
    }
}

/// Whether a failure says that a mail server did not let the connection in.
pub fn is_refused_sign_in(failure: &Failure) -> bool {
    let own = |answer: &FailedAnswer| answer.code == failure.reason.as_str();
    failure.reason == Reason::NeedsReauthorization && failure.answer.as_deref().is_some_and(own)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn refused(status: u16, message: &str) -> Failure {
        let line = MailLine { status, message: message.to_owned() };
        MailRefusal::Refused { host: "mail.example.com".into(), line }.into()
    }

    #[test]
    fn what_a_server_refuses_says_who_can_mend_it() {
        let relay = refused(554, "5.7.1 relaying denied");
        assert_eq!((relay.reason, relay.answer.unwrap().who), (Reason::MailRefused, Some(Who::Admin)));
        let unknown = refused(550, "5.1.1 no such user");
        assert_eq!(unknown.code(), "mail_refused");
        let answer = unknown.answer.unwrap();
        assert_eq!((answer.status_code, answer.who, answer.retry), (550, Some(Who::Author), false));
        assert_eq!(answer.response["enhanced_code"], "5.1.1");
        assert_eq!(refused(552, "message too big").reason, Reason::TooLarge);
        assert_eq!(refused(554, "5.3.4 too big").reason, Reason::TooLarge);
        let line = MailLine { status: 535, message: "5.7.8 no".into() };
        let failure = Failure::from(MailRefusal::SignIn { host: "x".into(), line });
        assert!(is_refused_sign_in(&failure) && failure.help.unwrap().contains("admin"));
    }

    #[test]
    fn an_enhanced_status_is_three_numbers() {
        let enhanced = |message: &str| MailLine { status: 550, message: message.into() }.enhanced().is_some();
        assert!(enhanced("5.7.26 no") && enhanced("4.3.0"));
        for other in ["", "5.7 no", "5.7.1.2 no", "v5.7.1", "3.0.0 x", "5.7.1000 x"] {
            assert!(!enhanced(other), "{other}");
        }
    }
}
