//! Real servers that the tests start on loopback, and the browser that walks through them.
//!
//! The servers' own code stands in the folders beside this file; each ends with the test that
//! started it.

pub mod browser;
pub mod evil_as;
pub mod faulty_link;
mod install;
pub mod mail_server;
mod oidc_device;
pub mod oidc_provider;
pub mod openapi_validator;
#[cfg(unix)]
pub mod postgres;
pub mod schemathesis;
pub mod server_peer;
#[cfg(unix)]
pub mod web_server;

pub use browser::Browser;
pub use mail_server::{MailMode, MailServer};
pub use oidc_provider::{Client, ClientAuth, Fault, FaultMode, OidcOptions, OidcProvider, Stats};
pub use server_peer::ServerPeer;
