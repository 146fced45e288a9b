//! What the parser reads: a window on the token list that nom can cut, with the place where errors
//! are collected. Errors of a committed construct go there; nom's own errors only steer.

use super::ParseOptions;
use crate::codes;
use crate::diagnostic::{Diagnostic, MAX_DIAGNOSTICS};
use crate::source::Span;
use crate::syntax::ast::{Function, Ident};
use crate::syntax::brackets::Brackets;
use crate::syntax::token::{Op, Token, TokenKind};
use nom::error::{ErrorKind, ParseError};
use nom::{IResult, Input, Needed};
use std::cell::{Cell, RefCell};

/// How deeply brackets, blocks and bodies may stand in each other.
pub const MAX_NESTING: u32 = 100;

/// How high the tree of one expression may grow, so that no walk over it can overflow a stack.
pub const MAX_HEIGHT: u32 = 1000;

/// What one parse shares.
pub(super) struct Ctx<'a> {
    pub text: &'a str,
    pub tokens: &'a [Token],
    pub brackets: Brackets,
    pub options: ParseOptions,
    pub diagnostics: RefCell<Vec<Diagnostic>>,
    pub functions: RefCell<Vec<Function>>,
    /// The script ends inside a text or comment; complaints about its end would only repeat that.
    pub open_end: bool,
    /// The token at which the last error was reported: one token, one error.
    last_error: Cell<usize>,
    /// After "too deep" nothing more is said about the statement.
    silenced: Cell<bool>,
    /// Whether an error was that the script ends too early.
    pub ends_early: Cell<bool>,
    depth: Cell<u32>,
    /// Brackets of an expression around the present token, within the statement.
    pub brackets_open: Cell<u32>,
    /// Blocks around the present token.
    pub blocks_open: Cell<u32>,
    /// First token of the present statement.
    pub statement_start: Cell<usize>,
}

impl<'a> Ctx<'a> {
    pub fn new(text: &'a str, tokens: &'a [Token], open_end: bool, options: ParseOptions) -> Self {
        Self {
            text,
            tokens,
            brackets: Brackets::new(tokens, text),
            options,
            diagnostics: RefCell::default(),
            functions: RefCell::default(),
            open_end,
            last_error: Cell::new(usize::MAX),
            silenced: Cell::new(false),
            ends_early: Cell::new(false),
            depth: Cell::new(0),
            brackets_open: Cell::new(0),
            blocks_open: Cell::new(0),
            statement_start: Cell::new(usize::MAX),
        }
    }

    pub fn begin_statement(&self, at: usize) {
        self.silenced.set(false);
        self.statement_start.set(at);
    }
}

/// Counts one more while it lives.
pub(super) struct Deeper<'a>(&'a Cell<u32>);

impl<'a> Deeper<'a> {
    pub fn new(count: &'a Cell<u32>) -> Self {
        count.set(count.get() + 1);
        Self(count)
    }
}

impl Drop for Deeper<'_> {
    fn drop(&mut self) {
        self.0.set(self.0.get() - 1);
    }
}

/// The tokens from `at` to `end`.
#[derive(Clone, Copy)]
pub(super) struct In<'a> {
    pub ctx: &'a Ctx<'a>,
    pub at: usize,
    end: usize,
}

impl<'a> In<'a> {
    pub fn new(ctx: &'a Ctx<'a>) -> Self {
        Self { ctx, at: 0, end: ctx.tokens.len() }
    }

    /// The token `ahead` places on; `End` beyond the last.
    pub fn peek(&self, ahead: usize) -> Token {
        let last = self.ctx.tokens.len() - 1;
        self.ctx.tokens[(self.at + ahead).min(last)]
    }

    pub fn span(&self) -> Span {
        self.peek(0).span
    }

    /// The token before, if there is one.
    pub fn before(&self) -> Option<Token> {
        self.at.checked_sub(1).map(|at| self.ctx.tokens[at])
    }

    /// The empty place right after the token before.
    pub fn gap(&self) -> Span {
        let end = self.before().map_or(0, |token| token.span.end);
        Span::new(end, end)
    }

    pub fn skip(&self, count: usize) -> Self {
        Self { at: (self.at + count).min(self.end - 1), ..*self }
    }

    pub fn jump(&self, at: usize) -> Self {
        Self { at: at.min(self.end - 1), ..*self }
    }

    pub fn is_op(&self, op: Op) -> bool {
        self.is_op_at(0, op)
    }

    pub fn is_op_at(&self, ahead: usize, op: Op) -> bool {
        self.peek(ahead).kind == TokenKind::Op(op)
    }

    pub fn op(&self, ahead: usize) -> Option<Op> {
        match self.peek(ahead).kind {
            TokenKind::Op(op) => Some(op),
            _ => None,
        }
    }

    pub fn is_end(&self) -> bool {
        self.peek(0).kind == TokenKind::End
    }

