//! The egress policy: public hosts over https on ordinary ports, and whatever exact `host:port` or
//! network the operator has named.

use super::address::is_public;
use super::exception::{Exception, ExceptionError, opens};
use crate::hosts::{HostPort, shown_host};
use ipnet::IpNet;
use std::net::IpAddr;
use url::{Host, Url};

/// Ports above 1023 where databases, caches, consoles and orchestrators listen.
const INFRASTRUCTURE_PORTS: &[u16] = &[
    1433, 1521, 2049, 2181, 2375, 2376, 2379, 2380, 3306, 3389, 4369, 5432, 5433, 5672, 5900, 5984, 6000,
    6379, 6443, 6667, 7001, 8500, 9042, 9092, 9200, 9300, 10250, 10255, 11211, 15672, 25565, 27017, 27018,
    50070,
];

/// Ports where mails are handed in (RFC 8314 §7.3, RFC 6409 §3.1), and the one that providers offer where a
/// network blocks these.
const MAIL_PORTS: &[u16] = &[465, 587, 2525];

/// Why a request may not go where it wants.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Refusal {
    /// Another scheme than https (or http where the operator allows it).
    #[error("requests go out over https only, and this URL of `{host}` begins with `{scheme}:`")]
    Scheme {
        /// Where it wanted to go.
        host: String,
        /// The scheme.
        scheme: String,
    },
    /// The host is, or its name resolves to, an address that is not public.
    #[error("`{host}` is not a public address, so requests to it are refused")]
    NotPublic {
        /// Where it wanted to go.
        host: String,
    },
    /// A port that is not used for public APIs.
    #[error("port {port} of `{host}` is not used for public APIs, so requests to it are refused")]
    Port {
        /// Where it wanted to go.
        host: String,
        /// The port.
        port: u16,
    },
    /// The operator allows this host on another port.
    #[error("`{host}` may be reached as `{allowed}` only")]
    OtherPort {
        /// Where it wanted to go.
        host: String,
        /// What is allowed.
        allowed: String,
    },
    /// A user name or password in the URL.
    #[error("the URL of `{host}` holds a user name or password; a secret never stands in a URL")]
    UserInfo {
        /// Where it wanted to go.
        host: String,
    },
    /// A name that only a network of the operator could answer, and none that is opened does.
    #[error("`{host}` is not in a network that the operator has opened, so requests to it are refused")]
    NotInside {
        /// Where it wanted to go.
        host: String,
    },
    /// A header that belongs to the transport.
    #[error("the request to `{host}` sets the header `{name}`, which belongs to the transport")]
    Header {
        /// Where it wanted to go.
        host: String,
        /// The header, in lower case.
        name: String,
    },
    /// No host at all.
    #[error("the URL names no host")]
    NoHost,
}

impl Refusal {
    /// Who can change it, and how.
    pub fn help(&self) -> String {
        match self {
            Refusal::Scheme { .. } => {
                "use the service's https address; for a service of your own, the operator allows \
                                       its exact `host:port`"
                    .to_owned()
            }
            Refusal::NotPublic { host } | Refusal::Port { host, .. } => format!(
                "if this service is meant to be reached, the operator starts Sluis with `{host}` (exact host and port) \
                 among the allowed hosts"
            ),
            Refusal::NotInside { host } => format!(
                "use the service's https address if it is public; if it is meant to be reached inside, the operator \
                 starts Sluis with `{host}` (exact host and port) or its network among the allowed hosts"
            ),
            Refusal::Header { .. } => "leave the header out: it is set when the request is sent".to_owned(),
            Refusal::OtherPort { allowed, .. } => {
                format!("use `{allowed}`, or the operator allows this port as well")
            }
            Refusal::UserInfo { .. } => {
                "put credentials into the connector's auth config, or into a header".to_owned()
            }
            Refusal::NoHost => "write an absolute URL such as `https://people.example.com/v1`".to_owned(),
        }
    }
}

/// What a name must resolve to before it is connected to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Reach {
    /// Public addresses, or those of an opened network.
    Public,
    /// Addresses of an opened network and no others: the request is one that may not go out into the
    /// public, because it is not encrypted or its name belongs to nobody there.
    Inside,
}

/// Where requests may go.
#[derive(Debug, Clone, Default)]
pub struct EgressPolicy {
    allow: Vec<HostPort>,
    networks: Vec<IpNet>,
}

impl EgressPolicy {
    /// Public hosts only.
    pub fn strict() -> Self {
        Self::default()
    }

    /// Public hosts, and these exact exceptions, over https or http.
    pub fn allowing(allow: Vec<HostPort>) -> Self {
        Self { allow, networks: Vec::new() }
    }

    /// Public hosts, and what these texts name; see [`Exception::parse`].
    pub fn opening<S: AsRef<str>>(texts: &[S]) -> Result<Self, ExceptionError> {
        let mut policy = Self::strict();
        for text in texts {
            match Exception::parse(text.as_ref())? {
                Exception::Host(host) => policy.allow.push(host),
                Exception::Network(network) => policy.networks.push(network),
            }
        }
        Ok(policy)
    }

