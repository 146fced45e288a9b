//! The document as a page for people: searchable, without anything from elsewhere, readable without
//! scripts.

use super::DOCUMENT;
use crate::page::policy_digest;
use askama::Template;
use axum::response::{Html, IntoResponse as _, Response};
use http::{HeaderValue, StatusCode, header};
use serde_json::{Map, Value};
use std::sync::LazyLock;

const STYLE: &str = include_str!("../../templates/reference.css");
const SCRIPT: &str = include_str!("../../templates/reference.js");

/// Made once: the document does not change while the server runs.
static PAGE: LazyLock<Option<String>> = LazyLock::new(|| Reference::of(&DOCUMENT).render().ok());

static POLICY: LazyLock<String> = LazyLock::new(|| {
    format!(
        "default-src 'none'; style-src '{}'; script-src '{}'; base-uri 'none'; form-action 'none'; \
         frame-ancestors 'none'",
        policy_digest(STYLE),
        policy_digest(SCRIPT)
    )
});

/// Answers the page.
pub fn answer() -> Response {
    let (Some(page), Ok(policy)) = (&*PAGE, HeaderValue::from_str(&POLICY)) else {
        return StatusCode::INTERNAL_SERVER_ERROR.into_response();
    };
    ([(header::CONTENT_SECURITY_POLICY, policy)], Html(page.as_str())).into_response()
}

#[derive(Template)]
#[template(path = "reference.html")]
struct Reference {
    version: String,
    groups: Vec<Group>,
    schemas: Vec<Shape>,
    style: &'static str,
    script: &'static str,
}

struct Group {
    name: String,
    id: String,
    text: String,
    operations: Vec<Operation>,
}

struct Operation {
    id: String,
    method: String,
    path: String,
    summary: String,
    text: String,
    parameters: Vec<Field>,
    body: Option<Body>,
    answers: Vec<Answer>,
    curl: String,
    /// What a search looks through.
    words: String,
}

struct Body {
    required: bool,
    kind: Kind,
    fields: Vec<Field>,
}

struct Answer {
    status: String,
    text: String,
    kind: Option<Kind>,
}

struct Shape {
    name: String,
    text: String,
    kind: Kind,
    fields: Vec<Field>,
}

struct Field {
    name: String,
    place: String,
    kind: Kind,
    required: bool,
    text: String,
}

/// A type in words, and the schema that it leads to.
struct Kind {
    words: String,
    link: Option<String>,
}

/// A description with what stands between backticks told apart: whether a piece is code, and the piece.
pub(crate) fn pieces(text: &str) -> Vec<(bool, &str)> {
    let even = text.matches('`').count().is_multiple_of(2);
    let limit = if even { usize::MAX } else { 1 };
    text.splitn(limit, '`').enumerate().map(|(at, piece)| (at % 2 == 1, piece)).collect()
}

fn text(value: &Value, at: &str) -> String {
    value.pointer(at).and_then(Value::as_str).unwrap_or_default().to_owned()
}

fn entries<'a>(value: &'a Value, at: &str) -> impl Iterator<Item = (&'a String, &'a Value)> {
    value.pointer(at).and_then(Value::as_object).into_iter().flat_map(Map::iter)
}

fn items<'a>(value: &'a Value, at: &str) -> impl Iterator<Item = &'a Value> {
    value.pointer(at).and_then(Value::as_array).into_iter().flatten()
}

impl Reference {
    fn of(document: &Value) -> Self {
        let groups = items(document, "/tags").map(|tag| Group::of(document, tag));
        let shape = |(name, schema): (&String, &Value)| Shape {
            name: name.clone(),
            text: text(schema, "/description"),
            kind: kind(schema),
            fields: fields(document, schema),
        };
        Self {
            version: text(document, "/info/version"),
            groups: groups.filter(|group| !group.operations.is_empty()).collect(),
            schemas: entries(document, "/components/schemas").map(shape).collect(),
            style: STYLE,
            script: SCRIPT,
        }
    }
}

