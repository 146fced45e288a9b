//! The way through statements and expressions, in the order in which they run.

use super::Checker;
use crate::codes;
use crate::diagnostic::Diagnostic;
use crate::resolve;
use crate::source::Span;
use crate::syntax::ast::{AssignOp, Expr, ExprKind, Stmt, StmtKind, Target};

impl<'a> Checker<'a> {
    /// Whether the block is always left by `return`, `throw`, `break` or `continue`.
    pub(super) fn block(&mut self, body: &'a [Stmt]) -> bool {
        let mut left_by: Option<Span> = None;
        let mut warned = false;
        for stmt in body {
            if let Some(span) = left_by
                && !warned
                && !matches!(stmt.kind, StmtKind::Empty | StmtKind::Bad)
            {
                warned = true;
                self.report(
                    Diagnostic::warning(codes::UNREACHABLE, stmt.span, "this is never reached")
                        .label("never runs")
                        .also(span, "the block is always left here")
                        .help("remove it, or move it before"),
                );
            }
            if self.stmt(stmt) && left_by.is_none() {
                left_by = Some(stmt.span);
            }
        }
        left_by.is_some()
    }

    fn stmt(&mut self, stmt: &'a Stmt) -> bool {
        match &stmt.kind {
            StmtKind::Assign { target, op, value } => {
                self.assign(target, *op, value);
                false
            }
            StmtKind::Expr(value) | StmtKind::Info(value) => {
                self.expr(value);
                false
            }
            StmtKind::If { arms, otherwise } => self.branches(arms, otherwise.as_deref()),
            StmtKind::ForEach { var, over, body, .. } => {
                self.expr(over);
                self.scope.assign(&var.text);
                self.loop_body(body);
                false
            }
            StmtKind::While { cond, body } => {
                self.dialect_while(stmt, cond);
                self.scope.assign_all_of(body);
                self.condition(cond);
                self.loop_body(body);
                self.endless(stmt, cond, body)
            }
            StmtKind::Try { body, var, handler } => {
                let leaves = self.block(body);
                if let Some(var) = var {
                    self.scope.assign(&var.text);
                }
                self.block(handler) && leaves
            }
            StmtKind::Return(value) => {
                self.returned(stmt, value.as_ref());
                true
            }
            StmtKind::Throw(value) => {
                self.dialect_throw(stmt, value);
                self.expr(value);
                true
            }
            StmtKind::Break => self.loop_jump(stmt, "break"),
            StmtKind::Continue => self.loop_jump(stmt, "continue"),
            StmtKind::Empty | StmtKind::Bad => false,
        }
    }

    fn assign(&mut self, target: &'a Target, op: AssignOp, value: &'a Expr) {
        match target {
            Target::Var(name) => {
                if op != AssignOp::Set {
                    self.read(name);
                }
                self.variable_secret(name, value);
                self.expr(value);
                self.scope.assign(&name.text);
            }
            Target::Member { object, name } => {
                self.expr(object);
                self.variable_secret(name, value);
                self.expr(value);
            }
            Target::Index { object, index } => {
                self.expr(object);
                self.expr(index);
                self.expr(value);
            }
        }
    }

    /// Each branch knows what came before, not what its neighbours assign; what a branch assigns
    /// counts afterwards unless the branch is left.
    fn branches(&mut self, arms: &'a [(Expr, Vec<Stmt>)], otherwise: Option<&'a [Stmt]>) -> bool {
        let mut after = Vec::new();
        let mut all_leave = otherwise.is_some();
        for (cond, body) in arms {
            self.condition(cond);
            all_leave &= self.branch(body, &mut after);
        }
        if let Some(body) = otherwise {
            all_leave &= self.branch(body, &mut after);
        }
        for name in after {
            self.scope.assign(name);
        }
        all_leave
    }

    fn branch(&mut self, body: &'a [Stmt], after: &mut Vec<&'a str>) -> bool {
        let mark = self.scope.mark();
        let leaves = self.block(body);
        let assigned = self.scope.take_back(mark);
        if !leaves {
            after.extend(assigned);
        }
        leaves
    }

    fn loop_body(&mut self, body: &'a [Stmt]) {
        self.scope.assign_all_of(body);
        self.loops += 1;
        self.block(body);
        self.loops -= 1;
    }

    fn loop_jump(&mut self, stmt: &'a Stmt, word: &str) -> bool {
        if self.loops == 0 {
            self.report(
                Diagnostic::error(codes::OUTSIDE_LOOP, stmt.span, format!("`{word}` stands outside a loop"))
                    .label("no loop around this")
                    .help("it works inside `for each` and `while`; to end the function write `return;`"),
            );
            return false;
        }
        true
    }

    fn returned(&mut self, stmt: &'a Stmt, value: Option<&'a Expr>) {
        let Some(value) = value else { return };
        self.expr(value);
        let Some(function) = self.function.filter(|function| function.is_void()) else { return };
        let mut diagnostic = Diagnostic::error(
            codes::RETURN_FROM_VOID,
            value.span,
            format!("`{}` is declared `void` and returns no value", function.full_name()),
        )
        .label("a value is returned here")
        .help("write `return;`, or declare the type of the value, e.g. `string`");
        if let Some(ty) = function.returns.as_ref().filter(|ty| ty.span != stmt.span) {
            diagnostic = diagnostic.also(ty.span, "declared `void` here");
        }
        self.report(diagnostic);
    }

    /// An expression. Its left side is followed in a loop, for long chains; recursion goes only as
    /// deep as brackets nest.
    pub(super) fn expr(&mut self, expr: &'a Expr) {
        let mut spine = Vec::new();
        let mut at = Some(expr);
        while let Some(node) = at {
            spine.push(node);
            at = self.left_part(node);
        }
        for node in spine.into_iter().rev() {
            self.own_part(node);
        }
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

    /// Whether it is a chain of names that does not begin with a variable: `zoho.crm`, `thisapp.ns`.
    pub(super) fn is_outer_name(&self, node: &'a Expr) -> bool {
        resolve::dotted(node).is_some_and(|path| !self.scope.is_variable(&path[0].text))
    }

    /// What a node adds to its left part.
    fn own_part(&mut self, node: &'a Expr) {
        match &node.kind {
            ExprKind::Binary { op, left, right, .. } => {
                self.expr(right);
                self.operands(*op, left, right);
                self.same_sides(node, *op, left, right);
            }
            ExprKind::Unary { op, operand } => self.operand(*op, operand),
            ExprKind::Index { index, .. } => self.expr(index),
            ExprKind::Text { value, .. } => self.literal(node, value),
            ExprKind::Var(name) => self.read(name),
            ExprKind::Member { object, name } => self.member(node, object, name),
            ExprKind::List(items) => items.iter().for_each(|item| self.expr(item)),
            ExprKind::Map(entries) => {
                for (key, value) in entries {
                    self.map_key(key);
                    self.named_secret(key, value);
                    self.expr(value);
                }
            }
            ExprKind::Call { name, args } => self.call(node, name, args),
            ExprKind::MethodCall { object, name, args } => self.method_call(node, object, name, args),
            ExprKind::Task(task) => self.task(task),
            _ => {}
        }
    }
}
