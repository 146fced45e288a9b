//! Tokens to tree, in nom over a token slice. Never fails: what cannot be read is reported and
//! becomes a bad node, and reading goes on.
//!
//! Read in this order: [`input`] (what is read), [`stmt`] and [`flow`] (statements), [`expr`] and
//! [`operand`] (expressions), [`recover`] (going on after an error), [`foreign`] and [`creator`]
//! (what people write that has no meaning here).

mod creator;
mod expr;
mod flow;
mod foreign;
mod function;
mod input;
mod operand;
mod recover;
mod stmt;
mod task;

pub use input::{MAX_HEIGHT, MAX_NESTING};
pub use operand::is_element_type;
pub use task::TASKS;

use super::ast::Program;
use super::lexer::lex;
use super::token::Op;
use crate::codes;
use crate::diagnostic::Diagnostic;
use crate::source::Span;
use input::{Ctx, In};

/// How a text is read.
#[derive(Debug, Clone, Copy, Default)]
pub struct ParseOptions {
    /// The last statement needs no semicolon: a line typed at a prompt.
    pub last_semicolon_optional: bool,
}

/// Reads a script: its tree, and every error and warning in the order of the text.
pub fn parse(text: &str) -> (Program, Vec<Diagnostic>) {
    parse_with(text, ParseOptions::default())
}

/// Reads a script in a given way.
pub fn parse_with(text: &str, options: ParseOptions) -> (Program, Vec<Diagnostic>) {
    let outcome = read(text, options);
    (outcome.program, outcome.diagnostics)
}

/// What reading a text gave.
pub(super) struct Outcome {
    pub program: Program,
    pub diagnostics: Vec<Diagnostic>,
    /// The script ends before something that must follow.
    pub ends_early: bool,
    pub open_text: bool,
    pub open_comment: bool,
    pub open_bracket: bool,
}

pub(super) fn read(text: &str, options: ParseOptions) -> Outcome {
    if u32::try_from(text.len()).is_err() {
        let message = "a script cannot be larger than 4 GiB";
        return Outcome {
            program: Program::default(),
            diagnostics: vec![Diagnostic::error(codes::TEXT_TOO_LARGE, Span::default(), message)],
            ends_early: false,
            open_text: false,
            open_comment: false,
            open_bracket: false,
        };
    }
    let lexed = lex(text);
    let ctx = Ctx::new(text, &lexed.tokens, lexed.open_text || lexed.open_comment, options);
    let body = program(&ctx);
    let mut diagnostics = lexed.diagnostics;
    diagnostics.append(&mut ctx.diagnostics.take());
    diagnostics.sort_by_key(|diagnostic| (diagnostic.span.start, diagnostic.span.end));
    Outcome {
        program: Program { functions: ctx.functions.take(), body },
        diagnostics,
        ends_early: ctx.ends_early.get(),
        open_text: lexed.open_text,
        open_comment: lexed.open_comment,
        open_bracket: ctx.brackets.any_open(),
    }
}

/// The whole file; a `}` that closes nothing is reported and passed over.
fn program(ctx: &Ctx<'_>) -> Vec<super::ast::Stmt> {
    let mut body = Vec::new();
    let mut i = In::new(ctx);
    loop {
        let (rest, mut found) = stmt::statements(i);
        body.append(&mut found);
        if !rest.is_op(Op::BraceClose) {
            return body;
        }
        ctx.begin_statement(rest.at);
        recover::stray_bracket(rest);
        i = rest.skip(1);
    }
}
