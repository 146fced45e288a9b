//! What can be written at a place.

mod connector;
mod keys;
mod members;
mod words;

use super::Document;
use super::cursor::{Cursor, Place, cursor};
use crate::source::Span;
use serde::Serialize;

pub(super) use connector::{api_of_call, apis_fed};
pub(super) use keys::task_key_doc;

/// One thing that can be written.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Completion {
    /// Its name, by which it is found while typing.
    pub label: String,
    /// What it is.
    pub kind: CompletionKind,
    /// In a few words: a signature, a kind of value, where it comes from.
    pub detail: String,
    /// Markdown.
    pub doc: Option<String>,
    /// What is put in the place of `replace`.
    pub insert: String,
    /// The same with places to fill, `put(${1:key}, ${2:value})`, for editors that know such.
    pub snippet: Option<String>,
    /// What has been typed of it.
    pub replace: Span,
    /// Smaller ones come first.
    pub rank: u8,
}

/// What a completion is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum CompletionKind {
    /// A variable of the function.
    Variable,
    /// A function of the file, or one that is stored.
    Function,
    /// A built-in in free form, or a host call.
    Builtin,
    /// A built-in on a value.
    Method,
    /// `zoho.currentdate`
    SystemVariable,
    /// A part of a dotted name.
    Namespace,
    /// `if`, `for each` …
    Keyword,
    /// `invokeurl` …
    Task,
    /// A key of a task.
    TaskKey,
    /// A key of a map.
    MapKey,
    /// A constant: a method of HTTP, `true`.
    Constant,
    /// A connector.
    Connector,
    /// An API of a connector.
    Api,
    /// A variable of an API.
    ApiVariable,
}

impl Completion {
    fn new(label: &str, kind: CompletionKind, replace: Span, detail: impl Into<String>) -> Self {
        Self {
            label: label.to_owned(),
            kind,
            detail: detail.into(),
            doc: None,
            insert: label.to_owned(),
            snippet: None,
            replace,
            rank: 5,
        }
    }

    fn doc(mut self, doc: impl Into<String>) -> Self {
        self.doc = Some(doc.into());
        self
    }

    fn rank(mut self, rank: u8) -> Self {
        self.rank = rank;
        self
    }

    fn snippet(mut self, snippet: impl Into<String>) -> Self {
        self.snippet = Some(snippet.into());
        self
    }
}

/// What can be written at a byte offset, the likeliest first. Not filtered by what has been typed:
/// editors do that in their own ways; the bytes that have been typed are `replace`.
pub fn completions(document: &Document, offset: u32) -> Vec<Completion> {
    let cursor = cursor(document, offset);
    let mut found = match cursor.place {
        Place::Nothing => vec![],
        Place::Statement => words::statement(document, &cursor),
        Place::Value => values(document, &cursor),
        Place::Member(dot) => members::after_dot(document, &cursor, dot),
        Place::Text(token) => inside_text(document, &cursor, token),
        Place::TaskKey(open) => keys::of_task(document, &cursor, open),
        Place::TaskValue(key) => keys::value(document, &cursor, key),
    };
    found.sort_by(|a, b| {
        (a.rank, a.label.to_lowercase(), &a.label).cmp(&(b.rank, b.label.to_lowercase(), &b.label))
    });
    found.dedup_by(|a, b| a.label == b.label && a.kind == b.kind && a.detail == b.detail);
    found
}

fn values(document: &Document, cursor: &Cursor) -> Vec<Completion> {
    let mut found = connector::values(document, cursor);
    found.extend(words::value(document, cursor));
    found
}

fn inside_text(document: &Document, cursor: &Cursor, token: usize) -> Vec<Completion> {
    let connectors = connector::inside_text(document, cursor, token);
    if connectors.is_empty() { keys::of_maps(document, cursor, token) } else { connectors }
}

/// What stands after a completion decides whether it brings its own brackets.
fn brackets_follow(document: &Document, cursor: &Cursor) -> bool {
    document.text().get(cursor.replace.end as usize..).is_some_and(|rest| {
        rest.trim_start_matches(|c: char| c.is_alphanumeric() || c == '_').starts_with('(')
    })
}

/// `name(${1:first}, ${2:second})`, with the parameters that must be given.
fn call_snippet<'p>(name: &str, required: impl Iterator<Item = &'p str>) -> String {
    let places: Vec<String> =
        required.enumerate().map(|(at, param)| format!("${{{}:{param}}}", at + 1)).collect();
    format!("{name}({})$0", places.join(", "))
}

#[cfg(test)]
mod tests;
