//! Fills an API's templates with the data of one call. Sends nothing.

use crate::body::{DEPTH_AT_MOST, is_deeper_than};
use crate::compile::{BodyTemplate, CompiledApi};
use crate::compile_url::has_dot_segment;
use crate::input_error::{InputError, MissingInput};
use crate::multipart::{FilePart, Part, multipart};
use crate::request::OutgoingRequest;
use crate::template::{Segment, Template, push_form_value, push_path_value, text_of};
use crate::transport::Redirects;
use bytes::Bytes;
use http::header::CONTENT_TYPE;
use http::{HeaderMap, HeaderValue};
use serde_json::{Map, Value};
use sluis_auth::{Context, Scheme};
use sluis_model::connector::{Absent, Effect, InputType};
use sluis_model::suggest::nearest;
use std::borrow::Cow;
use std::collections::BTreeMap;
use std::time::Duration;
use url::Url;

/// A request that lacks nothing but its credential.
#[derive(Debug, Clone)]
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
    pub needs_credential: bool,
    /// What happens where the answer points elsewhere.
    pub redirects: Redirects,
    /// The values it was made of, as their inputs took them; empty of a free-form request.
    pub inputs: Map<String, Value>,
}

impl PreparedRequest {
    /// The request as it will go out, with stars where its credential will stand: what
    /// [`Explain::explain`](crate::Explain::explain) and [`Explain::to_curl`](crate::Explain::to_curl)
    /// then show.
    pub fn shown(&self, scheme: &dyn Scheme, cx: Context<'_>) -> OutgoingRequest {
        let mut request = self.request.clone();
        if self.needs_credential && scheme.sketch(cx, &mut request).is_err() {
            // Why it does not fit is told when it is sent; shown is then what there is without it.
            request = self.request.clone();
        }
        request
    }
}

/// Files of a call by placeholder name.
pub type Files = BTreeMap<String, FilePart>;

const NULL: &Value = &Value::Null;

/// The data of one call, with defaults.
struct Data<'a> {
    api: &'a CompiledApi,
    given: &'a Map<String, Value>,
    files: &'a Files,
}

impl<'a> Data<'a> {
    /// What stands for a placeholder; null if nothing does.
    fn get(&self, name: &str) -> &'a Value {
        let known = self.api.inputs.get(name);
        match (self.given.get(name), known) {
            (Some(Value::Null), Some(known)) if known.takes_null => NULL,
            (Some(value), _) if !value.is_null() => value,
            (_, Some(known)) => known.input.default.as_ref().unwrap_or(NULL),
            _ => NULL,
        }
    }

    /// The same for a JSON body: nothing where the key is to be left out.
    fn get_or_leave_out(&self, name: &str) -> Option<&'a Value> {
        let value = self.get(name);
        let leave_out =
            || self.api.inputs.get(name).is_some_and(|known| known.input.absent == Absent::LeaveOut);
        (!value.is_null() || !leave_out()).then_some(value)
    }

    fn missing(&self) -> Vec<MissingInput> {
        let lacking = self.api.inputs.iter().filter(|(name, known)| {
            let null_will_do = known.takes_null && self.given.contains_key(*name);
            let there = self.files.contains_key(*name) || null_will_do || !self.get(name).is_null();
            known.input.required && !there
        });
        let unused =
            || self.given.keys().map(String::as_str).filter(|key| !self.api.inputs.contains_key(*key));
        lacking
            .map(|(name, _)| MissingInput {
                name: name.clone(),
                similar: nearest(name, unused()).map(str::to_owned),
            })
            .collect()
    }

    fn unfit(&self, name: &str, why: &str) -> InputError {
        InputError::Unfit { api: self.api.id.to_string(), name: name.to_owned(), why: why.to_owned() }
    }
}

/// Fills the templates of `api` with `given`.
pub fn prepare(api: &CompiledApi, given: &Map<String, Value>) -> Result<PreparedRequest, InputError> {
    prepare_with(api, given, &Files::new())
}

