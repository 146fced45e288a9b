//! One line of cURL, as documentation and browsers give it. What it sends becomes inputs that have its
//! values as defaults; credentials in it become a way to authenticate, and are not taken over.

mod options;
mod words;

use crate::api::{ApiBuilder, Facts, escaped, is_presentable};
use crate::draft::{Draft, Operation, Options};
use crate::error::ImportError;
use crate::hosts;
use crate::names;
use options::{Data, Line};
use serde_json::{Map, Value, json};
use url::{Url, form_urlencoded};

/// Headers that are cURL's or a browser's business, and no fact of the API.
const NOT_SAID: &[&str] = &[
    "host",
    "content-length",
    "connection",
    "accept-encoding",
    "user-agent",
    "cookie",
    "origin",
    "referer",
    "priority",
];
/// Headers, and query parameters, that hold a key.
const KEYS: &[&str] =
    &["x-api-key", "api-key", "apikey", "x-auth-token", "x-access-token", "private-token", "x-auth-key"];
const QUERY_KEYS: &[&str] = &["api_key", "apikey", "api-key", "access_token", "key", "token", "auth_token"];

/// Reads a line.
///
/// # Errors
/// When it is not one that cURL would send.
pub fn read(line: &str, options: &Options) -> Result<Draft, ImportError> {
    let mut words = words::split(line.trim())?;
    words.retain(|word| word != "$");
    let refuse = |why: &str, help: &str| ImportError::Command { why: why.to_owned(), help: help.to_owned() };
    if words.first().is_none_or(|first| first != "curl" && !first.ends_with("/curl") && first != "curl.exe") {
        let help = "give the whole line in single quotes: 'curl https://api.example.com/pets'";
        return Err(refuse("the line does not begin with `curl`", help));
    }
    let line = options::read(words.split_off(1))?;
    let Some(raw) = line.url.clone() else {
        return Err(refuse("the line names no address", "a line such as: curl https://api.example.com/pets"));
    };
    let absolute = if raw.contains("://") { raw.clone() } else { format!("https://{raw}") };
    let url = Url::parse(&absolute).map_err(|error| {
        refuse(&format!("`{raw}` is not a URL: {error}"), "write it as https://host/path")
    })?;
    draft(&line, &url, options)
        .map_err(|why| refuse(&why, "import what can be said, and write the rest by hand"))
}

fn draft(line: &Line, url: &Url, options: &Options) -> Result<Draft, String> {
    let name = url.host_str().ok_or("the address has no host")?;
    let host = match url.port() {
        Some(port) => format!("{name}:{port}"),
        None => name.to_owned(),
    };
    if !hosts::is_normal(&host) {
        return Err(format!("`{host}` is no host"));
    }
    let local = matches!(name, "localhost" | "127.0.0.1" | "[::1]");
    let base = format!("{}://{host}", if local { url.scheme() } else { "https" });
    let method = method(line);
    let auth = auth(line, url);
    let mut notes = line.notes.clone();
    if auth.is_some() {
        notes.push(
            "the credential of the line is not taken over: it is asked for when somebody connects".to_owned(),
        );
    }
    if line.has_cookie || line.headers.iter().any(|(name, _)| name.eq_ignore_ascii_case("cookie")) {
        notes.push(
            "the cookies of the line are left out: write under `auth` how a session is begun".to_owned(),
        );
    }
    let mut api = ApiBuilder::new(&method, &base, &host, &[]);
    api.path_text(url.path());
    let owns = |place: &str, name: &str| {
        auth.as_ref().is_some_and(|config| {
            config["in"].as_str().unwrap_or("header") == place
                && config["name"].as_str().is_some_and(|own| own.eq_ignore_ascii_case(name))
        })
    };
    for (name, value) in url.query_pairs().filter(|(name, _)| !owns("query", name)) {
        add_query(&name, &value, &mut api);
    }
    let mut content_type = line.json.then(|| "application/json".to_owned());
    for (name, value) in &line.headers {
        let lower = name.to_ascii_lowercase();
        match lower.as_str() {
            "content-type" => content_type = Some(value.to_ascii_lowercase()),
            "authorization" => {}
            _ if NOT_SAID.contains(&lower.as_str()) || lower.starts_with("sec-") || owns("header", name) => {}
            _ => api.header_text(name, value),
        }
    }
    add_body(line, &method, content_type.as_deref(), &mut api)?;
    let path = url.path().to_owned();
    let shown = names::of_path(&method, &path);
    let label =
        name.trim_start_matches("api.").trim_start_matches("www.").split('.').next().unwrap_or("service");
    Ok(Draft {
        origin: "one line of cURL".to_owned(),
        namespace: options
            .namespace
            .clone()
            .unwrap_or_else(|| names::segment(label, "service").to_ascii_lowercase()),
        title: name.to_owned(),
        auth: auth.map(|config| ("auth".to_owned(), config)).into_iter().collect(),
        notes,
        operations: vec![Operation {
            id: None,
            name: shown,
            method,
            path,
            tags: Vec::new(),
            api: Ok(api.finish()),
        }],
        ..Draft::default()
    })
}

