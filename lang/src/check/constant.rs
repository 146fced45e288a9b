//! Conditions whose answer is always the same although they do not look so: `x != 1 || x != 2`,
//! `x == x`, `list.size() >= 0`. A plain `true` or `false` is meant as it stands.

use super::Checker;
use crate::codes;
use crate::diagnostic::Diagnostic;
use crate::syntax::ast::{BinaryOp, Expr, ExprKind, UnaryOp};

impl<'a> Checker<'a> {
    /// Sizes are never negative.
    pub(super) fn constant_condition(&mut self, cond: &'a Expr) {
        let mut at = cond;
        loop {
            match &at.kind {
                ExprKind::Binary { op: BinaryOp::And | BinaryOp::Or, left, right, .. } => {
                    self.never_negative(right);
                    at = left;
                }
                ExprKind::Unary { op: UnaryOp::Not, operand } => at = operand,
                _ => return self.never_negative(at),
            }
        }
    }

    fn never_negative(&mut self, cond: &'a Expr) {
        let ExprKind::Binary { op, left, right, .. } = &cond.kind else { return };
        let ExprKind::MethodCall { name, args, .. } = &left.kind else { return };
        let sized = args.is_empty() && ["size", "length", "len"].iter().any(|size| name.is(size));
        let always = match (op, &right.kind) {
            (BinaryOp::Ge, ExprKind::Int(0)) => true,
            (BinaryOp::Lt, ExprKind::Int(0)) => false,
            _ => return,
        };
        if sized {
            let help = format!("did you mean `{}`?", if always { "> 0" } else { "== 0" });
            self.constant(cond, always, format!("`{}()` is never negative", name.text), help);
        }
    }

    /// Two sides of an operator that say the same, or that exclude each other.
    pub(super) fn same_sides(&mut self, node: &'a Expr, op: BinaryOp, left: &'a Expr, right: &'a Expr) {
        match op {
            BinaryOp::Eq | BinaryOp::Le | BinaryOp::Ge if same(left, right) => {
                self.constant(node, true, "both sides are the same".to_owned(), SIDES.to_owned());
            }
            BinaryOp::Ne | BinaryOp::Lt | BinaryOp::Gt if same(left, right) => {
                self.constant(node, false, "both sides are the same".to_owned(), SIDES.to_owned());
            }
            BinaryOp::And | BinaryOp::Or => self.excluding(node, op, left, right),
            _ => {}
        }
    }

    /// `x != 1 || x != 2` is always true, `x == 1 && x == 2` never.
    fn excluding(&mut self, node: &'a Expr, op: BinaryOp, left: &'a Expr, right: &'a Expr) {
        let left = match &left.kind {
            ExprKind::Binary { op: same, right, .. } if *same == op => right,
            _ => left,
        };
        let (asked, always) = if op == BinaryOp::Or { (BinaryOp::Ne, true) } else { (BinaryOp::Eq, false) };
        let (Some((a, x)), Some((b, y))) = (asks(left, asked), asks(right, asked)) else { return };
        if same(a, b) && differ(x, y) {
            let (says, other) =
                if always { ("one of the two is always so", "&&") } else { ("it cannot be both", "||") };
            self.constant(node, always, says.to_owned(), format!("did you mean `{other}`?"));
        }
    }

    fn constant(&mut self, expr: &Expr, always: bool, why: String, help: String) {
        if self.env.thorough {
            self.report(
                Diagnostic::warning(
                    codes::CONSTANT_CONDITION,
                    expr.span,
                    format!("this is always {always}: {why}"),
                )
                .label(format!("always {always}"))
                .help(help),
            );
        }
    }
}

const SIDES: &str = "compare it with something else; one of the sides was probably meant to be another";

/// `x == 1`: what is asked and what about.
fn asks(expr: &Expr, wanted: BinaryOp) -> Option<(&Expr, &Expr)> {
    match &expr.kind {
        ExprKind::Binary { op, left, right, .. } if *op == wanted => Some((left, right)),
        _ => None,
    }
}

/// Whether two literals are certainly unequal, whatever they are compared with: a number may equal
/// several texts (`"5"`, `"5.0"`), so may a date.
fn differ(a: &Expr, b: &Expr) -> bool {
    let word = |text: &str| text.starts_with(|c: char| c.is_alphabetic());
    match (&a.kind, &b.kind) {
        (ExprKind::Int(a), ExprKind::Int(b)) => a != b,
        (ExprKind::Text { value: a, .. }, ExprKind::Text { value: b, .. }) => a != b && word(a) && word(b),
        _ => false,
    }
}

/// Whether two expressions are the same chain of names, keys and plain reads, which gives the same
/// twice. Goes no deeper than chains are written.
fn same(a: &Expr, b: &Expr) -> bool {
    match (&a.kind, &b.kind) {
        (ExprKind::Var(a), ExprKind::Var(b)) => a.text == b.text,
        (ExprKind::Member { object: a, name: x }, ExprKind::Member { object: b, name: y }) => {
            x.text == y.text && same(a, b)
        }
        (ExprKind::Index { object: a, index: x }, ExprKind::Index { object: b, index: y }) => {
            same_literal(x, y) && same(a, b)
        }
        (
            ExprKind::MethodCall { object: a, name: x, args: p },
            ExprKind::MethodCall { object: b, name: y, args: q },
        ) => {
            let reads = ["get", "size", "length"].iter().any(|read| x.is(read));
            let equal = p.len() == q.len() && p.iter().zip(q).all(|(p, q)| same_literal(&p.value, &q.value));
            reads && x.text == y.text && equal && same(a, b)
        }
        _ => false,
    }
}

fn same_literal(a: &Expr, b: &Expr) -> bool {
    match (&a.kind, &b.kind) {
        (ExprKind::Text { value: a, .. }, ExprKind::Text { value: b, .. }) => a == b,
        (ExprKind::Int(a), ExprKind::Int(b)) => a == b,
        (ExprKind::Var(a), ExprKind::Var(b)) => a.text == b.text,
        _ => false,
    }
}
