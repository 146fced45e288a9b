//! Statements with bodies: `if`, `for each`, `while`, `try`.

use super::expr::expr_or_bad;
use super::foreign::alien;
use super::input::{Fail, In, any_name};
use super::recover::{next_statement, report};
use super::stmt::{block, body, condition, spanned};
use crate::codes;
use crate::diagnostic::Diagnostic;
use crate::syntax::ast::{Ident, Stmt, StmtKind};
use crate::syntax::token::Op;

/// One of them, if it begins here.
pub(super) fn flow(i: In<'_>) -> Option<(In<'_>, Stmt)> {
    let word = i.word(0)?;
    if i.op(1).is_some_and(|op| op.is_assignment() || op == Op::Dot) {
        return None;
    }
    let is = |keyword: &str| word.eq_ignore_ascii_case(keyword);
    if is("if") && !is_conditional_expression(i) {
        Some(if_statement(i))
    } else if is("for") && !i.is_op_at(1, Op::ParenOpen) {
        Some(for_each(i))
    } else if is("while") && i.is_op_at(1, Op::ParenOpen) {
        Some(while_loop(i))
    } else if is("try") && i.is_op_at(1, Op::BraceOpen) {
        Some(try_catch(i))
    } else if i.is_one_of(0, &["else", "elif", "elsif", "elseif", "catch", "finally"]) {
        Some(orphan(i))
    } else {
        None
    }
}

fn while_loop(i: In<'_>) -> (In<'_>, Stmt) {
    let (rest, cond) = condition(i.skip(1));
    let (rest, body) = body(rest, "while(…)");
    spanned(i, rest, StmtKind::While { cond, body })
}

/// `if(c, a, b)` as a statement, e.g. for a method on its value.
fn is_conditional_expression(i: In<'_>) -> bool {
    let open = i.skip(1);
    let Some(mate) = open.is_op(Op::ParenOpen).then(|| open.mate()).flatten() else { return false };
    let after = i.jump(mate + 1);
    (after.is_op(Op::Semicolon) || after.is_op(Op::Dot)) && super::stmt::has_comma(open)
}

fn if_statement(i: In<'_>) -> (In<'_>, Stmt) {
    let mut arms = Vec::new();
    let mut otherwise = None;
    let mut at = i.skip(1);
    loop {
        let (rest, cond) = condition(at);
        let (rest, stmts) = body(rest, "if(…)");
        arms.push((cond, stmts));
        at = rest;
        if at.is_one_of(0, &["elif", "elsif", "elseif"]) && !at.op(1).is_some_and(Op::is_assignment) {
            let word = at.text_of(at.peek(0));
            alien(at, at.span(), format!("`{word}` is two words here"), "write `else if(…) { … }`");
            at = at.skip(1);
        } else if at.is_word(0, "else") && at.is_word(1, "if") {
            at = at.skip(2);
        } else if at.is_word(0, "else") {
            let (rest, stmts) = body(at.skip(1), "else");
            otherwise = Some(stmts);
            at = rest;
            break;
        } else {
            break;
        }
    }
    spanned(i, at, StmtKind::If { arms, otherwise })
}

/// `for each x in e { … }`, `for each index i in e { … }`
fn for_each(i: In<'_>) -> (In<'_>, Stmt) {
    let mut at = i.skip(1);
    if at.is_word(0, "each") {
        at = at.skip(1);
    } else {
        let help = "write `for each x in list { … }`";
        alien(at, i.span(), "a loop begins with `for each`", help);
    }
    let bracket = at.is_op(Op::ParenOpen);
    if bracket {
        alien(at, at.span(), "the head of `for each` has no brackets", "write `for each x in list { … }`");
        at = at.skip(1);
    }
    let index = at.is_word(0, "index") && at.word(1).is_some() && !at.is_word(1, "in");
    if index {
        at = at.skip(1);
    }
    let nameless = at.is_word(0, "in") && !at.is_word(1, "in");
    let Some((rest, var)) = any_name(at).ok().filter(|_| !nameless) else {
        report(at, &Fail { at: at.at, want: vec!["the name of the loop variable"] });
        return spanned(i, past_loop(i, at), StmtKind::Bad);
    };
    let Some(rest) = in_word(rest) else { return spanned(i, past_loop(i, rest), StmtKind::Bad) };
    let (mut rest, over) = expr_or_bad(rest);
    if rest.is_word(0, "to") {
        alien(
            rest,
            rest.span(),
            "there are no ranges",
            "walk over a list, or count with `while(i < n) { … }`",
        );
        rest = expr_or_bad(rest.skip(1)).0;
    }
    if bracket && rest.is_op(Op::ParenClose) {
        rest = rest.skip(1);
    }
    let (rest, body) = body(rest, "for each x in list");
    spanned(i, rest, StmtKind::ForEach { index, var, over: *over.expr, body })
}

