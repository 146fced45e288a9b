//! A free-form request, as `invokeurl` describes it, turned into a request that may be sent.

use crate::hosts::{HostPort, shown_host};
use crate::input_error::InputError;
use crate::multipart::{FORM_DATA, FilePart, Part, multipart};
use crate::prepare::PreparedRequest;
use crate::request::{OutgoingRequest, is_ours};
use crate::template::{push_form_value, text_of};
use crate::transport::Redirects;
use bytes::Bytes;
use http::header::{ACCEPT_ENCODING, AUTHORIZATION, CONTENT_TYPE, HeaderName};
use http::{HeaderMap, HeaderValue, Method};
use serde_json::{Map, Value};
use sluis_auth::is_local;
use sluis_model::connector::{CredentialUse, Effect};
use std::time::Duration;
use url::Url;

/// What the script wrote.
#[derive(Debug, Clone, Default)]
pub struct UrlRequest {
    /// Absolute URL.
    pub url: String,
    /// Method; GET if not given. Any case.
    pub method: Option<String>,
    /// A map becomes the query of a GET or DELETE, and of any request that has a `body`; else it
    /// becomes the body: a form, or JSON if the content type says so. A text becomes the body as it
    /// is, or the query where there is no body.
    pub parameters: Option<Value>,
    /// The body: maps and lists as JSON, a text as it is.
    pub body: Option<Value>,
    /// Files by the name of their part. With any the request is `multipart/form-data`, and a map of
    /// parameters becomes further parts.
    pub files: Vec<(String, FilePart)>,
    /// Headers.
    pub headers: Map<String, Value>,
    /// Content type, if the script gave one outside the headers.
    pub content_type: Option<String>,
    /// Whether redirects are followed. Unless told, those of GET and HEAD are: of other methods not even
    /// browsers agree on what becomes of them.
    pub follow_redirects: Option<bool>,
}

/// What a connection adds to a free-form request and demands of it.
#[derive(Debug, Clone, Copy)]
pub struct ConnectionRules<'a> {
    /// Namespace of the connector, for messages.
    pub namespace: &'a str,
    /// Hosts that its credential may go to.
    pub hosts: &'a [HostPort],
    /// Whether it supplies `Authorization`.
    pub supplies_authorization: bool,
}

/// Time allowed for a free-form request.
const TIMEOUT: Duration = Duration::from_secs(40);

/// Checks a free-form request and fills it in. Where it may go without a connection is the egress
/// policy's business.
pub fn prepare_url(
    request: &UrlRequest,
    connection: Option<ConnectionRules<'_>>,
) -> Result<PreparedRequest, InputError> {
    let mut url = url(&request.url)?;
    if let Some(rules) = connection {
        check_host(&url, rules)?;
    }
    let method = method(request.method.as_deref())?;
    let mut headers = headers(request, connection)?;
    let parameters = request.parameters.as_ref().filter(|value| !value.is_null());
    let body = request.body.as_ref().filter(|value| !value.is_null());
    let bodiless = matches!(method, Method::GET | Method::HEAD | Method::OPTIONS);
    if bodiless && body.is_some() {
        return Err(refuse(
            "body",
            format!("cannot be sent, because a {method} request has none"),
            "use POST, PUT or PATCH, or put the values into `parameters`",
        ));
    }
    if !request.files.is_empty() {
        if bodiless {
            return Err(refuse(
                "files",
                format!("cannot be sent, because a {method} request has no body"),
                "use POST or PUT",
            ));
        }
        let (content_type, content) = multipart(FORM_DATA, &parts(request)?);
        let mut outgoing = OutgoingRequest::new(method, url);
        outgoing.body = content;
        // One that the script gave lacks the boundary.
        headers.insert(
            CONTENT_TYPE,
            HeaderValue::from_str(&content_type).map_err(|_| refuse("files", "cannot be sent", ""))?,
        );
        outgoing.headers = headers;
        return Ok(prepared(outgoing, Effect::Write, request, connection));
    }
    let into_query = bodiless
        || body.is_some()
        || (method == Method::DELETE && matches!(parameters, Some(Value::Object(_))));
    let content = match (into_query, parameters) {
        (true, Some(parameters)) => {
            extend_query(&mut url, parameters);
            body.map(json_or_text)
        }
        (false, Some(Value::Object(map))) if !says_json(&headers) => {
            Some((form(map), "application/x-www-form-urlencoded"))
        }
        (_, parameters) => body.or(parameters).map(json_or_text),
    };
    let mut outgoing = OutgoingRequest::new(method, url);
    if let Some((text, content_type)) = content {
        headers.entry(CONTENT_TYPE).or_insert(HeaderValue::from_static(content_type));
        outgoing.body = Bytes::from(text);
    }
    outgoing.headers = headers;
    Ok(prepared(outgoing, if bodiless { Effect::Read } else { Effect::Write }, request, connection))
}

