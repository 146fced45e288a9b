//! The built-in functions, as tables: name, signature, doc, examples and code of each stand
//! together, and the examples run as tests, as REPL help and as `spec/stdlib`.
//!
//! Almost every built-in has two forms, `receiver.name(args)` and `name(receiver, args)`; natives
//! see the receiver as their first argument either way.

use crate::value::fault::Run;
use crate::value::heap::Heap;
use crate::value::{Kind, Value};
use jiff::tz::TimeZone;

/// What a native may use besides its arguments.
pub struct Ctx<'a> {
    /// The run's memory.
    pub heap: &'a mut Heap,
    /// The organisation's time zone.
    pub zone: &'a TimeZone,
    /// Fuel left in this slice; may become negative, the machine looks at its next safe point.
    pub fuel: &'a mut i64,
}

impl Ctx<'_> {
    /// Pays for work: about one unit per element visited or 16 bytes copied.
    pub fn charge(&mut self, units: usize) {
        *self.fuel = self.fuel.saturating_sub(units.try_into().unwrap_or(i64::MAX));
    }
}

/// The code of a built-in. `args[0]` is the receiver; trailing optional arguments are absent.
pub type Native = fn(&mut Ctx<'_>, &[Value]) -> Run<Value>;

/// One parameter.
#[derive(Debug)]
pub struct Param {
    /// Name as documented.
    pub name: &'static str,
    /// Kind in the author's words: `text`, `number`, `list`, `any` …
    pub ty: &'static str,
    /// May be left out.
    pub optional: bool,
}

/// An example that runs as a test.
#[derive(Debug)]
pub struct Example {
    /// An expression.
    pub source: &'static str,
    /// What `info` prints of it; `fault CODE` if it faults.
    pub prints: &'static str,
}

/// One built-in function for one or more kinds of receiver.
pub struct Builtin {
    /// Documented spelling; matched without case.
    pub name: &'static str,
    /// Other accepted spellings.
    pub aliases: &'static [&'static str],
    /// Kinds of receiver it takes; empty for functions without one (`Map()`).
    pub on: &'static [Kind],
    /// Parameters after the receiver.
    pub params: &'static [Param],
    /// What it answers, in the author's words; `nothing` if it only changes the receiver.
    pub returns: &'static str,
    /// One paragraph.
    pub doc: &'static str,
    /// Examples.
    pub examples: &'static [Example],
    /// The code.
    pub run: Native,
}

/// Every table of built-ins.
pub const TABLES: &[&[Builtin]] = &[];
