//! The language server as a client meets it: whole conversations over pipes.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

mod answers;
mod client;
mod conversation;
mod positions;
