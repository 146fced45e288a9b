//! Variables of connections: their names, and sample values in the places where they stand, so that
//! the rules for hosts and URLs see what a call will see.

use super::api::API_VERSION;
use crate::problem::Problems;
use crate::template::{Braces, Piece, fault};
use crate::tree::Cursor;
use sluis_model::connection_settings::{Variable, VariableFormat};
use sluis_model::suggest;
use sluis_model::template::{Segment, pieces, push_literal};

/// The variables that a file declares, as far as they can be read, and the version of the API.
pub(super) struct Declared {
    variables: Vec<Variable>,
    api_version: Option<String>,
}

impl Declared {
    /// Whether this is the name of one.
    pub(super) fn contains(&self, name: &str) -> bool {
        let is_version = name == API_VERSION && self.api_version.is_some();
        is_version || self.variables.iter().any(|variable| variable.name == name)
    }

    /// A URL with a sample in place of each variable. Before its path only labels and whole hosts
    /// have a place.
    pub(super) fn fill_url(&self, text: &str) -> String {
        let start = text.find("://").map_or(0, |at| at + 3);
        self.fill(text, Braces::Bare, |out, format| {
            let before_path = !out.get(start..).unwrap_or_default().contains(['/', '?', '#', '\\']);
            !before_path || format.is_of_host()
        })
    }

    /// A host with a sample in place of each variable.
    pub(super) fn fill_host(&self, text: &str) -> String {
        self.fill(text, Braces::Dollar, |_, format| format.is_of_host())
    }

    fn sample(&self, name: &str) -> Option<(String, VariableFormat)> {
        if name == API_VERSION {
            return self.api_version.clone().map(|version| (version, VariableFormat::Text));
        }
        let variable = self.variables.iter().find(|variable| variable.name == name)?;
        Some((variable.sample(), variable.format))
    }

    fn fill(&self, text: &str, braces: Braces, fits: impl Fn(&str, VariableFormat) -> bool) -> String {
        let mut out = String::new();
        for piece in pieces(text, braces) {
            match piece {
                Piece::Good(Segment::Literal(literal)) => push_literal(&mut out, &literal, braces),
                Piece::Broken(broken) => out.push_str(&broken.source),
                Piece::Good(Segment::Slot(slot)) => {
                    let sample = slot.as_name().and_then(|name| self.sample(name));
                    match sample.filter(|(_, format)| fits(&out, *format)) {
                        Some((sample, _)) => out.push_str(&sample),
                        None => out.push_str(&format!("${{{slot}}}")),
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
    let version = root.get("service").and_then(|service| service.get("api_version"));
    let api_version = version.and_then(|version| version.text().map(str::to_owned));
    let declared = Declared { variables: declared, api_version };
    if let Some(settings) = &settings {
        environments(settings, &declared, problems);
    }
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

/// Environments set variables that there are, and the default is one of them.
fn environments(settings: &Cursor<'_>, declared: &Declared, problems: &mut Problems<'_>) {
    let all = settings.get("environments");
    let known: Vec<String> = declared.variables.iter().map(|variable| variable.name.clone()).collect();
    for environment in all.iter().flat_map(Cursor::entries) {
        for set in environment.get("variables").iter().flat_map(Cursor::entries) {
            if !known.iter().any(|name| name == set.name()) {
                let message = format!("the connector has no variable `{}`", set.name());
                problems.add_key(&set, message, Some(suggest::help(set.name(), &known, "variables")));
            }
        }
    }
    let names: Vec<String> =
        all.iter().flat_map(Cursor::entries).map(|environment| environment.name().to_owned()).collect();
    if let Some(default) = settings.get("default_environment")
        && let Some(name) = default.text().filter(|name| !names.iter().any(|known| known == name))
    {
        let message = format!("there is no environment `{name}`");
        problems.add(&default, message, Some(suggest::help(name, &names, "environments")));
    }
}
