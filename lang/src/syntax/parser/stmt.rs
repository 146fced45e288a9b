//! Statements. Each is recognised by looking ahead, so that nothing is read twice; from then on it
//! reports its own errors and always gives a statement.

use super::expr::{Node, climb, expr, expr_or_bad, starts_value};
use super::input::{Deeper, Fail, In, Parsed, word};
use super::operand::{group, postfix};
use super::recover::{self, next_statement, semicolon};
use super::{creator, flow, foreign, function, task};
use crate::codes;
use crate::diagnostic::Diagnostic;
use crate::source::Span;
use crate::syntax::ast::{AssignOp, BinaryOp, Expr, ExprKind, Stmt, StmtKind, Target};
use crate::syntax::token::{Op, TokenKind};
use nom::Parser;
use nom::branch::alt;
use nom::combinator::value;

/// Statements up to a `}` or the end.
pub(super) fn statements(mut i: In<'_>) -> (In<'_>, Vec<Stmt>) {
    let mut found = Vec::new();
    while !i.is_end() && !i.is_op(Op::BraceClose) {
        if i.ctx.blocks_open.get() > 0 && misplaced_function(i) {
            break;
        }
        let (rest, statement) = statement(i);
        found.extend(statement);
        i = if rest.at > i.at { rest } else { i.skip(1) };
    }
    (i, found)
}

/// A typed function at the very beginning of a line, inside a block: a `}` is missing before it.
fn misplaced_function(i: In<'_>) -> bool {
    let start = i.span().start as usize;
    let line_begins = start == 0 || i.ctx.text.as_bytes().get(start - 1) == Some(&b'\n');
    line_begins && i.word(1).is_some() && function::is_header(i)
}

/// `{ … }`
pub(super) fn block(open: In<'_>) -> (In<'_>, Vec<Stmt>) {
    let Some(_level) = open.deeper() else {
        open.too_deep(open.span());
        return (recover::past_bracket(open), vec![]);
    };
    let _block = Deeper::new(&open.ctx.blocks_open);
    let (i, body) = statements(open.skip(1));
    if i.is_op(Op::BraceClose) {
        return (i.skip(1), body);
    }
    recover::unclosed(open, i, Op::BraceClose);
    (i, body)
}

/// One statement; a function is put aside and gives none.
pub(super) fn statement(i: In<'_>) -> (In<'_>, Option<Stmt>) {
    i.ctx.begin_statement(i.at);
    if let Some(rest) = function::function(i) {
        return (rest, None);
    }
    let (rest, stmt) = flow::flow(i).unwrap_or_else(|| simple(i));
    (rest, Some(stmt))
}

/// A statement from its first token up to `rest`, the semicolon excluded.
pub(super) fn spanned<'a>(i: In<'a>, rest: In<'a>, kind: StmtKind) -> (In<'a>, Stmt) {
    let ends_with_semicolon = rest.before().is_some_and(|token| token.kind == TokenKind::Op(Op::Semicolon));
    let last =
        if ends_with_semicolon && rest.at > i.at + 1 { rest.jump(rest.at - 1).gap() } else { rest.gap() };
    let span = Span::new(i.span().start, last.end.max(i.span().end));
    (rest, Stmt { kind, span })
}

/// A statement without a body.
fn simple(i: In<'_>) -> (In<'_>, Stmt) {
    match kind(i) {
        Ok((rest, kind)) => spanned(i, rest, kind),
        Err(nom::Err::Error(fail) | nom::Err::Failure(fail)) => {
            recover::report(i, &fail);
            spanned(i, next_statement(i, fail.at), StmtKind::Bad)
        }
        Err(nom::Err::Incomplete(_)) => spanned(i, i.skip(1), StmtKind::Bad),
    }
}

