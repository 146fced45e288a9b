//! `${name}` templates: parsed once, rendered for the place where they stand. There is no plain
//! text substitution: each place has its own rules, so a value can never become syntax.

use crate::error::AuthError;
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use serde_json::Value;
use sluis_model::secret::SecretText;
use std::borrow::{Borrow, Cow};

/// Everything but the unreserved characters of RFC 3986 §2.3.
const OUTSIDE_UNRESERVED: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'.').remove(b'_').remove(b'~');

/// Why a text is not a template.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum TemplateError {
    /// `${` without `}`.
    #[error(
        "the placeholder that begins with `{start}` is not closed; write `}}` after its name, or `$${{` for a literal `${{`"
    )]
    Unclosed {
        /// Its first characters.
        start: String,
    },
    /// `${…}` around something that is no name.
    #[error(
        "`${{{name}}}` is not a placeholder: a name starts with a letter or _ and holds letters, digits, `_`, `-` and `.`"
    )]
    BadName {
        /// What stands there.
        name: String,
    },
}

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
    /// Reads a template; `$${` stands for a literal `${`, any other `$` for itself.
    pub fn parse(text: &str) -> Result<Self, TemplateError> {
        let mut segments = Vec::new();
        let mut literal = String::new();
        let mut rest = text;
        while let Some(at) = rest.find("${") {
            let (before, from) = rest.split_at(at);
            if let Some(kept) = before.strip_suffix('$') {
                literal.push_str(kept);
                literal.push_str("${");
                rest = &from[2..];
                continue;
            }
            literal.push_str(before);
            let Some(end) = from.find('}') else {
                return Err(TemplateError::Unclosed { start: from.chars().take(24).collect() });
            };
            let name = &from[2..end];
            if !is_name(name) {
                return Err(TemplateError::BadName { name: name.chars().take(48).collect() });
            }
            if !literal.is_empty() {
                segments.push(Segment::Literal(std::mem::take(&mut literal)));
            }
            segments.push(Segment::Slot(name.to_owned()));
            rest = &from[end + 1..];
        }
        literal.push_str(rest);
        if !literal.is_empty() {
            segments.push(Segment::Literal(literal));
        }
        Ok(Self { segments })
    }

    /// From segments that another template had.
    pub fn of(segments: Vec<Segment>) -> Self {
        Self { segments }
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

    /// The name, if the template is exactly one placeholder.
    pub fn sole_slot(&self) -> Option<&str> {
        match self.segments.as_slice() {
            [Segment::Slot(name)] => Some(name),
            _ => None,
        }
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

fn is_name(name: &str) -> bool {
    name.starts_with(|c: char| c.is_ascii_alphabetic() || c == '_')
        && name.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"_-.".contains(&byte))
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
    fn a_template_is_literals_and_slots() {
        let template = Template::parse("/v1/${id}/x-${First_Name}$").unwrap();
        assert_eq!(template.slots().collect::<Vec<_>>(), ["id", "First_Name"]);
        assert_eq!(template.segments().len(), 5);
        assert_eq!(Template::parse("${a}").unwrap().sole_slot(), Some("a"));
        assert_eq!(Template::parse("a$b").unwrap().as_literal(), Some("a$b"));
        assert_eq!(Template::parse("$${a} ${b}").unwrap().segments()[0], Segment::Literal("${a} ".into()));
        assert_eq!(Template::parse("").unwrap().as_literal(), Some(""));
    }

    #[test]
    fn what_is_no_placeholder_is_named() {
        assert!(Template::parse("a ${b").unwrap_err().to_string().contains("`${b`"));
        for bad in ["${}", "${ a}", "${a b}", "${1}", "${a${b}}", "${é}"] {
            assert!(matches!(Template::parse(bad), Err(TemplateError::BadName { .. })), "{bad}");
        }
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