fn prepared(
    request: OutgoingRequest,
    effect: Effect,
    given: &UrlRequest,
    connection: Option<ConnectionRules<'_>>,
) -> PreparedRequest {
    let by_method = matches!(request.method, Method::GET | Method::HEAD);
    let follows = given.follow_redirects.unwrap_or(by_method);
    PreparedRequest {
        redirects: if follows { Redirects::FOLLOWED } else { Redirects::Returned },
        api: connection.map(|rules| rules.namespace.to_owned()).unwrap_or_default(),
        effect,
        request,
        unused: Vec::new(),
        timeout: TIMEOUT,
        credential: match connection.is_some_and(|rules| rules.supplies_authorization) {
            true => CredentialUse::Required,
            false => CredentialUse::None,
        },
        inputs: Map::new(),
        callback_token: None,
    }
}

/// Parameters and body as texts, then the files.
fn parts(request: &UrlRequest) -> Result<Vec<Part>, InputError> {
    let mut parts = Vec::new();
    for (what, given) in [("parameters", &request.parameters), ("body", &request.body)] {
        match given {
            None | Some(Value::Null) => {}
            Some(Value::Object(map)) => {
                parts.extend(map.iter().map(|(name, value)| Part::text(name.as_str(), text_of(value))));
            }
            Some(_) => {
                let help = "write a map, whose keys are the names of the parts";
                return Err(refuse(what, "beside files must be a map", help));
            }
        }
    }
    parts.extend(request.files.iter().map(|(name, file)| Part::file(name.as_str(), file)));
    Ok(parts)
}

fn refuse(part: &'static str, why: impl Into<String>, help: &str) -> InputError {
    InputError::Request { part, why: why.into(), help: help.to_owned() }
}

fn url(text: &str) -> Result<Url, InputError> {
    let help = "write an absolute address such as `https://people.example.com/v1/people`";
    let mut url =
        Url::parse(text.trim()).map_err(|error| refuse("url", format!("is not a URL: {error}"), help))?;
    if !matches!(url.scheme(), "https" | "http") || url.host().is_none() {
        return Err(refuse("url", format!("begins with `{}:`, which is not sent", url.scheme()), help));
    }
    if !url.username().is_empty() || url.password().is_some() {
        let help = "give a connection, or set the header `Authorization`";
        return Err(refuse("url", "holds a user name or password", help));
    }
    url.set_fragment(None);
    Ok(url)
}

fn check_host(url: &Url, rules: ConnectionRules<'_>) -> Result<(), InputError> {
    let scheme_fits = url.scheme() == "https" || is_local(url);
    if scheme_fits && rules.hosts.iter().any(|host| host.covers(url)) {
        return Ok(());
    }
    let declared: Vec<String> = rules.hosts.iter().map(|host| format!("`{host}`")).collect();
    let host = if scheme_fits { shown_host(url) } else { format!("http://{}", shown_host(url)) };
    Err(InputError::ForeignHost {
        connection: rules.namespace.to_owned(),
        host,
        declared: declared.join(", "),
    })
}

