//! Mails of connectors over SMTP (RFC 5321): one conversation each, step by step, because of each failure
//! it must be known whether the mail may have been taken on. Where to, is settled before.

use crate::line_by_line::LineByLine;
use crate::message;
use async_trait::async_trait;
use lettre::Message;
use lettre::transport::smtp::Error as SmtpError;
use lettre::transport::smtp::authentication::{Credentials, Mechanism};
use lettre::transport::smtp::client::{AsyncSmtpConnection, Certificate, TlsParameters};
use lettre::transport::smtp::commands::{Data, Mail, Noop, Rcpt};
use lettre::transport::smtp::extension::{ClientId, Extension, MailBodyParameter, MailParameter};
use lettre::transport::smtp::response::Response;
use sluis_engine::mail::MailRequest;
use sluis_invoke::{MailAccount, MailError, MailLine, MailOrder, MailPort, MailTaken};
use std::fmt;
use std::net::SocketAddr;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;
use tokio::net::TcpStream;
use tokio::time::{Instant, timeout};

/// Time for one address of the server to take the connection.
const CONNECT_AT_MOST: Duration = Duration::from_secs(10);
/// Time to say goodbye: the mail is where it should be.
const QUIT_AT_MOST: Duration = Duration::from_secs(2);
/// Longest line of a server that is kept, in characters.
const LINE_AT_MOST: usize = 300;

/// Speaks to the mail servers of connectors.
#[derive(Clone, Default)]
pub struct SmtpConversations {
    roots: Vec<Certificate>,
}

impl fmt::Debug for SmtpConversations {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SmtpConversations").field("roots", &self.roots.len()).finish()
    }
}

/// Why a file names no authority.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("no certificate authority for mail servers can be read: {0}")]
pub struct AuthorityError(String);

impl SmtpConversations {
    /// Trusts the machine's own authorities.
    pub fn new() -> Self {
        Self::default()
    }

    /// Trusts the authorities of a PEM file besides.
    ///
    /// # Errors
    /// When it holds no certificate.
    pub fn trusting(mut self, pem: &[u8]) -> Result<Self, AuthorityError> {
        let root = Certificate::from_pem(pem).map_err(|error| AuthorityError(error.to_string()))?;
        self.roots.push(root);
        Ok(self)
    }

    fn tls(&self, name: &str) -> Result<TlsParameters, MailError> {
        let builder = TlsParameters::builder(name.to_owned());
        let builder =
            self.roots.iter().cloned().fold(builder, |builder, root| builder.add_root_certificate(root));
        builder.build_rustls().map_err(|error| MailError::Tls(innermost(&error)))
    }

    /// A connection to the first address that takes one, encrypted unless the server is on this machine and
    /// offers no TLS.
    async fn connected(&self, order: &MailOrder) -> Result<AsyncSmtpConnection, MailError> {
        let mut last = MailError::NotConnected("it has no address".to_owned());
        for address in &order.addresses {
            match self.connect(order, *address).await {
                Err(error @ MailError::NotConnected(_)) => last = error,
                ended => return ended,
            }
        }
        Err(last)
    }

    async fn connect(
        &self,
        order: &MailOrder,
        address: SocketAddr,
    ) -> Result<AsyncSmtpConnection, MailError> {
        let hello = ClientId::default();
        let tls = self.tls(&order.tls_name)?;
        if order.tls_from_start {
            let wait = Some(CONNECT_AT_MOST);
            return AsyncSmtpConnection::connect_tokio1(address, wait, &hello, Some(tls), None)
                .await
                .map_err(|error| refused_or(&error, MailError::NotConnected));
        }
        let unreachable = |why: &dyn fmt::Display| MailError::NotConnected(why.to_string());
        let stream = match timeout(CONNECT_AT_MOST, TcpStream::connect(address)).await {
            Ok(stream) => stream.map_err(|error| unreachable(&error))?,
            Err(_) => return Err(unreachable(&"it did not take the connection in time")),
        };
        let stream = Box::new(LineByLine::over(stream));
        let mut connection = AsyncSmtpConnection::connect_with_transport(stream, &hello)
            .await
            .map_err(|error| refused_or(&error, MailError::NotConnected))?;
        if connection.can_starttls() {
            // Whatever goes wrong from here on is no reason to try without.
            connection.starttls(tls, &hello).await.map_err(|error| refused_or(&error, MailError::Tls))?;
        } else if !order.may_be_plain {
            connection.abort().await;
            return Err(MailError::NotOffered);
        }
        Ok(connection)
    }

