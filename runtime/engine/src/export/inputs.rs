//! Inputs as JSON Schema.

use serde_json::{Map, Value, json};
use sluis_invoke::CompiledApi;
use sluis_model::connector::{ConnectorDefinition, Input};
use sluis_model::error::Failure;

/// Fields of an input that are not keywords of JSON Schema, or are written otherwise there.
const OURS: &[&str] =
    &["type", "required", "absent", "example", "options_from", "sensitive", "min", "max", "schema"];

/// The inputs of one API by name: the described ones in declared order, then the others.
pub(super) struct Taken(Vec<(String, Input)>);

impl Taken {
    /// Of an API that the definition has.
    pub(super) fn of(definition: &ConnectorDefinition, key: &str) -> Result<Self, Failure> {
        let compiled = CompiledApi::compile(definition, key)?;
        let declared: Vec<&str> =
            definition.apis.get(key).iter().flat_map(|api| api.inputs.names()).collect();
        let mut all: Vec<(String, Input)> =
            compiled.inputs().map(|(name, input)| (name.to_owned(), input.clone())).collect();
        let rank = |name: &str| declared.iter().position(|known| *known == name).unwrap_or(declared.len());
        all.sort_by_key(|(name, _)| rank(name));
        Ok(Self(all))
    }

    pub(super) fn get(&self, name: &str) -> Option<&Input> {
        self.0.iter().find(|(known, _)| known == name).map(|(_, input)| input)
    }

    /// Whether a call without it is refused.
    pub(super) fn is_needed(&self, name: &str) -> bool {
        self.get(name).is_none_or(|input| input.required && input.default.is_none())
    }

    /// The schema of one input; of one that is not known anything.
    pub(super) fn schema(&self, name: &str) -> Value {
        self.get(name).map_or_else(|| json!({}), schema)
    }

    /// The schema of all of them as one object.
    pub(super) fn object(&self) -> Value {
        let properties: Map<String, Value> =
            self.0.iter().map(|(name, input)| (name.clone(), schema(input))).collect();
        let required: Vec<&str> =
            self.0.iter().map(|(name, _)| name.as_str()).filter(|name| self.is_needed(name)).collect();
        let mut object = json!({ "type": "object", "properties": properties, "additionalProperties": false });
        if !required.is_empty() {
            object["required"] = json!(required);
        }
        object
    }
}

/// An input as JSON Schema. Whatever else a definition says of it is a keyword and carried over.
fn schema(input: &Input) -> Value {
    let Ok(Value::Object(said)) = serde_json::to_value(input) else { return json!({}) };
    let mut schema = Map::new();
    match said.get("type").and_then(Value::as_str).unwrap_or("any") {
        "text" => drop(schema.insert("type".to_owned(), json!("string"))),
        "number" => drop(schema.insert("type".to_owned(), json!("number"))),
        "boolean" => drop(schema.insert("type".to_owned(), json!("boolean"))),
        "list" => drop(schema.insert("type".to_owned(), json!("array"))),
        "map" => drop(schema.insert("type".to_owned(), json!("object"))),
        // What stands there in the service's own form may be a date of any.
        "date" => drop(schema.insert("type".to_owned(), json!("string"))),
        "file" => {
            schema.insert("type".to_owned(), json!("string"));
            schema.insert("contentMediaType".to_owned(), json!("application/octet-stream"));
        }
        "any" => {}
        // A type of JSON Schema already.
        other => drop(schema.insert("type".to_owned(), json!(other))),
    }
    bounds(&said, &mut schema);
    if let Some(Value::Object(more)) = said.get("schema") {
        schema.extend(more.clone());
    }
    for (name, value) in said.iter().filter(|(name, _)| !OURS.contains(&name.as_str())) {
        schema.insert(name.clone(), value.clone());
    }
    if let Some(example) = said.get("example") {
        schema.insert("examples".to_owned(), json!([example]));
    }
    Value::Object(schema)
}

/// The least and the most of it, in the keywords for what it is.
fn bounds(said: &Map<String, Value>, schema: &mut Map<String, Value>) {
    let (least, most) = match said.get("type").and_then(Value::as_str) {
        Some("text") => ("minLength", "maxLength"),
        Some("list") => ("minItems", "maxItems"),
        Some("map") => ("minProperties", "maxProperties"),
        _ => ("minimum", "maximum"),
    };
    for (name, keyword) in [("min", least), ("max", most)] {
        if let Some(value) = said.get(name) {
            schema.insert(keyword.to_owned(), value.clone());
        }
    }
}
