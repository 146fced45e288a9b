//! Errors in the form that RFC 6749 §5.2 gives them. Their texts end in a browser or a log, so
//! they never repeat what was sent.

use crate::grants::Refused;
use axum::Json;
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use serde::Serialize;
use std::borrow::Cow;

/// An error of an OAuth endpoint.
#[derive(Debug, Serialize)]
pub(super) struct OAuthError {
    /// A code from the register of OAuth errors.
    pub error: &'static str,
    /// What the developer of the client should know.
    pub error_description: Cow<'static, str>,
    #[serde(skip)]
    status: StatusCode,
}

impl OAuthError {
    pub(super) fn new(error: &'static str, description: impl Into<Cow<'static, str>>) -> Self {
        Self { error, error_description: description.into(), status: StatusCode::BAD_REQUEST }
    }

    pub(super) fn invalid_request(description: impl Into<Cow<'static, str>>) -> Self {
        Self::new("invalid_request", description)
    }

    /// The client did not prove who it is. RFC 6749 §5.2 wants 401 with the scheme it may use.
    pub(super) fn invalid_client(description: impl Into<Cow<'static, str>>) -> Self {
        Self { status: StatusCode::UNAUTHORIZED, ..Self::new("invalid_client", description) }
    }
}

impl From<Refused> for OAuthError {
    fn from(refused: Refused) -> Self {
        match refused {
            Refused::Grant(text) => Self::new("invalid_grant", text),
            Refused::Scope => Self::new("invalid_scope", "a refresh cannot ask for more than was granted"),
        }
    }
}

impl IntoResponse for OAuthError {
    fn into_response(self) -> Response {
        let mut response = (self.status, no_store(), Json(&self)).into_response();
        if self.status == StatusCode::UNAUTHORIZED {
            let scheme =
                header::HeaderValue::from_static(r#"Basic realm="sample provider", charset="UTF-8""#);
            response.headers_mut().insert(header::WWW_AUTHENTICATE, scheme);
        }
        response
    }
}

/// Headers for answers that hold tokens (RFC 6749 §5.1).
pub(super) fn no_store() -> [(header::HeaderName, &'static str); 2] {
    [(header::CACHE_CONTROL, "no-store"), (header::PRAGMA, "no-cache")]
}
