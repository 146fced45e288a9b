//! Reads what token endpoints really answer. RFC 6749 §5.1 is the form; providers send numbers as
//! text, lists for scopes, form encoding, wrong content types, byte order marks and errors under
//! status 200, and all of that is read here. What cannot be used becomes a typed error.

use crate::bearer::is_header_safe;
use crate::http_value::Answer;
use crate::token_error::{TokenError, TokenErrorKind, kind_of_code};
use crate::xml_answer::from_xml;
use http::HeaderMap;
use http::header::RETRY_AFTER;
use serde_json::{Map, Value};
use sluis_model::credential::TokenSet;
use sluis_model::secret::SecretText;
use sluis_model::time::Timestamp;
use std::time::Duration;

/// Longest lifetime believed, in seconds: ten years. More would overflow someone's calendar.
const LIFETIME_AT_MOST: f64 = 10.0 * 365.25 * 86_400.0;
/// Longest pause believed, in seconds: a day.
const PAUSE_AT_MOST: i64 = 86_400;
/// Longest answer read, in bytes.
const ANSWER_AT_MOST: usize = 1 << 20;

/// Reads a token endpoint's answer. With `previous`, the answer is to a refresh: what it leaves out
/// (refresh token, scopes) is kept.
pub fn read_tokens_at(
    now: Timestamp,
    answer: &Answer,
    previous: Option<&TokenSet>,
) -> Result<TokenSet, TokenError> {
    read_reshaped_at(now, answer, previous, false, |_| Ok(()))
}

/// The same for a provider whose answers look otherwise: `reshape` puts everything where RFC 6749 has it.
/// If they are `odd`, a form need not hold a key that the standard knows.
pub(crate) fn read_reshaped_at(
    now: Timestamp,
    answer: &Answer,
    previous: Option<&TokenSet>,
    odd: bool,
    reshape: impl FnOnce(&mut Map<String, Value>) -> Result<(), TokenError>,
) -> Result<TokenSet, TokenError> {
    let mut said = read_at(now, answer, previous, odd, reshape)?;
    tokens(now, &mut said, previous)
}

/// Reads an answer of another endpoint that speaks like a token endpoint: an object, or an error.
pub(crate) fn read_object_at(now: Timestamp, answer: &Answer) -> Result<Map<String, Value>, TokenError> {
    read_at(now, answer, None, false, |_| Ok(()))
}

fn read_at(
    now: Timestamp,
    answer: &Answer,
    previous: Option<&TokenSet>,
    odd: bool,
    reshape: impl FnOnce(&mut Map<String, Value>) -> Result<(), TokenError>,
) -> Result<Map<String, Value>, TokenError> {
    let Answer { status, headers, body } = answer;
    let status = *status;
    if status == 429 || status == 408 || status >= 500 {
        return Err(transient(status, retry_after_at(now, headers)));
    }
    let mut said = match parse(body, odd) {
        Ok(said) => said,
        Err(_) if is_rate_limit(status, headers) => return Err(slow_down_at(now, answer)),
        Err(why) => return Err(without_answer(status, why)),
    };
    reshape(&mut said)?;
    if let Some(error) = refusal(now, status, headers, &said, previous) {
        return Err(error);
    }
    if is_rate_limit(status, headers) {
        return Err(slow_down_at(now, answer));
    }
    if !(200..300).contains(&status) {
        return Err(without_answer(status, "without an error code"));
    }
    Ok(said)
}

/// A status 403 that says when to come back, or that nothing is left to spend.
fn is_rate_limit(status: u16, headers: &HeaderMap) -> bool {
    let spent = ["x-ratelimit-remaining", "x-rate-limit-remaining", "ratelimit-remaining"];
    status == 403
        && (headers.contains_key(RETRY_AFTER)
            || spent.iter().any(|name| headers.get(*name).is_some_and(|left| left == "0")))
}

/// The error of an answer that asks to slow down, whatever its status.
pub(crate) fn slow_down_at(now: Timestamp, answer: &Answer) -> TokenError {
    let message = format!("the provider's token endpoint asks to slow down (status {})", answer.status);
    TokenError::new(TokenErrorKind::Transient { retry_after: retry_after_at(now, &answer.headers) }, message)
}

