//! Scripts stored under a name, and running them.

use super::moment;
use super::runs::{RunView, run_answer};
use crate::access::Caller;
use crate::conditional::{self, Conditions, Tag, tagged};
use crate::error::{self, ApiError, Shown};
use crate::extract::{JsonOf, PathOf, QueryOf};
use crate::openapi::{ids, shapes};
use crate::paging;
use crate::state::App;
use axum::Json;
use axum::extract::State;
use axum::response::{IntoResponse as _, Response};
use http::StatusCode;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use sluis_engine::{RunRefused, StoredFunction, Unobserved};
use sluis_lang::value::data::Data;
use sluis_model::id::{FunctionName, OrgId, UserId};
use sluis_model::time::Timestamp;
use utoipa::ToSchema;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

/// `GET /api/v1/orgs/{org}/functions`, `GET` and `PUT …/{name}`, `POST …/{name}/run`.
pub fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::new().routes(routes!(list)).routes(routes!(one, store, remove)).routes(routes!(run))
}

/// A page of functions.
#[derive(Serialize, ToSchema)]
#[schema(as = FunctionPage)]
struct Functions {
    functions: Vec<FunctionView>,
    /// The `cursor` of the page after this one; none after the last.
    next: Option<String>,
}

#[derive(Serialize, ToSchema)]
#[schema(as = Function)]
struct FunctionView {
    #[schema(value_type = ids::FunctionName)]
    name: FunctionName,
    inputs: Vec<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    source: Option<String>,
    #[serde(serialize_with = "moment")]
    #[schema(value_type = ids::Moment)]
    updated_at: Timestamp,
}

impl FunctionView {
    fn without_source(function: StoredFunction) -> Self {
        Self { name: function.name, inputs: function.inputs, source: None, updated_at: function.updated_at }
    }

    fn whole(function: StoredFunction) -> Self {
        let source = Some(function.source.clone());
        Self { source, ..Self::without_source(function) }
    }
}

/// All functions of an organisation.
#[utoipa::path(
    get,
    path = "/orgs/{org}/functions",
    operation_id = "listFunctions",
    tag = "functions",
    params(("org" = ids::OrgId, Path), paging::Wanted),
    responses((status = 200, description = "A page, by name and without their text", body = Functions))
)]
async fn list(
    State(app): State<App>,
    PathOf(org): PathOf<OrgId>,
    QueryOf(wanted): QueryOf<paging::Wanted>,
) -> Result<Json<Functions>, ApiError> {
    let functions = app.engine.functions(&org).await?;
    let paging::Page { rows, next } = paging::page(functions, |function| function.name.to_string(), &wanted)?;
    Ok(Json(Functions { functions: rows.into_iter().map(FunctionView::without_source).collect(), next }))
}

/// One function with its text.
#[utoipa::path(
    get,
    path = "/orgs/{org}/functions/{name}",
    operation_id = "getFunction",
    tag = "functions",
    params(("org" = ids::OrgId, Path), ("name" = ids::FunctionName, Path)),
    responses((status = 200, description = "The function with its text", body = FunctionView))
)]
async fn one(
    State(app): State<App>,
    PathOf((org, name)): PathOf<(OrgId, FunctionName)>,
    conditions: Conditions,
) -> Result<Response, ApiError> {
    Ok(conditions.answer(&FunctionView::whole(app.engine.function(&org, &name).await?)))
}

#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct NewFunction {
    source: String,
    #[serde(default)]
    inputs: Vec<String>,
}

#[derive(Serialize, ToSchema)]
#[schema(as = StoredFunction)]
struct Stored {
    #[schema(value_type = ids::FunctionName)]
    name: FunctionName,
    #[schema(value_type = Vec<shapes::Diagnostic>)]
    warnings: Vec<Shown>,
}

