//! Who belongs to an org, and the API tokens of its people.

use super::moment;
use super::tokens::{MadeToken, TokenView, Tokens, made};
use super::users::{Made, invited};
use crate::access::Caller;
use crate::error::ApiError;
use crate::extract::{JsonOf, PathOf, QueryOf};
use crate::openapi::ids;
use crate::paging::{self, page};
use crate::state::App;
use axum::Json;
use axum::extract::State;
use axum::response::Response;
use serde::{Deserialize, Serialize};
use sluis_engine::accounts::{Invited, Member};
use sluis_model::access::{Permission, Role};
use sluis_model::error::{Failure, Reason};
use sluis_model::id::{OrgId, UserId};
use sluis_model::time::Timestamp;
use sluis_vault::api_token::Purpose;
use std::collections::BTreeSet;
use utoipa::ToSchema;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

/// `GET /api/v1/orgs/{org}/members`, `PUT` and `DELETE …/members/{user}`, `POST …/invitations`, `GET` and
/// `POST …/tokens`, `DELETE …/tokens/{prefix}`.
pub fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::new()
        .routes(routes!(list))
        .routes(routes!(change, remove))
        .routes(routes!(invite))
        .routes(routes!(tokens, create_token))
        .routes(routes!(revoke_token))
}

/// A person in an organisation.
#[derive(Serialize, ToSchema)]
#[schema(as = Member)]
struct MemberView {
    #[schema(value_type = ids::UserId)]
    user: UserId,
    #[schema(value_type = ids::Role)]
    role: Role,
    #[serde(serialize_with = "moment")]
    #[schema(value_type = ids::Moment)]
    since: Timestamp,
}

impl From<Member> for MemberView {
    fn from(member: Member) -> Self {
        Self { user: member.user, role: member.role, since: member.since }
    }
}

/// People of an organisation, by address.
#[derive(Serialize, ToSchema)]
struct Members {
    members: Vec<MemberView>,
    /// The cursor of the next page; none after the last.
    next: Option<String>,
}

/// Who belongs to an organisation, and as what.
#[utoipa::path(
    get,
    path = "/orgs/{org}/members",
    operation_id = "listMembers",
    tag = "people",
    params(("org" = ids::OrgId, Path), paging::Wanted),
    responses((status = 200, description = "A page of members", body = Members))
)]
async fn list(
    State(app): State<App>,
    PathOf(org): PathOf<OrgId>,
    QueryOf(wanted): QueryOf<paging::Wanted>,
) -> Result<Json<Members>, ApiError> {
    let page = page(app.engine.members(&org).await?, |member| member.user.to_string(), &wanted)?;
    Ok(Json(Members { members: page.rows.into_iter().map(MemberView::from).collect(), next: page.next }))
}

#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = RoleWanted)]
struct Wanted {
    #[schema(value_type = ids::Role)]
    role: Role,
}

/// Gives a member another role, from their next request on.
#[utoipa::path(
    put,
    path = "/orgs/{org}/members/{user}",
    operation_id = "changeRole",
    tag = "people",
    params(("org" = ids::OrgId, Path), ("user" = ids::UserId, Path)),
    request_body = Wanted,
    responses((status = 200, description = "The member as they are now", body = MemberView))
)]
async fn change(
    State(app): State<App>,
    PathOf((org, user)): PathOf<(OrgId, UserId)>,
    JsonOf(wanted): JsonOf<Wanted>,
) -> Result<Json<MemberView>, ApiError> {
    Ok(Json(app.engine.change_role(&org, &user, wanted.role).await?.into()))
}

/// Ends somebody's belonging to an organisation; their tokens for it count no more.
#[utoipa::path(
    delete,
    path = "/orgs/{org}/members/{user}",
    operation_id = "removeMember",
    tag = "people",
    params(("org" = ids::OrgId, Path), ("user" = ids::UserId, Path)),
    responses((status = 200, description = "Whom it was", body = MemberView))
)]
async fn remove(
    State(app): State<App>,
    PathOf((org, user)): PathOf<(OrgId, UserId)>,
) -> Result<Json<MemberView>, ApiError> {
    Ok(Json(app.engine.remove_member(&org, &user).await?.into()))
}

