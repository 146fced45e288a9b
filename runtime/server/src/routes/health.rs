//! Whether the server answers. Says nothing else: it is open to everyone.

use crate::state::App;
use axum::extract::State;
use axum::routing::get;
use axum::{Json, Router};
use http::StatusCode;
use serde_json::{Value, json};
use std::sync::atomic::Ordering;

/// `GET /healthz`, `GET /readyz` and `GET /instance`.
pub fn routes() -> Router<App> {
    Router::new()
        .route("/healthz", get(health))
        .route("/readyz", get(readiness))
        .route("/instance", get(instance))
}

async fn health() -> Json<Value> {
    Json(json!({ "status": "ok" }))
}

/// Whether requests can be served here now. Says what is in the way by its class alone.
async fn readiness(State(app): State<App>) -> (StatusCode, Json<Value>) {
    let reason = match app.draining.load(Ordering::SeqCst) {
        true => Some("draining"),
        false => app.engine.ready().await.err().map(|unready| unready.as_str()),
    };
    match reason {
        None => (StatusCode::OK, Json(json!({ "status": "ready" }))),
        Some(reason) => {
            (StatusCode::SERVICE_UNAVAILABLE, Json(json!({ "status": "unready", "reason": reason })))
        }
    }
}

/// Which engine answers here: random text that says nothing but that.
async fn instance(State(app): State<App>) -> String {
    format!("sluis {}", app.engine.instance())
}
