//! What is sent.

use bytes::Bytes;
use http::header::HeaderName;
use http::{HeaderMap, HeaderValue, Method};
use sluis_auth::{AuthError, HttpRequest};
use sluis_model::secret::SecretText;
use std::fmt;
use url::Url;

/// Headers that belong to the connection or to us, never to a script or a definition.
const OURS: &[&str] = &[
    "host",
    "content-length",
    "transfer-encoding",
    "connection",
    "keep-alive",
    "te",
    "trailer",
    "upgrade",
    "expect",
    "accept-encoding",
];

/// Whether a header may not be set by a script or a definition.
pub(crate) fn is_ours(name: &HeaderName) -> bool {
    OURS.contains(&name.as_str()) || name.as_str().starts_with("proxy-")
}

/// A request, complete but for its credential. Header values that are secret are marked sensitive.
#[derive(Clone)]
pub struct OutgoingRequest {
    /// HTTP method.
    pub method: Method,
    /// Absolute URL without user info or fragment.
    pub url: Url,
    /// Headers; the transport adds `Host`, `Content-Length` and `User-Agent`.
    pub headers: HeaderMap,
    /// The body; empty is none. Shared, so that repeating a call copies nothing.
    pub body: Bytes,
    /// Whether the body as a whole is secret, as that of a token request.
    pub secret_body: bool,
}

impl OutgoingRequest {
    /// A request without headers and body.
    pub fn new(method: Method, url: Url) -> Self {
        Self { method, url, headers: HeaderMap::new(), body: Bytes::new(), secret_body: false }
    }

    /// Puts a credential on the request, in place of any header of that name.
    pub fn authorize(&mut self, name: HeaderName, value: &SecretText) -> Result<(), AuthError> {
        let mut value = HeaderValue::from_str(value.expose()).map_err(|_| AuthError::UnusableToken)?;
        value.set_sensitive(true);
        self.headers.insert(name, value);
        Ok(())
    }
}

impl From<HttpRequest> for OutgoingRequest {
    fn from(request: HttpRequest) -> Self {
        Self {
            method: request.method,
            url: request.url,
            headers: request.headers,
            body: Bytes::copy_from_slice(request.body.expose()),
            secret_body: true,
        }
    }
}

impl fmt::Debug for OutgoingRequest {
    /// Which host it goes to and how large it is; nothing that data was filled into.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let names: Vec<&str> = self.headers.keys().map(|name| name.as_str()).collect();
        f.debug_struct("OutgoingRequest")
            .field("method", &self.method)
            .field("host", &self.url.host_str())
            .field("headers", &names)
            .field("body_bytes", &self.body.len())
            .finish()
    }
}