    async fn speak(
        &self,
        order: &MailOrder,
        message: Option<Message>,
        handed_over: &AtomicBool,
    ) -> Result<MailTaken, MailError> {
        let began = Instant::now();
        let mut connection = self.connected(order).await?;
        let ended = match sign_in(&mut connection, order.account.as_ref()).await {
            Ok(()) => match message {
                Some(message) => hand_over(&mut connection, &message, handed_over, began).await,
                None => match connection.command(Noop).await {
                    Ok(response) => Ok(taken(&response, began)),
                    Err(error) => Err(refused_or(&error, MailError::BrokeBefore)),
                },
            },
            Err(error) => Err(error),
        };
        // The mail is taken on, or is not, whether or not the server says goodbye.
        let _ = timeout(QUIT_AT_MOST, connection.abort()).await;
        ended
    }
}

#[async_trait]
impl MailPort for SmtpConversations {
    async fn converse(&self, order: MailOrder) -> Result<MailTaken, MailError> {
        let message = match &order.request {
            MailRequest::Send(mail) => {
                Some(message::build(mail).map_err(|failure| MailError::NotAMail(failure.message))?)
            }
            MailRequest::SignIn { .. } => None,
        };
        let message_id = order.request.mail().and_then(|mail| mail.message_id.clone());
        let handed_over = AtomicBool::new(false);
        match timeout(order.within, self.speak(&order, message, &handed_over)).await {
            Ok(ended) => ended.map(|taken| MailTaken { message_id, ..taken }),
            Err(_) if handed_over.load(Ordering::Relaxed) => Err(MailError::TimedOutAfter),
            Err(_) => Err(MailError::TimedOut),
        }
    }
}

/// Signs in, over a connection that is as secret as it has to be.
async fn sign_in(
    connection: &mut AsyncSmtpConnection,
    account: Option<&MailAccount>,
) -> Result<(), MailError> {
    let (mechanisms, credentials): (&[Mechanism], _) = match account {
        None => return Ok(()),
        Some(MailAccount::Password { user, password }) => {
            let credentials = Credentials::new(user.clone(), password.expose().clone());
            (&[Mechanism::Plain, Mechanism::Login], credentials)
        }
        Some(MailAccount::Token { mailbox, .. }) if mailbox.is_empty() => {
            let why = "a token signs in for a mailbox, and none is named: `body: { sign_in: … }`";
            return Err(MailError::NotAMail(why.to_owned()));
        }
        Some(MailAccount::Token { mailbox, token }) => {
            let no_separator = |text: &str| !text.chars().any(char::is_control);
            if !no_separator(mailbox) || !no_separator(token.expose()) {
                return Err(MailError::NotAMail(
                    "the mailbox or its token holds a control character".to_owned(),
                ));
            }
            (&[Mechanism::Xoauth2], Credentials::new(mailbox.clone(), token.expose().clone()))
        }
    };
    if connection.server_info().get_auth_mechanism(mechanisms).is_none() {
        let names: Vec<String> = mechanisms.iter().map(Mechanism::to_string).collect();
        return Err(MailError::NoMechanism(format!("it offers no sign-in by {}", names.join(" or "))));
    }
    match connection.auth(mechanisms, &credentials).await {
        Ok(_) => Ok(()),
        Err(error) => Err(match line_of(&error) {
            Some(line) if error.is_permanent() => MailError::SignInRefused(line),
            Some(line) => MailError::Deferred(line),
            // A server that refuses a token asks for an empty line before it says so.
            None if error.is_client() && matches!(account, Some(MailAccount::Token { .. })) => {
                MailError::SignInRefused(MailLine {
                    status: 535,
                    message: "5.7.8 the token is not accepted".to_owned(),
                })
            }
            None => MailError::BrokeBefore(innermost(&error)),
        }),
    }
}

