//! Whether the server answers. Says nothing else: it is open to everyone.

use crate::state::App;
use axum::extract::State;
use axum::routing::get;
use axum::{Json, Router};
use serde_json::{Value, json};

/// `GET /healthz` and `GET /instance`.
pub fn routes() -> Router<App> {
    Router::new().route("/healthz", get(health)).route("/instance", get(instance))
}

async fn health() -> Json<Value> {
    Json(json!({ "status": "ok" }))
}

/// Which engine answers here: random text that says nothing but that.
async fn instance(State(app): State<App>) -> String {
    format!("sluis {}", app.engine.instance())
}
