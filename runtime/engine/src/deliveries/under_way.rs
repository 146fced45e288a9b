//! Calls that were handed over and are being made in this process.

use std::future::Future;
use std::sync::{Mutex, PoisonError};
use tokio::task::JoinSet;

/// Tasks whose end nobody waits for, until the engine is closed.
#[derive(Debug, Default)]
pub(crate) struct UnderWay(Mutex<JoinSet<()>>);

impl UnderWay {
    /// Begins one.
    pub fn spawn(&self, task: impl Future<Output = ()> + Send + 'static) {
        let mut all = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        // Those that have ended make room.
        while all.try_join_next().is_some() {}
        all.spawn(task);
    }

    /// Waits until all have ended; each has its own time limit.
    pub async fn ended(&self) {
        let mut all = std::mem::take(&mut *self.0.lock().unwrap_or_else(PoisonError::into_inner));
        while all.join_next().await.is_some() {}
    }
}
