//! What is sent: the request of `sluis-auth`, under the name that it has here.

use http::header::HeaderName;

pub use sluis_auth::HttpRequest as OutgoingRequest;

/// Headers that belong to the connection or to us, never to a script or a definition.
const OURS: &[&str] = &[
    "host",
    "content-length",
    "transfer-encoding",
    "connection",
    "keep-alive",
    "te",
    "trailer",
    "upgrade",
    "expect",
    "accept-encoding",
];

/// Whether a header may not be set by a script or a definition.
pub(crate) fn is_ours(name: &HeaderName) -> bool {
    OURS.contains(&name.as_str()) || name.as_str().starts_with("proxy-")
}
