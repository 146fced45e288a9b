//! Operations that fault whatever the values turn out to be, because no value of the kinds that are
//! possible here is taken: methods, arguments, operators, conditions, loops.

use super::conditions;
use super::inputs;
use super::kinds::tables::{self, builtins};
use super::kinds::{At, Fact, KindSet, Watch, operators};
use super::{Environment, equality, parameters};
use crate::codes;
use crate::diagnostic::Diagnostic;
use crate::resolve::{self, Callee, LAZY};
use crate::source::Span;
use crate::stdlib::{Builtin, TABLES};
use crate::suggest::closest;
use crate::syntax::ast::{Arg, BinaryOp, Expr, ExprKind, Ident, Program, UnaryOp};
use crate::syntax::dump;
use crate::value::Kind;

/// Listens to the way through a function and reports what is certain.
pub(super) struct Judge<'a> {
    pub program: &'a Program,
    pub env: &'a Environment,
    pub found: Vec<Diagnostic>,
    /// Variables of which it was said that they may have no value.
    pub unsettled: Vec<&'a str>,
}

impl<'a> Watch<'a> for Judge<'a> {
    fn expression(&mut self, at: &At<'_, 'a>) {
        inputs::connector_call(self, at);
        if !self.env.thorough {
            return;
        }
        match (&at.expr.kind, at.callee) {
            (ExprKind::MethodCall { object, name, args }, Some(Callee::Method)) => {
                self.method(object, name, args, at.parts);
            }
            (ExprKind::Call { name, args }, Some(Callee::Builtin)) => self.free(name, args, at.parts),
            (ExprKind::Call { args, .. } | ExprKind::MethodCall { args, .. }, Some(Callee::File(index))) => {
                parameters::check(self, *index, args, at.parts);
            }
            (ExprKind::Binary { op, op_span, left, right }, _) => {
                self.binary(at, *op, *op_span, left, right);
            }
            (ExprKind::Unary { op, operand }, _) => self.unary(*op, operand, at.parts),
            (ExprKind::Index { object, .. }, _) => self.parted(object, at.parts, "elements"),
            (ExprKind::Member { object, name }, _) if !name.is("length") && !at.parts.is_empty() => {
                self.parted(object, at.parts, "members");
            }
            _ => {}
        }
    }

    fn condition(&mut self, cond: &'a Expr, fact: Fact) {
        self.truth(cond, fact);
    }

    fn walked(&mut self, over: &'a Expr, fact: Fact) {
        if self.env.thorough && only(fact.kinds, &[Kind::Error]) {
            let message = format!("`for each` cannot walk over {}", fact.kinds.described());
            self.fault(
                over.span,
                message,
                is_here(over, fact.kinds),
                "it walks over a list, a map or a text",
            );
        }
    }

    fn maybe_unset(&mut self, name: &'a Ident) {
        if !self.env.thorough || self.unsettled.contains(&name.text.as_str()) {
            return;
        }
        self.unsettled.push(&name.text);
        self.found.push(
            Diagnostic::warning(
                codes::MAYBE_UNSET,
                name.span,
                format!("`{}` may have no value here", name.text),
            )
            .label("only some ways that lead here give it one")
            .help("give it a value before the ways part, e.g. `null`, `\"\"` or `Map()`"),
        );
    }
}

/// Kinds that nothing can be walked over, looked into or read from by name.
const WHOLE: &[Kind] = &[Kind::Null, Kind::Boolean, Kind::Number, Kind::Decimal, Kind::Date, Kind::DateTime];

/// Whether every kind that is possible is refused; not so where no value comes at all.
fn only(kinds: KindSet, refused: &[Kind]) -> bool {
    let refused = KindSet::these(refused).union(KindSet::these(WHOLE));
    !kinds.is_empty() && kinds.both(refused) == kinds
}

/// `` `x` is a text here ``, or `a text`.
pub(super) fn is_here(expr: &Expr, kinds: KindSet) -> String {
    match &expr.kind {
        ExprKind::Var(name) => format!("`{}` is {} here", name.text, told(kinds)),
        _ => format!("this is {}", told(kinds)),
    }
}

/// The kinds without null, if there are others: that it may be null is not the point.
pub(super) fn told(kinds: KindSet) -> String {
    let rest = kinds.without(Kind::Null);
    if rest.is_empty() { kinds.described() } else { rest.described() }
}

