//! JSON Schemas that definitions hold, compiled once, and what does not fit them in words that teach:
//! where, what was found, what is allowed.

use jsonschema::error::{TypeKind, ValidationErrorKind};
use jsonschema::{Draft, PatternOptions, ValidationError, Validator};
use serde_json::Value;
use sluis_model::suggest::nearest;
use std::sync::Arc;

/// Steps that one pattern may take on one text: a definition is not to stand still over a value.
const BACKTRACKS_AT_MOST: usize = 100_000;
/// Longest value shown in a message, in characters.
const SHOWN_AT_MOST: usize = 40;

/// A JSON Schema (draft 2020-12), ready to look at values. References lead into itself only.
#[derive(Clone)]
pub struct ValueSchema(Arc<Validator>);

impl std::fmt::Debug for ValueSchema {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("ValueSchema")
    }
}

/// What is wrong with a schema itself.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{message}")]
pub struct SchemaFault {
    /// JSON Pointer (RFC 6901) to the place in the schema.
    pub pointer: String,
    /// What is wrong there.
    pub message: String,
}

/// A value, or a part of it, that does not fit.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Misfit {
    /// The part: `items[0].id`; empty for the whole.
    pub at: String,
    /// JSON Pointer to it.
    pub pointer: String,
    /// What it must be and what it is, after its name: `must be a text, but is a list`.
    pub message: String,
    /// What was meant perhaps.
    pub help: Option<String>,
}

impl ValueSchema {
    /// Compiles a schema.
    ///
    /// # Errors
    /// The first place that is not as JSON Schema wants it.
    pub fn compile(schema: &Value) -> Result<Self, SchemaFault> {
        if let Err(error) = jsonschema::draft202012::meta::validate(schema) {
            let pointer = error.instance_path().to_string();
            let message = match misfit(&error) {
                Misfit { at, .. } if pointer.ends_with("/type") => format!(
                    "`{at}` of the schema must be one of string, number, integer, boolean, array, object, null, but is {}",
                    shown(error.instance())
                ),
                Misfit { message, .. } if pointer.is_empty() => format!("the schema {message}"),
                Misfit { message, at, .. } => format!("`{at}` of the schema {message}"),
            };
            return Err(SchemaFault { pointer, message });
        }
        jsonschema::options()
            .with_draft(Draft::Draft202012)
            .should_validate_formats(true)
            .with_pattern_options(PatternOptions::fancy_regex().backtrack_limit(BACKTRACKS_AT_MOST))
            .build(schema)
            .map(|validator| Self(Arc::new(validator)))
            .map_err(|error| SchemaFault {
                pointer: String::new(),
                message: match error.kind() {
                    ValidationErrorKind::Referencing(_) => {
                        "a `$ref` of the schema leads out of it, or nowhere; write what it means under `$defs`"
                            .to_owned()
                    }
                    _ => format!("the schema cannot be used: {}", shortened(&error.to_string(), 160)),
                },
            })
    }

    /// All that does not fit.
    pub fn misfits(&self, value: &Value) -> Vec<Misfit> {
        self.0.iter_errors(value).flat_map(|error| spread(&error)).collect()
    }
}

/// One misfit for each name that is missing or unknown, else one.
fn spread(error: &ValidationError<'_>) -> Vec<Misfit> {
    let ValidationErrorKind::AdditionalProperties { unexpected } = error.kind() else {
        return vec![misfit(error)];
    };
    let one = |name: &String| Misfit { message: format!("has no field `{name}`"), ..misfit(error) };
    unexpected.iter().map(one).collect()
}