fn method(text: Option<&str>) -> Result<Method, InputError> {
    let upper = text.unwrap_or("GET").trim().to_ascii_uppercase();
    let known = ["GET", "POST", "PUT", "PATCH", "DELETE", "HEAD", "OPTIONS"];
    match Method::from_bytes(upper.as_bytes()) {
        Ok(method) if known.contains(&method.as_str()) => Ok(method),
        _ => {
            let shown: String = upper.chars().filter(|c| !c.is_control()).take(20).collect();
            Err(refuse(
                "type",
                format!("`{shown}` is not a method that is sent"),
                "use GET, POST, PUT, PATCH or DELETE",
            ))
        }
    }
}

fn headers(request: &UrlRequest, connection: Option<ConnectionRules<'_>>) -> Result<HeaderMap, InputError> {
    let mut headers = HeaderMap::new();
    let own = request.content_type.iter().map(|value| ("Content-Type", Value::from(value.as_str())));
    let given = request.headers.iter().map(|(name, value)| (name.as_str(), value.clone()));
    for (name, value) in own.chain(given) {
        let shown: String = name.chars().filter(|c| !c.is_control()).take(60).collect();
        let header = HeaderName::from_bytes(name.as_bytes()).map_err(|_| {
            refuse(
                "headers",
                format!("hold `{shown}`, which is not a header name"),
                "use letters, digits and hyphens",
            )
        })?;
        if header == ACCEPT_ENCODING {
            // Scripts copied from elsewhere set it; we negotiate compression and undo it ourselves.
            continue;
        }
        if is_ours(&header) {
            return Err(refuse("headers", format!("set `{shown}`, which Sluis itself sets"), "leave it out"));
        }
        if header == AUTHORIZATION && connection.is_some_and(|rules| rules.supplies_authorization) {
            let help = "leave the header out, or leave `connection` out";
            return Err(refuse("headers", format!("set `{shown}`, which the connection supplies"), help));
        }
        let text = text_of(&value);
        let fits = !text.chars().any(char::is_control);
        let value = HeaderValue::from_bytes(text.as_bytes()).ok().filter(|_| fits).ok_or_else(|| {
            refuse(
                "headers",
                format!("hold a line break or control character in `{shown}`"),
                "write the value on one line",
            )
        })?;
        headers.insert(header, value);
    }
    if let Some(value) = headers.get_mut(AUTHORIZATION) {
        value.set_sensitive(true);
    }
    Ok(headers)
}

fn says_json(headers: &HeaderMap) -> bool {
    headers
        .get(CONTENT_TYPE)
        .and_then(|value| value.to_str().ok())
        .is_some_and(|value| value.contains("json"))
}

fn extend_query(url: &mut Url, parameters: &Value) {
    let more = match parameters {
        Value::Object(map) => form(map),
        other => text_of(other).trim_start_matches(['?', '&']).to_owned(),
    };
    if more.is_empty() {
        return;
    }
    let query = match url.query() {
        Some(query) if !query.is_empty() => format!("{query}&{more}"),
        _ => more,
    };
    url.set_query(Some(&query));
}

fn form(map: &Map<String, Value>) -> String {
    let mut text = String::new();
    for (name, value) in map {
        if !text.is_empty() {
            text.push('&');
        }
        push_form_value(&mut text, name);
        text.push('=');
        push_form_value(&mut text, &text_of(value));
    }
    text
}

/// Maps and lists as JSON; a text as it is, called JSON if it is some.
fn json_or_text(value: &Value) -> (String, &'static str) {
    match value {
        Value::String(text) => {
            let is_json = text.trim_start().starts_with(['{', '['])
                && serde_json::from_str::<&serde_json::value::RawValue>(text).is_ok();
            (text.clone(), if is_json { "application/json" } else { "text/plain; charset=utf-8" })
        }
        other => (other.to_string(), "application/json"),
    }
}
