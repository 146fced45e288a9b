//! Follows redirects, hop by hop: each is a request of its own that the transport judges and sends.

use crate::egress::redirect;
use crate::hosts::{HostPort, shown_host};
use crate::request::OutgoingRequest;
use crate::transport::{Http, HttpAnswer, Redirects, SendLimits, TransportError};
use sluis_model::error::Failure;
use std::time::Instant;

/// An answer, and to what it was given.
#[derive(Debug, Clone)]
pub struct Followed {
    /// The last answer.
    pub answer: HttpAnswer,
    /// The request that it answers, as it was before a credential was put on it.
    pub plain: OutgoingRequest,
    /// The same as it was sent.
    pub sent: OutgoingRequest,
    /// Whether it came past another origin than the one that was asked: then it says nothing about the
    /// credential, which was not sent there.
    pub left: bool,
}

/// The credential of a request whose redirects are followed.
pub struct Signer<'a> {
    /// The hosts that the connector declares: redirects are followed to no others.
    pub hosts: &'a [HostPort],
    /// Puts the credential on a request. Each hop within the origin asks for it anew: a signature covers
    /// the address that it was made for and is worth nothing at the next (RFC 7616 §3.4.6, RFC 5849 §3.4.1).
    pub put_on: &'a (dyn Fn(&OutgoingRequest) -> Result<OutgoingRequest, Failure> + Sync),
}

/// Sends a request without credential and follows its redirects as `limits` say, all within the whole
/// time allowed.
pub async fn follow(
    http: &dyn Http,
    request: OutgoingRequest,
    limits: SendLimits,
) -> Result<Followed, TransportError> {
    let mut hops = Hops::new(request, limits);
    loop {
        let sent = hops.plain.clone();
        if let Some(followed) = hops.go(http, sent, None).await? {
            return Ok(followed);
        }
    }
}

/// The same with a credential. `first` is the first request as it is to be sent, where that has been
/// settled already.
pub async fn follow_signed(
    http: &dyn Http,
    request: OutgoingRequest,
    limits: SendLimits,
    signer: &Signer<'_>,
    first: Option<OutgoingRequest>,
) -> Result<Followed, Failure> {
    let mut hops = Hops::new(request, limits);
    let mut settled = first;
    loop {
        let sent = match settled.take() {
            Some(first) => first,
            None if hops.left => hops.plain.clone(),
            None => (signer.put_on)(&hops.plain)?,
        };
        if let Some(followed) = hops.go(http, sent, Some(signer.hosts)).await? {
            return Ok(followed);
        }
    }
}

/// Where following has come to.
struct Hops {
    plain: OutgoingRequest,
    limits: SendLimits,
    started: Instant,
    done: u8,
    left: bool,
}

impl Hops {
    fn new(plain: OutgoingRequest, limits: SendLimits) -> Self {
        Self { plain, limits, started: Instant::now(), done: 0, left: false }
    }

    /// Sends one request; the end, or none if the answer leads on.
    async fn go(
        &mut self,
        http: &dyn Http,
        sent: OutgoingRequest,
        declared: Option<&[HostPort]>,
    ) -> Result<Option<Followed>, TransportError> {
        let total = self.limits.total;
        let left_over = total.saturating_sub(self.started.elapsed());
        let limits = SendLimits { total: left_over, ..self.limits };
        let answer = http.send(sent.clone(), limits).await.map_err(|error| match error {
            // What was allowed is the whole, not what was left of it for this hop.
            TransportError::Timeout { host, after, awaiting } if after == left_over => {
                TransportError::Timeout { host, after: total, awaiting }
            }
            other => other,
        })?;
        let next = match self.limits.redirects {
            Redirects::Followed { at_most } => {
                redirect::next(&self.plain, &answer, declared)?.map(|next| (next, at_most))
            }
            Redirects::Returned => None,
        };
        let Some((next, at_most)) = next else {
            let answer = HttpAnswer { elapsed: self.started.elapsed(), ..answer };
            return Ok(Some(Followed { answer, plain: self.plain.clone(), sent, left: self.left }));
        };
        if self.done == at_most {
            return Err(TransportError::Redirect {
                host: shown_host(&sent.url),
                why: format!("once more after {at_most} redirects, which looks like a loop"),
                help: "use the address that the service means; perhaps it wants to be signed in to, or a path without a final `/`",
            });
        }
        self.done += 1;
        self.left |= next.url.origin() != self.plain.url.origin();
        self.plain = next;
        Ok(None)
    }
}
