//! Subscriber organisations.

use super::moment;
use crate::error::ApiError;
use crate::extract::PathOf;
use crate::openapi::ids;
use crate::state::App;
use axum::Json;
use axum::extract::State;
use serde::Serialize;
use sluis_model::id::OrgId;
use sluis_model::time::Timestamp;
use utoipa::ToSchema;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

/// `PUT /api/v1/orgs/{org}`.
pub fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::new().routes(routes!(ensure))
}

#[derive(Serialize, ToSchema)]
#[schema(as = Org)]
struct OrgView {
    #[schema(value_type = ids::OrgId)]
    org: OrgId,
    #[serde(serialize_with = "moment")]
    #[schema(value_type = ids::Moment)]
    created_at: Timestamp,
}

/// Makes the org if it is not there yet; doing it twice is no error.
#[utoipa::path(
    put,
    path = "/orgs/{org}",
    operation_id = "putOrg",
    tag = "orgs",
    params(("org" = ids::OrgId, Path)),
    responses((status = 200, description = "The organisation", body = OrgView))
)]
async fn ensure(State(app): State<App>, PathOf(org): PathOf<OrgId>) -> Result<Json<OrgView>, ApiError> {
    let org = app.engine.ensure_org(&org).await?;
    Ok(Json(OrgView { org: org.id, created_at: org.created_at }))
}