fn tokens(
    now: Timestamp,
    answer: &mut Map<String, Value>,
    previous: Option<&TokenSet>,
) -> Result<TokenSet, TokenError> {
    if let Some(Value::String(kind)) = answer.get("token_type")
        && ["mac", "pop", "dpop"].iter().any(|other| kind.eq_ignore_ascii_case(other))
    {
        return Err(unusable("the provider gave a token that is not a bearer token"));
    }
    let access_token = match answer.remove("access_token") {
        Some(Value::String(token)) => SecretText::new(token),
        Some(Value::Null) | None => return Err(unusable("the provider's answer holds no `access_token`")),
        Some(_) => return Err(unusable("the provider's `access_token` is not a text")),
    };
    if access_token.expose().is_empty() {
        return Err(unusable("the provider's `access_token` is empty"));
    }
    if !is_header_safe(access_token.expose()) {
        return Err(unusable(
            "the provider's `access_token` holds characters that cannot be sent in a header",
        ));
    }
    let refresh_token = match answer.remove("refresh_token") {
        Some(Value::String(token)) if !token.is_empty() => Some(SecretText::new(token)),
        _ => previous.and_then(|tokens| tokens.refresh_token.clone()),
    };
    let scopes = answer.get("scope").and_then(scopes);
    Ok(TokenSet {
        access_token,
        refresh_token,
        expires_at: answer.get("expires_in").and_then(lifetime).map(|seconds| now.plus_seconds(seconds)),
        refresh_expires_at: answer
            .get("refresh_token_expires_in")
            .or_else(|| answer.get("refresh_expires_in"))
            .and_then(lifetime)
            .filter(|seconds| *seconds > 0)
            .map(|seconds| now.plus_seconds(seconds)),
        token_secret: None,
        issued_at: now,
        scopes: scopes.or_else(|| previous.map(|tokens| tokens.scopes.clone())).unwrap_or_default(),
    })
}

/// JSON, form or XML, whatever the content type says.
fn parse(body: &[u8], odd: bool) -> Result<Map<String, Value>, &'static str> {
    if body.len() > ANSWER_AT_MOST {
        return Err("with more than a token endpoint has to say");
    }
    let text = body.strip_prefix(b"\xef\xbb\xbf").unwrap_or(body).trim_ascii();
    match text.first() {
        None => Err("with an empty body"),
        Some(b'<') => from_xml(text).ok_or("with a web page or damaged XML"),
        Some(b'{') => match serde_json::from_slice(text) {
            Ok(Value::Object(answer)) => Ok(answer),
            _ => Err("with damaged JSON"),
        },
        _ => parse_form(text, odd).ok_or("with something that is neither JSON nor form-encoded"),
    }
}

fn parse_form(text: &[u8], odd: bool) -> Option<Map<String, Value>> {
    let answer: Map<String, Value> = url::form_urlencoded::parse(text)
        .map(|(name, value)| (name.into_owned(), Value::String(value.into_owned())))
        .collect();
    let known = answer.contains_key("access_token") || answer.contains_key("error");
    (known || (odd && text.contains(&b'='))).then_some(answer)
}

/// Seconds until the token ends; none if the provider did not say anything sensible.
fn lifetime(value: &Value) -> Option<i64> {
    let seconds: f64 = match value {
        Value::Number(number) => number.to_string().parse().ok()?,
        Value::String(text) => text.trim().parse().ok()?,
        _ => return None,
    };
    // Not a number stays unknown; infinities and negatives fall to the ends of the range.
    (!seconds.is_nan()).then(|| seconds.clamp(0.0, LIFETIME_AT_MOST) as i64)
}

/// Scopes as a text (spaces, or commas as GitHub sends them) or as a list of texts.
fn scopes(value: &Value) -> Option<Vec<String>> {
    let split = |text: &str| -> Vec<String> {
        text.split([' ', ',', '\t', '\n', '\r'])
            .filter(|scope| !scope.is_empty())
            .map(str::to_owned)
            .collect()
    };
    match value {
        Value::String(text) => Some(split(text)),
        Value::Array(list) => Some(list.iter().filter_map(Value::as_str).flat_map(split).collect()),
        _ => None,
    }
}

