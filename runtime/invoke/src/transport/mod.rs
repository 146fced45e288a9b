//! The one place that sends: behind the egress policy, within limits, with as many requests to one
//! host as it can be trusted with. [`clients`] holds the connections, [`receive`] reads answers,
//! [`mail`] does the same for mail servers, [`error`] says why none came. Redirects are answers here; [`follow`](crate::follow) follows them.

mod clients;
mod error;
mod limits;
mod mail;
mod receive;
mod slots;
mod trust;

pub use error::{Awaiting, Oversize, TransportError};
pub use limits::{Redirects, SendLimits};
pub use trust::{PrivateRoots, TrustError};

use crate::egress::{EgressPolicy, Lookup, SystemLookup, check_headers};
use crate::hosts::shown_host;
use crate::mail_port::MailPort;
use crate::request::OutgoingRequest;
use async_trait::async_trait;
use bytes::Bytes;
use clients::Clients;
use error::of_reqwest;
use http::header::{ACCEPT_ENCODING, CONTENT_LENGTH, RANGE, USER_AGENT};
use http::{HeaderMap, HeaderValue, Method};
use slots::{PER_HOST, Slots};
use std::fmt;
use std::sync::Arc;
use std::time::Duration;
use tokio::time::{Instant, timeout_at};

/// What we call ourselves where a definition does not say otherwise.
const OUR_NAME: &str = concat!("Sluis/", env!("CARGO_PKG_VERSION"));

/// What came back.
#[derive(Clone)]
pub struct HttpAnswer {
    /// Status, 100 to 999.
    pub status: u16,
    /// Headers.
    pub headers: HeaderMap,
    /// The whole body, decompressed.
    pub body: Bytes,
    /// Time from sending to the last byte.
    pub elapsed: Duration,
    /// How that time was spent, as far as it is known.
    pub phases: Phases,
}

/// How the time of one request was spent. How long connecting took the client does not tell; it is part
/// of the time to the first byte.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Phases {
    /// Waiting until the host had a place free.
    pub queued: Duration,
    /// From then to the first byte of the answer, connecting included.
    pub first_byte: Duration,
    /// From then to the last.
    pub body: Duration,
}

impl fmt::Debug for HttpAnswer {
    /// Status and sizes only: the answer of a token endpoint is a secret.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("HttpAnswer")
            .field("status", &self.status)
            .field("body_bytes", &self.body.len())
            .field("elapsed", &self.elapsed)
            .finish()
    }
}

/// Sends requests. Tests put their own in its place.
#[async_trait]
pub trait Http: Send + Sync {
    /// Sends one request and reads the whole answer. A redirect is an answer like others.
    async fn send(&self, request: OutgoingRequest, limits: SendLimits) -> Result<HttpAnswer, TransportError>;
}

/// The real transport.
pub struct Transport {
    policy: Arc<EgressPolicy>,
    lookup: Arc<dyn Lookup>,
    clients: Clients,
    slots: Slots,
    /// What speaks to mail servers; none where no mail is sent.
    mail: Option<Arc<dyn MailPort>>,
}

impl Transport {
    /// A transport behind a policy. Costs nothing until the first request.
    pub fn new(policy: EgressPolicy) -> Self {
        Self::with_lookup(policy, Arc::new(SystemLookup))
    }

    /// A transport that resolves names as told.
    pub fn with_lookup(policy: EgressPolicy, lookup: Arc<dyn Lookup>) -> Self {
        let policy = Arc::new(policy);
        let clients = Clients::new(policy.clone(), lookup.clone(), PrivateRoots::default());
        Self { policy, lookup, clients, slots: Slots::new(PER_HOST), mail: None }
    }

    /// Trusts private authorities besides the machine's own roots.
    #[must_use]
    pub fn trusting(self, roots: PrivateRoots) -> Self {
        Self { clients: Clients::new(self.policy.clone(), self.lookup.clone(), roots), ..self }
    }

