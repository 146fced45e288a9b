//! What a condition tells of the variables it asks about: `x != null`, `!isNull(x)`, `x.isEmpty()`.

use super::Watch;
use super::flow::Flow;
use super::set::KindSet;
use super::state::Fact;
use crate::syntax::ast::{BinaryOp, Expr, ExprKind, Ident, UnaryOp};
use crate::value::Kind;

/// Takes a condition for true, or for false.
pub(super) fn narrow<'a, W: Watch<'a>>(flow: &mut Flow<'a, '_, W>, cond: &'a Expr, holds: bool) {
    let mut at = cond;
    loop {
        match &at.kind {
            // Signs of negation nest no deeper than the parser allows.
            ExprKind::Unary { op: UnaryOp::Not, operand } => return narrow(flow, operand, !holds),
            ExprKind::Binary { op: BinaryOp::And, left, right, .. } if holds => {
                narrow(flow, right, true);
                at = left;
            }
            ExprKind::Binary { op: BinaryOp::Or, left, right, .. } if !holds => {
                narrow(flow, right, false);
                at = left;
            }
            _ => return alone(flow, at, holds),
        }
    }
}

fn alone<'a, W: Watch<'a>>(flow: &mut Flow<'a, '_, W>, cond: &'a Expr, holds: bool) {
    match &cond.kind {
        ExprKind::IsNull { operand, negated } => is_null(flow, operand, holds != *negated),
        ExprKind::Binary { op: BinaryOp::Eq | BinaryOp::Ne, left, right, .. } => {
            let ExprKind::Binary { op, .. } = cond.kind else { return };
            let equal = holds == (op == BinaryOp::Eq);
            if right.kind == ExprKind::Null {
                is_null(flow, left, equal);
            } else if left.kind == ExprKind::Null {
                is_null(flow, right, equal);
            }
        }
        // `isNull("")` is true as well, so that a yes tells nothing.
        ExprKind::Call { name, args } if (name.is("isNull") || name.is("isBlank")) && !holds => {
            if let [arg] = args.as_slice() {
                is_null(flow, &arg.value, false);
            }
        }
        ExprKind::MethodCall { object, name, .. } if (name.is("isNull") || name.is("isBlank")) && !holds => {
            is_null(flow, object, false);
        }
        _ => {}
    }
}

fn is_null<'a, W: Watch<'a>>(flow: &mut Flow<'a, '_, W>, expr: &'a Expr, null: bool) {
    let ExprKind::Var(Ident { text, .. }) = &expr.kind else { return };
    let Some(var) = flow.names.get(text.as_str()).copied() else { return };
    let fact = flow.state.fact(var);
    if fact.kinds.is_empty() {
        return;
    }
    let kinds = if null { fact.kinds.both(KindSet::NULL) } else { fact.kinds.without(Kind::Null) };
    // A way that cannot be taken is not judged.
    let kinds = super::flow::or_any(kinds);
    if kinds != fact.kinds {
        flow.state.set(var, Fact { kinds, ..fact });
    }
}
