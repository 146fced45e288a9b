//! What an input says of its values, compiled once: every call, test and form looks at values with the
//! same eyes.
//!
//! Scripts are loose about what is text and what is a number, so a value is first turned into what its
//! input takes where nothing is lost by that: `"12"` into 12 for a number, 12 into `"12"` for a text,
//! the JSON text of a list or map into it.

use crate::values::{Misfit, SchemaFault, ValueSchema};
use serde_json::{Map, Number, Value, json};
use sluis_model::connector::{Input, InputType};
use std::borrow::Cow;

/// The values of one input.
#[derive(Debug, Clone)]
pub struct InputChecker {
    kind: InputType,
    /// By the input's own fields.
    own: Option<ValueSchema>,
    /// By its `schema`.
    schema: Option<ValueSchema>,
}

impl InputChecker {
    /// Compiles what is said of an input.
    ///
    /// # Errors
    /// What is unsound; the pointer leads to it in the input.
    pub fn compile(input: &Input) -> Result<Self, SchemaFault> {
        let own = own_schema(input);
        let own = (!own.is_empty()).then(|| ValueSchema::compile(&Value::Object(own))).transpose();
        let own = own.map_err(|fault| in_field(input, fault))?;
        let schema = input
            .schema
            .as_ref()
            .map(ValueSchema::compile)
            .transpose()
            .map_err(|fault| SchemaFault { pointer: format!("/schema{}", fault.pointer), ..fault })?;
        Ok(Self { kind: kind(input), own, schema })
    }

    /// The value as its input takes it.
    ///
    /// # Errors
    /// All that does not fit.
    pub fn fitted<'v>(&self, value: &'v Value) -> Result<Cow<'v, Value>, Vec<Misfit>> {
        let value = turned(self.kind, value);
        let checks = self.own.iter().chain(&self.schema);
        let mut misfits: Vec<Misfit> = checks.flat_map(|check| check.misfits(&value)).collect();
        misfits.dedup();
        if misfits.is_empty() { Ok(value) } else { Err(misfits) }
    }
}

/// A fault of what the fields of an input amount to, as one of the field.
fn in_field(input: &Input, fault: SchemaFault) -> SchemaFault {
    let field = match fault.pointer.get(1..4) {
        Some("min") => "min",
        Some("max") => "max",
        Some("enu") => "enum",
        _ if input.pattern.is_some() => "pattern",
        _ => return SchemaFault { pointer: String::new(), ..fault },
    };
    let message = match field {
        "pattern" => "the pattern is no regular expression".to_owned(),
        "min" | "max" => {
            format!("`{field}` must be a whole number, not less than 0, for inputs of this type")
        }
        _ => fault.message,
    };
    SchemaFault { pointer: format!("/{field}"), message }
}

/// The type of an input: its own, else the one that its schema names.
fn kind(input: &Input) -> InputType {
    if input.kind != InputType::Any {
        return input.kind;
    }
    match input.schema.as_ref().and_then(|schema| schema.get("type")).and_then(Value::as_str) {
        Some("string") => InputType::Text,
        Some("integer" | "number") => InputType::Number,
        Some("boolean") => InputType::Boolean,
        Some("array") => InputType::List,
        Some("object") => InputType::Map,
        _ => InputType::Any,
    }
}

/// The fields of an input as a JSON Schema.
fn own_schema(input: &Input) -> Map<String, Value> {
    let mut schema = Map::new();
    let kind = kind(input);
    let name = match kind {
        // A date comes as text, in whatever form the service wants; a file is no JSON.
        InputType::Any | InputType::File | InputType::Date => None,
        InputType::Text => Some("string"),
        InputType::Number => Some("number"),
        InputType::Boolean => Some("boolean"),
        InputType::List => Some("array"),
        InputType::Map => Some("object"),
    };
    if let Some(name) = name {
        schema.insert("type".to_owned(), json!(name));
    }
    if !input.choices.is_empty() {
        schema.insert("enum".to_owned(), json!(input.choices));
    }
    if let Some(pattern) = &input.pattern {
        schema.insert("pattern".to_owned(), json!(pattern));
    }
    let (least, most) = match kind {
        InputType::Text | InputType::Date => ("minLength", "maxLength"),
        InputType::List => ("minItems", "maxItems"),
        InputType::Map => ("minProperties", "maxProperties"),
        _ => ("minimum", "maximum"),
    };
    let bounds = [(least, &input.min), (most, &input.max)];
    schema.extend(
        bounds.into_iter().filter_map(|(word, bound)| Some((word.to_owned(), json!(bound.as_ref()?)))),
    );
    schema
}