    pub fn text_of(&self, token: Token) -> &'a str {
        &self.ctx.text[token.span.range()]
    }

    /// The name `ahead` places on, if it is one.
    pub fn word(&self, ahead: usize) -> Option<&'a str> {
        let token = self.peek(ahead);
        (token.kind == TokenKind::Ident).then(|| self.text_of(token))
    }

    pub fn is_word(&self, ahead: usize, word: &str) -> bool {
        self.word(ahead).is_some_and(|w| w.eq_ignore_ascii_case(word))
    }

    pub fn is_one_of(&self, ahead: usize, words: &[&str]) -> bool {
        self.word(ahead).is_some_and(|w| words.iter().any(|word| word.eq_ignore_ascii_case(w)))
    }

    /// Whether two neighbouring tokens touch.
    pub fn glued(&self, ahead: usize) -> bool {
        self.peek(ahead).span.end == self.peek(ahead + 1).span.start
    }

    pub fn ident(&self, ahead: usize) -> Ident {
        let token = self.peek(ahead);
        Ident { text: self.text_of(token).to_string(), span: token.span }
    }

    /// Where the bracket that belongs to this token stands.
    pub fn mate(&self) -> Option<usize> {
        self.ctx.brackets.mate(self.at)
    }

    /// Reports an error that was noticed at this token, unless one was already reported for it.
    pub fn report(&self, diagnostic: Diagnostic) {
        let ctx = self.ctx;
        let token = self.peek(0);
        let after_open_text =
            self.before().is_some_and(|t| matches!(t.kind, TokenKind::Text { closed: false, .. }));
        let at_open_end = token.kind == TokenKind::End && ctx.open_end;
        if token.kind == TokenKind::End && diagnostic.code != codes::MISSING_SEMICOLON {
            ctx.ends_early.set(true);
        }
        if ctx.last_error.get() == self.at
            || ctx.silenced.get()
            || token.kind == TokenKind::Junk
            || after_open_text
            || at_open_end
        {
            return;
        }
        ctx.last_error.set(self.at);
        self.say(diagnostic);
    }

    /// Reports something that stands beside other errors of the same token.
    pub fn say(&self, diagnostic: Diagnostic) {
        let mut all = self.ctx.diagnostics.borrow_mut();
        if all.len() < MAX_DIAGNOSTICS && !self.ctx.silenced.get() {
            all.push(diagnostic);
        }
    }

    /// Reports that the script is too deep here, and nothing more for this statement.
    pub fn too_deep(&self, span: Span) {
        self.report(
            Diagnostic::error(codes::TOO_DEEP, span, "the script is nested too deeply here")
                .help("take inner parts out into variables or functions of their own"),
        );
        self.ctx.silenced.set(true);
    }

    /// One level deeper, if that is allowed.
    pub fn deeper(&self) -> Option<Deeper<'a>> {
        (self.ctx.depth.get() < MAX_NESTING).then(|| Deeper::new(&self.ctx.depth))
    }
}

impl<'a> Input for In<'a> {
    type Item = Token;
    type Iter = std::iter::Copied<std::slice::Iter<'a, Token>>;
    type IterIndices = std::iter::Enumerate<Self::Iter>;

    fn input_len(&self) -> usize {
        self.end - self.at
    }

    fn take(&self, index: usize) -> Self {
        Self { end: self.at + index, ..*self }
    }

    fn take_from(&self, index: usize) -> Self {
        Self { at: self.at + index, ..*self }
    }

    fn take_split(&self, index: usize) -> (Self, Self) {
        (self.take_from(index), self.take(index))
    }

    fn position<P: Fn(Token) -> bool>(&self, predicate: P) -> Option<usize> {
        self.iter_elements().position(predicate)
    }

    fn iter_elements(&self) -> Self::Iter {
        self.ctx.tokens[self.at..self.end].iter().copied()
    }

    fn iter_indices(&self) -> Self::IterIndices {
        self.iter_elements().enumerate()
    }

    fn slice_index(&self, count: usize) -> Result<usize, Needed> {
        let there = self.input_len();
        if there >= count { Ok(count) } else { Err(Needed::new(count - there)) }
    }
}

/// What was wanted where; of several, the one that got furthest counts.
#[derive(Debug)]
pub(super) struct Fail {
    pub at: usize,
    pub want: Vec<&'static str>,
}

impl<'a> ParseError<In<'a>> for Fail {
    fn from_error_kind(input: In<'a>, _: ErrorKind) -> Self {
        Fail { at: input.at, want: vec![] }
    }

    fn append(_: In<'a>, _: ErrorKind, other: Self) -> Self {
        other
    }

    fn or(mut self, other: Self) -> Self {
        match self.at.cmp(&other.at) {
            std::cmp::Ordering::Less => other,
            std::cmp::Ordering::Greater => self,
            std::cmp::Ordering::Equal => {
                self.want.extend(other.want);
                self
            }
        }
    }
}

pub(super) type Parsed<'a, T> = IResult<In<'a>, T, Fail>;

/// The error "wanted this here".
pub(super) fn wanted<'a, T>(i: In<'a>, want: &'static str) -> Parsed<'a, T> {
    Err(nom::Err::Error(Fail { at: i.at, want: vec![want] }))
}

/// One name, whatever it says.
pub(super) fn any_name(i: In<'_>) -> Parsed<'_, Ident> {
    if i.word(0).is_some() { Ok((i.skip(1), i.ident(0))) } else { wanted(i, "a name") }
}

/// This word, in any case.
pub(super) fn word<'a>(word: &'static str) -> impl Fn(In<'a>) -> Parsed<'a, Token> {
    move |i| if i.is_word(0, word) { Ok((i.skip(1), i.peek(0))) } else { wanted(i, word) }
}
