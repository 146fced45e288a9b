//! Fills an API's templates with the data of one call. Sends nothing.

use crate::body::{DEPTH_AT_MOST, is_deeper_than};
use crate::call_data::{CallData, Moment};
use crate::compile::CompiledApi;
use crate::compile_body::{BodyTemplate, FieldTemplate};
use crate::compile_url::has_dot_segment;
use crate::data::{Data, Item};
use crate::evaluate::Filled;
use crate::fields::push_styled;
use crate::fill_body::{ContentType, fill_body, fill_given};
use crate::fill_mail::fill_mail;
use crate::input_error::InputError;
use crate::request::OutgoingRequest;
use crate::template::{push_form_value, push_path_value, text_of};
use crate::transport::Redirects;
use http::header::{CONTENT_TYPE, COOKIE, HeaderName};
use http::{HeaderMap, HeaderValue, Method};
use serde_json::{Map, Value};
use sluis_auth::{Context, MailRequest, Scheme};
use sluis_model::connector::{CredentialUse, Effect};
use sluis_model::secret::SecretText;
use sluis_model::template::{Segment, Template};
use std::borrow::Cow;
use std::fmt;
use std::sync::Arc;
use std::time::Duration;
use url::Url;

/// A request that lacks nothing but its credential.
#[derive(Clone)]
pub struct PreparedRequest {
    /// Full id of the API; of a free-form request the namespace of its connection, or nothing.
    pub api: String,
    /// The request.
    pub request: OutgoingRequest,
    /// Keys of the data that no placeholder used. Real scripts send whole records, so this is no
    /// error.
    pub unused: Vec<String>,
    /// What a call does to the service.
    pub effect: Effect,
    /// Whole time allowed.
    pub timeout: Duration,
    /// Whether the credential of a connection goes onto it.
    pub credential: CredentialUse,
    /// What happens where the answer points elsewhere.
    pub redirects: Redirects,
    /// The values it was made of, as their inputs took them; empty of a free-form request.
    pub inputs: Map<String, Value>,
    /// The secret part of the address that the service calls back, where one is in the request.
    pub callback_token: Option<SecretText>,
}

impl fmt::Debug for PreparedRequest {
    /// Without the values of its inputs: they are the user's, and may repeat a credential.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("PreparedRequest")
            .field("api", &self.api)
            .field("request", &self.request)
            .field("unused", &self.unused)
            .field("effect", &self.effect)
            .field("timeout", &self.timeout)
            .field("credential", &self.credential)
            .field("redirects", &self.redirects)
            .finish_non_exhaustive()
    }
}

impl PreparedRequest {
    /// The request as it will go out, with stars where its credential will stand: what
    /// [`Explain::explain`](crate::Explain::explain) and [`Explain::to_curl`](crate::Explain::to_curl)
    /// then show.
    pub fn shown(&self, scheme: &dyn Scheme, cx: Context<'_>) -> OutgoingRequest {
        let mut request = self.request.clone();
        if self.credential != CredentialUse::None && scheme.sketch(cx, &mut request).is_err() {
            // Why it does not fit is told when it is sent; shown is then what there is without it.
            request = self.request.clone();
        }
        request
    }
}

/// Fills the templates of `api` with the data of a call.
pub fn prepare(
    api: &CompiledApi,
    given: &CallData,
    moment: Moment<'_>,
) -> Result<PreparedRequest, InputError> {
    let refitted;
    let given = match fitted(api, &given.values)? {
        Cow::Borrowed(_) => given,
        Cow::Owned(values) => {
            refitted = CallData { values, ..given.clone() };
            &refitted
        }
    };
    let data = Data { api, given, moment };
    let missing = if given.parts.is_some() { Vec::new() } else { data.missing() };
    if !missing.is_empty() {
        return Err(InputError::Missing { api: api.id.to_string(), missing, example: example(api) });
    }
    if let Some(name) = api.inputs.keys().find(|name| is_deeper_than(data.get(name), DEPTH_AT_MOST)) {
        return Err(data.unfit(name, "is nested too deeply"));
    }
    if let Some(name) = given.files.keys().find(|name| !api.takes_file(name)) {
        return Err(data.unfit(name, "is a file, and no part of a multipart body takes it"));
    }
    let mut request = OutgoingRequest::new(api.method.clone(), url(&data)?);
    if api.is_mail() {
        request.mail = Some(mail(&data)?);
        return Ok(prepared(&data, request));
    }
    request.headers = headers(&data)?;
    let body = match (&given.parts, &api.body) {
        (Some(_), _) if matches!(api.method, Method::GET | Method::HEAD | Method::OPTIONS) => {
            return Err(data.unfit("PARTS", &format!("has no place: a {} request has no body", api.method)));
        }
        (Some(parts), own) => Some(fill_given(&data, own.as_ref(), parts)?),
        (None, Some(own)) => Some(fill_body(&data, own)?),
        (None, None) => None,
    };
    if let Some(body) = body {
        request.body = body.content;
        let value = |text: &str| {
            HeaderValue::from_str(text).map_err(|_| data.unfit("content-type", "cannot be sent as a header"))
        };
        match body.content_type {
            Some(ContentType::Exactly(text)) => {
                request.headers.insert(CONTENT_TYPE, value(&text)?);
            }
            Some(ContentType::Otherwise(text)) => {
                request.headers.entry(CONTENT_TYPE).or_insert(value(&text)?);
            }
            None => {}
        }
    }
    Ok(prepared(&data, request))
}

