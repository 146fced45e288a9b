//! From a fault inside the machine to what its author is told.

use super::origins::Origin;
use super::program::Program;
use crate::codes::{self, CODES, Code};
use crate::diagnostic::Diagnostic;
use crate::source::Span;
use crate::value::data::Data;
use crate::value::fault::Fault;
use serde::{Deserialize, Deserializer, Serialize};

/// One line of a trace, innermost first.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct TraceLine {
    /// Name of the function; `main` for the top level.
    pub function: String,
    /// Line, counted from 1.
    pub line: u32,
}

/// A fault that nothing caught, or a halt.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct FaultReport {
    /// Code from the register.
    #[serde(deserialize_with = "known_code")]
    pub code: Code,
    /// One sentence in the author's words.
    pub message: String,
    /// What to do about it.
    pub help: Option<String>,
    /// The failing expression.
    pub span: Span,
    /// Line where it starts, counted from 1.
    pub line: u32,
    /// Column where it starts, in characters, counted from 1.
    pub column: u32,
    /// Machine-readable name of a host failure, or the `code` that was thrown.
    pub reason: Option<String>,
    /// What `throw` was given, if it can leave the run; not kept in a snapshot.
    #[serde(skip)]
    pub thrown: Option<Data>,
    /// The calls that led here, innermost first.
    pub trace: Vec<TraceLine>,
}

fn known_code<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Code, D::Error> {
    let text = String::deserialize(deserializer)?;
    CODES
        .iter()
        .find(|(code, _)| code.0 == text)
        .map(|(code, _)| *code)
        .ok_or_else(|| serde::de::Error::custom("unknown fault code"))
}

impl FaultReport {
    /// Whether no `try` could have caught it: fuel, memory, depth.
    pub fn is_halt(&self) -> bool {
        self.code.0.starts_with("E05")
    }

    /// As a diagnostic, to be drawn like those of the checker.
    pub fn to_diagnostic(&self) -> Diagnostic {
        let mut diagnostic = Diagnostic::error(self.code, self.span, self.message.clone());
        diagnostic.help.clone_from(&self.help);
        if self.trace.len() > 1 {
            let calls: Vec<String> =
                self.trace.iter().map(|t| format!("{} (line {})", t.function, t.line)).collect();
            diagnostic.note = Some(format!("called through: {}", calls.join(" ← ")));
        }
        diagnostic
    }
}

impl From<&FaultReport> for Diagnostic {
    fn from(report: &FaultReport) -> Self {
        report.to_diagnostic()
    }
}

/// Gives a fault its place and, where a value was null or of a wrong kind, the words of the script
/// for it. `pc` is the instruction that faulted.
pub(super) fn locate(program: &Program, function: usize, pc: u32, fault: &mut Fault) {
    let Some(code) = program.functions().get(function) else { return };
    let note = code.note(pc);
    if fault.span.is_none() {
        fault.span = code.spans.get(pc as usize).copied();
    }
    let Some(note) = note else { return };
    match fault.code {
        codes::NULL_RECEIVER | codes::NOT_BOOLEAN => {
            if let Some(text) = shown(program, note.left) {
                let line = program.line(note.left);
                let origin = origin(program, function, note.left, &text).unwrap_or_default();
                fault.message = format!("{}: `{text}` on line {line}{origin}", fault.message);
            }
            if fault.code == codes::NOT_BOOLEAN {
                fault.span = Some(note.left);
            }
        }
        _ => {}
    }
}

/// If the expression is a variable: where it got its value, unless that is the same line.
fn origin(program: &Program, function: usize, used: Span, name: &str) -> Option<String> {
    let origin = program.origin(function, name, used)?;
    let (Origin::Value(from) | Origin::Element(from) | Origin::Parameter(from)) = origin;
    let line = program.line(from);
    if line == program.line(used) {
        return None;
    }
    let words = shown(program, from)?;
    Some(match origin {
        Origin::Value(_) => format!(", set to `{words}` on line {line}"),
        Origin::Element(_) => format!(", an element of `{words}` on line {line}"),
        Origin::Parameter(_) => format!(", a parameter declared on line {line}"),
    })
}

/// The words of the script at a place, on one line, cut where they are long.
fn shown(program: &Program, span: Span) -> Option<String> {
    const LONGEST: usize = 60;
    let text = program.text_at(span)?;
    let words: Vec<&str> = text.split_whitespace().collect();
    let line = words.join(" ");
    if line.chars().count() <= LONGEST {
        return Some(line);
    }
    Some(line.chars().take(LONGEST).chain(['…']).collect())
}
