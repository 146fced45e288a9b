//! Every authentication scheme: the literate cases of `spec/auth`, each a conversation written down
//! byte for byte, and the schemes against real servers.

#![allow(clippy::unwrap_used, reason = "a test may fail loudly")]

mod cases;
mod peers;
