//! What scripts get of the answers of an operation: how these are read, and the schema of a good one.

use super::schema;
use crate::api::ApiBuilder;
use crate::document::{Document, entries, items};
use serde_json::{Map, Value, json};

/// Levels of a schema that are taken over; what lies deeper may be anything.
const DEPTH: usize = 4;
/// Most schemas of one answer, so that a file of many operations stays one that can be read.
const NODES: usize = 60;
/// Media types of files that nobody reads as text.
const FILES: &[&str] =
    &["application/octet-stream", "application/pdf", "application/zip", "application/gzip"];

/// Adds what the first good answer says.
pub(super) fn add(document: &Document, operation: &Value, api: &mut ApiBuilder) {
    let good = entries(operation.get("responses")).filter(|(status, _)| status.starts_with('2'));
    let mut good: Vec<(&String, &Value)> = good.collect();
    good.sort_by_key(|(status, _)| status.as_str());
    let contents = good.iter().map(|(_, response)| content(document, operation, document.resolved(response)));
    let Some(content) = contents.into_iter().find(|content| !content.is_empty()) else { return };
    let all = |fits: &dyn Fn(&str) -> bool| content.iter().all(|(name, _)| fits(name));
    if let Some((_, schema)) = content.iter().find(|(name, _)| is_json(name)) {
        api.answer = Some(json!({ "as": "json" }));
        let mut left = NODES;
        let outputs = copied(document, schema, DEPTH, &mut left);
        api.outputs = outputs.filter(|copy| copy.as_object().is_some_and(|copy| !copy.is_empty()));
    } else if all(&|name| is_file(name)) {
        api.answer = Some(json!({ "as": "file" }));
    } else if all(&|name| name == "text/csv") {
        api.answer = Some(json!({ "as": "csv" }));
    } else if all(&|name| name.ends_with("/xml") || name.ends_with("+xml")) {
        api.answer = Some(json!({ "as": "xml" }));
    }
}

/// Media types and schemas of a response; Swagger 2.0 tells the types elsewhere.
fn content<'a>(
    document: &'a Document,
    operation: &'a Value,
    response: &'a Value,
) -> Vec<(String, &'a Value)> {
    let plain = |name: &str| name.split(';').next().unwrap_or_default().trim().to_ascii_lowercase();
    if let Some(schema) = response.get("schema") {
        let produces = operation.get("produces").or_else(|| document.root.get("produces"));
        let mut types: Vec<String> = items(produces).filter_map(Value::as_str).map(plain).collect();
        if types.is_empty() {
            types.push("application/json".to_owned());
        }
        return types.into_iter().map(|name| (name, document.resolved(schema))).collect();
    }
    let all = entries(response.get("content"));
    all.map(|(name, media)| (plain(name), document.resolved(media.get("schema").unwrap_or(&Value::Null))))
        .collect()
}

fn is_json(name: &str) -> bool {
    name == "application/json" || name == "text/json" || name.ends_with("+json")
}

fn is_file(name: &str) -> bool {
    FILES.contains(&name) || ["image/", "audio/", "video/", "font/"].iter().any(|kind| name.starts_with(kind))
}

/// A schema with its references in place, without what only people read and without what is not sure:
/// formats, patterns and enumerations that a service outgrows. `None` where it says nothing.
fn copied(document: &Document, schema: &Value, depth: usize, left: &mut usize) -> Option<Value> {
    *left = left.checked_sub(1)?;
    let schema = document.resolve(schema).ok()?;
    let mut copy = Map::new();
    let named = match schema::kind(document, schema)? {
        "text" | "file" => "string",
        "number" if schema.get("type") == Some(&Value::from("integer")) => "integer",
        "number" => "number",
        "boolean" => "boolean",
        "list" => "array",
        _ => "object",
    };
    let may_be_null = schema.get("nullable") == Some(&Value::Bool(true))
        || items(schema.get("type")).any(|name| name == "null")
        || ["oneOf", "anyOf"]
            .iter()
            .flat_map(|name| items(schema.get(*name)))
            .any(|choice| choice.get("type") == Some(&Value::from("null")));
    copy.insert("type".to_owned(), if may_be_null { json!([named, "null"]) } else { json!(named) });
    let depth = depth.checked_sub(1)?;
    if named == "array"
        && let Some(of) = schema.get("items")
        && let Some(of) = copied(document, of, depth, left)
    {
        copy.insert("items".to_owned(), of);
    }
    if named == "object"
        && let Some(properties) = schema::answered(document, schema)
    {
        let told = properties.into_iter().map_while(|property| {
            (*left > 0).then(|| {
                let copy = copied(document, property.schema, depth, left).unwrap_or_else(|| json!({}));
                (property.name.to_owned(), copy)
            })
        });
        let told: Map<String, Value> = told.collect();
        if !told.is_empty() {
            copy.insert("properties".to_owned(), Value::Object(told));
        }
    }
    Some(Value::Object(copy))
}
