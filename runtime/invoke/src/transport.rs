//! The one place that sends. One client for the whole process: its connections and its trust roots
//! are shared, and it is built at the first request because loading the roots takes time.

use crate::egress::resolve::GuardedResolver;
use crate::egress::{EgressPolicy, Lookup, Refusal, SystemLookup};
use crate::hosts::shown_host;
use crate::request::OutgoingRequest;
use async_trait::async_trait;
use bytes::Bytes;
use http::header::{CONTENT_LENGTH, USER_AGENT};
use http::{HeaderMap, HeaderValue, Method};
use sluis_model::error::{Failure, Reason};
use std::error::Error;
use std::fmt;
use std::sync::{Arc, OnceLock};
use std::time::{Duration, Instant};

/// Time allowed to connect, within the time allowed in total.
const CONNECT_AT_MOST: Duration = Duration::from_secs(10);
/// Idle connections are dropped before servers drop them (Node keeps them for 5 to 72 seconds,
/// load balancers for 60): a request on a dying connection cannot always be repeated.
const IDLE_AT_MOST: Duration = Duration::from_secs(10);
/// What we call ourselves where a definition does not say otherwise.
const OUR_NAME: &str = concat!("Sluis/", env!("CARGO_PKG_VERSION"));

/// What one request may take.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SendLimits {
    /// Whole time, from here to the last byte of the answer.
    pub total: Duration,
    /// Longest body read, in bytes after decompression.
    pub max_body: usize,
}

impl Default for SendLimits {
    /// 30 seconds, 10 MiB.
    fn default() -> Self {
        Self { total: Duration::from_secs(30), max_body: 10 << 20 }
    }
}

/// What came back.
#[derive(Clone)]
pub struct HttpAnswer {
    /// Status, 100 to 999. Redirects are answers like others: none is followed.
    pub status: u16,
    /// Headers.
    pub headers: HeaderMap,
    /// The whole body, decompressed.
    pub body: Bytes,
    /// Time from sending to the last byte.
    pub elapsed: Duration,
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

/// Why no answer came. Names hosts, never URLs.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum TransportError {
    /// The egress policy says no; nothing was sent.
    #[error(transparent)]
    Refused(#[from] Refusal),
    /// No connection, or it broke before an answer began.
    #[error("`{host}` cannot be reached: {why}")]
    Unreachable {
        /// Where it was sent.
        host: String,
        /// The innermost cause.
        why: String,
    },
    /// The whole time was used up.
    #[error("`{host}` did not finish its answer within {} s", .after.as_secs_f64())]
    Timeout {
        /// Where it was sent.
        host: String,
        /// Time allowed.
        after: Duration,
    },
    /// The body is longer than allowed; the rest was not read.
    #[error("the answer of `{host}` is larger than {limit} bytes")]
    TooLarge {
        /// Where it was sent.
        host: String,
        /// Bytes allowed.
        limit: usize,
    },
    /// The answer broke off or was not HTTP.
    #[error("the answer of `{host}` cannot be read: {why}")]
    BadAnswer {
        /// Where it was sent.
        host: String,
        /// The innermost cause.
        why: String,
    },
    /// The client could not be built.
    #[error("no HTTP client can be made: {why}")]
    NoClient {
        /// The cause.
        why: String,
    },
}

impl TransportError {
    /// Whether it is certain that the other side has not acted on the request.
    pub fn nothing_was_sent(&self) -> bool {
        matches!(self, Self::Refused(_) | Self::NoClient { .. })
    }

    /// Who can mend it, and how.
    pub fn help(&self) -> String {
        match self {
            Self::Refused(refusal) => refusal.help(),
            Self::Unreachable { .. } => {
                "check that the service is up and that this machine can reach it; a call that only reads can be repeated".to_owned()
            }
            Self::Timeout { .. } => "the service may still have acted on it; try again later, or the connector's author \
                                     raises `timeout_s`"
                .to_owned(),
            Self::TooLarge { .. } => "ask for less at once, for example with the service's paging parameters".to_owned(),
            Self::BadAnswer { .. } => "the service may have acted on the request; try again later".to_owned(),
            Self::NoClient { .. } => "the operator checks the machine's TLS trust roots".to_owned(),
        }
    }
}

impl From<TransportError> for Failure {
    fn from(error: TransportError) -> Failure {
        let reason = match &error {
            TransportError::Refused(_) => Reason::Forbidden,
            TransportError::Unreachable { .. } => Reason::Unreachable,
            TransportError::Timeout { .. } => Reason::Timeout,
            TransportError::TooLarge { .. } => Reason::TooLarge,
            TransportError::BadAnswer { .. } => Reason::BadUpstream,
            TransportError::NoClient { .. } => Reason::Internal,
        };
        Failure::new(reason, error.to_string()).help(error.help())
    }
}

/// Sends requests. Tests put their own in its place.
#[async_trait]
pub trait Http: Send + Sync {
    /// Sends one request and reads the whole answer.
    async fn send(&self, request: OutgoingRequest, limits: SendLimits) -> Result<HttpAnswer, TransportError>;
}

/// The real transport.
pub struct Transport {
    policy: Arc<EgressPolicy>,
    lookup: Arc<dyn Lookup>,
    client: OnceLock<Result<reqwest::Client, String>>,
}

impl Transport {
    /// A transport behind a policy. Costs nothing until the first request.
    pub fn new(policy: EgressPolicy) -> Self {
        Self::with_lookup(policy, Arc::new(SystemLookup))
    }

