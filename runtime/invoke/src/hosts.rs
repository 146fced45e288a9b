//! Hosts that a connector declares, and hosts that an operator allows: `people.example.com`,
//! `127.0.0.1:8080`, `[::1]:8080`.

use crate::mail_server::usual_port;
use std::fmt;
use url::{Host, Url};

/// A host in the form that URLs have, and a port.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct HostPort {
    host: Host<String>,
    /// None is the port of the scheme.
    port: Option<u16>,
}

/// Why a text does not name a host.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error(
    "`{text}` is not a host: write a name or address, with a port where it is not 443, such as `people.example.com` or `127.0.0.1:8080`"
)]
pub struct HostError {
    /// The text, shortened.
    pub text: String,
}

impl HostPort {
    /// Reads `host` or `host:port`, without scheme, path or user.
    pub fn parse(text: &str) -> Result<Self, HostError> {
        let refuse = || HostError { text: text.chars().take(80).collect() };
        if text.is_empty()
            || text.contains(['/', '?', '#', '@', '\\', '*'])
            || text.chars().any(char::is_whitespace)
        {
            return Err(refuse());
        }
        // A scheme without a default port keeps every port that was written.
        let port_text = text.rsplit_once(':').filter(|(host, _)| !host.contains(':') || host.ends_with(']'));
        let port = match port_text {
            Some((_, digits)) => match digits.parse::<u16>() {
                Ok(port) if port != 0 => Some(port),
                _ => return Err(refuse()),
            },
            None => None,
        };
        let url = Url::parse(&format!("https://{text}/")).map_err(|_| refuse())?;
        let host = url.host().ok_or_else(refuse)?.to_owned();
        Ok(Self { host, port })
    }

    /// Whether a URL goes to this host and port.
    pub fn covers(&self, url: &Url) -> bool {
        let of_mail = usual_port(url);
        let default = of_mail.unwrap_or(if url.scheme() == "http" { 80 } else { 443 });
        let port = url.port_or_known_default().or(of_mail);
        self.is_host_of(url) && port == Some(self.port.unwrap_or(default))
    }

    /// Whether a URL goes to this host, on whatever port.
    pub fn is_host_of(&self, url: &Url) -> bool {
        let host = match usual_port(url) {
            // Only the schemes of the web have hosts that are addresses (WHATWG URL §3.5).
            Some(_) => url.host_str().and_then(|host| Host::parse(host).ok()),
            None => url.host().map(|host| host.to_owned()),
        };
        host.is_some_and(|host| host == self.host)
    }

    /// Whether this is the domain name given.
    pub fn is_domain(&self, name: &str) -> bool {
        matches!(&self.host, Host::Domain(own) if own.eq_ignore_ascii_case(name))
    }
}

impl fmt::Display for HostPort {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.port {
            Some(port) => write!(f, "{}:{port}", self.host),
            None => write!(f, "{}", self.host),
        }
    }
}

/// The host of a URL for messages, with its port if it is not the scheme's own.
pub fn shown_host(url: &Url) -> String {
    let host = url.host_str().unwrap_or("no host");
    url.port().map_or_else(|| host.to_owned(), |port| format!("{host}:{port}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_host_covers_its_own_port_only() {
        let url = |text: &str| Url::parse(text).unwrap();
        let host = HostPort::parse("People.Example.com").unwrap();
        assert!(host.covers(&url("https://people.example.com/x")));
        for other in [
            "https://people.example.com:8443/",
            "https://evil.people.example.com/",
            "https://people.example.com.evil/",
            "https://people.example.com@evil.example/",
            "https://people.example.com./",
        ] {
            assert!(!host.covers(&url(other)), "{other}");
        }
        let local = HostPort::parse("127.0.0.1:443").unwrap();
        assert!(local.covers(&url("https://127.0.0.1/")) && !local.covers(&url("http://127.0.0.1/")));
        assert!(HostPort::parse("127.0.0.1:8080").unwrap().covers(&url("http://0x7f.1:8080/")));
        assert!(HostPort::parse("[::1]:8080").unwrap().covers(&url("http://[::1]:8080/")));
        assert!(HostPort::parse("[::1]").unwrap().covers(&url("https://[::1]/")));
        assert!(
            host.covers(&url("smtp://people.example.com")) && host.covers(&url("smtps://people.example.com"))
        );
        assert!(!host.covers(&url("smtp://people.example.com:465")));
        assert!(HostPort::parse("127.0.0.1:2525").unwrap().covers(&url("smtp://127.0.0.1:2525")));
    }

    #[test]
    fn what_is_more_than_a_host_is_refused() {
        for bad in [
            "",
            "https://a.example",
            "a.example/x",
            "u@a.example",
            "*.example.com",
            "a b",
            "a:0",
            "a:99999",
            "::1",
            "a:",
        ] {
            assert!(HostPort::parse(bad).is_err(), "{bad}");
        }
    }
}
