//! How an API is called as an integration task: under which name, with which values in which order,
//! and what of the answer a script gets.

use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::fmt;
use std::str::FromStr;

/// An API as a task such as `zoho.crm.getRecordById(module, id)`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct IntegrationTask {
    /// Dotted name that scripts call. Case does not count, nor does a version segment such as `v8`.
    pub name: String,
    /// What the values of a call stand for, in order.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub parameters: Vec<TaskParameter>,
    /// What the script gets: the first that fits, else the whole answer.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub result: Vec<TaskResult>,
    /// What the script gets where the answer has no body; null if not given.
    #[serde(default, skip_serializing_if = "serde_json::Value::is_null")]
    pub when_empty: serde_json::Value,
}

impl IntegrationTask {
    /// Names of the parameters, as help shows them.
    pub fn parameter_names(&self) -> impl Iterator<Item = &str> {
        self.parameters.iter().map(|parameter| match parameter {
            TaskParameter::Input(name) => name.as_str(),
            TaskParameter::Options { .. } => "options",
        })
    }
}

/// What one value of a call stands for.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(untagged, deny_unknown_fields)]
pub enum TaskParameter {
    /// The value of this input.
    Input(String),
    /// A map; its keys are these inputs.
    Options {
        /// Names of inputs.
        options: Vec<String>,
    },
}

/// A part of the answer, and when it is taken.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct TaskResult {
    /// Where it stands in the answer.
    pub at: AnswerPath,
    /// What must stand elsewhere in the answer for it to be taken.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub when: BTreeMap<AnswerPath, serde_json::Value>,
}

/// A step into a JSON value.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub enum Step {
    /// Into a map, by key.
    Key(String),
    /// Into a list, by position counted from 0.
    Index(usize),
}

/// A place in a JSON value: `data[0].details`.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct AnswerPath(Vec<Step>);

impl AnswerPath {
    /// The steps in order; at least one.
    pub fn steps(&self) -> &[Step] {
        &self.0
    }
}

/// Why a text is not an [`AnswerPath`].
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{0}` is not a place in an answer: write keys and positions, such as `data[0].details`")]
pub struct PathError(String);

impl FromStr for AnswerPath {
    type Err = PathError;

    fn from_str(text: &str) -> Result<Self, PathError> {
        let wrong = || PathError(text.chars().take(60).collect());
        let mut steps = Vec::new();
        for part in text.split('.') {
            let (key, mut rest) = part.split_at(part.find('[').unwrap_or(part.len()));
            if key.chars().any(|c| c == ']' || c.is_whitespace()) || (key.is_empty() && rest.is_empty()) {
                return Err(wrong());
            }
            if !key.is_empty() {
                steps.push(Step::Key(key.to_owned()));
            }
            while !rest.is_empty() {
                let (index, after) =
                    rest.strip_prefix('[').and_then(|rest| rest.split_once(']')).ok_or_else(wrong)?;
                steps.push(Step::Index(index.parse().map_err(|_| wrong())?));
                rest = after;
            }
        }
        Ok(Self(steps))
    }
}

impl TryFrom<String> for AnswerPath {
    type Error = PathError;

    fn try_from(text: String) -> Result<Self, PathError> {
        text.parse()
    }
}

impl From<AnswerPath> for String {
    fn from(path: AnswerPath) -> String {
        path.to_string()
    }
}

impl fmt::Display for AnswerPath {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (at, step) in self.0.iter().enumerate() {
            match step {
                Step::Key(key) if at == 0 => f.write_str(key)?,
                Step::Key(key) => write!(f, ".{key}")?,
                Step::Index(index) => write!(f, "[{index}]")?,
            }
        }
        Ok(())
    }
}

/// Whether a text may be the name of a task: two or more words with dots between them.
pub fn is_task_name(text: &str) -> bool {
    let is_word = |word: &str| {
        word.starts_with(|c: char| c.is_ascii_alphabetic())
            && word.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_')
    };
    text.contains('.') && text.len() <= 128 && text.split('.').all(is_word)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_place_in_an_answer_is_written_as_it_is_read() {
        for text in ["data", "data[0]", "data[0].details.id", "[1][2].x", "a.b_c-d"] {
            assert_eq!(text.parse::<AnswerPath>().unwrap().to_string(), text);
        }
        for bad in ["", ".", "a.", "a..b", "a[", "a[x]", "a[0", "a]", "a b", "a[0]b"] {
            assert!(bad.parse::<AnswerPath>().is_err(), "{bad}");
        }
    }

    #[test]
    fn the_name_of_a_task_has_dots() {
        assert!(is_task_name("zoho.crm.getRecordById") && is_task_name("a.b"));
        assert!(!is_task_name("getRecordById") && !is_task_name("a..b") && !is_task_name("a.1b"));
    }
}
