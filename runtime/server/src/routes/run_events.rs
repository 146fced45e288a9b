//! What happens in a run as server-sent events (WHATWG HTML §9.2).

use super::runs::{CallView, RunView};
use axum::response::sse::Event;
use futures_core::Stream;
use serde::Serialize;
use sluis_engine::{RunTail, TailEvent, TailPlace};
use std::convert::Infallible;
use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::task::{Context, Poll};
use std::time::Duration;

/// How soon whoever looks on is sent away when the server stops.
const DRAIN_SEEN_EVERY: Duration = Duration::from_millis(250);

/// The events of a run, until its end or the server's.
pub struct Events {
    next: Option<Next>,
}

/// Where somebody looks on from, what they have seen, and whether the server stops.
type Seen = (RunTail, Option<Event>, Arc<AtomicBool>);

type Next = Pin<Box<dyn Future<Output = Seen> + Send>>;

impl Events {
    /// What is seen through `tail`.
    pub fn of(tail: RunTail, draining: Arc<AtomicBool>) -> Self {
        Self { next: Some(Box::pin(next(tail, draining))) }
    }
}

impl Stream for Events {
    type Item = Result<Event, Infallible>;

    fn poll_next(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        let Some(next) = &mut self.next else { return Poll::Ready(None) };
        match next.as_mut().poll(context) {
            Poll::Pending => Poll::Pending,
            Poll::Ready(event) => Poll::Ready(self.went_on(event)),
        }
    }
}

impl Events {
    fn went_on(&mut self, (tail, event, draining): Seen) -> Option<Result<Event, Infallible>> {
        self.next = event.is_some().then(|| Box::pin(next(tail, draining)) as Next);
        event.map(Ok)
    }
}

/// The next event; none at the end.
async fn next(mut tail: RunTail, draining: Arc<AtomicBool>) -> Seen {
    let event = loop {
        if draining.load(Ordering::SeqCst) {
            break None;
        }
        match tokio::time::timeout(DRAIN_SEEN_EVERY, tail.next()).await {
            Err(_) => {}
            Ok(Ok(Some((place, event)))) => break Some(as_event(place, event)),
            Ok(Ok(None)) => break None,
            Ok(Err(failure)) => {
                tracing::warn!(%failure, "somebody who looked on at a run was sent away");
                break None;
            }
        }
    };
    (tail, event, draining)
}

fn as_event(place: TailPlace, event: TailEvent) -> Event {
    let made = Event::default().id(format!("{}.{}", place.lines, place.calls));
    match event {
        TailEvent::State(state) => with(made.event("state"), &state),
        TailEvent::Anew => with(made.event("anew"), &()),
        TailEvent::Line(line) => with(made.event("line"), &line),
        TailEvent::Call(call) => with(made.event("call"), &CallView::from(*call)),
        TailEvent::End(run) => with(made.event("end"), &RunView::from(*run)),
    }
}

/// All data is JSON: a line of text may hold what ends an event.
fn with(event: Event, data: &impl Serialize) -> Event {
    event.json_data(data).unwrap_or_else(|error| {
        tracing::error!(%error, "an event could not be written");
        Event::default().comment("an event could not be written")
    })
}
