//! `while` loops that never end: nothing in them leaves, and nothing changes what they ask.

use super::Checker;
use super::visit::{self, Node};
use crate::codes;
use crate::diagnostic::Diagnostic;
use crate::source::Span;
use crate::syntax::ast::{Expr, ExprKind, Stmt, StmtKind, Target};
use std::collections::HashSet;

impl<'a> Checker<'a> {
    /// Warns of a loop that never ends; answers whether what follows it is never reached.
    pub(super) fn endless(&mut self, stmt: &'a Stmt, cond: &'a Expr, body: &'a [Stmt]) -> bool {
        let for_ever = cond.kind == ExprKind::Bool(true);
        if breaks(body) {
            return false;
        }
        if self.env.thorough && !leaves(body) && (for_ever || !changes(cond, body)) {
            let span = Span::new(stmt.span.start, cond.span.end);
            let (label, help) = if for_ever {
                ("nothing in it ends it", "leave it with `break;` or `return;` when the work is done")
            } else {
                (
                    "nothing in it changes what is asked here",
                    "change one of these variables in the loop, or leave it with `break;`",
                )
            };
            self.report(
                Diagnostic::warning(codes::ENDLESS_LOOP, span, "this loop never ends")
                    .label(label)
                    .help(help),
            );
        }
        for_ever
    }
}

/// Whether a `break` of this loop, not of one inside it, stands in its body.
fn breaks(body: &[Stmt]) -> bool {
    body.iter().any(|stmt| match &stmt.kind {
        StmtKind::Break | StmtKind::Bad => true,
        StmtKind::If { arms, otherwise } => {
            arms.iter().any(|(_, body)| breaks(body)) || otherwise.as_deref().is_some_and(breaks)
        }
        StmtKind::Try { body, handler, .. } => breaks(body) || breaks(handler),
        _ => false,
    })
}

/// Whether something may leave the function: `return`, `throw`, or a call that may throw.
fn leaves(body: &[Stmt]) -> bool {
    let mut found = false;
    visit::body(body, &mut |node| match node {
        Node::Stmt(stmt) => {
            found |= matches!(stmt.kind, StmtKind::Return(_) | StmtKind::Throw(_) | StmtKind::Bad);
        }
        Node::Expr(expr) => {
            let call = matches!(expr.kind, ExprKind::Call { .. } | ExprKind::MethodCall { .. });
            found |= expr.kind == ExprKind::Bad || call && !is_host_or_builtin(expr);
        }
    });
    found
}

fn is_host_or_builtin(expr: &Expr) -> bool {
    let full = match &expr.kind {
        ExprKind::Call { name, .. } => name.text.clone(),
        ExprKind::MethodCall { object, name, .. } => match crate::resolve::dotted(object) {
            Some(path) => {
                let path: Vec<&str> = path.iter().map(|part| part.text.as_str()).collect();
                format!("{}.{}", path.join("."), name.text)
            }
            None => name.text.clone(),
        },
        _ => return true,
    };
    let last = full.rsplit('.').next().unwrap_or_default();
    crate::host::find(&full).is_some() || !super::kinds::tables::builtins(last).is_empty()
}

/// Whether a turn may change the answer of the condition.
fn changes(cond: &Expr, body: &[Stmt]) -> bool {
    let mut asked = HashSet::new();
    let mut plain = visit::is_pure(cond);
    let mut looks_into = false;
    visit::expr(cond, &mut |node| {
        let Node::Expr(expr) = node else { return };
        match &expr.kind {
            ExprKind::Var(name) => {
                // A system variable such as `now` changes by itself.
                plain &= crate::resolve::resolve_system_variable(&[&name.text], |_| false).is_none();
                asked.insert(name.text.as_str());
            }
            ExprKind::Member { .. } | ExprKind::Index { .. } | ExprKind::MethodCall { .. } => {
                looks_into = true
            }
            ExprKind::Call { args, .. } => looks_into |= !args.is_empty(),
            _ => {}
        }
    });
    if !plain || asked.is_empty() || asked.contains("zoho") {
        return true;
    }
    let mut changed = false;
    visit::body(body, &mut |node| match node {
        Node::Stmt(stmt) => {
            changed |= match &stmt.kind {
                StmtKind::Assign { target: Target::Var(name), .. } | StmtKind::ForEach { var: name, .. } => {
                    asked.contains(name.text.as_str())
                }
                StmtKind::Assign { .. } => looks_into,
                StmtKind::Try { var: Some(name), .. } => asked.contains(name.text.as_str()),
                _ => false,
            };
        }
        // Lists and maps may have other names under which they are changed.
        Node::Expr(expr) => {
            changed |= looks_into
                && matches!(
                    expr.kind,
                    ExprKind::Call { .. } | ExprKind::MethodCall { .. } | ExprKind::Task(_)
                );
        }
    });
    changed
}