impl<'a> Judge<'a> {
    fn fault(&mut self, span: Span, message: String, label: String, help: impl Into<String>) {
        self.found.push(
            Diagnostic::error(codes::CERTAIN_FAULT, span, message)
                .label(label)
                .help(help)
                .note("the script would run up to here and fault"),
        );
    }

    fn truth(&mut self, cond: &'a Expr, fact: Fact) {
        if !self.env.thorough
            || conditions::is_told(cond)
            || fact.kinds.is_empty()
            || fact.kinds.has(Kind::Boolean)
        {
            return;
        }
        self.found.push(
            Diagnostic::error(
                codes::NOT_A_CONDITION,
                cond.span,
                format!("{} is neither true nor false", told(fact.kinds)),
            )
            .label(is_here(cond, fact.kinds))
            .help("compare it: `x == \"yes\"`, `x > 0`, `x != null`"),
        );
    }

    fn method(&mut self, object: &'a Expr, name: &'a Ident, args: &'a [Arg], parts: &[Fact]) {
        let Some((receiver, given)) = parts.split_first() else { return };
        let all = builtins(&name.text);
        let methods: Vec<_> = all.iter().copied().filter(|builtin| !builtin.on.is_empty()).collect();
        if methods.is_empty() || receiver.kinds.is_empty() {
            return;
        }
        let fitting: Vec<&Builtin> = methods
            .iter()
            .copied()
            .filter(|builtin| !receiver.kinds.is_apart_from(KindSet::these(builtin.on)))
            .collect();
        if fitting.is_empty() {
            return self.no_method(object, name, receiver.kinds, &methods);
        }
        if resolve::gathers(&name.text) {
            return;
        }
        self.arguments(&name.text, &fitting, args, given);
    }

