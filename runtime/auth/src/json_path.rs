//! Values of an answer by JSONPath (RFC 9535). An answer is JSON, or a form read as if it were an
//! object of texts.

use crate::error::AuthError;
use crate::http_value::Answer;
use serde_json::Value;
use serde_json_path::JsonPath;

/// Checks a path of an auth config. `field` names it in messages.
pub fn check(field: &str, path: &str) -> Result<(), AuthError> {
    parse(field, path).map(drop)
}

fn parse(field: &str, path: &str) -> Result<JsonPath, AuthError> {
    JsonPath::parse(path).map_err(|error| AuthError::BadParameter {
        field: field.to_owned(),
        why: format!("`{path}` is not a JSONPath: {error}"),
    })
}

/// The body of an answer as a value: JSON, or the pairs of a form.
pub fn body(answer: &Answer) -> Option<Value> {
    let text = answer.body.strip_prefix(b"\xef\xbb\xbf").unwrap_or(&answer.body).trim_ascii();
    match serde_json::from_slice(text) {
        Ok(value) => Some(value),
        Err(_) if text.contains(&b'=') && !text.starts_with(b"<") => {
            let pairs = url::form_urlencoded::parse(text);
            Some(Value::Object(
                pairs.map(|(name, value)| (name.into(), Value::String(value.into()))).collect(),
            ))
        }
        Err(_) => None,
    }
}

/// The first value at a path that is not null.
pub fn value_at<'a>(body: &'a Value, field: &str, path: &str) -> Result<Option<&'a Value>, AuthError> {
    Ok(parse(field, path)?.query(body).all().into_iter().find(|value| !value.is_null()))
}

/// The same as text: a text as it is, a number with its digits.
pub fn text_at(body: &Value, field: &str, path: &str) -> Result<Option<String>, AuthError> {
    Ok(match value_at(body, field, path)? {
        Some(Value::String(text)) => Some(text.clone()),
        Some(Value::Number(number)) => Some(number.to_string()),
        Some(Value::Bool(flag)) => Some(flag.to_string()),
        _ => None,
    })
}
