//! Swagger 2.0, brought into the form of OpenAPI 3.0 where the two differ in what is read here: the
//! address, security definitions, and the parameters that are a body. `$ref`s stay as they are: what
//! they point to is not moved.

use super::is_method;
use crate::document::{Document, items, text};
use serde_json::{Map, Value, json};

/// The same in the form of OpenAPI 3.0.
pub(super) fn upgraded(root: Value) -> Value {
    let mut document = Document { root };
    let servers = servers(&document.root);
    let schemes = security_schemes(&document.root);
    let mut paths = document.root.get("paths").cloned().unwrap_or(Value::Null);
    let consumes = document.root.get("consumes").cloned();
    for item in paths.as_object_mut().into_iter().flat_map(|paths| paths.values_mut()) {
        let shared: Vec<Value> = items(item.get("parameters")).cloned().collect();
        for (name, operation) in item.as_object_mut().into_iter().flatten() {
            if is_method(name) && operation.is_object() {
                upgrade_operation(&document, &shared, consumes.as_ref(), operation);
            }
        }
    }
    if let Some(root) = document.root.as_object_mut() {
        root.insert("servers".to_owned(), servers);
        root.insert("components".to_owned(), json!({ "securitySchemes": schemes }));
        root.insert("paths".to_owned(), paths);
    }
    document.root
}

fn servers(root: &Value) -> Value {
    let Some(host) = text(root, "host") else { return json!([]) };
    let schemes: Vec<&str> = items(root.get("schemes")).filter_map(Value::as_str).collect();
    let scheme =
        if schemes.first() == Some(&"http") && !schemes.contains(&"https") { "http" } else { "https" };
    let path = text(root, "basePath").unwrap_or_default();
    json!([{ "url": format!("{scheme}://{host}/{}", path.trim_start_matches('/')) }])
}

fn security_schemes(root: &Value) -> Value {
    let mut schemes = Map::new();
    for (id, scheme) in crate::document::entries(root.get("securityDefinitions")) {
        let mut scheme = scheme.clone();
        if text(&scheme, "type").as_deref() == Some("oauth2") {
            let flow = match text(&scheme, "flow").as_deref() {
                Some("accessCode") => "authorizationCode".to_owned(),
                Some("application") => "clientCredentials".to_owned(),
                Some(other) => other.to_owned(),
                None => "implicit".to_owned(),
            };
            let fields = scheme.clone();
            scheme["flows"] = json!({ flow: fields });
        }
        schemes.insert(id.clone(), scheme);
    }
    Value::Object(schemes)
}

fn upgrade_operation(document: &Document, shared: &[Value], consumes: Option<&Value>, operation: &mut Value) {
    let own: Vec<Value> = items(operation.get("parameters")).cloned().collect();
    let place = |parameter: &Value| text(document.resolved(parameter), "in").unwrap_or_default();
    let is_body = |parameter: &&Value| matches!(place(parameter).as_str(), "body" | "formData");
    let body: Vec<&Value> = shared.iter().chain(&own).filter(is_body).map(|p| document.resolved(p)).collect();
    if body.is_empty() {
        return;
    }
    let consumes = operation.get("consumes").or(consumes);
    let types: Vec<&str> = items(consumes).filter_map(Value::as_str).collect();
    let body = match body.iter().find(|parameter| parameter["in"] == "body") {
        Some(whole) => {
            let media = json!({ "schema": whole.get("schema").cloned().unwrap_or(Value::Null) });
            let types = if types.is_empty() { vec!["application/json"] } else { types };
            let content: Map<String, Value> =
                types.iter().map(|name| ((*name).to_owned(), media.clone())).collect();
            json!({ "required": whole["required"], "description": whole["description"], "content": content })
        }
        None => form(&body, &types),
    };
    operation["requestBody"] = body;
    let kept: Vec<Value> = own.into_iter().filter(|parameter| !is_body(&parameter)).collect();
    operation["parameters"] = Value::Array(kept);
}

fn form(fields: &[&Value], types: &[&str]) -> Value {
    let mut properties = Map::new();
    let mut required = Vec::new();
    for field in fields {
        let Some(name) = text(field, "name") else { continue };
        if field["required"] == true {
            required.push(Value::from(name.as_str()));
        }
        let mut schema = (*field).clone();
        // Here this is a word of parameters, and there a list of properties.
        schema.as_object_mut().map(|schema| schema.remove("required"));
        properties.insert(name, schema);
    }
    let has_file = fields.iter().any(|field| field["type"] == "file");
    let parts = has_file
        || types.contains(&"multipart/form-data") && !types.contains(&"application/x-www-form-urlencoded");
    let media_type = if parts { "multipart/form-data" } else { "application/x-www-form-urlencoded" };
    let any = !required.is_empty();
    let schema = json!({ "type": "object", "properties": properties, "required": required });
    json!({ "required": any, "content": { media_type: { "schema": schema } } })
}
