//! What is done with a trigger that is there: addresses, secrets, resting, trying, looking at what came of it.

use super::triggers::TriggerView;
use super::{maybe_moment, moment};
use crate::error::ApiError;
use crate::extract::{JsonOf, MaybeJsonOf, PathOf};
use crate::openapi::{ids, trigger_shapes as shapes};
use crate::state::App;
use axum::Json;
use axum::extract::State;
use http::{HeaderMap, HeaderName, HeaderValue, Method, StatusCode};
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use serde_json::{Map, Value};
use sluis_definition::webhooks;
use sluis_engine::BroughtRequest;
use sluis_engine::triggers::{Firing, Sample};
use sluis_lang::value::data::Data;
use sluis_model::id::{OrgId, RunId, TriggerName};
use sluis_model::run_state::RunState;
use sluis_model::secret::SecretText;
use sluis_model::time::Timestamp;
use sluis_model::trigger_spec::ScheduleRule;
use std::collections::BTreeMap;
use utoipa::ToSchema;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

/// How many coming moments are shown.
const COMING: usize = 10;

/// `POST` and `DELETE /api/v1/orgs/{org}/triggers/{trigger}/address`, `PUT …/secrets`, `POST …/pause`, `…/resume`,
/// `…/test`, `GET …/history`, `POST /api/v1/orgs/{org}/schedule-preview`, `GET /api/v1/webhook-presets`.
pub fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::new()
        .routes(routes!(rotate, revoke))
        .routes(routes!(secrets))
        .routes(routes!(pause))
        .routes(routes!(resume))
        .routes(routes!(test))
        .routes(routes!(history))
        .routes(routes!(preview))
        .routes(routes!(presets))
}

/// A new address.
#[derive(Serialize, ToSchema)]
#[schema(as = TriggerAddress)]
struct Address {
    /// It is shown this one time: whoever has it may start the function.
    address: String,
}

/// Gives a trigger a new address. The one before leads nowhere from now on.
#[utoipa::path(
    post,
    path = "/orgs/{org}/triggers/{trigger}/address",
    operation_id = "rotateTriggerAddress",
    tag = "triggers",
    params(("org" = ids::OrgId, Path), ("trigger" = ids::TriggerName, Path)),
    responses((status = 200, description = "The new address", body = Address))
)]
async fn rotate(
    State(app): State<App>,
    PathOf((org, name)): PathOf<(OrgId, TriggerName)>,
) -> Result<Json<Address>, ApiError> {
    let (_, address) = app.engine.rotate_trigger_address(&org, &name).await?;
    Ok(Json(Address { address: address.expose().to_string() }))
}

/// Takes the address of a trigger away.
#[utoipa::path(
    delete,
    path = "/orgs/{org}/triggers/{trigger}/address",
    operation_id = "revokeTriggerAddress",
    tag = "triggers",
    params(("org" = ids::OrgId, Path), ("trigger" = ids::TriggerName, Path)),
    responses((status = 204, description = "Nobody reaches it until it is given another"))
)]
async fn revoke(
    State(app): State<App>,
    PathOf((org, name)): PathOf<(OrgId, TriggerName)>,
) -> Result<StatusCode, ApiError> {
    app.engine.revoke_trigger_address(&org, &name).await?;
    Ok(StatusCode::NO_CONTENT)
}

#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = TriggerSecrets)]
struct Secrets {
    /// All that count from now on; of two, one is on its way in or out.
    #[serde(deserialize_with = "texts")]
    #[schema(value_type = Vec<String>)]
    secrets: Vec<SecretText>,
}

fn texts<'de, D: Deserializer<'de>>(from: D) -> Result<Vec<SecretText>, D::Error> {
    Ok(Vec::<String>::deserialize(from)?.into_iter().map(SecretText::from).collect())
}

/// Says with which secrets the service of a webhook signs. They can be written and never read.
#[utoipa::path(
    put,
    path = "/orgs/{org}/triggers/{trigger}/secrets",
    operation_id = "putTriggerSecrets",
    tag = "triggers",
    params(("org" = ids::OrgId, Path), ("trigger" = ids::TriggerName, Path)),
    request_body = Secrets,
    responses((status = 200, description = "The trigger", body = TriggerView))
)]
async fn secrets(
    State(app): State<App>,
    PathOf((org, name)): PathOf<(OrgId, TriggerName)>,
    JsonOf(wanted): JsonOf<Secrets>,
) -> Result<Json<TriggerView>, ApiError> {
    Ok(Json(app.engine.set_trigger_secrets(&org, &name, &wanted.secrets).await?.into()))
}

/// Lets a trigger rest.
#[utoipa::path(
    post,
    path = "/orgs/{org}/triggers/{trigger}/pause",
    operation_id = "pauseTrigger",
    tag = "triggers",
    params(("org" = ids::OrgId, Path), ("trigger" = ids::TriggerName, Path)),
    responses((status = 200, description = "It rests", body = TriggerView))
)]
async fn pause(
    State(app): State<App>,
    PathOf((org, name)): PathOf<(OrgId, TriggerName)>,
) -> Result<Json<TriggerView>, ApiError> {
    Ok(Json(app.engine.pause_trigger(&org, &name, true).await?.into()))
}

