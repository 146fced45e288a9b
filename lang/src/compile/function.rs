//! One function while it is translated: its variables, its temporary registers, its loops.

use super::Unit;
use super::assigned::Assigned;
use super::chunk::{Chunk, Patch};
use super::constants::Constant;
use super::op::{Instr, Reg};
use crate::source::Span;
use crate::syntax::ast::{Expr, ExprKind, Ident, Stmt, StmtKind, Target};
use crate::vm::program::Parameter;
use std::collections::HashMap;

/// The variables of a function; each has one register, in the order of their first appearance.
#[derive(Debug, Default)]
pub struct Locals<'a> {
    registers: HashMap<&'a str, Reg, foldhash::fast::RandomState>,
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

/// Constants that a loop uses turn after turn stand in registers of their own, loaded once where the
/// function begins. Which ones these are is known only after the function was translated, so one that
/// has some is translated again.
#[derive(Debug, Default)]
pub struct Pins {
    /// The constants in registers, in the order of these.
    pub held: Vec<Constant>,
    /// Those that loops asked for in vain.
    pub wanted: Vec<Constant>,
}

/// A function has at most so many of them: its frame is made at every call.
const MOST_PINS: usize = 16;

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
    /// How many loops surround this point, their conditions included.
    pub turning: usize,
    /// Use no short jumps.
    pub long_jumps: bool,
    pins: Pins,
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
        held: Vec<Constant>,
    ) -> Self {
        let mut locals = Locals::default();
        parameters.iter().for_each(|parameter| locals.add(&parameter.name));
        let mut assigned = Assigned::default();
        (0..locals.order.len()).for_each(|reg| assigned.insert(reg as Reg));
        locals.collect(body);
        let next = locals.order.len() + held.len();
        Self {
            unit,
            chunk: Chunk::default(),
            locals,
            assigned,
            loops: Vec::new(),
            tries: 0,
            turning: 0,
            long_jumps,
            pins: Pins { held, wanted: Vec::new() },
            next,
            highest: next,
        }
    }

    /// Translates the whole body.
    pub fn body(&mut self, body: &'a [Stmt], span: Span) {
        let start = Span::new(span.start, span.start);
        for (at, constant) in self.pins.held.clone().into_iter().enumerate() {
            let to = self.pin_register(at);
            match constant {
                Constant::Int(n) => self.int_to(n, to, start),
                other => self.constant_to(other, to, start),
            }
        }
        self.block(body);
        self.emit(Instr::ReturnNull, Span::new(span.end.saturating_sub(1), span.end));
    }

    fn pin_register(&self, at: usize) -> Reg {
        Reg::try_from(self.locals.order.len() + at).unwrap_or(Reg::MAX)
    }

    /// The register that holds a literal for the length of a loop, if this is in one.
    pub fn pinned(&mut self, literal: &Expr) -> Option<Reg> {
        if self.turning == 0 {
            return None;
        }
        let constant = match &literal.kind {
            ExprKind::Int(n) => Constant::Int(*n),
            ExprKind::Text { value, .. } => Constant::Text(value.clone()),
            _ => return None,
        };
        match self.pins.held.iter().position(|held| *held == constant) {
            Some(at) => Some(self.pin_register(at)),
            None => {
                if self.pins.wanted.len() < MOST_PINS && !self.pins.wanted.contains(&constant) {
                    self.pins.wanted.push(constant);
                }
                None
            }
        }
    }

    /// The constants that loops asked for.
    pub fn wanted(&mut self) -> Vec<Constant> {
        std::mem::take(&mut self.pins.wanted)
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
        let k = self.unit.constants.text(text);
        self.emit(Instr::Const { to, k }, span);
        to
    }
}
