//! Going on after an error: what is said, and where reading resumes. One slip shall give one message,
//! and everything after it shall still be read.

use super::function;
use super::input::{Deeper, Fail, In, Parsed};
use crate::codes;
use crate::diagnostic::{Diagnostic, Fix};
use crate::source::Span;
use crate::syntax::token::{Op, TokenKind};
use nom::Input;

/// Words that begin a statement and are never the name of a value there.
pub(super) const STATEMENT_WORDS: &[&str] =
    &["if", "for", "while", "try", "return", "info", "throw", "break", "continue", "else", "catch"];

/// How a token is called in messages.
pub(super) fn describe(i: In<'_>) -> String {
    let token = i.peek(0);
    let text = i.text_of(token);
    match token.kind {
        TokenKind::End => "the end of the script".to_string(),
        TokenKind::Text { .. } if text.chars().count() > 24 || text.contains('\n') => "a text".to_string(),
        TokenKind::Text { .. } => format!("the text {text}"),
        TokenKind::Int | TokenKind::Decimal => format!("the number {text}"),
        _ => format!("`{text}`"),
    }
}

/// Reports a failed parse.
pub(super) fn report(start: In<'_>, fail: &Fail) {
    let i = start.jump(fail.at);
    let mut want = fail.want.clone();
    want.dedup();
    let list = if want.is_empty() { "something else".to_string() } else { want.join(" or ") };
    let value_missing = want == ["a value"];
    let end_of_line = i.is_end() || i.peek(0).starts_line;
    let (span, label) = match (value_missing, i.before()) {
        (true, Some(before)) if end_of_line || i.op(0).is_some() => {
            let after = i.text_of(before);
            (Span::new(before.span.start, before.span.end), format!("a value is missing after `{after}`"))
        }
        _ => (i.span(), format!("expected {list}")),
    };
    let mut diagnostic =
        Diagnostic::error(codes::UNEXPECTED, span, format!("expected {list}, found {}", describe(i)))
            .label(label);
    if i.is_one_of(0, STATEMENT_WORDS) && value_missing && !end_of_line {
        diagnostic =
            diagnostic.help(format!("`{}` begins a statement; it has no value", i.text_of(i.peek(0))));
    }
    i.report(diagnostic);
}

/// Skips to where the next statement probably begins: after the next `;`, before a `}`, or before a
/// line that begins like a statement. Always moves on unless it stands at a `}` or at the end.
pub(super) fn next_statement<'a>(start: In<'a>, failed: usize) -> In<'a> {
    let mut i = start.jump(failed);
    loop {
        match i.op(0) {
            Some(Op::Semicolon) => return i.skip(1),
            Some(Op::BraceClose) => return i,
            Some(Op::BraceOpen) => match i.mate() {
                Some(mate) => {
                    i = i.jump(mate + 1);
                    if !i.is_one_of(0, &["else", "catch"]) && !continues(i) {
                        return i;
                    }
                }
                None => i = i.skip(1),
            },
            Some(Op::ParenOpen | Op::SquareOpen) => i = i.mate().map_or(i.skip(1), |mate| i.jump(mate + 1)),
            _ if i.is_end() => return i,
            _ if i.at > start.at && begins_statement(i) => return i,
            _ => i = i.skip(1),
        }
    }
}

/// Whether an expression goes on here after a bracket.
fn continues(i: In<'_>) -> bool {
    i.op(0).is_some_and(|op| !matches!(op, Op::BraceClose | Op::BraceOpen | Op::Not))
}

/// Whether this token, first on its line, looks like the beginning of a statement.
pub(super) fn begins_statement(i: In<'_>) -> bool {
    if !i.peek(0).starts_line {
        return false;
    }
    let assigns = i.word(0).is_some() && i.op(1).is_some_and(Op::is_assignment);
    let keyword = i.is_one_of(0, STATEMENT_WORDS) && !i.is_op_at(1, Op::Dot);
    assigns || keyword || function::is_header(i)
}

/// What stood between two brackets.
pub(super) struct Bracketed<T> {
    pub items: Vec<T>,
    /// Something inside could not be read.
    pub broken: bool,
    /// From the opening to the closing bracket.
    pub span: Span,
}

