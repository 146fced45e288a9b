//! From a draft to the file: which operations, what they need together, and the text, which is read
//! back by the reader of connector files before anybody sees it.

use crate::draft::{Api, Draft, Operation};
use crate::error::ImportError;
use crate::yaml::Writer;
use serde_json::{Map, Value, json};
use sluis_definition::Problem;
use sluis_model::connector::ConnectorDefinition;
use sluis_model::suggest;
use std::collections::{BTreeMap, BTreeSet};

/// Most scopes that a file asks for without having been told which operations matter.
const SCOPES: usize = 60;

/// Which operations are wanted: all, unless any is named.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Selection {
    /// Ids, names, `tag:NAME`, or `prefix*`.
    pub only: Vec<String>,
}

/// A connector file.
#[derive(Debug, Clone, PartialEq)]
pub struct Imported {
    /// Its text.
    pub text: String,
    /// What it says.
    pub definition: ConnectorDefinition,
    /// How many operations were wanted.
    pub wanted: usize,
    /// What was left out, by the name of the operation, and why.
    pub left_out: Vec<(String, String)>,
}

impl Draft {
    /// The operations that a selection names.
    ///
    /// # Errors
    /// When it names one that is not there.
    pub fn select(&self, selection: &Selection) -> Result<Vec<&Operation>, ImportError> {
        if selection.only.is_empty() {
            return Ok(self.operations.iter().collect());
        }
        for wanted in &selection.only {
            if !self.operations.iter().any(|operation| fits(operation, wanted)) {
                let ids = self.operations.iter().filter_map(|operation| operation.id.as_deref());
                let known = ids.chain(self.operations.iter().map(|operation| operation.name.as_str()));
                let help = match suggest::nearest(wanted, known) {
                    Some(near) => format!("did you mean `{near}`? --scan lists them all"),
                    None => "--scan lists them all; `tag:NAME` and `prefix*` name several".to_owned(),
                };
                return Err(ImportError::UnknownOperation { wanted: wanted.clone(), help });
            }
        }
        let chosen = |operation: &&Operation| selection.only.iter().any(|wanted| fits(operation, wanted));
        Ok(self.operations.iter().filter(chosen).collect())
    }

    /// The connector file of the chosen operations.
    ///
    /// # Errors
    /// When none can be imported, or all together are too many for one file.
    pub fn connector(&self, selection: &Selection) -> Result<Imported, ImportError> {
        let wanted = self.select(selection)?;
        let mut left_out = Vec::new();
        let mut chosen: Vec<(&Operation, &Api)> = Vec::new();
        for operation in &wanted {
            match &operation.api {
                Ok(api) => chosen.push((operation, api)),
                Err(why) => left_out.push((operation.name.clone(), why.clone())),
            }
        }
        let mut with_outputs = true;
        loop {
            if chosen.is_empty() {
                let why = left_out.first().map_or_else(|| "there is none".to_owned(), |(_, why)| why.clone());
                return Err(ImportError::Nothing { of: wanted.len(), why });
            }
            let text = self.write(&chosen, !selection.only.is_empty(), with_outputs);
            let problems = match sluis_definition::read("connector.yaml", &text, &|_| {
                Err("there are no hooks".into())
            }) {
                Ok(definition) => return Ok(Imported { text, definition, wanted: wanted.len(), left_out }),
                Err(problems) => problems,
            };
            let blamed = match self.blamed(&chosen, &problems) {
                // What is sent counts for more than what is told of answers.
                Err(ImportError::TooLarge { .. }) if with_outputs => {
                    with_outputs = false;
                    continue;
                }
                other => other?,
            };
            chosen.retain(|(operation, _)| !blamed.contains_key(&operation.name));
            left_out.extend(blamed);
        }
    }

    /// The operations that are to blame for problems.
    fn blamed(
        &self,
        chosen: &[(&Operation, &Api)],
        problems: &[Problem],
    ) -> Result<BTreeMap<String, String>, ImportError> {
        let mut blamed = BTreeMap::new();
        for (operation, _) in chosen {
            let place = format!("apis.{}", operation.name);
            let inside = |path: &str| {
                path.strip_prefix(&place).is_some_and(|rest| rest.is_empty() || rest.starts_with(['.', '[']))
            };
            if let Some(problem) = problems.iter().find(|problem| inside(&problem.path)) {
                blamed.insert(operation.name.clone(), problem.message.clone());
            }
        }
        if !blamed.is_empty() {
            return Ok(blamed);
        }
        let why = problems.first().map(|problem| problem.message.clone()).unwrap_or_default();
        if ["1 MiB", "nodes", "budget", "limit"].iter().any(|word| why.contains(word)) {
            return Err(ImportError::TooLarge { operations: chosen.len(), why, help: self.groups() });
        }
        Err(ImportError::Refused { why })
    }

    /// What to choose by.
    fn groups(&self) -> String {
        let mut counts: BTreeMap<&str, usize> = BTreeMap::new();
        for tag in self.operations.iter().flat_map(|operation| &operation.tags) {
            *counts.entry(tag).or_default() += 1;
        }
        let mut groups: Vec<(&str, usize)> = counts.into_iter().collect();
        groups.sort_by_key(|(_, count)| std::cmp::Reverse(*count));
        let groups: Vec<String> =
            groups.iter().take(12).map(|(tag, count)| format!("tag:{tag} ({count})")).collect();
        match groups.is_empty() {
            true => "choose some with --only; --scan lists them".to_owned(),
            false => format!("choose some with --only, such as {}", groups.join(", ")),
        }
    }

