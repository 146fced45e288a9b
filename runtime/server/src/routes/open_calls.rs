//! Runs that are run again, their calls of which nobody knows what has become, and calls that were handed over.

use super::maybe_moment;
use super::moment;
use super::runs::{RunView, run_answer};
use crate::error::ApiError;
use crate::extract::{JsonOf, PathOf};
use crate::openapi::{ids, shapes};
use crate::state::App;
use axum::Json;
use axum::extract::State;
use axum::response::Response;
use http::StatusCode;
use serde::{Deserialize, Serialize};
use sluis_engine::{DeliveryState, HandedOver, OpenCall, Settlement, Unobserved};
use sluis_model::id::{DeliveryId, OrgId, RunId};
use sluis_model::time::Timestamp;
use utoipa::ToSchema;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

/// `GET /api/v1/orgs/{org}/calls/{id}`, `POST /api/v1/orgs/{org}/runs/{id}/again`, `GET …/open-calls`, `POST …/open-calls/{call}`.
pub fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::new()
        .routes(routes!(again))
        .routes(routes!(handed_over))
        .routes(routes!(list))
        .routes(routes!(settle))
}

/// Runs a run that failed or was interrupted again. Calls that it has finished are answered from its ledger.
#[utoipa::path(
    post,
    path = "/orgs/{org}/runs/{id}/again",
    operation_id = "runAgain",
    tag = "runs",
    params(("org" = ids::OrgId, Path), ("id" = ids::RunId, Path)),
    responses((status = 200, description = "It has ended", body = RunView), (status = 202, description = "It waits for a person; `authorize_url` is where they consent", body = RunView), (status = 422, description = "Nothing caught a fault", body = shapes::Problem, content_type = "application/problem+json"))
)]
async fn again(
    State(app): State<App>,
    PathOf((org, id)): PathOf<(OrgId, RunId)>,
) -> Result<Response, ApiError> {
    let engine = app.engine.clone();
    let running = async move { engine.run_again(&org, &id, &mut Unobserved).await };
    let end = app.work.carry_out(running).await?;
    run_answer(RunView::from(end.run))
}

/// A call that was handed over, as callers see it.
#[derive(Serialize, ToSchema)]
#[schema(as = HandedOverCall)]
struct HandedOverView {
    #[schema(value_type = ids::DeliveryId)]
    call: DeliveryId,
    api: String,
    #[serde(serialize_with = "moment")]
    #[schema(value_type = ids::Moment)]
    since: Timestamp,
    tries: u32,
    /// How long an answer that its service brings is waited for.
    #[serde(serialize_with = "maybe_moment", skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<ids::Moment>)]
    until: Option<Timestamp>,
    #[serde(flatten)]
    #[schema(value_type = shapes::DeliveryState)]
    state: DeliveryState,
}

/// A call that was handed over, while it is on its way and for a week after.
#[utoipa::path(
    get,
    path = "/orgs/{org}/calls/{id}",
    operation_id = "getHandedOverCall",
    tag = "runs",
    params(("org" = ids::OrgId, Path), ("id" = ids::DeliveryId, Path)),
    responses((status = 200, description = "The call", body = HandedOverView))
)]
async fn handed_over(
    State(app): State<App>,
    PathOf((org, id)): PathOf<(OrgId, DeliveryId)>,
) -> Result<Json<HandedOverView>, ApiError> {
    let HandedOver { call, api, since, tries, until, state } = app.engine.handed_over_call(&org, &id).await?;
    Ok(Json(HandedOverView { call, api, since, tries, until, state }))
}

/// A call as callers see it.
#[derive(Serialize, ToSchema)]
#[schema(as = OpenCall)]
struct OpenCallView {
    call: String,
    api: String,
    line: u32,
    #[serde(serialize_with = "moment")]
    #[schema(value_type = ids::Moment)]
    sent_at: Timestamp,
    /// Until then repeating it is safe.
    #[serde(serialize_with = "maybe_moment")]
    #[schema(value_type = Option<ids::Moment>)]
    key_until: Option<Timestamp>,
    why: Option<String>,
}

/// The writes of a run of which nobody knows what has become.
#[utoipa::path(
    get,
    path = "/orgs/{org}/runs/{id}/open-calls",
    operation_id = "listOpenCalls",
    tag = "runs",
    params(("org" = ids::OrgId, Path), ("id" = ids::RunId, Path)),
    responses((status = 200, description = "The calls", body = Vec<OpenCallView>))
)]
async fn list(
    State(app): State<App>,
    PathOf((org, id)): PathOf<(OrgId, RunId)>,
) -> Result<Json<Vec<OpenCallView>>, ApiError> {
    let open = app.engine.open_calls(&org, &id).await?;
    let view = |call: OpenCall| {
        let OpenCall { call, api, line, sent_at, key_until, why } = call;
        OpenCallView { call, api, line, sent_at, key_until, why }
    };
    Ok(Json(open.into_iter().map(view).collect()))
}

/// What has become of a call.
#[derive(Deserialize, ToSchema)]
#[serde(tag = "outcome", rename_all = "snake_case", deny_unknown_fields)]
#[schema(as = Settlement)]
enum Outcome {
    /// It was done; the script gets this answer.
    Done {
        #[serde(default = "ok")]
        status_code: u16,
        #[serde(default)]
        response: String,
    },
    /// It was not done, or may be done twice.
    SendAgain,
}

fn ok() -> u16 {
    200
}

/// Says what has become of a call: it was done, or it is to be sent again.
#[utoipa::path(
    post,
    path = "/orgs/{org}/runs/{id}/open-calls/{call}",
    operation_id = "settleCall",
    tag = "runs",
    params(("org" = ids::OrgId, Path), ("id" = ids::RunId, Path), ("call" = String, Path, example = "812.1")),
    request_body = Outcome,
    responses((status = 204, description = "Noted"))
)]
async fn settle(
    State(app): State<App>,
    PathOf((org, id, call)): PathOf<(OrgId, RunId, String)>,
    JsonOf(outcome): JsonOf<Outcome>,
) -> Result<StatusCode, ApiError> {
    let settlement = match outcome {
        Outcome::Done { status_code: status, response: body } => Settlement::Done { status, body },
        Outcome::SendAgain => Settlement::SendAgain,
    };
    app.engine.settle_call(&org, &id, &call, &settlement).await?;
    Ok(StatusCode::NO_CONTENT)
}
