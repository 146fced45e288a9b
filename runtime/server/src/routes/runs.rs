//! Runs: how one is told, when it has just stopped and later.

use super::{maybe_moment, moment};
use crate::error::ApiError;
use crate::extract::{PathOf, QueryOf};
use crate::openapi::{ids, shapes};
use crate::paging;
use crate::state::App;
use axum::Json;
use axum::extract::State;
use axum::response::{IntoResponse as _, Response};
use http::{HeaderValue, StatusCode, header};
use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;
use sluis_engine::{RunSummary, RunsWanted};
use sluis_model::error::{Failure, Reason};
use sluis_model::id::{ApiId, DeliveryId, FunctionName, GrantId, OrgId, RunId, UserId};
use sluis_model::run::{CallRecord, InQueue, Run, RunStatus, WireRecord};
use sluis_model::run_state::RunState;
use sluis_model::time::Timestamp;
use sluis_model::trigger::Trigger;
use utoipa::{IntoParams, ToSchema};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

/// `GET /api/v1/orgs/{org}/runs` and `GET …/{id}`.
pub fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::new().routes(routes!(list)).routes(routes!(one))
}

/// A run, now or later.
#[utoipa::path(
    get,
    path = "/orgs/{org}/runs/{id}",
    operation_id = "getRun",
    tag = "runs",
    params(("org" = ids::OrgId, Path), ("id" = ids::RunId, Path)),
    responses((status = 200, description = "The run", body = RunView))
)]
async fn one(
    State(app): State<App>,
    PathOf((org, id)): PathOf<(OrgId, RunId)>,
) -> Result<Json<RunView>, ApiError> {
    Ok(Json(RunView::from(app.engine.run_record(&org, &id).await?)))
}

/// Which runs are listed.
#[derive(Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
struct Listed {
    /// Those that stand so.
    #[serde(default)]
    #[param(value_type = ids::RunState, required = false)]
    state: Option<RunState>,
    /// Those that were started so.
    #[serde(default)]
    #[param(value_type = ids::Trigger, required = false)]
    by: Option<Trigger>,
    /// With `true`, those that have failed for good and lie among the dead letters.
    #[serde(default)]
    #[param(value_type = bool, required = false)]
    dead: Option<bool>,
    /// Those of this function.
    #[serde(default)]
    #[param(value_type = ids::FunctionName, required = false)]
    function: Option<FunctionName>,
    /// Those that began at this moment or later.
    #[serde(default)]
    #[param(value_type = ids::Moment, required = false)]
    since: Option<jiff::Timestamp>,
    /// Rows on the page at most.
    #[serde(default)]
    #[param(value_type = usize, minimum = 1, maximum = 1000, default = 100, required = false)]
    limit: Option<usize>,
    /// `next` of the page before.
    #[serde(default)]
    #[param(value_type = String, required = false)]
    cursor: Option<String>,
}

/// A page of runs.
#[derive(Serialize, ToSchema)]
#[schema(as = RunPage)]
struct Runs {
    runs: Vec<SummaryView>,
    /// The `cursor` of the page after this one; none after the last.
    next: Option<String>,
}

/// A run in a list, without its output and calls.
#[derive(Serialize, ToSchema)]
#[schema(as = RunSummary)]
struct SummaryView {
    #[schema(value_type = ids::RunId)]
    run_id: RunId,
    #[schema(value_type = Option<ids::UserId>)]
    user: Option<UserId>,
    /// File name or function name, for people.
    label: String,
    #[schema(value_type = Option<ids::FunctionName>)]
    function: Option<FunctionName>,
    #[schema(value_type = ids::RunState)]
    status: RunState,
    #[schema(value_type = ids::Trigger)]
    by: Trigger,
    /// How often it was begun.
    attempts: u32,
    /// Why it has failed, in words.
    #[serde(skip_serializing_if = "Option::is_none")]
    why: Option<String>,
    #[serde(serialize_with = "moment")]
    #[schema(value_type = ids::Moment)]
    started_at: Timestamp,
    #[serde(serialize_with = "maybe_moment")]
    #[schema(value_type = Option<ids::Moment>)]
    finished_at: Option<Timestamp>,
    /// What it has cost.
    fuel: u64,
    /// How many requests it has sent.
    calls: usize,
}

impl From<RunSummary> for SummaryView {
    fn from(run: RunSummary) -> Self {
        let RunSummary { id: run_id, user, label, function, state: status, by, attempts, why, .. } = run;
        let RunSummary { started_at, finished_at, fuel, calls, .. } = run;
        Self {
            run_id,
            user,
            label,
            function,
            status,
            by,
            attempts,
            why,
            started_at,
            finished_at,
            fuel,
            calls,
        }
    }
}

/// The runs of an organisation, newest first.
#[utoipa::path(
    get,
    path = "/orgs/{org}/runs",
    operation_id = "listRuns",
    tag = "runs",
    params(("org" = ids::OrgId, Path), Listed),
    responses((status = 200, description = "A page of them", body = Runs))
)]
async fn list(
    State(app): State<App>,
    PathOf(org): PathOf<OrgId>,
    QueryOf(listed): QueryOf<Listed>,
) -> Result<Json<Runs>, ApiError> {
    let (limit, after) = paging::bounds(listed.limit, listed.cursor.as_deref())?;
    let since = listed.since.map(|at| Timestamp(at.as_millisecond()));
    let wanted = RunsWanted {
        function: listed.function,
        state: listed.state,
        by: listed.by,
        since,
        dead: listed.dead.unwrap_or_default(),
        after,
        at_most: limit + 1,
    };
    let runs = app.engine.runs(&org, &wanted).await?;
    let paging::Page { rows, next } = paging::read_page(runs, limit, RunSummary::place);
    Ok(Json(Runs { runs: rows.into_iter().map(SummaryView::from).collect(), next }))
}

