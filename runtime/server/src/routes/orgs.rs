//! Subscriber organisations.

use super::moment;
use crate::error::ApiError;
use crate::extract::PathOf;
use crate::state::App;
use axum::extract::State;
use axum::routing::put;
use axum::{Json, Router};
use serde::Serialize;
use sluis_model::id::OrgId;
use sluis_model::time::Timestamp;

/// `PUT /api/v1/orgs/{org}`.
pub fn routes() -> Router<App> {
    Router::new().route("/orgs/{org}", put(ensure))
}

#[derive(Serialize)]
struct OrgView {
    org: OrgId,
    #[serde(serialize_with = "moment")]
    created_at: Timestamp,
}

/// Makes the org if it is not there yet; doing it twice is no error.
async fn ensure(State(app): State<App>, PathOf(org): PathOf<OrgId>) -> Result<Json<OrgView>, ApiError> {
    let org = app.engine.ensure_org(&org).await?;
    Ok(Json(OrgView { org: org.id, created_at: org.created_at }))
}
