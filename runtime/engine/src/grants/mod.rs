//! From asking for consent to giving it back: [`begin`](start) an authorization, [finish](callback)
//! it when the browser comes back, [renew](renewal) the tokens unseen, [revoke](revocation) them.

pub mod callback;
pub mod credential;
mod hooks;
pub mod renewal;
pub mod revocation;
pub mod start;

pub use revocation::{Revocation, RevokedAtProvider};
pub use start::Started;
