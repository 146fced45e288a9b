//! What a schema says of a value, as far as a connector file can tell it.

use crate::api::Facts;
use crate::document::{Document, entries, items, text};
use serde_json::{Number, Value};

/// Schemas within schemas that are looked into, before it is called a circle.
const DEPTH: usize = 8;
/// Most values of an enumeration that an input lists; more are told of in its description.
const CHOICES: usize = 60;
/// Most values of an enumeration that a description lists.
const SHOWN: usize = 12;

/// A property of an object.
pub(crate) struct Property<'a> {
    pub(crate) name: &'a str,
    pub(crate) schema: &'a Value,
    pub(crate) required: bool,
}

/// What values a schema allows: the word of a connector file.
pub(crate) fn kind(document: &Document, schema: &Value) -> Option<&'static str> {
    kind_within(document, schema, DEPTH)
}

fn kind_within(document: &Document, schema: &Value, depth: usize) -> Option<&'static str> {
    let depth = depth.checked_sub(1)?;
    let schema = document.resolved(schema);
    let named = |name: &Value| word(name.as_str()?, schema);
    let stated = match schema.get("type") {
        Some(Value::Array(several)) => one(several.iter().filter(|name| *name != "null").map(named)),
        Some(name) => named(name),
        None => None,
    };
    stated
        .or_else(|| schema.get("properties").or_else(|| schema.get("additionalProperties")).map(|_| "map"))
        .or_else(|| schema.get("items").map(|_| "list"))
        .or_else(|| items(schema.get("allOf")).find_map(|part| kind_within(document, part, depth)))
        .or_else(|| {
            let choices = ["oneOf", "anyOf"].iter().flat_map(|name| items(schema.get(*name)));
            let choices = choices.filter(|choice| choice.get("type") != Some(&Value::from("null")));
            one(choices.map(|choice| kind_within(document, choice, depth)))
        })
        .or_else(|| one(items(schema.get("enum")).filter(|value| !value.is_null()).map(kind_of_value)))
        .or_else(|| is_binary(schema).then_some("file"))
}

/// The one that all are.
fn one(mut kinds: impl Iterator<Item = Option<&'static str>>) -> Option<&'static str> {
    let first = kinds.next()??;
    kinds.all(|kind| kind == Some(first)).then_some(first)
}

fn word(name: &str, schema: &Value) -> Option<&'static str> {
    match name {
        "string" if is_binary(schema) => Some("file"),
        "string" => Some("text"),
        "number" | "integer" | "float" | "double" | "long" | "int" => Some("number"),
        "boolean" => Some("boolean"),
        "array" => Some("list"),
        "object" => Some("map"),
        "file" => Some("file"),
        _ => None,
    }
}

fn kind_of_value(value: &Value) -> Option<&'static str> {
    match value {
        Value::String(_) => Some("text"),
        Value::Number(_) => Some("number"),
        Value::Bool(_) => Some("boolean"),
        Value::Array(_) => Some("list"),
        Value::Object(_) => Some("map"),
        Value::Null => None,
    }
}

/// Whether a schema is a file: `format: binary` of 3.0, `contentMediaType` without an encoding of 3.1.
fn is_binary(schema: &Value) -> bool {
    schema.get("format").and_then(Value::as_str) == Some("binary")
        || schema.get("contentMediaType").is_some() && schema.get("contentEncoding").is_none()
}

/// What a schema says of an input. `required` is its owner's to say.
pub(crate) fn facts(document: &Document, schema: &Value, required: bool) -> Facts {
    let outer = schema;
    let schema = document.resolved(schema);
    let mut facts = Facts {
        kind: kind(document, schema),
        description: text(outer, "description")
            .or_else(|| text(schema, "description"))
            .or_else(|| text(schema, "title")),
        required,
        example: example(document, schema),
        ..Facts::default()
    };
    facts.choices = choices(schema, facts.kind);
    facts.entries =
        schema.get("items").filter(|_| facts.kind == Some("list")).and_then(|of| entry(document, of));
    (facts.min, facts.max) = bounds(schema, facts.kind);
    let choices: Vec<String> = items(schema.get("enum")).filter_map(shown).collect();
    if !choices.is_empty() && facts.choices.is_empty() {
        let more = if choices.len() > SHOWN { ", …" } else { "" };
        let listed: Vec<&str> = choices.iter().take(SHOWN).map(String::as_str).collect();
        facts.description = facts.description.as_deref().and_then(crate::prose::one_line);
        facts.say(&format!("One of {}{more}.", listed.join(", ")));
    }
    if let Some(default) = schema.get("default").and_then(shown).filter(|default| !default.is_empty()) {
        // Not as a default of ours: the service fills it in, and may change it.
        facts.description = facts.description.as_deref().and_then(crate::prose::one_line);
        facts.say(&format!("The service takes {default} if it is not given."));
    }
    facts
}

