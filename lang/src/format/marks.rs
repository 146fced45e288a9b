//! What cannot be seen from the tokens alone: where tasks, their keys and empty statements stand.

use crate::syntax::ast::{Expr, ExprKind, Program, Stmt, StmtKind, Target};
use std::collections::HashSet;

/// Places in the source, each by its first byte.
#[derive(Debug, Default)]
pub struct Marks {
    /// The keys of tasks.
    pub task_keys: HashSet<u32>,
    /// The names of tasks.
    pub task_names: HashSet<u32>,
    /// Statements that are only a semicolon.
    pub empty: HashSet<u32>,
}

impl Marks {
    /// Of a script. Without recursion, as an expression may be high.
    pub fn of(tree: &Program) -> Self {
        let mut marks = Self::default();
        let mut exprs: Vec<&Expr> = Vec::new();
        let mut blocks: Vec<&[Stmt]> = vec![&tree.body];
        blocks.extend(tree.functions.iter().map(|function| function.body.as_slice()));
        while let Some(block) = blocks.pop() {
            for stmt in block {
                if stmt.kind == StmtKind::Empty {
                    marks.empty.insert(stmt.span.start);
                }
                inside_statement(stmt, &mut exprs, &mut blocks);
                while let Some(expr) = exprs.pop() {
                    if let ExprKind::Task(task) = &expr.kind {
                        marks.task_names.insert(task.name.span.start);
                        marks.task_keys.extend(task.entries.iter().map(|entry| entry.key.span.start));
                    }
                    inside_expression(expr, &mut exprs);
                }
            }
        }
        marks
    }
}

fn inside_statement<'a>(stmt: &'a Stmt, exprs: &mut Vec<&'a Expr>, blocks: &mut Vec<&'a [Stmt]>) {
    match &stmt.kind {
        StmtKind::Assign { target, value, .. } => {
            exprs.push(value);
            match target {
                Target::Var(_) => {}
                Target::Member { object, .. } => exprs.push(object),
                Target::Index { object, index } => exprs.extend([object, index]),
            }
        }
        StmtKind::Expr(value) | StmtKind::Info(value) | StmtKind::Throw(value) => exprs.push(value),
        StmtKind::Return(value) => exprs.extend(value),
        StmtKind::If { arms, otherwise } => {
            exprs.extend(arms.iter().map(|(condition, _)| condition));
            blocks.extend(arms.iter().map(|(_, body)| body.as_slice()));
            blocks.extend(otherwise.as_deref());
        }
        StmtKind::ForEach { over: value, body, .. } | StmtKind::While { cond: value, body } => {
            exprs.push(value);
            blocks.push(body);
        }
        StmtKind::Try { body, handler, .. } => blocks.extend([body.as_slice(), handler]),
        StmtKind::Break | StmtKind::Continue | StmtKind::Empty | StmtKind::Bad => {}
    }
}

fn inside_expression<'a>(expr: &'a Expr, exprs: &mut Vec<&'a Expr>) {
    match &expr.kind {
        ExprKind::List(items) => exprs.extend(items),
        ExprKind::Map(entries) => exprs.extend(entries.iter().flat_map(|(key, value)| [key, value])),
        ExprKind::Member { object, .. } => exprs.push(object),
        ExprKind::Index { object, index } => exprs.extend([&**object, index]),
        ExprKind::MethodCall { object, args, .. } => {
            exprs.push(object);
            exprs.extend(args.iter().flat_map(|arg| arg.key.iter().chain([&arg.value])));
        }
        ExprKind::Call { args, .. } => {
            exprs.extend(args.iter().flat_map(|arg| arg.key.iter().chain([&arg.value])));
        }
        ExprKind::Unary { operand, .. } | ExprKind::IsNull { operand, .. } => exprs.push(operand),
        ExprKind::Binary { left, right, .. } => exprs.extend([&**left, right]),
        ExprKind::Task(task) => exprs.extend(task.entries.iter().map(|entry| &entry.value)),
        ExprKind::Null
        | ExprKind::Bool(_)
        | ExprKind::Int(_)
        | ExprKind::Decimal(_)
        | ExprKind::Text { .. }
        | ExprKind::EmptyBrace
        | ExprKind::Var(_)
        | ExprKind::Bad => {}
    }
}
