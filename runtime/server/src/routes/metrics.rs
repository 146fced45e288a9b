//! What is counted and measured, for Prometheus: at the server's own address with a token of its own, or
//! at an address of the operator's choice.

use crate::error::ApiError;
use crate::measured;
use crate::state::App;
use axum::Router;
use axum::extract::State;
use axum::response::{IntoResponse as _, Response};
use axum::routing::get;
use http::{HeaderMap, StatusCode, header};

/// `GET /metrics` behind its token.
pub fn routes() -> Router<App> {
    Router::new().route("/metrics", get(guarded))
}

/// `GET /metrics` for whoever reaches the address.
pub fn open() -> Router {
    Router::new().route("/metrics", get(async || shown()))
}

async fn guarded(State(app): State<App>, headers: HeaderMap) -> Response {
    let given = headers.get(header::AUTHORIZATION).and_then(|value| value.to_str().ok());
    let given = given.and_then(|value| value.strip_prefix("Bearer "));
    match (&app.metrics_token, given) {
        (Some(wanted), Some(given)) if sluis_vault::same_text(given, wanted.expose()) => shown(),
        _ => {
            ApiError::unauthenticated("metrics have a token of their own", r#"Bearer realm="sluis metrics""#)
                .help("the operator sets it as SLUIS_METRICS_TOKEN")
                .into_response()
        }
    }
}

fn shown() -> Response {
    match measured::shown() {
        Some(text) => {
            ([(header::CONTENT_TYPE, "text/plain; version=0.0.4; charset=utf-8")], text).into_response()
        }
        None => StatusCode::SERVICE_UNAVAILABLE.into_response(),
    }
}
