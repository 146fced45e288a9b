//! The language server of Sluis. Translates between the language server protocol and
//! `sluis_lang::ide`, which knows everything about scripts; nothing about the language is decided
//! here.
//!
//! Read in this order: [`server`] (the loop over messages), `wire` (their bytes), `session` (what is
//! open), `requests` (one function a question), `positions` and `convert` (bytes to lines and columns,
//! our types to the protocol's).
//!
//! **Invariant:** no message ends the server but `exit` and the end of its input. What cannot be read
//! is answered with an error.

mod capabilities;
mod convert;
mod edits;
mod positions;
mod requests;
mod semantic;
pub mod server;
mod session;
mod wire;

pub use server::{End, Setup, serve};
