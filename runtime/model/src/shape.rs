//! The shape of an answer: which keys are there and what kind of value stands where, without the values.
//! Written by hand in a test, or learned from an answer that was recorded.

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use std::collections::BTreeMap;

/// The shape of a JSON value.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "Value", into = "Value")]
pub enum Shape {
    /// A value of one kind.
    Kind(Kind),
    /// A list, each of whose items has this shape.
    List(Box<Shape>),
    /// A map that has these keys, and perhaps others.
    Map(BTreeMap<String, Key>),
}

/// A key of a map.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Key {
    /// Whether it may be absent, or null: `name?`.
    pub optional: bool,
    /// What stands there.
    pub shape: Shape,
}

/// A kind of value.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Kind {
    /// Anything.
    Any,
    /// Text.
    Text,
    /// A number.
    Number,
    /// True or false.
    Boolean,
    /// Null.
    Null,
    /// A list of anything.
    List,
    /// A map of anything.
    Map,
}

impl Kind {
    /// All of them, as they are written.
    pub const WORDS: &'static [(&'static str, Kind)] = &[
        ("any", Kind::Any),
        ("text", Kind::Text),
        ("number", Kind::Number),
        ("boolean", Kind::Boolean),
        ("null", Kind::Null),
        ("list", Kind::List),
        ("map", Kind::Map),
    ];

    /// The word for it.
    pub fn word(self) -> &'static str {
        Self::WORDS.iter().find(|(_, kind)| *kind == self).map_or("any", |(word, _)| word)
    }

    /// The kind of a value.
    pub fn of(value: &Value) -> Self {
        match value {
            Value::Null => Self::Null,
            Value::Bool(_) => Self::Boolean,
            Value::Number(_) => Self::Number,
            Value::String(_) => Self::Text,
            Value::Array(_) => Self::List,
            Value::Object(_) => Self::Map,
        }
    }
}

/// Why a value is no [`Shape`].
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error(
    "`{0}` is no shape: write any, text, number, boolean, null, list or map, a map of shapes, or a list with the shape of its items"
)]
pub struct ShapeError(String);

impl TryFrom<Value> for Shape {
    type Error = ShapeError;

    fn try_from(value: Value) -> Result<Self, ShapeError> {
        let wrong = |value: &Value| ShapeError(value.to_string().chars().take(60).collect());
        match value {
            Value::String(word) => match Kind::WORDS.iter().find(|(known, _)| *known == word) {
                Some((_, kind)) => Ok(Self::Kind(*kind)),
                None => Err(ShapeError(word.chars().take(60).collect())),
            },
            Value::Array(mut items) => match (items.pop(), items.is_empty()) {
                (Some(item), true) => Ok(Self::List(Box::new(item.try_into()?))),
                (last, _) => Err(wrong(&last.unwrap_or(Value::Array(Vec::new())))),
            },
            Value::Object(map) => {
                let keys = map.into_iter().map(|(name, value)| {
                    let optional = name.ends_with('?');
                    let name = name.strip_suffix('?').unwrap_or(&name).to_owned();
                    Ok((name, Key { optional, shape: value.try_into()? }))
                });
                keys.collect::<Result<_, _>>().map(Self::Map)
            }
            other => Err(wrong(&other)),
        }
    }
}

impl From<Shape> for Value {
    fn from(shape: Shape) -> Value {
        match shape {
            Shape::Kind(kind) => Value::from(kind.word()),
            Shape::List(item) => Value::Array(vec![(*item).into()]),
            Shape::Map(keys) => {
                let named = keys.into_iter().map(|(name, key)| {
                    (if key.optional { format!("{name}?") } else { name }, key.shape.into())
                });
                Value::Object(named.collect::<Map<_, _>>())
            }
        }
    }
}

impl Shape {
    /// The shape that a value has.
    pub fn of(value: &Value) -> Self {
        match value {
            Value::Array(items) => match items.iter().map(Shape::of).reduce(Shape::both) {
                Some(item) => Self::List(Box::new(item)),
                None => Self::Kind(Kind::List),
            },
            Value::Object(map) if map.is_empty() => Self::Kind(Kind::Map),
            Value::Object(map) => Self::Map(
                map.iter()
                    .map(|(name, value)| {
                        // A null says that nothing need be there, and not what else might be.
                        let optional = value.is_null();
                        let shape = if optional { Self::Kind(Kind::Any) } else { Self::of(value) };
                        (name.clone(), Key { optional, shape })
                    })
                    .collect(),
            ),
            other => Self::Kind(Kind::of(other)),
        }
    }

    /// A shape that values of both have.
    fn both(self, other: Self) -> Self {
        match (self, other) {
            (one, other) if one == other => one,
            (Self::List(one), Self::List(other)) => Self::List(Box::new(one.both(*other))),
            (Self::List(item), Self::Kind(Kind::List)) | (Self::Kind(Kind::List), Self::List(item)) => {
                Self::List(item)
            }
            (Self::Map(one), Self::Map(mut other)) => {
                let mut keys = BTreeMap::new();
                for (name, mut key) in one {
                    match other.remove(&name) {
                        Some(same) => {
                            key.shape = match (key.optional, same.optional) {
                                (true, false) if key.shape == Self::Kind(Kind::Any) => same.shape,
                                (false, true) if same.shape == Self::Kind(Kind::Any) => key.shape,
                                _ => key.shape.both(same.shape),
                            };
                            key.optional |= same.optional;
                        }
                        None => key.optional = true,
                    }
                    keys.insert(name, key);
                }
                keys.extend(other.into_iter().map(|(name, key)| (name, Key { optional: true, ..key })));
                Self::Map(keys)
            }
            _ => Self::Kind(Kind::Any),
        }
    }

