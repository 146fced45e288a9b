//! Tests that a connector file holds for its APIs: with these inputs, the service answers so.

use crate::shape::Shape;
use crate::task::AnswerPath;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use std::collections::BTreeMap;

/// One call and what is expected of its answer.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ApiTest {
    /// What it tries, for people; each test of an API has another one.
    pub name: String,
    /// The inputs by name.
    #[serde(default, skip_serializing_if = "Map::is_empty")]
    pub inputs: Map<String, Value>,
    /// What is expected.
    #[serde(default, skip_serializing_if = "Expected::is_default")]
    pub expect: Expected,
}

/// What is expected of an answer. What is not said may be anything, but the status is one of success.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Expected {
    /// HTTP status, or any of several; 200 to 299 unless given.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub status: Option<Statuses>,
    /// Values at places of a JSON answer: `data[0].code: SUCCESS`.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub value: BTreeMap<AnswerPath, Value>,
    /// The shape of a JSON answer.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub shape: Option<Shape>,
    /// Texts that the answer holds, whatever its format.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub contains: Vec<String>,
}

impl Expected {
    fn is_default(&self) -> bool {
        *self == Self::default()
    }
}

/// One HTTP status or several.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(untagged)]
pub enum Statuses {
    /// This one.
    One(u16),
    /// Any of these.
    Any(Vec<u16>),
}

impl Statuses {
    /// Whether a status is among them.
    pub fn holds(&self, status: u16) -> bool {
        match self {
            Self::One(one) => *one == status,
            Self::Any(all) => all.contains(&status),
        }
    }
}
