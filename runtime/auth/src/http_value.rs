//! A request and an answer as values. Sending is the business of `invoke`.

use crate::error::AuthError;
use crate::mail_value::MailRequest;
use bytes::Bytes;
use http::header::HeaderName;
use http::{HeaderMap, HeaderValue, Method};
use sluis_model::secret::SecretText;
use std::fmt;
use std::sync::Arc;
use url::{Host, Url};

/// A request. Header values that are secret are marked sensitive.
#[derive(Clone)]
pub struct HttpRequest {
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
    /// Who we are in the TLS handshake, where the server asks for a certificate.
    pub identity: Option<Arc<ClientIdentity>>,
    /// What a mail server is asked for. Then the URL is `smtp://` or `smtps://`, the headers hold the
    /// credential and nothing else, and there is no body.
    pub mail: Option<MailRequest>,
}

/// A client certificate with its key (RFC 8446 §4.4.2).
#[derive(Debug)]
pub struct ClientIdentity {
    /// Certificate chain in PEM, our own first.
    pub certificate: SecretText,
    /// Private key in PEM.
    pub private_key: SecretText,
}

impl HttpRequest {
    /// A request without headers and body.
    pub fn new(method: Method, url: Url) -> Self {
        Self {
            method,
            url,
            headers: HeaderMap::new(),
            body: Bytes::new(),
            secret_body: false,
            identity: None,
            mail: None,
        }
    }

    /// What the request carries: the body, or the mail as JSON, the same for the same mail.
    pub fn content(&self) -> Bytes {
        self.mail.as_ref().map_or_else(|| self.body.clone(), |mail| mail.content().into())
    }

    /// Puts a secret on the request as a header, in place of any header of that name.
    pub fn set_secret_header(&mut self, name: HeaderName, value: &SecretText) -> Result<(), AuthError> {
        let mut value = HeaderValue::from_str(value.expose()).map_err(|_| AuthError::UnusableToken)?;
        value.set_sensitive(true);
        self.headers.insert(name, value);
        Ok(())
    }
}

impl fmt::Debug for HttpRequest {
    /// Which host it goes to and how large it is; nothing that data or a secret was filled into.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let names: Vec<&str> = self.headers.keys().map(|name| name.as_str()).collect();
        f.debug_struct("HttpRequest")
            .field("method", &self.method)
            .field("host", &self.url.host_str())
            .field("headers", &names)
            .field("body_bytes", &self.body.len())
            .finish()
    }
}

/// What a server answered, to a scheme's own request or to a call.
#[derive(Clone)]
pub struct Answer {
    /// Status, 100 to 999.
    pub status: u16,
    /// Headers.
    pub headers: HeaderMap,
    /// The whole body, decompressed.
    pub body: Bytes,
}

impl fmt::Debug for Answer {
    /// Status and size only: the answer of a token endpoint is a secret.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Answer").field("status", &self.status).field("body_bytes", &self.body.len()).finish()
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
