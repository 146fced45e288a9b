//! Statements.

use super::chunk::Patch;
use super::function::{FunctionCompiler, LoopFrame};
use super::op::{Instr, Reg};
use crate::host;
use crate::source::Span;
use crate::syntax::ast::{AssignOp, BinaryOp, Expr, ExprKind, Ident, Stmt, StmtKind, Target};

impl<'a> FunctionCompiler<'_, '_, 'a> {
    /// Translates statements in order.
    pub fn block(&mut self, body: &'a [Stmt]) {
        for stmt in body {
            let mark = self.mark();
            self.statement(stmt);
            self.release(mark);
        }
    }

    fn statement(&mut self, stmt: &'a Stmt) {
        // A loop is counted by its turns.
        if !matches!(
            stmt.kind,
            StmtKind::ForEach { .. } | StmtKind::While { .. } | StmtKind::Empty | StmtKind::Bad
        ) {
            self.count(stmt.span);
        }
        match &stmt.kind {
            StmtKind::Assign { target, op, value } => self.assign(target, *op, value, stmt.span),
            StmtKind::Expr(expr) => self.effect(expr),
            StmtKind::If { arms, otherwise } => self.if_else(arms, otherwise.as_deref()),
            StmtKind::ForEach { index, var, over, body } => self.for_each(*index, var, over, body, stmt.span),
            StmtKind::While { cond, body } => self.while_loop(cond, body, stmt.span),
            StmtKind::Try { body, var, handler } => self.try_catch(body, var.as_ref(), handler, stmt.span),
            StmtKind::Return(value) => self.return_value(value.as_ref(), stmt.span),
            StmtKind::Info(value) => self.info(value, stmt.span),
            StmtKind::Throw(value) => {
                let from = self.operand(value);
                self.emit(Instr::Throw { from }, stmt.span);
                self.assigned.leave();
            }
            StmtKind::Break => self.leave_loop(stmt.span, |frame| &mut frame.breaks),
            StmtKind::Continue => self.leave_loop(stmt.span, |frame| &mut frame.continues),
            StmtKind::Empty | StmtKind::Bad => {}
        }
    }

    /// Counts one statement, if that is asked for.
    pub(super) fn count(&mut self, span: Span) {
        if self.unit.counted {
            self.emit(Instr::Statement, span);
        }
    }

    fn assign(&mut self, target: &'a Target, op: AssignOp, value: &'a Expr, span: Span) {
        match target {
            Target::Var(name) => self.assign_variable(name, op, value, span),
            Target::Member { object, name } => {
                let object = self.operand(object);
                let key = self.text_temp(&name.text, name.span);
                let value = match op {
                    AssignOp::Set => self.operand(value),
                    AssignOp::With(op) => {
                        let to = self.temp();
                        self.emit(Instr::Member { to, object, key }, span);
                        self.combine(op, to, value, span)
                    }
                };
                self.emit(Instr::SetMember { object, key, value }, span);
            }
            Target::Index { object, index } => {
                let object = self.operand(object);
                let index = self.operand(index);
                let value = match op {
                    AssignOp::Set => self.operand(value),
                    AssignOp::With(op) => {
                        let to = self.temp();
                        self.emit(Instr::Index { to, object, index }, span);
                        self.combine(op, to, value, span)
                    }
                };
                self.emit(Instr::SetIndex { object, index, value }, span);
            }
        }
    }

    fn assign_variable(&mut self, name: &'a Ident, op: AssignOp, value: &'a Expr, span: Span) {
        let Some(reg) = self.locals.get(&name.text) else { return };
        match op {
            AssignOp::Set => self.expr_to(value, reg),
            AssignOp::With(op) => {
                self.read_variable(name);
                let right = self.operand(value);
                self.binary_registers(op, reg, reg, right, span);
                self.chunk.note(name.span, value.span);
            }
        }
        self.assigned.insert(reg);
    }

    /// `to = to op value` for a compound assignment to a member or an element.
    fn combine(&mut self, op: BinaryOp, to: Reg, value: &'a Expr, span: Span) -> Reg {
        let right = self.operand(value);
        self.binary_registers(op, to, to, right, span);
        to
    }

    fn if_else(&mut self, arms: &'a [(Expr, Vec<Stmt>)], otherwise: Option<&'a [Stmt]>) {
        let mut ends: Vec<Patch> = Vec::new();
        let mut merged = None;
        for (at, (cond, body)) in arms.iter().enumerate() {
            let mut misses = Vec::new();
            let mark = self.mark();
            self.branch(cond, false, &mut misses);
            self.release(mark);
            let before = self.assigned.clone();
            self.block(body);
            let is_last = at + 1 == arms.len() && otherwise.is_none();
            if !is_last {
                ends.push(self.chunk.emit_jump(Instr::Jump { to: 0 }, cond.span));
            }
            let after = std::mem::replace(&mut self.assigned, before);
            self.meet_into(&mut merged, after);
            self.chunk.patch_here(&misses);
        }
        if let Some(body) = otherwise {
            self.block(body);
        }
        let last = std::mem::take(&mut self.assigned);
        self.meet_into(&mut merged, last);
        self.assigned = merged.unwrap_or_default();
        self.chunk.patch_here(&ends);
    }

