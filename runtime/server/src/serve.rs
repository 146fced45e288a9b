//! Serving on a socket that the caller has bound, until the caller says stop.

use crate::middleware::cross_origin::Origin;
use crate::middleware::forwarded::TrustedProxy;
use crate::middleware::limits::RateLimits;
use crate::router::router_with;
use crate::state::App;
use crate::{accept, measured, resume, routes};
use sluis_engine::Engine;
use sluis_model::id::OrgId;
use sluis_model::secret::SecretText;
use std::future::Future;
use std::io;
use std::sync::atomic::Ordering;
use std::time::Duration;
use tokio::net::TcpListener;
use tokio::sync::watch;
use tokio::time::Instant;

/// How often runs whose process has died are looked for.
const RUNS_LOOKED_AFTER_EVERY: Duration = Duration::from_secs(5);

/// How a server ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Drain {
    /// How long requests are still taken while `/readyz` says that no more should come: as long as a
    /// balancer takes to hear of it.
    pub notice: Duration,
    /// How long requests in flight, and work that goes on without its caller, may take after that.
    pub grace: Duration,
}

impl Default for Drain {
    fn default() -> Self {
        Self { notice: Duration::ZERO, grace: Duration::from_secs(30) }
    }
}

/// What whoever starts the server chooses.
#[derive(Debug, Clone, Default)]
pub struct ServerOptions {
    /// The token that callers of `/api/v1` show as `Authorization: Bearer …`. Without one nothing under
    /// `/api/v1` is served; health checks and the way back from consent are.
    pub api_token: Option<SecretText>,
    /// Whether runs that waited for a connector go on here as soon as its consent is decided. The
    /// terminal, which resumes its own run, leaves it off.
    pub resume_runs: bool,
    /// How many jobs are worked on here at a time, until the stop; none if nothing is said.
    pub jobs: usize,
    /// The org that requests of the connector proxy protocol mean at the root where nothing else says
    /// whose connectors they are.
    pub proxy_org: Option<OrgId>,
    /// The token that callers of `/metrics` show; without one there is no `/metrics` here.
    pub metrics_token: Option<SecretText>,
    /// How many requests are taken of one token and one address.
    pub rate_limits: RateLimits,
    /// Proxies and balancers that are believed when they say for whom they ask; none if nothing is said.
    pub trusted_proxies: Vec<TrustedProxy>,
    /// Origins whose pages may read answers; none if nothing is said.
    pub allow_origins: Vec<Origin>,
    /// How it ends.
    pub drain: Drain,
}

/// Serves the engine until `shutdown` completes: then `/readyz` says so, after the notice no connection is
/// accepted any more, and what is in flight has the time of grace. Runs that are cut off after that are taken over
/// once their lease has ended. The engine stays open; closing it is up to the caller.
///
/// # Errors
/// When the socket has no address, which is no socket that listens.
pub async fn serve(
    listener: TcpListener,
    engine: Engine,
    options: ServerOptions,
    shutdown: impl Future<Output = ()> + Send + 'static,
) -> io::Result<()> {
    let drain = options.drain;
    tracing::debug!(address = %listener.local_addr()?, "serving");
    if options.metrics_token.is_some() {
        measured::collect();
    }
    let concurrency = options.jobs;
    let app = App::new(engine, options);
    let (work, draining) = (app.work.clone(), app.draining.clone());
    let upkeep = AbortOnDrop(tokio::spawn(measured::upkeep()));
    // Subscribed before anybody is served.
    let resuming = app.resume_runs.then(|| {
        let decisions = tokio::spawn(resume::on_decisions(app.clone(), app.engine.decisions()));
        let settled = tokio::spawn(resume::on_settled(app.clone(), app.engine.settled_calls()));
        (AbortOnDrop(decisions), AbortOnDrop(settled))
    });
    let (stop, mut stopped) = watch::channel(false);
    let (leave, left) = watch::channel(false);
    if concurrency > 0 {
        app.work.spawn(jobs(app.engine.clone(), concurrency, drain.grace, left));
    }
    let runs_go_on = (concurrency > 0).then(|| {
        let engine = app.engine.clone();
        AbortOnDrop(tokio::spawn(async move { engine.keep_runs_going(RUNS_LOOKED_AFTER_EVERY).await }))
    });
    let signal = async move {
        shutdown.await;
        draining.store(true, Ordering::SeqCst);
        // Other nodes take what is due from now on.
        leave.send_replace(true);
        tracing::info!(
            notice_s = drain.notice.as_secs(),
            grace_s = drain.grace.as_secs(),
            "stopping: requests in flight are finished first"
        );
        tokio::time::sleep(drain.notice).await;
        stop.send_replace(true);
    };
    let served = accept::serve(listener, router_with(app), signal);
    let deadline = async move {
        // An error means that the signal is gone, which only happens after it was given.
        let _ = stopped.wait_for(|stop| *stop).await;
        Instant::now() + drain.grace
    };
    tokio::pin!(served, deadline);
    let until = tokio::select! {
        // The server ends before its deadline is known only if nothing was in flight.
        biased;
        () = &mut served => Instant::now() + drain.grace,
        until = &mut deadline => {
            if tokio::time::timeout_at(until, &mut served).await.is_err() {
                tracing::warn!("requests were still in flight at the end of the grace period");
            }
            until
        }
    };
    // Nothing is decided here any more; what has begun to go on is work like any other.
    drop(resuming);
    drop(upkeep);
    drop(runs_go_on);
    if tokio::time::timeout_at(until, work.finished()).await.is_err() {
        tracing::warn!(
            "work was cut off at the end of the grace period; its runs go on elsewhere or at the next start"
        );
    }
    Ok(())
}

/// Works on jobs until the stop.
async fn jobs(engine: Engine, concurrency: usize, grace: Duration, mut left: watch::Receiver<bool>) {
    // An error means that the server is gone, which is a reason to stop as well.
    let stop = async move { drop(left.wait_for(|left| *left).await) };
    if let Err(failure) = engine.work_jobs(concurrency, grace, stop).await {
        tracing::error!(message = failure.message, "no jobs are worked on here any more");
    }
}

/// Shows metrics at `/metrics` of a socket of its own, to everyone who reaches it, until it is dropped.
///
/// # Errors
/// When the socket has no address, which is no socket that listens.
pub async fn serve_metrics(listener: TcpListener) -> io::Result<()> {
    measured::collect();
    tracing::debug!(address = %listener.local_addr()?, "showing metrics");
    accept::serve(listener, routes::metrics::open(), std::future::pending()).await;
    Ok(())
}

/// Ends a task together with what it is for.
struct AbortOnDrop(tokio::task::JoinHandle<()>);

impl Drop for AbortOnDrop {
    fn drop(&mut self) {
        self.0.abort();
    }
}