/// Lets a trigger work again. Moments that passed meanwhile are not made good.
#[utoipa::path(
    post,
    path = "/orgs/{org}/triggers/{trigger}/resume",
    operation_id = "resumeTrigger",
    tag = "triggers",
    params(("org" = ids::OrgId, Path), ("trigger" = ids::TriggerName, Path)),
    responses((status = 200, description = "It works", body = TriggerView))
)]
async fn resume(
    State(app): State<App>,
    PathOf((org, name)): PathOf<(OrgId, TriggerName)>,
) -> Result<Json<TriggerView>, ApiError> {
    Ok(Json(app.engine.pause_trigger(&org, &name, false).await?.into()))
}

/// What is made up to try a trigger.
#[derive(Deserialize, Default, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = TriggerSample)]
struct Wanted {
    /// A request, for one that has an address. It need not be signed.
    #[serde(default)]
    request: Option<SampleRequest>,
    /// The fields of an event, for one that waits for events.
    #[serde(default)]
    event: Option<Map<String, Value>>,
    /// Whether the function is started.
    #[serde(default)]
    run: bool,
}

/// A request.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = TriggerSampleRequest)]
struct SampleRequest {
    #[serde(default = "post_method")]
    #[schema(value_type = shapes::UrlMethod, required = false)]
    method: String,
    /// Without its `?`.
    #[serde(default)]
    query: String,
    #[serde(default)]
    headers: BTreeMap<String, String>,
    /// A text is sent as it is, anything else as JSON.
    #[serde(default)]
    body: Value,
}

fn post_method() -> String {
    "POST".to_owned()
}

impl SampleRequest {
    fn brought(self) -> Result<BroughtRequest, ApiError> {
        let unfit = |what: &str| ApiError::invalid(format!("`request.{what}` is none"));
        let method = Method::from_bytes(self.method.as_bytes()).map_err(|_| unfit("method"))?;
        let mut headers = HeaderMap::new();
        for (name, value) in self.headers {
            let name = HeaderName::try_from(name).map_err(|_| unfit("headers"))?;
            headers.append(name, HeaderValue::try_from(value).map_err(|_| unfit("headers"))?);
        }
        let body = match self.body {
            Value::Null => String::new(),
            Value::String(text) => text,
            value => {
                let json = HeaderValue::from_static("application/json");
                headers.entry(http::header::CONTENT_TYPE).or_insert(json);
                value.to_string()
            }
        };
        Ok(BroughtRequest { method, query: self.query, headers, body: body.into() })
    }
}

/// What a trigger makes of it.
#[derive(Serialize, ToSchema)]
#[schema(as = TriggerSampled)]
struct Sampled {
    /// Whether it starts the function; `when` may say that it does not.
    counts: bool,
    /// What the function gets.
    args: Map<String, Value>,
    /// The run, if one was started.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<ids::RunId>)]
    run: Option<RunId>,
}

/// Tries a trigger, also one that rests: what would its function get?
#[utoipa::path(
    post,
    path = "/orgs/{org}/triggers/{trigger}/test",
    operation_id = "testTrigger",
    tag = "triggers",
    params(("org" = ids::OrgId, Path), ("trigger" = ids::TriggerName, Path)),
    request_body = Option<Wanted>,
    responses((status = 200, description = "What it makes of it", body = Sampled))
)]
async fn test(
    State(app): State<App>,
    PathOf((org, name)): PathOf<(OrgId, TriggerName)>,
    MaybeJsonOf(wanted): MaybeJsonOf<Wanted>,
) -> Result<Json<Sampled>, ApiError> {
    let request = wanted.request.map(SampleRequest::brought).transpose()?;
    let event = wanted.event.map(|event| Data::from_json(&Value::Object(event).to_string()));
    let event =
        event.transpose().map_err(|fault| ApiError::invalid(format!("`event`: {}", fault.message)))?;
    let sample = Sample { request, event, run: wanted.run };
    let sampled = app.engine.sample_trigger(&org, &name, sample).await?;
    let value = |data: &Data| serde_json::from_str(&data.to_json()).unwrap_or_default();
    let args = sampled.args.iter().map(|(name, data)| (name.clone(), value(data))).collect();
    Ok(Json(Sampled { counts: sampled.counts, args, run: sampled.run }))
}

