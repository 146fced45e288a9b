//! Subscriber organisations.

use super::moment;
use crate::access::Caller;
use crate::error::ApiError;
use crate::extract::{PathOf, QueryOf};
use crate::openapi::ids;
use crate::paging::{self, page};
use crate::state::App;
use axum::Json;
use axum::extract::State;
use serde::Serialize;
use sluis_engine::orgs::Org;
use sluis_model::id::OrgId;
use sluis_model::time::Timestamp;
use utoipa::ToSchema;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

/// `GET /api/v1/orgs`, `PUT /api/v1/orgs/{org}`.
pub fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::new().routes(routes!(list)).routes(routes!(ensure))
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

impl From<Org> for OrgView {
    fn from(org: Org) -> Self {
        Self { org: org.id, created_at: org.created_at }
    }
}

/// Organisations, by id.
#[derive(Serialize, ToSchema)]
struct Orgs {
    orgs: Vec<OrgView>,
    /// The cursor of the next page; none after the last.
    next: Option<String>,
}

/// The organisations that whoever asks knows of: all of them, or those that they belong to.
#[utoipa::path(
    get,
    path = "/orgs",
    operation_id = "listOrgs",
    tag = "orgs",
    params(paging::Wanted),
    responses((status = 200, description = "A page of organisations", body = Orgs))
)]
async fn list(
    State(app): State<App>,
    caller: Caller,
    QueryOf(wanted): QueryOf<paging::Wanted>,
) -> Result<Json<Orgs>, ApiError> {
    let mut known = Vec::new();
    for org in app.engine.orgs().await? {
        if caller.knows_of(&app, &org.id).await? {
            known.push(org);
        }
    }
    let page = page(known, |org| org.id.to_string(), &wanted)?;
    Ok(Json(Orgs { orgs: page.rows.into_iter().map(OrgView::from).collect(), next: page.next }))
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
    Ok(Json(org.into()))
}
