//! Calling an API of a definition that is not released.

use super::connectors::no_files;
use super::secrets;
use crate::access::Caller;
use crate::error::{self, ApiError};
use crate::extract::{JsonOf, PathOf};
use crate::openapi::{ids, shapes};
use crate::state::App;
use axum::Json;
use axum::extract::State;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use sluis_engine::{EnteredCredential, Overrides, Through, Trial, TrialAnswer};
use sluis_model::connection::Variables;
use sluis_model::id::{ConnectionName, OrgId, UserId};
use sluis_model::secret::SecretText;
use std::collections::BTreeMap;
use utoipa::ToSchema;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

/// `POST /api/v1/orgs/{org}/trials`.
pub fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::new().routes(routes!(make))
}

#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = Trial)]
struct Wanted {
    /// The connector file: its text, or the same as JSON.
    definition: Value,
    /// The API, by the part of its id after the namespace.
    api: String,
    #[serde(default)]
    data: Map<String, Value>,
    /// What is sent in place of what the file says.
    #[serde(default)]
    #[schema(value_type = shapes::Overrides)]
    overrides: Overrides,
    /// Values of the connection's variables in place of those that it has.
    #[serde(default)]
    #[schema(value_type = BTreeMap<String, String>)]
    variables: Variables,
    /// Name of one of several connections.
    #[serde(default)]
    #[schema(value_type = ids::ConnectionName)]
    connection: ConnectionName,
    /// On whose behalf, where each user has connections of their own.
    #[serde(default)]
    #[schema(value_type = Option<ids::UserId>)]
    user: Option<UserId>,
    /// The way to authenticate, for `fields`.
    #[serde(default)]
    auth: Option<String>,
    /// A credential for this call alone, in place of the connection.
    #[serde(default, deserialize_with = "secrets")]
    #[schema(value_type = BTreeMap<String, String>, write_only)]
    fields: BTreeMap<String, SecretText>,
}

/// What was sent and what was answered, secrets starred.
#[derive(Serialize)]
struct Made {
    #[serde(flatten)]
    answer: TrialAnswer,
}

/// Calls an API of a connector file that is not released.
#[utoipa::path(
    post,
    path = "/orgs/{org}/trials",
    operation_id = "makeTrial",
    tag = "calls",
    params(("org" = ids::OrgId, Path)),
    request_body = Wanted,
    responses((status = 200, description = "What was sent and answered", body = shapes::TrialAnswer), (status = 422, description = "The file has `problems`", body = shapes::Problem, content_type = "application/problem+json"))
)]
async fn make(
    State(app): State<App>,
    caller: Caller,
    PathOf(org): PathOf<OrgId>,
    JsonOf(wanted): JsonOf<Wanted>,
) -> Result<Json<Made>, ApiError> {
    let user = caller.on_behalf_of(&app, &org, wanted.user).await?;
    let text = match wanted.definition {
        Value::String(text) => text,
        other => other.to_string(),
    };
    let definition = sluis_definition::read("connector.yaml", &text, &no_files)
        .map_err(|problems| error::definition_refused(&problems))?;
    let is_entered = !wanted.fields.is_empty();
    let trial = Trial {
        overrides: wanted.overrides,
        variables: wanted.variables,
        through: Through { name: wanted.connection, user },
        entered: is_entered.then_some(EnteredCredential { auth: wanted.auth, fields: wanted.fields }),
        ..Trial::of(definition, &wanted.api, wanted.data)
    };
    let engine = app.engine.clone();
    let answer = app.work.carry_out(async move { engine.try_api(&org, &trial).await }).await?;
    Ok(Json(Made { answer }))
}
