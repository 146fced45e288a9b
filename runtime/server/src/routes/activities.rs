//! Requests to the service of a connected app.

use super::invoke::Answer;
use crate::access::Caller;
use crate::error::ApiError;
use crate::extract::{JsonOf, PathOf};
use crate::openapi::ids;
use crate::state::App;
use axum::Json;
use axum::extract::State;
use axum::response::{IntoResponse as _, Response};
use http::StatusCode;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use sluis_engine::Activity;
use sluis_model::error::Failure;
use sluis_model::id::{AcceptedId, OrgId, UserId};
use utoipa::ToSchema;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

/// `POST /api/v1/orgs/{org}/activities`.
pub fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::new().routes(routes!(send))
}

#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = ActivityRequest)]
struct Wanted {
    app: String,
    #[serde(default)]
    method: Option<String>,
    path: String,
    #[serde(default)]
    parameters: Option<Value>,
    #[serde(default)]
    headers: Map<String, Value>,
    #[serde(default)]
    body: Option<Value>,
    #[serde(default)]
    timeout_s: Option<f64>,
    #[serde(default)]
    follow_redirects: Option<bool>,
    /// Whether to answer what the service answered, or that it will be sent.
    #[serde(default = "waited_for")]
    wait: bool,
    #[serde(default)]
    #[schema(value_type = Option<ids::UserId>)]
    user: Option<UserId>,
}

/// A request that is on disk and will be sent.
#[derive(Serialize, ToSchema)]
#[schema(as = AcceptedRequest)]
struct Accepted {
    #[schema(value_type = ids::AcceptedId)]
    accepted: AcceptedId,
}

fn waited_for() -> bool {
    true
}

/// Sends it, or keeps it to be sent: then it is on disk before the answer.
#[utoipa::path(
    post,
    path = "/orgs/{org}/activities",
    operation_id = "sendActivity",
    tag = "calls",
    params(("org" = ids::OrgId, Path)),
    request_body = Wanted,
    responses((status = 200, description = "What the service answered", body = Answer), (status = 202, description = "It is on disk and will be sent", body = Accepted))
)]
async fn send(
    State(app): State<App>,
    caller: Caller,
    PathOf(org): PathOf<OrgId>,
    JsonOf(wanted): JsonOf<Wanted>,
) -> Result<Response, ApiError> {
    let user = caller.on_behalf_of(&app, &org, wanted.user).await?;
    let wait = wanted.wait;
    let activity = Activity {
        app: wanted.app,
        method: wanted.method,
        path: wanted.path,
        parameters: wanted.parameters,
        headers: wanted.headers,
        body: wanted.body,
        content_type: None,
        timeout_s: wanted.timeout_s,
        follow_redirects: wanted.follow_redirects,
        user,
    };
    let engine = app.engine.clone();
    if wait {
        let invocation = app.work.carry_out(async move { engine.activity(&org, &activity).await }).await?;
        return Ok(Json(Answer::from(invocation)).into_response());
    }
    let id = engine.accept_activity(&org, activity).await?;
    let now = id.clone();
    app.work.spawn(async move {
        let sent: Result<bool, Failure> = engine.work_accepted_call(&org, &now, false).await;
        if let Err(failure) = sent {
            // It is on disk; the next round takes it up.
            tracing::error!(accepted = %now, reason = failure.reason.as_str(), "a request was not finished");
        }
    });
    Ok((StatusCode::ACCEPTED, Json(Accepted { accepted: id })).into_response())
}
