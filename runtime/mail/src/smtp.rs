//! Mails over SMTP (RFC 5321), to the one server that the operator names.

use crate::message;
use async_trait::async_trait;
use lettre::transport::smtp::Error as SmtpError;
use lettre::transport::smtp::authentication::Credentials;
use lettre::transport::smtp::client::{Certificate, Tls, TlsParameters};
use lettre::{AsyncSmtpTransport, AsyncTransport as _, Tokio1Executor};
use sluis_engine::mail::{Mail, Mailer, Receipt};
use sluis_model::error::{Failure, Reason};
use sluis_model::secret::SecretText;
use std::fmt;
use std::time::Duration;
use url::{Host, Url};

/// Whole time that the server may take for one step of the conversation.
const STEP_AT_MOST: Duration = Duration::from_secs(30);
/// Whole time for one mail.
const MAIL_AT_MOST: Duration = Duration::from_secs(120);

/// Sends through one server, over a connection of its own for each mail: a pool of them would need an
/// async runtime from its making to its end, and a mailer is made before there is one.
pub struct SmtpMailer {
    transport: AsyncSmtpTransport<Tokio1Executor>,
    /// `smtp://host:port`, without the credential.
    shown: String,
}

impl fmt::Debug for SmtpMailer {
    /// Which server; never the credential.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SmtpMailer").field("server", &self.shown).finish()
    }
}

/// Why a URL names no mail server. Never quotes the URL: it holds a password.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum SmtpConfigError {
    /// Not a URL of that kind.
    #[error("the address of the mail server is not a URL such as smtp://user:password@mail.example.com:587")]
    NotAUrl,
    /// A query parameter that does not exist.
    #[error("the address of the mail server has a parameter `{0}`; there are `tls` and `ca`")]
    UnknownParameter(String),
    /// A value of `tls` that does not exist.
    #[error("`tls` of the mail server is required, opportunistic or none")]
    UnknownTls,
    /// A password would go over the network in clear.
    #[error(
        "a password is not sent without TLS to a mail server elsewhere; write `tls=required` or smtps://"
    )]
    PasswordInClear,
    /// TLS cannot be set up.
    #[error("TLS for the mail server cannot be set up: {0}")]
    Tls(String),
}

impl SmtpMailer {
    /// A mailer for `smtp://user:password@host:587` (STARTTLS, required unless the server is this
    /// machine), or `smtps://…` (TLS from the start, port 465). `?tls=none` and `?tls=opportunistic`
    /// relax it, `?ca=FILE` names a PEM file with a further trust root. Nothing is sent yet.
    ///
    /// # Errors
    /// When the URL is not of that form, or would send a password in clear over a network.
    pub fn new(url: &SecretText) -> Result<Self, SmtpConfigError> {
        let url = Url::parse(url.expose().trim()).map_err(|_| SmtpConfigError::NotAUrl)?;
        let host = url.host().ok_or(SmtpConfigError::NotAUrl)?;
        let from_start = match url.scheme() {
            "smtps" => true,
            "smtp" => false,
            _ => return Err(SmtpConfigError::NotAUrl),
        };
        // A scheme that is not one of the web's keeps its host as text, also where it is an address.
        let name = host.to_string();
        let local = match host {
            Host::Domain(name) => name == "localhost" || name.parse().is_ok_and(is_loopback),
            Host::Ipv4(address) => address.is_loopback(),
            Host::Ipv6(address) => address.is_loopback(),
        };
        let mut security = if local && !from_start { Security::None } else { Security::Required };
        let mut ca = None;
        for (key, value) in url.query_pairs() {
            match &*key {
                "tls" => security = Security::of(&value)?,
                "ca" => ca = Some(value.into_owned()),
                other => return Err(SmtpConfigError::UnknownParameter(other.chars().take(20).collect())),
            }
        }
        let credentials = credentials(&url)?;
        if credentials.is_some() && !local && !from_start && security != Security::Required {
            return Err(SmtpConfigError::PasswordInClear);
        }
        let port = url.port().unwrap_or(if from_start { 465 } else { 587 });
        let tls = match (from_start, security) {
            (true, _) => Tls::Wrapper(parameters(&name, ca.as_deref())?),
            (false, Security::Required) => Tls::Required(parameters(&name, ca.as_deref())?),
            (false, Security::Opportunistic) => Tls::Opportunistic(parameters(&name, ca.as_deref())?),
            (false, Security::None) => Tls::None,
        };
        let mut builder = AsyncSmtpTransport::<Tokio1Executor>::builder_dangerous(&name)
            .port(port)
            .tls(tls)
            .timeout(Some(STEP_AT_MOST));
        if let Some(credentials) = credentials {
            builder = builder.credentials(credentials);
        }
        Ok(Self { transport: builder.build(), shown: format!("{}://{name}:{port}", url.scheme()) })
    }

    fn failure(&self, error: &SmtpError) -> Failure {
        let status = error.status().map(u16::from);
        let said = said(error);
        if matches!(status, Some(530 | 534 | 535 | 538)) {
            return Failure::new(
                Reason::MailNotConfigured,
                format!("the mail server refused the sign-in: {said}"),
            )
            .help("the operator checks user and password in SLUIS_SMTP_URL");
        }
        if error.is_permanent() {
            return Failure::new(Reason::MailRefused, format!("the mail server refused the mail: {said}"))
                .help("check sender, recipients and size; the same mail will be refused again");
        }
        if error.is_transient() {
            return Failure::new(Reason::MailDeferred, format!("the mail server put the mail off: {said}"))
                .help("try again later; nothing was sent");
        }
        if error.is_timeout() {
            return Failure::new(Reason::Timeout, format!("{} did not answer in time", self.shown))
                .help("the mail may have been sent all the same; the operator checks the mail server");
        }
        Failure::new(Reason::Unreachable, format!("{} cannot be used: {said}", self.shown))
            .help("the operator checks that the mail server is up, and its address and TLS in SLUIS_SMTP_URL")
    }
}

