//! `GET /v1/commands` and `GET /v1/auths`: what there is.

use super::failed;
use super::key::Keyed;
use crate::state::App;
use axum::extract::State;
use axum::response::{IntoResponse as _, Response};
use axum::routing::get;
use axum::{Json, Router};

/// Both lists.
pub fn routes() -> Router<App> {
    Router::new().route("/v1/commands", get(commands)).route("/v1/auths", get(auths))
}

async fn commands(State(app): State<App>, Keyed(org): Keyed) -> Response {
    match app.engine.proxy_commands(&org).await {
        Ok(all) => Json(all).into_response(),
        Err(failure) => failed(&failure),
    }
}

async fn auths(State(app): State<App>, Keyed(org): Keyed) -> Response {
    match app.engine.proxy_auths(&org).await {
        Ok(all) => Json(all).into_response(),
        Err(failure) => failed(&failure),
    }
}
