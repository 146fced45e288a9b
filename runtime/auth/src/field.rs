//! What a person enters to connect. The same list draws the form in the console, asks the questions
//! of the command line and describes the HTTP request.

use crate::error::AuthError;
use serde::Serialize;
use sluis_model::credential::Credential;
use sluis_model::secret::SecretText;

/// One value that a person enters.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Field {
    /// Its name in requests and in the sealed credential: `api_key`.
    pub name: String,
    /// What the person reads beside it: `API key`.
    pub label: String,
    /// How it is entered.
    pub kind: FieldKind,
    /// Whether it may be left out.
    pub required: bool,
    /// One sentence on where to find it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub help: Option<String>,
}

/// How a value is entered.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum FieldKind {
    /// One line, shown.
    Text,
    /// One line, hidden.
    Secret,
    /// Many lines, hidden: a key or certificate in PEM, a JSON key file.
    Document,
}

impl Field {
    /// A required field.
    pub fn new(name: &str, label: &str, kind: FieldKind) -> Self {
        Self { name: name.to_owned(), label: label.to_owned(), kind, required: true, help: None }
    }

    /// The same with a sentence on where to find it.
    #[must_use]
    pub fn help(mut self, help: &str) -> Self {
        self.help = Some(help.to_owned());
        self
    }

    /// The same, which may be left out.
    #[must_use]
    pub fn optional(mut self) -> Self {
        self.required = false;
        self
    }
}

/// The value that was entered in a field.
pub(crate) fn entered<'a>(credential: &'a Credential, name: &str) -> Result<&'a SecretText, AuthError> {
    credential.fields.get(name).ok_or_else(|| AuthError::MissingField { field: name.to_owned() })
}
