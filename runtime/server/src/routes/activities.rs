//! Requests to the service of a connected app.

use super::invoke::Answer;
use crate::error::ApiError;
use crate::extract::{JsonOf, PathOf};
use crate::state::App;
use axum::extract::State;
use axum::response::{IntoResponse as _, Response};
use axum::routing::post;
use axum::{Json, Router};
use http::StatusCode;
use serde::Deserialize;
use serde_json::{Map, Value, json};
use sluis_engine::Activity;
use sluis_model::error::Failure;
use sluis_model::id::{OrgId, UserId};

/// `POST /api/v1/orgs/{org}/activities`.
pub fn routes() -> Router<App> {
    Router::new().route("/orgs/{org}/activities", post(send))
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
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
    user: Option<UserId>,
}

fn waited_for() -> bool {
    true
}

/// Sends it, or keeps it to be sent: then it is on disk before the answer.
async fn send(
    State(app): State<App>,
    PathOf(org): PathOf<OrgId>,
    JsonOf(wanted): JsonOf<Wanted>,
) -> Result<Response, ApiError> {
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
        user: wanted.user,
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
    Ok((StatusCode::ACCEPTED, Json(json!({ "accepted": id }))).into_response())
}