    /// A transport that resolves names as told.
    pub fn with_lookup(policy: EgressPolicy, lookup: Arc<dyn Lookup>) -> Self {
        Self { policy: Arc::new(policy), lookup, client: OnceLock::new() }
    }

    fn client(&self) -> Result<&reqwest::Client, TransportError> {
        let built = self.client.get_or_init(|| build(self.policy.clone(), self.lookup.clone()));
        built.as_ref().map_err(|why| TransportError::NoClient { why: why.clone() })
    }
}

fn build(policy: Arc<EgressPolicy>, lookup: Arc<dyn Lookup>) -> Result<reqwest::Client, String> {
    let builder = || {
        reqwest::Client::builder()
            .dns_resolver(GuardedResolver { policy: policy.clone(), lookup: lookup.clone() })
            .redirect(reqwest::redirect::Policy::none())
            .referer(false)
            .no_proxy()
            .connect_timeout(CONNECT_AT_MOST)
            .pool_idle_timeout(IDLE_AT_MOST)
            .gzip(true)
    };
    // A machine without trust roots can still call loopback services; https then fails with its
    // own error, which names the certificate.
    builder().build().or_else(|_| builder().tls_certs_only([]).build()).map_err(|error| innermost(&error))
}

#[async_trait]
impl Http for Transport {
    async fn send(&self, request: OutgoingRequest, limits: SendLimits) -> Result<HttpAnswer, TransportError> {
        self.policy.check_url(&request.url)?;
        let host = shown_host(&request.url);
        let client = self.client()?;
        match tokio::time::timeout(limits.total, exchange(client, request, &host, limits.max_body)).await {
            Ok(answer) => answer,
            Err(_) => Err(TransportError::Timeout { host, after: limits.total }),
        }
    }
}

async fn exchange(
    client: &reqwest::Client,
    request: OutgoingRequest,
    host: &str,
    limit: usize,
) -> Result<HttpAnswer, TransportError> {
    let started = Instant::now();
    let mut headers = request.headers;
    headers.entry(USER_AGENT).or_insert(HeaderValue::from_static(OUR_NAME));
    if request.body.is_empty() && matches!(request.method, Method::POST | Method::PUT | Method::PATCH) {
        // RFC 9110 §8.6: a method that anticipates content says that there is none; some servers
        // answer 411 otherwise.
        headers.insert(CONTENT_LENGTH, HeaderValue::from_static("0"));
    }
    let mut builder = client.request(request.method, request.url).headers(headers);
    if !request.body.is_empty() {
        builder = builder.body(request.body);
    }
    let mut response = builder.send().await.map_err(|error| of_reqwest(error, host))?;
    let too_large = || TransportError::TooLarge { host: host.to_owned(), limit };
    if response.content_length().is_some_and(|length| length > limit as u64) {
        return Err(too_large());
    }
    let mut body = Vec::new();
    while let Some(chunk) = response.chunk().await.map_err(|error| of_reqwest(error, host))? {
        if body.len() + chunk.len() > limit {
            return Err(too_large());
        }
        body.extend_from_slice(&chunk);
    }
    Ok(HttpAnswer {
        status: response.status().as_u16(),
        headers: std::mem::take(response.headers_mut()),
        body: Bytes::from(body),
        elapsed: started.elapsed(),
    })
}

fn of_reqwest(error: reqwest::Error, host: &str) -> TransportError {
    let error = error.without_url();
    let host = host.to_owned();
    if let Some(refusal) = causes(&error).find_map(|cause| cause.downcast_ref::<Refusal>()) {
        return TransportError::Refused(refusal.clone());
    }
    let why = innermost(&error);
    if error.is_timeout() {
        // Only connecting has a limit of its own; the whole is timed by the caller.
        TransportError::Timeout { host, after: CONNECT_AT_MOST }
    } else if error.is_body() || error.is_decode() {
        TransportError::BadAnswer { host, why }
    } else {
        TransportError::Unreachable { host, why }
    }
}

fn causes<'a>(error: &'a (dyn Error + 'static)) -> impl Iterator<Item = &'a (dyn Error + 'static)> {
    std::iter::successors(Some(error), |error: &&'a (dyn Error + 'static)| (*error).source())
}

/// The last cause: `Connection refused`, `certificate has expired`.
fn innermost(error: &(dyn Error + 'static)) -> String {
    causes(error).last().map(ToString::to_string).unwrap_or_default()
}