/// A value turned into what an input takes, if nothing is lost by it.
fn turned(kind: InputType, value: &Value) -> Cow<'_, Value> {
    let turned = match (kind, value) {
        (InputType::Number, Value::String(text)) => text.trim().parse::<Number>().ok().map(Value::Number),
        (InputType::Boolean, Value::String(text)) => match text.trim() {
            text if text.eq_ignore_ascii_case("true") => Some(Value::Bool(true)),
            text if text.eq_ignore_ascii_case("false") => Some(Value::Bool(false)),
            _ => None,
        },
        (InputType::Text | InputType::Date, Value::Number(number)) => Some(Value::String(number.to_string())),
        (InputType::Text, Value::Bool(flag)) => Some(Value::String(flag.to_string())),
        // As the language turns them into text.
        (InputType::Text, Value::Array(_) | Value::Object(_)) => Some(Value::String(value.to_string())),
        // In a script `{}` is both.
        (InputType::List, Value::Object(map)) if map.is_empty() => Some(Value::Array(Vec::new())),
        (InputType::Map, Value::Array(list)) if list.is_empty() => Some(Value::Object(Default::default())),
        (InputType::List, Value::String(text)) => parsed(text).filter(Value::is_array),
        (InputType::Map, Value::String(text)) => parsed(text).filter(Value::is_object),
        _ => None,
    };
    turned.map_or(Cow::Borrowed(value), Cow::Owned)
}

fn parsed(text: &str) -> Option<Value> {
    serde_json::from_str(text).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn input(fields: Value) -> InputChecker {
        InputChecker::compile(&serde_json::from_value(fields).unwrap()).unwrap()
    }

    fn told(checker: &InputChecker, value: Value) -> String {
        let misfits = checker.fitted(&value).unwrap_err();
        let told =
            misfits.into_iter().map(|misfit| format!("{} {} {:?}", misfit.at, misfit.message, misfit.help));
        told.collect::<Vec<_>>().join("; ")
    }

    #[test]
    fn what_loses_nothing_is_turned_into_what_the_input_takes() {
        let fitted =
            |kind: &str, value: Value| input(json!({ "type": kind })).fitted(&value).unwrap().into_owned();
        assert_eq!(fitted("number", json!(" 12.50 ")).to_string(), "12.50");
        assert_eq!(fitted("boolean", json!("True")), json!(true));
        assert_eq!(fitted("text", json!(12)), json!("12"));
        assert_eq!(fitted("list", json!("[1]")), json!([1]));
        assert_eq!(fitted("map", json!({"a": 1})), json!({"a": 1}));
        assert_eq!((fitted("list", json!({})), fitted("map", json!([]))), (json!([]), json!({})));
        assert_eq!(
            told(&input(json!({"type": "number"})), json!("a lot")),
            " must be a number, but is the text `\"a lot\"` None"
        );
        assert_eq!(
            told(&input(json!({"type": "list"})), json!("x")),
            " must be a list, but is the text `\"x\"` None"
        );
    }

    #[test]
    fn a_choice_that_is_none_is_told_the_nearest() {
        let state = input(json!({"type": "text", "enum": ["open", "closed"]}));
        assert!(told(&state, json!("opne")).contains("Some(\"did you mean `\\\"open\\\"`?\")"));
        assert!(state.fitted(&json!("closed")).is_ok());
    }

    #[test]
    fn bounds_count_what_the_type_has() {
        assert!(
            told(&input(json!({"type": "text", "max": 2})), json!("abc")).contains("at most 2 characters")
        );
        assert!(told(&input(json!({"type": "number", "min": 2})), json!(1)).contains("at least 2"));
        assert!(told(&input(json!({"type": "list", "min": 1})), json!([])).contains("at least 1 entry"));
        assert!(told(&input(json!({"type": "text", "pattern": "^a"})), json!("b")).contains("`^a`"));
    }

    #[test]
    fn a_schema_is_looked_at_to_its_depths() {
        let schema = json!({"type": "array", "items": {"$ref": "#/$defs/line"}, "$defs": {"line": {
            "type": "object", "required": ["sku"], "properties": {"qty": {"type": "integer"}}}}});
        let lines = input(json!({ "schema": schema }));
        assert!(lines.fitted(&json!("[{\"sku\": 1, \"qty\": 2}]")).is_ok());
        let all = told(&lines, json!([{"qty": "x"}]));
        assert!(
            all.contains("[0].qty must be a whole number") && all.contains("[0] lacks the field `sku`"),
            "{all}"
        );
    }

    #[test]
    fn unsound_schemas_and_patterns_are_refused() {
        let refused =
            |fields: Value| InputChecker::compile(&serde_json::from_value(fields).unwrap()).unwrap_err();
        assert_eq!(
            refused(json!({"schema": {"properties": {"a": {"type": "txt"}}}})).pointer,
            "/schema/properties/a/type"
        );
        assert_eq!(refused(json!({"pattern": "("})).pointer, "/pattern");
        assert_eq!(refused(json!({"type": "text", "min": -1})).pointer, "/min");
        let outside = refused(json!({"schema": {"$ref": "https://example.com/schema.json"}}));
        assert!(outside.message.contains("leads out of it"), "{outside}");
    }
}
