//! The variables of one function: which there are, and which may have a value at the present point.
//!
//! A variable belongs to the whole function. Its value may come from any way that leads here; only a
//! variable that no way gives a value is an error.

use crate::source::Span;
use crate::syntax::ast::{Expr, ExprKind, Stmt, StmtKind, Target};
use std::collections::{HashMap, HashSet};

/// Variables while a function is walked through in the order of its text.
pub(super) struct Scope<'a> {
    /// Every variable with the place of its first assignment; given ones have none.
    all: HashMap<&'a str, Option<Span>>,
    assigned: HashSet<&'a str>,
    /// The assigned ones in their order, so that the end of a branch can take them back.
    order: Vec<&'a str>,
    complained: HashSet<&'a str>,
    /// Part of the function could not be read: an assignment may be missing.
    incomplete: bool,
}

impl<'a> Scope<'a> {
    pub fn new(given: impl Iterator<Item = &'a str>, body: &'a [Stmt]) -> Self {
        let mut scope = Self {
            all: given.map(|name| (name, None)).collect(),
            assigned: HashSet::new(),
            order: vec![],
            complained: HashSet::new(),
            incomplete: false,
        };
        scope.assigned = scope.all.keys().copied().collect();
        let mut found = Vec::new();
        collect(body, &mut found, &mut scope.incomplete);
        for (name, span) in found {
            scope.all.entry(name).or_insert(Some(span));
        }
        scope
    }

    /// Whether it is a variable of this function, with or without a value here.
    pub fn is_variable(&self, name: &str) -> bool {
        self.all.contains_key(name)
    }

    pub fn names(&self) -> impl Iterator<Item = &'a str> {
        self.all.keys().copied()
    }

    /// Where it first gets its value.
    pub fn first_assignment(&self, name: &str) -> Option<Span> {
        self.all.get(name).copied().flatten()
    }

    pub fn may_have_value(&self, name: &str) -> bool {
        self.assigned.contains(name)
    }

    /// Whether to say that a variable has no value: once each, and not if something was unreadable.
    pub fn complain(&mut self, name: &'a str) -> bool {
        !self.incomplete && self.complained.insert(name)
    }

    pub fn assign(&mut self, name: &'a str) {
        if self.assigned.insert(name) {
            self.order.push(name);
        }
    }

    /// All that a loop assigns may have happened in an earlier turn.
    pub fn assign_all_of(&mut self, body: &'a [Stmt]) {
        let mut found = Vec::new();
        collect(body, &mut found, &mut self.incomplete);
        for (name, _) in found {
            self.assign(name);
        }
    }

    /// Where a branch begins.
    pub fn mark(&self) -> usize {
        self.order.len()
    }

    /// Ends a branch: what it assigned, which no longer counts for its neighbours.
    pub fn take_back(&mut self, mark: usize) -> Vec<&'a str> {
        let taken = self.order.split_off(mark.min(self.order.len()));
        for name in &taken {
            self.assigned.remove(name);
        }
        taken
    }
}

/// The names that statements assign. Recursion goes as deep as blocks nest, which the parser limits.
fn collect<'a>(body: &'a [Stmt], found: &mut Vec<(&'a str, Span)>, incomplete: &mut bool) {
    for stmt in body {
        match &stmt.kind {
            StmtKind::Assign { target: Target::Var(name), value, .. } => {
                found.push((&name.text, name.span));
                *incomplete |= is_bad(value);
            }
            StmtKind::If { arms, otherwise } => {
                for (_, body) in arms {
                    collect(body, found, incomplete);
                }
                if let Some(body) = otherwise {
                    collect(body, found, incomplete);
                }
            }
            StmtKind::ForEach { var, body, .. } => {
                found.push((&var.text, var.span));
                collect(body, found, incomplete);
            }
            StmtKind::While { body, .. } => collect(body, found, incomplete),
            StmtKind::Try { body, var, handler } => {
                collect(body, found, incomplete);
                found.extend(var.iter().map(|name| (name.text.as_str(), name.span)));
                collect(handler, found, incomplete);
            }
            StmtKind::Bad => *incomplete = true,
            _ => {}
        }
    }
}

fn is_bad(expr: &Expr) -> bool {
    expr.kind == ExprKind::Bad
}
