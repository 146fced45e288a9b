//! Expressions.

use super::constants::Constant;
use super::function::FunctionCompiler;
use super::op::{Instr, Reg};
use crate::resolve;
use crate::source::Span;
use crate::syntax::ast::{BinaryOp, Expr, ExprKind, Ident, UnaryOp};
use rust_decimal::Decimal;

/// Longer literals are filled one by one instead of from registers side by side.
const LITERAL_WINDOW: usize = 64;

impl<'a> FunctionCompiler<'_, '_, 'a> {
    /// A register that holds the value: a variable's own, or a new temporary.
    pub fn operand(&mut self, expr: &'a Expr) -> Reg {
        if let ExprKind::Var(name) = &expr.kind
            && let Some(reg) = self.read_variable(name)
        {
            return reg;
        }
        if let Some(reg) = self.pinned(expr) {
            return reg;
        }
        let to = self.temp();
        self.expr_to(expr, to);
        to
    }

    /// Puts the value into a register. The register is written last, so it may be read inside.
    pub fn expr_to(&mut self, expr: &'a Expr, to: Reg) {
        let mark = self.mark();
        let span = expr.span;
        match &expr.kind {
            ExprKind::Null | ExprKind::Bad => self.emit(Instr::Null { to }, span),
            ExprKind::Bool(value) => self.emit(Instr::Bool { to, value: *value }, span),
            ExprKind::Int(n) => self.int_to(*n, to, span),
            ExprKind::Decimal(digits) => self.decimal_to(digits, to, span),
            ExprKind::Text { value, .. } => {
                let k = self.unit.constants.text(value);
                self.emit(Instr::Const { to, k }, span);
            }
            ExprKind::List(items) => self.list_to(items, to, span),
            ExprKind::Map(entries) => self.map_to(entries, to, span),
            ExprKind::EmptyBrace => self.emit(Instr::Empty { to }, span),
            ExprKind::Var(name) => self.variable_to(name, to),
            ExprKind::Member { object, name } => self.member_to(expr, object, name, to),
            ExprKind::Index { object, index } => {
                let (object_reg, index_reg) = (self.operand(object), self.operand(index));
                self.emit(Instr::Index { to, object: object_reg, index: index_reg }, span);
                self.chunk.note(object.span, index.span);
            }
            ExprKind::Call { name, args } => self.call_to(expr, name, args, to),
            ExprKind::MethodCall { object, name, args } => self.method_call_to(expr, object, name, args, to),
            ExprKind::Unary { op, operand } => self.unary_to(*op, operand, to, span),
            ExprKind::Binary { op, left, right, .. } => self.binary_to(expr, *op, left, right, to),
            ExprKind::IsNull { operand, negated } => {
                let a = self.operand(operand);
                self.emit(Instr::IsNull { to, a }, span);
                if *negated {
                    self.emit(Instr::Not { to, a: to }, span);
                }
            }
            ExprKind::Task(task) => self.task_to(task, to, span),
        }
        self.release(mark);
    }

    /// Puts a constant into a register.
    pub fn constant_to(&mut self, constant: Constant, to: Reg, span: Span) {
        let k = self.unit.constants.add(constant);
        self.emit(Instr::Const { to, k }, span);
    }

    /// Puts a whole number into a register.
    pub fn int_to(&mut self, number: i64, to: Reg, span: Span) {
        match i32::try_from(number) {
            Ok(n) => self.emit(Instr::Int { to, n }, span),
            Err(_) => self.constant_to(Constant::Int(number), to, span),
        }
    }

    fn decimal_to(&mut self, digits: &str, to: Reg, span: Span) {
        // The lexer admits only digits and a point; what has more than 28 is rounded.
        let decimal: Decimal = digits.parse().unwrap_or_default();
        let k = self.unit.constants.decimal(decimal);
        self.emit(Instr::Const { to, k }, span);
    }

    fn list_to(&mut self, items: &'a [Expr], to: Reg, span: Span) {
        if items.len() <= LITERAL_WINDOW {
            let first = self.temps(items.len());
            for (at, item) in items.iter().enumerate() {
                self.expr_to(item, first + at as Reg);
            }
            self.emit(Instr::List { to, first, count: items.len() as u16 }, span);
            return;
        }
        let list = self.temp();
        self.emit(Instr::List { to: list, first: list, count: 0 }, span);
        for item in items {
            let mark = self.mark();
            let value = self.operand(item);
            self.emit(Instr::Push { list, value }, item.span);
            self.release(mark);
        }
        self.emit(Instr::Move { to, from: list }, span);
    }

