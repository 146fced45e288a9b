//! Runs that waited for a person go on as soon as the matter is decided, by whichever way: a callback,
//! or a code entered on another device.

use crate::state::App;
use sluis_engine::Unobserved;
use sluis_model::error::{Failure, Reason};
use sluis_model::id::{Namespace, OrgId};
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

/// Lets every run that waited for this connector go on. Each has a record that tells how it ends.
fn resume_waiting(app: &App, org: OrgId, namespace: Namespace) {
    let (engine, work) = (app.engine.clone(), app.work.clone());
    app.work.spawn(async move {
        let runs = match engine.waiting_runs(&org, &namespace).await {
            Ok(runs) => runs,
            Err(Failure { reason, message, .. }) => {
                tracing::error!(%org, connector = %namespace, reason = reason.as_str(), message, "waiting runs could not be listed");
                return;
            }
        };
        for run in runs {
            let (engine, org) = (engine.clone(), org.clone());
            work.spawn(async move {
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
    });
}
