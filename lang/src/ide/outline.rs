//! The functions and variables of a file, as a tree.

use super::Document;
use super::describe;
use crate::source::Span;
use serde::Serialize;
use std::collections::HashSet;

/// A function or variable.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Outline {
    /// Its name.
    pub name: String,
    /// Signature or nothing.
    pub detail: String,
    /// What it is.
    pub kind: OutlineKind,
    /// The whole of it.
    pub span: Span,
    /// Its name where it is declared; lies within `span`.
    pub name_span: Span,
    /// What is declared inside.
    pub children: Vec<Outline>,
}

/// What an entry is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum OutlineKind {
    /// A function.
    Function,
    /// A variable where it first gets its value.
    Variable,
}

/// Functions with their variables, and the variables of the top level, in the order of the text.
pub fn outline(document: &Document) -> Vec<Outline> {
    let functions = document.program.functions.iter().enumerate();
    let mut found: Vec<Outline> = functions
        .filter_map(|(index, function)| {
            let (first, last) = (function.name.first()?, function.name.last()?);
            Some(Outline {
                name: function.full_name(),
                detail: describe::function(function),
                kind: OutlineKind::Function,
                span: function.span,
                name_span: first.span.to(last.span),
                children: variables(document, index),
            })
        })
        .collect();
    found.extend(variables(document, document.program.functions.len()));
    found.sort_by_key(|entry| entry.span.start);
    found
}

fn variables(document: &Document, scope: usize) -> Vec<Outline> {
    let mut seen = HashSet::new();
    let written = document.names().all().iter().filter(|name| name.scope == scope && name.role.writes());
    written
        .filter(|name| seen.insert(document.slice(name.span)))
        .map(|name| Outline {
            name: document.slice(name.span).to_owned(),
            detail: String::new(),
            kind: OutlineKind::Variable,
            span: name.span,
            name_span: name.span,
            children: vec![],
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::super::marked::document;
    use super::*;

    #[test]
    fn functions_hold_their_variables() {
        let found = outline(&document("a = 1;\nint n.f(int p) { q = p; q = 2; return q; }\na = 2; b = 3;"));
        let names: Vec<_> = found.iter().map(|entry| entry.name.as_str()).collect();
        assert_eq!(names, ["a", "n.f", "b"]);
        assert_eq!(found[1].detail, "int n.f(int p)");
        let inner: Vec<_> = found[1].children.iter().map(|entry| entry.name.as_str()).collect();
        assert_eq!(inner, ["p", "q"]);
    }
}
