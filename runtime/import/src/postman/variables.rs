//! `{{variables}}`: those of the collection have values, others come with each call.

use crate::document::{items, text};
use serde_json::Value;
use std::collections::BTreeMap;

/// Variables within values of variables.
const DEPTH: usize = 6;

/// The variables of a collection with their values.
pub(super) struct Variables(BTreeMap<String, String>);

/// A piece of a text.
#[derive(Debug, PartialEq)]
pub(super) enum Piece<'a> {
    Text(&'a str),
    Variable(&'a str),
}

impl Variables {
    pub(super) fn read(root: &Value) -> Self {
        let pairs = items(root.get("variable")).filter_map(|variable| {
            let name = text(variable, "key").or_else(|| text(variable, "id"))?;
            Some((name, text(variable, "value")?))
        });
        Self(pairs.collect())
    }

    /// The value of a variable.
    pub(super) fn get(&self, name: &str) -> Option<&str> {
        self.0.get(name).map(String::as_str)
    }

    /// A text with the values of all variables that have one.
    pub(super) fn fill(&self, text: &str) -> String {
        self.fill_within(text, DEPTH)
    }

    fn fill_within(&self, text: &str, depth: usize) -> String {
        let mut out = String::new();
        for piece in pieces(text) {
            match piece {
                Piece::Text(text) => out.push_str(text),
                Piece::Variable(name) => match self.get(name).filter(|_| depth > 0) {
                    Some(value) => out.push_str(&self.fill_within(value, depth - 1)),
                    None => out.push_str(&format!("{{{{{name}}}}}")),
                },
            }
        }
        out
    }

    /// What is told of them.
    pub(super) fn notes(&self) -> Vec<String> {
        let names: Vec<&str> = self.0.keys().map(String::as_str).collect();
        if names.is_empty() {
            return Vec::new();
        }
        vec![format!(
            "variables of the collection, whose values are examples or stand in addresses: {}",
            names.join(", ")
        )]
    }
}

/// Cuts a text at its variables.
pub(super) fn pieces(mut text: &str) -> Vec<Piece<'_>> {
    let mut pieces = Vec::new();
    while let Some((before, rest)) = text.split_once("{{") {
        let Some((name, after)) = rest.split_once("}}") else { break };
        if !before.is_empty() {
            pieces.push(Piece::Text(before));
        }
        pieces.push(Piece::Variable(name.trim()));
        text = after;
    }
    if !text.is_empty() {
        pieces.push(Piece::Text(text));
    }
    pieces
}

/// The variable that a text is, if it is one and nothing else.
pub(super) fn sole(text: &str) -> Option<&str> {
    match pieces(text.trim()).as_slice() {
        [Piece::Variable(name)] => Some(name),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn variables_are_filled_and_circles_end() {
        let root = json!({ "variable": [
            { "key": "base", "value": "https://{{host}}/v1" }, { "key": "host", "value": "a.example.com" },
            { "key": "round", "value": "{{round}}" }, { "key": "empty", "value": "" },
        ] });
        let variables = Variables::read(&root);
        assert_eq!(variables.fill("{{base}}/{{ id }}"), "https://a.example.com/v1/{{id}}");
        assert_eq!(variables.fill("{{round}}{{empty}}{{"), "{{round}}{{empty}}{{");
        assert_eq!(sole(" {{x}} "), Some("x"));
        assert_eq!(sole("a{{x}}"), None);
    }
}