    fn map_to(&mut self, entries: &'a [(Expr, Expr)], to: Reg, span: Span) {
        if entries.len() * 2 <= LITERAL_WINDOW {
            let first = self.temps(entries.len() * 2);
            for (at, (key, value)) in entries.iter().enumerate() {
                self.expr_to(key, first + 2 * at as Reg);
                self.expr_to(value, first + 2 * at as Reg + 1);
            }
            self.emit(Instr::Map { to, first, count: entries.len() as u16 }, span);
            return;
        }
        let map = self.temp();
        self.emit(Instr::Map { to: map, first: map, count: 0 }, span);
        for (key, value) in entries {
            let mark = self.mark();
            let (key_reg, value_reg) = (self.operand(key), self.operand(value));
            self.emit(Instr::Put { object: map, key: key_reg, value: value_reg }, key.span.to(value.span));
            self.release(mark);
        }
        self.emit(Instr::Move { to, from: map }, span);
    }

    fn variable_to(&mut self, name: &'a Ident, to: Reg) {
        if let Some(from) = self.read_variable(name) {
            if from != to {
                self.emit(Instr::Move { to, from }, name.span);
            }
        } else if !self.system_variable_to(&[&name.text], to, name.span) {
            let name_at = self.unit.constants.text(&name.text);
            self.emit(Instr::NoValue { name: name_at }, name.span);
        }
    }

    fn system_variable_to(&mut self, path: &[&str], to: Reg, span: Span) -> bool {
        let locals = &self.locals;
        let Some(call) = resolve::resolve_system_variable(path, |name| locals.get(name).is_some()) else {
            return false;
        };
        let base = self.temp();
        self.emit(Instr::Host { argc: 0, call: call as u16, base, to }, span);
        true
    }

    fn member_to(&mut self, expr: &'a Expr, object: &'a Expr, name: &'a Ident, to: Reg) {
        if let Some(path) = resolve::dotted(expr) {
            let path: Vec<&str> = path.iter().map(|part| part.text.as_str()).collect();
            if self.system_variable_to(&path, to, expr.span) {
                return;
            }
        }
        let object_reg = self.operand(object);
        let key = self.text_temp(&name.text, name.span);
        self.emit(Instr::Member { to, object: object_reg, key }, expr.span);
        self.chunk.note(object.span, name.span);
    }

    fn unary_to(&mut self, op: UnaryOp, operand: &'a Expr, to: Reg, span: Span) {
        match (op, &operand.kind) {
            (UnaryOp::Minus, ExprKind::Int(n)) if n.checked_neg().is_some() => self.int_to(-n, to, span),
            (UnaryOp::Minus, ExprKind::Decimal(digits)) => self.decimal_to(&format!("-{digits}"), to, span),
            _ => {
                let a = self.operand(operand);
                self.emit(
                    match op {
                        UnaryOp::Not => Instr::Not { to, a },
                        UnaryOp::Minus => Instr::Neg { to, a },
                        UnaryOp::Plus => Instr::Plus { to, a },
                    },
                    span,
                );
                self.chunk.note(operand.span, operand.span);
            }
        }
    }

    fn binary_to(&mut self, expr: &'a Expr, op: BinaryOp, left: &'a Expr, right: &'a Expr, to: Reg) {
        match op {
            BinaryOp::And | BinaryOp::Or => return self.logic_to(expr, op, to),
            BinaryOp::Add if self.joins_text(expr) => return self.concat_to(expr, to),
            BinaryOp::Add | BinaryOp::Sub | BinaryOp::Mul | BinaryOp::Rem => {
                if let Some(n) = small_int(right)
                    && let Some(make) = immediate(op, n)
                {
                    let a = self.operand(left);
                    self.emit(make(to, a, n), expr.span);
                    self.chunk.note(left.span, right.span);
                    return;
                }
            }
            _ => {}
        }
        let (a, b) = self.operands(op, left, right);
        self.binary_registers(op, to, a, b, expr.span);
        self.chunk.note(left.span, right.span);
    }

