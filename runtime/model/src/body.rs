//! What goes into a request: values of a query or a form, and the body in each of its shapes.

use crate::mail_body::MailBody;
use crate::ordered::Ordered;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// A value of a query or a form.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(untagged)]
pub enum FieldValue {
    /// A text with placeholders; a list or map stands in it as JSON.
    Text(String),
    /// One placeholder whose lists and maps are written in a style.
    Styled(StyledValue),
}

/// One placeholder and how its lists and maps are written.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct StyledValue {
    /// Exactly one placeholder.
    pub value: String,
    /// How.
    pub style: Style,
}

impl FieldValue {
    /// The text with its placeholders.
    pub fn text(&self) -> &str {
        match self {
            Self::Text(text) => text,
            Self::Styled(styled) => &styled.value,
        }
    }

    /// How lists and maps are written, where that is said.
    pub fn style(&self) -> Option<Style> {
        match self {
            Self::Text(_) => None,
            Self::Styled(styled) => Some(styled.style),
        }
    }
}

impl From<&str> for FieldValue {
    fn from(text: &str) -> Self {
        Self::Text(text.to_owned())
    }
}

/// How a list or a map is written as fields of a query or a form.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Style {
    /// `a=1&a=2` (OpenAPI `form`, exploded).
    Repeat,
    /// `a=1,2` (OpenAPI `form`, not exploded).
    Comma,
    /// `a=1%202` (OpenAPI `spaceDelimited`).
    Space,
    /// `a=1%7C2` (OpenAPI `pipeDelimited`).
    Pipe,
    /// `a[]=1&a[]=2`; maps as `a[k]=v`.
    Brackets,
    /// `a[0]=1&a[1]=2`; maps as `a[k]=v`.
    Indices,
    /// `a[k]=v&a[k][l]=w` (OpenAPI `deepObject`); lists as `a[k]=1&a[k]=2`.
    Deep,
    /// `a=[1,2]`, as JSON.
    Json,
}

/// A request body with placeholders.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
pub enum Body {
    /// JSON. A text that is exactly one placeholder takes the value with its type; inside a longer
    /// text the value's text is put in.
    Json(serde_json::Value),
    /// Fields of `application/x-www-form-urlencoded` by name, written as a query is. A field that is
    /// one placeholder only and has no value is left out.
    Form(BTreeMap<String, FieldValue>),
    /// Parts of `multipart/form-data` (RFC 7578) by name, in the order in which they go out. A part that
    /// is exactly one placeholder takes a file as such, or several.
    Multipart(Ordered<PartValue>),
    /// Parts of `multipart/related` (RFC 2387) in order; the first says what the whole is.
    Related(Vec<Part>),
    /// A text as it is.
    Text(String),
    /// One placeholder that takes a file, whose content is the body.
    Bytes(String),
    /// An XML document; placeholders stand in texts and in values of attributes.
    Xml(String),
    /// A GraphQL operation over HTTP.
    Graphql(Graphql),
    /// A mail, for a service that is a mail server.
    Mail(Box<MailBody>),
    /// Signing in with the mail server and nothing more, for this mailbox where the credential is a token.
    SignIn(String),
}

/// A part of `multipart/form-data`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(untagged)]
pub enum PartValue {
    /// A text with placeholders, or exactly one that may take files.
    Text(String),
    /// More than that.
    Part(Part),
}

/// A part of a body of parts: a value, or JSON.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Part {
    /// A text with placeholders, or exactly one that may take files.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub value: Option<String>,
    /// JSON with placeholders.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub json: Option<serde_json::Value>,
    /// Its media type; a file's own, or that of JSON, if not given.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub content_type: Option<String>,
    /// Name of the file, as the service is told; a file's own if not given.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub filename: Option<String>,
    /// Further headers of the part.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub headers: BTreeMap<String, String>,
}

/// A GraphQL operation.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Graphql {
    /// The document; it holds no placeholder.
    pub query: String,
    /// Values of its variables, as in a JSON body. One without a value is left out.
    #[serde(default, skip_serializing_if = "serde_json::Map::is_empty")]
    pub variables: serde_json::Map<String, serde_json::Value>,
    /// Which operation of the document is meant.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub operation: Option<String>,
}
