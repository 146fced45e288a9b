//! Conditions: jumps instead of values, `&&`, `||` and the two lazy functions.

use super::chunk::Patch;
use super::expr::{chain, small_int};
use super::function::FunctionCompiler;
use super::op::{Instr, Reg};
use crate::source::Span;
use crate::syntax::ast::{Arg, BinaryOp, Expr, ExprKind, UnaryOp};

impl<'a> FunctionCompiler<'_, '_, 'a> {
    /// Emits code that jumps if the condition is `when`, and falls through otherwise.
    pub fn branch(&mut self, expr: &'a Expr, when: bool, out: &mut Vec<Patch>) {
        match &expr.kind {
            ExprKind::Bool(value) => {
                if *value == when {
                    out.push(self.chunk.emit_jump(Instr::Jump { to: 0 }, expr.span));
                }
            }
            ExprKind::Unary { op: UnaryOp::Not, operand } => self.branch(operand, !when, out),
            ExprKind::Binary { op: op @ (BinaryOp::And | BinaryOp::Or), .. } => {
                self.branch_chain(expr, *op, when, out);
            }
            ExprKind::IsNull { operand, negated } => {
                self.branch_null(expr, operand, *negated != when, out);
            }
            ExprKind::Binary { op: op @ (BinaryOp::Eq | BinaryOp::Ne), left, right, .. }
                if let Some(operand) = beside_null(left, right) =>
            {
                self.branch_null(expr, operand, (*op == BinaryOp::Eq) == when, out);
            }
            ExprKind::Binary { op, left, right, .. } if !self.long_jumps && is_fused(*op) => {
                let mark = self.mark();
                self.branch_comparison(expr, *op, (left, right), when, out);
                self.release(mark);
            }
            _ => {
                let mark = self.mark();
                let cond = self.operand(expr);
                self.release(mark);
                let jump =
                    if when { Instr::JumpIf { cond, to: 0 } } else { Instr::JumpIfNot { cond, to: 0 } };
                out.push(self.chunk.emit_jump(jump, expr.span));
                self.chunk.note(expr.span, expr.span);
            }
        }
    }

    /// Jumps if the operand is null, or if it is not.
    fn branch_null(&mut self, expr: &'a Expr, operand: &'a Expr, null: bool, out: &mut Vec<Patch>) {
        let mark = self.mark();
        let reg = self.operand(operand);
        self.release(mark);
        let jump = if null { Instr::JumpNull { reg, to: 0 } } else { Instr::JumpNotNull { reg, to: 0 } };
        out.push(self.chunk.emit_jump(jump, expr.span));
    }

    fn branch_chain(&mut self, expr: &'a Expr, op: BinaryOp, when: bool, out: &mut Vec<Patch>) {
        let parts = chain(expr, op);
        // `a && b` is false as soon as one part is; `a || b` is true as soon as one part is.
        let decides = op == BinaryOp::Or;
        let mut undecided = Vec::new();
        let last = parts.len() - 1;
        let mut after_first = None;
        for (at, part) in parts.into_iter().enumerate() {
            if decides == when || at == last {
                self.branch(part, when, out);
            } else {
                self.branch(part, decides, &mut undecided);
            }
            after_first.get_or_insert_with(|| self.assigned.clone());
        }
        self.chunk.patch_here(&undecided);
        self.assigned = after_first.unwrap_or_default();
    }

    fn branch_comparison(
        &mut self,
        expr: &'a Expr,
        op: BinaryOp,
        (left, right): (&'a Expr, &'a Expr),
        when: bool,
        out: &mut Vec<Patch>,
    ) {
        let by = 0;
        let jump = if let Some(n) = small_int(right) {
            let a = self.operand(left);
            immediate_jump(op, when, a, n)
        } else {
            let (a, b) = self.operands(op, left, right);
            match (op, when) {
                (BinaryOp::Eq, true) | (BinaryOp::Ne, false) => Instr::JumpEq { a, b, by },
                (BinaryOp::Lt, true) => Instr::JumpLt { a, b, by },
                (BinaryOp::Lt, false) => Instr::JumpNotLt { a, b, by },
                (BinaryOp::Le, true) => Instr::JumpLe { a, b, by },
                (BinaryOp::Le, false) => Instr::JumpNotLe { a, b, by },
                (BinaryOp::Gt, true) => Instr::JumpLt { a: b, b: a, by },
                (BinaryOp::Gt, false) => Instr::JumpNotLt { a: b, b: a, by },
                (BinaryOp::Ge, true) => Instr::JumpLe { a: b, b: a, by },
                (BinaryOp::Ge, false) => Instr::JumpNotLe { a: b, b: a, by },
                _ => Instr::JumpNe { a, b, by },
            }
        };
        out.push(self.chunk.emit_jump(jump, expr.span));
        self.chunk.note(left.span, right.span);
    }

