//! Conditions that can never be true or false, because their kind is known from how they are written.

use super::Checker;
use crate::codes;
use crate::diagnostic::Diagnostic;
use crate::syntax::ast::{BinaryOp, Expr, ExprKind, UnaryOp};

impl<'a> Checker<'a> {
    /// A condition of `if` or `while`.
    pub(super) fn condition(&mut self, cond: &'a Expr) {
        self.expr(cond);
        self.known_condition(cond);
        self.constant_condition(cond);
    }

    /// Reports a condition whose kind is known not to be boolean.
    pub(super) fn known_condition(&mut self, cond: &Expr) {
        let Some((kind, help)) = not_boolean(cond) else { return };
        self.report(
            Diagnostic::error(codes::NOT_A_CONDITION, cond.span, format!("{kind} is neither true nor false"))
                .label("a condition stands here")
                .help(help),
        );
    }

    /// Operands of `&&` and `||`.
    pub(super) fn operands(&mut self, op: BinaryOp, left: &'a Expr, right: &'a Expr) {
        if matches!(op, BinaryOp::And | BinaryOp::Or) {
            self.known_condition(left);
            self.known_condition(right);
        }
    }

    /// The operand of `!`.
    pub(super) fn operand(&mut self, op: UnaryOp, operand: &'a Expr) {
        if op == UnaryOp::Not {
            self.known_condition(operand);
        }
    }
}

/// Whether a condition is reported already by how it is written.
pub(super) fn is_told(cond: &Expr) -> bool {
    not_boolean(cond).is_some()
}

/// What an expression surely is, if that is not a boolean, and what to compare it with.
fn not_boolean(expr: &Expr) -> Option<(&'static str, &'static str)> {
    Some(match &expr.kind {
        ExprKind::Int(_) | ExprKind::Decimal(_) => ("a number", "compare it: `x > 0`"),
        ExprKind::Text { .. } => {
            ("a text", "compare it: `x == \"yes\"`, or write `true` or `false` without quotes")
        }
        ExprKind::List(_) | ExprKind::EmptyBrace => ("a list", "ask for its size: `list.size() > 0`"),
        ExprKind::Map(_) => ("a map", "ask for its size: `map.size() > 0`"),
        ExprKind::Null => ("null", "ask `isNull(x)` or `x != null`"),
        ExprKind::Call { name, .. } if name.is("map") => ("a map", "ask for its size: `map.size() > 0`"),
        ExprKind::Call { name, .. } if name.is("list") => ("a list", "ask for its size: `list.size() > 0`"),
        ExprKind::Unary { op: UnaryOp::Minus | UnaryOp::Plus, .. } => ("a number", "compare it: `x > 0`"),
        ExprKind::Binary { op: BinaryOp::Add, .. } => {
            ("the result of `+`", "compare it: `a + b > 0`; to join conditions write `&&`")
        }
        ExprKind::Binary { op: BinaryOp::Sub | BinaryOp::Mul | BinaryOp::Div | BinaryOp::Rem, .. } => {
            ("a number", "compare it: `a - b > 0`")
        }
        ExprKind::Task(_) => ("the answer of a task", "put it into a variable and compare a part of it"),
        _ => return None,
    })
}