fn misfit(error: &ValidationError<'_>) -> Misfit {
    let pointer = error.instance_path().to_string();
    let found = error.instance();
    let but = || format!("but is {}", shown(found));
    let mut help = None;
    let message = match error.kind() {
        ValidationErrorKind::Type { kind } => format!("must be {}, but is {}", wanted(kind), kind_of(found)),
        ValidationErrorKind::Enum { options } => {
            let options = options.as_array().map(Vec::as_slice).unwrap_or_default();
            help = meant(found, options);
            format!("must be one of {}, {}", listed(options), but())
        }
        ValidationErrorKind::Constant { expected_value } => {
            format!("must be {}, {}", shown(expected_value), but())
        }
        ValidationErrorKind::Minimum { limit } => format!("must be at least {limit}, {}", but()),
        ValidationErrorKind::Maximum { limit } => format!("must be at most {limit}, {}", but()),
        ValidationErrorKind::ExclusiveMinimum { limit } => format!("must be more than {limit}, {}", but()),
        ValidationErrorKind::ExclusiveMaximum { limit } => format!("must be less than {limit}, {}", but()),
        ValidationErrorKind::MinLength { limit } => format!("must have {}", at_least(*limit, "character")),
        ValidationErrorKind::MaxLength { limit } => format!("must have {}", at_most(*limit, "character")),
        ValidationErrorKind::MinItems { limit } => format!("must have {}", at_least(*limit, "entry")),
        ValidationErrorKind::MaxItems { limit } => format!("must have {}", at_most(*limit, "entry")),
        ValidationErrorKind::MinProperties { limit } => format!("must have {}", at_least(*limit, "field")),
        ValidationErrorKind::MaxProperties { limit } => format!("must have {}", at_most(*limit, "field")),
        ValidationErrorKind::Pattern { pattern } => {
            format!("does not match the pattern `{}`", shortened(pattern, 80))
        }
        ValidationErrorKind::Format { format } => format!("is not of the form `{format}`"),
        ValidationErrorKind::Required { property } => {
            format!("lacks the field `{}`", property.as_str().unwrap_or_default())
        }
        ValidationErrorKind::UniqueItems => "holds the same entry twice".to_owned(),
        ValidationErrorKind::MultipleOf { multiple_of } => {
            format!("must be a multiple of {multiple_of}, {}", but())
        }
        ValidationErrorKind::AnyOf { .. } | ValidationErrorKind::OneOfNotValid { .. } => {
            format!("fits none of the forms it may have, {}", but())
        }
        ValidationErrorKind::OneOfMultipleValid { .. } => {
            "fits several of the forms of which it may have one".to_owned()
        }
        ValidationErrorKind::FalseSchema => "may not be given".to_owned(),
        other => format!("is not as its schema wants it (`{}`)", other.keyword()),
    };
    Misfit { at: path(&pointer), pointer, message, help }
}

fn at_least(limit: u64, one: &str) -> String {
    format!("at least {limit} {}", plural(limit, one))
}

fn at_most(limit: u64, one: &str) -> String {
    format!("at most {limit} {}", plural(limit, one))
}

fn plural(count: u64, one: &str) -> String {
    match (count, one.strip_suffix('y')) {
        (1, _) => one.to_owned(),
        (_, Some(stem)) => format!("{stem}ies"),
        (_, None) => format!("{one}s"),
    }
}

/// `/items/0/id` as `items[0].id`.
fn path(pointer: &str) -> String {
    let mut out = String::new();
    for step in pointer.split('/').skip(1) {
        match step.parse::<usize>() {
            Ok(at) => out.push_str(&format!("[{at}]")),
            Err(_) => {
                if !out.is_empty() {
                    out.push('.');
                }
                out.push_str(&step.replace("~1", "/").replace("~0", "~"));
            }
        }
    }
    out
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
        "object" => "a map",
        "array" => "a list",
        _ => "null",
    }
}

/// What a value is, in words.
fn kind_of(value: &Value) -> String {
    match value {
        Value::Null => "null".to_owned(),
        Value::Bool(_) | Value::Number(_) => shown(value),
        Value::String(_) => format!("the text {}", shown(value)),
        Value::Array(_) => "a list".to_owned(),
        Value::Object(_) => "a map".to_owned(),
    }
}

/// A value as it is quoted in messages: never a flood, and no map or list.
fn shown(value: &Value) -> String {
    match value {
        Value::Array(_) => "a list".to_owned(),
        Value::Object(_) => "a map".to_owned(),
        scalar => format!("`{}`", shortened(&scalar.to_string(), SHOWN_AT_MOST)),
    }
}

fn shortened(text: &str, most: usize) -> String {
    let mut short: String = text.chars().take(most).collect();
    if short.len() < text.len() {
        short.push('…');
    }
    short
}

fn listed(options: &[Value]) -> String {
    let mut words: Vec<String> = options.iter().take(20).map(shown).collect();
    if options.len() > words.len() {
        words.push("…".to_owned());
    }
    words.join(", ")
}

fn meant(found: &Value, options: &[Value]) -> Option<String> {
    let near = nearest(found.as_str()?, options.iter().filter_map(Value::as_str))?;
    Some(format!("did you mean `\"{near}\"`?"))
}
