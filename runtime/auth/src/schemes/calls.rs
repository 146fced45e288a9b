//! Calls of a scheme's own, as `two_step_token` and `session_login` make them: each text of a
//! definition is filled for the place where it stands, then the answers are read.

use super::basic;
use crate::conversation::{Conversation, Turn};
use crate::error::AuthError;
use crate::field::{Field, FieldKind};
use crate::http_value::{Answer, HttpRequest, is_local};
use crate::json_path;
use crate::scheme::Context;
use crate::template::{self, Template, push_form_value, push_path_value};
use crate::token_error::{TokenError, TokenErrorKind};
use bytes::Bytes;
use http::header::{CONTENT_TYPE, HeaderName, RETRY_AFTER};
use http::{HeaderValue, Method};
use serde_json::Value;
use sluis_model::connector::{CallBody, EnteredField, SchemeCall};
use sluis_model::credential::Credential;
use sluis_model::secret::SecretText;
use sluis_model::time::Timestamp;
use std::collections::BTreeMap;
use std::time::Duration;
use url::Url;

/// What placeholders stand for.
pub(super) type Values = BTreeMap<String, SecretText>;

/// Entered fields and connection variables.
pub(super) fn values(cx: Context<'_>, credential: &Credential) -> Values {
    let variables = cx.variables.iter().map(|(name, value)| (name.clone(), SecretText::new(value.clone())));
    variables.chain(credential.fields.clone()).collect()
}

/// The fields of a definition as they are asked for.
pub(super) fn fields(declared: &[EnteredField]) -> Vec<Field> {
    let field = |given: &EnteredField| Field {
        name: given.name.clone(),
        label: given.label.clone(),
        kind: if given.secret { FieldKind::Secret } else { FieldKind::Text },
        required: !given.optional,
        help: given.help.clone(),
    };
    declared.iter().map(field).collect()
}

/// Checks what a call will need: every placeholder has a value, every path can be read.
pub(super) fn check(call: &SchemeCall, at: &str, known: &mut Vec<String>) -> Result<(), AuthError> {
    let refuse = |part: &str, why: String| AuthError::BadParameter { field: format!("{at}.{part}"), why };
    let mut texts: Vec<(&str, &str)> = vec![("url", &call.url)];
    texts.extend(call.query.values().map(|text| ("query", text.as_str())));
    texts.extend(call.headers.values().map(|text| ("headers", text.as_str())));
    texts.extend(
        call.basic.iter().flat_map(|pair| [("basic", pair.user.as_str()), ("basic", &pair.password)]),
    );
    match &call.body {
        Some(CallBody::Form(form)) => texts.extend(form.values().map(|text| ("body", text.as_str()))),
        Some(CallBody::Json(json)) => json_texts(json, &mut |text| texts.push(("body", text))),
        None => {}
    }
    for (part, text) in texts {
        let template = Template::parse(text).map_err(|error| refuse(part, error.to_string()))?;
        if let Some(unknown) = template.slots().find(|slot| !known.iter().any(|name| name == slot)) {
            let help = sluis_model::suggest::help(unknown, known, "values");
            return Err(refuse(part, format!("nothing gives `${{{unknown}}}` a value; {help}")));
        }
    }
    for (name, path) in &call.keep {
        json_path::check(&format!("{at}.keep.{name}"), path)?;
        known.push(name.clone());
    }
    Ok(())
}

fn json_texts<'a>(value: &'a Value, see: &mut impl FnMut(&'a str)) {
    match value {
        Value::String(text) => see(text),
        Value::Array(items) => items.iter().for_each(|item| json_texts(item, see)),
        Value::Object(map) => map.values().for_each(|item| json_texts(item, see)),
        _ => {}
    }
}

/// The request of a call, filled in. All of it counts as secret.
pub(super) fn request(call: &SchemeCall, values: &Values) -> Result<HttpRequest, AuthError> {
    let mut request = HttpRequest::new(Method::from(call.method), url(call, values)?);
    request.secret_body = true;
    for (name, text) in &call.headers {
        let refuse =
            || AuthError::BadParameter { field: format!("headers.{name}"), why: "it is no header".into() };
        let header = HeaderName::from_bytes(name.as_bytes()).map_err(|_| refuse())?;
        let value = fill(text, values, |out, value| out.push_str(value))?;
        if value.expose().chars().any(char::is_control) {
            return Err(AuthError::BadField {
                field: name.clone(),
                why: "it holds a line break or control character, but stands in a header".to_owned(),
            });
        }
        request.set_secret_header(header, &value)?;
    }
    if let Some(pair) = &call.basic {
        let plain = |text: &str| fill(text, values, |out, value| out.push_str(value));
        basic::put(&mut request, &plain(&pair.user)?, &plain(&pair.password)?)?;
    }
    let content_type = match &call.body {
        Some(CallBody::Json(json)) => {
            request.body = Bytes::from(
                template::fill_json(json, &|text: &str| {
                    fill(text, values, |out, value| out.push_str(value))
                })?
                .to_string(),
            );
            "application/json"
        }
        Some(CallBody::Form(form)) => {
            request.body = Bytes::from(pairs(form, values)?.expose().clone());
            "application/x-www-form-urlencoded"
        }
        None => return Ok(request),
    };
    request.headers.entry(CONTENT_TYPE).or_insert(HeaderValue::from_static(content_type));
    Ok(request)
}

