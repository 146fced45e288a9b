//! Statements about Creator's forms and records. They have no meaning here: each is recognised,
//! reported once and passed over.

use super::expr::{Node, expr_or_bad};
use super::input::In;
use super::recover::{next_statement, past_bracket, semicolon};
use super::stmt::is_keyword;
use crate::codes;
use crate::diagnostic::Diagnostic;
use crate::source::Span;
use crate::syntax::token::{Op, TokenKind};

const FIELD_TASKS: &[&str] = &[
    "show",
    "hide",
    "enable",
    "disable",
    "reload",
    "clear",
    "select",
    "selectall",
    "deselect",
    "deselectall",
    "append",
    "set",
];

fn creator_only(i: In<'_>, span: Span, what: &str, help: &str) {
    i.report(
        Diagnostic::error(codes::CREATOR_ONLY, span, MEANINGLESS)
            .label(format!("{what} works on a form"))
            .help(help),
    );
}

const MEANINGLESS: &str = "Creator form statements have no meaning here";

const RECORDS: &str = "keep records in a service and reach it with `invokeConnector` or `invokeurl`";

/// `alert`, `cancel submit`, `insert into`, `delete from`, `show Field` … Where reading goes on.
pub(super) fn statement(i: In<'_>) -> Option<In<'_>> {
    let same_line = !i.peek(1).starts_line;
    let value_follows = same_line && (i.word(1).is_some() || is_keyword(i));
    if i.is_word(0, "alert") && value_follows {
        creator_only(i, i.span(), "`alert`", "to print a value write `info value;`");
        return Some(semicolon(expr_or_bad(i.skip(1)).0));
    } else if i.is_word(0, "cancel") && i.is_word(1, "submit") {
        creator_only(i, i.span().to(i.peek(1).span), "`cancel submit`", "to end the script write `return;`");
    } else if i.is_word(0, "insert") && i.is_word(1, "into") {
        let (rest, _) = insert(i)?;
        return Some(if rest.is_op(Op::Semicolon) { rest.skip(1) } else { rest });
    } else if i.is_word(0, "delete") && i.is_word(1, "from") {
        creator_only(i, i.span().to(i.peek(1).span), "`delete from`", RECORDS);
        if i.word(2).is_some() && i.is_op_at(3, Op::SquareOpen) {
            return Some(semicolon(past_bracket(i.skip(3))));
        }
    } else if i.is_one_of(0, FIELD_TASKS) && names_field(i) && same_line && !i.is_word(1, "in") {
        let what = format!("`{}`", i.text_of(i.peek(0)));
        creator_only(i, i.span(), &what, "a script has no fields; remove the statement");
    } else {
        return None;
    }
    Some(next_statement(i, i.at + 1))
}

/// `show Field`, `append "a" to Field`
fn names_field(i: In<'_>) -> bool {
    let text_follows = matches!(i.peek(1).kind, TokenKind::Text { .. });
    i.word(1).is_some() || (text_follows && !i.is_op_at(2, Op::Semicolon))
}

/// `insert into Form [ … ]`, a statement and a value.
pub(super) fn insert(i: In<'_>) -> Option<(In<'_>, Node)> {
    if !(i.is_word(0, "insert") && i.is_word(1, "into")) {
        return None;
    }
    creator_only(i, i.span().to(i.peek(1).span), "`insert into`", RECORDS);
    let mut rest = i.skip(2);
    while rest.word(0).is_some() || rest.is_op(Op::Dot) {
        rest = rest.skip(1);
    }
    if rest.is_op(Op::SquareOpen) {
        rest = past_entries(rest);
    }
    Some((rest, Node::bad(i.span().to(rest.gap()))))
}

/// How far the end of an `insert` is looked for; looking ahead must stay cheap.
const MAX_ENTRY_TOKENS: usize = 1000;

/// After the `]` of `[ a = 1; b = 2 ]`, whose semicolons spoil the pairing of brackets.
fn past_entries(open: In<'_>) -> In<'_> {
    if open.mate().is_some() {
        return past_bracket(open);
    }
    let mut i = open.skip(1);
    while i.at < open.at + MAX_ENTRY_TOKENS && !(i.is_end() || i.is_op(Op::BraceClose)) {
        if i.is_op(Op::SquareClose) {
            return i.skip(1);
        }
        i = i.skip(1);
    }
    // Never closed: what follows in this block would only be reported a second time.
    i
}

/// What follows `Form[criteria]`: `sort by f desc range from 0 to 9`.
pub(super) fn fetch<'a>(i: In<'a>, span: Span) -> In<'a> {
    i.report(
        Diagnostic::error(codes::CREATOR_ONLY, span, MEANINGLESS)
            .label("this fetches records of a form")
            .help(RECORDS),
    );
    let mut rest = i;
    if rest.is_word(0, "sort") && rest.is_word(1, "by") {
        rest = rest.skip(2);
        while rest.word(0).is_some() && !rest.is_word(0, "range") || rest.is_op(Op::Comma) {
            rest = rest.skip(1);
        }
    }
    if rest.is_word(0, "range") && rest.is_word(1, "from") {
        rest = expr_or_bad(rest.skip(2)).0;
        if rest.is_word(0, "to") {
            rest = expr_or_bad(rest.skip(1)).0;
        }
    }
    rest
}
