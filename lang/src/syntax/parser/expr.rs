//! Expressions: operators by precedence, with an operator stack instead of recursion.
//!
//! Highest first: `. () []`, then `! -`, `* / %`, `+ -`, comparisons, `&&`, `||`.

use super::foreign;
use super::input::{In, MAX_HEIGHT, Parsed, wanted};
use super::operand::postfix;
use super::recover::report;
use crate::codes;
use crate::diagnostic::{Diagnostic, Fix};
use crate::source::Span;
use crate::syntax::ast::{BinaryOp, Expr, ExprKind, UnaryOp};
use crate::syntax::token::{Op, TokenKind};

/// An expression with the height of its tree. Boxed, to keep the frames of the parser small.
pub(super) struct Node {
    pub expr: Box<Expr>,
    pub height: u32,
}

impl Node {
    pub fn leaf(kind: ExprKind, span: Span) -> Self {
        Self { expr: Box::new(Expr { kind, span }), height: 1 }
    }

    /// A node over parts of the given height; a tree that grows too high is reported and dropped.
    pub fn over(i: In<'_>, height: u32, kind: ExprKind, span: Span) -> Self {
        if height < MAX_HEIGHT {
            return Self { expr: Box::new(Expr { kind, span }), height: height + 1 };
        }
        i.too_deep(Span::new(span.end, span.end));
        Self::leaf(ExprKind::Bad, span)
    }

    pub fn bad(span: Span) -> Self {
        Self::leaf(ExprKind::Bad, span)
    }
}

