//! What goes wrong while a script runs.

use super::Value;
use crate::codes::{self, Code};
use crate::source::Span;

/// A fault (a script can catch it) or a halt (nothing can).
#[derive(Debug, Clone)]
pub struct Fault {
    /// Code from the register; `E05xx` are halts.
    pub code: Code,
    /// One sentence in the author's words.
    pub message: String,
    /// What to do about it.
    pub help: Option<String>,
    /// The failing expression; natives leave it to the machine.
    pub span: Option<Span>,
    /// Machine-readable name of a host failure (`not_authorized`), readable as `e.code`.
    pub reason: Option<String>,
    /// What `throw` was given.
    pub thrown: Option<Value>,
}

impl Fault {
    /// A fault without a place; the machine adds it.
    pub fn new(code: Code, message: impl Into<String>) -> Box<Self> {
        Box::new(Self { code, message: message.into(), help: None, span: None, reason: None, thrown: None })
    }

    /// Adds what to do about it.
    #[must_use]
    pub fn with_help(mut self: Box<Self>, help: impl Into<String>) -> Box<Self> {
        self.help = Some(help.into());
        self
    }

    /// Whether `try` must not catch it.
    pub fn is_halt(&self) -> bool {
        self.code.0 >= codes::OUT_OF_FUEL.0 && self.code.0.starts_with("E05")
    }
}

/// Result of anything that runs on behalf of a script. Boxed: the good way stays small.
pub type Run<T> = Result<T, Box<Fault>>;
