//! The sample provider over loopback, as a client, a browser and an attacker meet it.

#![allow(clippy::unwrap_used, reason = "a step that fails ends the test, also outside the test function")]

mod api;
mod client;
mod consent;
mod tokens;