#[async_trait]
impl Mailer for SmtpMailer {
    async fn send(&self, mail: Mail) -> Result<Receipt, Failure> {
        let message = message::build(&mail)?;
        match tokio::time::timeout(MAIL_AT_MOST, self.transport.send(message)).await {
            Ok(Ok(response)) => {
                Ok(Receipt { via: self.shown.clone(), status: Some(u16::from(response.code())) })
            }
            Ok(Err(error)) => Err(self.failure(&error)),
            Err(_) => Err(Failure::new(Reason::Timeout, format!("{} did not answer in time", self.shown))
                .help("the mail may have been sent all the same; the operator checks the mail server")),
        }
    }
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Security {
    Required,
    Opportunistic,
    None,
}

impl Security {
    fn of(text: &str) -> Result<Self, SmtpConfigError> {
        match text {
            "required" => Ok(Self::Required),
            "opportunistic" => Ok(Self::Opportunistic),
            "none" => Ok(Self::None),
            _ => Err(SmtpConfigError::UnknownTls),
        }
    }
}

fn is_loopback(address: std::net::IpAddr) -> bool {
    address.is_loopback()
}

fn credentials(url: &Url) -> Result<Option<Credentials>, SmtpConfigError> {
    let decoded = |text: &str| percent_decoded(text).ok_or(SmtpConfigError::NotAUrl);
    match (url.username(), url.password()) {
        ("", _) => Ok(None),
        (user, password) => {
            Ok(Some(Credentials::new(decoded(user)?, decoded(password.unwrap_or_default())?)))
        }
    }
}

/// `%40` and the like back to what they stand for.
fn percent_decoded(text: &str) -> Option<String> {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.as_bytes();
    while let Some((first, after)) = rest.split_first() {
        rest = after;
        if *first != b'%' {
            bytes.push(*first);
            continue;
        }
        let digits = rest.get(..2).and_then(|digits| std::str::from_utf8(digits).ok())?;
        bytes.push(u8::from_str_radix(digits, 16).ok()?);
        rest = rest.get(2..)?;
    }
    String::from_utf8(bytes).ok()
}

fn parameters(host: &str, ca: Option<&str>) -> Result<TlsParameters, SmtpConfigError> {
    let mut builder = TlsParameters::builder(host.to_owned());
    if let Some(file) = ca {
        let pem = std::fs::read(file).map_err(|error| SmtpConfigError::Tls(format!("{file}: {error}")))?;
        let root = Certificate::from_pem(&pem).map_err(|error| SmtpConfigError::Tls(error.to_string()))?;
        builder = builder.add_root_certificate(root);
    }
    builder.build_rustls().map_err(|error| SmtpConfigError::Tls(error.to_string()))
}

/// What the server said, on one line and not too long.
fn said(error: &SmtpError) -> String {
    let innermost = std::iter::successors(Some(error as &(dyn std::error::Error + 'static)), |e| e.source())
        .last()
        .map(ToString::to_string)
        .unwrap_or_default();
    let status = error.status().map(|code| format!("{} ", u16::from(code))).unwrap_or_default();
    let line: String = innermost.chars().map(|c| if c.is_control() { ' ' } else { c }).take(200).collect();
    format!("{status}{line}")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn config(url: &str) -> Result<String, SmtpConfigError> {
        SmtpMailer::new(&url.into()).map(|mailer| format!("{mailer:?}"))
    }

    #[test]
    fn a_password_never_shows_and_never_goes_out_in_clear() {
        let shown = config("smtp://ada:sw%40rdfish@mail.example.com").unwrap();
        assert_eq!(shown, "SmtpMailer { server: \"smtp://mail.example.com:587\" }");
        for bad in [
            "smtp://a:sw0rdfish@mail.example.com?tls=none",
            "smtp://a:sw0rdfish@mail.example.com?tls=opportunistic",
        ] {
            let error = config(bad).unwrap_err();
            assert_eq!(error, SmtpConfigError::PasswordInClear);
            assert!(!format!("{error} {error:?}").contains("sw0rdfish"));
        }
        assert!(config("smtp://a:p@127.0.0.1:2525").is_ok());
        assert!(config("smtp://mail.example.com?tls=none").is_ok());
    }

    #[test]
    fn what_is_no_mail_server_is_refused_without_being_quoted() {
        for bad in
            ["", "mail.example.com", "https://a:sw0rdfish@mail.example.com", "smtp://", "smtp://a:%zz@x"]
        {
            let error = config(bad).unwrap_err();
            assert!(!format!("{error} {error:?}").contains("sw0rdfish"), "{bad}");
        }
        assert_eq!(config("smtp://x?tls=maybe"), Err(SmtpConfigError::UnknownTls));
        assert_eq!(config("smtp://x?tsl=none"), Err(SmtpConfigError::UnknownParameter("tsl".into())));
        assert!(matches!(config("smtps://x?ca=/nowhere.pem"), Err(SmtpConfigError::Tls(_))));
    }

    #[test]
    fn the_usual_ports_are_taken() {
        assert!(config("smtps://mail.example.com").unwrap().contains("smtps://mail.example.com:465"));
        assert!(config("smtp://mail.example.com").unwrap().contains("smtp://mail.example.com:587"));
    }
}
