//! The way through the statements of one function, in the order in which they run, with what is
//! known at each point. Loops are gone through silently until nothing new is learnt, and then once
//! more for those who watch.

use super::set::KindSet;
use super::state::{Changes, Fact, State};
use super::{At, Watch, narrow, operators, tables};
use crate::check::Environment;
use crate::check::visit::{self, Node};
use crate::resolve::Callee;
use crate::syntax::ast::{AssignOp, Expr, ExprKind, Ident, Program, Stmt, StmtKind, Target};
use crate::value::Kind;
use std::collections::HashMap;

/// Silent rounds through a loop, by how deep it stands in others. What loops deeper in change is
/// not followed, so that the work does not double with each.
const ROUNDS: [u32; 2] = [3, 2];

/// One function, or the top level, on the way through it.
pub(super) struct Flow<'a, 'w, W> {
    pub program: &'a Program,
    pub env: &'a Environment,
    pub watch: &'w mut W,
    /// Every variable of this function.
    pub names: HashMap<&'a str, u32>,
    pub state: State<'a>,
    /// Sites of maps by where they begin.
    pub sites: HashMap<u32, u32>,
    loops: Vec<Loop<'a>>,
    /// Branches, loop bodies and short-circuited operands around the present point.
    pub depth: u32,
    /// At which depth a variable came to have a value on some ways only.
    unsettled: Vec<u32>,
    /// Whether nobody is told: a loop is gone through to learn what its turns leave behind.
    pub silent: u32,
}

struct Loop<'a> {
    mark: usize,
    breaks: Vec<Changes<'a>>,
    continues: Vec<Changes<'a>>,
}

