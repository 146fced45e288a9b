//! Connectors and their releases.

use super::moment;
use crate::error::{self, ApiError};
use crate::extract::{PathOf, QueryOf, RawBody, is_json, read_json, unsupported};
use crate::openapi::{ids, shapes};
use crate::paging;
use crate::state::App;
use axum::Json;
use axum::extract::State;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use sluis_engine::ReleaseNotes;
use sluis_model::connector::{ConnectorDefinition, Release};
use sluis_model::id::{ApiId, Namespace};
use sluis_model::time::Timestamp;
use utoipa::ToSchema;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

/// `GET` and `POST /api/v1/connectors`, `GET /api/v1/connectors/{namespace}`.
pub fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::new().routes(routes!(list, release)).routes(routes!(one))
}

/// A page of connectors.
#[derive(Serialize, ToSchema)]
#[schema(as = ConnectorPage)]
struct Connectors {
    connectors: Vec<Summary>,
    /// The `cursor` of the page after this one; none after the last.
    next: Option<String>,
}

/// A connector in a list: its newest release.
#[derive(Serialize, ToSchema)]
#[schema(as = Connector)]
struct Summary {
    #[schema(value_type = ids::Namespace)]
    namespace: Namespace,
    release: u32,
    service: String,
    description: Option<String>,
    #[schema(value_type = Vec<ids::ApiId>)]
    apis: Vec<ApiId>,
    notes: Option<String>,
    support_email: Option<String>,
    #[serde(serialize_with = "moment")]
    #[schema(value_type = ids::Moment)]
    released_at: Timestamp,
}

impl From<&Release> for Summary {
    fn from(release: &Release) -> Self {
        Self {
            namespace: release.definition.namespace.clone(),
            release: release.number,
            service: release.definition.service.name.clone(),
            description: release.definition.description.clone(),
            // A released definition has been checked, so its ids can be built.
            apis: release.definition.api_ids().unwrap_or_default(),
            notes: release.notes.clone(),
            support_email: release.support_email.clone(),
            released_at: release.released_at,
        }
    }
}

/// A connector alone: with the definition. It holds references to clients, never a secret.
#[derive(Serialize, ToSchema)]
#[schema(as = ReleasedConnector)]
struct Whole {
    #[serde(flatten)]
    summary: Summary,
    #[schema(value_type = shapes::Definition)]
    definition: ConnectorDefinition,
}

/// All released connectors.
#[utoipa::path(
    get,
    path = "/connectors",
    operation_id = "listConnectors",
    tag = "connectors",
    params(paging::Wanted),
    responses((status = 200, description = "A page of them, each with its newest release", body = Connectors))
)]
async fn list(
    State(app): State<App>,
    QueryOf(wanted): QueryOf<paging::Wanted>,
) -> Result<Json<Connectors>, ApiError> {
    let releases = app.engine.connectors().await?;
    let paging::Page { rows, next } =
        paging::page(releases, |release| release.definition.namespace.to_string(), &wanted)?;
    Ok(Json(Connectors { connectors: rows.iter().map(Summary::from).collect(), next }))
}

/// One connector.
#[utoipa::path(
    get,
    path = "/connectors/{namespace}",
    operation_id = "getConnector",
    tag = "connectors",
    params(("namespace" = ids::Namespace, Path)),
    responses((status = 200, description = "The newest release with its definition", body = Whole))
)]
async fn one(State(app): State<App>, PathOf(namespace): PathOf<Namespace>) -> Result<Json<Whole>, ApiError> {
    let release = app.engine.latest_release(&namespace).await?;
    Ok(Json(Whole { summary: Summary::from(&release), definition: release.definition }))
}

/// A release with what its author says of it.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = NewRelease)]
struct Envelope {
    /// The connector file: its text, or the same as JSON.
    definition: Value,
    #[serde(default)]
    notes: Option<String>,
    #[serde(default)]
    support_email: Option<String>,
}

/// Releases a connector, or answers the present release if nothing has changed.
#[utoipa::path(
    post,
    path = "/connectors",
    operation_id = "releaseConnector",
    tag = "connectors",
    request_body(content((Envelope = "application/json"), (String = "application/yaml"))),
    responses((status = 200, description = "The release, or the present one if nothing has changed", body = Summary), (status = 422, description = "The file has `problems`, or a hook has `diagnostics`", body = shapes::Problem, content_type = "application/problem+json"))
)]
async fn release(State(app): State<App>, body: RawBody) -> Result<Json<Summary>, ApiError> {
    let (text, notes) = read_release(&body)?;
    let definition = sluis_definition::read("connector.yaml", &text, &no_files)
        .map_err(|problems| error::definition_refused(&problems))?;
    let engine = app.engine.clone();
    let release = app.work.carry_out(async move { engine.release(definition, notes).await }).await?;
    Ok(Json(Summary::from(&release)))
}

/// A file that was sent has no folder beside it.
pub(super) fn no_files(name: &str) -> Result<String, String> {
    Err(format!("`{name}` did not come along: a connector that is sent holds the text of its hooks itself"))
}

fn read_release(body: &RawBody) -> Result<(String, ReleaseNotes), ApiError> {
    match body.media_type.as_str() {
        json if is_json(json) => {
            let envelope: Envelope = read_json(&body.bytes)?;
            let text = match envelope.definition {
                Value::String(text) => text,
                other => other.to_string(),
            };
            Ok((
                text,
                ReleaseNotes { notes: envelope.notes, support_email: envelope.support_email, owner: None },
            ))
        }
        "application/yaml" | "application/x-yaml" | "text/yaml" | "text/x-yaml" => {
            let text = std::str::from_utf8(&body.bytes)
                .map_err(|error| ApiError::invalid(format!("the connector file is not UTF-8: {error}")))?;
            Ok((text.to_owned(), ReleaseNotes::default()))
        }
        other => Err(unsupported(
            other,
            "application/yaml (the connector file) or application/json (an envelope with `definition`)",
        )),
    }
}
