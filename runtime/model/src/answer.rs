//! What the answers of an API mean: how they are read, what scripts get of them, which of them are
//! errors and who can mend those, and where an answer comes later.
//!
//! Expressions are texts here; `lang` compiles them. They read `status`, `headers`, `body`, `text` and
//! `inputs`.

use crate::callback::CallbackRule;
use crate::ordered::Ordered;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use std::collections::BTreeMap;

/// What expressions may read: the status as a number, the headers as a map with names in lower case, the
/// body as a value, the same as text, and the inputs of the call.
pub const EXPRESSION_VARIABLES: &[&str] = &["status", "headers", "body", "text", "inputs"];

/// Whether a text names a class of statuses: `4xx`.
pub fn is_status_class(text: &str) -> bool {
    matches!(text.as_bytes(), [b'1'..=b'5', b'x' | b'X', b'x' | b'X'])
}

/// What an API says of its answers, as its rules are made of.
#[derive(Debug, Clone, Copy)]
pub struct ApiAnswers<'a> {
    /// How they are read.
    pub answer: Option<&'a AnswerMapping>,
    /// Which are errors.
    pub errors: &'a [ErrorRule],
    /// When an answer of any API of its connector is an error.
    pub shared_error_when: Option<&'a String>,
    /// Which are errors of all APIs of its connector; they come after its own.
    pub shared_errors: &'a [ErrorRule],
    /// Where one comes later.
    pub asynchronous: Option<&'a AsyncAnswer>,
}

/// How an answer is read and what becomes of it.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct AnswerMapping {
    /// What the body is.
    #[serde(rename = "as", default, skip_serializing_if = "AnswerForm::is_auto")]
    pub form: AnswerForm,
    /// What scripts get of an answer that is no error; the whole body if not given. An expression.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub result: Option<String>,
    /// When an answer is an error whatever its status says. An expression.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub error_when: Option<String>,
    /// What becomes of each entry of the result, which is a list then.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub each: Option<EachEntry>,
}

/// The name under which the expressions of [`EachEntry`] read the entry.
pub const ENTRY_VARIABLE: &str = "item";

/// What becomes of an entry of a list. A result that is no list is a list of one, and null one of none: that
/// is how XML and its like write them.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct EachEntry {
    /// Which entries count; all if not given. An expression that reads `item` as well.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub when: Option<String>,
    /// What scripts get of an entry: an expression for each key. The entry as it is if not given.
    #[serde(default, skip_serializing_if = "Ordered::is_empty")]
    pub value: Ordered<String>,
}

/// What a body is read as.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum AnswerForm {
    /// By its content type, else by what it looks like.
    #[default]
    Auto,
    /// JSON (RFC 8259).
    Json,
    /// XML, as maps, lists and texts.
    Xml,
    /// Comma-separated values with a header line (RFC 4180): a list of maps.
    Csv,
    /// One JSON text for each line: a list.
    Ndjson,
    /// `application/x-www-form-urlencoded`: a map.
    Form,
    /// Text, whatever it is.
    Text,
    /// A file.
    File,
}

impl AnswerForm {
    fn is_auto(&self) -> bool {
        *self == Self::Auto
    }
}

/// A kind of error, and who can mend it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ErrorRule {
    /// Which answers are meant. Without it every answer that is an error: by its status from 400 on, or
    /// by `error_when`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub when: Option<When>,
    /// Its name, `e.code` in scripts: `rate_limited`.
    pub code: String,
    /// What is told; `${…}` holds an expression.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub message: Option<String>,
    /// Who can mend it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub who: Option<Who>,
    /// Whether the same call may succeed later.
    #[serde(default, skip_serializing_if = "Retry::is_never")]
    pub retry: Retry,
    /// Whether it says that the credential is no longer good: it is renewed and the call made once more,
    /// as after a 401.
    #[serde(default, skip_serializing_if = "is_false")]
    pub reauthorize: bool,
}