fn kind(i: In<'_>) -> Parsed<'_, StmtKind> {
    if i.is_op(Op::Semicolon) {
        return Ok((i.skip(1), StmtKind::Empty));
    }
    if i.word(0).is_none() {
        return expression(i);
    }
    let skipped = foreign::block_statement(i).or_else(|| creator::statement(i));
    if let Some(rest) = skipped {
        return Ok((rest, StmtKind::Bad));
    }
    if let Some(found) = foreign::prints(i) {
        let (rest, node) = found?;
        return Ok((semicolon(rest), StmtKind::Info(*node.expr)));
    }
    if i.op(1).is_some_and(Op::is_assignment) {
        return expression(i);
    }
    let is_name = i.op(1).is_some_and(|op| matches!(op, Op::Dot | Op::SafeDot));
    if !is_name && let Some(found) = leaving(i) {
        return found;
    }
    expression(i.skip(foreign::declaration(i)))
}

/// `return`, `info`, `throw`, `break`, `continue`.
fn leaving(i: In<'_>) -> Option<Parsed<'_, StmtKind>> {
    let jump =
        alt((value(StmtKind::Break, word("break")), value(StmtKind::Continue, word("continue")))).parse(i);
    if let Ok((rest, kind)) = jump {
        return (!rest.is_op(Op::ParenOpen)).then(|| Ok((semicolon(rest), kind)));
    }
    if i.is_word(0, "return") {
        let rest = i.skip(1);
        if rest.is_op(Op::Semicolon) || rest.is_op(Op::BraceClose) || rest.is_end() {
            return Some(Ok((semicolon(rest), StmtKind::Return(None))));
        }
        return Some(value_statement(i, |value| StmtKind::Return(Some(value))));
    }
    if i.is_word(0, "info") && is_keyword(i) {
        return Some(value_statement(i, StmtKind::Info));
    }
    if i.is_word(0, "throw") && is_keyword(i) {
        return Some(value_statement(i, StmtKind::Throw));
    }
    None
}

/// Whether `info`, `throw` or `alert` is the keyword here and not a variable of that name: `info[0] = x` and
/// `info - 1 …` are rare enough to be the keyword unless an assignment follows.
pub(super) fn is_keyword(i: In<'_>) -> bool {
    let next = i.skip(1);
    if next.is_op(Op::SquareOpen) {
        return !recover::past_bracket(next).op(0).is_some_and(Op::is_assignment);
    }
    next.is_op(Op::Semicolon)
        || next.is_end()
        || next.is_op(Op::BraceClose)
        || starts_value(next)
        // `info contains(a, b);` prints; a statement that only compares would have no effect.
        || (next.word(0).is_some() && next.is_op_at(1, Op::ParenOpen))
        || next.peek(0).kind == TokenKind::Junk
}

fn value_statement<'a>(i: In<'a>, make: impl Fn(Expr) -> StmtKind) -> Parsed<'a, StmtKind> {
    let several = i.is_word(0, "info") && i.is_op_at(1, Op::ParenOpen) && has_comma(i.skip(1));
    if several {
        let help = "join the parts: `info a + \" \" + b;`";
        foreign::alien(i.skip(1), i.peek(1).span, "`info` prints one value", help);
        return Ok((semicolon(recover::past_bracket(i.skip(1))), StmtKind::Bad));
    }
    let (rest, node) = expr(i.skip(1))?;
    Ok((finish(rest, &node.expr), make(*node.expr)))
}

/// Whether a comma stands directly between these brackets.
pub(super) fn has_comma(open: In<'_>) -> bool {
    let Some(mate) = open.mate() else { return false };
    let mut i = open.skip(1);
    while i.at < mate {
        if i.is_op(Op::Comma) {
            return true;
        }
        i = if i.op(0).is_some_and(|op| op.closer().is_some()) {
            recover::past_bracket(i)
        } else {
            i.skip(1)
        };
    }
    false
}

/// The semicolon after an expression; optional after a task.
fn finish<'a>(i: In<'a>, value: &Expr) -> In<'a> {
    let last = i.before().map_or(i.span(), |token| token.span);
    if task::ends_with_task(value, last) && !i.is_op(Op::Semicolon) { i } else { semicolon(i) }
}

