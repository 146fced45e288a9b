//! The shape of a file, from the JSON Schema, in words that teach.

use crate::problem::Problems;
use crate::rules::secrets;
use crate::tree::{Cursor, Kind};
use jsonschema::error::{TypeKind, ValidationErrorKind};
use jsonschema::{ValidationError, Validator};
use serde_json::Value;
use sluis_model::suggest::nearest;
use std::sync::LazyLock;

/// The JSON Schema of connector files (draft 2020-12).
pub const SCHEMA_TEXT: &str = include_str!("../../../spec/connector/schema.json");

static SCHEMA: LazyLock<(Value, Validator)> = LazyLock::new(|| {
    let schema: Value = serde_json::from_str(SCHEMA_TEXT).expect("the schema that is built in is JSON");
    let validator = jsonschema::draft202012::new(&schema).expect("the schema that is built in is a schema");
    (schema, validator)
});

/// Adds what the schema finds, but for places of which a rule has spoken already in better words.
pub(crate) fn check(root: &Cursor<'_>, value: &Value, problems: &mut Problems<'_>) {
    let (schema, validator) = &*SCHEMA;
    for error in validator.iter_errors(value) {
        let pointer = error.instance_path().to_string();
        let steps = pointer.split('/').skip(1).map(|step| step.replace("~1", "/").replace("~0", "~"));
        let steps: Vec<String> = steps.collect();
        let Some(at) = root.follow(steps.iter().map(String::as_str)) else { continue };
        let owner = owner(schema, &error);
        match error.kind() {
            ValidationErrorKind::AdditionalProperties { unexpected } => {
                unexpected.iter().for_each(|name| unknown(&at, name, owner, problems));
            }
            ValidationErrorKind::Required { property } => {
                missing(&at, property.as_str().unwrap_or_default(), owner, problems);
            }
            _ if problems.concerns(at.path()) => {}
            kind => {
                let (message, help) = describe(&at, kind, owner);
                problems.add(&at, message, help);
            }
        }
    }
}

/// The schema that holds the keyword that failed.
fn owner<'s>(schema: &'s Value, error: &ValidationError<'_>) -> Option<&'s Value> {
    let path = error.schema_path().to_string();
    schema.pointer(path.rsplit_once('/')?.0)
}

fn named(at: &Cursor<'_>) -> String {
    if at.path().is_empty() { "the file".to_owned() } else { format!("`{}`", at.path()) }
}

fn unknown(at: &Cursor<'_>, name: &str, owner: Option<&Value>, problems: &mut Problems<'_>) {
    let Some(field) = at.get(name) else { return };
    if secrets::is_client_field(name) || problems.concerns(field.path()) {
        return;
    }
    let known: Vec<&str> = owner
        .and_then(|owner| owner.get("properties"))
        .and_then(Value::as_object)
        .map(|properties| properties.keys().map(String::as_str).collect())
        .unwrap_or_default();
    let help = match nearest(name, known.iter().copied()) {
        Some(near) => format!("did you mean `{near}`?"),
        None if known.is_empty() => "leave it out".to_owned(),
        None => format!("known here: {}", known.join(", ")),
    };
    problems.add_key(&field, format!("{} has no field `{name}`", named(at)), Some(help));
}

fn missing(at: &Cursor<'_>, name: &str, owner: Option<&Value>, problems: &mut Problems<'_>) {
    let described = owner.and_then(|owner| owner.pointer(&format!("/properties/{name}"))).and_then(|field| {
        let there = field
            .get("$ref")
            .and_then(Value::as_str)
            .and_then(|to| SCHEMA.0.pointer(to.trim_start_matches('#')));
        field.get("description").or_else(|| there?.get("description"))?.as_str()
    });
    problems.add_key(
        at,
        format!("{} lacks the field `{name}`", named(at)),
        described.map(|described| format!("add `{name}`: {described}")),
    );
}