/// Hands the mail over, to those of its recipients whom the server takes it on for.
async fn hand_over(
    connection: &mut AsyncSmtpConnection,
    message: &Message,
    handed_over: &AtomicBool,
    began: Instant,
) -> Result<MailTaken, MailError> {
    let before = |error: SmtpError| refused_or(&error, MailError::BrokeBefore);
    let content = message.formatted();
    let envelope = message.envelope();
    let odd_addresses =
        envelope.from().into_iter().chain(envelope.to()).any(|one| !one.to_string().is_ascii());
    let options = options(connection, odd_addresses, content.is_ascii())?;
    connection.command(Mail::new(envelope.from().cloned(), options)).await.map_err(before)?;
    let (mut accepted, mut rejected) = (Vec::new(), Vec::new());
    for recipient in envelope.to() {
        match connection.command(Rcpt::new(recipient.clone(), Vec::new())).await {
            Ok(_) => accepted.push(recipient.to_string()),
            Err(error) => match line_of(&error) {
                Some(line) if line.status != 421 => rejected.push((recipient.to_string(), line)),
                _ => return Err(before(error)),
            },
        }
    }
    if accepted.is_empty() {
        let later = rejected.iter().find(|(_, line)| line.status < 500);
        return Err(match (later, rejected.first()) {
            (Some((_, line)), _) => MailError::Deferred(line.clone()),
            (None, Some((_, line))) => refused(line.clone()),
            (None, None) => MailError::NotAMail("the mail has no recipient".to_owned()),
        });
    }
    connection.command(Data).await.map_err(before)?;
    let until_ready = began.elapsed();
    handed_over.store(true, Ordering::Relaxed);
    let response = connection.message(&content).await;
    let response = response.map_err(|error| refused_or(&error, MailError::BrokeAfter))?;
    Ok(MailTaken { accepted, rejected, until_ready, sent: content.len(), ..taken(&response, began) })
}

/// What the mail needs of the server beyond the plain protocol (RFC 6531, RFC 6152).
fn options(
    connection: &AsyncSmtpConnection,
    odd_addresses: bool,
    is_ascii: bool,
) -> Result<Vec<MailParameter>, MailError> {
    let server = connection.server_info();
    let mut options = Vec::new();
    if odd_addresses {
        if !server.supports_feature(Extension::SmtpUtfEight) {
            let why = "the mail server takes no addresses with letters beyond ASCII";
            return Err(MailError::NotAMail(why.to_owned()));
        }
        options.push(MailParameter::SmtpUtfEight);
    }
    if !is_ascii && server.supports_feature(Extension::EightBitMime) {
        options.push(MailParameter::Body(MailBodyParameter::EightBitMime));
    }
    Ok(options)
}

fn taken(response: &Response, began: Instant) -> MailTaken {
    let said: Vec<&str> = response.message().collect();
    let line = MailLine { status: u16::from(response.code()), message: one_line(&said.join(" ")) };
    MailTaken {
        line,
        message_id: None,
        accepted: Vec::new(),
        rejected: Vec::new(),
        until_ready: began.elapsed(),
        sent: 0,
    }
}

/// What the server said no with, else what broke.
fn refused_or(error: &SmtpError, broke: impl Fn(String) -> MailError) -> MailError {
    match line_of(error) {
        Some(line) if error.is_permanent() => refused(line),
        Some(line) => MailError::Deferred(line),
        None if error.is_tls() => MailError::Tls(innermost(error)),
        None => broke(innermost(error)),
    }
}

/// A refusal for good; that of somebody who has not signed in, or not securely enough, is one of the account
/// (RFC 4954 §6).
fn refused(line: MailLine) -> MailError {
    match line.status {
        530 | 534 | 535 | 538 => MailError::SignInRefused(line),
        _ => MailError::Refused(line),
    }
}

fn line_of(error: &SmtpError) -> Option<MailLine> {
    let status = u16::from(error.status()?);
    Some(MailLine { status, message: one_line(&innermost(error)) })
}

/// The last cause of an error: what the server said, or what the machine says.
fn innermost(error: &SmtpError) -> String {
    let first: &(dyn std::error::Error + 'static) = error;
    let last = std::iter::successors(Some(first), |error| error.source()).last();
    one_line(&last.map(ToString::to_string).unwrap_or_default())
}

fn one_line(text: &str) -> String {
    text.chars()
        .map(|c| if c.is_control() { ' ' } else { c })
        .take(LINE_AT_MOST)
        .collect::<String>()
        .trim()
        .to_owned()
}
