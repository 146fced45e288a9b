//! What may be typed at a place. Works on tokens alone, because the statement around a cursor is
//! seldom whole.

use super::Document;
use super::names::path_to;
use crate::source::Span;
use crate::syntax::brackets::opens_block;
use crate::syntax::parser::TASKS;
use crate::syntax::token::{Op, TokenKind};

/// What kind of place it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Place {
    /// Nothing can be offered: a comment, a number, a declaration.
    Nothing,
    /// The first word of a statement.
    Statement,
    /// A value.
    Value,
    /// After the dot at this token.
    Member(usize),
    /// Inside the text at this token.
    Text(usize),
    /// A key of the task whose `[` is at this token.
    TaskKey(usize),
    /// The value of a key of a task that may be a bare word: the key's last token.
    TaskValue(usize),
}

/// An open bracket around a place that belongs to an expression.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Frame {
    /// The token of the bracket.
    pub open: usize,
    /// Commas of this bracket before the place.
    pub arg: usize,
    /// The last `:` since the last comma.
    pub colon: Option<usize>,
}

/// A place with what is around it.
#[derive(Debug)]
pub(super) struct Cursor {
    pub place: Place,
    /// What has been typed of the word.
    pub replace: Span,
    /// Open brackets, innermost first.
    pub frames: Vec<Frame>,
}

/// Looks at a place of a document.
pub(super) fn cursor(document: &Document, offset: u32) -> Cursor {
    let nothing = Cursor { place: Place::Nothing, replace: Span::new(offset, offset), frames: vec![] };
    if in_comment(document, offset) {
        return nothing;
    }
    let before = document.tokens_before(offset);
    // The token that the offset is inside of, or at the end of.
    let inside = document.tokens.get(before).filter(|token| token.span.start < offset).map(|_| before);
    let touched =
        inside.or_else(|| before.checked_sub(1).filter(|at| document.tokens[*at].span.end == offset));
    let Some(at) = touched else { return between(document, before, offset) };
    let span = document.tokens[at].span;
    match document.tokens[at].kind {
        TokenKind::Text { closed, .. } if inside.is_some() || !closed => {
            let content = document.inside_quotes(at).unwrap_or(span);
            let end = if closed { content.end } else { offset };
            let frames = frames(document, at);
            Cursor {
                place: Place::Text(at),
                replace: Span::new(content.start, end.max(content.start)),
                frames,
            }
        }
        TokenKind::Ident => {
            let mut found = between(document, at, span.start);
            found.replace = Span::new(span.start, offset);
            found
        }
        // `5.` is read as a number until a name follows.
        TokenKind::Int | TokenKind::Decimal => nothing,
        _ if inside.is_some() => nothing,
        _ => between(document, before, offset),
    }
}

fn in_comment(document: &Document, offset: u32) -> bool {
    let comments = &document.comments;
    let after = comments.partition_point(|span| span.start < offset);
    let Some(last) = after.checked_sub(1).map(|at| comments[at]) else { return false };
    let text = document.slice(last);
    let open_ended = text.starts_with("//") || text.starts_with('#') || !text.ends_with("*/");
    offset < last.end || (open_ended && offset == last.end)
}

/// A place before the token `at` and after the one before it.
fn between(document: &Document, at: usize, offset: u32) -> Cursor {
    let frames = frames(document, at);
    let found = |place| Cursor { place, replace: Span::new(offset, offset), frames: frames.clone() };
    let Some(last) = at.checked_sub(1) else { return found(Place::Statement) };
    if document.op(last) == Some(Op::Dot) {
        return found(Place::Member(last));
    }
    if let Some(frame) = frames.first().filter(|frame| is_task(document, frame.open)) {
        return found(in_task(document, frame, last, offset));
    }
    if declares(document, last) {
        return found(Place::Nothing);
    }
    let starts = match document.op(last) {
        Some(Op::Semicolon | Op::BraceClose) => frames.is_empty(),
        Some(Op::BraceOpen) => frames.first().is_none_or(|frame| frame.open != last),
        Some(Op::ParenClose) => frames.is_empty() && breaks_line(document, last, offset),
        _ => frames.is_empty() && !expects_value(document, last) && breaks_line(document, last, offset),
    };
    found(if starts { Place::Statement } else { Place::Value })
}

