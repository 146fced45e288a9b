//! What a running function and a pending `try` leave on their stacks.

use serde::{Deserialize, Serialize};

/// One call that has not returned.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Frame {
    /// Position of the function in the program.
    pub function: u32,
    /// Next instruction; kept here only while another function runs or the machine stands still.
    pub pc: u32,
    /// First register on the stack.
    pub base: u32,
    /// Register of the caller that takes the answer.
    pub to: u16,
}

/// One `try` whose body is running.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Guard {
    /// Position of its frame.
    pub frame: u32,
    /// Position of the `Try` instruction, which names handler and register.
    pub at: u32,
}

/// A host call that waits for its answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Pending {
    /// Position in the register of host calls.
    pub call: u16,
    /// First argument, in the innermost frame.
    pub base: u16,
    /// How many arguments.
    pub argc: u8,
    /// Register that takes the answer.
    pub to: u16,
}