/// Like [`prepare`], with files beside the data.
pub fn prepare_with(
    api: &CompiledApi,
    given: &Map<String, Value>,
    files: &Files,
) -> Result<PreparedRequest, InputError> {
    let fitted = fitted(api, given)?;
    let given = &*fitted;
    let data = Data { api, given, files };
    let missing = data.missing();
    if !missing.is_empty() {
        return Err(InputError::Missing { api: api.id.to_string(), missing, example: example(api) });
    }
    if let Some(name) = api.inputs.keys().find(|name| is_deeper_than(data.get(name), DEPTH_AT_MOST)) {
        return Err(data.unfit(name, "is nested too deeply"));
    }
    let mut request = OutgoingRequest::new(api.method.clone(), url(&data)?);
    request.headers = headers(&data)?;
    if let Some(name) = files.keys().find(|name| !takes_file(api, name)) {
        return Err(data.unfit(name, "is a file, and no part of a multipart body takes it"));
    }
    match &api.body {
        Some(BodyTemplate::Json(body)) => {
            let mut text = String::new();
            body.write(&mut text, &|name| data.get_or_leave_out(name));
            request.body = Bytes::from(text);
        }
        Some(BodyTemplate::Form(fields)) => {
            let mut text = String::new();
            for (name, field) in fields {
                push_part(&data, &mut text, Some(name), field);
            }
            request.body = Bytes::from(text);
        }
        Some(BodyTemplate::Multipart(parts)) => {
            let (content_type, body) = multipart(&filled(&data, parts)?);
            let content_type = HeaderValue::from_str(&content_type)
                .map_err(|_| data.unfit("content-type", "cannot be sent as a header"))?;
            request.headers.insert(CONTENT_TYPE, content_type);
            request.body = body;
        }
        None => {}
    }
    Ok(PreparedRequest {
        api: api.id.to_string(),
        request,
        unused: given.keys().filter(|key| !api.inputs.contains_key(*key)).cloned().collect(),
        effect: api.effect,
        timeout: api.timeout,
        needs_credential: api.needs_credential,
        redirects: api.redirects,
        inputs: given.clone(),
    })
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

/// Whether the placeholder is the whole of a part of a multipart body.
fn takes_file(api: &CompiledApi, name: &str) -> bool {
    match &api.body {
        Some(BodyTemplate::Multipart(parts)) => parts.iter().any(|(_, part)| part.sole_slot() == Some(name)),
        _ => false,
    }
}

/// The parts of a multipart body; one whose value is absent is left out.
fn filled(data: &Data<'_>, parts: &[(String, Template)]) -> Result<Vec<Part>, InputError> {
    let mut all = Vec::new();
    for (name, part) in parts {
        if let Some(file) = part.sole_slot().and_then(|slot| data.files.get(slot)) {
            all.push(Part::File(name.clone(), file.clone()));
            continue;
        }
        if part.slots().any(|slot| data.get(slot).is_null()) {
            continue;
        }
        let mut text = String::new();
        for segment in part.segments() {
            match segment {
                Segment::Literal(literal) => text.push_str(literal),
                Segment::Slot(slot) if is_file(data, slot) => {
                    return Err(data.unfit(slot, "must be a file"));
                }
                Segment::Slot(slot) => text.push_str(&text_of(data.get(slot))),
            }
        }
        all.push(Part::Text(name.clone(), text));
    }
    Ok(all)
}

fn is_file(data: &Data<'_>, slot: &str) -> bool {
    data.api.inputs.get(slot).is_some_and(|known| known.input.kind == InputType::File)
}

fn url(data: &Data<'_>) -> Result<Url, InputError> {
    let api = data.api;
    let mut path = String::new();
    for segment in api.path.segments() {
        match segment {
            Segment::Literal(text) => path.push_str(text),
            Segment::Slot(name) => {
                let text = text_of(data.get(name));
                if text.is_empty() {
                    return Err(data.unfit(name, "is empty, but stands in the path of the URL"));
                }
                push_path_value(&mut path, &text);
            }
        }
    }
    if has_dot_segment(&path) {
        let name = api.path.slots().next().unwrap_or("url");
        return Err(data.unfit(name, "makes a path segment `.` or `..`, which would lead to another path"));
    }
    let mut query = String::new();
    for part in &api.query_parts {
        push_part(data, &mut query, None, part);
    }
    for (name, part) in &api.query {
        push_part(data, &mut query, Some(name), part);
    }
    let mut url = api.origin.clone();
    url.set_path(&path);
    url.set_query((!query.is_empty()).then_some(query.as_str()));
    Ok(url)
}

/// Adds `name=value`, or the part as its author wrote it; nothing if one of its values is absent.
fn push_part(data: &Data<'_>, query: &mut String, name: Option<&str>, part: &Template) {
    if part.slots().any(|slot| data.get(slot).is_null()) {
        return;
    }
    if !query.is_empty() {
        query.push('&');
    }
    if let Some(name) = name {
        push_form_value(query, name);
        query.push('=');
    }
    for segment in part.segments() {
        match segment {
            // In a part of the URL the author has encoded what needs to be.
            Segment::Literal(text) if name.is_none() => query.push_str(text),
            Segment::Literal(text) => push_form_value(query, text),
            Segment::Slot(slot) => push_form_value(query, &text_of(data.get(slot))),
        }
    }
}

fn headers(data: &Data<'_>) -> Result<HeaderMap, InputError> {
    let mut headers = HeaderMap::with_capacity(data.api.headers.len() + 1);
    for (name, template) in &data.api.headers {
        if template.slots().any(|slot| data.get(slot).is_null()) {
            continue;
        }
        let mut value = String::new();
        for segment in template.segments() {
            match segment {
                Segment::Literal(text) => value.push_str(text),
                Segment::Slot(slot) => {
                    let text = text_of(data.get(slot));
                    if text.chars().any(char::is_control) {
                        return Err(data
                            .unfit(slot, "holds a line break or control character, but stands in a header"));
                    }
                    value.push_str(&text);
                }
            }
        }
        let value = HeaderValue::from_bytes(value.as_bytes())
            .map_err(|_| data.unfit(name.as_str(), "cannot be sent as a header"))?;
        headers.insert(name.clone(), value);
    }
    Ok(headers)
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
