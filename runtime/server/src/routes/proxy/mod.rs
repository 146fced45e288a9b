//! The connector proxy protocol of SpiffWorkflow, at the root and under `/proxy/{org}`. The key of a
//! request says whose connectors are meant: one that was made for an org is enough at the root; others
//! are shown under the org's own path.
//!
//! Errors here are those of the protocol, not problem documents: a backend parses them.

mod authorize;
mod commands;
mod execute;
mod key;
mod settings;
mod suggestions;

use crate::state::App;
use axum::response::{IntoResponse as _, Response};
use axum::routing::get;
use axum::{Json, Router};
use http::StatusCode;
use serde_json::{Value, json};
use sluis_model::error::{Failure, Reason};

pub use settings::routes as settings;

/// The whole protocol, at the root and for each org.
pub fn routes() -> Router<App> {
    Router::new()
        .merge(protocol())
        .route("/proxy/{org}", get(greeting))
        .route("/proxy/{org}/", get(greeting))
        .nest("/proxy/{org}", protocol())
}

fn protocol() -> Router<App> {
    Router::new()
        .route("/liveness", get(alive))
        .route("/v1/liveness", get(alive))
        .merge(commands::routes())
        .merge(execute::routes())
        .merge(authorize::routes())
        .merge(suggestions::routes())
}

async fn greeting() -> &'static str {
    "This is a connector proxy for SpiffWorkflow. It is used by a backend, under this very URL.\n"
}

async fn alive() -> Json<Value> {
    Json(json!({ "ok": true }))
}

/// A failure in the form of the protocol.
fn failed(failure: &Failure) -> Response {
    let status = match failure.reason {
        Reason::Unauthenticated => return unauthorized(),
        Reason::Internal => StatusCode::INTERNAL_SERVER_ERROR,
        other => StatusCode::from_u16(other.status()).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR),
    };
    let help = failure.help.as_ref().map(|help| format!(" ({help})")).unwrap_or_default();
    let error = json!({
        "error_code": failure.reason.as_str(),
        "message": format!("{}{help}", failure.message),
    });
    (status, Json(json!({ "command_response": {}, "error": error }))).into_response()
}

fn unauthorized() -> Response {
    (StatusCode::UNAUTHORIZED, Json(json!({ "error": "Unauthorized" }))).into_response()
}