/// Items between brackets, separated by commas; a comma after the last is tolerated. Never fails once
/// the bracket is there: what is wrong inside is reported here and the rest is skipped.
pub(super) fn bracketed<'a, T>(
    start: In<'a>,
    mut item: impl FnMut(In<'a>) -> Parsed<'a, T>,
) -> (In<'a>, Bracketed<T>) {
    let closer = start.op(0).and_then(Op::closer).unwrap_or(Op::ParenClose);
    let mut found = Bracketed { items: vec![], broken: false, span: start.span() };
    let Some(_level) = start.deeper() else {
        start.too_deep(start.span());
        found.broken = true;
        return (past_bracket(start), found);
    };
    let _inside = Deeper::new(&start.ctx.brackets_open);
    let mut i = start.skip(1);
    loop {
        if i.is_op(closer) {
            found.span = found.span.to(i.span());
            return (i.skip(1), found);
        }
        match item(i) {
            Ok((rest, value)) => {
                found.items.push(value);
                i = rest;
            }
            Err(nom::Err::Error(fail) | nom::Err::Failure(fail)) => {
                return inside_failed(start, i.jump(fail.at), Some(fail), closer, found);
            }
            Err(nom::Err::Incomplete(_)) => return inside_failed(start, i, None, closer, found),
        }
        if i.is_op(Op::Comma) {
            i = i.skip(1);
        } else if !i.is_op(closer) {
            return inside_failed(start, i, None, closer, found);
        }
    }
}

/// Just after the bracket that belongs to this one; without one, at the end of the statement.
pub(super) fn past_bracket(i: In<'_>) -> In<'_> {
    match i.mate() {
        Some(mate) => i.jump(mate + 1),
        None => past_statement(i),
    }
}

/// At the next semicolon, or at the end.
pub(super) fn past_statement(i: In<'_>) -> In<'_> {
    let semicolon = i.position(|token| token.kind == TokenKind::Op(Op::Semicolon));
    semicolon.map_or(i.jump(usize::MAX), |ahead| i.skip(ahead))
}

fn inside_failed<'a, T>(
    start: In<'a>,
    i: In<'a>,
    fail: Option<Fail>,
    closer: Op,
    mut found: Bracketed<T>,
) -> (In<'a>, Bracketed<T>) {
    match start.mate() {
        Some(mate) if mate >= i.at => {
            found.broken = true;
            let separator =
                if closer == Op::BraceClose { "`,` or `}`" } else { "`,` or the closing bracket" };
            report(i, &fail.unwrap_or(Fail { at: i.at, want: vec![separator] }));
            found.span = found.span.to(start.jump(mate).span());
            (start.jump(mate + 1), found)
        }
        _ => {
            found.broken |= fail.is_some();
            unclosed(start, i, closer);
            found.span = found.span.to(i.gap());
            (i, found)
        }
    }
}

/// Reports a bracket that is never closed, noticed at `i`.
pub(super) fn unclosed(start: In<'_>, i: In<'_>, closer: Op) {
    let opener = i.text_of(start.peek(0));
    i.report(
        Diagnostic::error(codes::UNCLOSED_BRACKET, i.gap(), format!("`{opener}` is never closed"))
            .label(format!("`{}` is missing here", closer.text()))
            .also(start.span(), format!("this `{opener}` is still open"))
            .help(format!("write the missing `{}`", closer.text())),
    );
}

/// The end of a statement that needs a semicolon. A missing one is reported after the token before
/// and taken as written.
pub(super) fn semicolon(mut i: In<'_>) -> In<'_> {
    let first = i;
    loop {
        if i.is_op(Op::Semicolon) {
            return i.skip(1);
        }
        let stray = i.op(0).is_some_and(|op| op.is_closer() && op != Op::BraceClose);
        if stray {
            stray_bracket(i);
            i = i.skip(1);
        } else if i.is_end() && i.ctx.options.last_semicolon_optional {
            return i;
        } else if i.at > first.at || ends_silently(i) {
            missing_semicolon(i);
            return i;
        } else {
            report(i, &Fail { at: i.at, want: vec!["`;`"] });
            return next_statement(i, i.at);
        }
    }
}

/// Whether only the semicolon is missing, because what follows can begin a statement.
fn ends_silently(i: In<'_>) -> bool {
    i.is_end() || i.is_op(Op::BraceClose) || i.peek(0).starts_line || i.word(0).is_some()
}

fn missing_semicolon(i: In<'_>) {
    i.report(
        Diagnostic::error(codes::MISSING_SEMICOLON, i.gap(), "a `;` is missing at the end of this statement")
            .label("`;` is missing here")
            .help("every statement ends with a semicolon")
            .fix(Fix::replace("write `;`", i.gap(), ";", true)),
    );
}

/// Reports a closing bracket that closes nothing; of several in a row only the first.
pub(super) fn stray_bracket(i: In<'_>) {
    let text = i.text_of(i.peek(0));
    let diagnostic = Diagnostic::error(codes::STRAY_BRACKET, i.span(), format!("`{text}` closes nothing"))
        .label("no bracket is open here")
        .help("remove it, or write the opening bracket that it should close");
    let run = i.before().is_some_and(|before| before.kind == i.peek(0).kind)
        && i.ctx.diagnostics.borrow().last().is_some_and(|last| last.code == codes::STRAY_BRACKET);
    if !run {
        i.report(diagnostic);
    }
}
