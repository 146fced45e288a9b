//! People who can sign in, for operators.

use super::{maybe_moment, moment};
use crate::error::ApiError;
use crate::extract::{JsonOf, PathOf, QueryOf};
use crate::openapi::{ids, people};
use crate::paging::{self, page};
use crate::state::App;
use axum::Json;
use axum::extract::State;
use axum::response::{IntoResponse as _, Response};
use http::{HeaderValue, StatusCode, header};
use serde::{Deserialize, Serialize};
use sluis_engine::accounts::account::AccountChange;
use sluis_engine::accounts::{Account, Invitation, Invited};
use sluis_model::access::Office;
use sluis_model::id::UserId;
use sluis_model::secret::SecretText;
use sluis_model::time::Timestamp;
use std::collections::BTreeSet;
use utoipa::ToSchema;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

/// `GET` and `POST /api/v1/users`, `GET` and `PATCH /api/v1/users/{user}`,
/// `POST /api/v1/users/{user}/password-reset`.
pub fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::new().routes(routes!(list, invite)).routes(routes!(one, change)).routes(routes!(reset))
}

/// A person who can sign in, or could.
#[derive(Serialize, ToSchema)]
#[schema(as = User)]
struct UserView {
    #[schema(value_type = ids::UserId)]
    user: UserId,
    name: String,
    #[schema(value_type = Vec<ids::Office>)]
    offices: BTreeSet<Office>,
    #[serde(serialize_with = "moment")]
    #[schema(value_type = ids::Moment)]
    created_at: Timestamp,
    /// When their access was ended.
    #[serde(serialize_with = "maybe_moment")]
    #[schema(value_type = Option<ids::Moment>)]
    ended_at: Option<Timestamp>,
}

impl From<Account> for UserView {
    fn from(account: Account) -> Self {
        let Account { user, name, offices, created_at, ended_at, .. } = account;
        Self { user, name, offices, created_at, ended_at }
    }
}

/// People, by address.
#[derive(Serialize, ToSchema)]
struct Users {
    users: Vec<UserView>,
    /// The cursor of the next page; none after the last.
    next: Option<String>,
}

/// Everybody who can sign in, or could.
#[utoipa::path(
    get,
    path = "/users",
    operation_id = "listUsers",
    tag = "people",
    params(paging::Wanted),
    responses((status = 200, description = "A page of people", body = Users))
)]
async fn list(
    State(app): State<App>,
    QueryOf(wanted): QueryOf<paging::Wanted>,
) -> Result<Json<Users>, ApiError> {
    let page = page(app.engine.accounts().await?, |account| account.user.to_string(), &wanted)?;
    Ok(Json(Users { users: page.rows.into_iter().map(UserView::from).collect(), next: page.next }))
}

/// A person.
#[utoipa::path(
    get,
    path = "/users/{user}",
    operation_id = "getUser",
    tag = "people",
    params(("user" = ids::UserId, Path)),
    responses((status = 200, description = "The person", body = UserView))
)]
async fn one(State(app): State<App>, PathOf(user): PathOf<UserId>) -> Result<Json<UserView>, ApiError> {
    Ok(Json(app.engine.account(&user).await?.into()))
}

/// Changes somebody's name or offices, ends their access or gives it back.
#[utoipa::path(
    patch,
    path = "/users/{user}",
    operation_id = "changeUser",
    tag = "people",
    params(("user" = ids::UserId, Path)),
    request_body = people::AccountChange,
    responses((status = 200, description = "The person as they are now", body = UserView))
)]
async fn change(
    State(app): State<App>,
    PathOf(user): PathOf<UserId>,
    JsonOf(change): JsonOf<AccountChange>,
) -> Result<Json<UserView>, ApiError> {
    Ok(Json(app.engine.change_account(&user, change).await?.into()))
}

#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = UserWanted)]
struct Wanted {
    #[schema(value_type = ids::UserId)]
    user: UserId,
    /// What they are to be above organisations.
    #[serde(default)]
    #[schema(value_type = Vec<ids::Office>)]
    offices: BTreeSet<Office>,
}

/// An invitation as it is shown once.
#[derive(Serialize, ToSchema)]
#[schema(as = Invitation)]
pub(super) struct Made {
    /// Whoever shows it is taken for the person.
    invitation: String,
    #[schema(value_type = ids::UserId)]
    user: UserId,
    #[serde(flatten)]
    #[schema(value_type = people::Invited)]
    invited: Invited,
    #[serde(serialize_with = "moment")]
    #[schema(value_type = ids::Moment)]
    expires_at: Timestamp,
}

/// The one answer that holds an invitation: only its hash is kept.
pub(super) fn invited((text, invitation): (SecretText, Invitation)) -> Response {
    let Invitation { user, invited, expires_at } = invitation;
    let view = Made { invitation: text.expose().clone(), user, invited, expires_at };
    let mut answer = (StatusCode::CREATED, Json(view)).into_response();
    answer.headers_mut().insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    answer
}

/// Invites somebody to an account, and to offices above organisations.
#[utoipa::path(
    post,
    path = "/users",
    operation_id = "inviteUser",
    tag = "people",
    request_body = Wanted,
    responses((status = 201, description = "The invitation, which is shown here and never again", body = Made))
)]
async fn invite(State(app): State<App>, JsonOf(wanted): JsonOf<Wanted>) -> Result<Response, ApiError> {
    let offices = Invited::Office { offices: wanted.offices };
    Ok(invited(app.engine.invite(&wanted.user, offices).await?))
}

/// Makes an invitation to choose a new password, for somebody who has forgotten theirs.
#[utoipa::path(
    post,
    path = "/users/{user}/password-reset",
    operation_id = "resetPassword",
    tag = "people",
    params(("user" = ids::UserId, Path)),
    responses((status = 201, description = "The invitation, which is shown here and never again", body = Made))
)]
async fn reset(State(app): State<App>, PathOf(user): PathOf<UserId>) -> Result<Response, ApiError> {
    Ok(invited(app.engine.invite(&user, Invited::Password).await?))
}
