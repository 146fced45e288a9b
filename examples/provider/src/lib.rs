//! A **sample** OAuth 2.0 provider with a contacts API, for the demo and for tests.
//!
//! It plays the other side of a connector: a product that people have an account at, with a
//! consent page, a token endpoint and an API that wants scopes. It is strict where real providers
//! are strict (PKCE, exact redirect URIs, one-use codes, rotating refresh tokens), so that a
//! client that works here is a correct client. It keeps everything in memory, knows one person
//! who is always signed in, and must never guard anything real.
//!
//! In reading order: [`settings`] (what the caller chooses), [`provider`] (start, look inside,
//! stop), `grants` (the rules for codes and tokens, without HTTP), `oauth` (the endpoints that
//! speak OAuth), `contacts` (the address book, without HTTP), `api` (the endpoints that want a
//! token), `pages` (what a person sees), [`journal`] (what was asked of us).

#![warn(clippy::print_stdout)]

mod api;
mod contacts;
mod grants;
mod hold;
pub mod journal;
mod oauth;
mod pages;
pub mod provider;
mod secret;
pub mod settings;
mod state;

pub use contacts::Contact;
pub use hold::{Held, Moment};
pub use journal::SeenRequest;
pub use provider::{Provider, start};
pub use settings::{Rotation, Settings};
pub use state::Counts;
