//! Names in a request that the provider's description does not know. A validator passes them over, since a
//! description may be open; in a connector each is a mistake or something that came later.

use crate::description::Description;
use serde_json::Value;
use std::collections::BTreeSet;

/// A request that went out.
pub struct Sent {
    /// In lower case, as descriptions write it.
    pub method: String,
    pub url: url::Url,
    pub media_type: String,
    pub body: Vec<u8>,
}

/// What of a request the description does not know.
pub fn unknown(description: &Description, sent: &Sent) -> Vec<String> {
    let Some(operation) = description.operation(&sent.method, sent.url.path()) else {
        return vec![format!("{} {} is not described", sent.method.to_uppercase(), sent.url.path())];
    };
    let known = operation.query();
    // Arrays and objects are written with brackets by some, and described by their name alone.
    let is_known = |name: &str| known.contains(name) || known.contains(base(name));
    let query = sent.url.query_pairs().map(|(name, _)| name.into_owned());
    let mut found: Vec<_> =
        query.filter(|name| !is_known(name)).map(|name| format!("query parameter {name}")).collect();
    if sent.body.is_empty() || sent.media_type.starts_with("multipart/") {
        return found;
    }
    let described = operation.body(&sent.media_type);
    if described.is_none() {
        found.push(format!("a body of {}", sent.media_type));
    }
    // Its names are compared all the same: a field is seldom called otherwise in another notation.
    let Some(schema) = described.or_else(|| operation.any_body()) else { return found };
    match sent.media_type.as_str() {
        "application/x-www-form-urlencoded" => {
            let names: BTreeSet<_> = url::form_urlencoded::parse(&sent.body).map(|(name, _)| name).collect();
            let fields = names.iter().map(|name| (base(name).to_owned(), Value::Null)).collect();
            fields_of(description, schema, &Value::Object(fields), "", &mut found);
        }
        _ => {
            let body = serde_json::from_slice(&sent.body).unwrap_or_default();
            fields_of(description, schema, &body, "", &mut found);
        }
    }
    found
}

fn base(name: &str) -> &str {
    name.split('[').next().unwrap_or(name)
}

/// Goes through a value and its schema side by side.
fn fields_of(description: &Description, schema: &Value, value: &Value, at: &str, found: &mut Vec<String>) {
    match value {
        Value::Object(fields) => {
            let mut parts = Vec::new();
            alternatives(description, schema, &mut parts);
            let properties = || parts.iter().filter_map(|part| part["properties"].as_object());
            if properties().next().is_none() || parts.iter().any(|part| is_open(part)) {
                return;
            }
            for (name, value) in fields {
                let at = format!("{at}/{name}");
                match properties().find_map(|known| known.get(name)) {
                    Some(schema) => fields_of(description, schema, value, &at, found),
                    None => found.push(format!("field {at}")),
                }
            }
        }
        Value::Array(items) => {
            let mut parts = Vec::new();
            alternatives(description, schema, &mut parts);
            let Some(of) = parts.iter().find_map(|part| part.get("items")) else { return };
            items.iter().for_each(|item| fields_of(description, of, item, &format!("{at}[]"), found));
        }
        _ => {}
    }
}

/// Whether any name may stand in an object, because a schema says so.
fn is_open(schema: &Value) -> bool {
    matches!(&schema["additionalProperties"], Value::Bool(true) | Value::Object(_))
}

/// A schema and all that it is made of.
fn alternatives<'a>(description: &'a Description, schema: &'a Value, parts: &mut Vec<&'a Value>) {
    let schema = description.resolved(schema);
    if parts.len() > 1_000 {
        return;
    }
    parts.push(schema);
    for combined in ["allOf", "anyOf", "oneOf"] {
        let schemas = schema[combined].as_array().into_iter().flatten();
        schemas.for_each(|schema| alternatives(description, schema, parts));
    }
}

#[test]
fn a_name_that_is_not_described_is_found_wherever_it_stands() {
    let description = Description::new(serde_json::json!({"paths": {"/a": {"post": {
        "parameters": [{"name": "expand", "in": "query"}],
        "requestBody": {"content": {"application/json": {"schema": {"allOf": [
            {"$ref": "#/components/schemas/named"},
            {"properties": {"list": {"items": {"properties": {"x": {}}}}, "open": {"additionalProperties": true}}},
        ]}}}},
    }}}, "components": {"schemas": {"named": {"properties": {"name": {}}}}}}));
    let sent = |query: &str, body: &str| Sent {
        method: "post".to_owned(),
        url: format!("http://h/a{query}").parse().unwrap(),
        media_type: "application/json".to_owned(),
        body: body.into(),
    };
    let good = sent("?expand[]=1", r#"{"name": 1, "list": [{"x": 2}], "open": {"any": 1}}"#);
    assert!(unknown(&description, &good).is_empty());
    let bad = sent("?expnd=1", r#"{"nme": 1, "list": [{"x": 2}, {"y": 3}]}"#);
    assert_eq!(unknown(&description, &bad), ["query parameter expnd", "field /nme", "field /list[]/y"]);
}
