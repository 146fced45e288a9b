//! From text to tree.

pub mod ast;
pub mod brackets;
pub mod complete;
pub mod dump;
pub mod highlight;
pub mod lexer;
mod literal;
pub mod parser;
pub mod token;

pub use parser::{ParseOptions, parse, parse_with};
