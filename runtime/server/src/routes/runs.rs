//! Runs: how one is told, when it has just stopped and later.

use super::{maybe_moment, moment};
use crate::error::ApiError;
use crate::extract::PathOf;
use crate::state::App;
use axum::extract::State;
use axum::response::{IntoResponse as _, Response};
use axum::routing::get;
use axum::{Json, Router};
use http::{HeaderValue, StatusCode, header};
use serde::Serialize;
use serde_json::value::RawValue;
use sluis_model::error::{Failure, Reason};
use sluis_model::id::{FunctionName, GrantId, OrgId, RunId, UserId};
use sluis_model::run::{CallRecord, Run, RunStatus, WireRecord};
use sluis_model::time::Timestamp;

/// `GET /api/v1/orgs/{org}/runs/{id}`.
pub fn routes() -> Router<App> {
    Router::new().route("/orgs/{org}/runs/{id}", get(one))
}

async fn one(
    State(app): State<App>,
    PathOf((org, id)): PathOf<(OrgId, RunId)>,
) -> Result<Json<RunView>, ApiError> {
    Ok(Json(RunView::from(app.engine.run_record(&org, &id).await?)))
}

/// A run as callers see it. The script's text is left out: it is the function's.
#[derive(Serialize)]
pub struct RunView {
    run_id: RunId,
    org: OrgId,
    #[serde(skip_serializing_if = "Option::is_none")]
    user: Option<UserId>,
    label: String,
    function: Option<FunctionName>,
    status: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    value: Option<Box<RawValue>>,
    #[serde(flatten)]
    waits: Option<Waits>,
    #[serde(skip_serializing_if = "Option::is_none")]
    fault: Option<FaultView>,
    output: Vec<String>,
    calls: Vec<CallView>,
    #[serde(serialize_with = "moment")]
    started_at: Timestamp,
    #[serde(serialize_with = "maybe_moment")]
    finished_at: Option<Timestamp>,
    fuel: u64,
}

/// What a waiting run waits for.
#[derive(Serialize)]
struct Waits {
    grant_id: GrantId,
    authorize_url: String,
}

/// The uncaught fault that ended a run.
#[derive(Serialize)]
struct FaultView {
    code: String,
    message: String,
    line: u32,
    reason: Option<String>,
    help: Option<String>,
}

/// A request that the run sent, secrets starred.
#[derive(Serialize)]
struct CallView {
    api: String,
    method: String,
    url: String,
    status: Option<u16>,
    millis: u64,
    #[serde(serialize_with = "moment")]
    at: Timestamp,
    #[serde(skip_serializing_if = "Option::is_none")]
    note: Option<String>,
    wire: WireRecord,
}

impl From<CallRecord> for CallView {
    fn from(call: CallRecord) -> Self {
        let CallRecord { api, method, url, status, millis, at, note, wire } = call;
        Self { api, method, url, status, millis, at, note, wire }
    }
}

impl From<Run> for RunView {
    fn from(run: Run) -> Self {
        let mut view = Self {
            run_id: run.id,
            org: run.org,
            user: run.user,
            label: run.label,
            function: run.function,
            status: "running",
            value: None,
            waits: None,
            fault: None,
            output: run.output,
            calls: run.calls.into_iter().map(CallView::from).collect(),
            started_at: run.started_at,
            finished_at: run.finished_at,
            fuel: run.fuel,
        };
        match run.status {
            RunStatus::Running => {}
            RunStatus::Waiting { grant, authorize_url } => {
                view.status = "waiting";
                view.waits = Some(Waits { grant_id: grant, authorize_url });
            }
            RunStatus::Done { value } => {
                view.status = "done";
                // As text, so that no digit of a number is lost on the way.
                view.value = RawValue::from_string(value).ok();
            }
            RunStatus::Failed { code, message, line, reason, help } => {
                view.status = "failed";
                view.fault = Some(FaultView { code, message, line, reason, help });
            }
            RunStatus::Interrupted => view.status = "interrupted",
        }
        view
    }
}

/// The answer to whoever started a run: 200 when it is done, 202 when it waits for a person, and a
/// problem when a fault ended it.
pub fn run_answer(view: RunView) -> Result<Response, ApiError> {
    let place = format!("/api/v1/orgs/{}/runs/{}", view.org, view.run_id);
    // An id holds letters, digits, `-` and `_` only, so it always fits a header.
    let location =
        HeaderValue::from_str(&place).map_err(|_| Failure::new(Reason::Internal, "an id does not fit"))?;
    if view.fault.is_some() {
        return Err(fault_problem(view).header(header::LOCATION, location));
    }
    let status = if view.waits.is_some() { StatusCode::ACCEPTED } else { StatusCode::OK };
    let mut answer = (status, Json(view)).into_response();
    answer.headers_mut().insert(header::LOCATION, location);
    Ok(answer)
}

fn fault_problem(view: RunView) -> ApiError {
    let (detail, help, line) = match &view.fault {
        Some(fault) => (format!("line {}: {}", fault.line, fault.message), fault.help.clone(), fault.line),
        None => (String::new(), None, 0),
    };
    let error = ApiError::protocol(StatusCode::UNPROCESSABLE_ENTITY, "script_fault", detail)
        .with("run_id", &view.run_id)
        .with("line", line)
        .with("fault", &view.fault)
        .with("output", &view.output)
        .with("calls", &view.calls);
    match help {
        Some(help) => error.help(help),
        None => error,
    }
}
