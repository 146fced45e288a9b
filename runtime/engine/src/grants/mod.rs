//! From asking for consent to giving it back: [`begin`](start) an authorization, [finish](callback)
//! it when the browser comes back, or connect with values that somebody enters; [renew](renewal) the tokens unseen, [revoke](revocation) them.

mod bound;
pub mod callback;
mod connect;
pub mod credential;
mod hooks;
mod origins;
pub mod renewal;
pub mod revocation;
pub mod start;

pub use revocation::{Revocation, RevokedAtProvider};
pub use start::{NewConnection, Started};
