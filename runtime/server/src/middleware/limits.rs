//! How many requests are taken: from an address, before anything is known of who asks, and with a token,
//! once it is known to count. By the generic cell rate algorithm: a burst may use a minute's share at
//! once, and it comes back evenly.

use super::forwarded::{TrustedProxy, client};
use crate::error::ApiError;
use axum::extract::{ConnectInfo, Request, State};
use axum::middleware::Next;
use axum::response::{IntoResponse as _, Response};
use governor::clock::{Clock as _, DefaultClock};
use governor::middleware::{StateInformationMiddleware, StateSnapshot};
use governor::state::keyed::DashMapStateStore;
use governor::{Quota, RateLimiter};
use http::{HeaderName, HeaderValue, StatusCode, header};
use sha2::{Digest as _, Sha256};
use std::hash::Hash;
use std::net::{IpAddr, SocketAddr};
use std::num::NonZeroU32;
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

/// Requests a minute; none is no limit.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct RateLimits {
    /// With one token.
    pub per_token: Option<NonZeroU32>,
    /// From one address; IPv6 addresses of one /64 are one.
    pub per_address: Option<NonZeroU32>,
}

const RATE_LIMIT: HeaderName = HeaderName::from_static("ratelimit");
const RATE_LIMIT_POLICY: HeaderName = HeaderName::from_static("ratelimit-policy");
const MINUTE_S: u64 = 60;
/// After so many questions what has come back to a whole share is forgotten.
const TIDY_EVERY: u32 = 4096;

/// The limits of one kind of key, and who has used how much of it.
struct Limiter<K: Hash + Eq + Clone> {
    /// As headers name it.
    name: &'static str,
    quota: NonZeroU32,
    used: RateLimiter<K, DashMapStateStore<K>, DefaultClock, StateInformationMiddleware>,
    asked: AtomicU32,
}

impl<K: Hash + Eq + Clone> Limiter<K> {
    fn new(name: &'static str, quota: NonZeroU32) -> Self {
        let used = RateLimiter::keyed(Quota::per_minute(quota)).with_middleware();
        Self { name, quota, used, asked: AtomicU32::new(0) }
    }

    /// What is left after this request, or how long it would have to wait.
    fn take(&self, key: &K) -> Result<StateSnapshot, Duration> {
        if self.asked.fetch_add(1, Ordering::Relaxed) % TIDY_EVERY == TIDY_EVERY - 1 {
            self.used.retain_recent();
        }
        self.used.check_key(key).map_err(|refused| refused.wait_time_from(DefaultClock::default().now()))
    }

    async fn pass(&self, key: &K, request: Request, next: Next) -> Response {
        match self.take(key) {
            Ok(left) => {
                let mut answer = next.run(request).await;
                self.tell(answer.headers_mut(), left.remaining_burst_capacity(), MINUTE_S);
                answer
            }
            Err(wait) => {
                metrics::counter!("sluis_http_limited_total", "by" => self.name).increment(1);
                self.refuse(wait)
            }
        }
    }

    /// Headers of draft-ietf-httpapi-ratelimit-headers.
    fn tell(&self, headers: &mut http::HeaderMap, left: u32, resets_in: u64) {
        let policy = format!("\"{}\";q={};w={MINUTE_S}", self.name, self.quota);
        let state = format!("\"{}\";r={left};t={resets_in}", self.name);
        for (name, text) in [(RATE_LIMIT_POLICY, policy), (RATE_LIMIT, state)] {
            if let Ok(value) = HeaderValue::from_str(&text) {
                headers.append(name, value);
            }
        }
    }

    fn refuse(&self, wait: Duration) -> Response {
        // Rounded up: whoever comes back then is let in.
        let seconds = wait.as_secs() + u64::from(wait.subsec_nanos() > 0);
        let refused = ApiError::protocol(
            StatusCode::TOO_MANY_REQUESTS,
            "rate_limited",
            format!("more than {} requests a minute by one {}", self.quota, self.name),
        )
        .help(format!("send the next one in {seconds} seconds; `Retry-After` says the same"))
        .header(header::RETRY_AFTER, HeaderValue::from(seconds));
        let mut answer = refused.into_response();
        self.tell(answer.headers_mut(), 0, seconds);
        answer
    }
}

/// What a server counts.
#[derive(Clone, Default)]
pub struct Limiters {
    tokens: Option<Arc<Limiter<[u8; 16]>>>,
    addresses: Option<Arc<Limiter<IpAddr>>>,
    proxies: Arc<[TrustedProxy]>,
}

impl Limiters {
    /// Nothing has been used yet.
    pub fn new(limits: RateLimits, proxies: &[TrustedProxy]) -> Self {
        Self {
            tokens: limits.per_token.map(|quota| Arc::new(Limiter::new("token", quota))),
            addresses: limits.per_address.map(|quota| Arc::new(Limiter::new("address", quota))),
            proxies: proxies.into(),
        }
    }
}

/// The layer behind the gate: a token that counts, by a part of its digest.
pub async fn by_token(State(limiters): State<Limiters>, request: Request, next: Next) -> Response {
    let token = request.headers().get(header::AUTHORIZATION);
    match (&limiters.tokens, token) {
        (Some(limiter), Some(token)) => {
            let digest = Sha256::digest(token.as_bytes());
            let mut key = [0; 16];
            key.iter_mut().zip(digest).for_each(|(place, byte)| *place = byte);
            limiter.pass(&key, request, next).await
        }
        _ => next.run(request).await,
    }
}

/// The layer before the gate: the address at the other end of the connection, or behind the proxies that the operator
/// trusts. What anybody else says of who is behind them is not believed.
pub async fn by_address(State(limiters): State<Limiters>, request: Request, next: Next) -> Response {
    let peer = request.extensions().get::<ConnectInfo<SocketAddr>>().map(|ConnectInfo(peer)| peer.ip());
    match (&limiters.addresses, peer) {
        (Some(limiter), Some(peer)) => {
            let client = client(peer, request.headers(), &limiters.proxies);
            limiter.pass(&network(client), request, next).await
        }
        _ => next.run(request).await,
    }
}

/// The address that is counted: one household or machine of IPv6 has a whole /64.
fn network(peer: IpAddr) -> IpAddr {
    match peer.to_canonical() {
        IpAddr::V6(address) => IpAddr::V6((address.to_bits() & !u128::from(u64::MAX)).into()),
        v4 => v4,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_of_one_network_are_one() {
        let of = |text: &str| network(text.parse().unwrap());
        assert_eq!(of("2001:db8::1"), of("2001:db8::ffff:2"));
        assert_ne!(of("2001:db8::1"), of("2001:db8:0:1::1"));
        assert_eq!(of("::ffff:192.0.2.1"), of("192.0.2.1"));
        assert_ne!(of("192.0.2.1"), of("192.0.2.2"));
    }

    #[test]
    fn each_key_has_a_share_of_its_own() {
        let limiter = Limiter::new("token", NonZeroU32::new(2).unwrap());
        assert!(limiter.take(&1).is_ok() && limiter.take(&1).is_ok());
        let wait = limiter.take(&1).unwrap_err();
        assert!(wait <= Duration::from_secs(30) && wait > Duration::from_secs(20), "{wait:?}");
        assert_eq!(limiter.take(&2).unwrap().remaining_burst_capacity(), 1);
    }
}
