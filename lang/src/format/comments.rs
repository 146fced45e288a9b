//! Which token a comment belongs to: the one that it follows on the same line, or the one that comes next.

use crate::source::Span;
use crate::syntax::token::{Op, Token, TokenKind};

/// One comment.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Comment<'t> {
    /// Its characters, without blanks at the end.
    pub text: &'t str,
    /// An empty line stands before it.
    pub blank: bool,
    /// It stands before its token on the same line: `f(/* limit */ 10)`.
    pub inline: bool,
}

impl Comment<'_> {
    /// Whether nothing may follow it on its line.
    pub fn ends_line(&self) -> bool {
        self.text.starts_with("//") || self.text.contains('\n')
    }
}

/// The comments of each token.
#[derive(Debug, Default)]
pub struct Comments<'t> {
    /// Those that come before it.
    pub before: Vec<Vec<Comment<'t>>>,
    /// Those that follow it on its line.
    pub after: Vec<Vec<Comment<'t>>>,
    /// Whether an empty line stands right before the token.
    pub blank: Vec<bool>,
}

/// Gives each comment to a token. `spans` are those of the comments, in order.
pub fn attach<'t>(text: &'t str, tokens: &[Token], spans: &[Span]) -> Comments<'t> {
    let mut found = Comments {
        before: vec![Vec::new(); tokens.len()],
        after: vec![Vec::new(); tokens.len()],
        blank: vec![false; tokens.len()],
    };
    let mut spans = spans.iter().copied().peekable();
    let mut from = 0;
    let mut gap: Vec<Span> = Vec::new();
    for (at, token) in tokens.iter().enumerate() {
        gap.clear();
        while let Some(span) =
            spans.next_if(|span| span.start < token.span.start || token.kind == TokenKind::End)
        {
            gap.push(span);
        }
        found.gap(text, tokens, at, &gap, from);
        from = token.span.end as usize;
    }
    found
}

impl<'t> Comments<'t> {
    /// The comments between the token before `at`, which ends at `from`, and the token `at`.
    fn gap(&mut self, text: &'t str, tokens: &[Token], at: usize, gap: &[Span], from: usize) {
        let token = tokens[at];
        let lines = |from: usize, to: u32| {
            let between = text.get(from..to as usize).unwrap_or_default();
            between.bytes().filter(|byte| *byte == b'\n').count()
        };
        let mut inline_from = gap.len();
        let mut next = token.span.start;
        for (number, span) in gap.iter().enumerate().rev() {
            let comment = &text[span.range()];
            let alone = comment.starts_with("//") || comment.contains('\n');
            if !takes_inline(token) || alone || lines(span.end as usize, next) > 0 {
                break;
            }
            inline_from = number;
            next = span.start;
        }
        let mut trails = at > 0 && !self.moves_up(tokens, at - 1);
        let mut from = from;
        for (number, span) in gap.iter().enumerate() {
            let breaks = lines(from, span.start);
            let inline = number >= inline_from;
            trails &= breaks == 0 && !inline;
            let comment = Comment { text: text[span.range()].trim_end(), blank: breaks > 1, inline };
            if !trails {
                self.before[at].push(comment);
            } else {
                self.after[at - 1].push(comment);
            }
            from = span.end as usize;
        }
        self.blank[at] = lines(from, token.span.start) > 1;
    }
}

impl Comments<'_> {
    /// Whether a comma or semicolon is written before the comment that it follows: what comes behind it then
    /// stands on the next line.
    fn moves_up(&self, tokens: &[Token], at: usize) -> bool {
        matches!(tokens[at].kind, TokenKind::Op(Op::Semicolon | Op::Comma))
            && self.before[at].is_empty()
            && at > 0
            && self.after[at - 1].last().is_some_and(Comment::ends_line)
    }
}

/// Whether a comment right before the token on its line is about the token.
fn takes_inline(token: Token) -> bool {
    match token.kind {
        TokenKind::End => false,
        TokenKind::Op(op) => !op.is_closer() && !matches!(op, Op::Semicolon | Op::Comma),
        _ => true,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::syntax::lexer::lex;

    /// For each comment the token it belongs to, with `<` before and `>` after it.
    fn owners(text: &str) -> Vec<String> {
        let lexed = lex(text);
        let comments = attach(text, &lexed.tokens, &lexed.comments);
        let mut shown = Vec::new();
        for (at, token) in lexed.tokens.iter().enumerate() {
            let token = &text[token.span.range()];
            shown.extend(comments.before[at].iter().map(|comment| format!("{} < {token}", comment.text)));
            shown.extend(comments.after[at].iter().map(|comment| format!("{token} > {}", comment.text)));
        }
        shown
    }

    #[test]
    fn a_comment_belongs_to_what_it_follows_on_the_line_or_to_what_comes_next() {
        let cases: &[(&str, &[&str])] = &[
            ("a; // x\nb;", &["; > // x"]),
            ("a;\n// x\nb;", &["// x < b"]),
            ("a /* x */, b", &["a > /* x */"]),
            ("f(/* x */ a)", &["/* x */ < a"]),
            ("f(a /* x */)", &["a > /* x */"]),
            ("a // x\n;", &["a > // x"]),
            ("a; /* x */ // y\nb", &["; > /* x */", "; > // y"]),
            ("// x", &["// x < "]),
            ("a; // x", &["; > // x"]),
            ("/* x */ a", &["/* x */ < a"]),
        ];
        for (text, expected) in cases {
            assert_eq!(owners(text), *expected, "{text}");
        }
    }
}