fn in_word(i: In<'_>) -> Option<In<'_>> {
    if i.is_word(0, "in") {
        return Some(i.skip(1));
    }
    if i.is_op(Op::Colon) || i.is_word(0, "of") {
        let found = i.text_of(i.peek(0));
        alien(
            i,
            i.span(),
            format!("`{found}` does not name the list of a loop"),
            "write `for each x in list { … }`",
        );
        return Some(i.skip(1));
    }
    report(i, &Fail { at: i.at, want: vec!["`in`"] });
    None
}

/// After a loop whose head cannot be read: its body is read for its own errors.
fn past_loop<'a>(start: In<'a>, at: In<'a>) -> In<'a> {
    let mut i = at;
    while !(i.is_end() || i.is_op(Op::Semicolon) || i.is_op(Op::BraceClose) || i.peek(0).starts_line) {
        if i.is_op(Op::BraceOpen) {
            return block(i).0;
        }
        i = i.skip(1);
    }
    if i.is_op(Op::BraceOpen) { block(i).0 } else { next_statement(start, i.at) }
}

fn try_catch(i: In<'_>) -> (In<'_>, Stmt) {
    let (rest, tried) = block(i.skip(1));
    if !rest.is_word(0, "catch") {
        let what =
            if rest.is_word(0, "finally") { "there is no `finally`" } else { "this `try` has no `catch`" };
        rest.report(
            Diagnostic::error(codes::UNEXPECTED, i.span(), what)
                .label("needs a `catch (e) { … }` after its body")
                .help("write `try { … } catch (e) { info e; }`"),
        );
        let rest = if rest.is_word(0, "finally") { body(rest.skip(1), "finally").0 } else { rest };
        return spanned(i, rest, StmtKind::Try { body: tried, var: None, handler: vec![] });
    }
    let (rest, var) = caught_name(rest.skip(1));
    let (rest, handler): (In<'_>, Vec<Stmt>) = body(rest, "catch (e)");
    let rest = if rest.is_word(0, "finally") && rest.is_op_at(1, Op::BraceOpen) {
        alien(rest, rest.span(), "there is no `finally`", "put the statements after the `catch` block");
        block(rest.skip(1)).0
    } else {
        rest
    };
    spanned(i, rest, StmtKind::Try { body: tried, var, handler })
}

/// `(e)`, `()` or nothing.
fn caught_name(i: In<'_>) -> (In<'_>, Option<Ident>) {
    if !i.is_op(Op::ParenOpen) {
        if i.word(0).is_some() && i.is_op_at(1, Op::BraceOpen) {
            report(i, &Fail { at: i.at, want: vec!["`(` before the name"] });
            return (i.skip(1), Some(i.ident(0)));
        }
        return (i, None);
    }
    let mut at = i.skip(1);
    if at.word(0).is_some() && at.word(1).is_some() {
        alien(at, at.span(), "`catch` takes a name without a type", "write `catch (e) { … }`");
        at = at.skip(1);
    }
    let (at, var) = any_name(at).map_or((at, None), |(rest, name)| (rest, Some(name)));
    if at.is_op(Op::ParenClose) {
        return (at.skip(1), var);
    }
    if i.mate().is_some() {
        report(at, &Fail { at: at.at, want: vec!["one name", "`)`"] });
        return (super::recover::past_bracket(i), var);
    }
    super::recover::unclosed(i, at, Op::ParenClose);
    (at, var)
}

/// `else` or `catch` without what should stand before it; its body is read for its own errors.
fn orphan(i: In<'_>) -> (In<'_>, Stmt) {
    let word = i.text_of(i.peek(0));
    let before = if i.is_one_of(0, &["catch", "finally"]) { "try" } else { "if" };
    i.report(
        Diagnostic::error(codes::UNEXPECTED, i.span(), format!("this `{word}` belongs to no `{before}`"))
            .label(format!("no `{before}` ends right before it"))
            .help(format!("look for a `;` or `}}` too many before it, or for a missing `{before}`")),
    );
    let mut at = i.skip(1);
    if at.is_word(0, "if") {
        at = at.skip(1);
    }
    if at.is_op(Op::ParenOpen) {
        at = super::recover::past_bracket(at);
    }
    let rest = if at.is_op(Op::BraceOpen) { block(at).0 } else { next_statement(i, at.at) };
    spanned(i, rest, StmtKind::Bad)
}
