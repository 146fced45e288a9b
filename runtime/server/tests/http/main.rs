//! The server over a real socket, with a real engine on a store in a folder that goes away, and the
//! sample provider on the other side.

#![allow(clippy::unwrap_used, reason = "a test may fail loudly")]

mod access;
mod activities;
mod brought;
mod callback;
mod connect;
mod connectors;
mod durable;
mod edits;
mod explain;
mod functions;
mod invocations;
mod named;
mod openapi;
mod operating;
mod pages;
mod people;
mod protocol;
mod proxy;
mod repeats;
mod stop;
mod tenancy;
mod tokens;
mod triggers;
mod vault;
mod world;
