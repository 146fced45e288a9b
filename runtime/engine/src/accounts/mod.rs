//! People who can sign in: their accounts, what they are in which org, how they come in.
//!
//! Reading order: [`account`] (a person), [`members`] (a person in an org), [`invitations`] (how both
//! begin), [`sign_in`] and [`sessions`] (how a browser is known afterwards).

pub mod account;
pub mod invitations;
pub mod members;
pub mod sessions;
pub mod sign_in;

pub use account::Account;
pub use invitations::{Invitation, Invited};
pub use members::Member;
pub use sessions::Session;
