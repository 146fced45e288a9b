//! Looks over the shoulder of the transport during one call: what went out, what came back, why nothing did.

use async_trait::async_trait;
use sluis_invoke::{Http, HttpAnswer, OutgoingRequest, Phases, SendLimits, TransportError};
use std::sync::{Mutex, PoisonError};

/// One request as the transport saw it.
#[derive(Debug, Clone)]
pub(super) struct Exchange {
    /// Status, or why there is none.
    pub ended: Result<u16, TransportError>,
    /// How its time was spent.
    pub phases: Phases,
    /// Bytes of body sent.
    pub sent: usize,
    /// Bytes of body received, unpacked.
    pub received: usize,
}

/// A transport that is watched.
pub(super) struct Watched<'a> {
    http: &'a dyn Http,
    seen: Mutex<Vec<Exchange>>,
}

impl<'a> Watched<'a> {
    /// Watches a transport.
    pub fn over(http: &'a dyn Http) -> Self {
        Self { http, seen: Mutex::default() }
    }

    /// What was seen since the last time, in order.
    pub fn take(&self) -> Vec<Exchange> {
        std::mem::take(&mut self.seen.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

#[async_trait]
impl Http for Watched<'_> {
    async fn send(&self, request: OutgoingRequest, limits: SendLimits) -> Result<HttpAnswer, TransportError> {
        let mail = request.mail.as_ref().and_then(|mail| mail.mail());
        let sent = mail.map_or(request.body.len(), |mail| mail.bytes());
        let answer = self.http.send(request, limits).await;
        let seen = match &answer {
            Ok(answer) => Exchange {
                ended: Ok(answer.status),
                phases: answer.phases,
                sent,
                received: answer.body.len(),
            },
            Err(error) => {
                let sent = if error.nothing_was_sent() { 0 } else { sent };
                Exchange { ended: Err(error.clone()), phases: Phases::default(), sent, received: 0 }
            }
        };
        self.seen.lock().unwrap_or_else(PoisonError::into_inner).push(seen);
        answer
    }
}