/// Stores a script that compiles; one that does not is answered with its errors and not stored.
#[utoipa::path(
    put,
    path = "/orgs/{org}/functions/{name}",
    operation_id = "putFunction",
    tag = "functions",
    params(("org" = ids::OrgId, Path), ("name" = ids::FunctionName, Path)),
    request_body = NewFunction,
    responses((status = 200, description = "Stored; what is only a warning", body = Stored), (status = 422, description = "It does not compile; `diagnostics` says why", body = shapes::Problem, content_type = "application/problem+json"))
)]
async fn store(
    State(app): State<App>,
    PathOf((org, name)): PathOf<(OrgId, FunctionName)>,
    conditions: Conditions,
    JsonOf(new): JsonOf<NewFunction>,
) -> Result<Response, ApiError> {
    let agrees = |present: Option<&StoredFunction>| conditions.allow(present.map(tag_of).as_ref());
    let stored = app.engine.store_function_if(&org, &name, new.source.clone(), new.inputs, &agrees).await;
    match stored.map_err(|refused| error::script_refused(refused, &new.source))? {
        Some((function, warnings)) => {
            let warnings = error::shown(&new.source, &warnings);
            let mut answer = Json(Stored { name, warnings }).into_response();
            tagged(&mut answer, &tag_of(&function));
            Ok(answer)
        }
        None => Err(changed(&app, &org, &name).await),
    }
}

/// The tag of a function, as [`one`] answers it.
fn tag_of(function: &StoredFunction) -> Tag {
    Tag::of(&FunctionView::whole(function.clone()))
}

async fn changed(app: &App, org: &OrgId, name: &FunctionName) -> ApiError {
    let present = app.engine.function(org, name).await.ok();
    conditional::refused(present.as_ref().map(tag_of).as_ref())
}

/// Forgets a function. Runs of it go on with the text that they began with.
#[utoipa::path(
    delete,
    path = "/orgs/{org}/functions/{name}",
    operation_id = "deleteFunction",
    tag = "functions",
    params(("org" = ids::OrgId, Path), ("name" = ids::FunctionName, Path)),
    responses((status = 204, description = "It is gone"))
)]
async fn remove(
    State(app): State<App>,
    PathOf((org, name)): PathOf<(OrgId, FunctionName)>,
    conditions: Conditions,
) -> Result<StatusCode, ApiError> {
    let agrees = |present: Option<&StoredFunction>| conditions.allow(present.map(tag_of).as_ref());
    match app.engine.remove_function(&org, &name, &agrees).await? {
        true => Ok(StatusCode::NO_CONTENT),
        false => Err(changed(&app, &org, &name).await),
    }
}

#[derive(Deserialize, Default, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = RunStart)]
struct Start {
    /// On whose behalf, where each user has connections of their own.
    #[serde(default)]
    #[schema(value_type = Option<ids::UserId>)]
    user: Option<UserId>,
    #[serde(default)]
    args: Map<String, Value>,
}

/// Runs a stored script until it ends or has to wait for a person.
#[utoipa::path(
    post,
    path = "/orgs/{org}/functions/{name}/run",
    operation_id = "runFunction",
    tag = "functions",
    params(("org" = ids::OrgId, Path), ("name" = ids::FunctionName, Path)),
    request_body = Start,
    responses((status = 200, description = "It has ended", body = RunView), (status = 202, description = "It waits for a person; `authorize_url` is where they consent", body = RunView), (status = 422, description = "Nothing caught a fault", body = shapes::Problem, content_type = "application/problem+json"))
)]
async fn run(
    State(app): State<App>,
    caller: Caller,
    PathOf((org, name)): PathOf<(OrgId, FunctionName)>,
    JsonOf(start): JsonOf<Start>,
) -> Result<Response, ApiError> {
    let user = caller.on_behalf_of(&app, &org, start.user).await?;
    let args = start.args.into_iter().map(read_argument).collect::<Result<Vec<_>, _>>()?;
    let engine = app.engine.clone();
    let running = async move {
        match engine.run_function(&org, &name, user, args, &mut Unobserved).await {
            Ok(end) => Ok(end),
            Err(RunRefused::Script(diagnostics)) => {
                // It compiled when it was stored, so the language has changed since; its text tells where.
                let source = engine.function(&org, &name).await.map(|function| function.source);
                Err(error::script_refused(RunRefused::Script(diagnostics), &source.unwrap_or_default()))
            }
            Err(refused) => Err(refused.into()),
        }
    };
    let end = app.work.carry_out(running).await?;
    run_answer(RunView::from(end.run))
}

/// Digits of numbers are kept: the value goes over as JSON text.
fn read_argument((name, value): (String, Value)) -> Result<(String, Data), ApiError> {
    match Data::from_json(&value.to_string()) {
        Ok(data) => Ok((name, data)),
        Err(fault) => {
            Err(ApiError::invalid(format!("the argument `{name}` cannot be used: {}", fault.message)))
        }
    }
}