fn url(call: &SchemeCall, values: &Values) -> Result<Url, AuthError> {
    let refuse = |why: &str| AuthError::BadEndpoint { field: "url", why: why.to_owned() };
    let mut text = fill(&call.url, values, push_path_value)?.expose().clone();
    let query = pairs(&call.query, values)?;
    if !query.expose().is_empty() {
        text.push(if text.contains('?') { '&' } else { '?' });
        text.push_str(query.expose());
    }
    let url = Url::parse(&text).map_err(|_| refuse("it is not an absolute URL"))?;
    match url.scheme() {
        "https" => Ok(url),
        "http" if is_local(&url) => Ok(url),
        _ => Err(refuse("requests go out over https")),
    }
}

fn pairs(form: &BTreeMap<String, String>, values: &Values) -> Result<SecretText, AuthError> {
    let mut out = String::new();
    for (name, text) in form {
        if !out.is_empty() {
            out.push('&');
        }
        push_form_value(&mut out, name);
        out.push('=');
        push_form_value(&mut out, fill(text, values, |out, value| out.push_str(value))?.expose());
    }
    Ok(SecretText::new(out))
}

/// Fills a text. A field that was left out is empty.
pub(super) fn fill(
    text: &str,
    values: &Values,
    push: impl Fn(&mut String, &str),
) -> Result<SecretText, AuthError> {
    template::fill("calls", text, |slot| Ok(values.get(slot)), push)
}

/// Several calls, each of which may take what earlier ones kept; `read` makes something of the last
/// answer.
pub(super) struct Calls<'a, R> {
    calls: std::slice::Iter<'a, SchemeCall>,
    present: Option<&'a SchemeCall>,
    values: Values,
    read: R,
}

impl<'a, R> Calls<'a, R> {
    pub(super) fn new(calls: &'a [SchemeCall], values: Values, read: R) -> Self {
        Self { calls: calls.iter(), present: None, values, read }
    }
}

impl<T, R> Conversation<T> for Calls<'_, R>
where
    R: Fn(Timestamp, &Answer) -> Result<T, TokenError> + Send,
{
    fn next(&mut self, now: Timestamp, answer: Option<&Answer>) -> Result<Turn<T>, TokenError> {
        if let (Some(answer), Some(call)) = (answer, self.present) {
            accepted(now, answer)?;
            keep(call, answer, &mut self.values)?;
        }
        match (self.calls.next(), answer) {
            (Some(call), _) => {
                self.present = Some(call);
                Ok(Turn::Send(request(call, &self.values)?))
            }
            (None, Some(answer)) => (self.read)(now, answer).map(Turn::Done),
            (None, None) => Err(AuthError::NoSuchStep { scheme: "any", step: "calls" }.into()),
        }
    }
}

fn keep(call: &SchemeCall, answer: &Answer, values: &mut Values) -> Result<(), TokenError> {
    if call.keep.is_empty() {
        return Ok(());
    }
    let body = json_path::body(answer).ok_or_else(|| nothing_at("the answer", "JSON nor a form"))?;
    for (name, path) in &call.keep {
        let text = json_path::text_at(&body, "keep", path)?.ok_or_else(|| nothing_at(path, "a text"))?;
        values.insert(name.clone(), SecretText::new(text));
    }
    Ok(())
}

/// What the answer should have held.
pub(super) fn nothing_at(at: &str, what: &str) -> TokenError {
    TokenError::new(
        TokenErrorKind::Unusable,
        format!("the service's answer holds nothing usable at `{at}`: neither {what}"),
    )
}

/// Whether a log-in was accepted, by status: only a refusal of what was entered asks for a person.
pub(super) fn accepted(now: Timestamp, answer: &Answer) -> Result<(), TokenError> {
    let status = answer.status;
    let kind = match status {
        200..=399 => return Ok(()),
        408 | 425 | 429 | 500.. => TokenErrorKind::Transient { retry_after: pause(now, answer) },
        400 | 401 | 403 | 422 => TokenErrorKind::InvalidGrant,
        _ => TokenErrorKind::Misconfigured,
    };
    let words = match kind {
        TokenErrorKind::InvalidGrant => "the service does not accept what was entered",
        TokenErrorKind::Transient { .. } => "the service is busy or broken",
        _ => "the service does not know this call",
    };
    Err(TokenError::new(kind, format!("{words} (status {status})")))
}

fn pause(_now: Timestamp, answer: &Answer) -> Option<Duration> {
    let seconds: u64 = answer.headers.get(RETRY_AFTER)?.to_str().ok()?.trim().parse().ok()?;
    Some(Duration::from_secs(seconds.min(86_400)))
}
