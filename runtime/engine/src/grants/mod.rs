//! From asking for consent to giving it back: [`begin`](start) an authorization, [lead](link) one
//! browser to the provider, [finish](callback) when it comes back, or connect with values that
//! somebody enters; [renew](renewal) the tokens unseen, [revoke](revocation) them.

mod bound;
pub mod callback;
pub(crate) mod connect;
pub mod credential;
pub mod device;
mod hooks;
pub mod link;
pub(crate) mod metadata;
pub(crate) mod origins;
pub mod renewal;
pub mod revocation;
pub mod start;
mod try_out;
pub(crate) mod wanted;

pub use callback::Arrival;
pub use connect::ConnectForm;
pub use link::{LinkOpened, Question};
pub use revocation::{MassRevoked, Revocation, RevokedAtProvider};
pub use start::Started;
pub use try_out::Tried;
pub use wanted::NewConnection;
