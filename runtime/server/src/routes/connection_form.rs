//! Connecting by entered values, and trying a connection. What was entered never comes back.

use super::secrets;
use crate::error::ApiError;
use crate::extract::{JsonOf, PathOf, QueryOf};
use crate::state::App;
use axum::extract::State;
use axum::routing::{get, post, put};
use axum::{Json, Router};
use serde::Deserialize;
use serde_json::{Value, json};
use sluis_engine::{ConnectForm, NewConnection, Tried};
use sluis_model::connection::{ConnectionKey, Variables};
use sluis_model::id::{ConnectionName, Namespace, OrgId, UserId};
use sluis_model::secret::SecretText;
use std::collections::BTreeMap;

/// `GET /api/v1/orgs/{org}/connections/{namespace}/form`, `PUT /api/v1/orgs/{org}/connections/{namespace}` and
/// `POST …/{namespace}/test`.
pub fn routes() -> Router<App> {
    Router::new()
        .route("/orgs/{org}/connections/{namespace}", put(connect))
        .route("/orgs/{org}/connections/{namespace}/form", get(form))
        .route("/orgs/{org}/connections/{namespace}/test", post(test))
}

/// Which connection's form.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct FormOf {
    #[serde(default)]
    auth: Option<String>,
    #[serde(default)]
    environment: Option<String>,
    #[serde(default)]
    name: ConnectionName,
    #[serde(default)]
    user: Option<UserId>,
}

/// Which of several connections, in the query.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Which {
    #[serde(default)]
    name: ConnectionName,
    #[serde(default)]
    user: Option<UserId>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Entered {
    #[serde(default)]
    auth: Option<String>,
    #[serde(default)]
    name: ConnectionName,
    #[serde(default)]
    user: Option<UserId>,
    #[serde(default)]
    environment: Option<String>,
    #[serde(default)]
    variables: Variables,
    #[serde(default, deserialize_with = "secrets")]
    fields: BTreeMap<String, SecretText>,
}

pub(super) fn key(
    org: OrgId,
    connector: Namespace,
    name: ConnectionName,
    user: Option<UserId>,
) -> ConnectionKey {
    ConnectionKey { org, connector, name, user }
}

impl Which {
    /// The connection of a connector that is meant.
    pub(super) fn key(self, org: OrgId, connector: Namespace) -> ConnectionKey {
        key(org, connector, self.name, self.user)
    }
}

/// What somebody enters.
async fn form(
    State(app): State<App>,
    PathOf((org, namespace)): PathOf<(OrgId, Namespace)>,
    QueryOf(which): QueryOf<FormOf>,
) -> Result<Json<ConnectForm>, ApiError> {
    let key = key(org, namespace, which.name, which.user);
    let FormOf { auth, environment, .. } = which;
    let wanted = NewConnection { auth, environment, ..NewConnection::of(key) };
    Ok(Json(app.engine.connect_form(&wanted).await?))
}

/// Connects with what was entered, once the service has accepted it.
async fn connect(
    State(app): State<App>,
    PathOf((org, namespace)): PathOf<(OrgId, Namespace)>,
    JsonOf(entered): JsonOf<Entered>,
) -> Result<Json<Value>, ApiError> {
    let key = key(org, namespace, entered.name, entered.user);
    let Entered { auth, environment, variables, fields, .. } = entered;
    let wanted = NewConnection { key, auth, environment, variables };
    let engine = app.engine.clone();
    let connection = app.work.carry_out(async move { engine.connect(&wanted, fields).await }).await?;
    Ok(Json(json!({
        "connector": connection.connector,
        "connection_id": connection.id,
        "name": connection.name,
        "user": connection.user,
        "auth": connection.auth,
        "account": connection.account,
        "environment": connection.environment,
        "variables": connection.variables,
        "state": "active",
    })))
}

/// Makes the test call of a connection.
async fn test(
    State(app): State<App>,
    PathOf((org, namespace)): PathOf<(OrgId, Namespace)>,
    QueryOf(which): QueryOf<Which>,
) -> Result<Json<Tried>, ApiError> {
    Ok(Json(app.engine.test_connection(&which.key(org, namespace)).await?))
}
