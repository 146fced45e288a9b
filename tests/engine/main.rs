//! The engine end to end, against a certified authorization server that the tests start.

#![allow(clippy::unwrap_used, reason = "in a test an unwrap is an assertion")]

mod answers;
mod attacks;
mod authorize;
mod bad_cases;
mod callbacks;
mod connecting;
mod deliveries;
mod egress;
mod harness;
mod hooks;
mod invoke;
mod ledger;
mod mail;
mod named;
mod pages;
mod paging_service;
mod queue;
mod renewal;
mod renewal_crash;
mod repeats;
mod resilience;
mod revoke;
mod rotation;
mod session;
mod smtp;
mod stand_in;
mod stored;
mod tasks;
mod trials;
mod triggers;
mod waiting;