    /// Where a value has another shape, in words; nothing where it fits.
    pub fn faults(&self, value: &Value) -> Vec<String> {
        let mut faults = Vec::new();
        self.check("", value, &mut faults);
        faults
    }

    fn check(&self, at: &str, value: &Value, faults: &mut Vec<String>) {
        let place = if at.is_empty() { "the answer" } else { at };
        let is = Kind::of(value).word();
        match (self, value) {
            (Self::Kind(Kind::Any), _) => {}
            (Self::Kind(kind), value) if *kind == Kind::of(value) => {}
            (Self::List(item), Value::Array(items)) => {
                for (index, value) in items.iter().enumerate() {
                    item.check(&format!("{at}[{index}]"), value, faults);
                }
            }
            (Self::Map(keys), Value::Object(map)) => {
                for (name, key) in keys {
                    let below = below(at, name);
                    match map.get(name) {
                        None | Some(Value::Null) if key.optional => {}
                        None => faults.push(format!("{below} is missing")),
                        Some(value) => key.shape.check(&below, value, faults),
                    }
                }
            }
            (wanted, _) => faults.push(format!("{place} is {is} and should be {}", wanted.word())),
        }
    }

    fn word(&self) -> &'static str {
        match self {
            Self::Kind(kind) => kind.word(),
            Self::List(_) => "list",
            Self::Map(_) => "map",
        }
    }

    /// How a newer shape differs from this one, in words: what came, what went, what became something
    /// else.
    pub fn drift(&self, newer: &Shape) -> Vec<String> {
        let mut told = Vec::new();
        self.drifted("", newer, &mut told);
        told
    }

    fn drifted(&self, at: &str, newer: &Shape, told: &mut Vec<String>) {
        let place = if at.is_empty() { "the answer" } else { at };
        match (self, newer) {
            (one, other) if one == other => {}
            // A list without items does not say what its items are.
            (Self::List(_), Self::Kind(Kind::List)) | (Self::Kind(Kind::List), Self::List(_)) => {}
            (Self::List(one), Self::List(other)) => one.drifted(&format!("{at}[]"), other, told),
            (Self::Map(one), Self::Map(other)) => {
                for (name, key) in one {
                    let below = below(at, name);
                    match other.get(name) {
                        None => told.push(format!("{below} is gone")),
                        // Null in one of them says nothing of what else stands there.
                        Some(now) if now.optional != key.optional => {}
                        Some(now) => key.shape.drifted(&below, &now.shape, told),
                    }
                }
                let new = other.keys().filter(|name| !one.contains_key(*name));
                told.extend(new.map(|name| format!("{} is new", below(at, name))));
            }
            (one, other) => told.push(format!("{place} became {} and was {}", other.word(), one.word())),
        }
    }
}

fn below(at: &str, name: &str) -> String {
    if at.is_empty() { name.to_owned() } else { format!("{at}.{name}") }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn shape(value: Value) -> Shape {
        value.try_into().unwrap()
    }

    #[test]
    fn a_shape_is_written_as_it_is_read() {
        for written in [json!("text"), json!(["number"]), json!({ "a": "any", "b?": [{ "c": "null" }] })] {
            assert_eq!(Value::from(shape(written.clone())), written);
        }
        for wrong in [json!("string"), json!([]), json!(["text", "text"]), json!(1), json!({ "a": true })] {
            assert!(Shape::try_from(wrong.clone()).is_err(), "{wrong}");
        }
    }

    #[test]
    fn faults_name_the_place_and_both_kinds() {
        let wanted = shape(json!({ "data": [{ "id": "number", "mail?": "text" }], "more": "boolean" }));
        assert_eq!(
            wanted.faults(&json!({ "data": [{ "id": 1 }, { "id": 2, "mail": null }], "more": true, "x": 1 })),
            ["" as &str; 0]
        );
        let found = wanted.faults(&json!({ "data": [{ "id": 1, "mail": 5 }, { "id": "2" }] }));
        assert_eq!(
            found,
            [
                "data[0].mail is number and should be text",
                "data[1].id is text and should be number",
                "more is missing"
            ]
        );
        assert_eq!(wanted.faults(&json!([])), ["the answer is list and should be map"]);
    }

    #[test]
    fn a_learned_shape_fits_what_it_was_learned_from() {
        let value =
            json!({ "items": [{ "a": 1, "b": null }, { "a": 2, "b": "x", "c": [] }], "n": null, "e": {} });
        let learned = Shape::of(&value);
        assert_eq!(learned.faults(&value), [""; 0]);
        assert_eq!(
            Value::from(learned),
            json!({ "e": "map", "items": [{ "a": "number", "b?": "text", "c?": "list" }], "n?": "any" })
        );
    }

    #[test]
    fn drift_tells_what_came_went_and_changed() {
        let old = Shape::of(&json!({ "total": 5, "rows": [{ "id": 1, "x": 1 }], "gone": true }));
        let new = Shape::of(&json!({ "total": "5", "rows": [{ "id": 1, "y": 1 }] }));
        assert_eq!(
            old.drift(&new),
            ["gone is gone", "rows[].x is gone", "rows[].y is new", "total became text and was number"]
        );
        assert_eq!(old.drift(&old), [""; 0]);
        assert_eq!(old.drift(&Shape::of(&json!({ "total": null, "rows": [], "gone": false }))), [""; 0]);
    }
}
