//! Serving on a socket that the caller has bound, until the caller says stop.

use crate::resume;
use crate::router::router_with;
use crate::state::App;
use sluis_engine::Engine;
use sluis_model::id::OrgId;
use sluis_model::secret::SecretText;
use std::future::{Future, IntoFuture as _};
use std::io;
use std::time::Duration;
use tokio::net::TcpListener;
use tokio::sync::watch;
use tokio::time::Instant;

/// How long requests in flight, and work that goes on without its caller, may take after a stop.
const GRACE: Duration = Duration::from_secs(30);

/// What whoever starts the server chooses.
#[derive(Debug, Clone, Default)]
pub struct ServerOptions {
    /// The token that callers of `/api/v1` show as `Authorization: Bearer …`. Without one nothing under
    /// `/api/v1` is served; health checks and the way back from consent are.
    pub api_token: Option<SecretText>,
    /// Whether runs that waited for a connector go on here as soon as its consent is decided. The
    /// terminal, which resumes its own run, leaves it off.
    pub resume_runs: bool,
    /// The org that requests of the connector proxy protocol mean at the root where nothing else says
    /// whose connectors they are.
    pub proxy_org: Option<OrgId>,
}

/// Serves the engine until `shutdown` completes: then no connection is accepted any more, and what is
/// in flight has 30 seconds. Work that is cut off after that is told as interrupted by
/// `Engine::recover` at the next start. The engine stays open; closing it is up to the caller.
///
/// # Errors
/// When the socket cannot be accepted from.
pub async fn serve(
    listener: TcpListener,
    engine: Engine,
    options: ServerOptions,
    shutdown: impl Future<Output = ()> + Send + 'static,
) -> io::Result<()> {
    let app = App::new(engine, options);
    let work = app.work.clone();
    // Subscribed before anybody is served.
    let resuming = app
        .resume_runs
        .then(|| AbortOnDrop(tokio::spawn(resume::on_decisions(app.clone(), app.engine.decisions()))));
    let (stop, mut stopped) = watch::channel(false);
    let signal = async move {
        shutdown.await;
        tracing::info!(grace_s = GRACE.as_secs(), "stopping: requests in flight are finished first");
        stop.send_replace(true);
    };
    let served = axum::serve(listener, router_with(app)).with_graceful_shutdown(signal).into_future();
    let deadline = async move {
        // An error means that the signal is gone, which only happens after it was given.
        let _ = stopped.wait_for(|stop| *stop).await;
        Instant::now() + GRACE
    };
    tokio::pin!(served, deadline);
    let until = tokio::select! {
        // The server ends before its deadline is known only if nothing was in flight.
        biased;
        ended = &mut served => { ended?; Instant::now() + GRACE }
        until = &mut deadline => {
            match tokio::time::timeout_at(until, &mut served).await {
                Ok(ended) => ended?,
                Err(_) => tracing::warn!("requests were still in flight at the end of the grace period"),
            }
            until
        }
    };
    // Nothing is decided here any more; what has begun to go on is work like any other.
    drop(resuming);
    if tokio::time::timeout_at(until, work.finished()).await.is_err() {
        tracing::warn!("work was cut off at the end of the grace period; it will be told as interrupted");
    }
    Ok(())
}

/// Ends a task together with what it is for.
struct AbortOnDrop(tokio::task::JoinHandle<()>);

impl Drop for AbortOnDrop {
    fn drop(&mut self) {
        self.0.abort();
    }
}
