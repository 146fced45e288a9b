//! Task blocks: `invokeurl [ url: … type: GET ]`. Entries are separated by white space alone; a value
//! ends where the next `key :` begins.

use super::expr::Node;
use super::input::{Deeper, Fail, In};
use super::operand::{bare_word, is_typed_list, task_value};
use super::recover;
use crate::source::Span;
use crate::syntax::ast::{Expr, ExprKind, Ident, Task, TaskEntry};
use crate::syntax::token::{Op, TokenKind};

/// Tasks that are written with square brackets.
pub const TASKS: &[&str] = &["invokeurl", "invokeapi", "sendmail", "sendsms", "pushnotification"];

/// Keys whose value may be a bare word, taken as its upper-case text. `method` is no key, but often
/// written for `type`; the checker says so.
const WORD_KEYS: &[&str] = &["type", "method", "response-format", "content type"];

/// Whether a task stands here: a known one, or any name with `[ key :`.
pub(super) fn begins(i: In<'_>) -> bool {
    i.word(0).is_some()
        && i.is_op_at(1, Op::SquareOpen)
        && (i.is_one_of(0, TASKS) || key(i.skip(2)).is_some() && !is_typed_list(i.skip(2)))
}

/// `reply to :`, `content-type :`; its name, and the value after it.
fn key(i: In<'_>) -> Option<(Ident, In<'_>)> {
    let mut at = i;
    let mut text = i.word(0)?.to_string();
    loop {
        at = at.skip(1);
        if at.is_op(Op::Colon) {
            return Some((Ident { text, span: i.span().to(at.before()?.span) }, at.skip(1)));
        }
        if at.is_op(Op::Minus) && at.word(1).is_some() {
            text.push('-');
            at = at.skip(1);
        } else {
            text.push(' ');
        }
        text.push_str(at.word(0).filter(|_| text.len() < 60)?);
    }
}

/// The whole task. Never fails: what is wrong inside is reported and passed over.
pub(super) fn task(i: In<'_>) -> (In<'_>, Node) {
    let open = i.skip(1);
    let Some(_level) = open.deeper() else {
        open.too_deep(open.span());
        let rest = recover::past_bracket(open);
        return (rest, Node::bad(i.span().to(rest.gap())));
    };
    let _inside = Deeper::new(&i.ctx.brackets_open);
    let mut entries = Vec::new();
    let mut height = 0;
    let mut at = open.skip(1);
    loop {
        if at.is_op(Op::Comma) {
            at = at.skip(1);
        } else if at.is_op(Op::SquareClose) {
            at = at.skip(1);
            break;
        } else if let Some((rest, entry, entry_height)) = entry(at) {
            at = rest;
            height = height.max(entry_height);
            entries.extend(entry);
        } else if let Some(rest) = next_entry(open, at) {
            at = rest;
        } else {
            recover::unclosed(open, at, Op::SquareClose);
            break;
        }
    }
    let span = i.span().to(at.gap());
    (at, Node::over(i, height, ExprKind::Task(Task { name: i.ident(0), entries }), span))
}

/// One `key: value`; no entry if its value could not be read.
fn entry(i: In<'_>) -> Option<(In<'_>, Option<TaskEntry>, u32)> {
    let quoted = matches!(i.peek(0).kind, TokenKind::Text { .. }) && i.is_op_at(1, Op::Colon);
    if quoted {
        recover::report(i, &Fail { at: i.at, want: vec!["a key without quotes"] });
        let (rest, _, height) = value(i.skip(2), "");
        return Some((rest, None, height));
    }
    let (key, rest) = key(i)?;
    let (rest, value, height) = value(rest, &key.text);
    Some((rest, value.map(|value| TaskEntry { key, value }), height))
}