    /// `&&` and `||` as a value.
    pub fn logic_to(&mut self, expr: &'a Expr, op: BinaryOp, to: Reg) {
        let held = if self.is_variable(to) { self.temp() } else { to };
        let parts = chain(expr, op);
        let last = parts.len() - 1;
        let mut ends = Vec::new();
        let mut after_first = None;
        for (at, part) in parts.into_iter().enumerate() {
            self.expr_to(part, held);
            after_first.get_or_insert_with(|| self.assigned.clone());
            if at == last {
                self.emit(Instr::CheckBool { reg: held }, part.span);
            } else if op == BinaryOp::And {
                ends.push(self.chunk.emit_jump(Instr::JumpIfNot { cond: held, to: 0 }, part.span));
            } else {
                ends.push(self.chunk.emit_jump(Instr::JumpIf { cond: held, to: 0 }, part.span));
            }
            self.chunk.note(part.span, part.span);
        }
        self.chunk.patch_here(&ends);
        self.assigned = after_first.unwrap_or_default();
        self.settle(held, to, expr.span);
    }

    /// `if(c, a, b)`: only one of `a` and `b` is evaluated.
    pub fn lazy_if_to(&mut self, args: &'a [Arg], to: Reg, span: Span) {
        let [cond, yes, no] = args else { return };
        let mut misses = Vec::new();
        self.branch(&cond.value, false, &mut misses);
        let before = self.assigned.clone();
        self.expr_to(&yes.value, to);
        let end = self.chunk.emit_jump(Instr::Jump { to: 0 }, span);
        let after_yes = std::mem::replace(&mut self.assigned, before);
        self.chunk.patch_here(&misses);
        self.expr_to(&no.value, to);
        self.assigned.meet(&after_yes);
        self.chunk.patch_here(&[end]);
    }

    /// `ifnull(a, b)`: `b` is evaluated only if `a` is null.
    pub fn lazy_ifnull_to(&mut self, args: &'a [Arg], to: Reg, span: Span) {
        let [value, default] = args else { return };
        let held = if self.is_variable(to) { self.temp() } else { to };
        self.expr_to(&value.value, held);
        let end = self.chunk.emit_jump(Instr::JumpNotNull { reg: held, to: 0 }, span);
        let before = self.assigned.clone();
        self.expr_to(&default.value, held);
        self.assigned = before;
        self.chunk.patch_here(&[end]);
        self.settle(held, to, span);
    }

    fn settle(&mut self, held: Reg, to: Reg, span: Span) {
        if held != to {
            self.emit(Instr::Move { to, from: held }, span);
        }
    }
}

/// What is compared with the word `null`.
fn beside_null<'a>(left: &'a Expr, right: &'a Expr) -> Option<&'a Expr> {
    match (&left.kind, &right.kind) {
        (_, ExprKind::Null) => Some(left),
        (ExprKind::Null, _) => Some(right),
        _ => None,
    }
}

fn is_fused(op: BinaryOp) -> bool {
    use BinaryOp::{Eq, Ge, Gt, Le, Lt, Ne};
    matches!(op, Eq | Ne | Lt | Le | Gt | Ge)
}

fn immediate_jump(op: BinaryOp, when: bool, a: Reg, n: i16) -> Instr {
    let by = 0;
    match (op, when) {
        (BinaryOp::Eq, true) | (BinaryOp::Ne, false) => Instr::JumpEqI { a, n, by },
        (BinaryOp::Lt, true) => Instr::JumpLtI { a, n, by },
        (BinaryOp::Lt, false) => Instr::JumpNotLtI { a, n, by },
        (BinaryOp::Le, true) => Instr::JumpLeI { a, n, by },
        (BinaryOp::Le, false) => Instr::JumpNotLeI { a, n, by },
        (BinaryOp::Gt, true) => Instr::JumpGtI { a, n, by },
        (BinaryOp::Gt, false) => Instr::JumpNotGtI { a, n, by },
        (BinaryOp::Ge, true) => Instr::JumpGeI { a, n, by },
        (BinaryOp::Ge, false) => Instr::JumpNotGeI { a, n, by },
        _ => Instr::JumpNeI { a, n, by },
    }
}
