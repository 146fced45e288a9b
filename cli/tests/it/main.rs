//! The binary as its users meet it: real processes, a home folder of their own, real exit codes.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

mod check;
mod connector;
mod demo;
mod doc;
mod egress;
mod explain;
mod fmt;
mod help;
mod home;
mod lsp;
mod repl;
mod run;
mod serve;
mod waiting;
