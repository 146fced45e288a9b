//! A compiled file: immutable, shared by all runs of it.

use super::origins::{Origin, Origins};
use crate::compile::chunk::Note;
use crate::compile::constants::Constant;
use crate::compile::{disasm, op::Instr};
use crate::source::{LineIndex, Span};
use sha2::{Digest, Sha256};
use std::sync::OnceLock;

/// Identity of a program: equal only if the source and the code made from it are the same.
pub type ProgramId = [u8; 32];

/// One parameter of a function.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Parameter {
    /// Name.
    pub name: String,
    /// Declared type as written, if any.
    pub ty: Option<String>,
}

/// One compiled function.
#[derive(Debug)]
pub struct Function {
    /// Dotted name; `main` for the top-level statements.
    pub name: String,
    /// Parameters; for the top level, the variables it is given.
    pub parameters: Vec<Parameter>,
    /// Declared return type as written, if any.
    pub returns: Option<String>,
    /// Registers of one frame.
    pub registers: u16,
    /// Names of the variables, by register.
    pub locals: Vec<String>,
    /// Instructions.
    pub code: Vec<Instr>,
    /// Place of each instruction.
    pub spans: Vec<Span>,
    /// Operand places.
    pub notes: Vec<Note>,
    /// The function in the text.
    pub span: Span,
}

impl Function {
    /// Operand places of an instruction.
    pub fn note(&self, pc: u32) -> Option<&Note> {
        self.notes.binary_search_by_key(&pc, |note| note.pc).ok().map(|at| &self.notes[at])
    }
}

/// A compiled file.
#[derive(Debug)]
pub struct Program {
    source: String,
    lines: LineIndex,
    functions: Vec<Function>,
    pub(crate) constants: Vec<Constant>,
    has_body: bool,
    id: OnceLock<ProgramId>,
    origins: OnceLock<Origins>,
}

impl Program {
    /// Puts the parts together; the last function is the top level.
    pub(crate) fn new(
        source: &str,
        functions: Vec<Function>,
        constants: Vec<Constant>,
        has_body: bool,
    ) -> Self {
        Self {
            source: source.to_owned(),
            lines: LineIndex::new(source),
            functions,
            constants,
            has_body,
            id: OnceLock::new(),
            origins: OnceLock::new(),
        }
    }

    /// The functions of the file in their order, then the top level under the name `main`.
    pub fn functions(&self) -> &[Function] {
        &self.functions
    }

    /// The functions that the file declares.
    pub fn declared(&self) -> &[Function] {
        &self.functions[..self.functions.len().saturating_sub(1)]
    }

    /// Position of a declared function by its dotted name, exactly, then without case, then by its
    /// last segment.
    pub fn find(&self, name: &str) -> Option<usize> {
        let tail = |full: &str| full.rsplit('.').next().is_some_and(|last| last.eq_ignore_ascii_case(name));
        let declared = self.declared();
        declared
            .iter()
            .position(|f| f.name == name)
            .or_else(|| declared.iter().position(|f| f.name.eq_ignore_ascii_case(name)))
            .or_else(|| declared.iter().position(|f| tail(&f.name)))
    }

    /// Whether there are top-level statements.
    pub fn has_body(&self) -> bool {
        self.has_body
    }

    /// The text it was compiled from.
    pub fn source(&self) -> &str {
        &self.source
    }

    /// Line of a place, counted from 1.
    pub fn line(&self, span: Span) -> u32 {
        self.lines.line(span.start)
    }

    /// Line and column (in characters) of a place, both counted from 1.
    pub fn line_column(&self, span: Span) -> (u32, u32) {
        self.lines.line_column(&self.source, span.start)
    }

    /// The text at a place.
    pub fn text_at(&self, span: Span) -> Option<&str> {
        self.source.get(span.range())
    }

    /// How a variable of a function got what it holds at a place, if the text can tell.
    pub(super) fn origin(&self, function: usize, name: &str, used: Span) -> Option<Origin> {
        self.origins.get_or_init(|| Origins::of(&self.source)).find(function, name, used)
    }

    /// Identity of the program; a snapshot loads only into the program it was taken from. Computed
    /// when first asked for.
    pub fn id(&self) -> ProgramId {
        *self.id.get_or_init(|| {
            let mut hash = Sha256::new();
            for part in [&self.source, &disasm::listing(self)] {
                hash.update((part.len() as u64).to_le_bytes());
                hash.update(part);
            }
            hash.finalize().into()
        })
    }
}
