//! What an org has authorized: connections, and the attempts that lead to them.

use super::connection_form::{Which, key};
use super::{maybe_moment, moment};
use crate::error::ApiError;
use crate::extract::{MaybeJsonOf, PathOf, QueryOf};
use crate::state::App;
use axum::extract::State;
use axum::response::{IntoResponse as _, Response};
use axum::routing::{delete, get, post};
use axum::{Json, Router};
use http::{StatusCode, header};
use serde::{Deserialize, Serialize};
use sluis_engine::{NewConnection, Revocation};
use sluis_model::connection::{Connection, ConnectionState, RenewalHealth, Variables};
use sluis_model::grant::{DevicePrompt, Grant, GrantOutcome};
use sluis_model::id::{ConnectionId, ConnectionName, GrantId, Namespace, OrgId, UserId};
use sluis_model::time::Timestamp;
use std::time::Duration;

/// `GET /api/v1/orgs/{org}/connections`, `POST …/{namespace}/authorize`, `DELETE …/{namespace}` and
/// `GET /api/v1/orgs/{org}/grants/{id}`.
pub fn routes() -> Router<App> {
    Router::new()
        .route("/orgs/{org}/connections", get(list))
        .route("/orgs/{org}/connections/{namespace}", delete(revoke))
        .route("/orgs/{org}/connections/{namespace}/authorize", post(authorize))
        .route("/orgs/{org}/grants/{id}", get(grant))
}

#[derive(Serialize)]
struct Connections {
    connections: Vec<ConnectionView>,
}

#[derive(Serialize)]
struct ConnectionView {
    connector: Namespace,
    connection_id: ConnectionId,
    name: ConnectionName,
    /// To whom alone it belongs; none if it is shared by the org.
    user: Option<UserId>,
    /// Which of several ways to authenticate.
    auth: Option<String>,
    /// The account at the service.
    account: Option<String>,
    environment: Option<String>,
    variables: Variables,
    #[serde(flatten)]
    state: ConnectionState,
    release: u32,
    scopes: Vec<String>,
    /// Asked for and not granted.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    missing_scopes: Vec<String>,
    #[serde(serialize_with = "maybe_moment")]
    expires_at: Option<Timestamp>,
    refreshable: bool,
    #[serde(serialize_with = "moment")]
    authorized_at: Timestamp,
    #[serde(serialize_with = "maybe_moment")]
    refreshed_at: Option<Timestamp>,
    /// How renewing goes, while it fails.
    #[serde(skip_serializing_if = "Option::is_none")]
    renewal: Option<HealthView>,
}

#[derive(Serialize)]
struct HealthView {
    failures: u32,
    #[serde(serialize_with = "maybe_moment")]
    failing_since: Option<Timestamp>,
    last_failure: Option<String>,
    #[serde(serialize_with = "maybe_moment")]
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

async fn list(State(app): State<App>, PathOf(org): PathOf<OrgId>) -> Result<Json<Connections>, ApiError> {
    let connections = app.engine.connections(&org).await?;
    Ok(Json(Connections { connections: connections.into_iter().map(ConnectionView::from).collect() }))
}

#[derive(Serialize)]
struct StartedView {
    grant_id: GrantId,
    authorize_url: String,
    /// What the person enters, and where, if the connector goes by another device.
    #[serde(skip_serializing_if = "Option::is_none")]
    device: Option<DeviceView>,
    #[serde(serialize_with = "moment")]
    expires_at: Timestamp,
}

#[derive(Serialize)]
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
#[derive(Deserialize, Default)]
#[serde(deny_unknown_fields)]
struct Wanted {
    #[serde(default)]
    name: ConnectionName,
    #[serde(default)]
    user: Option<UserId>,
    #[serde(default)]
    auth: Option<String>,
    #[serde(default)]
    environment: Option<String>,
    #[serde(default)]
    variables: Variables,
}

/// Begins an authorization; a person opens the URL in a browser.
async fn authorize(
    State(app): State<App>,
    PathOf((org, namespace)): PathOf<(OrgId, Namespace)>,
    MaybeJsonOf(wanted): MaybeJsonOf<Wanted>,
) -> Result<Response, ApiError> {
    let key = key(org.clone(), namespace, wanted.name, wanted.user);
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

#[derive(Serialize)]
struct GrantView {
    grant_id: GrantId,
    connector: Namespace,
    name: ConnectionName,
    user: Option<UserId>,
    #[serde(flatten)]
    outcome: GrantOutcome,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    missing_scopes: Vec<String>,
    release: u32,
    #[serde(serialize_with = "moment")]
    started_at: Timestamp,
    #[serde(serialize_with = "moment")]
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

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Patience {
    /// How long to wait for a decision, in seconds.
    #[serde(default)]
    wait: u64,
}

/// An attempt; with `wait`, as soon as it is decided or the time is over.
async fn grant(
    State(app): State<App>,
    PathOf((org, id)): PathOf<(OrgId, GrantId)>,
    QueryOf(patience): QueryOf<Patience>,
) -> Result<Json<GrantView>, ApiError> {
    let at_most = Duration::from_secs(patience.wait.min(WAIT_AT_MOST));
    Ok(Json(GrantView::from(app.engine.grant_when_decided(&org, &id, at_most).await?)))
}

/// Gives an authorization back, at the provider and here.
async fn revoke(
    State(app): State<App>,
    PathOf((org, namespace)): PathOf<(OrgId, Namespace)>,
    QueryOf(which): QueryOf<Which>,
) -> Result<Json<Revocation>, ApiError> {
    let (engine, key) = (app.engine.clone(), which.key(org, namespace));
    let revocation = app.work.carry_out(async move { engine.revoke_connection(&key).await }).await?;
    Ok(Json(revocation))
}