    fn meet_into(&self, merged: &mut Option<super::assigned::Assigned>, other: super::assigned::Assigned) {
        match merged {
            Some(merged) => merged.meet(&other),
            None => *merged = Some(other),
        }
    }

    pub(super) fn loop_back(&mut self, head: usize, span: Span) {
        let cost = u16::try_from(self.chunk.here() - head).unwrap_or(u16::MAX).max(1);
        self.emit(Instr::Loop { to: head as u32, cost }, span);
    }

    fn while_loop(&mut self, cond: &'a Expr, body: &'a [Stmt], span: Span) {
        let mut exits = Vec::new();
        self.turning += 1;
        let mark = self.mark();
        self.branch(cond, false, &mut exits);
        self.release(mark);
        let after_cond = self.assigned.clone();
        let head = self.chunk.here();
        self.loops.push(LoopFrame { tries: self.tries, ..LoopFrame::default() });
        self.count(span);
        self.block(body);
        let frame = self.loops.pop().unwrap_or_default();
        self.chunk.patch_here(&frame.continues);
        // The condition is asked again at the end, so that a turn costs one jump. A variable that had
        // a value at the first asking still has one: nothing takes a value away.
        self.assigned = after_cond.clone();
        let mark = self.mark();
        if !self.loop_while_less(cond, head) {
            self.branch(cond, false, &mut exits);
            self.loop_back(head, span);
        }
        self.release(mark);
        self.turning -= 1;
        self.chunk.patch_here(&exits);
        self.chunk.patch_here(&frame.breaks);
        self.assigned = after_cond;
    }

    /// The end of a loop whose condition is an order of two values: one instruction that compares,
    /// goes back and pays for the turn. False if the condition is another.
    fn loop_while_less(&mut self, cond: &'a Expr, head: usize) -> bool {
        let ExprKind::Binary { op, left, right, .. } = &cond.kind else { return false };
        let is_order = matches!(op, BinaryOp::Lt | BinaryOp::Le | BinaryOp::Gt | BinaryOp::Ge);
        if !is_order || self.long_jumps {
            return false;
        }
        let (a, b) = self.operands(*op, left, right);
        let Ok(back) = i16::try_from(self.chunk.here() + 1 - head) else {
            self.chunk.too_far = true;
            return true;
        };
        let instr = match op {
            BinaryOp::Lt => Instr::LoopLt { a, b, back },
            BinaryOp::Le => Instr::LoopLe { a, b, back },
            BinaryOp::Gt => Instr::LoopLt { a: b, b: a, back },
            _ => Instr::LoopLe { a: b, b: a, back },
        };
        self.emit(instr, cond.span);
        self.chunk.note(left.span, right.span);
        true
    }

    fn leave_loop(&mut self, span: Span, list: impl Fn(&mut LoopFrame) -> &mut Vec<Patch>) {
        let Some(frame) = self.loops.last() else { return };
        for _ in frame.tries..self.tries {
            self.emit(Instr::EndTry, span);
        }
        let jump = self.chunk.emit_jump(Instr::Jump { to: 0 }, span);
        if let Some(frame) = self.loops.last_mut() {
            list(frame).push(jump);
        }
        self.assigned.leave();
    }

    fn try_catch(&mut self, body: &'a [Stmt], var: Option<&'a Ident>, handler: &'a [Stmt], span: Span) {
        let reg = match var.and_then(|var| self.locals.get(&var.text)) {
            Some(reg) => reg,
            None => self.temp(),
        };
        let before = self.assigned.clone();
        let start = self.chunk.emit_jump(Instr::Try { reg, handler: 0 }, span);
        self.tries += 1;
        self.block(body);
        self.tries -= 1;
        self.emit(Instr::EndTry, span);
        let end = self.chunk.emit_jump(Instr::Jump { to: 0 }, span);
        self.chunk.patch_here(&[start]);
        let after_body = std::mem::replace(&mut self.assigned, before);
        if var.is_some() {
            self.assigned.insert(reg);
        }
        self.block(handler);
        self.assigned.meet(&after_body);
        self.chunk.patch_here(&[end]);
    }

    fn return_value(&mut self, value: Option<&'a Expr>, span: Span) {
        let from = value.map(|value| self.operand(value));
        for _ in 0..self.tries {
            self.emit(Instr::EndTry, span);
        }
        match from {
            Some(from) => self.emit(Instr::Return { from }, span),
            None => self.emit(Instr::ReturnNull, span),
        }
        self.assigned.leave();
    }

    fn info(&mut self, value: &'a Expr, span: Span) {
        let base = self.temp();
        self.expr_to(value, base);
        let call = host::by_name("info").unwrap_or_default() as u16;
        self.emit(Instr::Host { argc: 1, call, base, to: base }, span);
    }

    /// An expression whose value nobody wants.
    fn effect(&mut self, expr: &'a Expr) {
        if let ExprKind::MethodCall { object, name, args } = &expr.kind
            && self.effect_of_method(expr, object, name, args)
        {
            return;
        }
        let to = self.temp();
        self.expr_to(expr, to);
    }
}
