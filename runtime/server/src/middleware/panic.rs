//! A panic in a handler is one answer of 500 and never the end of the server.

use crate::error::ApiError;
use axum::response::{IntoResponse as _, Response};
use sluis_model::error::{Failure, Reason};
use std::any::Any;
use tower_http::catch_panic::{CatchPanicLayer, ResponseForPanic};

/// Answers for a handler that panicked.
#[derive(Clone, Copy)]
pub struct Answer;

impl ResponseForPanic for Answer {
    type ResponseBody = axum::body::Body;

    /// The payload is not logged here: the panic hook has shown it, and it may quote input.
    fn response_for_panic(&mut self, _payload: Box<dyn Any + Send + 'static>) -> Response {
        tracing::error!("a request ended by a panic");
        ApiError::from(Failure::new(Reason::Internal, "the server failed while it worked on this"))
            .help("the operator finds the cause in the log, under the request id")
            .into_response()
    }
}

/// The layer.
pub fn layer() -> CatchPanicLayer<Answer> {
    CatchPanicLayer::custom(Answer)
}
