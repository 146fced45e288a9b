//! Kinds of expressions. The left side of an expression is followed in a loop, for long chains;
//! recursion goes only as deep as brackets nest.

use super::flow::{Flow, or_any};
use super::set::KindSet;
use super::state::{Fact, Shape};
use super::{Watch, narrow, operators, tables};
use crate::host::HOST_CALLS;
use crate::resolve::{self, Callee};
use crate::syntax::ast::{Arg, BinaryOp, Expr, ExprKind, Ident};
use crate::value::Kind;

/// Most variables of a function whose maps are followed.
const MAX_VARIABLES: usize = 2000;

/// A key that is written out.
pub(super) fn constant(expr: &Expr) -> Option<&str> {
    match &expr.kind {
        ExprKind::Text { value, .. } => Some(value),
        _ => None,
    }
}

impl<'a, W: Watch<'a>> Flow<'a, '_, W> {
    /// What an expression gives here.
    pub fn eval(&mut self, expr: &'a Expr) -> Fact {
        let mut spine = vec![expr];
        let mut at = expr;
        while let Some(left) = self.left_part(at) {
            spine.push(left);
            at = left;
        }
        let mark = self.state.mark();
        let mut narrowed: Option<BinaryOp> = None;
        let mut fact = Fact::ANY;
        while let Some(node) = spine.pop() {
            fact = match &node.kind {
                ExprKind::Binary { op: op @ (BinaryOp::And | BinaryOp::Or), left, right, .. } => {
                    self.logical(node, *op, left, right, fact, mark, &mut narrowed)
                }
                _ => self.node(node, fact),
            };
        }
        if narrowed.is_some() {
            self.state.undo(mark);
        }
        fact
    }