fn is_false(flag: &bool) -> bool {
    !*flag
}

/// Which answers an error rule means.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(untagged)]
pub enum When {
    /// Those of one status.
    Status(u16),
    /// A class of them, `4xx`, or those of which an expression is true.
    Text(String),
    /// Those of any of these.
    Any(Vec<When>),
}

/// Who can mend an error.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Who {
    /// Who wrote the script.
    Author,
    /// An admin of the organisation.
    Admin,
    /// Who uses it.
    EndUser,
    /// Who wrote the connector.
    ConnectorDeveloper,
    /// The service itself.
    Provider,
    /// Who operates Sluis.
    Operator,
}

impl Who {
    /// The name in files and answers.
    pub fn as_str(self) -> &'static str {
        match self {
            Who::Author => "author",
            Who::Admin => "admin",
            Who::EndUser => "end_user",
            Who::ConnectorDeveloper => "connector_developer",
            Who::Provider => "provider",
            Who::Operator => "operator",
        }
    }

    /// In words, as the subject of a sentence.
    pub fn in_words(self) -> &'static str {
        match self {
            Who::Author => "the script's author",
            Who::Admin => "an admin of the organisation",
            Who::EndUser => "the user on whose behalf it was called",
            Who::ConnectorDeveloper => "the connector's author",
            Who::Provider => "the service",
            Who::Operator => "the operator of this server",
        }
    }
}

/// Whether a call may be made again after an error.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(untagged)]
pub enum Retry {
    /// Always or never.
    Fixed(bool),
    /// If the expression is true.
    When(String),
}

impl Default for Retry {
    fn default() -> Self {
        Self::Fixed(false)
    }
}

impl Retry {
    fn is_never(&self) -> bool {
        *self == Self::Fixed(false)
    }
}

/// An answer that comes later.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct AsyncAnswer {
    /// When the first answer says so; that its status is 202 if not given. An expression.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub when: Option<String>,
    /// How it is asked for until it is there; either this or `callback`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub poll: Option<Poll>,
    /// How the service brings it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub callback: Option<CallbackRule>,
}

/// How an answer is asked for.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Poll {
    /// Where it is asked for, an expression over the first answer; the header `Location` if neither this
    /// nor `api` is given. A relative one is meant from the address of the call.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub url: Option<String>,
    /// The API that tells, by the part of its id after the namespace.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub api: Option<String>,
    /// What that API is given: an expression over the first answer for each input.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub inputs: BTreeMap<String, String>,
    /// Seconds between two questions, unless the service says when to come back.
    #[serde(default = "every_s")]
    pub every_s: u32,
    /// Seconds after which it is given up.
    #[serde(default = "at_most_s")]
    pub at_most_s: u32,
    /// When an answer is the last; that its status is 200, 201 or 204 if not given. An expression.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub done_when: Option<String>,
    /// When there will be no answer. An expression.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub failed_when: Option<String>,
    /// What scripts get of the last answer; else what `answer` says. An expression.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub result: Option<String>,
}

fn every_s() -> u32 {
    2
}

fn at_most_s() -> u32 {
    300
}

/// Values of an input that another API lists.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct OptionsFrom {
    /// The API that lists them, by the part of its id after the namespace.
    pub api: String,
    /// Where the list stands in what scripts would get of that API: `data.items`; the whole if not given.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub items: Option<String>,
    /// Where an item's value stands: `id`; the item itself if not given.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub value: Option<String>,
    /// Where its name for people stands; its value if not given.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub label: Option<String>,
    /// The input of that API that takes what a person has typed; without one the list is sifted here.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub search: Option<String>,
    /// Inputs of this API whose values that API is given, under the same names.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub depends_on: Vec<String>,
    /// What else that API is given.
    #[serde(default, skip_serializing_if = "Map::is_empty")]
    pub with: Map<String, Value>,
}