/// An assignment or an expression for its effect.
fn expression(i: In<'_>) -> Parsed<'_, StmtKind> {
    i.ctx.statement_start.set(i.at);
    if i.word(0).is_none() && !i.is_op(Op::ParenOpen) {
        let (rest, node) = expr(i)?;
        return Ok((finish(rest, &node.expr), StmtKind::Expr(*node.expr)));
    }
    let (rest, first) = postfix(i)?;
    if let Some(op) = assignment(rest) {
        return assign(rest, first, op);
    }
    if rest.is_op(Op::Colon) && rest.is_op_at(1, Op::Set) && rest.glued(0) {
        foreign::alien(rest, rest.span().to(rest.peek(1).span), "`:=` is not an operator here", "write `=`");
        return assign(rest.skip(1), first, AssignOp::Set);
    }
    let (rest, node) = climb(rest, first)?;
    Ok((finish(rest, &node.expr), StmtKind::Expr(*node.expr)))
}

fn assignment(i: In<'_>) -> Option<AssignOp> {
    Some(match i.op(0)? {
        Op::Set => AssignOp::Set,
        Op::AddSet => AssignOp::With(BinaryOp::Add),
        Op::SubSet => AssignOp::With(BinaryOp::Sub),
        Op::MulSet => AssignOp::With(BinaryOp::Mul),
        Op::DivSet => AssignOp::With(BinaryOp::Div),
        Op::RemSet => AssignOp::With(BinaryOp::Rem),
        _ => return None,
    })
}

/// From the `=` on.
fn assign<'a>(i: In<'a>, to: Node, op: AssignOp) -> Parsed<'a, StmtKind> {
    let target = target(i, *to.expr);
    let (rest, value) = expr(i.skip(1))?;
    let rest = finish(rest, &value.expr);
    Ok((rest, target.map_or(StmtKind::Bad, |target| StmtKind::Assign { target, op, value: *value.expr })))
}

fn target(i: In<'_>, expr: Expr) -> Option<Target> {
    let help = match expr.kind {
        ExprKind::Var(name) => return Some(Target::Var(name)),
        ExprKind::Member { object, name } => return Some(Target::Member { object: *object, name }),
        ExprKind::Index { object, index } => return Some(Target::Index { object: *object, index: *index }),
        ExprKind::Bad => return None,
        ExprKind::MethodCall { name, .. } if name.is("get") => {
            "to set a key of a map write `map.put(key, value);`"
        }
        ExprKind::Null | ExprKind::Bool(_) => "this word has a fixed meaning; choose another name",
        _ => "only a variable can get a value; to compare write `==`",
    };
    i.say(
        Diagnostic::error(codes::UNEXPECTED, expr.span, "nothing can be assigned to this")
            .label("not a variable")
            .help(help),
    );
    None
}

/// A body in braces; one without is reported and read all the same.
pub(super) fn body<'a>(i: In<'a>, of: &str) -> (In<'a>, Vec<Stmt>) {
    if i.is_op(Op::BraceOpen) {
        return block(i);
    }
    let colon = i.is_op(Op::Colon);
    i.report(
        Diagnostic::error(codes::BRACES_NEEDED, i.gap(), format!("the body of `{of}` needs braces"))
            .label("`{` is missing here")
            .help(format!("write `{of} {{ … }}`")),
    );
    let i = if colon || i.is_word(0, "then") { i.skip(1) } else { i };
    if i.is_end() || i.is_op(Op::BraceClose) || i.is_op(Op::Semicolon) && !colon {
        return (if i.is_op(Op::Semicolon) { i.skip(1) } else { i }, vec![]);
    }
    let Some(_level) = i.deeper() else {
        i.too_deep(i.span());
        return (i.jump(usize::MAX), vec![]);
    };
    let _block = Deeper::new(&i.ctx.blocks_open);
    let (rest, found) = statement(i);
    (rest, found.into_iter().collect())
}

/// `(condition)`; missing brackets are reported and the condition read all the same.
pub(super) fn condition(i: In<'_>) -> (In<'_>, Expr) {
    if !i.is_op(Op::ParenOpen) {
        recover::report(i, &Fail { at: i.at, want: vec!["`(` before the condition"] });
        let (rest, node) = expr_or_bad(i);
        let rest = if rest.is_op(Op::ParenClose) { rest.skip(1) } else { rest };
        return (rest, *node.expr);
    }
    let after = i.mate().map(|mate| i.jump(mate + 1));
    let goes_on = |at: &In<'_>| {
        at.op(0).is_some_and(|op| !matches!(op, Op::BraceOpen | Op::Semicolon | Op::Colon))
            && !at.op(0).is_some_and(Op::is_closer)
    };
    if let Some(after) = after.filter(goes_on) {
        after.report(
            Diagnostic::error(codes::UNEXPECTED, after.span(), "the condition has ended before this")
                .also(i.span().to(after.gap()), "this is the whole condition")
                .help("put one pair of brackets around all of it: `if((a) && (b)) { … }`"),
        );
        let (rest, node) = expr_or_bad(i);
        let rest = if rest.is_op(Op::ParenClose) { rest.skip(1) } else { rest };
        return (rest, *node.expr);
    }
    let (rest, node) = group(i);
    (rest, *node.expr)
}