    /// Sends the mails of connectors by this.
    #[must_use]
    pub fn mailing_by(self, mail: Arc<dyn MailPort>) -> Self {
        Self { mail: Some(mail), ..self }
    }

    /// Another number of requests that may be under way to one host; 128 unless told.
    #[must_use]
    pub fn at_a_time(self, per_host: usize) -> Self {
        Self { slots: Slots::new(per_host), ..self }
    }
}

#[async_trait]
impl Http for Transport {
    async fn send(&self, request: OutgoingRequest, limits: SendLimits) -> Result<HttpAnswer, TransportError> {
        if let Some(mail) = &request.mail {
            return self.send_mail(&request, mail, limits).await;
        }
        let started = Instant::now();
        let deadline = started + limits.total;
        let reach = self.policy.check_url(&request.url)?;
        check_headers(&request)?;
        let host = shown_host(&request.url);
        let client = match &request.identity {
            None => self.clients.plain(reach)?,
            Some(identity) => self.clients.showing(reach, identity, &host)?,
        };
        let Ok(slot) = timeout_at(deadline, self.slots.take(&host)).await else {
            return Err(TransportError::Busy { host, limit: self.slots.per_host, after: limits.total });
        };
        let queued = started.elapsed();
        let answer = exchange(&client, request, &host, limits, deadline).await;
        drop(slot);
        let answer = answer?;
        let elapsed = started.elapsed();
        let first_byte = answer.phases.first_byte;
        let phases = Phases { queued, first_byte, body: elapsed.saturating_sub(queued + first_byte) };
        Ok(HttpAnswer { elapsed, phases, ..answer })
    }
}

/// Sends the request and reads the answer, each within its time.
async fn exchange(
    client: &reqwest::Client,
    request: OutgoingRequest,
    host: &str,
    limits: SendLimits,
    deadline: Instant,
) -> Result<HttpAnswer, TransportError> {
    let late = |awaiting, after| TransportError::Timeout { host: host.to_owned(), after, awaiting };
    let sending = of_request(client, request).send();
    let began = Instant::now();
    let mut response = match timeout_at(deadline.min(began + limits.first_byte), sending).await {
        Ok(sent) => sent.map_err(|error| of_reqwest(error, host))?,
        Err(_) => return Err(late(Awaiting::FirstByte, limits.first_byte.min(limits.total))),
    };
    let first_byte = began.elapsed();
    receive::check_headers(response.headers(), host)?;
    let Ok(body) = timeout_at(deadline, receive::body(&mut response, limits, host)).await else {
        return Err(late(Awaiting::LastByte, limits.total));
    };
    Ok(HttpAnswer {
        status: response.status().as_u16(),
        body: body?,
        headers: std::mem::take(response.headers_mut()),
        elapsed: Duration::ZERO,
        phases: Phases { first_byte, ..Phases::default() },
    })
}

/// The request with the headers that are ours.
fn of_request(client: &reqwest::Client, request: OutgoingRequest) -> reqwest::RequestBuilder {
    let mut headers = request.headers;
    headers.entry(USER_AGENT).or_insert(HeaderValue::from_static(OUR_NAME));
    // A part of a packed body cannot be unpacked.
    let coding = if headers.contains_key(RANGE) { "identity" } else { "gzip" };
    headers.insert(ACCEPT_ENCODING, HeaderValue::from_static(coding));
    if request.body.is_empty() && matches!(request.method, Method::POST | Method::PUT | Method::PATCH) {
        // RFC 9110 §8.6: a method that anticipates content says that there is none; some servers
        // answer 411 otherwise.
        headers.insert(CONTENT_LENGTH, HeaderValue::from_static("0"));
    }
    let builder = client.request(request.method, request.url).headers(headers);
    // A body of known length goes out with that length, never in chunks.
    if request.body.is_empty() { builder } else { builder.body(request.body) }
}
