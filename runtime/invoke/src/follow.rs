//! Follows redirects, hop by hop: each is a request of its own that the transport judges and sends.

use crate::egress::redirect;
use crate::hosts::{HostPort, shown_host};
use crate::request::OutgoingRequest;
use crate::transport::{Http, HttpAnswer, Redirects, SendLimits, TransportError};
use std::time::Instant;

/// An answer, and who gave it.
#[derive(Debug, Clone)]
pub struct Followed {
    /// The last answer.
    pub answer: HttpAnswer,
    /// Whether another origin gave it than the one that was asked: then it says nothing about the
    /// credential, which was not sent there.
    pub left: bool,
}

/// Sends a request and follows its redirects as `limits` say, all within the whole time allowed.
/// `declared` are the hosts of the connector whose credential is on the request, if one is.
pub async fn follow(
    http: &dyn Http,
    request: OutgoingRequest,
    limits: SendLimits,
    declared: Option<&[HostPort]>,
) -> Result<Followed, TransportError> {
    let Redirects::Followed { at_most } = limits.redirects else {
        return Ok(Followed { answer: http.send(request, limits).await?, left: false });
    };
    let started = Instant::now();
    let origin = request.url.origin();
    let (mut request, mut hops) = (request, 0);
    loop {
        let sent = request.clone();
        let left_over = limits.total.saturating_sub(started.elapsed());
        let answer = http.send(request, SendLimits { total: left_over, ..limits }).await.map_err(
            |error| match error {
                // What was allowed is the whole, not what was left of it for this hop.
                TransportError::Timeout { host, after, awaiting } if after == left_over => {
                    TransportError::Timeout { host, after: limits.total, awaiting }
                }
                other => other,
            },
        )?;
        let Some(next) = redirect::next(&sent, &answer, declared)? else {
            let left = sent.url.origin() != origin;
            return Ok(Followed { answer: HttpAnswer { elapsed: started.elapsed(), ..answer }, left });
        };
        if hops == at_most {
            return Err(TransportError::Redirect {
                host: shown_host(&sent.url),
                why: format!("once more after {at_most} redirects, which looks like a loop"),
                help: "use the address that the service means; perhaps it wants to be signed in to, or a path without a final `/`",
            });
        }
        hops += 1;
        request = next;
    }
}
