//! Real descriptions that nobody here wrote, brought into connector files. They are
//! downloaded with the packages that ship them.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

mod corpus;
mod exported;