/// The values of an enumeration, where all of them are of the kind that the input has and few enough.
fn choices(schema: &Value, kind: Option<&str>) -> Vec<Value> {
    let mut all: Vec<Value> = items(schema.get("enum")).filter(|value| !value.is_null()).cloned().collect();
    let fits = |value: &Value| match (kind, value) {
        (Some("text"), Value::String(text)) => !text.is_empty() && text.len() <= 200,
        (Some("number"), Value::Number(_)) | (Some("boolean"), Value::Bool(_)) => true,
        _ => false,
    };
    if all.len() > CHOICES || !all.iter().all(fits) {
        return Vec::new();
    }
    let mut seen = Vec::with_capacity(all.len());
    all.retain(|value| {
        !seen.contains(value) && {
            seen.push(value.clone());
            true
        }
    });
    all
}

/// What the entries of a list are, where that is a mere kind of value.
fn entry(document: &Document, schema: &Value) -> Option<Value> {
    let named = match kind(document, schema)? {
        "text" => "string",
        "boolean" => "boolean",
        "number" if document.resolved(schema).get("type") == Some(&Value::from("integer")) => "integer",
        "number" => "number",
        _ => return None,
    };
    let choices = choices(document.resolved(schema), kind(document, schema));
    match choices.is_empty() {
        true => Some(serde_json::json!({ "type": named })),
        false => Some(serde_json::json!({ "type": named, "enum": choices })),
    }
}

/// The bounds of a value of this kind.
fn bounds(schema: &Value, kind: Option<&str>) -> (Option<Number>, Option<Number>) {
    let (least, most) = match kind {
        Some("number") => ("minimum", "maximum"),
        Some("text") => ("minLength", "maxLength"),
        Some("list") => ("minItems", "maxItems"),
        _ => return (None, None),
    };
    let of = |name: &str| {
        let number = schema.get(name)?.as_number()?;
        // Counts are whole; a bound that is none would have the file refused.
        (kind == Some("number") || number.is_u64()).then(|| number.clone())
    };
    let (min, max) = (of(least), of(most));
    let excludes = |name: &str| schema.get(name) == Some(&Value::Bool(true));
    let value = |bound: &Option<Number>| bound.as_ref().and_then(Number::as_f64);
    if excludes("exclusiveMinimum") || excludes("exclusiveMaximum") {
        return (None, None);
    }
    match (value(&min), value(&max)) {
        (Some(min), Some(max)) if min > max => (None, None),
        _ => (min, max),
    }
}

/// An example that a schema, a parameter or a media type gives.
pub(crate) fn example(document: &Document, owner: &Value) -> Option<Value> {
    let listed = || items(owner.get("examples")).next();
    let named = || {
        let (_, first) = entries(owner.get("examples")).next()?;
        document.resolved(first).get("value")
    };
    owner.get("example").or_else(listed).or_else(named).or_else(|| owner.get("x-example")).cloned()
}

fn shown(value: &Value) -> Option<String> {
    match value {
        Value::String(text) if text.len() <= 60 => Some(text.clone()),
        Value::Number(number) => Some(number.to_string()),
        Value::Bool(value) => Some(value.to_string()),
        _ => None,
    }
}

/// The properties of an object that a caller may give, those of its parts (`allOf`) included. `None`
/// where the schema is no object whose properties are all known.
pub(crate) fn properties<'a>(document: &'a Document, schema: &'a Value) -> Option<Vec<Property<'a>>> {
    all_properties(document, schema, "readOnly")
}

/// The same of an object that a service answers with.
pub(crate) fn answered<'a>(document: &'a Document, schema: &'a Value) -> Option<Vec<Property<'a>>> {
    all_properties(document, schema, "writeOnly")
}

