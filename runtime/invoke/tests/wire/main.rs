//! The transport on the wire: real sockets on loopback, servers that misbehave, certificates that do
//! not fit. One binary, because each is linked anew.
#![allow(clippy::unwrap_used)] // a test that cannot go on should stop

mod bombs;
mod certificates;
mod egress;
mod headers;
mod inside;
mod leaks;
mod loopback;
#[path = "../moment/mod.rs"]
mod moment;
mod policy_properties;
mod redirects;
mod tls;
mod transport;