/// After `for each`, `catch (` and the like comes a new name.
fn declares(document: &Document, last: usize) -> bool {
    let before =
        |back: usize, word: &str| last.checked_sub(back).is_some_and(|at| document.is_word(at, word));
    (before(0, "each") && before(1, "for"))
        || (before(0, "index") && before(1, "each") && before(2, "for"))
        || (document.op(last) == Some(Op::ParenOpen) && before(1, "catch"))
}

/// Whether an expression cannot end at this token.
fn expects_value(document: &Document, at: usize) -> bool {
    let word = |words: &[&str]| words.iter().any(|word| document.is_word(at, word));
    document.op(at).is_some_and(|op| !op.is_closer())
        || word(&["in", "is", "not", "contains", "like", "return", "info", "throw"])
}

fn breaks_line(document: &Document, last: usize, offset: u32) -> bool {
    document.slice(Span::new(document.tokens[last].span.end, offset)).contains('\n')
}

/// Whether a `[` opens a task.
pub(super) fn is_task(document: &Document, open: usize) -> bool {
    document.op(open) == Some(Op::SquareOpen)
        && open.checked_sub(1).is_some_and(|name| TASKS.iter().any(|task| document.is_word(name, task)))
}

fn in_task(document: &Document, frame: &Frame, last: usize, offset: u32) -> Place {
    if last == frame.open || document.op(last) == Some(Op::Comma) {
        return Place::TaskKey(frame.open);
    }
    if document.op(last) == Some(Op::Colon) && last > 0 {
        return Place::TaskValue(last - 1);
    }
    let key_goes_on = document.op(last) == Some(Op::Minus) && !breaks_line(document, last, offset);
    if key_goes_on || expects_value(document, last) {
        return Place::Value;
    }
    Place::TaskKey(frame.open)
}

/// The brackets of expressions that are open before a token, innermost first.
fn frames(document: &Document, before: usize) -> Vec<Frame> {
    let mut found = Vec::new();
    let (mut arg, mut colon) = (0, None);
    let mut at = before;
    while let Some(here) = at.checked_sub(1) {
        at = here;
        let Some(op) = document.op(here) else { continue };
        if op.is_closer() {
            let Some(mate) = document.brackets.mate(here).filter(|mate| *mate < here) else { continue };
            if op == Op::BraceClose && is_block(document, mate) {
                break;
            }
            at = mate;
        } else if op.closer().is_some() {
            if op == Op::BraceOpen && is_block(document, here) {
                break;
            }
            found.push(Frame { open: here, arg, colon });
            (arg, colon) = (0, None);
        } else if op == Op::Semicolon {
            break;
        } else if op == Op::Comma {
            arg += 1;
        } else if op == Op::Colon && arg == 0 && colon.is_none() {
            colon = Some(here);
        }
    }
    found
}

/// Whether a `{` holds statements.
fn is_block(document: &Document, open: usize) -> bool {
    // Braces that directly follow each other are all of the kind of the first.
    let mut first = open;
    while first > 0 && document.op(first - 1) == Some(Op::BraceOpen) {
        first -= 1;
    }
    opens_block(&document.tokens, first, document.text(), || true)
}

/// What stands before the bracket of a call: the token of the called name.
pub(super) fn callee(document: &Document, open: usize) -> Option<usize> {
    let name = open.checked_sub(1)?;
    (document.op(open) == Some(Op::ParenOpen) && document.word(name).is_some()).then_some(name)
}

