//! The proof of `docs/decisions/002-token-renewal.md`: processes that are killed in the middle of a
//! renewal, and what is left of their grants.

#![allow(clippy::unwrap_used, reason = "in a test an unwrap is an assertion")]

mod faults;
mod faulty;
mod model;
mod mortal;
mod odd_answers;
mod process;
mod rounds;
mod sample;
mod step;
mod tally;
mod two_processes;
