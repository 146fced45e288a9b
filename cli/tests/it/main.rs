//! The binary as its users meet it: real processes, a home folder of their own, real exit codes.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

mod calls;
mod check;
mod connector;
mod demo;
mod doc;
mod doctor;
mod egress;
mod explain;
mod faults;
mod fmt;
mod guide;
mod help;
mod home;
mod import;
mod lsp;
mod mail;
mod making;
mod packages;
#[cfg(unix)]
#[allow(dead_code, reason = "the tests of the store crash it; these do not")]
#[path = "../../../tests/peers/postgres.rs"]
mod postgres_server;
mod repl;
mod run;
mod runs_kill;
mod serve;
#[cfg(unix)]
mod store;
mod token;
mod trigger;
mod user;
mod vault;
mod vault_kill;
mod waiting;
