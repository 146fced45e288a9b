//! What the provider can do, for clients that ask (RFC 8414).

use super::{AUTHORIZE, REVOKE, TOKEN};
use crate::settings::SCOPES;
use crate::state::Shared;
use axum::Json;
use axum::extract::State;
use serde_json::{Value, json};

const CLIENT_METHODS: &[&str] = &["client_secret_basic", "client_secret_post"];

/// `GET /.well-known/oauth-authorization-server`.
pub(super) async fn metadata(State(state): State<Shared>) -> Json<Value> {
    let issuer = &state.issuer;
    let scopes: Vec<_> = SCOPES.iter().map(|(scope, _)| scope).collect();
    Json(json!({
        "issuer": issuer,
        "authorization_endpoint": format!("{issuer}{AUTHORIZE}"),
        "token_endpoint": format!("{issuer}{TOKEN}"),
        "revocation_endpoint": format!("{issuer}{REVOKE}"),
        "scopes_supported": scopes,
        "response_types_supported": ["code"],
        "response_modes_supported": ["query"],
        "grant_types_supported": ["authorization_code", "refresh_token"],
        "token_endpoint_auth_methods_supported": CLIENT_METHODS,
        "revocation_endpoint_auth_methods_supported": CLIENT_METHODS,
        "code_challenge_methods_supported": ["S256"],
        "authorization_response_iss_parameter_supported": true,
        "service_documentation": format!("{issuer}/"),
    }))
}
