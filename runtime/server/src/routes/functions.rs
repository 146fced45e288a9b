//! Scripts stored under a name, and running them.

use super::moment;
use super::runs::{RunView, run_answer};
use crate::error::{self, ApiError, Shown};
use crate::extract::{JsonOf, PathOf};
use crate::state::App;
use axum::extract::State;
use axum::response::Response;
use axum::routing::{get, post, put};
use axum::{Json, Router};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use sluis_engine::{RunRefused, StoredFunction, Unobserved};
use sluis_lang::value::data::Data;
use sluis_model::id::{FunctionName, OrgId, UserId};
use sluis_model::time::Timestamp;

/// `GET /api/v1/orgs/{org}/functions`, `GET` and `PUT …/{name}`, `POST …/{name}/run`.
pub fn routes() -> Router<App> {
    Router::new()
        .route("/orgs/{org}/functions", get(list))
        .route("/orgs/{org}/functions/{name}", put(store).get(one))
        .route("/orgs/{org}/functions/{name}/run", post(run))
}

#[derive(Serialize)]
struct Functions {
    functions: Vec<FunctionView>,
}

#[derive(Serialize)]
struct FunctionView {
    name: FunctionName,
    inputs: Vec<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    source: Option<String>,
    #[serde(serialize_with = "moment")]
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

async fn list(State(app): State<App>, PathOf(org): PathOf<OrgId>) -> Result<Json<Functions>, ApiError> {
    let functions = app.engine.functions(&org).await?;
    Ok(Json(Functions { functions: functions.into_iter().map(FunctionView::without_source).collect() }))
}

async fn one(
    State(app): State<App>,
    PathOf((org, name)): PathOf<(OrgId, FunctionName)>,
) -> Result<Json<FunctionView>, ApiError> {
    Ok(Json(FunctionView::whole(app.engine.function(&org, &name).await?)))
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct NewFunction {
    source: String,
    #[serde(default)]
    inputs: Vec<String>,
}

#[derive(Serialize)]
struct Stored {
    name: FunctionName,
    warnings: Vec<Shown>,
}

/// Stores a script that compiles; one that does not is answered with its errors and not stored.
async fn store(
    State(app): State<App>,
    PathOf((org, name)): PathOf<(OrgId, FunctionName)>,
    JsonOf(new): JsonOf<NewFunction>,
) -> Result<Json<Stored>, ApiError> {
    let stored = app.engine.store_function(&org, &name, new.source.clone(), new.inputs).await;
    let warnings = stored.map_err(|refused| error::script_refused(refused, &new.source))?;
    Ok(Json(Stored { name, warnings: error::shown(&new.source, &warnings) }))
}

#[derive(Deserialize, Default)]
#[serde(deny_unknown_fields)]
struct Start {
    /// On whose behalf, where each user has connections of their own.
    #[serde(default)]
    user: Option<UserId>,
    #[serde(default)]
    args: Map<String, Value>,
}

/// Runs a stored script until it ends or has to wait for a person.
async fn run(
    State(app): State<App>,
    PathOf((org, name)): PathOf<(OrgId, FunctionName)>,
    JsonOf(start): JsonOf<Start>,
) -> Result<Response, ApiError> {
    let args = start.args.into_iter().map(read_argument).collect::<Result<Vec<_>, _>>()?;
    let engine = app.engine.clone();
    let running = async move {
        match engine.run_function(&org, &name, start.user, args, &mut Unobserved).await {
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
