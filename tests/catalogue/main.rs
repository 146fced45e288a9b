//! The connectors of `examples/connectors` against real peers: the providers' own descriptions, and servers
//! that speak the same protocol.

#![allow(clippy::unwrap_used, reason = "a test may fail loudly")]

mod aws;
mod caldav;
mod described;
mod description;
mod echo;
mod faulty;
mod local;
mod names;
mod own_tests;
mod refusals;
mod requests;
mod sample;
