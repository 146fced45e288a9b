//! Reads a token endpoint's answer where the connector file says that it is odd: everything is put where
//! RFC 6749 §5.1 has it, and then read like any other.

use super::expiry::{self, seconds_left};
use crate::conversation::Obtained;
use crate::expiry::jwt_exp;
use crate::http_value::Answer;
use crate::json_path;
use crate::token_answer::{read_reshaped_at, slow_down_at};
use crate::token_error::{TokenError, TokenErrorKind};
use serde_json::{Map, Value};
use sluis_model::connection::Variables;
use sluis_model::connector::{ExpiresAs, Oauth2, Oauth2Answer};
use sluis_model::credential::TokenSet;
use sluis_model::time::Timestamp;

/// Reads an answer. What it does not say of the end of the tokens stays unknown here.
pub(super) fn read(
    config: &Oauth2,
    now: Timestamp,
    answer: &Answer,
    previous: Option<&TokenSet>,
) -> Result<Obtained, TokenError> {
    let plain = Oauth2Answer::default();
    let shape = config.answer.as_ref().unwrap_or(&plain);
    if shape.busy_statuses.contains(&answer.status) {
        return Err(slow_down_at(now, answer));
    }
    let mut variables = Variables::new();
    let tokens = read_reshaped_at(now, answer, previous, config.answer.is_some(), |map| {
        let whole = Value::Object(std::mem::take(map));
        variables = taken(&whole, config)?;
        let mut reshaped = whole.as_object().cloned().unwrap_or_default();
        reshape(&mut reshaped, &whole, shape, now)?;
        *map = reshaped;
        Ok(())
    })?;
    Ok(Obtained { tokens, variables })
}

fn reshape(
    map: &mut Map<String, Value>,
    whole: &Value,
    shape: &Oauth2Answer,
    now: Timestamp,
) -> Result<(), TokenError> {
    error(map, whole, shape)?;
    let moved = [
        ("access_token", &shape.access_token),
        ("refresh_token", &shape.refresh_token),
        ("scope", &shape.scope),
    ];
    for (name, path) in moved {
        let Some(path) = path else { continue };
        match at(whole, path)? {
            Some(value) => map.insert(name.to_owned(), value.clone()),
            None => map.remove(name),
        };
    }
    let end = match (&shape.expires, shape.expires_as) {
        (_, ExpiresAs::Jwt) => map.get("access_token").and_then(Value::as_str).and_then(jwt_exp),
        (Some(path), _) => at(whole, path)?.cloned(),
        (None, _) => map.get("expires_in").cloned(),
    };
    let end = end.filter(|end| !(shape.zero_is_never && is_zero(end)));
    put_seconds(map, "expires_in", end.as_ref(), shape.expires_as, now);
    if let Some(path) = &shape.refresh_expires {
        let end = at(whole, path)?;
        // The end of a refresh token stands in no JWT.
        let written = if shape.expires_as == ExpiresAs::Jwt { ExpiresAs::Seconds } else { shape.expires_as };
        put_seconds(map, "refresh_token_expires_in", end, written, now);
    }
    Ok(())
}

fn is_zero(value: &Value) -> bool {
    match value {
        Value::String(text) => text.trim().parse() == Ok(0.0),
        other => other.as_f64() == Some(0.0),
    }
}

fn put_seconds(
    map: &mut Map<String, Value>,
    name: &str,
    end: Option<&Value>,
    written: ExpiresAs,
    now: Timestamp,
) {
    match end.and_then(|end| seconds_left(end, written, now)) {
        Some(seconds) => map.insert(name.to_owned(), seconds.into()),
        None => map.remove(name),
    };
}

/// An error where the connector file looks for one, in the words of RFC 6749.
fn error(map: &mut Map<String, Value>, whole: &Value, shape: &Oauth2Answer) -> Result<(), TokenError> {
    let Some(path) = &shape.error else { return Ok(()) };
    let code = match at(whole, path)? {
        None | Some(Value::Null | Value::Bool(false)) => None,
        Some(Value::String(text)) if text.is_empty() || text == "0" => None,
        Some(Value::String(text)) => Some(text.clone()),
        Some(Value::Number(number)) if number.as_f64() == Some(0.0) => None,
        Some(Value::Number(number)) => Some(number.to_string()),
        Some(_) => Some("error".to_owned()),
    };
    let code = code.map(|code| shape.error_codes.get(&code).cloned().unwrap_or(code));
    match code.filter(|code| code != "ok") {
        Some(code) => map.insert("error".to_owned(), code.into()),
        None => map.remove("error"),
    };
    if let Some(path) = &shape.error_message
        && let Some(message) = at(whole, path)?.and_then(Value::as_str)
    {
        map.insert("error_description".to_owned(), message.into());
    }
    Ok(())
}

/// Values that become variables; one that is not there is left as it was.
fn taken(whole: &Value, config: &Oauth2) -> Result<Variables, TokenError> {
    let mut variables = Variables::new();
    for (name, path) in config.variables_from.iter().flat_map(|from| &from.token) {
        match at(whole, path)? {
            Some(Value::String(text)) => drop(variables.insert(name.clone(), text.clone())),
            Some(Value::Number(number)) => drop(variables.insert(name.clone(), number.to_string())),
            Some(Value::Bool(value)) => drop(variables.insert(name.clone(), value.to_string())),
            _ => {}
        }
    }
    Ok(variables)
}

/// What stands at a path; a text that does not begin with `$` is a key at the top.
fn at<'v>(whole: &'v Value, path: &str) -> Result<Option<&'v Value>, TokenError> {
    if !path.starts_with('$') {
        return Ok(whole.get(path));
    }
    json_path::value_at(whole, "answer", path)
        .map_err(|error| TokenError::new(TokenErrorKind::Misconfigured, error.to_string()))
}

/// When an active token ends, from the answer to an introspection (RFC 7662 §2.2). The tokens are good
/// whatever the answer is, so one that says nothing is no error.
pub(super) fn introspected_end(answer: &Answer) -> Option<Timestamp> {
    if answer.status != 200 {
        return None;
    }
    let said: Value = serde_json::from_slice(&answer.body).ok()?;
    (said.get("active")? == &Value::Bool(true)).then_some(())?;
    expiry::epoch_seconds(said.get("exp")?)
}
