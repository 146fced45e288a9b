//! Connecting by entered values, and trying a connection. What was entered never comes back.

use super::secrets;
use crate::access::Caller;
use crate::error::ApiError;
use crate::extract::{JsonOf, PathOf, QueryOf};
use crate::openapi::{ids, shapes};
use crate::state::App;
use axum::Json;
use axum::extract::State;
use serde::{Deserialize, Serialize};
use sluis_engine::{ConnectForm, NewConnection, Tried};
use sluis_model::connection::{ConnectionKey, Variables};
use sluis_model::id::{ConnectionId, ConnectionName, Namespace, OrgId, UserId};
use sluis_model::secret::SecretText;
use std::collections::BTreeMap;
use utoipa::{IntoParams, ToSchema};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

/// `GET /api/v1/orgs/{org}/connections/{namespace}/form`, `PUT /api/v1/orgs/{org}/connections/{namespace}` and
/// `POST …/{namespace}/test`.
pub fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::new().routes(routes!(form)).routes(routes!(connect)).routes(routes!(test))
}

/// Which connection's form.
#[derive(Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
struct FormOf {
    #[serde(default)]
    auth: Option<String>,
    #[serde(default)]
    environment: Option<String>,
    #[serde(default)]
    #[param(value_type = ids::ConnectionName)]
    name: ConnectionName,
    #[serde(default)]
    #[param(value_type = Option<ids::UserId>)]
    user: Option<UserId>,
}

/// Which of several connections, in the query.
#[derive(Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(super) struct Which {
    #[serde(default)]
    #[param(value_type = ids::ConnectionName)]
    name: ConnectionName,
    #[serde(default)]
    #[param(value_type = Option<ids::UserId>)]
    user: Option<UserId>,
}

#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = EnteredConnection)]
struct Entered {
    #[serde(default)]
    auth: Option<String>,
    #[serde(default)]
    #[schema(value_type = ids::ConnectionName)]
    name: ConnectionName,
    #[serde(default)]
    #[schema(value_type = Option<ids::UserId>)]
    user: Option<UserId>,
    #[serde(default)]
    environment: Option<String>,
    #[serde(default)]
    #[schema(value_type = BTreeMap<String, String>)]
    variables: Variables,
    #[serde(default, deserialize_with = "secrets")]
    #[schema(value_type = BTreeMap<String, String>, write_only)]
    fields: BTreeMap<String, SecretText>,
}

/// A connection that the service has accepted.
#[derive(Serialize, ToSchema)]
#[schema(as = ConnectedConnection)]
struct Connected {
    #[schema(value_type = ids::Namespace)]
    connector: Namespace,
    #[schema(value_type = ids::ConnectionId)]
    connection_id: ConnectionId,
    #[schema(value_type = ids::ConnectionName)]
    name: ConnectionName,
    #[schema(value_type = Option<ids::UserId>)]
    user: Option<UserId>,
    auth: Option<String>,
    /// The account at the service.
    account: Option<String>,
    environment: Option<String>,
    #[schema(value_type = BTreeMap<String, String>)]
    variables: Variables,
    /// Always `active`.
    state: &'static str,
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
    /// The connection of a connector that is meant, if its caller may change it.
    pub(super) async fn key(
        self,
        app: &App,
        caller: &Caller,
        org: OrgId,
        connector: Namespace,
    ) -> Result<ConnectionKey, ApiError> {
        let user = caller.owner_of_connection(app, &org, self.user).await?;
        Ok(key(org, connector, self.name, user))
    }
}

/// What somebody enters.
#[utoipa::path(
    get,
    path = "/orgs/{org}/connections/{namespace}/form",
    operation_id = "getConnectionForm",
    tag = "connections",
    params(("org" = ids::OrgId, Path), ("namespace" = ids::Namespace, Path), FormOf),
    responses((status = 200, description = "What is asked for", body = shapes::ConnectForm))
)]
async fn form(
    State(app): State<App>,
    caller: Caller,
    PathOf((org, namespace)): PathOf<(OrgId, Namespace)>,
    QueryOf(which): QueryOf<FormOf>,
) -> Result<Json<ConnectForm>, ApiError> {
    let user = caller.owner_of_connection(&app, &org, which.user).await?;
    let key = key(org, namespace, which.name, user);
    let FormOf { auth, environment, .. } = which;
    let wanted = NewConnection { auth, environment, ..NewConnection::of(key) };
    Ok(Json(app.engine.connect_form(&wanted).await?))
}

/// Connects with what was entered, once the service has accepted it.
#[utoipa::path(
    put,
    path = "/orgs/{org}/connections/{namespace}",
    operation_id = "putConnection",
    tag = "connections",
    params(("org" = ids::OrgId, Path), ("namespace" = ids::Namespace, Path)),
    request_body = Entered,
    responses((status = 200, description = "The service has accepted it", body = Connected))
)]
async fn connect(
    State(app): State<App>,
    caller: Caller,
    PathOf((org, namespace)): PathOf<(OrgId, Namespace)>,
    JsonOf(entered): JsonOf<Entered>,
) -> Result<Json<Connected>, ApiError> {
    let user = caller.owner_of_connection(&app, &org, entered.user).await?;
    let key = key(org, namespace, entered.name, user);
    let Entered { auth, environment, variables, fields, .. } = entered;
    let wanted = NewConnection { key, auth, environment, variables };
    let engine = app.engine.clone();
    let connection = app.work.carry_out(async move { engine.connect(&wanted, fields).await }).await?;
    Ok(Json(Connected {
        connector: connection.connector,
        connection_id: connection.id,
        name: connection.name,
        user: connection.user,
        auth: connection.auth,
        account: connection.account,
        environment: connection.environment,
        variables: connection.variables,
        state: "active",
    }))
}

/// Makes the test call of a connection.
#[utoipa::path(
    post,
    path = "/orgs/{org}/connections/{namespace}/test",
    operation_id = "testConnection",
    tag = "connections",
    params(("org" = ids::OrgId, Path), ("namespace" = ids::Namespace, Path), Which),
    responses((status = 200, description = "How it did", body = shapes::Tried))
)]
async fn test(
    State(app): State<App>,
    caller: Caller,
    PathOf((org, namespace)): PathOf<(OrgId, Namespace)>,
    QueryOf(which): QueryOf<Which>,
) -> Result<Json<Tried>, ApiError> {
    let key = which.key(&app, &caller, org, namespace).await?;
    Ok(Json(app.engine.test_connection(&key).await?))
}