/// A run as callers see it. The script's text is left out: it is the function's.
#[derive(Serialize, ToSchema)]
#[schema(as = Run)]
pub struct RunView {
    #[schema(value_type = ids::RunId)]
    run_id: RunId,
    #[schema(value_type = ids::OrgId)]
    org: OrgId,
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<ids::UserId>)]
    user: Option<UserId>,
    label: String,
    #[schema(value_type = Option<ids::FunctionName>)]
    function: Option<FunctionName>,
    #[schema(value_type = ids::RunState)]
    status: RunState,
    #[schema(value_type = ids::Trigger)]
    by: Trigger,
    /// How often it was begun.
    attempts: u32,
    /// How it stands in the queue, if it was put into it.
    #[serde(skip_serializing_if = "Option::is_none")]
    queue: Option<QueueView>,
    /// Who has ended it.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<ids::UserId>)]
    cancelled_by: Option<UserId>,
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<Value>)]
    value: Option<Box<RawValue>>,
    /// The attempt that it waits for.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<ids::GrantId>)]
    grant_id: Option<GrantId>,
    /// Where a person consents.
    #[serde(skip_serializing_if = "Option::is_none")]
    authorize_url: Option<String>,
    /// The call that it waits for, whose answer a service brings.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<ids::DeliveryId>)]
    call: Option<DeliveryId>,
    /// The API of that call.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<ids::ApiId>)]
    api: Option<ApiId>,
    #[serde(skip_serializing_if = "Option::is_none")]
    fault: Option<FaultView>,
    output: Vec<String>,
    calls: Vec<CallView>,
    #[serde(serialize_with = "moment")]
    #[schema(value_type = ids::Moment)]
    started_at: Timestamp,
    #[serde(serialize_with = "maybe_moment")]
    #[schema(value_type = Option<ids::Moment>)]
    finished_at: Option<Timestamp>,
    fuel: u64,
}

/// What is known of a run that was put into the queue.
#[derive(Serialize, ToSchema)]
#[schema(as = InQueue)]
struct QueueView {
    /// It does not begin before.
    #[serde(serialize_with = "maybe_moment", skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<ids::Moment>)]
    not_before: Option<Timestamp>,
    /// When it first began.
    #[serde(serialize_with = "maybe_moment", skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<ids::Moment>)]
    begun_at: Option<Timestamp>,
    /// How often it has failed.
    failures: u32,
    /// Why, the last time.
    #[serde(skip_serializing_if = "Option::is_none")]
    last_failure: Option<String>,
    /// Whether it lies among the dead letters.
    dead: bool,
}

impl From<InQueue> for QueueView {
    fn from(queue: InQueue) -> Self {
        let InQueue { not_before, begun_at, failures, last_failure, dead, .. } = queue;
        Self { not_before, begun_at, failures, last_failure, dead }
    }
}

/// The uncaught fault that ended a run.
#[derive(Serialize, ToSchema)]
#[schema(as = Fault)]
struct FaultView {
    code: String,
    message: String,
    line: u32,
    reason: Option<String>,
    help: Option<String>,
}

/// A request that the run sent, secrets starred.
#[derive(Serialize, ToSchema)]
#[schema(as = Call)]
pub(super) struct CallView {
    api: String,
    method: String,
    url: String,
    status: Option<u16>,
    millis: u64,
    #[serde(serialize_with = "moment")]
    #[schema(value_type = ids::Moment)]
    at: Timestamp,
    #[serde(skip_serializing_if = "Option::is_none")]
    note: Option<String>,
    #[schema(value_type = shapes::Wire)]
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
            status: RunState::from(&run.status),
            by: run.by,
            attempts: run.attempts,
            queue: run.queue.map(QueueView::from),
            cancelled_by: None,
            value: None,
            grant_id: None,
            authorize_url: None,
            call: None,
            api: None,
            fault: None,
            output: run.output,
            calls: run.calls.into_iter().map(CallView::from).collect(),
            started_at: run.started_at,
            finished_at: run.finished_at,
            fuel: run.fuel,
        };
        match run.status {
            RunStatus::Queued | RunStatus::Running | RunStatus::Interrupted => {}
            RunStatus::Cancelled { by } => view.cancelled_by = by,
            RunStatus::Waiting { grant, authorize_url } => {
                view.grant_id = Some(grant);
                view.authorize_url = Some(authorize_url);
            }
            RunStatus::AwaitingCallback { call, api } => {
                (view.call, view.api) = (Some(call), Some(api));
            }
            RunStatus::Done { value } => {
                // As text, so that no digit of a number is lost on the way.
                view.value = RawValue::from_string(value).ok();
            }
            RunStatus::Failed { code, message, line, reason, help } => {
                view.fault = Some(FaultView { code, message, line, reason, help });
            }
        }
        view
    }
}

/// The answer to whoever started a run: 200 when it is done, 202 when it waits for a person, a service or its
/// turn, and a problem when a fault ended it.
pub fn run_answer(view: RunView) -> Result<Response, ApiError> {
    let place = format!("/api/v1/orgs/{}/runs/{}", view.org, view.run_id);
    // An id holds letters, digits, `-` and `_` only, so it always fits a header.
    let location =
        HeaderValue::from_str(&place).map_err(|_| Failure::new(Reason::Internal, "an id does not fit"))?;
    if view.fault.is_some() {
        return Err(fault_problem(view).header(header::LOCATION, location));
    }
    let status = if view.status.has_ended() { StatusCode::OK } else { StatusCode::ACCEPTED };
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