    fn write(&self, chosen: &[(&Operation, &Api)], picked: bool, with_outputs: bool) -> String {
        let mut writer = Writer::default();
        writer.comment(0, &format!("Imported from {}: {}.", self.origin, self.title));
        writer.comment(
            0,
            "What could not be said is noted where it belongs; `sluis connector check` reads this file.",
        );
        for note in &self.notes {
            writer.comment(0, &format!("- {note}"));
        }
        if !with_outputs {
            writer.comment(
                0,
                "- what scripts get of answers: the file would be too large; choose fewer with --only",
            );
        }
        writer.entry(0, "sluis", &json!(1));
        writer.entry(0, "namespace", &json!(self.namespace));
        if let Some(description) = &self.description {
            writer.entry(0, "description", &json!(description));
        }
        writer.entry(0, "service", &self.service());
        self.write_auth(chosen, picked, &mut writer);
        let used = self.used_variables(chosen);
        let hosts: BTreeSet<&str> =
            chosen.iter().map(|(_, api)| api.host.as_str()).chain(self.base_host()).collect();
        writer.entry(0, "hosts", &json!(hosts));
        if !used.is_empty() {
            writer.entry(0, "connection", &json!({ "variables": used }));
        }
        writer.heading(0, "apis");
        for (operation, api) in chosen {
            writer.gap();
            for note in &api.notes {
                writer.comment(2, note);
            }
            writer.heading(2, &operation.name);
            match with_outputs {
                true => writer.entries(4, &api.fields),
                false => {
                    let mut fields = api.fields.clone();
                    fields.remove("outputs");
                    writer.entries(4, &fields);
                }
            }
        }
        writer.into_text()
    }

    fn service(&self) -> Value {
        let mut service = Map::new();
        service.insert("name".to_owned(), Value::from(self.title.as_str()));
        let fields = [
            ("api_version", &self.api_version),
            ("documentation", &self.documentation),
            ("base_url", &self.base_url),
        ];
        for (name, value) in fields {
            if let Some(value) = value {
                service.insert(name.to_owned(), Value::from(value.as_str()));
            }
        }
        Value::Object(service)
    }

    /// The host of the base URL, which has to be listed as well.
    fn base_host(&self) -> Option<&str> {
        let (_, rest) = self.base_url.as_deref()?.split_once("://")?;
        let host = rest.split('/').next()?;
        Some(host.strip_suffix(":443").unwrap_or(host))
    }

    fn used_variables(&self, chosen: &[(&Operation, &Api)]) -> Vec<&Value> {
        let used = |variable: &&Value| {
            let slot = format!("${{{}}}", variable["name"].as_str().unwrap_or_default());
            let in_api = |api: &Api| {
                api.fields.get("url").and_then(Value::as_str).is_some_and(|url| url.contains(&slot))
            };
            self.base_url.as_deref().is_some_and(|url| url.contains(&slot))
                || chosen.iter().any(|(_, api)| in_api(api))
        };
        self.variables.iter().filter(used).collect()
    }

    fn write_auth(&self, chosen: &[(&Operation, &Api)], picked: bool, writer: &mut Writer) {
        let mut configs = Vec::new();
        for (name, config) in &self.auth {
            let mut config = config.clone();
            let scopes: BTreeSet<&str> = chosen
                .iter()
                .flat_map(|(_, api)| &api.scopes)
                .filter(|(of, scope)| of == name && is_scope(scope))
                .map(|(_, scope)| scope.as_str())
                .collect();
            let is_oauth = config["scheme"].as_str().is_some_and(|scheme| scheme.starts_with("oauth2"));
            if is_oauth && !scopes.is_empty() {
                if picked || scopes.len() <= SCOPES {
                    let mut all: Vec<&str> = scopes.into_iter().collect();
                    let own: Vec<String> = config["scopes"]
                        .as_array()
                        .into_iter()
                        .flatten()
                        .filter_map(Value::as_str)
                        .map(str::to_owned)
                        .collect();
                    all.retain(|scope| !own.iter().any(|known| known == scope));
                    let scopes: Vec<&str> = own.iter().map(String::as_str).chain(all).collect();
                    config["scopes"] = json!(scopes);
                } else {
                    writer.comment(
                        0,
                        &format!(
                            "The operations of `{name}` take {} scopes: list those that are needed.",
                            scopes.len()
                        ),
                    );
                }
            }
            configs.push((name, config));
        }
        let auth = match configs.as_slice() {
            [] => json!({ "scheme": "none" }),
            [(_, only)] => only.clone(),
            several => {
                let configs: Map<String, Value> =
                    several.iter().map(|(name, config)| ((*name).clone(), config.clone())).collect();
                json!({ "scheme": "choice", "configs": configs })
            }
        };
        writer.entry(0, "auth", &auth);
    }
}

/// RFC 6749 section 3.3.
fn is_scope(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|b| b.is_ascii_graphic() && b != b'"' && b != b'\\')
}

fn fits(operation: &Operation, wanted: &str) -> bool {
    if let Some(tag) = wanted.strip_prefix("tag:") {
        return operation.tags.iter().any(|known| known.eq_ignore_ascii_case(tag));
    }
    let id = operation.id.as_deref().unwrap_or_default();
    match wanted.strip_suffix('*') {
        Some(prefix) => operation.name.starts_with(prefix) || id.starts_with(prefix),
        None => operation.name.eq_ignore_ascii_case(wanted) || id == wanted,
    }
}
