//! Which kinds of values an expression may have, as far as its text tells. A variable has the kinds
//! of everything that its function assigns to it.

use super::Document;
use super::names::blocks;
use crate::host::HOST_CALLS;
use crate::resolve;
use crate::stdlib;
use crate::syntax::ast::{AssignOp, BinaryOp, Expr, ExprKind, Stmt, StmtKind, Target, UnaryOp};
use crate::value::Kind;
use std::cell::RefCell;
use std::collections::HashMap;

/// Kinds that are possible; empty if nothing is known.
pub(super) type Kinds = Vec<Kind>;

/// How many variables are followed from one to the next.
const LONGEST_TRAIL: u32 = 6;

/// The kinds of an expression that stands in a scope of a document.
pub(super) fn of(document: &Document, scope: usize, expr: &Expr) -> Kinds {
    Inference::new(document, scope).expr(expr, LONGEST_TRAIL)
}

/// The kinds of a variable of a scope.
pub(super) fn of_variable(document: &Document, scope: usize, name: &str) -> Kinds {
    Inference::new(document, scope).variable(name, LONGEST_TRAIL)
}

/// The kinds that an author's word stands for, as in headers and in the signatures of built-ins.
pub(super) fn of_word(word: &str) -> Kinds {
    match word.to_ascii_lowercase().as_str() {
        "text" | "string" => vec![Kind::Text],
        "number" | "int" | "long" | "bigint" => vec![Kind::Number],
        "decimal" | "float" | "double" => vec![Kind::Decimal],
        "boolean" | "bool" => vec![Kind::Boolean],
        "date" => vec![Kind::Date],
        "date-time" | "datetime" | "timestamp" => vec![Kind::DateTime],
        "list" => vec![Kind::List],
        "map" | "key-value" => vec![Kind::Map],
        _ => vec![],
    }
}

/// The words for kinds: `text or number`; `None` if nothing is known.
pub(super) fn words(kinds: &[Kind]) -> Option<String> {
    let names: Vec<&str> = kinds.iter().map(|kind| kind.name()).collect();
    (!names.is_empty()).then(|| names.join(" or "))
}

struct Inference<'d> {
    document: &'d Document,
    scope: usize,
    /// What is known of each variable. While one is looked at: what its assignments so far gave, so
    /// that `x = x + 1` adds to the kinds of `x = 0` instead of asking for itself.
    known: RefCell<HashMap<String, Kinds>>,
}

impl<'d> Inference<'d> {
    fn new(document: &'d Document, scope: usize) -> Self {
        Self { document, scope, known: RefCell::default() }
    }

    fn expr(&self, expr: &Expr, left: u32) -> Kinds {
        match &expr.kind {
            ExprKind::Null => vec![Kind::Null],
            ExprKind::Bool(_) | ExprKind::IsNull { .. } | ExprKind::Unary { op: UnaryOp::Not, .. } => {
                vec![Kind::Boolean]
            }
            ExprKind::Int(_) => vec![Kind::Number],
            ExprKind::Decimal(_) => vec![Kind::Decimal],
            ExprKind::Text { .. } => vec![Kind::Text],
            ExprKind::List(_) => vec![Kind::List],
            ExprKind::Map(_) => vec![Kind::Map],
            ExprKind::EmptyBrace => vec![Kind::List, Kind::Map],
            ExprKind::Var(name) => match resolve::resolve_system_variable(&[&name.text], |n| self.local(n)) {
                Some(host) => host_answer(host),
                None => self.variable(&name.text, left),
            },
            ExprKind::Member { .. } => {
                let path = resolve::dotted(expr).unwrap_or_default();
                let parts: Vec<&str> = path.iter().map(|part| part.text.as_str()).collect();
                resolve::resolve_system_variable(&parts, |n| self.local(n)).map_or(vec![], host_answer)
            }
            ExprKind::Call { name, args } => {
                let receiver = args.first().map_or(vec![], |first| self.expr(&first.value, left));
                self.call(&[&name.text], &receiver)
            }
            ExprKind::MethodCall { object, name, .. } => {
                let receiver = self.expr(object, left);
                let mut path: Vec<&str> = resolve::dotted(object)
                    .map_or(vec![], |path| path.iter().map(|part| part.text.as_str()).collect());
                path.push(&name.text);
                self.call(&path, &receiver)
            }
            ExprKind::Unary { operand, .. } => self.expr(operand, left),
            ExprKind::Binary { op, left: a, right: b, .. } => self.binary(*op, a, b, left),
            _ => vec![],
        }
    }

    fn local(&self, name: &str) -> bool {
        self.document.names().is_variable(self.scope, name)
    }

