//! Bodies of requests of a collection.

use super::request::{example, facts};
use super::variables::{Piece, Variables, pieces, sole};
use crate::api::{ApiBuilder, Facts, escaped};
use crate::document::{items, text};
use serde_json::{Map, Value, json};

/// Adds the body.
///
/// # Errors
/// Why the request cannot be imported.
pub(super) fn add(
    request: &Value,
    method: &str,
    variables: &Variables,
    api: &mut ApiBuilder,
) -> Result<(), String> {
    let Some(body) = request.get("body").filter(|body| body.get("disabled") != Some(&Value::Bool(true)))
    else {
        return Ok(());
    };
    let Some(mode) = text(body, "mode") else { return Ok(()) };
    if matches!(method, "GET" | "HEAD" | "OPTIONS") {
        let is_empty = body
            .get(&mode)
            .is_none_or(|content| matches!(content, Value::Null) || content == "" || *content == json!([]));
        if !is_empty {
            api.note(format!("the body is left out: {method} requests have none"));
        }
        return Ok(());
    }
    match mode.as_str() {
        "raw" => {
            let content = text(body, "raw").unwrap_or_default();
            raw(&content, body, content_type(request), variables, api)
        }
        "urlencoded" => {
            let fields = fields(body.get("urlencoded"), variables, api);
            if !fields.is_empty() {
                api.set_body("form", Value::Object(fields));
            }
            Ok(())
        }
        "formdata" => {
            let fields = fields(body.get("formdata"), variables, api);
            if !fields.is_empty() {
                api.set_body("multipart", Value::Object(fields));
            }
            Ok(())
        }
        "graphql" => {
            graphql(body, variables, api);
            Ok(())
        }
        "file" => {
            api.set_whole_body("bytes", None, &Facts { required: true, ..Facts::default() });
            Ok(())
        }
        other => Err(format!("its body is of the kind `{other}`, which a connector file cannot say")),
    }
}

fn fields(list: Option<&Value>, variables: &Variables, api: &mut ApiBuilder) -> Map<String, Value> {
    let mut fields = Map::new();
    for field in items(list) {
        let Some(name) = text(field, "key") else { continue };
        if fields.contains_key(&name) {
            api.note(format!("`{name}` stands there several times, which cannot be said: one can be given"));
            continue;
        }
        let mut known = facts(field, variables);
        if text(field, "type").as_deref() == Some("file") {
            known = Facts { kind: Some("file"), example: None, ..known };
        }
        if let Some(slot) = api.body_input(&name, &known, false) {
            fields.insert(name, Value::from(slot));
        }
    }
    fields
}

/// A query is fixed, each of its variables an input; all together are one where they cannot be told apart.
fn graphql(body: &Value, variables: &Variables, api: &mut ApiBuilder) {
    let given = |name| body.get("graphql").and_then(|graphql| text(graphql, name)).unwrap_or_default();
    let query = given("query");
    if let Ok(Value::Object(named)) = serde_json::from_str::<Value>(&quoted(&given("variables")))
        && !query.contains("${")
    {
        let mut all = Map::new();
        for (name, value) in named {
            let known = of_value(&value, variables);
            if let Some(slot) = api.body_input(&name, &known, true) {
                all.insert(escaped(&name), Value::from(slot));
            }
        }
        return api.set_body("graphql", json!({ "query": query, "variables": all }));
    }
    let known = Facts {
        kind: Some("map"),
        description: Some("Variables of the query.".to_owned()),
        ..Facts::default()
    };
    if let Some(slot) = api.body_input("variables", &known, true) {
        api.set_body("json", json!({ "query": escaped(&query), "variables": slot }));
    }
}

/// What the request says that its body is.
fn content_type(request: &Value) -> Option<String> {
    let named = |header: &&Value| {
        text(header, "key").is_some_and(|name| name.eq_ignore_ascii_case("content-type"))
            && header.get("disabled") != Some(&Value::Bool(true))
    };
    let value = items(request.get("header")).find(named).and_then(|header| text(header, "value"))?;
    (!value.is_empty() && value.bytes().all(|b| b == b' ' || b.is_ascii_graphic()) && !value.contains("{{"))
        .then_some(value)
}

fn raw(
    content: &str,
    body: &Value,
    said: Option<String>,
    variables: &Variables,
    api: &mut ApiBuilder,
) -> Result<(), String> {
    if content.trim().is_empty() {
        return Ok(());
    }
    match serde_json::from_str::<Value>(&quoted(content)) {
        Ok(Value::Object(map)) => {
            let mut fields = Map::new();
            for (name, value) in map {
                let known = of_value(&value, variables);
                if let Some(slot) = api.body_input(&name, &known, true) {
                    fields.insert(escaped(&name), Value::from(slot));
                }
            }
            api.set_body("json", Value::Object(fields));
            Ok(())
        }
        Ok(other) => {
            let known = of_value(&other, variables);
            if let Some(slot) = api.body_input("body", &known, false) {
                api.set_body("json", Value::from(slot));
            }
            Ok(())
        }
        Err(error) => {
            let language = body.pointer("/options/raw/language").and_then(Value::as_str).unwrap_or("text");
            let media_type = match language {
                "json" => return Err(format!("its body is no JSON: {error}")),
                "xml" => "application/xml",
                "html" => "text/html",
                "javascript" => "application/javascript",
                _ => "text/plain",
            };
            // Not as an example: nobody can tell whether there is a secret in it.
            let media_type = said.as_deref().unwrap_or(media_type);
            api.set_whole_body("text", Some(media_type), &Facts { required: true, ..Facts::default() });
            Ok(())
        }
    }
}

/// What is known of a value of an example body.
pub(super) fn of_value(value: &Value, variables: &Variables) -> Facts {
    let (kind, example) = match value {
        Value::String(text) if sole(text).is_some() => (None, example(text, variables)),
        Value::String(text) => (Some("text"), example(text, variables)),
        Value::Number(_) => (Some("number"), Some(value.clone())),
        Value::Bool(_) => (Some("boolean"), Some(value.clone())),
        Value::Array(_) => (Some("list"), None),
        Value::Object(_) => (Some("map"), None),
        Value::Null => (None, None),
    };
    Facts { kind, required: true, example, ..Facts::default() }
}

/// JSON in which a bare `{{variable}}` stands in quotes, so that it can be read.
fn quoted(content: &str) -> String {
    let mut out = String::new();
    let mut in_text = false;
    for piece in pieces(content) {
        match piece {
            Piece::Text(text) => {
                let mut escaped = false;
                for c in text.chars() {
                    match c {
                        '"' if !escaped => in_text = !in_text,
                        _ => {}
                    }
                    escaped = c == '\\' && !escaped;
                }
                out.push_str(text);
            }
            Piece::Variable(name) if in_text => out.push_str(&format!("{{{{{name}}}}}")),
            Piece::Variable(name) => out.push_str(&format!("\"{{{{{name}}}}}\"")),
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_bare_variable_is_put_in_quotes() {
        let text = quoted(r#"{"a": {{n}}, "b": "x {{m}} \" {{k}}", "c": [{{l}}]}"#);
        assert_eq!(text, r#"{"a": "{{n}}", "b": "x {{m}} \" {{k}}", "c": ["{{l}}"]}"#);
    }
}
