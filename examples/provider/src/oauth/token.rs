//! The token endpoint (RFC 6749 §3.2): codes and refresh tokens become access tokens.

use super::client::authenticate;
use super::error::{OAuthError, no_store};
use super::params::Params;
use crate::grants::Issued;
use crate::hold::Moment;
use crate::state::Shared;
use axum::Json;
use axum::body::Bytes;
use axum::extract::State;
use axum::http::HeaderMap;
use axum::response::{IntoResponse as _, Response};
use serde_json::json;

/// `POST /oauth/token`.
pub(super) async fn token(State(state): State<Shared>, headers: HeaderMap, body: Bytes) -> Response {
    state.holds.pass(Moment::Arrived).await;
    let decided = grant(&state, &headers, &body);
    state.holds.pass(Moment::Decided).await;
    match decided {
        Ok(issued) => answer(&state, issued),
        Err(error) => {
            state.counts().refused += 1;
            error.into_response()
        }
    }
}

fn grant(state: &Shared, headers: &HeaderMap, body: &[u8]) -> Result<Issued, OAuthError> {
    let params = Params::parse_form(headers, body)?;
    authenticate(&state.settings, headers, &params)?;
    match params.need("grant_type")? {
        "authorization_code" => from_code(state, &params),
        "refresh_token" => from_refresh_token(state, &params),
        _ => {
            let text = "this provider knows authorization_code and refresh_token";
            Err(OAuthError::new("unsupported_grant_type", text))
        }
    }
}

fn from_code(state: &Shared, params: &Params) -> Result<Issued, OAuthError> {
    let (code, redirect_uri) = (params.need("code")?, params.need("redirect_uri")?);
    let verifier = params.need("code_verifier")?;
    if !is_verifier(verifier) {
        let text = "code_verifier must be 43 to 128 unreserved characters (RFC 7636 §4.1)";
        return Err(OAuthError::invalid_request(text));
    }
    let issued = state.grants().exchange_at(state.now(), code, redirect_uri, verifier)?;
    state.counts().code_exchanges += 1;
    Ok(issued)
}

fn from_refresh_token(state: &Shared, params: &Params) -> Result<Issued, OAuthError> {
    let token = params.need("refresh_token")?;
    let issued = state.grants().refresh_at(state.now(), token, params.scopes())?;
    state.counts().refreshes += 1;
    Ok(issued)
}

fn is_verifier(text: &str) -> bool {
    let unreserved = |c: char| c.is_ascii_alphanumeric() || "-._~".contains(c);
    (43..=128).contains(&text.len()) && text.chars().all(unreserved)
}

fn answer(state: &Shared, issued: Issued) -> Response {
    let scope = issued.scopes.into_iter().collect::<Vec<_>>().join(" ");
    let body = json!({
        "access_token": issued.access_token,
        "token_type": "Bearer",
        "expires_in": state.settings.access_token_lifetime_s,
        "refresh_token": issued.refresh_token,
        "scope": scope,
    });
    (no_store(), Json(body)).into_response()
}