/// All properties but those of which the schema says `except`.
fn all_properties<'a>(document: &'a Document, schema: &'a Value, except: &str) -> Option<Vec<Property<'a>>> {
    let mut found = Vec::new();
    let mut required = Vec::new();
    gather(document, schema, DEPTH, &mut found, &mut required)?;
    found.retain(|property| document.resolved(property.schema).get(except) != Some(&Value::Bool(true)));
    for property in &mut found {
        property.required = required.contains(&property.name);
    }
    (!found.is_empty()).then_some(found)
}

fn gather<'a>(
    document: &'a Document,
    schema: &'a Value,
    depth: usize,
    found: &mut Vec<Property<'a>>,
    required: &mut Vec<&'a str>,
) -> Option<()> {
    let depth = depth.checked_sub(1)?;
    let schema = document.resolve(schema).ok()?;
    if schema.get("properties").is_none()
        && let Some(choices) = schema.get("oneOf").or_else(|| schema.get("anyOf"))
    {
        // A choice between shapes has no properties of its own, but one between a map and a mere value
        // (often an empty text, which unsets it) has those of the map.
        let mut maps =
            items(Some(choices)).filter(|choice| kind_within(document, choice, depth) == Some("map"));
        let only = maps.next().filter(|_| maps.next().is_none())?;
        return gather(document, only, depth, found, required);
    }
    required.extend(items(schema.get("required")).filter_map(Value::as_str));
    for (name, property) in entries(schema.get("properties")) {
        found.retain(|other: &Property<'_>| other.name != name);
        found.push(Property { name, schema: property, required: false });
    }
    for part in items(schema.get("allOf")) {
        gather(document, part, depth, found, required)?;
    }
    Some(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn document() -> Document {
        let node = json!({ "type": "object", "properties": { "next": { "$ref": "#/Node" }, "id": { "type": "string", "readOnly": true } } });
        let circle = json!({ "allOf": [{ "$ref": "#/Circle" }] });
        Document { root: json!({ "Node": node, "Circle": circle, "Kind": { "enum": ["a", "b"] } }) }
    }

    #[test]
    fn a_kind_is_told_from_whatever_there_is() {
        let document = document();
        let cases = [
            (json!({ "type": "integer" }), Some("number")),
            (json!({ "type": ["null", "string"] }), Some("text")),
            (json!({ "type": ["integer", "string"] }), None),
            (json!({ "anyOf": [{ "type": "string" }, { "type": "null" }] }), Some("text")),
            (json!({ "oneOf": [{ "type": "string" }, { "type": "array" }] }), None),
            (json!({ "allOf": [{ "$ref": "#/Kind" }] }), Some("text")),
            (json!({ "type": "string", "format": "binary" }), Some("file")),
            (json!({ "items": {} }), Some("list")),
            (json!({ "$ref": "#/Circle" }), None),
            (json!({ "$ref": "#/gone" }), None),
            (json!(true), None),
            (json!({ "type": 7 }), None),
        ];
        for (schema, wanted) in cases {
            assert_eq!(kind(&document, &schema), wanted, "{schema}");
        }
    }

    #[test]
    fn properties_of_all_parts_are_found_and_circles_end() {
        let document = document();
        let names = |schema: Value| {
            let schema: &'static Value = Box::leak(Box::new(schema));
            properties(&document, schema)
                .map(|all| all.iter().map(|p| (p.name.to_owned(), p.required)).collect::<Vec<_>>())
        };
        let both =
            json!({ "allOf": [{ "$ref": "#/Node" }, { "properties": { "a": {} } }], "required": ["a"] });
        assert_eq!(names(both).unwrap(), [("next".to_owned(), false), ("a".to_owned(), true)]);
        assert_eq!(names(json!({ "$ref": "#/Circle" })), None);
        let or_text = json!({ "anyOf": [{ "$ref": "#/Node" }, { "enum": [""] }] });
        assert_eq!(names(or_text).unwrap(), [("next".to_owned(), false)]);
        assert_eq!(names(json!({ "oneOf": [{ "$ref": "#/Node" }, { "type": "object" }] })), None);
        assert_eq!(names(json!({ "type": "object" })), None);
    }

    #[test]
    fn choices_and_defaults_are_told() {
        let facts = facts(
            &document(),
            &json!({ "enum": ["a", 1], "default": "a", "description": "Kind", "example": "a" }),
            false,
        );
        assert!(facts.choices.is_empty(), "not all are of one kind");
        assert_eq!(facts.description.unwrap(), "Kind. One of a, 1. The service takes a if it is not given.");
        assert_eq!(facts.example, Some(json!("a")));
    }
}
