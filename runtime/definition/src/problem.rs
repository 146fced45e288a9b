//! What is wrong with a connector file, as its author sees it.

use crate::source::Source;
use crate::tree::{Cursor, Place};
use crate::within;
use sluis_lang::source::Span;
use std::fmt;

/// One problem. `Display` draws file, place, message, the line with carets, and the help.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Problem {
    /// The file, as it was named to [`crate::read`].
    pub file: String,
    /// Line, counted from 1.
    pub line: u32,
    /// Column in characters, counted from 1.
    pub column: u32,
    /// How many characters are concerned, at least 1.
    pub width: u32,
    /// The place in the file's structure: `apis.pushcontact.url`, `hosts[0]`; empty for the whole.
    pub path: String,
    /// What is wrong.
    pub message: String,
    /// How to mend it.
    pub help: Option<String>,
    /// The line, with secrets starred.
    pub source_line: String,
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "{}:{}:{}: {}", self.file, self.line, self.column, self.message)?;
        let number = self.line.to_string();
        let margin = " ".repeat(number.len());
        let length = self.source_line.chars().count();
        let column = (self.column.max(1) as usize - 1).min(length);
        let width = (self.width as usize).clamp(1, (length - column).max(1));
        writeln!(f, " {number} | {}", self.source_line)?;
        write!(f, " {margin} | {}{}", " ".repeat(column), "^".repeat(width))?;
        if let Some(help) = &self.help {
            write!(f, "\n {margin} = help: {help}")?;
        }
        Ok(())
    }
}

/// Problems of one file as they are found.
pub(crate) struct Problems<'a> {
    source: &'a Source<'a>,
    found: Vec<Problem>,
}

impl<'a> Problems<'a> {
    pub(crate) fn new(source: &'a Source<'a>) -> Self {
        Self { source, found: Vec::new() }
    }

    /// Adds a problem of a value.
    pub(crate) fn add(&mut self, at: &Cursor<'_>, message: impl Into<String>, help: Option<String>) {
        self.add_at(at.place(), at.path(), message.into(), help);
    }

    /// Adds a problem of the name under which a value stands.
    pub(crate) fn add_key(&mut self, at: &Cursor<'_>, message: impl Into<String>, help: Option<String>) {
        self.add_at(at.key_place(), at.path(), message.into(), help);
    }

    /// Adds a problem of a part of a text, by its bytes.
    pub(crate) fn add_within(
        &mut self,
        at: &Cursor<'_>,
        text: &str,
        part: Span,
        message: String,
        help: Option<String>,
    ) {
        self.add_at(within::place(self.source, at.place(), text, part), at.path(), message, help);
    }

    fn add_at(&mut self, place: Place, path: &str, message: String, help: Option<String>) {
        self.found.push(at_place(self.source, place, path, message, help));
    }

    /// Whether something was said of this very place already.
    pub(crate) fn concerns(&self, path: &str) -> bool {
        self.found.iter().any(|problem| problem.path == path)
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.found.is_empty()
    }

    pub(crate) fn sorted(mut self) -> Vec<Problem> {
        self.found.sort_by_key(|problem| (problem.line, problem.column));
        self.found.dedup();
        self.found
    }
}

/// A problem at a place that need not be in a tree.
pub(crate) fn at_place(
    source: &Source<'_>,
    place: Place,
    path: &str,
    message: String,
    help: Option<String>,
) -> Problem {
    Problem {
        file: source.file.to_owned(),
        line: place.line,
        column: place.column,
        width: place.width,
        path: path.to_owned(),
        message: printable(&message),
        help: help.as_deref().map(printable),
        source_line: source.line(place.line),
    }
}

/// Messages quote the file: no escape sequence of it may reach a terminal, and no flood of text.
fn printable(text: &str) -> String {
    const LIMIT: usize = 600;
    let mut shown: String =
        text.chars().map(|c| if c.is_control() { '\u{FFFD}' } else { c }).take(LIMIT).collect();
    if text.chars().nth(LIMIT).is_some() {
        shown.push('…');
    }
    shown
}
