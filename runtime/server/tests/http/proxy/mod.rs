//! The connector proxy protocol, asked by a client that reads answers in the order in which a workflow
//! backend does.

mod accepted;
mod authorize;
mod backend;
mod commands;
mod execute;
pub mod services;
