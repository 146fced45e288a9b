//! The egress policy: public hosts over https on ordinary ports, and whatever exact `host:port` the
//! operator has named.

use super::address::is_public;
use crate::hosts::{HostPort, shown_host};
use std::net::IpAddr;
use url::{Host, Url};

/// Ports above 1023 where databases, caches, consoles and orchestrators listen.
const INFRASTRUCTURE_PORTS: &[u16] = &[
    1433, 1521, 2049, 2181, 2375, 2376, 2379, 2380, 3306, 3389, 4369, 5432, 5433, 5672, 5900, 5984, 6000,
    6379, 6443, 6667, 7001, 8500, 9042, 9092, 9200, 9300, 10250, 10255, 11211, 15672, 25565, 27017, 27018,
    50070,
];

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

/// Where requests may go.
#[derive(Debug, Clone, Default)]
pub struct EgressPolicy {
    allow: Vec<HostPort>,
}

impl EgressPolicy {
    /// Public hosts only.
    pub fn strict() -> Self {
        Self::default()
    }

    /// Public hosts, and these exact exceptions, over https or http.
    pub fn allowing(allow: Vec<HostPort>) -> Self {
        Self { allow }
    }

    /// Judges a URL before anything is resolved or sent. Address literals are judged here, because
    /// they never reach a resolver.
    pub fn check_url(&self, url: &Url) -> Result<(), Refusal> {
        let host = url.host().ok_or(Refusal::NoHost)?;
        let shown = || shown_host(url);
        if !url.username().is_empty() || url.password().is_some() {
            return Err(Refusal::UserInfo { host: shown() });
        }
        if matches!(url.scheme(), "https" | "http") && self.allow.iter().any(|allowed| allowed.covers(url)) {
            return Ok(());
        }
        if let Some(allowed) = self.allow.iter().find(|allowed| allowed.is_host_of(url)) {
            // The resolver knows names, not ports: a name that is excepted there must be held to
            // its port here.
            return Err(Refusal::OtherPort { host: shown(), allowed: allowed.to_string() });
        }
        let literal = match host {
            Host::Ipv4(address) => Some(IpAddr::V4(address)),
            Host::Ipv6(address) => Some(IpAddr::V6(address)),
            Host::Domain(name) if is_local_name(name) => return Err(Refusal::NotPublic { host: shown() }),
            Host::Domain(_) => None,
        };
        if literal.is_some_and(|address| !is_public(address)) {
            return Err(Refusal::NotPublic { host: shown() });
        }
        if url.scheme() != "https" {
            return Err(Refusal::Scheme { host: shown(), scheme: url.scheme().to_owned() });
        }
        match url.port() {
            Some(port) if port < 1024 || INFRASTRUCTURE_PORTS.contains(&port) => {
                Err(Refusal::Port { host: shown(), port })
            }
            _ => Ok(()),
        }
    }

    /// Judges what a name resolved to. One private address among them refuses the name: an honest
    /// public service has none.
    pub fn check_resolved(&self, name: &str, addresses: &[IpAddr]) -> Result<(), Refusal> {
        let excepted = self.allow.iter().any(|allowed| allowed.is_domain(name));
        if excepted || addresses.iter().all(|address| is_public(*address)) {
            Ok(())
        } else {
            Err(Refusal::NotPublic { host: name.to_owned() })
        }
    }
}

/// Names that never belong to the public (RFC 6761, RFC 6762).
fn is_local_name(name: &str) -> bool {
    let name = name.trim_end_matches('.');
    name == "localhost" || [".localhost", ".local", ".internal"].iter().any(|suffix| name.ends_with(suffix))
}
