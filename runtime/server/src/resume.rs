//! Runs that waited go on as soon as what they wait for has happened: a person has decided, by a callback or a
//! code entered on another device, or a service has brought an answer.

use crate::state::App;
use sluis_engine::{Settled, Unobserved};
use sluis_model::error::{Failure, Reason};
use sluis_model::id::{Namespace, OrgId, RunId};
use tokio::sync::broadcast::Receiver;
use tokio::sync::broadcast::error::RecvError;

/// Lets runs go on until it is dropped.
pub async fn on_decisions(app: App, mut decisions: Receiver<(OrgId, Namespace)>) {
    loop {
        match decisions.recv().await {
            Ok((org, namespace)) => resume_waiting(&app, org, namespace),
            Err(RecvError::Lagged(missed)) => {
                tracing::error!(
                    missed,
                    "decisions came faster than runs could go on; they do at the next start"
                );
            }
            Err(RecvError::Closed) => return,
        }
    }
}

/// The same for runs that wait for an answer that a service brings.
pub async fn on_settled(app: App, mut settled: Receiver<Settled>) {
    loop {
        match settled.recv().await {
            Ok(Settled { org, run: Some(run), .. }) => resume(&app, org, run),
            Ok(_) => {}
            // The next round through all calls tells of them again.
            Err(RecvError::Lagged(missed)) => {
                tracing::warn!(missed, "answers came faster than runs could go on");
            }
            Err(RecvError::Closed) => return,
        }
    }
}

/// Lets one run go on.
fn resume(app: &App, org: OrgId, run: RunId) {
    let engine = app.engine.clone();
    app.work.spawn(async move {
        match engine.resume(&org, &run, &mut Unobserved).await {
            Ok(end) => tracing::info!(%org, %run, fuel = end.run.fuel, "run went on"),
            // Somebody else goes on with it, which is as good.
            Err(failure) if failure.reason == Reason::Conflict => {
                tracing::debug!(%org, %run, "run goes on elsewhere");
            }
            Err(failure) => tracing::error!(
                %org, %run, reason = failure.reason.as_str(), message = failure.message,
                "run could not go on"
            ),
        }
    });
}

/// Lets every run that waited for this connector go on. Each has a record that tells how it ends.
fn resume_waiting(app: &App, org: OrgId, namespace: Namespace) {
    let (engine, app) = (app.engine.clone(), app.clone());
    let work = app.work.clone();
    work.spawn(async move {
        let runs = match engine.waiting_runs(&org, &namespace).await {
            Ok(runs) => runs,
            Err(Failure { reason, message, .. }) => {
                tracing::error!(%org, connector = %namespace, reason = reason.as_str(), message, "waiting runs could not be listed");
                return;
            }
        };
        for run in runs {
            resume(&app, org.clone(), run);
        }
    });
}
