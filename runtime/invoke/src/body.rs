//! JSON bodies: a template tree that is written straight to bytes. Values enter as values, so no
//! text can break out of its quotes.

use crate::definition_error::DefinitionFault;
use crate::evaluate::{self, Filled};
use serde_json::Value;
use sluis_model::template::{Braces, Expression, Segment, Template};

/// Levels that a definition or a value may nest.
pub const DEPTH_AT_MOST: usize = 100;

/// A JSON body with placeholders.
#[derive(Debug, Clone, PartialEq)]
pub enum JsonTemplate {
    /// JSON text without placeholders.
    Fixed(String),
    /// One placeholder: takes the value with its type.
    Slot(Expression),
    /// Placeholders inside a longer text.
    Text(Template),
    /// A list.
    List(Vec<JsonTemplate>),
    /// A map; keys as JSON text, in the order written.
    Map(Vec<(String, JsonTemplate)>),
}

impl JsonTemplate {
    /// Compiles a body of a definition.
    pub fn compile(value: &Value) -> Result<Self, DefinitionFault> {
        if is_deeper_than(value, DEPTH_AT_MOST) {
            return Err(DefinitionFault::TooDeep { limit: DEPTH_AT_MOST });
        }
        Self::compile_bounded(value)
    }

    fn compile_bounded(value: &Value) -> Result<Self, DefinitionFault> {
        Ok(match value {
            Value::String(text) => {
                let template = evaluate::template(text, Braces::Dollar)?;
                match (template.sole_slot(), template.as_literal()) {
                    (Some(slot), _) => Self::Slot(slot.clone()),
                    (_, Some(literal)) => Self::Fixed(Value::from(literal).to_string()),
                    _ => Self::Text(template),
                }
            }
            Value::Array(items) => {
                Self::List(items.iter().map(Self::compile_bounded).collect::<Result<_, _>>()?)
            }
            Value::Object(map) => {
                let entries = map.iter().map(|(key, value)| {
                    match Template::parse(key).map(|key| key.as_literal().map(str::to_owned)) {
                        Ok(Some(literal)) => {
                            Ok((Value::from(literal).to_string(), Self::compile_bounded(value)?))
                        }
                        _ => Err(DefinitionFault::PlaceholderInKey { key: key.clone() }),
                    }
                });
                Self::Map(entries.collect::<Result<_, _>>()?)
            }
            scalar => Self::Fixed(scalar.to_string()),
        })
    }

    /// Tells what every placeholder holds.
    pub(crate) fn visit_slots<'a>(&'a self, visit: &mut dyn FnMut(&'a Expression)) {
        match self {
            Self::Fixed(_) => {}
            Self::Slot(slot) => visit(slot),
            Self::Text(template) => template.slots().for_each(visit),
            Self::List(items) => items.iter().for_each(|item| item.visit_slots(visit)),
            Self::Map(entries) => entries.iter().for_each(|(_, value)| value.visit_slots(visit)),
        }
    }

    /// Writes the body; `fill` gives what stands for a placeholder. A map's entry for which it gives
    /// nothing is left out; elsewhere nothing is null.
    pub(crate) fn write<'v>(&self, out: &mut String, fill: &dyn Fn(&Expression) -> Option<Filled<'v>>) {
        match self {
            Self::Fixed(json) => out.push_str(json),
            Self::Slot(slot) => push_json(out, fill(slot).as_ref()),
            Self::Text(template) => {
                let mut text = String::new();
                for segment in template.segments() {
                    match segment {
                        Segment::Literal(literal) => text.push_str(literal),
                        Segment::Slot(slot) => {
                            text.push_str(&fill(slot).as_ref().map(Filled::as_text).unwrap_or_default());
                        }
                    }
                }
                out.push_str(&Value::String(text).to_string());
            }
            Self::List(items) => {
                out.push('[');
                for (at, item) in items.iter().enumerate() {
                    if at > 0 {
                        out.push(',');
                    }
                    item.write(out, fill);
                }
                out.push(']');
            }
            Self::Map(entries) => {
                out.push('{');
                write_entries(entries, out, true, fill);
                out.push('}');
            }
        }
    }
}

