//! Whether requests to the public URL arrive at this very process: asked for at `/instance`, through
//! whatever proxy stands before it.

use sluis_invoke::{EgressPolicy, HostPort, Http as _, OutgoingRequest, SendLimits, Transport};
use std::time::Duration;
use url::{Host, Url};

/// How long the answer may take.
const PATIENCE: Duration = Duration::from_secs(5);

/// What answers at the public URL.
#[derive(Debug, PartialEq, Eq)]
pub enum Reached {
    /// A sluis, which names its instance.
    Instance(String),
    /// Something else, with this status.
    Otherwise(u16),
    /// Nothing.
    Not(String),
}

/// Asks. The operator has named this address, so it may be a private one.
pub async fn ask(public_url: &Url) -> Reached {
    let mut url = public_url.clone();
    match url.path_segments_mut() {
        Ok(mut path) => drop(path.pop_if_empty().push("instance")),
        Err(()) => return Reached::Not("it cannot carry a path".to_owned()),
    }
    let host = url.host_str().unwrap_or_default();
    let port = url.port_or_known_default().unwrap_or(443);
    let allowed = match HostPort::parse(&format!("{host}:{port}")) {
        Ok(allowed) => allowed,
        Err(error) => return Reached::Not(error.to_string()),
    };
    let limits = SendLimits { total: PATIENCE, max_body: 4096, ..SendLimits::default() };
    let request = OutgoingRequest::new(http::Method::GET, url);
    match Transport::new(EgressPolicy::allowing(vec![allowed])).send(request, limits).await {
        Ok(answer) if answer.status == 200 => match std::str::from_utf8(&answer.body) {
            Ok(text) => match text.trim().strip_prefix("sluis ") {
                Some(name) => Reached::Instance(name.to_owned()),
                None => Reached::Otherwise(answer.status),
            },
            Err(_) => Reached::Otherwise(answer.status),
        },
        Ok(answer) => Reached::Otherwise(answer.status),
        Err(error) => Reached::Not(error.to_string()),
    }
}

/// Whether browsers that reach this address sit at this machine.
pub fn is_this_machine(public_url: &Url) -> bool {
    match public_url.host() {
        Some(Host::Ipv4(ip)) => ip.is_loopback(),
        Some(Host::Ipv6(ip)) => ip.is_loopback(),
        Some(Host::Domain(name)) => name == "localhost",
        None => false,
    }
}
