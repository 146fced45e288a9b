//! The built-in functions, as tables: name, signature, doc, examples and code of each stand
//! together, and the examples run as tests, as REPL help and as `spec/stdlib`.
//!
//! Almost every built-in has two forms, `receiver.name(args)` and `name(receiver, args)`; natives
//! see the receiver as their first argument either way.

mod args;
mod collection;
mod collections;
mod collections_read;
mod conversion;
mod datetime;
mod datetime_between;
mod datetime_business;
mod datetime_shift;
mod datetime_weekday;
mod encode;
mod encryption;
pub mod encryption_aes;
mod file;
mod file_archive;
pub(crate) mod file_text;
mod json;
mod list;
mod list_numbers;
mod list_typed;
mod logical;
mod number;
mod number_format;
mod number_math;
mod number_words;
mod pattern;
mod pattern_syntax;
pub(crate) mod platform;
mod reference;
mod text;
mod text_replace;
mod text_search;
mod utf16;
pub(crate) mod xml;
mod xml_write;
mod xpath;

pub use reference::{TOPICS, reference_markdown};

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
    /// Other accepted spellings. One with dots (`zoho.encryption.urlEncode`) is a free form only.
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

impl Builtin {
    /// Whether this is one of its spellings, without case.
    pub fn answers_to(&self, name: &str) -> bool {
        self.name.eq_ignore_ascii_case(name)
            || self.aliases.iter().any(|alias| alias.eq_ignore_ascii_case(name))
    }

    /// How many parameters after the receiver must be given.
    pub fn required(&self) -> usize {
        self.params.iter().filter(|param| !param.optional).count()
    }
}

/// All built-ins, one table per file; [`TOPICS`] names them.
pub const TABLES: &[&[Builtin]] = &[
    logical::TABLE,
    text::TABLE,
    text_search::TABLE,
    text_replace::TABLE,
    encode::TABLE,
    conversion::TABLE,
    json::TABLE,
    number::TABLE,
    number_format::TABLE,
    number_math::TABLE,
    number_words::TABLE,
    datetime::TABLE,
    datetime_shift::TABLE,
    datetime_between::TABLE,
    datetime_weekday::TABLE,
    datetime_business::TABLE,
    collection::TABLE,
    list::TABLE,
    list_numbers::TABLE,
    list_typed::TABLE,
    collections::TABLE,
    collections_read::TABLE,
    file::TABLE,
    file_archive::TABLE,
    xml::TABLE,
    encryption::TABLE,
    encryption_aes::TABLE,
];

const fn param(name: &'static str, ty: &'static str) -> Param {
    Param { name, ty, optional: false }
}

const fn optional(name: &'static str, ty: &'static str) -> Param {
    Param { name, ty, optional: true }
}

const fn example(source: &'static str, prints: &'static str) -> Example {
    Example { source, prints }
}

/// Every built-in that answers to a name, without case: one per kind of receiver. Dotted names such
/// as `zoho.encryption.urlEncode` are found as well.
pub fn find(name: &str) -> impl Iterator<Item = &'static Builtin> {
    TABLES.iter().copied().flatten().filter(move |builtin| builtin.answers_to(name))
}

/// Every spelling of every built-in, for *did you mean* and completion; some stand more than once.
pub fn names() -> impl Iterator<Item = &'static str> {
    TABLES
        .iter()
        .copied()
        .flatten()
        .flat_map(|builtin| std::iter::once(builtin.name).chain(builtin.aliases.iter().copied()))
}

/// Why a text cannot be used as a regular expression; none if it can.
pub(crate) fn pattern_fault(text: &str) -> Option<String> {
    pattern::compile(text, false, false).err().map(|refusal| refusal.reason())
}
