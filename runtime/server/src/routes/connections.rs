//! What an org has authorized: connections, and the attempts that lead to them.

use super::connection_form::{Which, key};
use super::{maybe_moment, moment};
use crate::access::Caller;
use crate::error::ApiError;
use crate::extract::{MaybeJsonOf, PathOf, QueryOf};
use crate::openapi::{ids, shapes};
use crate::paging;
use crate::state::App;
use axum::Json;
use axum::extract::State;
use axum::response::{IntoResponse as _, Response};
use http::{StatusCode, header};
use serde::{Deserialize, Serialize};
use sluis_engine::{NewConnection, Revocation};
use sluis_model::connection::{Connection, ConnectionState, RenewalHealth, Variables};
use sluis_model::grant::{DevicePrompt, Grant, GrantOutcome};
use sluis_model::id::{ConnectionId, ConnectionName, GrantId, Namespace, OrgId, UserId};
use sluis_model::time::Timestamp;
use std::time::Duration;
use utoipa::{IntoParams, ToSchema};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

/// `GET /api/v1/orgs/{org}/connections`, `POST …/{namespace}/authorize`, `DELETE …/{namespace}` and
/// `GET /api/v1/orgs/{org}/grants/{id}`.
pub fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::new()
        .routes(routes!(list))
        .routes(routes!(authorize))
        .routes(routes!(grant))
        .routes(routes!(revoke))
}

/// A page of connections.
#[derive(Serialize, ToSchema)]
#[schema(as = ConnectionPage)]
struct Connections {
    connections: Vec<ConnectionView>,
    /// The `cursor` of the page after this one; none after the last.
    next: Option<String>,
}

#[derive(Serialize, ToSchema)]
#[schema(as = Connection)]
struct ConnectionView {
    #[schema(value_type = ids::Namespace)]
    connector: Namespace,
    #[schema(value_type = ids::ConnectionId)]
    connection_id: ConnectionId,
    #[schema(value_type = ids::ConnectionName)]
    name: ConnectionName,
    /// To whom alone it belongs; none if it is shared by the org.
    #[schema(value_type = Option<ids::UserId>)]
    user: Option<UserId>,
    /// Which of several ways to authenticate.
    auth: Option<String>,
    /// The account at the service.
    account: Option<String>,
    environment: Option<String>,
    #[schema(value_type = BTreeMap<String, String>)]
    variables: Variables,
    #[serde(flatten)]
    #[schema(value_type = shapes::ConnectionState)]
    state: ConnectionState,
    release: u32,
    scopes: Vec<String>,
    /// Asked for and not granted.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    missing_scopes: Vec<String>,
    #[serde(serialize_with = "maybe_moment")]
    #[schema(value_type = Option<ids::Moment>)]
    expires_at: Option<Timestamp>,
    refreshable: bool,
    #[serde(serialize_with = "moment")]
    #[schema(value_type = ids::Moment)]
    authorized_at: Timestamp,
    #[serde(serialize_with = "maybe_moment")]
    #[schema(value_type = Option<ids::Moment>)]
    refreshed_at: Option<Timestamp>,
    /// How renewing goes, while it fails.
    #[serde(skip_serializing_if = "Option::is_none")]
    renewal: Option<HealthView>,
}

#[derive(Serialize, ToSchema)]
#[schema(as = RenewalHealth)]
struct HealthView {
    failures: u32,
    #[serde(serialize_with = "maybe_moment")]
    #[schema(value_type = Option<ids::Moment>)]
    failing_since: Option<Timestamp>,
    last_failure: Option<String>,
    #[serde(serialize_with = "maybe_moment")]
    #[schema(value_type = Option<ids::Moment>)]
    next_try_at: Option<Timestamp>,
}

impl From<RenewalHealth> for HealthView {
    fn from(health: RenewalHealth) -> Self {
        let RenewalHealth { failures, failing_since, last_failure, next_try_at } = health;
        Self { failures, failing_since, last_failure, next_try_at }
    }
}

