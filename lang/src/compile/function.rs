//! One function while it is translated: its variables, its temporary registers, its loops.

use super::Unit;
use super::assigned::Assigned;
use super::chunk::{Chunk, Patch};
use super::constants::Constant;
use super::op::{Instr, Reg};
use crate::source::Span;
use crate::syntax::ast::{Ident, Stmt, StmtKind, Target};
use crate::vm::program::Parameter;
use std::collections::HashMap;

/// The variables of a function; each has one register, in the order of their first appearance.
#[derive(Debug, Default)]
pub struct Locals<'a> {
    registers: HashMap<&'a str, Reg>,
    order: Vec<&'a str>,
}

impl<'a> Locals<'a> {
    fn add(&mut self, name: &'a str) {
        if !self.registers.contains_key(name) && self.order.len() < usize::from(Reg::MAX) {
            self.registers.insert(name, self.order.len() as Reg);
            self.order.push(name);
        }
    }

    /// Adds every variable that the statements write.
    fn collect(&mut self, body: &'a [Stmt]) {
        for stmt in body {
            match &stmt.kind {
                StmtKind::Assign { target: Target::Var(name), .. } => self.add(&name.text),
                StmtKind::If { arms, otherwise } => {
                    arms.iter().for_each(|(_, body)| self.collect(body));
                    otherwise.iter().for_each(|body| self.collect(body));
                }
                StmtKind::ForEach { var, body, .. } => {
                    self.add(&var.text);
                    self.collect(body);
                }
                StmtKind::While { body, .. } => self.collect(body),
                StmtKind::Try { body, var, handler } => {
                    self.collect(body);
                    var.iter().for_each(|var| self.add(&var.text));
                    self.collect(handler);
                }
                _ => {}
            }
        }
    }

    /// Register of a variable.
    pub fn get(&self, name: &str) -> Option<Reg> {
        self.registers.get(name).copied()
    }

    /// Names by register.
    pub fn names(&self) -> Vec<String> {
        self.order.iter().map(|name| (*name).to_owned()).collect()
    }
}

/// A loop that `break` and `continue` may leave.
#[derive(Debug, Default)]
pub struct LoopFrame {
    /// Jumps out of the loop.
    pub breaks: Vec<Patch>,
    /// Jumps to its next turn.
    pub continues: Vec<Patch>,
    /// How many `try` surround it.
    pub tries: usize,
}

/// Translates one function.
pub struct FunctionCompiler<'u, 'p, 'a> {
    /// What all functions share.
    pub unit: &'u mut Unit<'p>,
    /// The code so far.
    pub chunk: Chunk,
    /// The variables.
    pub locals: Locals<'a>,
    /// Which variables surely have a value here.
    pub assigned: Assigned,
    /// Loops around this point, innermost last.
    pub loops: Vec<LoopFrame>,
    /// How many `try` surround this point.
    pub tries: usize,
    /// Use no short jumps.
    pub long_jumps: bool,
    next: usize,
    highest: usize,
}

impl<'u, 'p, 'a> FunctionCompiler<'u, 'p, 'a> {
    /// Gives every variable its register. Parameters come first and have values.
    pub fn new(
        unit: &'u mut Unit<'p>,
        parameters: &'a [Parameter],
        body: &'a [Stmt],
        long_jumps: bool,
    ) -> Self {
        let mut locals = Locals::default();
        parameters.iter().for_each(|parameter| locals.add(&parameter.name));
        let mut assigned = Assigned::default();
        (0..locals.order.len()).for_each(|reg| assigned.insert(reg as Reg));
        locals.collect(body);
        let next = locals.order.len();
        Self {
            unit,
            chunk: Chunk::default(),
            locals,
            assigned,
            loops: Vec::new(),
            tries: 0,
            long_jumps,
            next,
            highest: next,
        }
    }

    /// Translates the whole body.
    pub fn body(&mut self, body: &'a [Stmt], span: Span) {
        self.block(body);
        self.emit(Instr::ReturnNull, Span::new(span.end.saturating_sub(1), span.end));
    }

    /// Registers that the function needs.
    pub fn registers(&self) -> usize {
        self.highest
    }

    /// Appends an instruction.
    pub fn emit(&mut self, instr: Instr, span: Span) {
        self.chunk.emit(instr, span);
    }

    /// Takes the next temporary register. Out of registers, any will do: the function is refused.
    pub fn temp(&mut self) -> Reg {
        self.temps(1)
    }

    /// Takes several registers that stand side by side; the first.
    pub fn temps(&mut self, count: usize) -> Reg {
        let first = self.next;
        self.next += count;
        self.highest = self.highest.max(self.next);
        Reg::try_from(first).unwrap_or(Reg::MAX)
    }

    /// Where temporaries stand now, to give back with [`release`](Self::release).
    pub fn mark(&self) -> usize {
        self.next
    }

    /// Gives temporaries back.
    pub fn release(&mut self, mark: usize) {
        self.next = mark;
    }

    /// Whether the register is a variable's.
    pub fn is_variable(&self, reg: Reg) -> bool {
        usize::from(reg) < self.locals.order.len()
    }

    /// Register of a variable that is about to be read, checked where it may have no value.
    pub fn read_variable(&mut self, name: &Ident) -> Option<Reg> {
        let reg = self.locals.get(&name.text)?;
        if !self.assigned.contains(reg) {
            let name_at = self.unit.constants.text(&name.text);
            self.emit(Instr::CheckSet { reg, name: name_at }, name.span);
            self.assigned.insert(reg);
        }
        Some(reg)
    }

    /// Puts a text constant into a new temporary.
    pub fn text_temp(&mut self, text: &str, span: Span) -> Reg {
        let to = self.temp();
        let k = self.unit.constants.add(Constant::Text(text.to_owned()));
        self.emit(Instr::Const { to, k }, span);
        to
    }
}