fn method(line: &Line) -> String {
    let sends = !line.parts.is_empty() || !line.data.is_empty() && !line.data_in_query;
    line.method.clone().unwrap_or_else(|| if sends { "POST" } else { "GET" }.to_owned())
}

/// A query parameter; one that is no fit default stands there as it is.
fn add_query(name: &str, value: &str, api: &mut ApiBuilder) {
    let text = Value::from(value);
    match is_presentable(&text) || is_secret(name) {
        true => api.query_input(name, &default(name, text)),
        false => api.query_text(name, value),
    }
}

/// Whether a name says that its value is nobody else's business.
fn is_secret(name: &str) -> bool {
    let plain: String = name.to_ascii_lowercase().chars().filter(char::is_ascii_alphanumeric).collect();
    ["password", "passwd", "secret", "token", "apikey", "privatekey"].iter().any(|word| plain.contains(word))
}

/// An input that has the line's own value where a call gives none; a secret has to be given.
fn default(name: &str, value: Value) -> Facts {
    if is_secret(name) {
        return Facts { kind: Some("text"), required: true, ..Facts::default() };
    }
    let kind = match &value {
        Value::String(_) => Some("text"),
        Value::Number(_) => Some("number"),
        Value::Bool(_) => Some("boolean"),
        Value::Array(_) => Some("list"),
        Value::Object(_) => Some("map"),
        Value::Null => None,
    };
    Facts { kind, default: Some(value), ..Facts::default() }
}

/// How the line authenticates.
fn auth(line: &Line, url: &Url) -> Option<Value> {
    if line.has_user || url.password().is_some() || !url.username().is_empty() {
        return Some(json!({ "scheme": if line.digest { "digest" } else { "basic" } }));
    }
    let header = |wanted: &dyn Fn(&str) -> bool| {
        line.headers.iter().find(|(name, _)| wanted(&name.to_ascii_lowercase()))
    };
    if let Some((_, value)) = header(&|name| name == "authorization") {
        return authorization(value);
    }
    if let Some((name, _)) = header(&|name| KEYS.contains(&name)) {
        return Some(json!({ "scheme": "api_key", "name": name }));
    }
    let (name, _) =
        url.query_pairs().find(|(name, _)| QUERY_KEYS.contains(&name.to_ascii_lowercase().as_str()))?;
    Some(json!({ "scheme": "api_key", "in": "query", "name": name }))
}

/// The scheme that the value of a header `Authorization` shows.
pub(crate) fn authorization(value: &str) -> Option<Value> {
    let (word, rest) = value.trim().split_once(' ').unwrap_or(("", value));
    Some(match word.to_ascii_lowercase().as_str() {
        "bearer" => json!({ "scheme": "bearer" }),
        "basic" => json!({ "scheme": "basic" }),
        "digest" => json!({ "scheme": "digest" }),
        "" if rest.is_empty() => return None,
        "" => json!({ "scheme": "api_key" }),
        // The word stands before every key; what is no word may be a part of one.
        _ if word.len() <= 20 && word.bytes().all(|b| b.is_ascii_alphabetic() || b == b'-') => {
            json!({ "scheme": "api_key", "prefix": format!("{word} ") })
        }
        _ => json!({ "scheme": "api_key" }),
    })
}