    fn no_method(&mut self, object: &Expr, name: &Ident, kinds: KindSet, methods: &[&'static Builtin]) {
        if kinds == KindSet::NULL {
            let message = format!("`{}` is called on null", name.text);
            let help = "give it a value first, or a default: `ifnull(x, \"\")`";
            return self.fault(name.span, message, is_here(object, kinds), help);
        }
        let message = format!("{} has no method `{}`", told(kinds), name.text);
        let of_kind = TABLES
            .iter()
            .copied()
            .flatten()
            .filter(|builtin| !kinds.without(Kind::Null).is_apart_from(KindSet::these(builtin.on)));
        let on: Vec<Kind> = methods.iter().flat_map(|builtin| builtin.on.iter().copied()).collect();
        let help = match closest(&name.text, of_kind.map(|builtin| builtin.name)) {
            Some(other) => format!("did you mean `{other}`?"),
            None => format!("`{}` is a method of {}", name.text, KindSet::these(&on).described()),
        };
        self.fault(name.span, message, is_here(object, kinds), help);
    }

    fn free(&mut self, name: &'a Ident, args: &'a [Arg], parts: &[Fact]) {
        // Constructors take more than their tables say: `Map("{…}")`.
        let constructs = ["map", "list"].iter().any(|kind| name.is(kind));
        if constructs || resolve::gathers(&name.text) || LAZY.iter().any(|(lazy, _)| name.is(lazy)) {
            return;
        }
        let all = builtins(&name.text);
        if all.iter().any(|builtin| builtin.on.is_empty()) {
            let free: Vec<_> = all.iter().copied().filter(|builtin| builtin.on.is_empty()).collect();
            return self.arguments(&name.text, &free, args, parts);
        }
        let (Some((receiver, given)), Some((first, rest))) = (parts.split_first(), args.split_first()) else {
            return;
        };
        let fitting: Vec<_> = all
            .iter()
            .copied()
            .filter(|builtin| !receiver.kinds.is_apart_from(KindSet::these(builtin.on)))
            .collect();
        if fitting.is_empty() && !receiver.kinds.is_empty() {
            let on: Vec<Kind> = all.iter().flat_map(|builtin| builtin.on.iter().copied()).collect();
            let message = format!("`{}` does not take {}", name.text, told(receiver.kinds));
            let help = format!("it takes {}", KindSet::these(&on).described());
            return self.fault(first.value.span, message, is_here(&first.value, receiver.kinds), help);
        }
        self.arguments(&name.text, &fitting, rest, given);
    }

    /// Arguments that none of these built-ins takes.
    fn arguments(&mut self, name: &str, fitting: &[&Builtin], args: &'a [Arg], given: &[Fact]) {
        for (at, (arg, fact)) in args.iter().zip(given).enumerate() {
            let params: Vec<_> = fitting.iter().filter_map(|builtin| builtin.params.get(at)).collect();
            let taken = params.iter().fold(KindSet::NONE, |set, param| set.union(tables::taken(param.ty)));
            if params.is_empty() || fact.kinds.is_empty() || !fact.kinds.is_apart_from(taken) {
                continue;
            }
            let mut wanted: Vec<&str> = params.iter().map(|param| param.ty).collect();
            wanted.dedup();
            let wanted = wanted.join(" or ");
            self.fault(
                arg.value.span,
                format!("`{name}` needs a {wanted} here, not {}", told(fact.kinds)),
                is_here(&arg.value, fact.kinds),
                format!("argument {} is `{}`, a {wanted}", at + 1, params[0].name),
            );
        }
    }

    fn binary(&mut self, at: &At<'_, 'a>, op: BinaryOp, op_span: Span, left: &'a Expr, right: &'a Expr) {
        let [l, r] = at.parts else { return };
        match op {
            BinaryOp::And | BinaryOp::Or => {
                self.truth(left, *l);
                self.truth(right, *r);
            }
            BinaryOp::Eq | BinaryOp::Ne => equality::check(self, op, at.expr, [(left, *l), (right, *r)]),
            _ if l.kinds.is_empty() || r.kinds.is_empty() => {}
            _ if operators::binary(op, l.kinds, r.kinds).is_empty() => {
                let sign = dump::sign(op);
                self.fault(
                    op_span,
                    format!("`{sign}` cannot work with {} and {}", l.kinds.described(), r.kinds.described()),
                    format!("{} on the left, {} on the right", l.kinds.described(), r.kinds.described()),
                    operator_help(op, l.kinds.union(r.kinds)),
                );
            }
            _ => {}
        }
    }

    fn unary(&mut self, op: UnaryOp, operand: &'a Expr, parts: &[Fact]) {
        let [fact] = parts else { return };
        match op {
            UnaryOp::Not => self.truth(operand, *fact),
            UnaryOp::Minus | UnaryOp::Plus => {
                if !fact.kinds.is_empty() && operators::unary(op, fact.kinds).is_empty() {
                    let message = format!("a sign cannot stand before {}", told(fact.kinds));
                    let label = is_here(operand, fact.kinds);
                    self.fault(operand.span, message, label, "it takes a number, or a text that is one");
                }
            }
        }
    }

    /// `x[…]` and `x.name`.
    fn parted(&mut self, object: &'a Expr, parts: &[Fact], what: &str) {
        let Some(fact) = parts.first() else { return };
        let (refused, help) = match what {
            "members" => (
                &[Kind::Text, Kind::List][..],
                "only maps have members; a method is called with brackets: `x.size()`",
            ),
            _ => (
                &[Kind::Text, Kind::Error][..],
                "only lists and maps have elements; cut a text with `x.subString(from, to)`",
            ),
        };
        if only(fact.kinds, refused) {
            let message = format!("{} has no {what}", told(fact.kinds));
            self.fault(object.span, message, is_here(object, fact.kinds), help);
        }
    }
}

fn operator_help(op: BinaryOp, kinds: KindSet) -> &'static str {
    match op {
        BinaryOp::Sub if !kinds.is_apart_from(KindSet::DATES) => {
            "the days between two dates are `first.daysBetween(second)`"
        }
        BinaryOp::Add if kinds.has(Kind::List) => {
            "to append write `list.add(x)` or `list.addAll(other)`; to print, join with a text: `\"\" + list`"
        }
        BinaryOp::Add if kinds.has(Kind::Map) => "to join two maps write `map.putAll(other)`",
        _ if kinds.has(Kind::Null) => "give the value a default first: `ifnull(x, 0)`",
        BinaryOp::Lt | BinaryOp::Le | BinaryOp::Gt | BinaryOp::Ge => {
            "`< <= > >=` compare numbers, dates, or two texts; compare sizes with `x.size()`"
        }
        BinaryOp::In | BinaryOp::NotIn | BinaryOp::Contains => "it looks into a list, a map or a text",
        BinaryOp::Like => "`like` compares two texts",
        _ => "`+ - * / %` work with numbers and with texts that are numbers",
    }
}