fn describe(at: &Cursor<'_>, kind: &ValidationErrorKind, owner: Option<&Value>) -> (String, Option<String>) {
    let name = named(at);
    let described = || {
        let text = owner?.get("description")?.as_str()?;
        Some(text.to_owned())
    };
    match kind {
        ValidationErrorKind::Type { kind } => (
            format!("{name} must be {}, but is {}", wanted(kind), given(at)),
            type_help(at, kind).or_else(described),
        ),
        ValidationErrorKind::Enum { options } => {
            let known: Vec<&str> =
                options.as_array().into_iter().flatten().filter_map(Value::as_str).collect();
            let near = at.text().and_then(|text| nearest(text, known.iter().copied()));
            let message = format!("{name} must be one of {}", known.join(", "));
            (message, near.map(|near| format!("did you mean `{near}`?")))
        }
        ValidationErrorKind::Minimum { limit } => (format!("{name} must be at least {limit}"), described()),
        ValidationErrorKind::Maximum { limit } => (format!("{name} must be at most {limit}"), described()),
        ValidationErrorKind::MinItems { limit } => {
            (format!("{name} must have at least {limit} {}", plural(*limit, "entry", "entries")), described())
        }
        ValidationErrorKind::MinProperties { limit } => {
            (format!("{name} must have at least {limit} {}", plural(*limit, "entry", "entries")), described())
        }
        ValidationErrorKind::MinLength { .. } => (format!("{name} must not be empty"), described()),
        ValidationErrorKind::UniqueItems => (format!("{name} holds the same entry twice"), None),
        ValidationErrorKind::Constant { expected_value } => {
            (format!("{name} must be {expected_value}"), described())
        }
        other => (format!("{name} is not as the schema wants it (`{}`)", other.keyword()), described()),
    }
}

fn plural(count: u64, one: &'static str, many: &'static str) -> &'static str {
    if count == 1 { one } else { many }
}

fn wanted(kind: &TypeKind) -> String {
    match kind {
        TypeKind::Single(one) => type_word(&one.to_string()).to_owned(),
        TypeKind::Multiple(many) => {
            many.iter().map(|one| type_word(&one.to_string())).collect::<Vec<_>>().join(" or ")
        }
    }
}

fn type_word(name: &str) -> &'static str {
    match name {
        "string" => "a text",
        "integer" => "a whole number",
        "number" => "a number",
        "boolean" => "true or false",
        "object" => "a map of names and values",
        "array" => "a list",
        _ => "empty",
    }
}

fn given(at: &Cursor<'_>) -> &'static str {
    match at.kind() {
        Kind::Null => "empty",
        Kind::Bool(_) => "true or false",
        Kind::Number(_) => "a number",
        Kind::Text(_) => "a text",
        Kind::List(_) => "a list",
        Kind::Map(_) => "a map",
    }
}

fn type_help(at: &Cursor<'_>, kind: &TypeKind) -> Option<String> {
    let wanted = match kind {
        TypeKind::Single(wanted) => wanted.to_string(),
        // Where a text is one of several, it is what was meant.
        TypeKind::Multiple(wanted) if wanted.iter().any(|one| one.to_string() == "string") => {
            "string".to_owned()
        }
        TypeKind::Multiple(_) => return None,
    };
    match (wanted.as_str(), at.kind()) {
        ("string", Kind::Number(number)) => Some(format!("put it in quotes: \"{number}\"")),
        ("string", Kind::Bool(value)) => Some(format!("put it in quotes: \"{value}\"")),
        ("boolean", Kind::Text(_)) => {
            Some("write true or false, without quotes; yes, no, on and off are texts".to_owned())
        }
        ("integer", Kind::Text(_)) => Some("write the number without quotes and units".to_owned()),
        ("array", Kind::Text(_)) => {
            Some("a list of one is written `[entry]`, or `- entry` on the next line".to_owned())
        }
        _ => None,
    }
}