    /// Both operands; of a comparison between two texts in single quotes, as dates if they are.
    pub fn operands(&mut self, op: BinaryOp, left: &'a Expr, right: &'a Expr) -> (Reg, Reg) {
        use BinaryOp::{Eq, Ge, Gt, Le, Lt, Ne};
        if matches!(op, Eq | Ne | Lt | Le | Gt | Ge)
            && let ExprKind::Text { value: a, single: true } = &left.kind
            && let ExprKind::Text { value: b, single: true } = &right.kind
        {
            let (left_reg, right_reg) = (self.temp(), self.temp());
            self.constant_to(Constant::Date(a.clone()), left_reg, left.span);
            self.constant_to(Constant::Date(b.clone()), right_reg, right.span);
            return (left_reg, right_reg);
        }
        (self.operand(left), self.operand(right))
    }

    /// `to = a op b` for operators that want both sides.
    pub fn binary_registers(&mut self, op: BinaryOp, to: Reg, a: Reg, b: Reg, span: Span) {
        let instr = match op {
            BinaryOp::Add => Instr::Add { to, a, b },
            BinaryOp::Sub => Instr::Sub { to, a, b },
            BinaryOp::Mul => Instr::Mul { to, a, b },
            BinaryOp::Div => Instr::Div { to, a, b },
            BinaryOp::Rem => Instr::Rem { to, a, b },
            BinaryOp::Eq => Instr::Eq { to, a, b },
            BinaryOp::Ne => Instr::Ne { to, a, b },
            BinaryOp::Lt => Instr::Lt { to, a, b },
            BinaryOp::Le => Instr::Le { to, a, b },
            BinaryOp::Gt => Instr::Lt { to, a: b, b: a },
            BinaryOp::Ge => Instr::Le { to, a: b, b: a },
            BinaryOp::Contains => Instr::In { to, a: b, b: a },
            BinaryOp::Like => Instr::Like { to, a, b },
            BinaryOp::In | BinaryOp::NotIn | BinaryOp::And | BinaryOp::Or => Instr::In { to, a, b },
        };
        self.emit(instr, span);
        if op == BinaryOp::NotIn {
            self.emit(Instr::Not { to, a: to }, span);
        }
    }

    /// Whether a chain of `+` has a text literal in it.
    fn joins_text(&self, expr: &'a Expr) -> bool {
        chain(expr, BinaryOp::Add).iter().any(|part| matches!(part.kind, ExprKind::Text { .. }))
    }

    fn concat_to(&mut self, expr: &'a Expr, to: Reg) {
        let parts = chain(expr, BinaryOp::Add);
        let (head, rest) = parts.split_at(parts.len().min(LITERAL_WINDOW));
        let first = self.temps(head.len());
        for (at, part) in head.iter().enumerate() {
            self.expr_to(part, first + at as Reg);
        }
        let joined = if rest.is_empty() { to } else { first };
        self.emit(Instr::Concat { to: joined, first, count: head.len() as u16 }, expr.span);
        for (at, part) in rest.iter().enumerate() {
            let mark = self.mark();
            let b = self.operand(part);
            let to = if at + 1 == rest.len() { to } else { first };
            self.emit(Instr::Add { to, a: first, b }, expr.span);
            self.release(mark);
        }
    }
}

/// The operands of a chain of one operator, left to right, whatever its length.
pub fn chain(expr: &Expr, wanted: BinaryOp) -> Vec<&Expr> {
    let mut parts = Vec::new();
    let mut at = expr;
    while let ExprKind::Binary { op, left, right, .. } = &at.kind
        && *op == wanted
    {
        parts.push(&**right);
        at = left;
    }
    parts.push(at);
    parts.reverse();
    parts
}

/// A whole number that fits an instruction.
pub fn small_int(expr: &Expr) -> Option<i16> {
    match &expr.kind {
        ExprKind::Int(n) => i16::try_from(*n).ok(),
        ExprKind::Unary { op: UnaryOp::Minus, operand } => match &operand.kind {
            ExprKind::Int(n) => n.checked_neg().and_then(|n| i16::try_from(n).ok()),
            _ => None,
        },
        _ => None,
    }
}

type MakeImmediate = fn(Reg, Reg, i16) -> Instr;

fn immediate(op: BinaryOp, n: i16) -> Option<MakeImmediate> {
    match op {
        BinaryOp::Add => Some(|to, a, n| Instr::AddI { to, a, n }),
        BinaryOp::Sub => Some(|to, a, n| Instr::SubI { to, a, n }),
        BinaryOp::Mul => Some(|to, a, n| Instr::MulI { to, a, n }),
        BinaryOp::Rem if n > 0 => Some(|to, a, n| Instr::RemI { to, a, n }),
        _ => None,
    }
}
