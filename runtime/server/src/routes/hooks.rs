//! Where triggers are reached. Open to everyone: what makes a request good is the secret in its address, and its
//! signature where the trigger knows one. The log holds the pattern of the route and never the address.

use crate::error::ApiError;
use crate::extract::RawBody;
use crate::state::App;
use axum::Router;
use axum::extract::{Path, RawQuery, State};
use axum::response::{IntoResponse as _, Response};
use axum::routing::post;
use http::{HeaderMap, HeaderName, HeaderValue, Method, StatusCode, header};
use sluis_engine::BroughtRequest;
use sluis_engine::triggers::{Answered, TriggerAnswer};

/// What a page may do that a function answers: be looked at.
const HARMLESS: &str = "default-src 'none'; sandbox; frame-ancestors 'none'";

/// `POST` and `GET /hooks/{token}`.
pub fn routes() -> Router<App> {
    // HEAD is refused: whoever previews links starts nothing.
    Router::new().route("/hooks/{token}", post(received).get(received).head(super::callback::not_head))
}

async fn received(
    State(app): State<App>,
    Path(token): Path<String>,
    method: Method,
    RawQuery(query): RawQuery,
    headers: HeaderMap,
    RawBody { bytes: body, .. }: RawBody,
) -> Result<Response, ApiError> {
    let found = app.engine.find_trigger(&token).await?;
    app.trigger_limits.take(&found)?;
    let request = BroughtRequest { method, query: query.unwrap_or_default(), headers, body };
    let engine = app.engine.clone();
    let answer = app.work.carry_out(async move { engine.receive_trigger(&found, &request).await }).await?;
    Ok(shown(answer))
}

fn shown(answer: TriggerAnswer) -> Response {
    let status = StatusCode::from_u16(answer.status).unwrap_or(StatusCode::OK);
    let (media_type, body) = match answer.body {
        Answered::Nothing => (None, String::new()),
        Answered::Text(text) => (Some("text/plain; charset=utf-8"), text),
        Answered::Json(json) => (Some("application/json"), json),
    };
    let mut shown = (status, body).into_response();
    let headers = shown.headers_mut();
    headers.remove(header::CONTENT_TYPE);
    if let Some(media_type) = media_type {
        headers.insert(header::CONTENT_TYPE, HeaderValue::from_static(media_type));
    }
    for (name, value) in answer.headers {
        if let (Ok(name), Ok(value)) = (HeaderName::try_from(name), HeaderValue::try_from(value)) {
            headers.insert(name, value);
        }
    }
    headers.insert(header::CONTENT_SECURITY_POLICY, HeaderValue::from_static(HARMLESS));
    shown
}
