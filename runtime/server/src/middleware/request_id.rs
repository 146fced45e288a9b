//! Names each request, writes one line on it to the log, and gives errors their document.
//!
//! The log holds the route's pattern and never the path, the query or a header: a path can hold
//! what someone typed, and the query of a callback holds a code.

use crate::error;
use axum::extract::{MatchedPath, Request};
use axum::middleware::Next;
use axum::response::Response;
use http::{HeaderName, HeaderValue};
use sluis_model::id::RequestId;
use sluis_vault::SystemRandomness;
use std::time::Instant;
use tracing::Instrument as _;

/// The header in which the name goes back.
pub const X_REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");

/// The layer. A name that the caller sent is not taken over: the log must be able to trust it.
pub async fn name_and_trace(request: Request, next: Next) -> Response {
    let id = RequestId::generate(&SystemRandomness);
    let route = request.extensions().get::<MatchedPath>().map_or("-", MatchedPath::as_str).to_owned();
    let span = tracing::info_span!("request", id = %id, method = %request.method(), route);
    let began = Instant::now();
    let answer = async {
        let answer = error::render(next.run(request).await, &id);
        let millis = u64::try_from(began.elapsed().as_millis()).unwrap_or(u64::MAX);
        tracing::info!(status = answer.status().as_u16(), millis, "answered");
        answer
    };
    let mut answer = answer.instrument(span).await;
    if let Ok(value) = HeaderValue::from_str(id.as_str()) {
        answer.headers_mut().insert(X_REQUEST_ID, value);
    }
    answer
}
