//! Operands: literals, names, calls, brackets, and what is hung onto them with `.`, `(` and `[`.

use super::expr::{Node, expr, no_value};
use super::function::VALUE_TYPES;
use super::input::{Deeper, In, MAX_HEIGHT, Parsed, any_name};
use super::recover::{self, Bracketed, bracketed};
use super::{creator, foreign, task};
use crate::codes;
use crate::diagnostic::Diagnostic;
use crate::source::Span;
use crate::syntax::ast::{Arg, BinaryOp, Expr, ExprKind, Ident};
use crate::syntax::literal::unescape;
use crate::syntax::token::{Op, TokenKind};

/// Whether `List:NAME(…)` makes a list of elements of this type.
pub fn is_element_type(name: &str) -> bool {
    VALUE_TYPES.iter().any(|known| known.eq_ignore_ascii_case(name))
}

/// An operand with everything that hangs onto it.
pub(super) fn postfix(start: In<'_>) -> Parsed<'_, Node> {
    let (mut i, mut node) = primary(start)?;
    loop {
        if i.is_op(Op::Dot) || i.is_op(Op::SafeDot) {
            if i.is_op(Op::SafeDot) {
                foreign::operator(i, Op::SafeDot);
            }
            let (rest, name) = any_name(i.skip(1))?;
            (i, node) = member(rest, node, name);
        } else if i.is_op(Op::SquareOpen) {
            (i, node) = index(i, node);
        } else {
            return Ok((i, node));
        }
    }
}

fn member<'a>(i: In<'a>, object: Node, name: Ident) -> (In<'a>, Node) {
    let span = object.expr.span.to(name.span);
    if !i.is_op(Op::ParenOpen) {
        let kind = ExprKind::Member { object: object.expr, name };
        return (i, Node::over(i, object.height, kind, span));
    }
    let (rest, args) = arguments(i);
    let span = span.to(args.span);
    if args.broken {
        return (rest, Node::bad(span));
    }
    let (args, height) = split_args(args.items);
    let kind = ExprKind::MethodCall { object: object.expr, name, args };
    (rest, Node::over(i, height.max(object.height), kind, span))
}

/// `object[index]`, or the criteria of a form.
fn index<'a>(i: In<'a>, object: Node) -> (In<'a>, Node) {
    let (rest, mut found) = bracketed(i, expr);
    let span = object.expr.span.to(found.span);
    let criteria = |node: &Node| {
        use BinaryOp::{Add, Div, Mul, Rem, Sub};
        match node.expr.kind {
            ExprKind::Binary { op, .. } => !matches!(op, Add | Sub | Mul | Div | Rem),
            ExprKind::IsNull { .. } => true,
            _ => false,
        }
    };
    match found.items.pop() {
        Some(node) if !found.broken && found.items.is_empty() && criteria(&node) => {
            (creator::fetch(rest, span), Node::bad(span))
        }
        Some(node) if !found.broken && found.items.is_empty() => {
            let height = node.height.max(object.height);
            let kind = ExprKind::Index { object: object.expr, index: node.expr };
            (rest, Node::over(i, height, kind, span))
        }
        _ => {
            if !found.broken {
                let message = "expected one value between `[` and `]`";
                i.report(
                    Diagnostic::error(codes::UNEXPECTED, found.span, message).label("one index goes here"),
                );
            }
            (rest, Node::bad(span))
        }
    }
}

/// `(a, b)`, with keys for `Collection("k": v)`.
fn arguments(i: In<'_>) -> (In<'_>, Bracketed<(Arg, u32)>) {
    bracketed(i, |i| {
        let (i, (first, second)) = keyed(i)?;
        let height = first.height.max(second.as_ref().map_or(0, |node| node.height));
        let arg = match second {
            Some(value) => Arg { key: Some(*first.expr), value: *value.expr },
            None => Arg { key: None, value: *first.expr },
        };
        Ok((i, (arg, height)))
    })
}

