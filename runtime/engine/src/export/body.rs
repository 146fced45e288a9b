//! The body of an API as media types with schemas. Kinds of bodies are told apart by their name in the
//! file, so one that is not known here is told as bytes and not left out.

use super::inputs::Taken;
use super::operation::{placeholders, sole};
use serde_json::{Map, Value, json};

/// The body by media type; none if there is none.
pub(super) fn content(said: &Value, taken: &Taken) -> Option<Value> {
    let body = said.get("body").filter(|body| !body.is_null())?;
    let Some((kind, template)) = body.as_object().and_then(|map| map.iter().next()) else {
        return Some(json!({ "application/octet-stream": {} }));
    };
    let named = media_type(said);
    let (media_type, schema) = match kind.as_str() {
        "json" => ("application/json", of_json(template, taken)),
        "form" => ("application/x-www-form-urlencoded", of_fields(template, taken)),
        "multipart" => ("multipart/form-data", of_fields(template, taken)),
        "graphql" => ("application/json", json!({ "type": "object" })),
        "xml" => ("application/xml", json!({ "type": "string" })),
        "text" => ("text/plain", json!({ "type": "string" })),
        _ => ("application/octet-stream", json!({})),
    };
    let media_type = named.unwrap_or_else(|| media_type.to_owned());
    Some(Value::Object(Map::from_iter([(media_type, json!({ "schema": schema }))])))
}

/// What the API's own headers say.
fn media_type(said: &Value) -> Option<String> {
    let headers = said["headers"].as_object()?;
    let (_, value) = headers.iter().find(|(name, _)| name.eq_ignore_ascii_case("content-type"))?;
    let text = value.as_str().filter(|text| placeholders(text).is_empty())?;
    Some(text.split(';').next().unwrap_or(text).trim().to_owned())
}

/// The schema of what a JSON template makes.
fn of_json(template: &Value, taken: &Taken) -> Value {
    match template {
        Value::String(text) => match (sole(text), placeholders(text).is_empty()) {
            (Some(name), _) => taken.schema(&name),
            (None, false) => json!({ "type": "string", "x-sluis-template": text }),
            (None, true) => json!({ "const": text }),
        },
        Value::Object(map) => {
            let properties: Map<String, Value> =
                map.iter().map(|(name, value)| (name.clone(), of_json(value, taken))).collect();
            let needed = |value: &Value| match value.as_str().and_then(sole) {
                Some(name) => taken.is_needed(&name),
                None => true,
            };
            let required: Vec<&String> =
                map.iter().filter(|(_, value)| needed(value)).map(|(name, _)| name).collect();
            let mut schema = json!({ "type": "object", "properties": properties });
            if !required.is_empty() {
                schema["required"] = json!(required);
            }
            schema
        }
        Value::Array(items) => {
            let items: Vec<Value> = items.iter().map(|item| of_json(item, taken)).collect();
            json!({ "type": "array", "prefixItems": items })
        }
        other => json!({ "const": other }),
    }
}

/// Fields of a form, or parts.
fn of_fields(fields: &Value, taken: &Taken) -> Value {
    match fields {
        Value::Object(_) => of_json(fields, taken),
        // Parts in a list have names of their own.
        Value::Array(parts) => {
            let named = parts.iter().filter_map(|part| {
                let name = part.get("name")?.as_str()?.to_owned();
                let value = part.get("value").or_else(|| part.get("content")).or_else(|| part.get("file"));
                Some((name, value.map_or_else(|| json!({}), |value| of_json(value, taken))))
            });
            json!({ "type": "object", "properties": named.collect::<Map<String, Value>>() })
        }
        _ => json!({ "type": "object" }),
    }
}