    fn call(&self, path: &[&str], receiver: &[Kind]) -> Kinds {
        use resolve::Callee;
        let (program, stored) = (&self.document.program, &self.document.environment().functions);
        match resolve::resolve_call(program, path, |name| self.local(name), stored) {
            Callee::File(index) => {
                program.functions[index].returns.as_ref().map_or(vec![], |word| of_word(&word.text))
            }
            Callee::Host(index) => host_answer(index),
            Callee::Stored(_) => vec![],
            _ => {
                let name = path.last().copied().unwrap_or_default();
                if path.len() == 1 && matches!(name.to_ascii_lowercase().as_str(), "if" | "ifnull") {
                    return vec![];
                }
                let fits = |builtin: &&stdlib::Builtin| {
                    receiver.is_empty()
                        || builtin.on.is_empty()
                        || builtin.on.iter().any(|k| receiver.contains(k))
                };
                let answers: Vec<Kinds> =
                    stdlib::find(name).filter(fits).map(|builtin| of_word(builtin.returns)).collect();
                if answers.iter().any(Vec::is_empty) { vec![] } else { union(answers.into_iter()) }
            }
        }
    }

    fn binary(&self, op: BinaryOp, a: &Expr, b: &Expr, left: u32) -> Kinds {
        use BinaryOp::{Add, Div, Mul, Rem, Sub};
        if !matches!(op, Add | Sub | Mul | Div | Rem) {
            return vec![Kind::Boolean];
        }
        let (a, b) = (self.expr(a, left), self.expr(b, left));
        if op == Add && (a == [Kind::Text] || b == [Kind::Text]) {
            return vec![Kind::Text];
        }
        match (a.as_slice(), b.as_slice()) {
            ([Kind::Number], [Kind::Number]) if op != Div => vec![Kind::Number],
            ([Kind::Number | Kind::Decimal], [Kind::Number | Kind::Decimal]) => vec![Kind::Decimal],
            ([one], [Kind::Number]) if matches!(one, Kind::Date | Kind::DateTime) => vec![*one],
            _ => vec![],
        }
    }

    fn variable(&self, name: &str, left: u32) -> Kinds {
        let Some(left) = left.checked_sub(1) else { return vec![] };
        if let Some(known) = self.known.borrow().get(name) {
            return known.clone();
        }
        let mut found = Some(Kinds::new());
        if let Some(function) = self.document.program.functions.get(self.scope) {
            for param in function.params.iter().filter(|param| param.name.text == name) {
                self.add(name, &mut found, param.ty.as_ref().map_or(vec![], |word| of_word(&word.text)));
            }
        }
        self.assignments(self.document.body(self.scope), name, left, &mut found);
        let mut found = found.unwrap_or_default();
        // Null is only what a variable starts with.
        if found.len() > 1 {
            found.retain(|kind| *kind != Kind::Null);
        }
        self.known.borrow_mut().insert(name.to_owned(), found.clone());
        found
    }

    /// Adds the kinds of one more value; `None` from the first value on that may be anything.
    fn add(&self, name: &str, found: &mut Option<Kinds>, more: Kinds) {
        *found = found.take().filter(|_| !more.is_empty()).map(|found| union([found, more].into_iter()));
        self.known.borrow_mut().insert(name.to_owned(), found.clone().unwrap_or_default());
    }

    fn assignments(&self, body: &[Stmt], name: &str, left: u32, found: &mut Option<Kinds>) {
        for stmt in body {
            match &stmt.kind {
                // A value that cannot be read yet says nothing against the others.
                StmtKind::Assign { target: Target::Var(var), op: AssignOp::Set, value }
                    if var.text == name && value.kind != ExprKind::Bad =>
                {
                    let kinds = self.expr(value, left);
                    self.add(name, found, kinds);
                }
                StmtKind::ForEach { var, index, .. } if var.text == name => {
                    self.add(name, found, if *index { vec![Kind::Number] } else { vec![] });
                }
                StmtKind::Try { var: Some(var), .. } if var.text == name => {
                    self.add(name, found, vec![Kind::Error]);
                }
                _ => {}
            }
            blocks(stmt).into_iter().for_each(|block| self.assignments(block, name, left, found));
        }
    }
}

fn host_answer(index: usize) -> Kinds {
    match HOST_CALLS[index].name {
        "invokeConnector" => vec![Kind::Map],
        "authorize" | "isAuthorized" | "revoke" => vec![Kind::Boolean],
        "currentdate" => vec![Kind::Date],
        "currenttime" => vec![Kind::DateTime],
        "loginuser" | "loginuserid" | "adminuser" | "adminuserid" => vec![Kind::Text],
        "randomNumber" => vec![Kind::Number],
        _ => vec![],
    }
}

fn union(all: impl Iterator<Item = Kinds>) -> Kinds {
    let mut found = Kinds::new();
    for kind in all.flatten() {
        if !found.contains(&kind) {
            found.push(kind);
        }
    }
    found
}
