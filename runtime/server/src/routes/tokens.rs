//! Tokens with which this API is called. Only whoever shows the server's own token may manage them: one
//! that leaked must not be able to make itself successors.

use super::{maybe_moment, moment};
use crate::caller::Operator;
use crate::error::ApiError;
use crate::extract::{JsonOf, PathOf};
use crate::state::App;
use axum::extract::State;
use axum::response::{IntoResponse as _, Response};
use axum::routing::{delete, get};
use axum::{Json, Router};
use http::{HeaderValue, StatusCode, header};
use serde::{Deserialize, Serialize};
use serde_json::json;
use sluis_model::id::OrgId;
use sluis_model::time::Timestamp;
use sluis_vault::api_token::{ApiToken, MARK};

/// `GET` and `POST /api/v1/tokens`, `DELETE /api/v1/tokens/{prefix}`.
pub fn routes() -> Router<App> {
    Router::new().route("/tokens", get(list).post(create)).route("/tokens/{prefix}", delete(revoke))
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Wanted {
    name: String,
    /// The only organisation that it may act for.
    #[serde(default)]
    org: Option<OrgId>,
    #[serde(default)]
    expires_in_s: Option<i64>,
}

#[derive(Serialize)]
struct TokenView {
    prefix: String,
    name: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    org: Option<OrgId>,
    #[serde(serialize_with = "moment")]
    created_at: Timestamp,
    #[serde(serialize_with = "maybe_moment")]
    last_used_at: Option<Timestamp>,
    #[serde(serialize_with = "maybe_moment")]
    expires_at: Option<Timestamp>,
    #[serde(serialize_with = "maybe_moment")]
    revoked_at: Option<Timestamp>,
}

impl From<ApiToken> for TokenView {
    fn from(token: ApiToken) -> Self {
        Self {
            prefix: format!("{MARK}{}", token.prefix),
            name: token.name,
            org: token.org,
            created_at: token.created_at,
            last_used_at: token.last_used_at,
            expires_at: token.expires_at,
            revoked_at: token.revoked_at,
        }
    }
}

async fn list(State(app): State<App>, _: Operator) -> Result<Response, ApiError> {
    let tokens: Vec<TokenView> = app.engine.api_tokens().await?.into_iter().map(Into::into).collect();
    Ok(Json(json!({ "tokens": tokens })).into_response())
}

/// The one answer that holds a token: it is kept nowhere.
async fn create(
    State(app): State<App>,
    _: Operator,
    JsonOf(wanted): JsonOf<Wanted>,
) -> Result<Response, ApiError> {
    let (text, token) =
        app.engine.create_api_token(&wanted.name, wanted.org.as_ref(), wanted.expires_in_s).await?;
    let body = json!({ "secret": text.expose(), "token": TokenView::from(token) });
    let mut answer = (StatusCode::CREATED, Json(body)).into_response();
    answer.headers_mut().insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    Ok(answer)
}

async fn revoke(
    State(app): State<App>,
    _: Operator,
    PathOf(prefix): PathOf<String>,
) -> Result<Json<TokenView>, ApiError> {
    Ok(Json(app.engine.revoke_api_token(&prefix).await?.into()))
}