impl Group {
    fn of(document: &Value, tag: &Value) -> Self {
        let name = text(tag, "/name");
        let mut operations = Vec::new();
        for (path, item) in entries(document, "/paths") {
            for (method, operation) in item.as_object().into_iter().flatten() {
                if items(operation, "/tags").any(|of| of.as_str() == Some(&name)) {
                    operations.push(Operation::of(document, method, path, operation));
                }
            }
        }
        Self { id: name.replace(' ', "-"), name, text: text(tag, "/description"), operations }
    }
}

impl Operation {
    fn of(document: &Value, method: &str, path: &str, operation: &Value) -> Self {
        let parameter = |parameter: &Value| {
            let parameter = resolved(document, parameter);
            let schema = parameter.get("schema").unwrap_or(&Value::Null);
            let own = text(parameter, "/description");
            Field {
                name: text(parameter, "/name"),
                place: text(parameter, "/in"),
                kind: kind(schema),
                required: parameter.get("required").and_then(Value::as_bool).unwrap_or(false),
                text: if own.is_empty() { text(resolved(document, schema), "/description") } else { own },
            }
        };
        let body = operation.pointer("/requestBody/content/application~1json/schema").map(|schema| Body {
            required: operation.pointer("/requestBody/required").and_then(Value::as_bool).unwrap_or(false),
            kind: kind(schema),
            fields: fields(document, schema),
        });
        let answer = |(status, answer): (&String, &Value)| {
            let answer = resolved(document, answer);
            let schema = entries(answer, "/content").next().and_then(|(_, content)| content.get("schema"));
            Answer { status: status.clone(), text: text(answer, "/description"), kind: schema.map(kind) }
        };
        let (summary, about) = (text(operation, "/summary"), text(operation, "/description"));
        Self {
            id: text(operation, "/operationId"),
            method: method.to_uppercase(),
            path: path.to_owned(),
            words: format!("{method} {path} {summary} {about} {}", text(operation, "/operationId"))
                .to_lowercase(),
            parameters: items(operation, "/parameters").map(parameter).collect(),
            answers: entries(operation, "/responses").map(answer).collect(),
            curl: curl(document, method, path, operation),
            text: if about == summary { String::new() } else { about },
            summary,
            body,
        }
    }
}

/// The value that a `$ref` stands for.
fn resolved<'a>(document: &'a Value, value: &'a Value) -> &'a Value {
    let target =
        value.get("$ref").and_then(Value::as_str).and_then(|to| document.pointer(to.strip_prefix('#')?));
    target.unwrap_or(value)
}

fn fields(document: &Value, schema: &Value) -> Vec<Field> {
    let schema = resolved(document, schema);
    let needed = |name: &str| items(schema, "/required").any(|needed| needed.as_str() == Some(name));
    let field = |(name, schema): (&String, &Value)| Field {
        name: name.clone(),
        place: String::new(),
        kind: kind(schema),
        required: needed(name),
        text: text(schema, "/description"),
    };
    let own = entries(schema, "/properties").map(field);
    let parts = items(schema, "/allOf").flat_map(|part| fields(document, part));
    own.chain(parts).collect()
}

fn kind(schema: &Value) -> Kind {
    if let Some(name) = schema.get("$ref").and_then(Value::as_str).and_then(|to| to.rsplit('/').next()) {
        return Kind { words: name.to_owned(), link: Some(name.to_owned()) };
    }
    let variants: Vec<Kind> = items(schema, "/oneOf")
        .chain(items(schema, "/anyOf"))
        .chain(items(schema, "/allOf"))
        .map(kind)
        .collect();
    if !variants.is_empty() {
        let link = variants.iter().find_map(|kind| kind.link.clone());
        let words: Vec<String> = variants.into_iter().map(|kind| kind.words).collect();
        return Kind { words: words.join(" or "), link };
    }
    if let Some(inner) = schema.get("items") {
        let inner = kind(inner);
        return Kind { words: format!("list of {}", inner.words), link: inner.link };
    }
    let choices: Vec<&str> = items(schema, "/enum").filter_map(Value::as_str).collect();
    if !choices.is_empty() {
        return Kind { words: choices.join(" | "), link: None };
    }
    let words = match schema.get("type") {
        Some(Value::String(name)) => name.clone(),
        Some(Value::Array(names)) => names.iter().filter_map(Value::as_str).collect::<Vec<_>>().join(" or "),
        _ => "any".to_owned(),
    };
    Kind { words, link: None }
}