/// What came of a trigger.
#[derive(Serialize, ToSchema)]
#[schema(as = TriggerHistory)]
struct History {
    /// How often it started a run.
    started: u64,
    /// How often what came was the same as before.
    repeated: u64,
    /// How often it let a moment or a request go by.
    skipped: u64,
    /// How often it was asked without right, or with what it cannot use.
    refused: u64,
    #[serde(serialize_with = "maybe_moment")]
    #[schema(value_type = Option<ids::Moment>)]
    last_started_at: Option<Timestamp>,
    #[schema(value_type = Option<ids::RunId>)]
    last_run: Option<RunId>,
    /// How that run stands.
    last_status: Option<String>,
    /// The moments that are planned next.
    #[serde(serialize_with = "moments")]
    #[schema(value_type = Vec<ids::Moment>)]
    coming: Vec<Timestamp>,
    /// The last firings, newest first.
    #[schema(value_type = Vec<shapes::Firing>)]
    recent: Vec<FiringView>,
    /// The last refusals, newest first.
    #[schema(value_type = Vec<shapes::Firing>)]
    refusals: Vec<FiringView>,
}

#[derive(Serialize)]
struct FiringView {
    #[serde(serialize_with = "moment")]
    at: Timestamp,
    #[serde(skip_serializing_if = "Option::is_none", serialize_with = "maybe_moment")]
    planned: Option<Timestamp>,
    #[serde(flatten)]
    outcome: sluis_engine::triggers::FiringOutcome,
}

impl From<Firing> for FiringView {
    fn from(Firing { at, planned, outcome }: Firing) -> Self {
        Self { at, planned, outcome }
    }
}

fn moments<S: Serializer>(all: &[Timestamp], serializer: S) -> Result<S::Ok, S::Error> {
    let texts = all.iter().filter_map(|at| jiff::Timestamp::from_millisecond(at.0).ok());
    serializer.collect_seq(texts.map(|at| at.to_string()))
}

/// How a trigger stands, and what came of its last firings.
#[utoipa::path(
    get,
    path = "/orgs/{org}/triggers/{trigger}/history",
    operation_id = "getTriggerHistory",
    tag = "triggers",
    params(("org" = ids::OrgId, Path), ("trigger" = ids::TriggerName, Path)),
    responses((status = 200, description = "What came of it", body = History))
)]
async fn history(
    State(app): State<App>,
    PathOf((org, name)): PathOf<(OrgId, TriggerName)>,
) -> Result<Json<History>, ApiError> {
    let view = app.engine.trigger(&org, &name).await?;
    let status = view.last_status.map(|status| RunState::from(&status).to_string());
    let coming = app.engine.coming_moments(&view.trigger, COMING);
    let shown = |all: std::collections::VecDeque<Firing>| all.into_iter().map(FiringView::from).collect();
    Ok(Json(History {
        started: view.state.started,
        repeated: view.state.repeated,
        skipped: view.state.skipped,
        refused: view.state.refused,
        last_started_at: view.state.last_started_at,
        last_run: view.state.last_run,
        last_status: status,
        coming,
        recent: shown(view.state.recent),
        refusals: shown(view.state.refusals),
    }))
}

/// The moments of a schedule.
#[derive(Serialize, ToSchema)]
#[schema(as = SchedulePreview)]
struct Preview {
    #[serde(serialize_with = "moments")]
    #[schema(value_type = Vec<ids::Moment>)]
    coming: Vec<Timestamp>,
}

/// The next moments of a schedule, before it is stored.
#[utoipa::path(
    post,
    path = "/orgs/{org}/schedule-preview",
    operation_id = "previewSchedule",
    tag = "triggers",
    params(("org" = ids::OrgId, Path)),
    request_body = shapes::ScheduleRule,
    responses((status = 200, description = "The next moments", body = Preview))
)]
async fn preview(
    State(app): State<App>,
    PathOf(_): PathOf<OrgId>,
    JsonOf(rule): JsonOf<ScheduleRule>,
) -> Result<Json<Preview>, ApiError> {
    Ok(Json(Preview { coming: app.engine.preview_schedule(&rule, COMING)? }))
}

/// Schemes of webhooks that are known by name.
#[derive(Serialize, ToSchema)]
#[schema(as = WebhookPresets)]
struct Presets {
    presets: Vec<Preset>,
}

/// One of them.
#[derive(Serialize, ToSchema)]
#[schema(as = WebhookPreset)]
struct Preset {
    /// What `preset` of a webhook is.
    name: &'static str,
    title: &'static str,
    /// Where the service describes it.
    #[serde(skip_serializing_if = "Option::is_none")]
    docs: Option<&'static str>,
}

/// All schemes of webhooks that are known by name.
#[utoipa::path(
    get,
    path = "/webhook-presets",
    operation_id = "listWebhookPresets",
    tag = "triggers",
    responses((status = 200, description = "All of them, by name", body = Presets))
)]
async fn presets() -> Json<Presets> {
    let preset = |(name, scheme): &'static (&'static str, _)| {
        let scheme: &sluis_model::trigger_spec::WebhookScheme = scheme;
        Preset { name, title: &scheme.title, docs: scheme.docs.as_deref() }
    };
    Json(Presets { presets: webhooks::presets().iter().map(preset).collect() })
}
