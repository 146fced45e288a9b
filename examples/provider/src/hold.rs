//! Lets a test stop token requests at a moment of its choice: to see that one has arrived, or that
//! its rotation is committed and its answer not sent yet, and to kill the client right then.

use std::sync::{Mutex, PoisonError};
use tokio::sync::mpsc::{UnboundedReceiver, UnboundedSender, unbounded_channel};
use tokio::sync::oneshot;

/// Where a token request is held.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Moment {
    /// It has arrived, and nothing has changed.
    Arrived,
    /// Tokens have been given or refused, and the answer is not sent.
    Decided,
}

/// A request that is held. It goes on when this is dropped.
#[derive(Debug)]
pub struct Held {
    _go_on: oneshot::Sender<()>,
}

/// Who wants to hold requests.
#[derive(Default)]
pub(crate) struct Holds {
    wanted: Mutex<Option<(Moment, UnboundedSender<Held>)>>,
}

impl Holds {
    /// Each token request is held at this moment from now on, until the receiver is dropped.
    pub(crate) fn want(&self, moment: Moment) -> UnboundedReceiver<Held> {
        let (sender, receiver) = unbounded_channel();
        *self.wanted.lock().unwrap_or_else(PoisonError::into_inner) = Some((moment, sender));
        receiver
    }

    /// Waits here if somebody wants that.
    pub(crate) async fn pass(&self, moment: Moment) {
        let wanted = self.wanted.lock().unwrap_or_else(PoisonError::into_inner).clone();
        let Some((_, sender)) = wanted.filter(|(at, _)| *at == moment) else { return };
        let (go_on, held) = oneshot::channel();
        if sender.send(Held { _go_on: go_on }).is_ok() {
            // An error of the sender is its end, which is what we wait for.
            drop(held.await);
        }
    }
}
