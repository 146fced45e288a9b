//! Functions that call themselves on every way, so that a call of them never ends.

use super::Environment;
use super::visit::{self, Node};
use crate::codes;
use crate::diagnostic::Diagnostic;
use crate::resolve::{self, Callee};
use crate::source::Span;
use crate::syntax::ast::{BinaryOp, Expr, ExprKind, Program, Stmt, StmtKind};

/// Warns of them.
pub(super) fn check(program: &Program, env: &Environment) -> Vec<Diagnostic> {
    let mut found = Vec::new();
    for (index, function) in program.functions.iter().enumerate() {
        let search = Search { program, env, index };
        let (Some(call), Some(name)) = (search.always(&function.body), function.name.last()) else {
            continue;
        };
        found.push(
            Diagnostic::warning(
                codes::ENDLESS_RECURSION,
                call,
                format!("`{}` calls itself whatever happens", function.full_name()),
            )
            .label("reached on every way through the function")
            .also(name.span, "this function")
            .help("give it a way that ends without the call: `if(…) { return …; }`"),
        );
    }
    found
}

struct Search<'p> {
    program: &'p Program,
    env: &'p Environment,
    index: usize,
}

impl Search<'_> {
    /// The call that every way through these statements comes by.
    fn always(&self, body: &[Stmt]) -> Option<Span> {
        for stmt in body {
            if let Some(call) = self.in_stmt(stmt) {
                return Some(call);
            }
            if self.may_leave(stmt) {
                return None;
            }
        }
        None
    }

    fn in_stmt(&self, stmt: &Stmt) -> Option<Span> {
        match &stmt.kind {
            StmtKind::Assign { value, .. }
            | StmtKind::Expr(value)
            | StmtKind::Info(value)
            | StmtKind::Throw(value)
            | StmtKind::Return(Some(value)) => self.in_expr(value),
            StmtKind::If { arms, otherwise } => {
                if let Some(call) = arms.first().and_then(|(cond, _)| self.in_expr(cond)) {
                    return Some(call);
                }
                let mut calls =
                    arms.iter().map(|(_, body)| body).chain(otherwise).map(|body| self.always(body));
                let first = calls.next().flatten();
                first.filter(|_| otherwise.is_some() && calls.all(|call| call.is_some()))
            }
            StmtKind::ForEach { over: header, .. } | StmtKind::While { cond: header, .. } => {
                self.in_expr(header)
            }
            StmtKind::Try { body, .. } => self.always(body),
            _ => None,
        }
    }

    /// A call in the part of an expression that is always worked out.
    fn in_expr(&self, expr: &Expr) -> Option<Span> {
        let mut stack = vec![expr];
        while let Some(expr) = stack.pop() {
            match &expr.kind {
                ExprKind::Binary { op: BinaryOp::And | BinaryOp::Or, left, .. } => stack.push(left),
                ExprKind::Binary { left, right, .. } => stack.extend([&**left, &**right]),
                ExprKind::Unary { operand, .. } | ExprKind::IsNull { operand, .. } => stack.push(operand),
                ExprKind::List(items) => stack.extend(items),
                ExprKind::Map(entries) => stack.extend(entries.iter().map(|(_, value)| value)),
                ExprKind::Index { object, index } => stack.extend([&**object, &**index]),
                ExprKind::Member { object, .. } => stack.push(object),
                ExprKind::Call { name, args } => {
                    if self.is_itself(&[&name.text]) {
                        return Some(expr.span);
                    }
                    let lazy = resolve::LAZY.iter().any(|(lazy, _)| name.is(lazy));
                    stack.extend(args.iter().take(if lazy { 1 } else { args.len() }).map(|arg| &arg.value));
                }
                ExprKind::MethodCall { object, name, args } => {
                    if let Some(path) = resolve::dotted(object) {
                        let mut path: Vec<&str> = path.iter().map(|part| part.text.as_str()).collect();
                        path.push(&name.text);
                        if self.is_itself(&path) {
                            return Some(expr.span);
                        }
                    }
                    stack.push(object);
                    stack.extend(args.iter().map(|arg| &arg.value));
                }
                _ => {}
            }
        }
        None
    }

    fn is_itself(&self, path: &[&str]) -> bool {
        let first = path.first().copied().unwrap_or_default();
        let function = &self.program.functions[self.index];
        let names_value = path.len() > 1 && function.params.iter().any(|param| param.name.text == first);
        let callee = resolve::resolve_call(self.program, path, |_| names_value, &self.env.functions);
        callee == Callee::File(self.index)
    }

    /// Whether a statement may end the function: by itself or by a call of another function.
    fn may_leave(&self, stmt: &Stmt) -> bool {
        let mut may = false;
        visit::body(std::slice::from_ref(stmt), &mut |node| match node {
            Node::Stmt(stmt) => {
                may |= matches!(
                    stmt.kind,
                    StmtKind::Return(_) | StmtKind::Throw(_) | StmtKind::Break | StmtKind::Bad
                );
            }
            Node::Expr(expr) => may |= !visit::is_pure(expr),
        });
        may
    }
}
