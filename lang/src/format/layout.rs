//! Tokens with their comments, found by their place, and how one of them is written.

use super::comments::{Comments, attach};
use super::doc::{Doc, Docs, Group, NEWLINE};
use super::marks::Marks;
use crate::source::Span;
use crate::syntax::ast::Program;
use crate::syntax::brackets::Brackets;
use crate::syntax::lexer::lex;
use crate::syntax::token::{Op, Token, TokenKind};
use std::cell::Cell;
use std::ops::Range;

/// What laying out a script needs to know of it.
pub struct Layout<'t> {
    pub(super) text: &'t str,
    pub(super) tokens: Vec<Token>,
    brackets: Brackets,
    comments: Comments<'t>,
    pub(super) marks: Marks,
    /// The token after which a semicolon is missing.
    unfinished: Cell<Option<usize>>,
}

impl<'t> Layout<'t> {
    /// Of a script that was read without an error.
    pub fn new(text: &'t str, tree: &Program) -> Self {
        let marks = Marks::of(tree);
        let mut lexed = lex(text);
        lexed.tokens.retain(|token| !marks.empty.contains(&token.span.start));
        let comments = attach(text, &lexed.tokens, &lexed.comments);
        let brackets = Brackets::new(&lexed.tokens, text);
        Self { text, tokens: lexed.tokens, brackets, comments, marks, unfinished: Cell::new(None) }
    }

    /// The whole script.
    pub fn program(&self, tree: &Program) -> Group<'t> {
        let mut out = Docs::new();
        self.statements(&mut out, &tree.body, &tree.functions);
        self.leading(&mut out, self.tokens.len() - 1);
        Group { docs: out, broken: true }
    }

    /// How the first line outside of texts ends.
    pub fn line_ending(&self) -> &'static str {
        let mut from = 0;
        for token in &self.tokens {
            let between = self.text.get(from..token.span.start as usize).unwrap_or_default();
            if let Some(at) = between.find('\n') {
                return if between[..at].ends_with('\r') { "\r\n" } else { "\n" };
            }
            from = token.span.end as usize;
        }
        "\n"
    }

    /// The token that begins here, or the next one.
    pub(super) fn token_at(&self, start: u32) -> usize {
        self.tokens.partition_point(|token| token.span.start < start).min(self.tokens.len() - 1)
    }

    /// One past the last token of a span.
    pub(super) fn token_after(&self, span: Span) -> usize {
        self.tokens.partition_point(|token| token.span.start < span.end).min(self.tokens.len() - 1)
    }

    /// The bracket that belongs to this one; the token itself if there is none.
    pub(super) fn mate(&self, at: usize) -> usize {
        self.brackets.mate(at).unwrap_or(at)
    }

    pub(super) fn op(&self, at: usize) -> Option<Op> {
        match self.tokens.get(at)?.kind {
            TokenKind::Op(op) => Some(op),
            _ => None,
        }
    }

    pub(super) fn is_op(&self, at: usize, op: Op) -> bool {
        self.op(at) == Some(op)
    }

    pub(super) fn is_name(&self, at: usize) -> bool {
        self.tokens.get(at).is_some_and(|token| token.kind == TokenKind::Ident)
    }

    pub(super) fn is_word(&self, at: usize, word: &str) -> bool {
        self.is_name(at) && self.spelling(at).eq_ignore_ascii_case(word)
    }

    pub(super) fn spelling(&self, at: usize) -> &'t str {
        let token = self.tokens.get(at).map_or(Span::default(), |token| token.span);
        self.text.get(token.range()).unwrap_or_default()
    }

    pub(super) fn starts_line(&self, at: usize) -> bool {
        self.tokens.get(at).is_some_and(|token| token.starts_line)
    }

    /// Whether an empty line stands before the token and its comments.
    pub(super) fn blank_before(&self, at: usize) -> bool {
        self.comments.before[at].first().map_or(self.comments.blank[at], |comment| comment.blank)
    }

    /// Whether a comment stands right behind this token or before the next.
    pub(super) fn comment_follows(&self, at: usize) -> bool {
        !self.comments.after[at].is_empty()
            || self.comments.before.get(at + 1).is_some_and(|before| !before.is_empty())
    }

    /// A token with its comments.
    pub(super) fn token(&self, out: &mut Docs<'t>, at: usize) {
        self.token_as(out, at, self.spelling(at));
    }

    /// A token in another spelling, with its comments.
    pub(super) fn token_as(&self, out: &mut Docs<'t>, at: usize, spelling: &'t str) {
        self.before(out, at);
        out.push(Doc::Text(spelling));
        self.finish(out, at);
        self.trailing(out, at);
    }

    /// The comments of a token that is left out.
    pub(super) fn left_out(&self, out: &mut Docs<'t>, at: usize) {
        self.leading(out, at);
        self.finish(out, at);
        self.trailing(out, at);
    }

    /// An opening bracket on a line of its own; a comment behind it that follows what came before stays there.
    pub(super) fn opening_line(&self, out: &mut Docs<'t>, at: usize) {
        let follows = !self.starts_line(at);
        if follows {
            self.leading(out, at);
            self.trailing(out, at);
        }
        out.push(NEWLINE);
        if !follows {
            self.before(out, at);
        }
        out.push(Doc::Text(self.spelling(at)));
        if !follows {
            self.trailing(out, at);
        }
    }

    /// A closing bracket without the comments before it, which belong to the inside.
    pub(super) fn closing(&self, out: &mut Docs<'t>, at: usize) {
        out.push(Doc::Text(self.spelling(at)));
        self.finish(out, at);
        self.trailing(out, at);
    }

    /// The comments before a token.
    pub(super) fn leading(&self, out: &mut Docs<'t>, at: usize) {
        let comments = self.comments.before[at].iter();
        out.extend(comments.map(
            |comment| {
                if comment.inline { Doc::Inline(*comment) } else { Doc::OwnLine(*comment) }
            },
        ));
    }

    /// The comments before a token that follows them.
    fn before(&self, out: &mut Docs<'t>, at: usize) {
        self.leading(out, at);
        if self.comments.before[at].last().is_some_and(|comment| !comment.inline) {
            out.push(Doc::Hard { blank: self.comments.blank[at] });
        }
    }

    pub(super) fn trailing(&self, out: &mut Docs<'t>, at: usize) {
        out.extend(self.comments.after[at].iter().copied().map(Doc::Trailing));
    }

    /// The semicolon of a statement that was written without one comes before its comments.
    fn finish(&self, out: &mut Docs<'t>, at: usize) {
        if self.unfinished.get() == Some(at) {
            self.unfinished.set(None);
            out.push(Doc::Text(";"));
        }
    }

    /// Ends a statement whose tokens stand in the range: its semicolon, written or not.
    pub(super) fn ended(&self, out: &mut Docs<'t>, range: Range<usize>, write: impl FnOnce(&mut Docs<'t>)) {
        let semicolon = self.is_op(range.end, Op::Semicolon);
        if !semicolon {
            self.unfinished.set(range.end.checked_sub(1));
        }
        write(out);
        if semicolon {
            self.token(out, range.end);
        }
    }
}