    /// The part of a node that is worked out first, if it is an expression of its own.
    fn left_part(&self, node: &'a Expr) -> Option<&'a Expr> {
        match &node.kind {
            ExprKind::Binary { left, .. } => Some(left),
            ExprKind::Unary { operand, .. } | ExprKind::IsNull { operand, .. } => Some(operand),
            ExprKind::Index { object, .. } => Some(object),
            ExprKind::Member { object, .. } => (!self.is_outer_name(node)).then_some(&**object),
            ExprKind::MethodCall { object, .. } => (!self.is_outer_name(object)).then_some(&**object),
            _ => None,
        }
    }

    fn is_outer_name(&self, node: &'a Expr) -> bool {
        resolve::dotted(node).is_some_and(|path| !self.names.contains_key(path[0].text.as_str()))
    }

    /// `a && b`: the right side is asked only if the left side tells nothing yet.
    #[expect(clippy::too_many_arguments, reason = "the state of one walk along a chain")]
    fn logical(
        &mut self,
        node: &'a Expr,
        op: BinaryOp,
        left: &'a Expr,
        right: &'a Expr,
        known: Fact,
        mark: usize,
        narrowed: &mut Option<BinaryOp>,
    ) -> Fact {
        let holds = op == BinaryOp::And;
        match (&left.kind, *narrowed) {
            (ExprKind::Binary { op: same, right: last, .. }, Some(before)) if *same == op && before == op => {
                narrow::narrow(self, last, holds);
            }
            _ => {
                if narrowed.is_some() {
                    self.state.undo(mark);
                }
                narrow::narrow(self, left, holds);
            }
        }
        *narrowed = Some(op);
        self.depth += 1;
        let asked = self.eval(right);
        self.depth -= 1;
        self.tell(node, &[known, asked], None, Fact::of(KindSet::of(Kind::Boolean)))
    }

    /// What a node makes of its left part.
    fn node(&mut self, node: &'a Expr, left: Fact) -> Fact {
        let kind = |kind| Fact::of(KindSet::of(kind));
        let fact = match &node.kind {
            ExprKind::Null => Fact::of(KindSet::NULL),
            ExprKind::Bool(_) => kind(Kind::Boolean),
            ExprKind::Int(_) => kind(Kind::Number),
            ExprKind::Decimal(_) => kind(Kind::Decimal),
            // In single quotes it may be a date.
            ExprKind::Text { single: true, .. } => Fact::of(KindSet::DATES.with(Kind::Text)),
            ExprKind::Text { .. } => kind(Kind::Text),
            ExprKind::List(items) => {
                for item in items {
                    let fact = self.eval(item);
                    self.escapes(fact);
                }
                kind(Kind::List)
            }
            ExprKind::Map(entries) => self.map_literal(node, entries),
            ExprKind::EmptyBrace => {
                self.made(node, KindSet::these(&[Kind::Empty, Kind::List, Kind::Map]), Shape::default())
            }
            ExprKind::Var(name) => self.variable(name),
            ExprKind::Member { object, name } => self.member(node, object, name, left),
            ExprKind::Index { index, .. } => {
                let at = self.eval(index);
                let fact = self.got(left, constant(index));
                return self.tell(node, &[left, at], None, fact);
            }
            ExprKind::Call { name, args } => return self.call(node, name, args),
            ExprKind::MethodCall { object, name, args } => {
                return self.method_call(node, object, name, args, left);
            }
            ExprKind::Unary { op, .. } => {
                let fact = Fact::of(or_any(operators::unary(*op, left.kinds)));
                return self.tell(node, &[left], None, fact);
            }
            ExprKind::Binary { op, right, .. } => {
                let right = self.eval(right);
                let fact = Fact::of(or_any(operators::binary(*op, left.kinds, right.kinds)));
                return self.tell(node, &[left, right], None, fact);
            }
            ExprKind::IsNull { .. } => kind(Kind::Boolean),
            ExprKind::Task(task) => {
                for entry in &task.entries {
                    self.eval(&entry.value);
                }
                Fact::ANY
            }
            ExprKind::Bad => Fact::ANY,
        };
        self.tell(node, &[], None, fact)
    }

    fn variable(&mut self, name: &'a Ident) -> Fact {
        if self.names.contains_key(name.text.as_str()) {
            return self.read(name);
        }
        self.system_variable(&[&name.text])
    }

    fn system_variable(&self, path: &[&str]) -> Fact {
        resolve::resolve_system_variable(path, |_| false)
            .and_then(|index| HOST_CALLS.get(index))
            .map_or(Fact::ANY, |call| Fact::of(tables::answer(call)))
    }

    fn member(&mut self, node: &'a Expr, object: &'a Expr, name: &'a Ident, left: Fact) -> Fact {
        if !self.is_outer_name(node) {
            let fact = self.got(left, Some(&name.text));
            return if left.kinds.both(KindSet::of(Kind::Error)).is_empty() { fact } else { Fact::ANY };
        }
        let Some(path) = resolve::dotted(object) else { return Fact::ANY };
        let mut parts: Vec<&str> = path.iter().map(|part| part.text.as_str()).collect();
        parts.push(&name.text);
        self.system_variable(&parts)
    }

    fn map_literal(&mut self, node: &'a Expr, entries: &'a [(Expr, Expr)]) -> Fact {
        let mut shape = Shape::default();
        for (key, value) in entries {
            self.eval(key);
            let fact = self.eval(value);
            self.escapes(fact);
            match constant(key) {
                Some(key) => shape.put(key, fact.kinds),
                None => shape.open = true,
            }
        }
        self.made(node, KindSet::of(Kind::Map), shape)
    }

    /// A map that comes into being here.
    fn made(&mut self, node: &'a Expr, kinds: KindSet, shape: Shape<'a>) -> Fact {
        if self.state.variables() > MAX_VARIABLES {
            return Fact::of(kinds);
        }
        let next = self.sites.len() as u32;
        let site = *self.sites.entry(node.span.start).or_insert(next);
        self.state.make(site, shape);
        Fact { site: Some(site), ..Fact::of(kinds) }
    }

    /// The value of a key of a map, or an element of a list.
    fn got(&self, from: Fact, key: Option<&str>) -> Fact {
        let only_map = from.kinds.without(Kind::Null) == KindSet::of(Kind::Map);
        let shape = from.site.filter(|_| only_map).and_then(|site| self.state.shape(site));
        let (Some(shape), Some(key)) = (shape, key) else { return Fact::ANY };
        match shape.keys.get(key) {
            _ if shape.open => Fact::ANY,
            Some(known) if known.always => Fact::of(known.kinds),
            Some(known) => Fact::of(known.kinds.with(Kind::Null)),
            None => Fact::of(KindSet::NULL),
        }
    }

    /// A key is put into a map.
    pub fn put(&mut self, map: Fact, key: Option<&'a str>, kinds: KindSet) {
        let Some(site) = map.site else { return };
        self.state.reshape(site, |shape| match key {
            Some(key) => shape.put(key, kinds),
            None => shape.open = true,
        });
    }

    /// A value goes where others may change it.
    pub fn escapes(&mut self, fact: Fact) {
        if let Some(site) = fact.site {
            self.state.reshape(site, |shape| shape.open = true);
        }
    }

    /// A value is handed to code that may change it at once.
    fn handed_over(&mut self, fact: Fact) {
        if let Some(site) = fact.site {
            self.state.reshape(site, |shape| {
                shape.open = true;
                for key in shape.keys.values_mut() {
                    *key = super::state::Key { kinds: KindSet::ANY, always: false };
                }
            });
        }
    }

    fn args(&mut self, args: &'a [Arg]) -> Vec<Fact> {
        let mut facts = Vec::with_capacity(args.len());
        for arg in args {
            if let Some(key) = &arg.key {
                self.eval(key);
            }
            facts.push(self.eval(&arg.value));
        }
        facts
    }

    fn call(&mut self, node: &'a Expr, name: &'a Ident, args: &'a [Arg]) -> Fact {
        let callee = self.resolve(&[&name.text]);
        if callee == Callee::Builtin && name.is("if") && args.len() == 3 {
            return self.chosen(node, args, &callee);
        }
        let facts = self.args(args);
        self.called(node, &callee, &name.text, facts)
    }

    fn resolve(&self, path: &[&str]) -> Callee {
        resolve::resolve_call(self.program, path, |name| self.names.contains_key(name), &self.env.functions)
    }

    /// `if(c, a, b)`: one of them is worked out.
    fn chosen(&mut self, node: &'a Expr, args: &'a [Arg], callee: &Callee) -> Fact {
        let [cond, yes, no] = args else { return Fact::ANY };
        let asked = self.condition(&cond.value);
        let mark = self.state.mark();
        self.depth += 1;
        let mut facts = vec![asked];
        for (value, holds) in [(yes, true), (no, false)] {
            narrow::narrow(self, &cond.value, holds);
            facts.push(self.eval(&value.value));
            self.state.undo(mark);
        }
        self.depth -= 1;
        let kinds = facts[1..].iter().fold(KindSet::NONE, |set, fact| set.union(fact.kinds));
        facts.iter().for_each(|fact| self.escapes(*fact));
        self.tell(node, &facts, Some(callee), Fact::of(kinds))
    }

    fn method_call(
        &mut self,
        node: &'a Expr,
        object: &'a Expr,
        name: &'a Ident,
        args: &'a [Arg],
        receiver: Fact,
    ) -> Fact {
        let mut receiver = receiver;
        if self.is_outer_name(object) {
            let Some(mut path) = resolve::dotted(object) else { return Fact::ANY };
            path.push(name);
            let parts: Vec<&str> = path.iter().map(|part| part.text.as_str()).collect();
            let callee = self.resolve(&parts);
            if callee != Callee::Method {
                let facts = self.args(args);
                return self.called(node, &callee, &parts.join("."), facts);
            }
            receiver = self.system_variable(&parts[..parts.len() - 1]);
        }
        let mut facts = vec![receiver];
        facts.extend(self.args(args));
        let fact = self.method(name, &facts, args);
        self.tell(node, &facts, Some(&Callee::Method), fact)
    }

    /// A method of `facts[0]`.
    fn method(&mut self, name: &'a Ident, facts: &[Fact], args: &'a [Arg]) -> Fact {
        let receiver = facts[0];
        let key = args.first().and_then(|arg| constant(&arg.value));
        facts[1..].iter().for_each(|fact| self.escapes(*fact));
        if name.is("put") && facts.len() == 3 {
            self.put(receiver, key, facts[2].kinds);
        } else if name.is("get") && facts.len() == 2 {
            return self.got(receiver, key);
        } else if let Some(site) = receiver.site {
            let (clears, removes) = (name.is("clear"), name.is("remove"));
            if clears || removes || name.is("putAll") {
                self.state.reshape(site, |shape| match key {
                    _ if clears => *shape = Shape::default(),
                    Some(key) if removes => {
                        shape.keys.remove(key);
                    }
                    _ => *shape = Shape { open: true, ..std::mem::take(shape) },
                });
            }
        }
        given(&name.text, receiver.kinds, true)
    }

    /// A call in free form.
    fn called(&mut self, node: &'a Expr, callee: &Callee, full: &str, facts: Vec<Fact>) -> Fact {
        let fact = match callee {
            Callee::Builtin if full.eq_ignore_ascii_case("map") && facts.is_empty() => {
                self.made(node, KindSet::of(Kind::Map), Shape::default())
            }
            Callee::Builtin if full.eq_ignore_ascii_case("ifnull") && facts.len() == 2 => {
                facts.iter().for_each(|fact| self.escapes(*fact));
                Fact::of(facts[0].kinds.without(Kind::Null).union(facts[1].kinds))
            }
            Callee::Builtin => {
                facts.iter().for_each(|fact| self.handed_over(*fact));
                given(full, facts.first().map_or(KindSet::ANY, |fact| fact.kinds), false)
            }
            Callee::Host(index) => {
                HOST_CALLS.get(*index).map_or(Fact::ANY, |call| Fact::of(tables::answer(call)))
            }
            Callee::File(_) | Callee::Stored(_) | Callee::Task | Callee::Method | Callee::Unknown => {
                facts.iter().for_each(|fact| self.handed_over(*fact));
                Fact::ANY
            }
        };
        self.tell(node, &facts, Some(callee), fact)
    }
}

/// What the built-ins of a name give for receivers of these kinds.
fn given(name: &str, receiver: KindSet, method: bool) -> Fact {
    let mut kinds = KindSet::NONE;
    for builtin in tables::builtins(name) {
        let fits =
            if builtin.on.is_empty() { !method } else { !receiver.is_apart_from(KindSet::these(builtin.on)) };
        if fits {
            kinds = kinds.union(tables::given(builtin.returns));
        }
    }
    Fact::of(or_any(kinds))
}
