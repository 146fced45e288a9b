//! Signing in and out, who is signed in, and accepting an invitation.

use super::{moment, secret};
use crate::access::Caller;
use crate::access::cookie::SESSION;
use crate::access::same_site;
use crate::error::ApiError;
use crate::extract::JsonOf;
use crate::openapi::ids;
use crate::state::App;
use axum::Json;
use axum::extract::State;
use axum::response::{IntoResponse as _, Response};
use http::{HeaderMap, HeaderValue, Method, StatusCode, header};
use serde::{Deserialize, Serialize};
use sluis_engine::accounts::invitations::Acceptance;
use sluis_engine::accounts::{Account, Member, Session};
use sluis_model::access::{Office, Permission, Role};
use sluis_model::id::{OrgId, UserId};
use sluis_model::secret::SecretText;
use sluis_model::time::Timestamp;
use std::collections::BTreeSet;
use utoipa::ToSchema;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

/// `POST`, `GET` and `DELETE /api/v1/session`, `PUT /api/v1/session/password` and
/// `POST /api/v1/invitations/accept`.
pub fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::new()
        .routes(routes!(sign_in, who, sign_out))
        .routes(routes!(change_password))
        .routes(routes!(accept))
}

/// Who is known, and what they may do.
#[derive(Serialize, ToSchema)]
#[schema(as = Session)]
struct Known {
    /// None for an API token that no person made.
    #[schema(value_type = Option<ids::UserId>)]
    user: Option<UserId>,
    name: Option<String>,
    #[schema(value_type = Vec<ids::Office>)]
    offices: BTreeSet<Office>,
    /// What they may do above organisations.
    #[schema(value_type = Vec<ids::Permission>)]
    permissions: Vec<Permission>,
    orgs: Vec<Belonging>,
    #[serde(skip_serializing_if = "Option::is_none")]
    session: Option<SessionView>,
}

/// An organisation that somebody belongs to.
#[derive(Serialize, ToSchema)]
struct Belonging {
    #[schema(value_type = ids::OrgId)]
    org: OrgId,
    #[schema(value_type = ids::Role)]
    role: Role,
    #[schema(value_type = Vec<ids::Permission>)]
    permissions: &'static [Permission],
}

/// A session of a browser.
#[derive(Serialize, ToSchema)]
#[schema(as = BrowserSession)]
struct SessionView {
    #[serde(serialize_with = "moment")]
    #[schema(value_type = ids::Moment)]
    created_at: Timestamp,
    #[serde(serialize_with = "moment")]
    #[schema(value_type = ids::Moment)]
    expires_at: Timestamp,
}

impl From<&Session> for SessionView {
    fn from(session: &Session) -> Self {
        Self { created_at: session.created_at, expires_at: session.expires_at() }
    }
}

impl From<Member> for Belonging {
    fn from(member: Member) -> Self {
        Self { permissions: member.role.permissions(), org: member.org, role: member.role }
    }
}

fn known(account: &Account, orgs: Vec<Member>, session: &Session) -> Known {
    let above: BTreeSet<Permission> =
        account.offices.iter().flat_map(|office| office.permissions()).copied().collect();
    Known {
        user: Some(account.user.clone()),
        name: Some(account.name.clone()),
        offices: account.offices.clone(),
        permissions: above.into_iter().collect(),
        orgs: orgs.into_iter().map(Belonging::from).collect(),
        session: Some(session.into()),
    }
}

/// Who asks, and what they may do; of an API token, what it was made for.
#[utoipa::path(
    get,
    path = "/session",
    operation_id = "getSession",
    tag = "people",
    responses((status = 200, description = "Who is known, and what they may do", body = Known))
)]
async fn who(State(app): State<App>, caller: Caller) -> Result<Json<Known>, ApiError> {
    if let Some((account, session)) = caller.person() {
        let orgs = app.engine.orgs_of(&account.user).await?;
        return Ok(Json(known(account, orgs, session)));
    }
    let mut permissions = Vec::new();
    for permission in Permission::ALL {
        if caller.may(&app, *permission, None).await? {
            permissions.push(*permission);
        }
    }
    let user = caller.user().cloned();
    Ok(Json(Known {
        user,
        name: None,
        offices: BTreeSet::new(),
        permissions,
        orgs: Vec::new(),
        session: None,
    }))
}

#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct Credentials {
    #[schema(value_type = ids::UserId)]
    user: UserId,
    #[serde(deserialize_with = "secret")]
    #[schema(value_type = String, write_only)]
    password: SecretText,
}

