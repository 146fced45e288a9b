//! How an API is called as an integration task: under which name, with which values in which order,
//! and what of the answer a script gets.

pub use crate::answer_path::{AnswerPath, PathError, Step};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

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
    fn the_name_of_a_task_has_dots() {
        assert!(is_task_name("zoho.crm.getRecordById") && is_task_name("a.b"));
        assert!(!is_task_name("getRecordById") && !is_task_name("a..b") && !is_task_name("a.1b"));
    }
}
