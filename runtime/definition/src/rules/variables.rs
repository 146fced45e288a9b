//! Variables of connections: their names, and sample values in the places where they stand, so that
//! the rules for hosts and URLs see what a call will see.

use crate::problem::Problems;
use crate::template::{Piece, fault, pieces};
use crate::tree::Cursor;
use sluis_model::connection_settings::{Variable, VariableFormat};

/// The variables that a file declares, as far as they can be read.
pub(super) struct Declared(Vec<Variable>);

impl Declared {
    /// Whether this is the name of one.
    pub(super) fn contains(&self, name: &str) -> bool {
        self.0.iter().any(|variable| variable.name == name)
    }

    /// A URL with a sample in place of each variable. Before its path only labels and whole hosts
    /// have a place.
    pub(super) fn fill_url(&self, text: &str) -> String {
        let start = text.find("://").map_or(0, |at| at + 3);
        self.fill(text, |out, variable| {
            let before_path = !out.get(start..).unwrap_or_default().contains(['/', '?', '#', '\\']);
            !before_path || variable.format != VariableFormat::Text
        })
    }

    /// A host with a sample in place of each variable.
    pub(super) fn fill_host(&self, text: &str) -> String {
        self.fill(text, |_, variable| variable.format != VariableFormat::Text)
    }

    fn fill(&self, text: &str, fits: impl Fn(&str, &Variable) -> bool) -> String {
        let mut out = String::new();
        for piece in pieces(text) {
            match piece {
                Piece::Text("${") => out.push_str("$${"),
                Piece::Text(literal) => out.push_str(literal),
                Piece::Broken { text, .. } => out.push_str(text),
                Piece::Placeholder(name) => {
                    match self.0.iter().find(|variable| variable.name == name && fits(&out, variable)) {
                        Some(variable) => out.push_str(&variable.sample()),
                        None => out.push_str(&format!("${{{name}}}")),
                    }
                }
            }
        }
        out
    }
}

/// Reads and checks the variables.
pub(super) fn check(root: &Cursor<'_>, problems: &mut Problems<'_>) -> Declared {
    let mut declared: Vec<Variable> = Vec::new();
    let settings = root.get("connection");
    for at in
        settings.iter().filter_map(|it| it.get("variables")).flat_map(|it| it.items().collect::<Vec<_>>())
    {
        let Some(name) = at.get("name") else { continue };
        let Some(text) = name.text() else { continue };
        if declared.iter().any(|other| other.name == text) {
            problems.add(&name, format!("the variable `{text}` is declared twice"), None);
            continue;
        }
        if let Some(why) = fault(text) {
            problems.add(&name, format!("`{text}` is no name of a variable: {why}"), None);
            continue;
        }
        if let Ok(variable) = serde_json::from_value(at.to_json()) {
            declared.push(variable);
        }
    }
    let declared = Declared(declared);
    for api in root.get("apis").iter().flat_map(Cursor::entries) {
        for input in api.get("inputs").iter().flat_map(Cursor::entries) {
            if declared.contains(input.name()) {
                let message =
                    format!("`{}` is a variable of the connection and an input as well", input.name());
                let help =
                    "give one of them another name: a caller must not set what belongs to the connection";
                problems.add_key(&input, message, Some(help.to_owned()));
            }
        }
    }
    declared
}
