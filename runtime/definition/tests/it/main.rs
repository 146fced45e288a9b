//! Tests of the reader of connector files from outside.

#![allow(clippy::unwrap_used)] // helpers of tests are not recognised as tests

mod answers;
mod examples;
mod oauth2;
mod reading;
mod schema;
mod spec;
