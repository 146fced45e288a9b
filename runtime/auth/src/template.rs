//! `${name}` templates: parsed once, rendered for the place where they stand. There is no plain
//! text substitution: each place has its own rules, so a value can never become syntax.

use crate::error::AuthError;
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use serde_json::Value;
use sluis_model::secret::SecretText;
pub use sluis_model::template::TemplateError;
use sluis_model::template::{self, Broken};
use std::borrow::{Borrow, Cow};

/// Everything but the unreserved characters of RFC 3986 §2.3.
const OUTSIDE_UNRESERVED: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'.').remove(b'_').remove(b'~');

/// A piece of a template.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Segment {
    /// Text as it is.
    Literal(String),
    /// A placeholder.
    Slot(String),
}

/// A parsed template. Two literals never stand side by side.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Template {
    segments: Vec<Segment>,
}

impl Template {
    /// Reads a template whose placeholders hold names; `$${` stands for a literal `${`, any other `$` for
    /// itself.
    pub fn parse(text: &str) -> Result<Self, TemplateError> {
        let parsed = template::Template::parse(text)?;
        let segments = parsed.segments().iter().map(|segment| match segment {
            template::Segment::Literal(text) => Ok(Segment::Literal(text.clone())),
            template::Segment::Slot(slot) => match slot.as_name() {
                Some(name) => Ok(Segment::Slot(name.to_owned())),
                None => Err(TemplateError(Broken {
                    source: format!("${{{slot}}}"),
                    why: "in `auth` it holds a name and nothing else".to_owned(),
                    help: Some("functions stand in the requests of `apis`".to_owned()),
                })),
            },
        });
        Ok(Self { segments: segments.collect::<Result<_, _>>()? })
    }

    /// The pieces in order.
    pub fn segments(&self) -> &[Segment] {
        &self.segments
    }

    /// Names of the placeholders in order, repeated as they are.
    pub fn slots(&self) -> impl Iterator<Item = &str> {
        self.segments.iter().filter_map(|segment| match segment {
            Segment::Slot(name) => Some(name.as_str()),
            Segment::Literal(_) => None,
        })
    }

    /// The text, if there is no placeholder.
    pub fn as_literal(&self) -> Option<&str> {
        match self.segments.as_slice() {
            [] => Some(""),
            [Segment::Literal(text)] => Some(text),
            _ => None,
        }
    }
}

/// A value as text where JSON types are unknown: texts bare, numbers with the digits they were
/// written with, lists and maps as JSON, null as nothing.
pub fn text_of(value: &Value) -> Cow<'_, str> {
    match value {
        Value::String(text) => Cow::Borrowed(text),
        Value::Null => Cow::Borrowed(""),
        other => Cow::Owned(other.to_string()),
    }
}

/// Encodes a value for one path segment: everything outside unreserved is percent-encoded, so no
/// value can add a segment, a query or a fragment.
pub fn push_path_value(out: &mut String, value: &str) {
    out.extend(utf8_percent_encode(value, OUTSIDE_UNRESERVED));
}

/// Encodes a value for a query or a form (`application/x-www-form-urlencoded`).
pub fn push_form_value(out: &mut String, value: &str) {
    out.extend(url::form_urlencoded::byte_serialize(value.as_bytes()));
}

/// Fills a text in. `value_of` gives the value of a placeholder, `push` writes it as its place wants it;
/// `field` names the text in messages.
pub(crate) fn fill<V: Borrow<SecretText>>(
    field: &str,
    text: &str,
    value_of: impl Fn(&str) -> Result<Option<V>, AuthError>,
    push: impl Fn(&mut String, &str),
) -> Result<SecretText, AuthError> {
    let template = Template::parse(text)
        .map_err(|error| AuthError::BadParameter { field: field.to_owned(), why: error.to_string() })?;
    let mut out = String::new();
    for segment in template.segments() {
        match segment {
            Segment::Literal(literal) => out.push_str(literal),
            Segment::Slot(slot) => {
                if let Some(value) = value_of(slot)? {
                    push(&mut out, value.borrow().expose());
                }
            }
        }
    }
    Ok(SecretText::new(out))
}

/// Fills in every text of a JSON value; a value that is put in stays within its text.
pub(crate) fn fill_json(
    value: &Value,
    fill: &impl Fn(&str) -> Result<SecretText, AuthError>,
) -> Result<Value, AuthError> {
    Ok(match value {
        Value::String(text) => Value::from(fill(text)?.expose().as_str()),
        Value::Array(items) => {
            Value::Array(items.iter().map(|item| fill_json(item, fill)).collect::<Result<_, _>>()?)
        }
        Value::Object(map) => {
            let filled = map.iter().map(|(name, item)| Ok((name.clone(), fill_json(item, fill)?)));
            Value::Object(filled.collect::<Result<_, AuthError>>()?)
        }
        other => other.clone(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn in_auth_a_placeholder_holds_a_name_and_no_function() {
        let template = Template::parse("a${b}").unwrap();
        assert_eq!(template.segments(), [Segment::Literal("a".into()), Segment::Slot("b".into())]);
        let said = Template::parse("${base64(b)}").unwrap_err().to_string();
        assert!(said.contains("requests of `apis`"), "{said}");
    }

    #[test]
    fn a_big_number_keeps_its_digits() {
        let value: Value = serde_json::from_str("12345678901234567890123.50").unwrap();
        assert_eq!(text_of(&value), "12345678901234567890123.50");
    }

    proptest::proptest! {
        #[test]
        fn a_path_value_comes_back_as_it_was(value in ".*") {
            let mut out = String::new();
            push_path_value(&mut out, &value);
            assert!(!out.contains(['/', '?', '#', '\\', ' ']));
            assert_eq!(percent_encoding::percent_decode_str(&out).decode_utf8().unwrap(), value);
        }

        #[test]
        fn a_form_value_comes_back_as_it_was(value in ".*") {
            let mut out = "k=".to_owned();
            push_form_value(&mut out, &value);
            let pairs: Vec<_> = url::form_urlencoded::parse(out.as_bytes()).collect();
            assert_eq!(pairs, [("k".into(), value.into())]);
        }

        #[test]
        fn no_text_makes_the_parser_panic(text in ".*") {
            let _ = Template::parse(&text);
        }
    }
}
