//! Names each request, writes one line on it to the log, and gives errors their document.
//!
//! The log holds the route's pattern and never the path, the query or a header: a path can hold
//! what someone typed, and the query of a callback holds a code.

use crate::error;
use axum::extract::{MatchedPath, Request};
use axum::middleware::Next;
use axum::response::Response;
use http::{HeaderName, HeaderValue, Method};
use metrics::{counter, histogram};
use sluis_model::id::RequestId;
use sluis_vault::SystemRandomness;
use std::time::Instant;
use tracing::Instrument as _;

/// The header in which the name goes back.
pub const X_REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");

/// The method as a label: of those that nobody knows there would be no end.
fn verb(method: &Method) -> &'static str {
    match *method {
        Method::GET => "GET",
        Method::HEAD => "HEAD",
        Method::POST => "POST",
        Method::PUT => "PUT",
        Method::PATCH => "PATCH",
        Method::DELETE => "DELETE",
        Method::OPTIONS => "OPTIONS",
        _ => "other",
    }
}

/// The layer. A name that the caller sent is not taken over: the log must be able to trust it.
pub async fn name_and_trace(mut request: Request, next: Next) -> Response {
    let id = RequestId::generate(&SystemRandomness);
    let route = request.extensions().get::<MatchedPath>().map_or("-", MatchedPath::as_str).to_owned();
    request.extensions_mut().insert(id.clone());
    let (verb, pattern) = (verb(request.method()), route.clone());
    let span = tracing::info_span!("request", id = %id, method = %request.method(), route);
    let began = Instant::now();
    let answer = async {
        let answer = error::render(next.run(request).await, &id);
        let millis = u64::try_from(began.elapsed().as_millis()).unwrap_or(u64::MAX);
        let status = answer.status().as_u16();
        tracing::info!(status, millis, "answered");
        counter!("sluis_http_requests_total", "method" => verb, "route" => pattern.clone(), "status" => status.to_string())
            .increment(1);
        histogram!("sluis_http_request_seconds", "method" => verb, "route" => pattern)
            .record(began.elapsed());
        answer
    };
    let mut answer = answer.instrument(span).await;
    if let Ok(value) = HeaderValue::from_str(id.as_str()) {
        answer.headers_mut().insert(X_REQUEST_ID, value);
    }
    answer
}
