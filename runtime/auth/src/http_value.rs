//! A request as a value. Sending it is the business of `invoke`.

use http::{HeaderMap, Method};
use sluis_model::secret::SecretBytes;
use std::fmt;
use url::{Host, Url};

/// A request to a token or revocation endpoint. Headers that carry a credential are marked
/// sensitive; the body is always a secret because it holds codes and tokens.
#[derive(Clone)]
pub struct HttpRequest {
    /// HTTP method.
    pub method: Method,
    /// Where it goes.
    pub url: Url,
    /// Headers, `Content-Type` among them.
    pub headers: HeaderMap,
    /// The body.
    pub body: SecretBytes,
}

impl fmt::Debug for HttpRequest {
    /// Shows where the request goes and the names of its headers; never query, values or body.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let names: Vec<&str> = self.headers.keys().map(|name| name.as_str()).collect();
        f.debug_struct("HttpRequest")
            .field("method", &self.method)
            .field("host", &self.url.host_str())
            .field("path", &self.url.path())
            .field("headers", &names)
            .field("body", &self.body)
            .finish()
    }
}

/// Whether a URL names a host that cannot be a public one: loopback, a private address, a name
/// without dots. Only for such hosts may a definition use plain http; whether they may be reached
/// at all is the egress policy's question.
pub fn is_local(url: &Url) -> bool {
    match url.host() {
        Some(Host::Ipv4(address)) => address.is_loopback() || address.is_private(),
        Some(Host::Ipv6(address)) => address.is_loopback() || address.is_unique_local(),
        Some(Host::Domain(name)) => !name.contains('.') || name.ends_with(".localhost"),
        None => false,
    }
}
