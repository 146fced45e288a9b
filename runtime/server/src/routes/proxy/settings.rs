//! Which workflow backends an org serves.

use crate::error::ApiError;
use crate::extract::{JsonOf, PathOf};
use crate::state::App;
use axum::extract::State;
use axum::routing::get;
use axum::{Json, Router};
use sluis_engine::ProxySettings;
use sluis_model::id::OrgId;

/// `GET` and `PUT /api/v1/orgs/{org}/connector-proxy`.
pub fn routes() -> Router<App> {
    Router::new().route("/orgs/{org}/connector-proxy", get(show).put(change))
}

async fn show(State(app): State<App>, PathOf(org): PathOf<OrgId>) -> Result<Json<ProxySettings>, ApiError> {
    Ok(Json(app.engine.proxy_settings(&org).await?))
}

async fn change(
    State(app): State<App>,
    PathOf(org): PathOf<OrgId>,
    JsonOf(settings): JsonOf<ProxySettings>,
) -> Result<Json<ProxySettings>, ApiError> {
    Ok(Json(app.engine.set_proxy_settings(&org, settings).await?))
}
