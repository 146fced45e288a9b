//! Tokens with which this API is called, for operators. A token that leaked must not be able to make itself
//! successors: none has this permission unless it was named when it was made.

use super::{maybe_moment, moment};
use crate::access::Caller;
use crate::error::ApiError;
use crate::extract::{JsonOf, PathOf, QueryOf};
use crate::openapi::ids;
use crate::paging::{self, page};
use crate::state::App;
use axum::Json;
use axum::extract::State;
use axum::response::{IntoResponse as _, Response};
use http::{HeaderValue, StatusCode, header};
use serde::{Deserialize, Serialize};
use sluis_model::access::Permission;
use sluis_model::id::{OrgId, UserId};
use sluis_model::secret::SecretText;
use sluis_model::time::Timestamp;
use sluis_vault::api_token::{ApiToken, MARK, Purpose};
use std::collections::BTreeSet;
use utoipa::ToSchema;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

/// `GET` and `POST /api/v1/tokens`, `DELETE /api/v1/tokens/{prefix}`.
pub fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::new().routes(routes!(list, create)).routes(routes!(revoke))
}

#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = TokenWanted)]
struct Wanted {
    /// What it is for.
    name: String,
    /// The only organisation that it may act for.
    #[serde(default)]
    #[schema(value_type = Option<ids::OrgId>)]
    org: Option<OrgId>,
    /// All that it may do; see the permissions. Without any, what an API token usually needs.
    #[serde(default)]
    #[schema(value_type = Vec<ids::Permission>)]
    scopes: BTreeSet<Permission>,
    /// For how many seconds it lives, at most ten years. Without it, until it is revoked.
    #[serde(default)]
    #[schema(minimum = 1, maximum = 315_360_000)]
    expires_in_s: Option<i64>,
}

/// A token without its secret.
#[derive(Serialize, ToSchema)]
#[schema(as = Token)]
pub(super) struct TokenView {
    /// Its public part.
    #[schema(example = "slu_4x7k2m9q")]
    prefix: String,
    name: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<ids::OrgId>)]
    org: Option<OrgId>,
    #[serde(skip_serializing_if = "BTreeSet::is_empty")]
    #[schema(value_type = Vec<ids::Permission>, required = false)]
    scopes: BTreeSet<Permission>,
    /// Who made it, if it was not the operator.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<ids::UserId>)]
    owner: Option<UserId>,
    #[serde(serialize_with = "moment")]
    #[schema(value_type = ids::Moment)]
    created_at: Timestamp,
    #[serde(serialize_with = "maybe_moment")]
    #[schema(value_type = Option<ids::Moment>)]
    last_used_at: Option<Timestamp>,
    #[serde(serialize_with = "maybe_moment")]
    #[schema(value_type = Option<ids::Moment>)]
    expires_at: Option<Timestamp>,
    #[serde(serialize_with = "maybe_moment")]
    #[schema(value_type = Option<ids::Moment>)]
    revoked_at: Option<Timestamp>,
}

impl From<ApiToken> for TokenView {
    fn from(token: ApiToken) -> Self {
        Self {
            prefix: format!("{MARK}{}", token.prefix),
            name: token.name,
            org: token.org,
            scopes: token.scopes,
            owner: token.owner,
            created_at: token.created_at,
            last_used_at: token.last_used_at,
            expires_at: token.expires_at,
            revoked_at: token.revoked_at,
        }
    }
}

/// Tokens, by prefix.
#[derive(Serialize, ToSchema)]
pub(super) struct Tokens {
    tokens: Vec<TokenView>,
    /// The cursor of the next page; none after the last.
    next: Option<String>,
}

impl Tokens {
    /// The page that is wanted of tokens.
    pub(super) fn page(tokens: Vec<ApiToken>, wanted: &paging::Wanted) -> Result<Self, ApiError> {
        let page = page(tokens, |token| token.prefix.clone(), wanted)?;
        Ok(Self { tokens: page.rows.into_iter().map(TokenView::from).collect(), next: page.next })
    }
}

/// A token as it is shown once.
#[derive(Serialize, ToSchema)]
pub(super) struct MadeToken {
    /// What callers show as `Authorization: Bearer …`.
    secret: String,
    token: TokenView,
}

/// Every token, also those that are revoked or have ended.
#[utoipa::path(
    get,
    path = "/tokens",
    operation_id = "listTokens",
    tag = "tokens",
    params(paging::Wanted),
    responses((status = 200, description = "A page of tokens", body = Tokens))
)]
async fn list(
    State(app): State<App>,
    QueryOf(wanted): QueryOf<paging::Wanted>,
) -> Result<Json<Tokens>, ApiError> {
    Ok(Json(Tokens::page(app.engine.api_tokens().await?, &wanted)?))
}

/// The one answer that holds a token: it is kept nowhere, but sealed for a day where whoever asks has named
/// the request by an `Idempotency-Key`.
pub(super) fn made((text, token): (SecretText, ApiToken)) -> Response {
    let body = MadeToken { secret: text.expose().clone(), token: token.into() };
    let mut answer = (StatusCode::CREATED, Json(body)).into_response();
    answer.headers_mut().insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    answer
}

/// Makes a token.
#[utoipa::path(
    post,
    path = "/tokens",
    operation_id = "createToken",
    tag = "tokens",
    request_body = Wanted,
    responses((status = 201, description = "The token, which is shown here and never again", body = MadeToken))
)]
async fn create(
    State(app): State<App>,
    caller: Caller,
    JsonOf(wanted): JsonOf<Wanted>,
) -> Result<Response, ApiError> {
    let Wanted { name, org, scopes, expires_in_s } = wanted;
    let purpose = Purpose { name, org, scopes, owner: caller.user().cloned() };
    Ok(made(app.engine.create_api_token(&purpose, expires_in_s).await?))
}

/// Revokes a token: from the next request on it is refused.
#[utoipa::path(
    delete,
    path = "/tokens/{prefix}",
    operation_id = "revokeToken",
    tag = "tokens",
    params(("prefix" = String, Path, pattern = "^slu_[0-9a-z]{8}$", example = "slu_zzzzzzzz")),
    responses((status = 200, description = "The token as it is now", body = TokenView))
)]
async fn revoke(State(app): State<App>, PathOf(prefix): PathOf<String>) -> Result<Json<TokenView>, ApiError> {
    Ok(Json(app.engine.revoke_api_token(&prefix).await?.into()))
}