/// `e` or `k: v`. Written out, because combinators take too much stack where brackets nest.
fn keyed(i: In<'_>) -> Parsed<'_, (Node, Option<Node>)> {
    let (i, first) = expr(i)?;
    if !i.is_op(Op::Colon) {
        return Ok((i, (first, None)));
    }
    let (i, second) = expr(i.skip(1))?;
    Ok((i, (first, Some(second))))
}

fn split_args(items: Vec<(Arg, u32)>) -> (Vec<Arg>, u32) {
    let height = items.iter().map(|(_, height)| *height).max().unwrap_or(0);
    (items.into_iter().map(|(arg, _)| arg).collect(), height)
}

fn primary(i: In<'_>) -> Parsed<'_, Node> {
    match i.peek(0).kind {
        TokenKind::Ident => named(i),
        TokenKind::Op(Op::ParenOpen) => Ok(foreign::lambda(i).unwrap_or_else(|| group(i))),
        TokenKind::Op(Op::BraceOpen) => Ok(braces(i)),
        TokenKind::Op(Op::SquareOpen) => Ok(list(i)),
        TokenKind::Op(_) | TokenKind::End => no_value(i),
        _ => Ok(literal(i)),
    }
}

fn literal(i: In<'_>) -> (In<'_>, Node) {
    let token = i.peek(0);
    let text = i.text_of(token);
    let kind = match token.kind {
        TokenKind::Int => whole_number(i, text),
        TokenKind::Decimal => decimal(i, text),
        TokenKind::Text { single, closed } => {
            let inside = text.get(1..text.len() - usize::from(closed)).unwrap_or_default();
            ExprKind::Text { value: unescape(inside), single }
        }
        _ => ExprKind::Bad,
    };
    (i.skip(1), Node::leaf(kind, token.span))
}

fn whole_number(i: In<'_>, text: &str) -> ExprKind {
    text.parse().map(ExprKind::Int).unwrap_or_else(|_| {
        i.say(
            Diagnostic::error(codes::NUMBER_TOO_LARGE, i.span(), "this whole number is too large")
                .label("the largest is 9223372036854775807")
                .help("write it as a text, or as a decimal by adding `.0`"),
        );
        ExprKind::Bad
    })
}

/// Digits as written, with a digit on each side of the point: `.45` is `0.45`, `123.` is `123`.
fn decimal(i: In<'_>, text: &str) -> ExprKind {
    let digits = match (text.strip_prefix('.'), text.strip_suffix('.')) {
        (Some(_), _) => format!("0{text}"),
        (_, Some(whole)) => whole.to_string(),
        _ => text.to_string(),
    };
    if digits.parse::<rust_decimal::Decimal>().is_err() {
        i.say(
            Diagnostic::error(codes::NUMBER_TOO_LARGE, i.span(), "this number has too many digits")
                .label("a decimal has at most 28 digits"),
        );
        return ExprKind::Bad;
    }
    ExprKind::Decimal(digits)
}

fn named(i: In<'_>) -> Parsed<'_, Node> {
    let is_first = i.ctx.statement_start.get() == i.at;
    if !is_first && i.ctx.brackets_open.get() == 0 && recover::begins_statement(i) {
        return no_value(i);
    }
    for (word, kind) in
        [("true", ExprKind::Bool(true)), ("false", ExprKind::Bool(false)), ("null", ExprKind::Null)]
    {
        if i.is_word(0, word) && !i.is_op_at(1, Op::ParenOpen) {
            return Ok((i.skip(1), Node::leaf(kind, i.span())));
        }
    }
    if let Some(found) = foreign::operand(i).or_else(|| creator::insert(i)) {
        return Ok(found);
    }
    if task::begins(i) {
        return Ok(task::task(i));
    }
    if is_typed_list(i) {
        let name = Ident { text: format!("List:{}", i.ident(2).text), span: i.span().to(i.peek(2).span) };
        return Ok(call(i, name, i.skip(3)));
    }
    if i.is_op_at(1, Op::ParenOpen) {
        return Ok(call(i, i.ident(0), i.skip(1)));
    }
    let only_a_keyword = i.is_one_of(0, &["if", "for", "else", "return", "try", "catch", "while"]);
    if only_a_keyword && !i.op(1).is_some_and(|op| op == Op::Dot || (is_first && op.is_assignment())) {
        return no_value(i);
    }
    Ok((i.skip(1), Node::leaf(ExprKind::Var(i.ident(0)), i.span())))
}

/// `List:String(`
pub(super) fn is_typed_list(i: In<'_>) -> bool {
    i.is_word(0, "list")
        && i.is_op_at(1, Op::Colon)
        && i.is_one_of(2, VALUE_TYPES)
        && i.is_op_at(3, Op::ParenOpen)
}

/// The call of the name that stands at `start`; its arguments begin at `open`.
fn call<'a>(start: In<'a>, name: Ident, open: In<'a>) -> (In<'a>, Node) {
    let (rest, args) = arguments(open);
    let span = start.span().to(args.span);
    if args.broken {
        return (rest, Node::bad(span));
    }
    let (args, height) = split_args(args.items);
    (rest, Node::over(start, height, ExprKind::Call { name, args }, span))
}

/// `(e)`
pub(super) fn group(i: In<'_>) -> (In<'_>, Node) {
    let (rest, mut found) = bracketed(i, expr);
    let last = found.items.pop();
    match last {
        Some(node) if !found.broken && found.items.is_empty() => (rest, node),
        _ => {
            if !found.broken {
                let message =
                    if last.is_none() { "these brackets are empty" } else { "brackets hold one value" };
                let diagnostic = Diagnostic::error(codes::UNEXPECTED, found.span, message)
                    .help("a list is written with braces: `{a, b}`");
                i.report(diagnostic);
            }
            (rest, Node::bad(found.span))
        }
    }
}

/// `[a, b]`
fn list(i: In<'_>) -> (In<'_>, Node) {
    let (rest, found) = bracketed(i, expr);
    if found.broken {
        return (rest, Node::bad(found.span));
    }
    let height = found.items.iter().map(|node| node.height).max().unwrap_or(0);
    let items = found.items.into_iter().map(|node| *node.expr).collect();
    (rest, Node::over(i, height, ExprKind::List(items), found.span))
}

/// `{}`, `{a, b}`, `{k: v}`
fn braces(i: In<'_>) -> (In<'_>, Node) {
    let (rest, found) = bracketed(i, keyed);
    if found.broken {
        return (rest, Node::bad(found.span));
    }
    let height_of =
        |(key, value): &(Node, Option<Node>)| key.height.max(value.as_ref().map_or(0, |v| v.height));
    let height = found.items.iter().map(height_of).max().unwrap_or(0);
    let kind = if found.items.is_empty() {
        ExprKind::EmptyBrace
    } else if found.items.iter().all(|(_, value)| value.is_none()) {
        ExprKind::List(found.items.into_iter().map(|(key, _)| *key.expr).collect())
    } else {
        map_entries(i, found.items)
    };
    (rest, Node::over(i, height.min(MAX_HEIGHT), kind, found.span))
}

fn map_entries(i: In<'_>, items: Vec<(Node, Option<Node>)>) -> ExprKind {
    let mut entries = Vec::with_capacity(items.len());
    for (key, value) in items {
        match value {
            Some(value) => entries.push((*key.expr, *value.expr)),
            None => {
                i.say(
                    Diagnostic::error(codes::UNEXPECTED, key.expr.span, "this entry of the map has no value")
                        .label("expected `: value` after it")
                        .help(
                            "a map has `key: value` entries, a list has values; one literal cannot be both",
                        ),
                );
                return ExprKind::Bad;
            }
        }
    }
    ExprKind::Map(entries)
}

/// A value of a task. What follows on the next line belongs to the task, not to a new statement.
pub(super) fn task_value(i: In<'_>) -> Parsed<'_, Node> {
    let _inside = Deeper::new(&i.ctx.brackets_open);
    expr(i)
}

/// The expression of a name alone.
pub(super) fn bare_word(i: In<'_>, span: Span, value: String) -> (In<'_>, Expr) {
    (i.skip(1), Expr { kind: ExprKind::Text { value, single: false }, span })
}