impl<'a, 'w, W: Watch<'a>> Flow<'a, 'w, W> {
    pub fn new(
        program: &'a Program,
        env: &'a Environment,
        names: HashMap<&'a str, u32>,
        watch: &'w mut W,
    ) -> Self {
        let count = names.len();
        Self {
            program,
            env,
            watch,
            state: State::new(count),
            names,
            sites: HashMap::new(),
            loops: Vec::new(),
            depth: 0,
            unsettled: vec![0; count],
            silent: 0,
        }
    }

    /// A variable that is given from outside.
    pub fn give(&mut self, name: &str, kinds: KindSet) {
        if let Some(var) = self.names.get(name) {
            self.state.set(*var, Fact::of(kinds));
        }
    }

    /// A block whose header ends at a byte.
    fn inner(&mut self, header_end: u32, body: &'a [Stmt]) {
        if self.is_heard() {
            self.watch.entered(header_end, &self.names, &self.state);
        }
        self.block(body);
    }

    pub fn block(&mut self, body: &'a [Stmt]) {
        for stmt in body {
            if self.is_heard() {
                self.watch.before(stmt, &self.names, &self.state);
            }
            self.stmt(stmt);
            if self.is_heard() {
                self.watch.after(stmt, &self.names, &self.state);
            }
        }
    }

    /// Whether those who watch are told.
    pub fn is_heard(&self) -> bool {
        self.silent == 0
    }

    fn stmt(&mut self, stmt: &'a Stmt) {
        match &stmt.kind {
            StmtKind::Assign { target, op, value } => self.assign(target, *op, value),
            StmtKind::Expr(value) | StmtKind::Info(value) => {
                self.eval(value);
            }
            StmtKind::If { arms, otherwise } => self.branches(arms, otherwise.as_deref()),
            StmtKind::ForEach { index, var, over, body } => self.for_each(*index, var, over, body),
            StmtKind::While { cond, body } => self.while_loop(cond, body),
            StmtKind::Try { body, var, handler } => {
                self.try_catch(stmt.span.start, body, var.as_ref(), handler);
            }
            StmtKind::Return(value) => {
                if let Some(value) = value {
                    self.eval(value);
                }
                self.state.reachable = false;
            }
            StmtKind::Throw(value) => {
                self.eval(value);
                self.state.reachable = false;
            }
            StmtKind::Break | StmtKind::Continue => {
                if let Some(around) = self.loops.last_mut() {
                    let changes = self.state.changes(around.mark);
                    let list = match stmt.kind {
                        StmtKind::Break => &mut around.breaks,
                        _ => &mut around.continues,
                    };
                    list.push(changes);
                }
                self.state.reachable = false;
            }
            StmtKind::Empty | StmtKind::Bad => {}
        }
    }

    fn assign(&mut self, target: &'a Target, op: AssignOp, value: &'a Expr) {
        match target {
            Target::Var(name) => {
                let old = match op {
                    AssignOp::Set => None,
                    AssignOp::With(op) => Some((op, self.read(name))),
                };
                let mut fact = self.eval(value);
                if let Some((op, old)) = old {
                    fact = Fact::of(or_any(operators::binary(op, old.kinds, fact.kinds)));
                }
                self.write(name, fact);
            }
            Target::Member { object, name } => {
                let map = self.eval(object);
                let fact = self.eval(value);
                self.escapes(fact);
                let set = op == AssignOp::Set;
                self.put(map, Some(&name.text), if set { fact.kinds } else { KindSet::ANY });
            }
            Target::Index { object, index } => {
                let map = self.eval(object);
                self.eval(index);
                let fact = self.eval(value);
                self.escapes(fact);
                let set = op == AssignOp::Set;
                self.put(map, super::eval::constant(index), if set { fact.kinds } else { KindSet::ANY });
            }
        }
    }

    fn write(&mut self, name: &'a Ident, fact: Fact) {
        if let Some(var) = self.names.get(name.text.as_str()) {
            self.state.set(*var, Fact { unset: false, ..fact });
        }
    }

    /// What a variable holds here.
    pub fn read(&mut self, name: &'a Ident) -> Fact {
        let Some(var) = self.names.get(name.text.as_str()).copied() else { return Fact::ANY };
        let fact = self.state.fact(var);
        if fact.kinds.is_empty() {
            return Fact::ANY;
        }
        if fact.unset && self.is_heard() && self.state.reachable && self.depth <= self.unsettled[var as usize]
        {
            self.watch.maybe_unset(name);
        }
        Fact { unset: false, ..fact }
    }

    fn branches(&mut self, arms: &'a [(Expr, Vec<Stmt>)], otherwise: Option<&'a [Stmt]>) {
        let mark = self.state.mark();
        let before = self.state.reachable;
        let mut ways = Vec::new();
        for (cond, body) in arms {
            self.condition(cond);
            let arm = self.state.mark();
            narrow::narrow(self, cond, true);
            self.depth += 1;
            self.inner(cond.span.end, body);
            self.depth -= 1;
            ways.push(self.state.changes(mark));
            self.state.undo(arm);
            self.state.reachable = before;
            narrow::narrow(self, cond, false);
        }
        if let Some(body) = otherwise {
            self.depth += 1;
            self.inner(arms.last().map_or(0, |(cond, body)| end_of(body, cond.span.end)), body);
            self.depth -= 1;
            ways.push(self.state.take(mark));
        } else if arms.iter().any(|(cond, _)| cond.kind == ExprKind::Bool(true)) {
            self.state.undo(mark);
            ways.push(Changes::never());
        } else {
            let mut unchanged = self.state.take(mark);
            // Arms that ask one thing after the other often leave nothing out.
            if arms.len() > 1 {
                unchanged.trust_others(&self.state, &ways);
            }
            ways.push(unchanged);
        }
        self.join(before, &ways);
    }

    /// Goes on from the ends of several ways, if their beginning could be reached at all.
    fn join(&mut self, before: bool, ways: &[Changes<'a>]) {
        let joined = self.state.joined(ways);
        for (var, fact) in joined.facts() {
            if fact.unset
                && let Some(depth) = self.unsettled.get_mut(*var as usize)
            {
                *depth = self.depth;
            }
        }
        self.state.apply(&joined);
        self.state.reachable &= before;
    }

    /// A condition of a statement.
    pub fn condition(&mut self, cond: &'a Expr) -> Fact {
        let fact = self.eval(cond);
        if self.is_heard() && self.state.reachable {
            self.watch.condition(cond, fact);
        }
        fact
    }

    fn for_each(&mut self, index: bool, var: &'a Ident, over: &'a Expr, body: &'a [Stmt]) {
        let walked = self.eval(over);
        if self.is_heard() && self.state.reachable {
            self.watch.walked(over, walked);
        }
        let text = KindSet::of(Kind::Text);
        let element = match walked.kinds.without(Kind::Null) {
            _ if index => KindSet::of(Kind::Number),
            kinds if kinds == text => text,
            _ => KindSet::ANY,
        };
        let turn = |flow: &mut Self| {
            flow.write(var, Fact::of(element));
            flow.inner(over.span.end, body);
        };
        let ends = self.looped(body, &turn);
        self.leave_loop(ends);
    }

    /// Goes on behind a loop, which had any number of turns. That it had none is no reason to warn
    /// of a variable that its turns give a value.
    fn leave_loop(&mut self, mut ends: Vec<Changes<'a>>) {
        let mut none = Changes::none();
        none.trust_others(&self.state, &ends);
        ends.push(none);
        self.join(self.state.reachable, &ends);
    }

    fn while_loop(&mut self, cond: &'a Expr, body: &'a [Stmt]) {
        let for_ever = matches!(cond.kind, ExprKind::Bool(true));
        let turn = |flow: &mut Self| {
            flow.condition(cond);
            narrow::narrow(flow, cond, true);
            flow.inner(cond.span.end, body);
        };
        let ends = self.looped(body, &turn);
        if for_ever {
            let breaks = ends.get(1..).unwrap_or_default();
            let never = Changes::never();
            return self.join(self.state.reachable, &[breaks, &[never]].concat());
        }
        self.leave_loop(ends);
        narrow::narrow(self, cond, false);
    }

    /// Goes through a loop until its turns leave nothing new behind. What is true where a turn ends
    /// comes first, what is true at each `break` after it; the state is as before the loop.
    fn looped(&mut self, body: &'a [Stmt], turn: &dyn Fn(&mut Self)) -> Vec<Changes<'a>> {
        let Some(rounds) = ROUNDS.get(self.loops.len()).copied() else {
            let (end, breaks) = self.turn(&self.anything_of(body), turn);
            return std::iter::once(end).chain(breaks).collect();
        };
        let mut entry = Changes::none();
        self.silent += 1;
        for round in 0..=rounds {
            let (end, _) = self.turn(&entry, turn);
            let mut next = self.state.joined(&[Changes::none(), end]);
            if next == entry {
                break;
            }
            if round == rounds {
                next.widen();
            }
            entry = next;
        }
        self.silent -= 1;
        let (end, breaks) = self.turn(&entry, turn);
        std::iter::once(end).chain(breaks).collect()
    }

    /// Nothing is known of what a body may change.
    fn anything_of(&self, body: &'a [Stmt]) -> Changes<'a> {
        let mut names = Vec::new();
        visit::body(body, &mut |node| {
            let Node::Stmt(stmt) = node else { return };
            match &stmt.kind {
                StmtKind::Assign { target: Target::Var(name), .. }
                | StmtKind::ForEach { var: name, .. }
                | StmtKind::Try { var: Some(name), .. } => names.push(name.text.as_str()),
                _ => {}
            }
        });
        self.state.forgotten(names.iter().filter_map(|name| self.names.get(name).copied()))
    }

    /// One turn of a loop from what is known where it begins: the end of the turn, and the breaks.
    fn turn(&mut self, entry: &Changes<'a>, turn: &dyn Fn(&mut Self)) -> (Changes<'a>, Vec<Changes<'a>>) {
        let mark = self.state.mark();
        let reachable = self.state.reachable;
        self.state.apply(entry);
        self.state.reachable = reachable;
        self.loops.push(Loop { mark, breaks: Vec::new(), continues: Vec::new() });
        self.depth += 1;
        turn(self);
        self.depth -= 1;
        let around = self.loops.pop();
        let last = self.state.take(mark);
        self.state.reachable = reachable;
        let Some(Loop { breaks, mut continues, .. }) = around else { return (last, Vec::new()) };
        continues.push(last);
        (self.state.joined(&continues), breaks)
    }

    fn try_catch(&mut self, start: u32, body: &'a [Stmt], var: Option<&'a Ident>, handler: &'a [Stmt]) {
        let mark = self.state.mark();
        let reachable = self.state.reachable;
        self.inner(start, body);
        let moments = self.state.moments(mark);
        let through = self.state.take(mark);
        self.state.apply(&moments);
        self.state.reachable = reachable;
        if let Some(var) = var {
            self.write(var, Fact::of(KindSet::of(Kind::Error)));
        }
        self.depth += 1;
        self.inner(var.map_or(end_of(body, start), |var| var.span.end), handler);
        self.depth -= 1;
        let caught = self.state.take(mark);
        self.join(reachable, &[through, caught]);
    }

    /// Tells those who watch of an expression.
    pub fn tell(&mut self, expr: &'a Expr, parts: &[Fact], callee: Option<&Callee>, fact: Fact) -> Fact {
        if self.is_heard() && self.state.reachable {
            self.watch.expression(&At { expr, parts, callee, fact, state: &self.state });
        }
        fact
    }
}

/// The blocks of a statement, each with the byte at which its header ends, and the first byte that
/// is certainly in it: of `else` and of `catch` without a name the header is not in the tree.
pub(super) fn blocks(stmt: &Stmt) -> Vec<(u32, u32, &[Stmt])> {
    match &stmt.kind {
        StmtKind::If { arms, otherwise } => {
            let last = arms.last().map_or(0, |(cond, body)| end_of(body, cond.span.end));
            let otherwise = otherwise.as_deref().map(|body| (last, first_of(body), body));
            let arms = arms.iter().map(|(cond, body)| (cond.span.end, cond.span.end + 1, body.as_slice()));
            arms.chain(otherwise).collect()
        }
        StmtKind::ForEach { over: header, body, .. } | StmtKind::While { cond: header, body } => {
            vec![(header.span.end, header.span.end + 1, body)]
        }
        StmtKind::Try { body, var, handler } => {
            let start = stmt.span.start;
            let caught = match var {
                Some(var) => (var.span.end, var.span.end + 1, handler.as_slice()),
                None => (end_of(body, start), first_of(handler), handler.as_slice()),
            };
            vec![(start, start + 1, body), caught]
        }
        _ => Vec::new(),
    }
}

fn first_of(body: &[Stmt]) -> u32 {
    body.first().map_or(u32::MAX, |first| first.span.start)
}

fn end_of(body: &[Stmt], header_end: u32) -> u32 {
    body.last().map_or(header_end, |last| last.span.end)
}

/// What is certain to fault gives nothing; what comes after it is not judged.
pub(super) fn or_any(kinds: KindSet) -> KindSet {
    if kinds.is_empty() { KindSet::ANY } else { kinds }
}

/// What a parameter of a declared type holds: anything, unless declarations are believed.
pub(super) fn of_parameter(ty: Option<&Ident>, believed: bool) -> KindSet {
    match ty {
        Some(ty) if believed => tables::declared(&ty.text),
        _ => KindSet::ANY,
    }
}
