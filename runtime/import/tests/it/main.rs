//! The readers of foreign descriptions, over small texts that show one thing each.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

mod curl;
mod openapi;
mod postman;
mod robustness;
mod security;
mod selection;
mod swagger2;

use serde_json::Value;
use sluis_import::{Draft, Imported, Options, Selection};

/// The connector of a whole draft.
fn connector(draft: &Draft) -> Imported {
    draft.connector(&Selection::default()).unwrap()
}

/// A whole OpenAPI description around paths.
fn described(paths: &Value, more: &Value) -> String {
    let mut root = serde_json::json!({
        "openapi": "3.0.3",
        "info": { "title": "Pets", "version": "1.2" },
        "servers": [{ "url": "https://pets.example.com/v1" }],
        "paths": paths,
    });
    for (name, value) in more.as_object().unwrap() {
        root[name] = value.clone();
    }
    root.to_string()
}

/// The draft of such a description.
fn draft(paths: &Value, more: &Value) -> Draft {
    sluis_import::openapi(&described(paths, more), &Options::default()).unwrap()
}

/// The fields of the only operation of a path.
fn api(operation: &Value) -> (Value, Vec<String>) {
    let draft = draft(&serde_json::json!({ "/pets": { "post": operation } }), &serde_json::json!({}));
    // What is made is always a connector file.
    connector(&draft);
    let api = draft.operations[0].api.clone().unwrap();
    (Value::Object(api.fields), api.notes)
}