/// A command that tries the operation, with examples in all places that must be filled.
fn curl(document: &Value, method: &str, path: &str, operation: &Value) -> String {
    let mut address = path.to_owned();
    for parameter in items(operation, "/parameters").filter(|p| text(p, "/in") == "path") {
        let example = parameter.get("example").cloned();
        let example =
            example.unwrap_or_else(|| sample(document, parameter.get("schema").unwrap_or(&Value::Null), 0));
        address =
            address.replace(&format!("{{{}}}", text(parameter, "/name")), example.as_str().unwrap_or("1"));
    }
    let verb = if method == "get" { String::new() } else { format!("-X {} ", method.to_uppercase()) };
    let body = operation.pointer("/requestBody/content/application~1json/schema");
    let body = body.map(|schema| sample(document, schema, 0).to_string().replace('\'', "'\\''"));
    let body =
        body.map_or(String::new(), |body| format!(" \\\n  -H 'Content-Type: application/json' -d '{body}'"));
    format!("curl {verb}-H \"Authorization: Bearer $SLUIS_API_TOKEN\"{body} \\\n  \"$SLUIS{address}\"")
}

/// A value that fits a schema: its example, or the least that it demands.
fn sample(document: &Value, schema: &Value, depth: usize) -> Value {
    let schema = resolved(document, schema);
    let given =
        schema.get("example").or_else(|| schema.pointer("/examples/0")).or_else(|| schema.get("default"));
    if let Some(given) = given.or_else(|| schema.get("const")).or_else(|| schema.pointer("/enum/0")) {
        return given.clone();
    }
    if depth > 4 {
        return Value::Null;
    }
    if let Some(variant) = schema.pointer("/oneOf/0").or_else(|| schema.pointer("/anyOf/0")) {
        return sample(document, variant, depth + 1);
    }
    let kind = schema.get("type").and_then(|kind| kind.as_str().or_else(|| kind.pointer("/0")?.as_str()));
    match kind {
        Some("object") => {
            let mut object = Map::new();
            for name in items(schema, "/required").filter_map(Value::as_str) {
                if let Some(inner) = schema.get("properties").and_then(|all| all.get(name)) {
                    object.insert(name.to_owned(), sample(document, inner, depth + 1));
                }
            }
            Value::Object(object)
        }
        Some("array") => Value::Array(Vec::new()),
        Some("integer" | "number") => 1.into(),
        Some("boolean") => true.into(),
        Some("string") => "…".into(),
        _ => Value::Object(Map::new()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_operation_stands_on_the_page_with_a_command_that_tries_it() {
        let page = Reference::of(&DOCUMENT);
        let shown: usize = page.groups.iter().map(|group| group.operations.len()).sum();
        let there: usize =
            entries(&DOCUMENT, "/paths").map(|(_, item)| item.as_object().unwrap().len()).sum();
        assert!(shown == there && shown > 20, "{shown} of {there}");
        for operation in page.groups.iter().flat_map(|group| &group.operations) {
            assert!(!operation.curl.contains('{') || operation.curl.contains("-d '{"), "{}", operation.curl);
            assert!(!operation.summary.is_empty(), "{} says what it does", operation.id);
        }
    }

    #[test]
    fn what_stands_between_backticks_is_code_and_a_lone_backtick_is_text() {
        assert_eq!(pieces("`next` of it"), [(false, ""), (true, "next"), (false, " of it")]);
        assert_eq!(pieces("a ` alone"), [(false, "a ` alone")]);
        let page = Reference::of(&DOCUMENT).render().unwrap();
        assert!(page.contains("<code>next</code> of the page before"));
    }

    #[test]
    fn what_must_be_filled_in_has_an_example() {
        let page = Reference::of(&DOCUMENT);
        let all: Vec<&Operation> = page.groups.iter().flat_map(|group| &group.operations).collect();
        let put = all.iter().find(|operation| operation.id == "putFunction").unwrap();
        assert!(put.curl.contains("$SLUIS/api/v1/orgs/acme/functions/billing.total"), "{}", put.curl);
        assert!(put.curl.contains(r#"{"source":"#), "{}", put.curl);
    }
}
