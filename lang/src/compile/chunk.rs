//! The code of one function while it is written: instructions, places, patches.

use super::op::Instr;
use crate::source::Span;

/// Where the operands of an instruction stand in the text, so that a fault can name them.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Note {
    /// Position of the instruction.
    pub pc: u32,
    /// Left operand, receiver or condition.
    pub left: Span,
    /// Right operand; the left one again if there is only one.
    pub right: Span,
}

/// Instructions with their places.
#[derive(Debug, Default)]
pub struct Chunk {
    /// The instructions.
    pub code: Vec<Instr>,
    /// The place of each instruction.
    pub spans: Vec<Span>,
    /// Operand places, by ascending position.
    pub notes: Vec<Note>,
    /// A short jump did not reach; the function must be compiled again with long jumps.
    pub too_far: bool,
}

/// A jump whose target is not known yet.
#[derive(Debug, Clone, Copy)]
pub struct Patch(usize);

impl Chunk {
    /// Position of the next instruction.
    pub fn here(&self) -> usize {
        self.code.len()
    }

    /// Appends an instruction.
    pub fn emit(&mut self, instr: Instr, span: Span) -> usize {
        self.code.push(instr);
        self.spans.push(span);
        self.code.len() - 1
    }

    /// Appends a jump to be patched.
    pub fn emit_jump(&mut self, instr: Instr, span: Span) -> Patch {
        Patch(self.emit(instr, span))
    }

    /// Says where the operands of the last instruction stand.
    pub fn note(&mut self, left: Span, right: Span) {
        let pc = self.code.len().saturating_sub(1) as u32;
        self.notes.push(Note { pc, left, right });
    }

    /// Lets jumps go to the next instruction.
    pub fn patch_here(&mut self, patches: &[Patch]) {
        let here = self.here();
        for patch in patches {
            self.patch(*patch, here);
        }
    }

    /// Lets a jump go to a position.
    pub fn patch(&mut self, Patch(at): Patch, target: usize) {
        match &mut self.code[at] {
            Instr::Jump { to }
            | Instr::JumpIf { to, .. }
            | Instr::JumpIfNot { to, .. }
            | Instr::JumpNull { to, .. }
            | Instr::JumpNotNull { to, .. }
            | Instr::Loop { to, .. }
            | Instr::Try { handler: to, .. } => *to = target as u32,
            Instr::JumpEq { by, .. }
            | Instr::JumpNe { by, .. }
            | Instr::JumpLt { by, .. }
            | Instr::JumpNotLt { by, .. }
            | Instr::JumpLe { by, .. }
            | Instr::JumpNotLe { by, .. }
            | Instr::JumpEqI { by, .. }
            | Instr::JumpNeI { by, .. }
            | Instr::JumpLtI { by, .. }
            | Instr::JumpNotLtI { by, .. }
            | Instr::JumpLeI { by, .. }
            | Instr::JumpNotLeI { by, .. }
            | Instr::JumpGtI { by, .. }
            | Instr::JumpNotGtI { by, .. }
            | Instr::JumpGeI { by, .. }
            | Instr::JumpNotGeI { by, .. } => match i16::try_from(target as i64 - at as i64 - 1) {
                Ok(near) => *by = near,
                Err(_) => self.too_far = true,
            },
            _ => {}
        }
    }
}