/// The called name as a dotted path, if it is one: `zoho.crm.invokeConnector`.
pub(super) fn callee_path(document: &Document, open: usize) -> Vec<&str> {
    callee(document, open).map_or(vec![], |name| path_to(document, name))
}

/// The first token of the operand that ends at a token, with all that hangs onto it.
pub(super) fn operand_start(document: &Document, end: usize) -> usize {
    let mut at = end;
    loop {
        if document.op(at).is_some_and(Op::is_closer) {
            let Some(mate) = document.brackets.mate(at).filter(|mate| *mate < at) else { return at };
            at = mate;
            let hangs = at.checked_sub(1).filter(|before| {
                (document.word(*before).is_some() && !expects_value(document, *before))
                    || (document.op(at) == Some(Op::SquareOpen)
                        && document.op(*before).is_some_and(Op::is_closer))
            });
            if let Some(before) = hangs {
                at = before;
                if document.op(at).is_some() {
                    continue;
                }
            }
        }
        match at.checked_sub(2) {
            Some(before) if document.op(at - 1) == Some(Op::Dot) => at = before,
            _ => return at,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::marked::at_cursor;
    use super::*;

    fn place(text: &str) -> Place {
        let (document, offset) = at_cursor(text);
        cursor(&document, offset).place
    }

    #[test]
    fn a_place_is_known_from_the_tokens_before_it() {
        for text in ["‸", "x = 1;\n‸", "x = 1;\nxy‸", "if (a) { ‸", "if (a) { x = 1; ‸ }", "x = 1\n‸"]
        {
            assert_eq!(place(text), Place::Statement, "{text}");
        }
        for text in ["x = ‸", "x = f(‸", "x = f(1, ‸);", "x = {‸", "m = {\"a\": ‸}", "info ‸", "x = 1 + y‸"]
        {
            assert_eq!(place(text), Place::Value, "{text}");
        }
        for text in ["// a‸", "/* ‸ */", "x = 5‸", "for each ‸", "try { } catch (‸", "for each index ‸"]
        {
            assert_eq!(place(text), Place::Nothing, "{text}");
        }
        assert_eq!(place("x.‸"), Place::Member(1));
        assert_eq!(place("x.to‸;\ny = 1;"), Place::Member(1));
        assert_eq!(place("m.put(\"‸\")"), Place::Text(4));
        assert_eq!(place("m.put(\"a‸"), Place::Text(4));
        assert_eq!(place("r = invokeurl [ ‸"), Place::TaskKey(3));
        assert_eq!(place("r = invokeurl [ url: u\n ty‸ ]"), Place::TaskKey(3));
        assert_eq!(place("r = invokeurl [ type: ‸ ]"), Place::TaskValue(4));
    }

    #[test]
    fn open_brackets_are_counted_from_the_inside() {
        let (document, offset) = at_cursor("x = f(1, g({\"a\": 2}, 3, ‸");
        let frames = cursor(&document, offset).frames;
        let shown: Vec<_> =
            frames.iter().map(|f| (callee_path(&document, f.open).join("."), f.arg)).collect();
        assert_eq!(shown, [("g".to_owned(), 2), ("f".to_owned(), 1)]);
    }

    #[test]
    fn an_operand_begins_where_its_chain_begins() {
        for (text, operand) in [
            ("x = a + b.c(1)[2].d.‸", "b.c(1)[2].d"),
            ("x = \"a\".‸", "\"a\""),
            ("info (1 + 2).‸", "(1 + 2)"),
            ("x = invokeurl [ url: u ].‸", "invokeurl [ url: u ]"),
            ("x = Map().‸", "Map()"),
        ] {
            let (document, offset) = at_cursor(text);
            let Place::Member(dot) = cursor(&document, offset).place else { panic!("{text}") };
            let start = document.tokens[operand_start(&document, dot - 1)].span.start;
            assert_eq!(document.slice(Span::new(start, document.tokens[dot].span.start)), operand);
        }
    }
}
