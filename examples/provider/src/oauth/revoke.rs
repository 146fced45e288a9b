//! Token revocation (RFC 7009). Either token ends the whole grant.

use super::client::authenticate;
use super::error::{OAuthError, no_store};
use super::params::Params;
use crate::state::Shared;
use axum::body::Bytes;
use axum::extract::State;
use axum::http::HeaderMap;
use axum::response::{IntoResponse as _, Response};

/// `POST /oauth/revoke`. An unknown token is a success as well (RFC 7009 §2.2): it is not valid,
/// which is what was asked for.
pub(super) async fn revoke(State(state): State<Shared>, headers: HeaderMap, body: Bytes) -> Response {
    match end(&state, &headers, &body) {
        Ok(()) => no_store().into_response(),
        Err(error) => {
            state.counts().refused += 1;
            error.into_response()
        }
    }
}

fn end(state: &Shared, headers: &HeaderMap, body: &[u8]) -> Result<(), OAuthError> {
    let params = Params::parse_form(headers, body)?;
    authenticate(&state.settings, headers, &params)?;
    state.grants().revoke(params.need("token")?);
    state.counts().revocations += 1;
    Ok(())
}
