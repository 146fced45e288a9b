//! A script as an editor holds it: the text with everything that was read from it, once per version.

use super::names::Names;
use crate::check::{self, Environment};
use crate::compile;
use crate::diagnostic::Diagnostic;
use crate::source::Span;
use crate::syntax::ast::{Function, Program, Stmt};
use crate::syntax::brackets::Brackets;
use crate::syntax::lexer::lex;
use crate::syntax::parse;
use crate::syntax::token::{Op, Token, TokenKind};
use std::sync::{Arc, OnceLock};

/// One version of a script. Made anew for every change; what is costly and not always asked for is
/// computed at the first question.
#[derive(Debug)]
pub struct Document {
    text: String,
    environment: Arc<Environment>,
    pub(super) tokens: Vec<Token>,
    pub(super) comments: Vec<Span>,
    pub(super) brackets: Brackets,
    pub(super) program: Program,
    syntax: Vec<Diagnostic>,
    names: OnceLock<Names>,
    diagnostics: OnceLock<Vec<Diagnostic>>,
}

impl Document {
    /// Reads a text. Never fails: what cannot be read is among the [`diagnostics`](Self::diagnostics).
    pub fn new(text: impl Into<String>, environment: Arc<Environment>) -> Self {
        let text = text.into();
        let (program, syntax) = parse(&text);
        // Spans have 32 bits; the parser has refused what is larger.
        let lexed = lex(if u32::try_from(text.len()).is_ok() { &text } else { "" });
        let brackets = Brackets::new(&lexed.tokens, &text);
        Self {
            tokens: lexed.tokens,
            comments: lexed.comments,
            brackets,
            program,
            syntax,
            names: OnceLock::new(),
            diagnostics: OnceLock::new(),
            text,
            environment,
        }
    }

    /// The text.
    pub fn text(&self) -> &str {
        &self.text
    }

    /// What the script is checked against.
    pub fn environment(&self) -> &Environment {
        &self.environment
    }

    /// Errors and warnings in the order of the text; the same that `lang::build` gives.
    pub fn diagnostics(&self) -> &[Diagnostic] {
        self.diagnostics.get_or_init(|| {
            let mut found = self.syntax.clone();
            found.extend(check::check(&self.program, &self.environment));
            if !found.iter().any(Diagnostic::is_error) {
                let (variables, functions) = (&self.environment.variables, &self.environment.functions);
                found.extend(
                    compile::compile(&self.text, &self.program, variables, functions)
                        .err()
                        .unwrap_or_default(),
                );
            }
            found.sort_by_key(|diagnostic| diagnostic.span.start);
            found
        })
    }

    /// Whether the whole text could be read.
    pub(super) fn is_sound(&self) -> bool {
        !self.syntax.iter().any(Diagnostic::is_error)
    }

    /// What every name of the text means.
    pub(super) fn names(&self) -> &Names {
        self.names.get_or_init(|| Names::of(self))
    }

    /// Position in `functions` of the one that holds an offset; the number of functions for the top
    /// level.
    pub(super) fn scope_at(&self, offset: u32) -> usize {
        let holds = |f: &Function| f.span.start <= offset && offset <= f.span.end;
        self.program.functions.iter().position(holds).unwrap_or(self.program.functions.len())
    }

    /// The statements of a scope.
    pub(super) fn body(&self, scope: usize) -> &[Stmt] {
        self.program.functions.get(scope).map_or(&self.program.body, |function| &function.body)
    }

    /// Where the `;` stands that ends the statement around an offset, if it is on the way and not
    /// behind a block; else the offset itself.
    pub(super) fn end_of_statement(&self, offset: u32) -> u32 {
        let from = self.tokens_before(offset);
        let ends = |at: &usize| matches!(self.op(*at), Some(Op::Semicolon | Op::BraceOpen | Op::BraceClose));
        let end = (from..self.tokens.len()).find(ends).filter(|at| self.op(*at) == Some(Op::Semicolon));
        end.map_or(offset, |at| self.tokens[at].span.start)
    }

    /// The characters of a span; empty if it does not lie in the text.
    pub(super) fn slice(&self, span: Span) -> &str {
        self.text.get(span.range()).unwrap_or_default()
    }

    /// The operator at a token.
    pub(super) fn op(&self, at: usize) -> Option<Op> {
        match self.tokens.get(at)?.kind {
            TokenKind::Op(op) => Some(op),
            _ => None,
        }
    }

    /// The name at a token.
    pub(super) fn word(&self, at: usize) -> Option<&str> {
        let token = self.tokens.get(at).filter(|token| token.kind == TokenKind::Ident)?;
        Some(self.slice(token.span))
    }

    /// Whether this name stands at a token, without case.
    pub(super) fn is_word(&self, at: usize, word: &str) -> bool {
        self.word(at).is_some_and(|found| found.eq_ignore_ascii_case(word))
    }

    /// Number of tokens that end at or before an offset.
    pub(super) fn tokens_before(&self, offset: u32) -> usize {
        let end = self.tokens.len().saturating_sub(1);
        self.tokens[..end].partition_point(|token| token.span.end <= offset)
    }

    /// The token whose bytes hold an offset, or that ends there if none begins there.
    pub(super) fn token_at(&self, offset: u32) -> Option<usize> {
        let after = self.tokens_before(offset);
        let token = self.tokens.get(after).filter(|token| token.kind != TokenKind::End);
        if token.is_some_and(|token| token.span.start <= offset) && self.op(after).is_none() {
            return Some(after);
        }
        let before = after.checked_sub(1)?;
        (self.tokens[before].span.end == offset && self.op(before).is_none()).then_some(before)
    }

    /// The content of a text without its quotes.
    pub(super) fn inside_quotes(&self, at: usize) -> Option<Span> {
        let token = self.tokens.get(at)?;
        let TokenKind::Text { closed, .. } = token.kind else { return None };
        Some(Span::new(token.span.start + 1, token.span.end - u32::from(closed)))
    }
}
