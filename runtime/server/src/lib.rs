//! The engine over HTTP: functions, runs, invocations, connections, connectors, and the page that a
//! browser comes back to after consent. Every answer is JSON but that page; every error is a problem
//! document (RFC 9457).
//!
//! Read in this order: [`serve()`] (socket, stop), [`router()`] (what is reached where, and through
//! which layers), `routes/` (a file per resource), `error` (how a failure becomes an answer),
//! `caller` (who may ask), `page` (what a person sees).
//!
//! **Invariant:** no store, no vault record and no outgoing request in here: a route takes typed
//! input, calls one method of the engine and shapes the output.

mod accept;
pub mod access;
mod conditional;
mod error;
mod extract;
mod measured;
mod middleware;
mod openapi;
mod page;
mod paging;
mod resume;
mod router;
mod routes;
mod serve;
mod state;
mod work;

pub use measured::lost_log_lines;
pub use middleware::cross_origin::{NoOrigin, Origin};
pub use middleware::forwarded::{NoNetwork, TrustedProxy};
pub use middleware::limits::RateLimits;
pub use openapi::TEXT as OPENAPI;
pub use router::router;
pub use serve::{Drain, ServerOptions, serve, serve_metrics};