/// Writes the entries of a map, without its braces; `first` where none stands before them.
pub(crate) fn write_entries<'v>(
    entries: &[(String, JsonTemplate)],
    out: &mut String,
    mut first: bool,
    fill: &dyn Fn(&Expression) -> Option<Filled<'v>>,
) {
    for (key, item) in entries {
        // Asked for once: what is random would else be another thing the second time.
        let value = match item {
            JsonTemplate::Slot(slot) => match fill(slot) {
                Some(value) => Some(value),
                None => continue,
            },
            _ => None,
        };
        if !std::mem::take(&mut first) {
            out.push(',');
        }
        out.push_str(key);
        out.push(':');
        match item {
            JsonTemplate::Slot(_) => push_json(out, value.as_ref()),
            item => item.write(out, fill),
        }
    }
}

fn push_json(out: &mut String, value: Option<&Filled<'_>>) {
    match value {
        None => out.push_str("null"),
        Some(Filled::Value(value)) => out.push_str(&value.to_string()),
        Some(file) => out.push_str(&Value::from(file.as_text()).to_string()),
    }
}

/// Whether a value nests deeper than so many levels; looks no deeper than that itself.
pub fn is_deeper_than(value: &Value, levels: usize) -> bool {
    match value {
        Value::Array(items) => levels == 0 || items.iter().any(|item| is_deeper_than(item, levels - 1)),
        Value::Object(map) => levels == 0 || map.values().any(|item| is_deeper_than(item, levels - 1)),
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;
    use std::borrow::Cow;

    fn written(body: Value, data: Value) -> String {
        let template = JsonTemplate::compile(&body).unwrap();
        let mut out = String::new();
        let value = |slot: &Expression| data.get(slot.as_name().unwrap_or_default()).cloned();
        template.write(&mut out, &|slot| value(slot).map(|value| Filled::Value(Cow::Owned(value))));
        out
    }

    #[test]
    fn a_sole_placeholder_takes_the_value_with_its_type() {
        let data = json!({"n": 7, "l": [1, {"x": null}], "t": "a\"b", "b": true});
        assert_eq!(
            written(
                json!({"n": "${n}", "l": "${l}", "t": "${t}", "b": "${b}", "gone": "${gone}"}),
                data.clone()
            ),
            r#"{"n":7,"l":[1,{"x":null}],"t":"a\"b","b":true}"#
        );
        assert_eq!(written(json!([{"a": "${gone}"}, "${gone}", "<${gone}>"]), data), r#"[{},null,"<>"]"#);
    }

    #[test]
    fn inside_a_longer_text_the_text_of_the_value_is_put_in() {
        let data = json!({"first": "Ada \"x\"\n", "age": 36, "gone": null});
        assert_eq!(
            written(json!(["${first} is ${age}${gone}.", "$${first}"]), data),
            r#"["Ada \"x\"\n is 36.","${first}"]"#
        );
    }

    #[test]
    fn a_placeholder_in_a_key_is_refused() {
        let error = JsonTemplate::compile(&json!({"a": {"${k}": 1}})).unwrap_err();
        assert_eq!(error, DefinitionFault::PlaceholderInKey { key: "${k}".into() });
    }

    #[test]
    fn a_deep_body_is_refused_without_going_all_the_way_down() {
        let mut value = json!(1);
        for _ in 0..=DEPTH_AT_MOST {
            value = json!([value]);
        }
        assert_eq!(JsonTemplate::compile(&value), Err(DefinitionFault::TooDeep { limit: DEPTH_AT_MOST }));
    }

    proptest::proptest! {
        #[test]
        fn no_value_breaks_out_of_its_text(value in ".*") {
            let out = written(json!({"k": "<${v}>", "s": "${v}"}), json!({"v": value}));
            let back: Value = serde_json::from_str(&out).unwrap();
            assert_eq!(back, json!({"k": format!("<{value}>"), "s": value}));
        }
    }
}
