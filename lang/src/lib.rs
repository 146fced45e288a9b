//! The Sluis script language, a Deluge dialect: text in; diagnostics and values out.
//!
//! Read in this order: [`source`] and [`diagnostic`], [`syntax`] (text to tree), [`resolve`] (what a
//! called name means), [`catalog`] (the connectors there are), [`check`] (what is wrong before it runs), [`render`] (drawing that), [`fixes`] (mending it), [`value`],
//! [`stdlib`] (the built-ins), [`host`] (what a script may ask of the outside), [`compile`] (tree to
//! instructions), [`vm`] (the machine that runs them); [`mod@format`] (text to the same text in one style),
//! [`manual`] (what can be looked up), [`ide`] (what an editor asks). [`build()`] is the front door over all of it;
//! [`expression`] is the small one, for a single expression that a definition holds.
//!
//! **Invariant:** nothing here does I/O: no clock, no file, no socket, no async, no environment.
//! The same crate runs in the server, the REPL and the browser.

mod build;
pub mod catalog;
pub mod check;
pub mod codes;
pub mod compile;
pub mod diagnostic;
pub mod expression;
pub mod fixes;
pub mod format;
pub mod host;
pub mod ide;
pub mod manual;
pub mod render;
pub mod resolve;
pub mod source;
pub mod stdlib;
pub mod suggest;
pub mod syntax;
pub mod value;
pub mod vm;

pub use build::{Built, build};
