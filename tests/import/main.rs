//! Real descriptions that nobody here wrote, brought into connector files. `cargo xtask corpus`
//! downloads the packages that ship them and runs this.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

mod corpus;
mod exported;
