//! The API's description, for programs and for people. It holds nothing of this server and is open to
//! everyone who can reach the API.

use crate::openapi;
use crate::state::App;
use axum::Router;
use axum::response::{IntoResponse as _, Response};
use axum::routing::get;
use http::header;

/// `GET /api` and `GET /api/v1/openapi.json`.
pub fn routes() -> Router<App> {
    Router::new().route("/api", get(page)).route("/api/v1/openapi.json", get(document))
}

async fn page() -> Response {
    openapi::page::answer()
}

async fn document() -> Response {
    ([(header::CONTENT_TYPE, "application/json")], openapi::TEXT.as_str()).into_response()
}
