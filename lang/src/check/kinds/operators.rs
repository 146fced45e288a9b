//! What operators make of kinds, and where they certainly fault: the mirror of `value::arith` and
//! `value::compare`, kept true by a test that runs every pair.

use super::set::KindSet;
use crate::syntax::ast::{BinaryOp, UnaryOp};
use crate::value::Kind;

const BOOLEAN: KindSet = KindSet::of(Kind::Boolean);

/// What a binary operator gives. No kind at all if it faults for every pair.
pub(crate) fn binary(op: BinaryOp, left: KindSet, right: KindSet) -> KindSet {
    match op {
        BinaryOp::Add | BinaryOp::Sub | BinaryOp::Mul | BinaryOp::Div | BinaryOp::Rem => {
            pairs(left, right, |a, b| arithmetic(op, a, b))
        }
        BinaryOp::Eq | BinaryOp::Ne | BinaryOp::And | BinaryOp::Or => BOOLEAN,
        BinaryOp::Lt | BinaryOp::Le | BinaryOp::Gt | BinaryOp::Ge => {
            pairs(left, right, |a, b| if ordered(a, b) { BOOLEAN } else { KindSet::NONE })
        }
        BinaryOp::In | BinaryOp::NotIn => pairs(left, right, |_, b| looked_into(b)),
        BinaryOp::Contains => pairs(left, right, |a, _| looked_into(a)),
        BinaryOp::Like => pairs(left, right, |a, b| match (a, b) {
            (Kind::Null, _) | (Kind::Text, Kind::Text) => BOOLEAN,
            _ => KindSet::NONE,
        }),
    }
}

/// What a sign gives; `!` always gives a boolean or faults as a condition does.
pub(crate) fn unary(op: UnaryOp, operand: KindSet) -> KindSet {
    if op == UnaryOp::Not {
        return BOOLEAN;
    }
    if operand.is_any() { KindSet::NUMBERS } else { numbers(operand) }
}

fn pairs(left: KindSet, right: KindSet, of: impl Fn(Kind, Kind) -> KindSet) -> KindSet {
    let mut all = KindSet::NONE;
    for a in left.iter() {
        for b in right.iter() {
            all = all.union(of(a, b));
        }
    }
    all
}

fn arithmetic(op: BinaryOp, a: Kind, b: Kind) -> KindSet {
    let (dates, left, right) = (KindSet::DATES, KindSet::of(a), KindSet::of(b));
    if op == BinaryOp::Add && (a == Kind::Text || b == Kind::Text) {
        return KindSet::of(Kind::Text);
    }
    let shifts = matches!(op, BinaryOp::Add | BinaryOp::Sub) && dates.has(a) && b == Kind::Number
        || op == BinaryOp::Add && a == Kind::Number && dates.has(b);
    if shifts {
        return left.union(right).both(dates);
    }
    let (left, right) = (numbers(left), numbers(right));
    match op {
        _ if left.is_empty() || right.is_empty() => KindSet::NONE,
        BinaryOp::Div => KindSet::of(Kind::Decimal),
        _ if left.union(right).has(Kind::Decimal) => KindSet::NUMBERS,
        _ => KindSet::of(Kind::Number),
    }
}

/// The numbers that values of these kinds count as; a text may hold a decimal.
fn numbers(set: KindSet) -> KindSet {
    let text = if set.has(Kind::Text) { KindSet::NUMBERS } else { KindSet::NONE };
    set.both(KindSet::NUMBERS).union(text)
}

/// Whether `<` may answer for the two. Null and the empty text stand in no order to anything, which
/// is no fault.
fn ordered(a: Kind, b: Kind) -> bool {
    let scalar = |kind| kind == Kind::Text || kind == Kind::Null;
    let number = |kind| KindSet::NUMBERS.has(kind);
    let date = |kind| KindSet::DATES.has(kind);
    scalar(a) || scalar(b) || number(a) && number(b) || date(a) && date(b)
}

fn looked_into(place: Kind) -> KindSet {
    match place {
        Kind::List | Kind::Map | Kind::Empty | Kind::Collection | Kind::Text | Kind::Null => BOOLEAN,
        _ => KindSet::NONE,
    }
}

/// Whether two values of these kinds may be equal.
pub(crate) fn may_be_equal(left: KindSet, right: KindSet) -> bool {
    let any = |set: KindSet, of: &[Kind]| of.iter().any(|kind| set.has(*kind));
    let group = |set: KindSet| {
        let text = set.has(Kind::Text);
        [
            set.has(Kind::Null),
            set.has(Kind::Boolean),
            text || any(set, &[Kind::Number, Kind::Decimal]),
            text || any(set, &[Kind::Date, Kind::DateTime]),
            any(set, &[Kind::List, Kind::Empty]),
            any(set, &[Kind::Map, Kind::Empty]),
            set.has(Kind::Error),
        ]
    };
    group(left).iter().zip(group(right)).any(|(a, b)| *a && b)
}