/// Refuses what a page of another origin makes a browser ask: it could sign its visitors in as somebody
/// else. Programs, which no other page can steer, send none of these headers.
fn of_our_pages(app: &App, method: &Method, headers: &HeaderMap) -> Result<(), ApiError> {
    let is_browser = headers.contains_key(header::ORIGIN) || headers.contains_key("sec-fetch-site");
    if !is_browser || same_site::may_change(method, headers, app.engine.public_url()) {
        return Ok(());
    }
    let detail = "a page of another origin asked for this";
    Err(ApiError::protocol(StatusCode::FORBIDDEN, "cross_origin", detail)
        .help(format!("sign in at {}", app.engine.public_url())))
}

/// Signs a person in; the answer sets the cookie. A session that the browser had before ends.
#[utoipa::path(
    post,
    path = "/session",
    operation_id = "signIn",
    tag = "people",
    request_body = Credentials,
    security(()),
    responses((status = 200, description = "Signed in; the answer sets the cookie", body = Known))
)]
async fn sign_in(
    State(app): State<App>,
    method: Method,
    headers: HeaderMap,
    JsonOf(given): JsonOf<Credentials>,
) -> Result<Response, ApiError> {
    of_our_pages(&app, &method, &headers)?;
    let (cookie, session) = app.engine.sign_in(&given.user, &given.password).await?;
    end_former(&app, &headers).await?;
    signed_in(&app, &cookie, &session).await
}

async fn end_former(app: &App, headers: &HeaderMap) -> Result<(), ApiError> {
    match SESSION.of(&app.engine, headers) {
        Some(former) => Ok(app.engine.sign_out(&former).await?),
        None => Ok(()),
    }
}

async fn signed_in(app: &App, cookie: &SecretText, session: &Session) -> Result<Response, ApiError> {
    let account = app.engine.account(&session.user).await?;
    let orgs = app.engine.orgs_of(&session.user).await?;
    let mut answer = Json(known(&account, orgs, session)).into_response();
    let (name, value) = SESSION.set(&app.engine, cookie);
    answer.headers_mut().append(name, value);
    answer.headers_mut().insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    Ok(answer)
}

/// Ends the session, if there is one.
#[utoipa::path(
    delete,
    path = "/session",
    operation_id = "signOut",
    tag = "people",
    security(()),
    responses((status = 204, description = "Nobody is signed in any more"))
)]
async fn sign_out(State(app): State<App>, method: Method, headers: HeaderMap) -> Result<Response, ApiError> {
    of_our_pages(&app, &method, &headers)?;
    end_former(&app, &headers).await?;
    Ok((StatusCode::NO_CONTENT, [SESSION.clear(&app.engine)]).into_response())
}

#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct Passwords {
    #[serde(deserialize_with = "secret")]
    #[schema(value_type = String, write_only)]
    present: SecretText,
    #[serde(deserialize_with = "secret")]
    #[schema(value_type = String, write_only)]
    wanted: SecretText,
}

/// Gives the person another password: all their sessions end, and the browser gets a new one.
#[utoipa::path(
    put,
    path = "/session/password",
    operation_id = "changePassword",
    tag = "people",
    request_body = Passwords,
    responses((status = 200, description = "Changed; the answer sets the cookie of a new session", body = Known))
)]
async fn change_password(
    State(app): State<App>,
    caller: Caller,
    JsonOf(given): JsonOf<Passwords>,
) -> Result<Response, ApiError> {
    let Some((account, _)) = caller.person() else {
        return Err(ApiError::invalid("an API token has no password").help("sign in with a browser"));
    };
    let (cookie, session) = app.engine.change_password(&account.user, &given.present, &given.wanted).await?;
    signed_in(&app, &cookie, &session).await
}

#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = InvitationAccepted)]
struct Accepted {
    #[serde(deserialize_with = "secret")]
    #[schema(value_type = String, write_only)]
    invitation: SecretText,
    #[serde(default)]
    name: Option<String>,
    #[serde(deserialize_with = "secret")]
    #[schema(value_type = String, write_only)]
    password: SecretText,
}

/// Accepts an invitation and signs in.
#[utoipa::path(
    post,
    path = "/invitations/accept",
    operation_id = "acceptInvitation",
    tag = "people",
    request_body = Accepted,
    security(()),
    responses((status = 200, description = "Accepted, and signed in", body = Known))
)]
async fn accept(
    State(app): State<App>,
    method: Method,
    headers: HeaderMap,
    JsonOf(given): JsonOf<Accepted>,
) -> Result<Response, ApiError> {
    of_our_pages(&app, &method, &headers)?;
    let acceptance = Acceptance { invitation: given.invitation, name: given.name, password: given.password };
    let account = app.engine.accept_invitation(&acceptance).await?;
    end_former(&app, &headers).await?;
    let (cookie, session) = app.engine.sign_in(&account.user, &acceptance.password).await?;
    signed_in(&app, &cookie, &session).await
}
