//! Comparisons whose answer is known because the two sides are of kinds that are never equal.

use super::certain::{Judge, told};
use super::kinds::{Fact, KindSet, operators};
use crate::codes;
use crate::diagnostic::Diagnostic;
use crate::syntax::ast::{BinaryOp, Expr, ExprKind};
use crate::value::Kind;

/// Scripts ask of anything whether it is `""` or `null`; that is sound and never reported.
fn is_blank(expr: &Expr, fact: Fact) -> bool {
    let empty = matches!(&expr.kind, ExprKind::Text { value, .. } if value.trim().is_empty());
    empty || expr.kind == ExprKind::EmptyBrace || fact.kinds == KindSet::NULL || fact.kinds.is_empty()
}

/// Reports `x == y` for kinds that are never equal.
pub(super) fn check<'a>(judge: &mut Judge<'a>, op: BinaryOp, expr: &'a Expr, sides: [(&'a Expr, Fact); 2]) {
    if sides.iter().any(|(side, fact)| is_blank(side, *fact)) {
        return;
    }
    let [(left, l), (right, r)] = sides;
    if operators::may_be_equal(l.kinds, r.kinds) {
        return;
    }
    let answer = if op == BinaryOp::Eq { "false" } else { "true" };
    let kinds = l.kinds.union(r.kinds);
    let help = if kinds.has(Kind::Boolean) && kinds.has(Kind::Text) {
        "a boolean is compared without quotes: `x == true`, or just `x`"
    } else if kinds.has(Kind::List) || kinds.has(Kind::Map) {
        "to ask whether something is in it write `x.contains(y)`, to ask for its size `x.size()`"
    } else {
        "bring both sides to one kind first, e.g. with `toString()` or `toLong()`"
    };
    judge.found.push(
        Diagnostic::warning(
            codes::NEVER_EQUAL,
            expr.span,
            format!("{} and {} are never equal: this is always {answer}", told(l.kinds), told(r.kinds)),
        )
        .label(format!("always {answer}"))
        .also(left.span, told(l.kinds))
        .also(right.span, told(r.kinds))
        .help(help),
    );
}