fn prepared(data: &Data<'_>, request: OutgoingRequest) -> PreparedRequest {
    let Data { api, given, .. } = *data;
    PreparedRequest {
        api: api.id.to_string(),
        request,
        unused: given.values.keys().filter(|key| !api.inputs.contains_key(*key)).cloned().collect(),
        effect: api.effect,
        timeout: api.timeout,
        credential: api.credential,
        redirects: api.redirects,
        inputs: given.values.clone(),
        callback_token: None,
    }
}

/// What a mail server is asked for.
fn mail(data: &Data<'_>) -> Result<MailRequest, InputError> {
    if let Some(name) = data.given.headers.keys().next() {
        let why = "has no place: headers of a mail are those that its API gives it";
        return Err(data.unfit(name, why));
    }
    let parts = data.given.parts.as_ref();
    match &data.api.body {
        Some(BodyTemplate::Mail(template)) => {
            Ok(MailRequest::Send(Arc::new(fill_mail(data, template, parts)?)))
        }
        _ if parts.is_some() => Err(data.unfit("PARTS", "has no place: the API sends nothing, it signs in")),
        Some(BodyTemplate::SignIn(mailbox)) => {
            Ok(MailRequest::SignIn { mailbox: data.text(mailbox, |_| None)?.unwrap_or_default() })
        }
        _ => Ok(MailRequest::SignIn { mailbox: String::new() }),
    }
}

/// The values as their inputs take them. A null is no value.
fn fitted<'v>(
    api: &CompiledApi,
    given: &'v Map<String, Value>,
) -> Result<Cow<'v, Map<String, Value>>, InputError> {
    let mut fitted = Cow::Borrowed(given);
    let mut misfits = Vec::new();
    for (name, value) in given.iter().filter(|(_, value)| !value.is_null()) {
        let Some(checker) = api.inputs.get(name).and_then(|known| known.checker.as_ref()) else { continue };
        match checker.fitted(value) {
            Ok(Cow::Borrowed(_)) => {}
            Ok(Cow::Owned(turned)) => {
                fitted.to_mut().insert(name.clone(), turned);
            }
            Err(found) => misfits.extend(found.into_iter().map(|misfit| (name.clone(), misfit))),
        }
    }
    if misfits.is_empty() {
        return Ok(fitted);
    }
    Err(InputError::Misfits { api: api.id.to_string(), misfits })
}

fn url(data: &Data<'_>) -> Result<Url, InputError> {
    let api = data.api;
    let mut path = String::new();
    for segment in api.path.segments() {
        match segment {
            Segment::Literal(text) => path.push_str(text),
            Segment::Slot(slot) => {
                let filled = data.fill(slot);
                let text = filled.as_text();
                if text.is_empty() {
                    return Err(data.unfit(&slot.to_string(), "is empty, but stands in the path of the URL"));
                }
                push_path_value(&mut path, &text);
            }
        }
    }
    if has_dot_segment(&path) {
        let name = api.path.slots().next().map_or_else(|| "url".to_owned(), ToString::to_string);
        return Err(data.unfit(&name, "makes a path segment `.` or `..`, which would lead to another path"));
    }
    let mut query = String::new();
    for part in &api.query_parts {
        push_part(data, &mut query, None, part);
    }
    for (name, field) in &api.query {
        push_field(data, &mut query, name, field)?;
    }
    let mut url = api.origin.clone();
    url.set_path(&path);
    url.set_query((!query.is_empty()).then_some(query.as_str()));
    Ok(url)
}