impl From<Connection> for ConnectionView {
    fn from(connection: Connection) -> Self {
        Self {
            connector: connection.connector,
            connection_id: connection.id,
            name: connection.name,
            user: connection.user,
            auth: connection.auth,
            account: connection.account,
            environment: connection.environment,
            variables: connection.variables,
            state: connection.state,
            release: connection.release,
            scopes: connection.scopes,
            missing_scopes: connection.missing_scopes,
            expires_at: connection.expires_at,
            refreshable: connection.refreshable,
            authorized_at: connection.authorized_at,
            refreshed_at: connection.refreshed_at,
            renewal: Some(connection.renewal)
                .filter(|health| *health != RenewalHealth::default())
                .map(HealthView::from),
        }
    }
}

/// What an organisation has authorized.
#[utoipa::path(
    get,
    path = "/orgs/{org}/connections",
    operation_id = "listConnections",
    tag = "connections",
    params(("org" = ids::OrgId, Path), paging::Wanted),
    responses((status = 200, description = "A page of them", body = Connections))
)]
async fn list(
    State(app): State<App>,
    PathOf(org): PathOf<OrgId>,
    QueryOf(wanted): QueryOf<paging::Wanted>,
) -> Result<Json<Connections>, ApiError> {
    let connections = app.engine.connections(&org).await?;
    let paging::Page { rows, next } = paging::page(connections, place, &wanted)?;
    Ok(Json(Connections { connections: rows.into_iter().map(ConnectionView::from).collect(), next }))
}

/// What sorts connections: connector, name, user.
fn place(connection: &Connection) -> String {
    let user = connection.user.as_ref().map_or("", UserId::as_str);
    format!("{} {} {user}", connection.connector, connection.name)
}

#[derive(Serialize, ToSchema)]
#[schema(as = AuthorizationStarted)]
struct StartedView {
    #[schema(value_type = ids::GrantId)]
    grant_id: GrantId,
    authorize_url: String,
    /// What the person enters, and where, if the connector goes by another device.
    #[serde(skip_serializing_if = "Option::is_none")]
    device: Option<DeviceView>,
    #[serde(serialize_with = "moment")]
    #[schema(value_type = ids::Moment)]
    expires_at: Timestamp,
}

#[derive(Serialize, ToSchema)]
#[schema(as = DevicePrompt)]
struct DeviceView {
    user_code: String,
    verification_uri: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    verification_uri_complete: Option<String>,
}

impl From<DevicePrompt> for DeviceView {
    fn from(device: DevicePrompt) -> Self {
        Self {
            user_code: device.user_code,
            verification_uri: device.verification_uri,
            verification_uri_complete: device.verification_uri_complete,
        }
    }
}

/// What is to be authorized. All of it may be left out.
#[derive(Deserialize, Default, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = NewAuthorization)]
struct Wanted {
    #[serde(default)]
    #[schema(value_type = ids::ConnectionName)]
    name: ConnectionName,
    #[serde(default)]
    #[schema(value_type = Option<ids::UserId>)]
    user: Option<UserId>,
    #[serde(default)]
    auth: Option<String>,
    #[serde(default)]
    environment: Option<String>,
    #[serde(default)]
    #[schema(value_type = BTreeMap<String, String>)]
    variables: Variables,
}

