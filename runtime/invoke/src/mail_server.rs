//! The address of a mail server: `smtp://mail.example.com:587`, `smtps://mail.example.com`.

use std::fmt;
use url::{Host, Url};

/// Port at which mails are handed in (RFC 6409 §3.1).
pub const SUBMISSION: u16 = 587;
/// The same with TLS from the start (RFC 8314 §7.3).
pub const SUBMISSIONS: u16 = 465;

/// A mail server as its address names it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MailServer {
    /// Name or address.
    pub host: Host<String>,
    /// Port.
    pub port: u16,
    /// Whether TLS comes before anything else; with STARTTLS (RFC 3207) where it does not.
    pub tls_from_start: bool,
}

impl MailServer {
    /// Reads an address; nothing if it names no mail server. `smtp://` with the port 465 means TLS from the
    /// start as well: nothing else is spoken there (RFC 8314 §3.3), and a port is often all that can be
    /// configured.
    pub fn of(url: &Url) -> Option<Self> {
        let usual = usual_port(url)?;
        // A scheme that is not one of the web's keeps its host as text, also where it is an address.
        let host = Host::parse(url.host_str()?).ok()?;
        let port = url.port().unwrap_or(usual);
        Some(Self { host, port, tls_from_start: usual == SUBMISSIONS || port == SUBMISSIONS })
    }

    /// The address in the form that the egress policy judges: encrypted, as it is, and with its port.
    pub(crate) fn as_https(&self) -> Option<Url> {
        Url::parse(&format!("https://{}:{}/", self.host, self.port)).ok()
    }

    /// What the certificate of the server must be for.
    pub fn tls_name(&self) -> String {
        match &self.host {
            Host::Domain(name) => name.clone(),
            Host::Ipv4(address) => address.to_string(),
            Host::Ipv6(address) => address.to_string(),
        }
    }
}

impl fmt::Display for MailServer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}", self.host, self.port)
    }
}

/// The port that the scheme of a mail server stands for; nothing of any other scheme.
pub(crate) fn usual_port(url: &Url) -> Option<u16> {
    match url.scheme() {
        "smtp" => Some(SUBMISSION),
        "smtps" => Some(SUBMISSIONS),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn server(text: &str) -> Option<MailServer> {
        MailServer::of(&Url::parse(text).unwrap())
    }

    #[test]
    fn ports_and_tls_follow_from_the_address() {
        let told = |text: &str| {
            let server = server(text).unwrap();
            (server.to_string(), server.tls_from_start)
        };
        assert_eq!(told("smtp://mail.example.com"), ("mail.example.com:587".into(), false));
        assert_eq!(told("smtps://mail.example.com"), ("mail.example.com:465".into(), true));
        assert_eq!(told("smtp://mail.example.com:465"), ("mail.example.com:465".into(), true));
        assert_eq!(told("smtps://mail.example.com:2465"), ("mail.example.com:2465".into(), true));
        assert_eq!(told("smtp://[::1]:25"), ("[::1]:25".into(), false));
        assert!(matches!(server("smtp://127.0.0.1").unwrap().host, Host::Ipv4(_)));
        assert_eq!(server("https://mail.example.com"), None);
    }
}
