//! One API as an operation of OpenAPI.

use super::body;
use super::inputs::Taken;
use serde_json::{Value, json};
use sluis_invoke::template::{Segment, Template};
use sluis_model::connector::{ApiDefinition, ConnectorDefinition};
use sluis_model::error::Failure;

/// Headers that OpenAPI has other places for (3.1.0 §4.8.12.2.1).
const TOLD_ELSEWHERE: &[&str] = &["accept", "content-type", "authorization"];

/// The URL of an API in its parts, as the definition writes them.
pub(super) struct Address {
    /// `https://pets.example`.
    pub(super) origin: String,
    /// `/owners/{Owner}/pets`.
    pub(super) path: String,
    /// `fixed=1&x=${X}`.
    query: String,
}

impl Address {
    pub(super) fn of(url: &str) -> Self {
        let start = url.find("://").map_or(0, |at| at + 3);
        let rest = url.get(start..).unwrap_or_default();
        let end = rest.find(['/', '?']).map_or(url.len(), |at| start + at);
        let (origin, after) = url.split_at(end);
        let (path, query) = after.split_once('?').unwrap_or((after, ""));
        let path = if path.is_empty() { "/" } else { path };
        Self { origin: origin.to_owned(), path: braced(path), query: query.to_owned() }
    }
}

/// The origin of a URL with placeholders.
pub(super) fn origin(url: &str) -> String {
    Address::of(url).origin
}

/// `${x}` as `{x}`.
pub(super) fn braced(text: &str) -> String {
    text.replace("${", "{")
}

/// One API.
pub(super) fn operation(
    definition: &ConnectorDefinition,
    key: &str,
    api: &ApiDefinition,
    address: &Address,
) -> Result<Value, Failure> {
    let taken = Taken::of(definition, key)?;
    let said = serde_json::to_value(api).unwrap_or_default();
    let mut told = json!({ "operationId": key, "x-sluis-effect": api.effect });
    if let Some(description) = &api.description {
        told["summary"] = json!(description);
    }
    let parameters = parameters(definition, &said, address, &taken);
    if !parameters.is_empty() {
        told["parameters"] = json!(parameters);
    }
    if let Some(content) = body::content(&said, &taken) {
        told["requestBody"] = json!({ "required": true, "content": content });
    }
    told["responses"] = responses(&said);
    Ok(told)
}

fn parameters(
    definition: &ConnectorDefinition,
    said: &Value,
    address: &Address,
    taken: &Taken,
) -> Vec<Value> {
    let mut all = Vec::new();
    for name in braces(&address.path) {
        let mut schema = taken.schema(&name);
        // A variable of the connection is no input of the call.
        if let Some(variable) = definition.connection.variable(&name) {
            schema = json!({ "type": "string", "default": variable.sample() });
        }
        all.push(json!({ "name": name, "in": "path", "required": true, "schema": schema }));
    }
    for part in address.query.split('&').filter(|part| !part.is_empty()) {
        let (name, value) = part.split_once('=').unwrap_or((part, ""));
        all.push(parameter(name, "query", &json!(value), taken));
    }
    for (name, value) in said["query"].as_object().into_iter().flatten() {
        all.push(parameter(name, "query", value, taken));
    }
    let shared = serde_json::to_value(&definition.headers).unwrap_or_default();
    let own = said["headers"].as_object();
    let of_connector = shared.as_object().into_iter().flatten();
    let of_connector = of_connector
        .filter(|(name, _)| !own.into_iter().flatten().any(|(other, _)| other.eq_ignore_ascii_case(name)));
    for (name, value) in of_connector.chain(own.into_iter().flatten()) {
        if !TOLD_ELSEWHERE.contains(&name.to_ascii_lowercase().as_str()) {
            all.push(parameter(name, "header", value, taken));
        }
    }
    all
}

fn parameter(name: &str, place: &str, value: &Value, taken: &Taken) -> Value {
    let mut told = json!({ "name": name, "in": place });
    let slots = value.as_str().map(placeholders).unwrap_or_default();
    let (required, schema) = match (value.as_str().and_then(sole), slots.as_slice()) {
        (Some(slot), _) => {
            if slot != name {
                told["x-sluis-input"] = json!(slot);
            }
            (taken.is_needed(&slot), taken.schema(&slot))
        }
        (None, []) => (true, json!({ "const": value })),
        (None, slots) => {
            told["x-sluis-template"] = value.clone();
            (slots.iter().any(|slot| taken.is_needed(slot)), json!({ "type": "string" }))
        }
    };
    told["required"] = json!(required);
    if let Some(description) = schema.get("description") {
        told["description"] = description.clone();
    }
    told["schema"] = schema;
    told
}

/// The placeholder that a text is, if it is one and nothing else.
pub(super) fn sole(text: &str) -> Option<String> {
    match Template::parse(text).ok()?.segments() {
        [Segment::Slot(name)] => Some(name.to_string()),
        _ => None,
    }
}

/// The placeholders of a text.
pub(super) fn placeholders(text: &str) -> Vec<String> {
    Template::parse(text).map(|template| template.slots().map(str::to_owned).collect()).unwrap_or_default()
}

/// The names in braces of a path, each once.
fn braces(path: &str) -> Vec<String> {
    let mut names: Vec<String> = Vec::new();
    for part in path.split('{').skip(1) {
        let name = part.split('}').next().unwrap_or_default();
        if !name.is_empty() && !names.iter().any(|known| known == name) {
            names.push(name.to_owned());
        }
    }
    names
}

fn responses(said: &Value) -> Value {
    match said.get("outputs").filter(|outputs| outputs.is_object()) {
        Some(schema) => json!({ "2XX": {
            "description": "The answer.", "content": { "application/json": { "schema": schema } },
        } }),
        None => json!({ "2XX": { "description": "The answer." } }),
    }
}
