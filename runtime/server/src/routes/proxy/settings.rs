//! Which workflow backends an org serves.

use crate::conditional::{self, Conditions, Tag, tagged};
use crate::error::ApiError;
use crate::extract::{JsonOf, PathOf};
use crate::openapi::{ids, shapes};
use crate::state::App;
use axum::Json;
use axum::extract::State;
use axum::response::{IntoResponse as _, Response};
use sluis_engine::ProxySettings;
use sluis_model::id::OrgId;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

/// `GET` and `PUT /api/v1/orgs/{org}/connector-proxy`.
pub fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::new().routes(routes!(show, change))
}

/// Which workflow backends an organisation serves.
#[utoipa::path(
    get,
    path = "/orgs/{org}/connector-proxy",
    operation_id = "getConnectorProxy",
    tag = "connector proxy",
    params(("org" = ids::OrgId, Path)),
    responses((status = 200, description = "The settings", body = shapes::ProxySettings))
)]
async fn show(
    State(app): State<App>,
    PathOf(org): PathOf<OrgId>,
    conditions: Conditions,
) -> Result<Response, ApiError> {
    Ok(conditions.answer(&app.engine.proxy_settings(&org).await?))
}

/// Says which workflow backends an organisation serves.
#[utoipa::path(
    put,
    path = "/orgs/{org}/connector-proxy",
    operation_id = "putConnectorProxy",
    tag = "connector proxy",
    params(("org" = ids::OrgId, Path)),
    request_body = shapes::ProxySettings,
    responses((status = 200, description = "The settings as they are now", body = shapes::ProxySettings))
)]
async fn change(
    State(app): State<App>,
    PathOf(org): PathOf<OrgId>,
    conditions: Conditions,
    JsonOf(settings): JsonOf<ProxySettings>,
) -> Result<Response, ApiError> {
    let agrees = |present: &ProxySettings| conditions.allow(Some(&Tag::of(present)));
    match app.engine.set_proxy_settings_if(&org, settings, &agrees).await? {
        Some(settings) => {
            let mut answer = Json(&settings).into_response();
            tagged(&mut answer, &Tag::of(&settings));
            Ok(answer)
        }
        None => {
            let present = app.engine.proxy_settings(&org).await?;
            Err(conditional::refused(Some(&Tag::of(&present))))
        }
    }
}