fn refusal(
    now: Timestamp,
    status: u16,
    headers: &HeaderMap,
    answer: &Map<String, Value>,
    previous: Option<&TokenSet>,
) -> Option<TokenError> {
    let raw = error_code(answer)?;
    let said = match description(answer, previous) {
        Some(said) => format!(": {said}"),
        None => String::new(),
    };
    let code = sanitized_code(&raw);
    let kind = match kind_of_code(&code) {
        Some(TokenErrorKind::Transient { .. }) => {
            TokenErrorKind::Transient { retry_after: retry_after_at(now, headers) }
        }
        Some(kind) => kind,
        None if status == 401 => TokenErrorKind::InvalidClient,
        None => TokenErrorKind::Unusable,
    };
    Some(TokenError::new(kind, format!("the provider refused with `{code}`{said}")))
}

/// The error code, also where it hides: `{"error": {"code": …}}`, `{"ok": false, "error": …}`.
fn error_code(answer: &Map<String, Value>) -> Option<String> {
    match answer.get("error") {
        Some(Value::String(code)) if !code.is_empty() => Some(code.clone()),
        Some(Value::Object(inner)) => {
            let texts =
                ["code", "type", "status"].iter().filter_map(|key| inner.get(*key).and_then(Value::as_str));
            Some(texts.map(str::to_owned).next().unwrap_or_else(|| "error".to_owned()))
        }
        Some(Value::Null | Value::Bool(false)) | None => None,
        Some(Value::String(_)) => None,
        Some(_) => Some("error".to_owned()),
    }
}

/// A code as it may be shown: lower case, a closed set of characters, short.
fn sanitized_code(code: &str) -> String {
    let kept: String =
        code.chars().filter(|c| c.is_ascii_alphanumeric() || "_-.".contains(*c)).take(48).collect();
    if looks_secret(&kept) { "***".to_owned() } else { kept.to_ascii_lowercase() }
}

/// The provider's own words, made harmless: one line, short, and every word starred that is one of
/// our tokens or could be one.
fn description(answer: &Map<String, Value>, previous: Option<&TokenSet>) -> Option<String> {
    let nested = || answer.get("error").and_then(|error| error.get("message"));
    let text = answer.get("error_description").or_else(nested).and_then(Value::as_str)?;
    let mut text = text.to_owned();
    for token in previous.iter().flat_map(|tokens| tokens.refresh_token.iter().chain([&tokens.access_token]))
    {
        if !token.expose().is_empty() {
            text = text.replace(token.expose().as_str(), "***");
        }
    }
    let words: Vec<&str> = text
        .split(|c: char| c.is_whitespace() || c.is_control())
        .filter(|word| !word.is_empty())
        .map(|word| if looks_secret(word) { "***" } else { word })
        .collect();
    let line: String = words.join(" ").chars().take(200).collect();
    (!line.is_empty()).then_some(line)
}

/// Whether a word could be a token: long with digits in it, or longer than words are.
fn looks_secret(word: &str) -> bool {
    word.len() >= 32 || (word.len() >= 16 && word.bytes().any(|byte| byte.is_ascii_digit()))
}

fn unusable(message: &str) -> TokenError {
    TokenError::new(TokenErrorKind::Unusable, message)
}

fn transient(status: u16, retry_after: Option<Duration>) -> TokenError {
    let message = match status {
        429 => "the provider's token endpoint asks to slow down (status 429)".to_owned(),
        _ => format!("the provider's token endpoint is in trouble (status {status})"),
    };
    TokenError::new(TokenErrorKind::Transient { retry_after }, message)
}

/// An answer that holds neither tokens nor an error code.
fn without_answer(status: u16, why: &str) -> TokenError {
    match status {
        401 => TokenError::new(
            TokenErrorKind::InvalidClient,
            "the provider's token endpoint does not accept the client (status 401)",
        ),
        300..=399 => {
            unusable(&format!("the provider's token endpoint redirects elsewhere (status {status})"))
        }
        _ => unusable(&format!("the provider's token endpoint answered status {status} {why}")),
    }
}

/// `Retry-After` in seconds or as a date (RFC 9110 §10.2.3); none if absent, past or unreadable.
fn retry_after_at(now: Timestamp, headers: &HeaderMap) -> Option<Duration> {
    let text = headers.get(RETRY_AFTER)?.to_str().ok()?.trim();
    let seconds = match text.parse::<i64>() {
        Ok(seconds) => seconds,
        Err(_) => {
            let date = jiff::fmt::rfc2822::parse(text).ok()?;
            Timestamp(date.timestamp().as_millisecond()).seconds_since(now)
        }
    };
    (seconds > 0).then(|| Duration::from_secs(seconds.min(PAUSE_AT_MOST).unsigned_abs()))
}
