//! What an org says about its runs and those of its functions, and what it has used.

use crate::conditional::{self, Conditions, Tag, tagged};
use crate::error::ApiError;
use crate::extract::{JsonOf, PathOf};
use crate::openapi::{ids, runs as shapes};
use crate::state::App;
use axum::Json;
use axum::extract::State;
use axum::response::{IntoResponse as _, Response};
use serde::Serialize;
use sluis_engine::Usage;
use sluis_model::id::{FunctionName, OrgId};
use sluis_model::run_settings::{FunctionSettings, RunSettings};
use utoipa::ToSchema;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

/// `GET` and `PUT /api/v1/orgs/{org}/run-settings`, the same of a function, `GET …/usage`.
pub fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::new()
        .routes(routes!(show, change))
        .routes(routes!(show_of_function, change_of_function))
        .routes(routes!(usage))
}

/// What an organisation says about its runs: how many at once, how much, how long they are kept.
#[utoipa::path(
    get,
    path = "/orgs/{org}/run-settings",
    operation_id = "getRunSettings",
    tag = "runs",
    params(("org" = ids::OrgId, Path)),
    responses((status = 200, description = "The settings", body = shapes::RunSettings))
)]
async fn show(
    State(app): State<App>,
    PathOf(org): PathOf<OrgId>,
    conditions: Conditions,
) -> Result<Response, ApiError> {
    Ok(conditions.answer(&app.engine.run_settings(&org).await?))
}

/// Says anew how many runs go on at once, how much they may use and how long they are kept.
#[utoipa::path(
    put,
    path = "/orgs/{org}/run-settings",
    operation_id = "putRunSettings",
    tag = "runs",
    params(("org" = ids::OrgId, Path)),
    request_body = shapes::RunSettings,
    responses((status = 200, description = "The settings as they are now", body = shapes::RunSettings))
)]
async fn change(
    State(app): State<App>,
    PathOf(org): PathOf<OrgId>,
    conditions: Conditions,
    JsonOf(settings): JsonOf<RunSettings>,
) -> Result<Response, ApiError> {
    let agrees = |present: &RunSettings| conditions.allow(Some(&Tag::of(present)));
    match app.engine.set_run_settings(&org, &settings, &agrees).await? {
        true => Ok(now(&settings)),
        false => Err(conditional::refused(Some(&Tag::of(&app.engine.run_settings(&org).await?)))),
    }
}

/// What is said about the runs of one function: how many at once, and what follows on a failure.
#[utoipa::path(
    get,
    path = "/orgs/{org}/functions/{name}/settings",
    operation_id = "getFunctionSettings",
    tag = "functions",
    params(("org" = ids::OrgId, Path), ("name" = ids::FunctionName, Path)),
    responses((status = 200, description = "The settings", body = shapes::FunctionSettings))
)]
async fn show_of_function(
    State(app): State<App>,
    PathOf((org, name)): PathOf<(OrgId, FunctionName)>,
    conditions: Conditions,
) -> Result<Response, ApiError> {
    Ok(conditions.answer(&app.engine.function_settings(&org, &name).await?))
}

/// Says anew how many runs of a function go on at once, and what follows on a failure.
#[utoipa::path(
    put,
    path = "/orgs/{org}/functions/{name}/settings",
    operation_id = "putFunctionSettings",
    tag = "functions",
    params(("org" = ids::OrgId, Path), ("name" = ids::FunctionName, Path)),
    request_body = shapes::FunctionSettings,
    responses((status = 200, description = "The settings as they are now", body = shapes::FunctionSettings))
)]
async fn change_of_function(
    State(app): State<App>,
    PathOf((org, name)): PathOf<(OrgId, FunctionName)>,
    conditions: Conditions,
    JsonOf(settings): JsonOf<FunctionSettings>,
) -> Result<Response, ApiError> {
    let agrees = |present: &FunctionSettings| conditions.allow(Some(&Tag::of(present)));
    match app.engine.set_function_settings(&org, &name, &settings, &agrees).await? {
        true => Ok(now(&settings)),
        false => {
            let present = app.engine.function_settings(&org, &name).await?;
            Err(conditional::refused(Some(&Tag::of(&present))))
        }
    }
}

/// The answer to a change that was made.
fn now(settings: &impl Serialize) -> Response {
    let mut answer = Json(settings).into_response();
    tagged(&mut answer, &Tag::of(settings));
    answer
}

/// What an organisation has used.
#[derive(Serialize, ToSchema)]
#[schema(as = UsageSoFar)]
struct UsageView {
    /// Since midnight UTC.
    #[schema(value_type = shapes::Usage)]
    today: Usage,
    /// Since the first of the month, UTC.
    #[schema(value_type = shapes::Usage)]
    this_month: Usage,
}

/// What an organisation has used on this day and in this month: runs, fuel and calls.
#[utoipa::path(
    get,
    path = "/orgs/{org}/usage",
    operation_id = "getUsage",
    tag = "runs",
    params(("org" = ids::OrgId, Path)),
    responses((status = 200, description = "What was used", body = UsageView))
)]
async fn usage(State(app): State<App>, PathOf(org): PathOf<OrgId>) -> Result<Json<UsageView>, ApiError> {
    let (today, this_month) = app.engine.usage(&org).await?;
    Ok(Json(UsageView { today, this_month }))
}
