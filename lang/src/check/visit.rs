//! Every statement and expression below some statements, in no particular order and without
//! recursion, for checks that only ask what occurs.

use crate::syntax::ast::{Expr, ExprKind, Stmt, StmtKind, Target};

/// What is come by.
#[derive(Clone, Copy)]
pub(crate) enum Node<'a> {
    Stmt(&'a Stmt),
    Expr(&'a Expr),
}

/// Shows everything in a body to `see`.
pub(super) fn body<'a>(body: &'a [Stmt], see: &mut dyn FnMut(Node<'a>)) {
    go(body.iter().map(Node::Stmt).collect(), see);
}

/// Shows an expression and everything in it to `see`.
pub(crate) fn expr<'a>(expr: &'a Expr, see: &mut dyn FnMut(Node<'a>)) {
    go(vec![Node::Expr(expr)], see);
}

fn go<'a>(mut stack: Vec<Node<'a>>, see: &mut dyn FnMut(Node<'a>)) {
    while let Some(node) = stack.pop() {
        see(node);
        match node {
            Node::Stmt(stmt) => of_stmt(stmt, &mut stack),
            Node::Expr(expr) => of_expr(expr, &mut stack),
        }
    }
}

fn of_stmt<'a>(stmt: &'a Stmt, stack: &mut Vec<Node<'a>>) {
    let mut block = |body: &'a [Stmt]| stack.extend(body.iter().map(Node::Stmt));
    match &stmt.kind {
        StmtKind::If { arms, otherwise } => {
            arms.iter().for_each(|(_, body)| block(body));
            otherwise.iter().for_each(|body| block(body));
            stack.extend(arms.iter().map(|(cond, _)| Node::Expr(cond)));
        }
        StmtKind::ForEach { over: header, body, .. } | StmtKind::While { cond: header, body } => {
            block(body);
            stack.push(Node::Expr(header));
        }
        StmtKind::Try { body, handler, .. } => {
            block(body);
            block(handler);
        }
        StmtKind::Assign { target, value, .. } => {
            stack.push(Node::Expr(value));
            match target {
                Target::Var(_) => {}
                Target::Member { object, .. } => stack.push(Node::Expr(object)),
                Target::Index { object, index } => {
                    stack.extend([Node::Expr(object), Node::Expr(index)]);
                }
            }
        }
        StmtKind::Expr(value)
        | StmtKind::Info(value)
        | StmtKind::Throw(value)
        | StmtKind::Return(Some(value)) => stack.push(Node::Expr(value)),
        StmtKind::Return(None) | StmtKind::Break | StmtKind::Continue | StmtKind::Empty | StmtKind::Bad => {}
    }
}

fn of_expr<'a>(expr: &'a Expr, stack: &mut Vec<Node<'a>>) {
    match &expr.kind {
        ExprKind::List(items) => stack.extend(items.iter().map(Node::Expr)),
        ExprKind::Map(entries) => {
            stack.extend(entries.iter().flat_map(|(key, value)| [Node::Expr(key), Node::Expr(value)]));
        }
        ExprKind::Member { object, .. } => stack.push(Node::Expr(object)),
        ExprKind::Index { object, index } => stack.extend([Node::Expr(object), Node::Expr(index)]),
        ExprKind::Call { args, .. } => {
            stack.extend(args.iter().flat_map(|arg| arg.key.iter().chain([&arg.value])).map(Node::Expr));
        }
        ExprKind::MethodCall { object, args, .. } => {
            stack.push(Node::Expr(object));
            stack.extend(args.iter().flat_map(|arg| arg.key.iter().chain([&arg.value])).map(Node::Expr));
        }
        ExprKind::Unary { operand, .. } | ExprKind::IsNull { operand, .. } => {
            stack.push(Node::Expr(operand));
        }
        ExprKind::Binary { left, right, .. } => stack.extend([Node::Expr(left), Node::Expr(right)]),
        ExprKind::Task(task) => stack.extend(task.entries.iter().map(|entry| Node::Expr(&entry.value))),
        _ => {}
    }
}

/// Whether an expression does nothing but give a value: no task, no call of a function that is not
/// built in.
pub(super) fn is_pure(value: &Expr) -> bool {
    let mut pure = true;
    expr(value, &mut |node| {
        let Node::Expr(expr) = node else { return };
        pure &= match &expr.kind {
            ExprKind::Call { name, .. } => is_builtin(&name.text),
            ExprKind::MethodCall { object, name, .. } => is_builtin(&name.text) && !is_platform(object),
            ExprKind::Task(_) | ExprKind::Bad => false,
            _ => true,
        };
    });
    pure
}

fn is_builtin(name: &str) -> bool {
    !super::kinds::tables::builtins(name).is_empty()
        || crate::resolve::LAZY.iter().any(|(lazy, _)| lazy.eq_ignore_ascii_case(name))
}

/// `zoho.crm`, `thisapp`: what stands behind it is no method of a value.
fn is_platform(object: &Expr) -> bool {
    crate::resolve::dotted(object).is_some_and(|path| path[0].is("zoho") || path[0].is("thisapp"))
}