/// Adds a field of a query or a form, in its style; nothing if its value is absent.
pub(crate) fn push_field(
    data: &Data<'_>,
    out: &mut String,
    name: &str,
    field: &FieldTemplate,
) -> Result<(), InputError> {
    match (field.style, field.template.sole_slot()) {
        (Some(style), Some(slot)) => match data.fill(slot) {
            Filled::Value(value) if value.is_null() => Ok(()),
            Filled::Value(value) => {
                push_styled(out, name, &value, style).map_err(|why| data.unfit(&slot.to_string(), &why))
            }
            file => {
                let text = Value::from(file.as_text());
                push_styled(out, name, &text, style).map_err(|why| data.unfit(&slot.to_string(), &why))
            }
        },
        _ => {
            push_part(data, out, Some(name), &field.template);
            Ok(())
        }
    }
}

/// Adds `name=value`, or the part as its author wrote it; nothing if one of its values is absent.
fn push_part(data: &Data<'_>, query: &mut String, name: Option<&str>, part: &Template) {
    let Some(items) = data.items(part) else { return };
    if !query.is_empty() {
        query.push('&');
    }
    if let Some(name) = name {
        push_form_value(query, name);
        query.push('=');
    }
    for item in &items {
        match item {
            // In a part of the URL the author has encoded what needs to be.
            Item::Literal(text) if name.is_none() => query.push_str(text),
            Item::Literal(text) => push_form_value(query, text),
            Item::Value(_, filled) => push_form_value(query, &filled.as_text()),
        }
    }
}

const ONE_LINE: &str = "holds a line break or control character, but stands in a header";

fn headers(data: &Data<'_>) -> Result<HeaderMap, InputError> {
    let mut headers = HeaderMap::with_capacity(data.api.headers.len() + 2);
    let fault = |text: &str| text.chars().any(char::is_control).then_some(ONE_LINE);
    for (name, template) in &data.api.headers {
        if let Some(value) = data.text(template, fault)? {
            let value = HeaderValue::from_bytes(value.as_bytes())
                .map_err(|_| data.unfit(name.as_str(), "cannot be sent as a header"))?;
            headers.insert(name.clone(), value);
        }
    }
    for (name, value) in &data.given.headers {
        let allowed = || data.api.override_headers.iter().map(ToString::to_string).collect();
        let known = HeaderName::from_bytes(name.as_bytes()).ok();
        let Some(header) = known.filter(|header| data.api.override_headers.contains(header)) else {
            let shown = name.chars().filter(|c| !c.is_control()).take(60).collect();
            return Err(InputError::Header { api: data.api.id.to_string(), name: shown, allowed: allowed() });
        };
        let text = text_of(value);
        let value = HeaderValue::from_bytes(text.as_bytes()).ok().filter(|_| fault(&text).is_none());
        headers.insert(header, value.ok_or_else(|| data.unfit(name, ONE_LINE))?);
    }
    if let Some(cookies) = cookies(data)? {
        headers.insert(COOKIE, cookies);
    }
    Ok(headers)
}

/// All cookies in one header (RFC 6265 section 4.2.1).
fn cookies(data: &Data<'_>) -> Result<Option<HeaderValue>, InputError> {
    const WHY: &str = "holds a character that no cookie has: a space, a quote, a comma, a semicolon, a backslash, one beyond ASCII";
    let octet = |c: char| matches!(c, '!' | '#'..='+' | '-'..=':' | '<'..='[' | ']'..='~');
    let fault = |text: &str| (!text.chars().all(octet)).then_some(WHY);
    let mut all = String::new();
    for (name, template) in &data.api.cookies {
        let Some(value) = data.text(template, fault)? else { continue };
        if !all.is_empty() {
            all.push_str("; ");
        }
        all.push_str(&format!("{name}={value}"));
    }
    if all.is_empty() {
        return Ok(None);
    }
    HeaderValue::from_str(&all).map(Some).map_err(|_| data.unfit("cookies", "cannot be sent as a header"))
}

/// A call with every required value, as a script's author would write it.
fn example(api: &CompiledApi) -> String {
    let required = api.inputs.iter().filter(|(_, known)| known.input.required);
    let entries: Vec<String> = required
        .map(|(name, known)| {
            let input = &known.input;
            let value = input.example.as_ref().or(input.default.as_ref());
            format!(
                "{}: {}",
                Value::from(name.as_str()),
                value.map_or_else(|| "\"…\"".to_owned(), Value::to_string)
            )
        })
        .collect();
    format!("invokeConnector(\"{}\", {{{}}})", api.id, entries.join(", "))
}
