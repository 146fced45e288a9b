//! Where services bring the answers of calls. Open to everyone: what makes a request good is the secret in
//! its address, which is good for one call, and its signature where the connector knows one.

use crate::error::ApiError;
use crate::extract::RawBody;
use crate::state::App;
use axum::Router;
use axum::extract::{Path, RawQuery, State};
use axum::routing::post;
use http::{HeaderMap, Method, StatusCode};
use sluis_engine::BroughtRequest;

/// `POST /callbacks/{token}`, and GET for services that know nothing else.
pub fn routes() -> Router<App> {
    // HEAD is refused: whoever previews links brings nothing.
    Router::new().route("/callbacks/{token}", post(brought).get(brought).head(super::callback::not_head))
}

/// 204 once the answer is on disk.
async fn brought(
    State(app): State<App>,
    Path(token): Path<String>,
    method: Method,
    RawQuery(query): RawQuery,
    headers: HeaderMap,
    RawBody { bytes: body, .. }: RawBody,
) -> Result<StatusCode, ApiError> {
    let request = BroughtRequest { method, query: query.unwrap_or_default(), headers, body };
    let engine = app.engine.clone();
    let taken = async move { engine.receive_callback(&token, &request).await };
    app.work.carry_out(taken).await?;
    Ok(StatusCode::NO_CONTENT)
}