/// Begins an authorization; a person opens the URL in a browser.
#[utoipa::path(
    post,
    path = "/orgs/{org}/connections/{namespace}/authorize",
    operation_id = "authorizeConnection",
    tag = "connections",
    params(("org" = ids::OrgId, Path), ("namespace" = ids::Namespace, Path)),
    request_body = Option<Wanted>,
    responses((status = 201, description = "Begun; a person opens `authorize_url`", body = StartedView))
)]
async fn authorize(
    State(app): State<App>,
    caller: Caller,
    PathOf((org, namespace)): PathOf<(OrgId, Namespace)>,
    MaybeJsonOf(wanted): MaybeJsonOf<Wanted>,
) -> Result<Response, ApiError> {
    let user = caller.owner_of_connection(&app, &org, wanted.user).await?;
    let key = key(org.clone(), namespace, wanted.name, user);
    let Wanted { auth, environment, variables, .. } = wanted;
    let new = NewConnection { key, auth, environment, variables };
    let started = app.engine.start_connection(&new).await?;
    let place = format!("/api/v1/orgs/{org}/grants/{}", started.grant.id);
    let view = StartedView {
        grant_id: started.grant.id,
        authorize_url: started.authorize_url.into(),
        device: started.grant.device.map(DeviceView::from),
        expires_at: started.grant.expires_at,
    };
    Ok((StatusCode::CREATED, [(header::LOCATION, place)], Json(view)).into_response())
}

#[derive(Serialize, ToSchema)]
#[schema(as = Grant)]
struct GrantView {
    #[schema(value_type = ids::GrantId)]
    grant_id: GrantId,
    #[schema(value_type = ids::Namespace)]
    connector: Namespace,
    #[schema(value_type = ids::ConnectionName)]
    name: ConnectionName,
    #[schema(value_type = Option<ids::UserId>)]
    user: Option<UserId>,
    #[serde(flatten)]
    #[schema(value_type = shapes::GrantOutcome)]
    outcome: GrantOutcome,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    missing_scopes: Vec<String>,
    release: u32,
    #[serde(serialize_with = "moment")]
    #[schema(value_type = ids::Moment)]
    started_at: Timestamp,
    #[serde(serialize_with = "moment")]
    #[schema(value_type = ids::Moment)]
    expires_at: Timestamp,
}

impl From<Grant> for GrantView {
    fn from(grant: Grant) -> Self {
        Self {
            grant_id: grant.id,
            connector: grant.connector,
            name: grant.name,
            user: grant.user,
            outcome: grant.outcome,
            missing_scopes: grant.missing_scopes,
            release: grant.release,
            started_at: grant.started_at,
            expires_at: grant.expires_at,
        }
    }
}

/// Longest wait of one question for an attempt, in seconds.
const WAIT_AT_MOST: u64 = 60;

#[derive(Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
struct Patience {
    /// How long to wait for a decision, in seconds.
    #[serde(default)]
    wait: u64,
}

/// An attempt; with `wait`, as soon as it is decided or the time is over.
#[utoipa::path(
    get,
    path = "/orgs/{org}/grants/{id}",
    operation_id = "getGrant",
    tag = "connections",
    params(("org" = ids::OrgId, Path), ("id" = ids::GrantId, Path), Patience),
    responses((status = 200, description = "The attempt", body = GrantView))
)]
async fn grant(
    State(app): State<App>,
    PathOf((org, id)): PathOf<(OrgId, GrantId)>,
    QueryOf(patience): QueryOf<Patience>,
) -> Result<Json<GrantView>, ApiError> {
    let at_most = Duration::from_secs(patience.wait.min(WAIT_AT_MOST));
    Ok(Json(GrantView::from(app.engine.grant_when_decided(&org, &id, at_most).await?)))
}

/// Gives an authorization back, at the provider and here.
#[utoipa::path(
    delete,
    path = "/orgs/{org}/connections/{namespace}",
    operation_id = "revokeConnection",
    tag = "connections",
    params(("org" = ids::OrgId, Path), ("namespace" = ids::Namespace, Path), Which),
    responses((status = 200, description = "It is gone here", body = shapes::Revocation))
)]
async fn revoke(
    State(app): State<App>,
    caller: Caller,
    PathOf((org, namespace)): PathOf<(OrgId, Namespace)>,
    QueryOf(which): QueryOf<Which>,
) -> Result<Json<Revocation>, ApiError> {
    let key = which.key(&app, &caller, org, namespace).await?;
    let engine = app.engine.clone();
    let revocation = app.work.carry_out(async move { engine.revoke_connection(&key).await }).await?;
    Ok(Json(revocation))
}
