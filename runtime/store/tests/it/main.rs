//! Tests of the store from outside.

#![allow(clippy::unwrap_used)] // helpers of tests are not recognised as tests

mod conformance;
mod copying;
mod crash;
mod damage;
mod opening;
#[cfg(unix)]
mod postgres;
#[cfg(unix)]
#[path = "../../../../tests/peers/postgres.rs"]
mod postgres_server;
