//! Work that is carried out to its end whatever becomes of the connection that asked for it: a
//! renewal that is dropped half-way would lose the tokens that the provider has already rotated.

use crate::error::ApiError;
use sluis_model::error::{Failure, Reason};
use std::future::Future;
use tokio::sync::watch;
use tracing::Instrument as _;

/// Counts the work under way.
#[derive(Clone)]
pub struct Work(watch::Sender<usize>);

/// One piece of work; gone when it is dropped, also by a panic.
struct Piece(watch::Sender<usize>);

impl Drop for Piece {
    fn drop(&mut self) {
        self.0.send_modify(|under_way| *under_way -= 1);
    }
}

impl Work {
    /// Nothing is under way.
    pub fn new() -> Self {
        Self(watch::Sender::new(0))
    }

    /// Does it on a task of its own; nobody waits for the outcome.
    pub fn spawn(&self, future: impl Future<Output = ()> + Send + 'static) {
        drop(self.start(future));
    }

    /// Does it on a task of its own and answers its outcome. If the caller goes away, the work goes
    /// on; a panic in it becomes an internal failure.
    pub async fn carry_out<T, E>(
        &self,
        future: impl Future<Output = Result<T, E>> + Send + 'static,
    ) -> Result<T, ApiError>
    where
        T: Send + 'static,
        E: Into<ApiError> + Send + 'static,
    {
        match self.start(future).await {
            Ok(outcome) => outcome.map_err(Into::into),
            Err(_) => {
                tracing::error!("work ended by a panic");
                Err(Failure::new(Reason::Internal, "the server failed while it worked on this")
                    .help("the operator finds the cause in the log, under the request id")
                    .into())
            }
        }
    }

    fn start<T: Send + 'static>(
        &self,
        future: impl Future<Output = T> + Send + 'static,
    ) -> tokio::task::JoinHandle<T> {
        self.0.send_modify(|under_way| *under_way += 1);
        let piece = Piece(self.0.clone());
        let work = async move {
            let _piece = piece;
            future.await
        };
        tokio::spawn(work.in_current_span())
    }

    /// Waits until nothing is under way.
    pub async fn finished(&self) {
        // The sender is ours, so the channel cannot be closed.
        let _ = self.0.subscribe().wait_for(|under_way| *under_way == 0).await;
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::time::Duration;

    #[tokio::test]
    async fn work_goes_on_when_its_caller_goes_away_and_is_waited_for() {
        let work = Work::new();
        let (done, is_done) = tokio::sync::oneshot::channel();
        let caller = work.carry_out(async move {
            tokio::time::sleep(Duration::from_millis(50)).await;
            done.send(()).map_err(|()| Failure::new(Reason::Internal, "nobody listens"))
        });
        assert!(tokio::time::timeout(Duration::from_millis(5), caller).await.is_err(), "the caller gave up");
        work.finished().await;
        assert_eq!(is_done.await, Ok(()));
    }

    #[tokio::test]
    async fn a_panic_in_the_work_is_a_failure_and_not_a_hang() {
        let work = Work::new();
        let outcome: Result<(), ApiError> = work.carry_out(async { panic_with("planted") }).await;
        assert_eq!(outcome.unwrap_err().status(), http::StatusCode::INTERNAL_SERVER_ERROR);
        work.finished().await;
    }

    fn panic_with(text: &str) -> Result<(), Failure> {
        if text.is_empty() { Ok(()) } else { panic!("{text}") }
    }
}