#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct Invitee {
    #[schema(value_type = ids::UserId)]
    user: UserId,
    #[schema(value_type = ids::Role)]
    role: Role,
}

/// Invites somebody to an organisation.
#[utoipa::path(
    post,
    path = "/orgs/{org}/invitations",
    operation_id = "inviteMember",
    tag = "people",
    params(("org" = ids::OrgId, Path)),
    request_body = Invitee,
    responses((status = 201, description = "The invitation, which is shown here and never again", body = Made))
)]
async fn invite(
    State(app): State<App>,
    PathOf(org): PathOf<OrgId>,
    JsonOf(wanted): JsonOf<Invitee>,
) -> Result<Response, ApiError> {
    let join = Invited::Join { org, role: wanted.role };
    Ok(invited(app.engine.invite(&wanted.user, join).await?))
}

/// The API tokens that act for an organisation.
#[utoipa::path(
    get,
    path = "/orgs/{org}/tokens",
    operation_id = "listOrgTokens",
    tag = "tokens",
    params(("org" = ids::OrgId, Path), paging::Wanted),
    responses((status = 200, description = "A page of tokens", body = Tokens))
)]
async fn tokens(
    State(app): State<App>,
    PathOf(org): PathOf<OrgId>,
    QueryOf(wanted): QueryOf<paging::Wanted>,
) -> Result<Json<Tokens>, ApiError> {
    Ok(Json(Tokens::page(app.engine.api_tokens_of(&org).await?, &wanted)?))
}

#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = OrgTokenWanted)]
struct TokenWanted {
    name: String,
    /// All that it may do. Without any, what an API token usually needs.
    #[serde(default)]
    #[schema(value_type = Vec<ids::Permission>)]
    scopes: BTreeSet<Permission>,
    /// For how many seconds it lives, at most ten years. Without it, until it is revoked.
    #[serde(default)]
    #[schema(minimum = 1, maximum = 315_360_000)]
    expires_in_s: Option<i64>,
}

/// Makes a token for the org, which may never do more than whoever makes it.
#[utoipa::path(
    post,
    path = "/orgs/{org}/tokens",
    operation_id = "createOrgToken",
    tag = "tokens",
    params(("org" = ids::OrgId, Path)),
    request_body = TokenWanted,
    responses((status = 201, description = "The token, which is shown here and never again", body = MadeToken))
)]
async fn create_token(
    State(app): State<App>,
    caller: Caller,
    PathOf(org): PathOf<OrgId>,
    JsonOf(wanted): JsonOf<TokenWanted>,
) -> Result<Response, ApiError> {
    for scope in &wanted.scopes {
        if !caller.may(&app, *scope, Some(&org)).await? {
            let refused =
                Failure::new(Reason::Forbidden, format!("you may not do `{scope}` in `{org}` yourself"));
            return Err(
                ApiError::from(refused).help("name only scopes that you have; GET /session tells which")
            );
        }
    }
    let purpose =
        Purpose { name: wanted.name, org: Some(org), scopes: wanted.scopes, owner: caller.user().cloned() };
    Ok(made(app.engine.create_api_token(&purpose, wanted.expires_in_s).await?))
}

/// Revokes a token of an organisation: from the next request on it is refused.
#[utoipa::path(
    delete,
    path = "/orgs/{org}/tokens/{prefix}",
    operation_id = "revokeOrgToken",
    tag = "tokens",
    params(("org" = ids::OrgId, Path), ("prefix" = String, Path, pattern = "^slu_[0-9a-z]{8}$", example = "slu_zzzzzzzz")),
    responses((status = 200, description = "The token as it is now", body = TokenView))
)]
async fn revoke_token(
    State(app): State<App>,
    PathOf((org, prefix)): PathOf<(OrgId, String)>,
) -> Result<Json<TokenView>, ApiError> {
    Ok(Json(app.engine.revoke_api_token_of(&org, &prefix).await?.into()))
}