fn add_body(
    line: &Line,
    method: &str,
    content_type: Option<&str>,
    api: &mut ApiBuilder,
) -> Result<(), String> {
    let data = joined(&line.data);
    if line.data_in_query {
        for (name, value) in form_urlencoded::parse(data.as_bytes()) {
            add_query(&name, &value, api);
        }
        return Ok(());
    }
    if matches!(method, "GET" | "HEAD" | "OPTIONS") {
        if !data.is_empty() || !line.parts.is_empty() {
            return Err(format!("a {method} request with a body cannot be said"));
        }
        return Ok(());
    }
    if !line.parts.is_empty() {
        add_parts(&line.parts, api);
        return Ok(());
    }
    if data.is_empty() {
        return Ok(());
    }
    if let Some(file) = data.strip_prefix('@') {
        api.note(format!("the body is what stands in the file `{file}`"));
        api.set_whole_body("bytes", content_type, &Facts { required: true, ..Facts::default() });
        return Ok(());
    }
    let json: Option<Value> =
        serde_json::from_str(&data).ok().filter(|value: &Value| value.is_object() || value.is_array());
    match (json, content_type) {
        (Some(value), _) => add_json(value, content_type, api),
        (None, Some(other)) if !other.starts_with("application/x-www-form-urlencoded") => {
            // Not as a default: nobody can tell whether there is a secret in it.
            api.set_whole_body("text", Some(other), &Facts { required: true, ..Facts::default() });
        }
        (None, _) => {
            let mut fields = Map::new();
            for (name, value) in form_urlencoded::parse(data.as_bytes()) {
                if fields.contains_key(&*name) {
                    api.note(format!(
                        "`{name}` stands there several times, which cannot be said: one can be given"
                    ));
                    continue;
                }
                let field = field(&name, Value::from(&*value), false, api);
                fields.insert(name.into_owned(), field);
            }
            api.set_body("form", Value::Object(fields));
        }
    }
    Ok(())
}

fn add_json(value: Value, content_type: Option<&str>, api: &mut ApiBuilder) {
    if let Some(other) = content_type.filter(|name| name.contains("+json")) {
        api.header_text("Content-Type", other);
    }
    let Value::Object(map) = value else {
        if let Some(slot) =
            api.body_input("body", &Facts { default: None, required: true, ..default("", value) }, false)
        {
            api.set_body("json", Value::from(slot));
        }
        return;
    };
    let mut fields = Map::new();
    for (name, value) in map {
        let field = field(&name, value, true, api);
        fields.insert(escaped(&name), field);
    }
    api.set_body("json", Value::Object(fields));
}

/// What stands under a name of a body: an input, or the value itself where that is no fit default.
fn field(name: &str, value: Value, json: bool, api: &mut ApiBuilder) -> Value {
    let fit = is_presentable(&value) || is_secret(name) && value.is_string();
    let slot = if fit { api.body_input(name, &default(name, value.clone()), json) } else { None };
    slot.map_or_else(|| escaped_in(&value), Value::from)
}

/// A fixed value in which nothing is a placeholder.
fn escaped_in(value: &Value) -> Value {
    match value {
        Value::String(text) => Value::from(escaped(text)),
        Value::Array(items) => items.iter().map(escaped_in).collect(),
        Value::Object(map) => map.iter().map(|(name, value)| (escaped(name), escaped_in(value))).collect(),
        other => other.clone(),
    }
}

fn add_parts(parts: &[(String, String)], api: &mut ApiBuilder) {
    let mut content = Map::new();
    for (name, value) in parts {
        let is_file = value.starts_with(['@', '<']);
        let facts = match is_file {
            true => Facts { kind: Some("file"), required: true, ..Facts::default() },
            false => Facts { required: value.is_empty(), ..default(name, Value::from(value.as_str())) },
        };
        if content.contains_key(name) {
            api.note(format!("`{name}` stands there several times, which cannot be said: one can be given"));
        } else if let Some(slot) = api.body_input(name, &facts, false) {
            content.insert(name.clone(), Value::from(slot));
        }
    }
    api.set_body("multipart", Value::Object(content));
}

/// Several pieces of data are joined as cURL joins them.
fn joined(data: &[Data]) -> String {
    let pieces = data.iter().map(|piece| match piece {
        Data::Plain(text) => text.clone(),
        Data::ToEncode(text) => match text.split_once('=') {
            Some((name, value)) => {
                let value: String = form_urlencoded::byte_serialize(value.as_bytes()).collect();
                format!("{name}={value}")
            }
            None => form_urlencoded::byte_serialize(text.as_bytes()).collect(),
        },
    });
    pieces.collect::<Vec<_>>().join("&")
}
