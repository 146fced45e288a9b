//! The endpoints that speak OAuth 2.0: authorization (with consent), token, revocation, metadata.
//! The rules for what is given stand in `grants`.

mod authorize;
mod client;
mod error;
mod metadata;
mod params;
mod revoke;
mod token;

use crate::state::Shared;
use axum::Router;
use axum::routing::{get, post};

/// Where the browser is sent to.
pub(crate) const AUTHORIZE: &str = "/oauth/authorize";
/// Where the consent page's form goes.
pub(crate) const DECIDE: &str = "/oauth/decide";
/// Where codes and refresh tokens become tokens.
pub(crate) const TOKEN: &str = "/oauth/token";
/// Where tokens are revoked.
pub(crate) const REVOKE: &str = "/oauth/revoke";

/// The OAuth part of the router.
pub(crate) fn routes() -> Router<Shared> {
    Router::new()
        .route(AUTHORIZE, get(authorize::ask))
        .route(DECIDE, post(authorize::decide))
        .route(TOKEN, post(token::token))
        .route(REVOKE, post(revoke::revoke))
        .route("/.well-known/oauth-authorization-server", get(metadata::metadata))
}