    /// Judges a URL before anything is resolved or sent. Address literals are judged here, because
    /// they never reach a resolver; of a name it is said what it must resolve to.
    pub fn check_url(&self, url: &Url) -> Result<Reach, Refusal> {
        self.judge(url, is_ordinary)
    }

    /// Judges the address of a mail server: `given` as it stands in the request, `judged` the same in the form
    /// that URLs of the web have. Public servers are reached at the ports where mails are handed in, and
    /// encrypted.
    pub fn check_mail_server(&self, given: &Url, judged: &Url) -> Result<Reach, Refusal> {
        if !given.username().is_empty() || given.password().is_some() {
            return Err(Refusal::UserInfo { host: shown_host(given) });
        }
        if self.allow.iter().any(|allowed| allowed.covers(judged)) {
            return Ok(Reach::Public);
        }
        let is_of_mail = |port: u16| MAIL_PORTS.contains(&port);
        match (self.judge(judged, |port| is_of_mail(port) || is_ordinary(port))?, judged.port()) {
            (Reach::Public, Some(port)) if !is_of_mail(port) => {
                Err(Refusal::Port { host: shown_host(given), port })
            }
            (reach, _) => Ok(reach),
        }
    }

    fn judge(&self, url: &Url, usual: impl Fn(u16) -> bool) -> Result<Reach, Refusal> {
        let host = url.host().ok_or(Refusal::NoHost)?;
        let shown = || shown_host(url);
        if !url.username().is_empty() || url.password().is_some() {
            return Err(Refusal::UserInfo { host: shown() });
        }
        let is_http = matches!(url.scheme(), "https" | "http");
        if is_http && self.allow.iter().any(|allowed| allowed.covers(url)) {
            return Ok(Reach::Public);
        }
        let literal = match host {
            Host::Ipv4(address) => Some(IpAddr::V4(address)),
            Host::Ipv6(address) => Some(IpAddr::V6(address)),
            Host::Domain(_) => None,
        };
        let is_opened = literal.map(|address| self.networks.iter().any(|network| opens(network, address)));
        if let Some(allowed) = self.allow.iter().find(|allowed| allowed.is_host_of(url))
            && is_opened != Some(true)
        {
            // The resolver knows names, not ports: a name that is excepted there must be held to
            // its port here.
            return Err(Refusal::OtherPort { host: shown(), allowed: allowed.to_string() });
        }
        let is_outside = match (host, literal) {
            (_, Some(address)) => is_public(address),
            (Host::Domain(name), _) => !is_local_name(name),
            _ => false,
        };
        // A name may turn out to lie in an opened network; a literal does or does not.
        let may_be_inside = is_opened.unwrap_or(!self.networks.is_empty()) && is_http;
        if !is_outside && !may_be_inside {
            return Err(Refusal::NotPublic { host: shown() });
        }
        let is_public_request = is_outside && url.scheme() == "https";
        if !is_public_request && !may_be_inside {
            return Err(Refusal::Scheme { host: shown(), scheme: url.scheme().to_owned() });
        }
        match url.port() {
            Some(port) if !usual(port) => Err(Refusal::Port { host: shown(), port }),
            _ => Ok(if is_public_request { Reach::Public } else { Reach::Inside }),
        }
    }

    /// Judges what a name resolved to. One private address among them refuses the name: an honest
    /// public service has none.
    pub fn check_resolved(&self, name: &str, addresses: &[IpAddr], reach: Reach) -> Result<(), Refusal> {
        let is_opened = |address: &IpAddr| self.networks.iter().any(|network| opens(network, *address));
        let host = name.to_owned();
        match reach {
            Reach::Inside if addresses.iter().all(is_opened) => Ok(()),
            Reach::Inside => Err(Refusal::NotInside { host }),
            Reach::Public => {
                let is_excepted = self.allow.iter().any(|allowed| allowed.is_domain(name));
                let may_be_called = |address: &IpAddr| is_public(*address) || is_opened(address);
                if is_excepted || addresses.iter().all(may_be_called) {
                    Ok(())
                } else {
                    Err(Refusal::NotPublic { host })
                }
            }
        }
    }
}

/// Whether a service that is not of the infrastructure may listen at a port that is not the scheme's own.
fn is_ordinary(port: u16) -> bool {
    port >= 1024 && !INFRASTRUCTURE_PORTS.contains(&port)
}

/// Names that never belong to the public: those without a dot, as of a machine's own metadata service,
/// and those set aside for use inside (RFC 6761, RFC 6762, RFC 8375, `.internal` by ICANN).
fn is_local_name(name: &str) -> bool {
    const INSIDE: &[&str] = &[
        ".localhost",
        ".local",
        ".internal",
        ".home.arpa",
        ".localdomain",
        ".lan",
        ".intranet",
        ".corp",
        ".home",
    ];
    let name = name.trim_end_matches('.');
    !name.contains('.') || INSIDE.iter().any(|suffix| name.ends_with(suffix))
}
