//! Classes of tokens, for colouring a script in a terminal or an editor. Works on any text, also a
//! half-typed one.

use super::lexer::lex;
use super::token::{Op, Token, TokenKind};
use crate::source::Span;

/// What a piece of a script is, for colouring.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TokenClass {
    /// `if`, `for each`, `return` …
    Keyword,
    /// `true`, `false`, `null`
    Constant,
    /// A name before `(` or before the `[` of a task.
    Function,
    /// A name after a dot and before `(`.
    Method,
    /// Any other name.
    Variable,
    /// A key of a task.
    Key,
    /// A text.
    Text,
    /// A number.
    Number,
    /// A comment.
    Comment,
    /// `+`, `==` …
    Operator,
    /// Brackets, `,`, `;`, `.`, `:`
    Punctuation,
    /// Characters without a meaning.
    Unknown,
}

const KEYWORDS: &[&str] = &["if", "else", "for", "while", "try", "catch", "return", "break", "continue"];
const STATEMENT_KEYWORDS: &[&str] = &["info", "throw"];
const INFIX: &[&str] = &["in", "not", "is", "contains", "like"];

/// The classes of all tokens and comments, in the order of the text.
pub fn classify(text: &str) -> Vec<(Span, TokenClass)> {
    let lexed = lex(text);
    let view = View { tokens: &lexed.tokens, text };
    let mut found: Vec<_> = (0..lexed.tokens.len())
        .filter_map(|at| view.class(at).map(|class| (lexed.tokens[at].span, class)))
        .chain(lexed.comments.iter().map(|span| (*span, TokenClass::Comment)))
        .collect();
    found.sort_by_key(|(span, _)| span.start);
    found
}

struct View<'a> {
    tokens: &'a [Token],
    text: &'a str,
}

impl View<'_> {
    fn class(&self, at: usize) -> Option<TokenClass> {
        Some(match self.tokens[at].kind {
            TokenKind::Ident => self.name(at),
            TokenKind::Int | TokenKind::Decimal => TokenClass::Number,
            TokenKind::Text { .. } => TokenClass::Text,
            TokenKind::Op(op) if op.closer().is_some() || op.is_closer() => TokenClass::Punctuation,
            TokenKind::Op(Op::Comma | Op::Semicolon | Op::Dot | Op::Colon) => TokenClass::Punctuation,
            TokenKind::Op(_) => TokenClass::Operator,
            TokenKind::Junk => TokenClass::Unknown,
            TokenKind::End => return None,
        })
    }

    fn op(&self, at: Option<usize>) -> Option<Op> {
        match self.tokens.get(at?)?.kind {
            TokenKind::Op(op) => Some(op),
            _ => None,
        }
    }

    fn word(&self, at: Option<usize>) -> &str {
        let name = at.and_then(|at| self.tokens.get(at)).filter(|token| token.kind == TokenKind::Ident);
        name.map_or("", |token| &self.text[token.span.range()])
    }

    fn is(&self, at: Option<usize>, words: &[&str]) -> bool {
        let found = self.word(at);
        words.iter().any(|word| word.eq_ignore_ascii_case(found))
    }

    fn name(&self, at: usize) -> TokenClass {
        let (here, next, before) = (Some(at), Some(at + 1), at.checked_sub(1));
        let called = self.op(next) == Some(Op::ParenOpen);
        if self.op(before) == Some(Op::Dot) {
            return if called { TokenClass::Method } else { TokenClass::Variable };
        }
        let starts = before.is_none()
            || matches!(self.op(before), Some(Op::Semicolon | Op::BraceOpen | Op::BraceClose));
        let starts = starts || self.tokens[at].starts_line;
        let as_name = self.op(next).is_some_and(|op| op.is_assignment() || matches!(op, Op::Dot | Op::Colon));
        if !as_name && (self.is(here, KEYWORDS) || (starts && self.is(here, STATEMENT_KEYWORDS))) {
            return TokenClass::Keyword;
        }
        let loop_word = self.is(here, &["each"]) && self.is(before, &["for"])
            || self.is(here, &["index"]) && self.is(before, &["each"]) && !self.is(next, &["in"]);
        let infix = !starts && !as_name && !called && self.is(here, INFIX);
        if loop_word || infix {
            return TokenClass::Keyword;
        }
        if self.is(here, &["true", "false", "null"]) {
            return TokenClass::Constant;
        }
        let task = self.op(next) == Some(Op::SquareOpen) && self.is(here, super::parser::TASKS);
        if called || task {
            return TokenClass::Function;
        }
        let after_key = self.op(before) != Some(Op::BraceOpen) && self.op(before) != Some(Op::Comma);
        if self.op(next) == Some(Op::Colon) && after_key { TokenClass::Key } else { TokenClass::Variable }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn classes(text: &str) -> Vec<(&str, TokenClass)> {
        classify(text).into_iter().map(|(span, class)| (&text[span.range()], class)).collect()
    }

    #[test]
    fn words_are_coloured_by_where_they_stand() {
        use TokenClass::{
            Comment, Constant, Function, Key, Keyword, Method, Number, Operator, Punctuation, Text, Variable,
        };
        let text = "for each index i in f(l) { info i.get(1) + \"é\"; } // é";
        let found: Vec<_> = classes(text).into_iter().filter(|(_, class)| *class != Punctuation).collect();
        let expected = [
            ("for", Keyword),
            ("each", Keyword),
            ("index", Keyword),
            ("i", Variable),
            ("in", Keyword),
            ("f", Function),
            ("l", Variable),
            ("info", Keyword),
            ("i", Variable),
            ("get", Method),
            ("1", Number),
            ("+", Operator),
            ("\"é\"", Text),
            ("// é", Comment),
        ];
        assert_eq!(found, expected);
        assert_eq!(classes("info = null;")[0], ("info", Variable));
        assert_eq!(classes("info = null;")[2], ("null", Constant));
        assert_eq!(classes("x = invokeurl [ url: u ];")[2], ("invokeurl", Function));
        assert_eq!(classes("x = invokeurl [ url: u ];")[4], ("url", Key));
    }

    #[test]
    fn half_typed_text_is_classified_too() {
        assert_eq!(classes("info \"ab"), [("info", TokenClass::Keyword), ("\"ab", TokenClass::Text)]);
        assert_eq!(classes("/* a"), [("/* a", TokenClass::Comment)]);
        assert_eq!(classes("€"), [("€", TokenClass::Unknown)]);
    }
}
