//! The nouns of Sluis: ids, secrets, connectors, connections, grants, runs, and the ports through
//! which time and randomness come in.
//!
//! **Invariant:** no I/O, no clock, no randomness of its own; builds for `wasm32-unknown-unknown`.

pub mod access;
pub mod answer;
pub mod answer_path;
pub mod api_test;
pub mod auth;
pub mod body;
pub mod callback;
pub mod change;
pub mod connection;
pub mod connection_settings;
pub mod connector;
pub mod credential;
pub mod error;
pub mod explanation;
pub mod grant;
pub mod id;
pub mod idempotency;
pub mod inputs;
pub mod mail_body;
pub mod ordered;
pub mod pagination;
pub mod ports;
pub mod rate;
pub mod retry;
pub mod run;
pub mod run_settings;
pub mod run_state;
pub mod secret;
pub mod shape;
pub mod signature;
pub mod suggest;
pub mod task;
pub mod template;
pub mod time;
pub mod trigger;
pub mod trigger_spec;
