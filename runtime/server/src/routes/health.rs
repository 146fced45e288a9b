//! Whether the server answers. Says nothing else: it is open to everyone.

use crate::state::App;
use axum::routing::get;
use axum::{Json, Router};
use serde_json::{Value, json};

/// `GET /healthz`.
pub fn routes() -> Router<App> {
    Router::new().route("/healthz", get(health))
}

async fn health() -> Json<Value> {
    Json(json!({ "status": "ok" }))
}
