//! A definition as an OpenAPI 3.1 document.

use super::{operation, security};
use serde_json::{Map, Value, json};
use sluis_model::connection_settings::Variable;
use sluis_model::connector::ConnectorDefinition;
use sluis_model::error::Failure;
use std::collections::BTreeSet;

/// Methods that a path item of OpenAPI 3.1 has fields for.
const OF_OPENAPI: &[&str] = &["get", "put", "post", "delete", "options", "head", "patch", "trace"];

/// A document, and what could not be said in it.
#[derive(Debug, Clone, PartialEq)]
pub struct Exported {
    /// The OpenAPI document.
    pub document: Value,
    /// APIs that are not in it, with the reason.
    pub left_out: Vec<(String, String)>,
}

/// A connector as OpenAPI 3.1.
///
/// # Errors
/// When the definition cannot be used.
pub fn openapi(definition: &ConnectorDefinition) -> Result<Exported, Failure> {
    let mut paths: Map<String, Value> = Map::new();
    let mut left_out = Vec::new();
    let mut taken: BTreeSet<String> = BTreeSet::new();
    let root = definition.apis.values().next().map(|api| operation::origin(&api.url));
    let most_used = most_used(definition).or(root).unwrap_or_default();
    for (key, api) in &definition.apis {
        if definition.service.mail_server().is_some() {
            let why = "a mail goes out over SMTP, and OpenAPI describes HTTP".to_owned();
            left_out.push((key.clone(), why));
            continue;
        }
        let address = operation::Address::of(&api.url);
        let method = http::Method::from(api.method).as_str().to_ascii_lowercase();
        // A parameter's name does not tell two paths apart (OpenAPI 3.1.0 §4.8.8.2).
        if !taken.insert(format!("{method} {}{}", address.origin, unnamed(&address.path))) {
            let why = format!("{} {} is another API already", method.to_uppercase(), address.path);
            left_out.push((key.clone(), why));
            continue;
        }
        let told = operation::operation(definition, key, api, &address)?;
        let item = paths.entry(address.path.clone()).or_insert_with(|| json!({}));
        if address.origin != most_used {
            item["servers"] = json!([server(&address.origin, definition)]);
        }
        match OF_OPENAPI.contains(&method.as_str()) {
            true => item[&method] = told,
            // OpenAPI 3.2 has `additionalOperations` for them; 3.1 takes a field of that kind only with `x-`.
            false => item["x-additionalOperations"][method.to_ascii_uppercase()] = told,
        }
    }
    let mut document = json!({
        "openapi": "3.1.0",
        "info": info(definition),
        "paths": paths,
    });
    if !most_used.is_empty() {
        document["servers"] = json!([server(&most_used, definition)]);
    }
    if let Some(url) = &definition.service.documentation {
        document["externalDocs"] = json!({ "url": url });
    }
    let (schemes, required) = security::of(definition);
    if !schemes.is_empty() {
        document["components"] = json!({ "securitySchemes": schemes });
        document["security"] = required;
    }
    Ok(Exported { document, left_out })
}

fn info(definition: &ConnectorDefinition) -> Value {
    let service = &definition.service;
    let version = service.api_version.as_ref().or(service.product_version.as_ref());
    let mut info = json!({ "title": service.name, "version": version.map_or("1", String::as_str) });
    if let Some(description) = &definition.description {
        info["description"] = json!(description);
    }
    info
}

/// The origin of most APIs.
fn most_used(definition: &ConnectorDefinition) -> Option<String> {
    let mut counts: Vec<(String, usize)> = Vec::new();
    for api in definition.apis.values() {
        let origin = operation::origin(&api.url);
        match counts.iter_mut().find(|(known, _)| *known == origin) {
            Some((_, count)) => *count += 1,
            None => counts.push((origin, 1)),
        }
    }
    // Of several that are used as much, the first.
    counts.into_iter().rev().max_by_key(|(_, count)| *count).map(|(origin, _)| origin)
}

fn server(origin: &str, definition: &ConnectorDefinition) -> Value {
    let mut server = json!({ "url": operation::braced(origin) });
    let used = |variable: &&Variable| origin.contains(&format!("${{{}}}", variable.name));
    let variables: Map<String, Value> = definition
        .connection
        .variables
        .iter()
        .filter(used)
        .map(|variable| {
            let mut told = json!({ "default": variable.sample() });
            if !variable.choices.is_empty() {
                told["enum"] = json!(variable.choices);
            }
            if let Some(description) = &variable.description {
                told["description"] = json!(description);
            }
            (variable.name.clone(), told)
        })
        .collect();
    if !variables.is_empty() {
        server["variables"] = Value::Object(variables);
    }
    server
}

/// A path whose parameters have no names.
fn unnamed(path: &str) -> String {
    let mut plain = String::new();
    let mut inside = false;
    for c in path.chars() {
        match c {
            '{' => inside = true,
            '}' => inside = false,
            _ if inside => continue,
            _ => {}
        }
        plain.push(c);
    }
    plain
}
