//! Tests of the store from outside.

#![allow(clippy::unwrap_used)] // helpers of tests are not recognised as tests

#[macro_use]
mod conformance;
mod copying;
mod crash;
mod damage;
mod jobs;
mod opening;
#[cfg(unix)]
mod postgres;
#[cfg(unix)]
#[path = "../../../../tests/peers/postgres.rs"]
mod postgres_server;
