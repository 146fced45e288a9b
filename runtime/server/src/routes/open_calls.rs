//! Runs that are run again, their calls of which nobody knows what has become, and calls that were handed over.

use super::maybe_moment;
use super::moment;
use super::runs::{RunView, run_answer};
use crate::error::ApiError;
use crate::extract::{JsonOf, PathOf};
use crate::state::App;
use axum::extract::State;
use axum::response::Response;
use axum::routing::{get, post};
use axum::{Json, Router};
use http::StatusCode;
use serde::{Deserialize, Serialize};
use sluis_engine::{DeliveryState, HandedOver, OpenCall, Settlement, Unobserved};
use sluis_model::id::{DeliveryId, OrgId, RunId};
use sluis_model::time::Timestamp;

/// `GET /api/v1/orgs/{org}/calls/{id}`, `POST /api/v1/orgs/{org}/runs/{id}/again`, `GET …/open-calls`, `POST …/open-calls/{call}`.
pub fn routes() -> Router<App> {
    Router::new()
        .route("/orgs/{org}/calls/{id}", get(handed_over))
        .route("/orgs/{org}/runs/{id}/again", post(again))
        .route("/orgs/{org}/runs/{id}/open-calls", get(list))
        .route("/orgs/{org}/runs/{id}/open-calls/{call}", post(settle))
}

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
#[derive(Serialize)]
struct HandedOverView {
    call: DeliveryId,
    api: String,
    #[serde(serialize_with = "moment")]
    since: Timestamp,
    tries: u32,
    #[serde(flatten)]
    state: DeliveryState,
}

async fn handed_over(
    State(app): State<App>,
    PathOf((org, id)): PathOf<(OrgId, DeliveryId)>,
) -> Result<Json<HandedOverView>, ApiError> {
    let HandedOver { call, api, since, tries, state } = app.engine.handed_over_call(&org, &id).await?;
    Ok(Json(HandedOverView { call, api, since, tries, state }))
}

/// A call as callers see it.
#[derive(Serialize)]
struct OpenCallView {
    call: String,
    api: String,
    line: u32,
    #[serde(serialize_with = "moment")]
    sent_at: Timestamp,
    /// Until then repeating it is safe.
    #[serde(serialize_with = "maybe_moment")]
    key_until: Option<Timestamp>,
    why: Option<String>,
}

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
#[derive(Deserialize)]
#[serde(tag = "outcome", rename_all = "snake_case", deny_unknown_fields)]
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
