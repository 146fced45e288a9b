//! The peers do what the other areas rely on: walked by hand, without any code of ours in between.

#![allow(clippy::unwrap_used, reason = "a step that fails ends the test, also outside the test function")]

mod faults;
mod oauth;
mod walk;