fn value<'a>(i: In<'a>, key: &str) -> (In<'a>, Option<Expr>, u32) {
    let token = i.peek(0);
    let takes_word = WORD_KEYS.iter().any(|word| word.eq_ignore_ascii_case(key));
    let hangs_on =
        i.op(1).is_some_and(|op| matches!(op, Op::Dot | Op::ParenOpen | Op::SquareOpen | Op::Plus));
    if takes_word && token.kind == TokenKind::Ident && !hangs_on {
        let (rest, word) = bare_word(i, token.span, i.text_of(token).to_ascii_uppercase());
        return (rest, Some(word), 1);
    }
    if key.eq_ignore_ascii_case("service") && token.kind == TokenKind::Ident && !hangs_on {
        let (rest, word) = bare_word(i, token.span, i.text_of(token).to_owned());
        return (rest, Some(word), 1);
    }
    if key.eq_ignore_ascii_case("attachments") {
        return several(i, ATTACHED);
    }
    let recipients = RECIPIENTS.iter().any(|word| word.eq_ignore_ascii_case(key));
    match task_value(i) {
        Ok((rest, _)) if recipients && item_follows(rest) => several(i, &[]),
        Ok((rest, node)) => (rest, Some(*node.expr), node.height),
        Err(error) => {
            let at = failed(i, error);
            (at, None, 0)
        }
    }
}

/// What may stand before an attachment.
const ATTACHED: &[&str] = &["file", "template", "view"];

/// Keys that take several values with commas between them.
const RECIPIENTS: &[&str] = &["to", "cc", "bcc", "reply to"];

/// `"a@example.com", "b@example.com"` or `file: a, file: b`: the values as a list. `marks` are words
/// that may stand before each of them.
fn several<'a>(i: In<'a>, marks: &[&str]) -> (In<'a>, Option<Expr>, u32) {
    let mut items = Vec::new();
    let mut height = 0;
    let mut at = i;
    loop {
        let mark = if at.is_one_of(0, marks) && at.is_op_at(1, Op::Colon) { 2 } else { 0 };
        match task_value(at.skip(mark)) {
            Ok((rest, node)) => {
                height = height.max(node.height);
                items.push(*node.expr);
                at = rest;
            }
            Err(error) => return (failed(at.skip(mark), error), None, 0),
        }
        let marked = at.is_op(Op::Comma) && at.is_one_of(1, marks) && at.is_op_at(2, Op::Colon);
        if !(marked || item_follows(at)) {
            break;
        }
        at = at.skip(1);
    }
    let span = i.span().to(at.gap());
    let node = Node::over(i, height, ExprKind::List(items), span);
    (at, Some(*node.expr), node.height)
}

/// Whether a comma and another value stand here, rather than a comma before the next `key :`.
fn item_follows(i: In<'_>) -> bool {
    i.is_op(Op::Comma) && !i.is_op_at(1, Op::SquareClose) && key(i.skip(1)).is_none()
}

fn failed<'a>(i: In<'a>, error: nom::Err<Fail>) -> In<'a> {
    match error {
        nom::Err::Error(fail) | nom::Err::Failure(fail) => {
            recover::report(i, &fail);
            i.jump(fail.at)
        }
        nom::Err::Incomplete(_) => i,
    }
}

/// After something that is no entry: the next `key :` of this task, or its end. Nothing if the task
/// is never closed.
fn next_entry<'a>(open: In<'a>, at: In<'a>) -> Option<In<'a>> {
    let end = open.mate()?;
    if at.at > end {
        return None;
    }
    recover::report(at, &Fail { at: at.at, want: vec!["`key: value`", "`]`"] });
    let mut i = at.skip(1);
    while i.at < end && key(i).is_none() {
        let opens = i.op(0).is_some_and(|op| op.closer().is_some());
        i = if opens { recover::past_bracket(i) } else { i.skip(1) };
    }
    Some(i.jump(i.at.min(end)))
}

/// Whether an expression ends with the `]` of a task, after which a semicolon is optional.
pub(super) fn ends_with_task(expr: &Expr, last: Span) -> bool {
    matches!(expr.kind, ExprKind::Task(_)) && expr.span.end == last.end
}