/// A whole expression.
pub(super) fn expr(i: In<'_>) -> Parsed<'_, Node> {
    let (i, first) = unary(i)?;
    climb(i, first)
}

/// An operator between two operands.
struct Infix {
    op: BinaryOp,
    precedence: u8,
    tokens: usize,
    /// A construct of another language; the result is not looked at any further.
    foreign: bool,
}

enum Next {
    Infix(Infix),
    IsNull { negated: bool, tokens: usize },
    Step,
    Nothing,
}

/// Goes on after a first operand.
pub(super) fn climb(mut i: In<'_>, first: Node) -> Parsed<'_, Node> {
    let mut operands = vec![first];
    let mut operators: Vec<(Infix, Span)> = Vec::new();
    loop {
        match next(i) {
            Next::Infix(infix) => {
                reduce(i, &mut operands, &mut operators, infix.precedence);
                let span = i.span().to(i.peek(infix.tokens - 1).span);
                let (rest, right) = unary(i.skip(infix.tokens))?;
                operands.push(right);
                operators.push((infix, span));
                i = rest;
            }
            Next::IsNull { negated, tokens } => {
                reduce(i, &mut operands, &mut operators, COMPARE);
                if let Some(operand) = operands.pop() {
                    let span = operand.expr.span.to(i.peek(tokens - 1).span);
                    let kind = ExprKind::IsNull { operand: operand.expr, negated };
                    operands.push(Node::over(i, operand.height, kind, span));
                }
                i = i.skip(tokens);
            }
            Next::Step => {
                foreign::step(i);
                i = i.skip(2);
            }
            Next::Nothing => break,
        }
    }
    reduce(i, &mut operands, &mut operators, 0);
    let value = operands.pop().unwrap_or_else(|| Node::bad(i.gap()));
    if i.is_op(Op::Question) { foreign::ternary(i, value) } else { Ok((i, value)) }
}

/// Joins what binds at least as tightly as the operator to come.
fn reduce(i: In<'_>, operands: &mut Vec<Node>, operators: &mut Vec<(Infix, Span)>, precedence: u8) {
    while operators.last().is_some_and(|(infix, _)| infix.precedence >= precedence) {
        let (Some((infix, op_span)), Some(right), Some(left)) =
            (operators.pop(), operands.pop(), operands.pop())
        else {
            return;
        };
        let span = left.expr.span.to(right.expr.span);
        let height = left.height.max(right.height);
        let (left, right) = (left.expr, right.expr);
        let joined = Node::over(i, height, ExprKind::Binary { op: infix.op, op_span, left, right }, span);
        operands.push(if infix.foreign { Node::bad(span) } else { joined });
    }
}

const OR: u8 = 1;
const AND: u8 = 2;
const COMPARE: u8 = 3;
const ADD: u8 = 4;
const MULTIPLY: u8 = 5;

fn infix(op: BinaryOp, precedence: u8) -> Next {
    Next::Infix(Infix { op, precedence, tokens: 1, foreign: false })
}

fn alien(op: BinaryOp, precedence: u8) -> Next {
    Next::Infix(Infix { op, precedence, tokens: 1, foreign: true })
}

/// What stands after an operand.
fn next(i: In<'_>) -> Next {
    let Some(op) = i.op(0) else { return next_word(i) };
    if foreign::is_step(i) {
        return Next::Step;
    }
    foreign::operator(i, op);
    match op {
        Op::Plus => infix(BinaryOp::Add, ADD),
        Op::Minus => infix(BinaryOp::Sub, ADD),
        Op::Star => infix(BinaryOp::Mul, MULTIPLY),
        Op::Slash => infix(BinaryOp::Div, MULTIPLY),
        Op::Percent => infix(BinaryOp::Rem, MULTIPLY),
        Op::Power => alien(BinaryOp::Mul, MULTIPLY),
        Op::EqEq | Op::StrictEq => infix(BinaryOp::Eq, COMPARE),
        Op::NotEq | Op::StrictNe | Op::AngleNe => infix(BinaryOp::Ne, COMPARE),
        Op::Lt => infix(BinaryOp::Lt, COMPARE),
        Op::Le => infix(BinaryOp::Le, COMPARE),
        Op::Gt => infix(BinaryOp::Gt, COMPARE),
        Op::Ge => infix(BinaryOp::Ge, COMPARE),
        Op::Set => {
            equality_by_one_sign(i);
            infix(BinaryOp::Eq, COMPARE)
        }
        Op::AndAnd | Op::And => infix(BinaryOp::And, AND),
        Op::OrOr | Op::Or => infix(BinaryOp::Or, OR),
        Op::Coalesce => alien(BinaryOp::Or, OR),
        _ => Next::Nothing,
    }
}

fn next_word(i: In<'_>) -> Next {
    let Some(word) = i.word(0) else { return Next::Nothing };
    if i.op(1).is_some_and(|op| op.is_assignment() || matches!(op, Op::Colon | Op::Dot)) {
        return Next::Nothing;
    }
    match word.to_ascii_lowercase().as_str() {
        "in" => infix(BinaryOp::In, COMPARE),
        "contains" => infix(BinaryOp::Contains, COMPARE),
        "like" => infix(BinaryOp::Like, COMPARE),
        "not" if i.is_word(1, "in") => {
            Next::Infix(Infix { op: BinaryOp::NotIn, precedence: COMPARE, tokens: 2, foreign: false })
        }
        "is" if i.is_word(1, "null") => Next::IsNull { negated: false, tokens: 2 },
        "is" if i.is_word(1, "not") && i.is_word(2, "null") => Next::IsNull { negated: true, tokens: 3 },
        "and" => {
            foreign::word_operator(i, "&&");
            infix(BinaryOp::And, AND)
        }
        "or" => {
            foreign::word_operator(i, "||");
            infix(BinaryOp::Or, OR)
        }
        _ => Next::Nothing,
    }
}

/// `=` where a value is read: real scripts compare so.
fn equality_by_one_sign(i: In<'_>) {
    i.say(
        Diagnostic::warning(codes::ASSIGNMENT_IN_CONDITION, i.span(), "`=` inside an expression compares")
            .label("taken as `==`")
            .help("write `==` to compare; to assign, give the assignment a statement of its own")
            .fix(Fix::replace("write `==`", i.span(), "==", true)),
    );
}

/// Signs and `!` before an operand.
pub(super) fn unary(start: In<'_>) -> Parsed<'_, Node> {
    let mut i = start;
    let mut prefixes: Vec<(UnaryOp, Span)> = Vec::new();
    loop {
        if foreign::is_step_before(i) {
            foreign::step(i);
            i = i.skip(2);
            continue;
        }
        let op = match i.op(0) {
            Some(Op::Not) => UnaryOp::Not,
            Some(Op::Minus) if smallest_whole_number(i) => break,
            Some(Op::Minus) => UnaryOp::Minus,
            Some(Op::Plus) => UnaryOp::Plus,
            _ if i.is_word(0, "not") && starts_value(i.skip(1)) && !i.is_op_at(1, Op::ParenOpen) => {
                foreign::word_operator(i, "!");
                UnaryOp::Not
            }
            _ => break,
        };
        prefixes.push((op, i.span()));
        i = i.skip(1);
    }
    let (rest, mut node) = if smallest_whole_number(i) {
        (i.skip(2), Node::leaf(ExprKind::Int(i64::MIN), i.span().to(i.peek(1).span)))
    } else {
        postfix(i)?
    };
    for (op, at) in prefixes.into_iter().rev() {
        let span = at.to(node.expr.span);
        node = Node::over(rest, node.height, ExprKind::Unary { op, operand: node.expr }, span);
    }
    Ok((rest, node))
}

/// `-9223372036854775808`, whose digits alone do not fit.
fn smallest_whole_number(i: In<'_>) -> bool {
    i.is_op(Op::Minus)
        && i.peek(1).kind == TokenKind::Int
        && i.text_of(i.peek(1)) == "9223372036854775808"
        && !i.is_op_at(2, Op::Dot)
}

/// Whether a value can begin here.
pub(super) fn starts_value(i: In<'_>) -> bool {
    match i.peek(0).kind {
        TokenKind::Op(op) => {
            matches!(op, Op::ParenOpen | Op::SquareOpen | Op::BraceOpen | Op::Not | Op::Minus | Op::Plus)
        }
        TokenKind::Ident => !i.is_one_of(0, &["in", "is", "and", "or", "contains", "like"]),
        TokenKind::End => false,
        _ => true,
    }
}

/// An expression after a committed beginning: never fails, but reports and gives a bad node.
pub(super) fn expr_or_bad(i: In<'_>) -> (In<'_>, Node) {
    match expr(i) {
        Ok(found) => found,
        Err(nom::Err::Error(fail) | nom::Err::Failure(fail)) => {
            report(i, &fail);
            let at = i.jump(fail.at);
            (at, Node::bad(i.span().to(at.gap())))
        }
        Err(nom::Err::Incomplete(_)) => (i, Node::bad(i.span())),
    }
}

/// Nothing that is a value begins here.
pub(super) fn no_value<'a, T>(i: In<'a>) -> Parsed<'a, T> {
    wanted(i, "a value")
}
