//! How long a request may take. Work that has begun goes on (see `work`); its caller gets an answer.

use crate::error::ApiError;
use axum::extract::Request;
use axum::middleware::Next;
use axum::response::{IntoResponse as _, Response};
use sluis_model::error::{Failure, Reason};
use std::time::Duration;
use tower_http::timeout::RequestBodyTimeoutLayer;

/// The longest call that a connector may declare is 300 seconds; the rest is for what stands around it.
const WHOLE: Duration = Duration::from_secs(330);
/// The longest pause between two pieces of a request's body.
const BODY_PAUSE: Duration = Duration::from_secs(10);

/// Ends a wait that is longer than any answer can take.
pub async fn whole(request: Request, next: Next) -> Response {
    match tokio::time::timeout(WHOLE, next.run(request)).await {
        Ok(answer) => answer,
        Err(_) => ApiError::from(Failure::new(Reason::Timeout, "there was no answer within 330 seconds"))
            .help("the work goes on; its run is kept under the org")
            .into_response(),
    }
}

/// Ends the reading of a body that comes too slowly.
pub fn body() -> RequestBodyTimeoutLayer {
    RequestBodyTimeoutLayer::new(BODY_PAUSE)
}
