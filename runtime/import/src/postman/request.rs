//! One request of a collection.

use super::auth::Found;
use super::body;
use super::variables::{Piece, Variables, pieces, sole};
use crate::api::{ApiBuilder, Facts, escaped};
use crate::document::{items, text};
use crate::draft::Api;
use crate::hosts;
use serde_json::Value;
use url::Url;

/// Headers that a connector file does not say.
const NOT_SAID: &[&str] =
    &["authorization", "cookie", "host", "content-length", "connection", "accept-encoding", "user-agent"];
const METHODS: &[&str] = &[
    "GET",
    "POST",
    "PUT",
    "PATCH",
    "DELETE",
    "HEAD",
    "OPTIONS",
    "PROPFIND",
    "PROPPATCH",
    "MKCOL",
    "MKCALENDAR",
    "REPORT",
];

/// A request with what stands around it.
pub(super) struct Call<'a> {
    pub(super) name: String,
    pub(super) folder: String,
    pub(super) request: &'a Value,
    pub(super) auth: Option<&'a Value>,
    pub(super) described: Option<String>,
}

impl Call<'_> {
    pub(super) fn method(&self) -> String {
        text(self.request, "method").unwrap_or_else(|| "GET".to_owned()).to_ascii_uppercase()
    }

    /// The URL as the collection writes it.
    pub(super) fn raw_url(&self) -> String {
        let url = self.request.get("url").unwrap_or(self.request);
        match url {
            Value::String(text) => text.clone(),
            url => text(url, "raw").unwrap_or_else(|| assembled(url)),
        }
    }

    /// The request as an API.
    pub(super) fn api(
        &self,
        variables: &Variables,
        server: Option<&str>,
        found: &Found,
    ) -> Result<Api, String> {
        let method = self.method();
        if !METHODS.contains(&method.as_str()) {
            return Err(format!("a connector file knows no method {method}"));
        }
        let raw = self.raw_url();
        let (whole, query) = raw.split_once('?').unwrap_or((&raw, ""));
        let address = Address::of(whole.split('#').next().unwrap_or_default(), variables, server)?;
        let mut api = ApiBuilder::new(&method, &address.base, &address.host, &[]);
        api.description = self.described.clone().or_else(|| Some(self.name.clone()));
        self.add_path(&address.path, variables, &mut api);
        self.add_query(query, variables, found, &mut api);
        self.add_headers(variables, found, &mut api);
        body::add(self.request, &method, variables, &mut api)?;
        Ok(api.finish())
    }

    fn add_path(&self, path: &str, variables: &Variables, api: &mut ApiBuilder) {
        let described: Vec<&Value> =
            items(self.request.get("url").and_then(|url| url.get("variable"))).collect();
        for segment in path.split('/').filter(|segment| !segment.is_empty()) {
            api.path_text("/");
            // `:id` is an input with what `url.variable` says of it.
            if let Some(name) = segment.strip_prefix(':').filter(|name| !name.is_empty()) {
                let known = described.iter().find(|one| text(one, "key").as_deref() == Some(name));
                api.path_input(name, &known.map(|known| facts(known, variables)).unwrap_or_default());
                continue;
            }
            for piece in pieces(segment) {
                match piece {
                    Piece::Text(text) => api.path_text(text),
                    Piece::Variable(name) => api.path_input(name, &of_variable(name, variables)),
                }
            }
        }
    }

    fn add_query(&self, raw: &str, variables: &Variables, found: &Found, api: &mut ApiBuilder) {
        let listed: Vec<&Value> = items(self.request.get("url").and_then(|url| url.get("query"))).collect();
        if listed.is_empty() {
            for pair in raw.split('&').filter(|pair| !pair.is_empty()) {
                let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
                if !found.owns("query", name) {
                    add_value(name, value, Facts::default(), variables, |name, facts| {
                        api.query_input(name, facts)
                    });
                }
            }
        }
        for parameter in listed {
            let Some(name) = text(parameter, "key").filter(|name| !found.owns("query", name)) else {
                continue;
            };
            let described = facts(parameter, variables);
            let value = text(parameter, "value").unwrap_or_default();
            add_value(&name, &value, described, variables, |name, facts| api.query_input(name, facts));
        }
    }

    fn add_headers(&self, variables: &Variables, found: &Found, api: &mut ApiBuilder) {
        for header in items(self.request.get("header")) {
            let Some(name) = text(header, "key") else { continue };
            let disabled = header.get("disabled") == Some(&Value::Bool(true));
            if disabled
                || NOT_SAID.contains(&name.to_ascii_lowercase().as_str())
                || found.owns("header", &name)
            {
                continue;
            }
            let value = text(header, "value").unwrap_or_default();
            match pieces(&value).iter().all(|piece| matches!(piece, Piece::Text(_))) {
                // The body sets it, with its boundary where there is one.
                true if name.eq_ignore_ascii_case("content-type") => {}
                true => api.header_text(&name, &value),
                false => add_value(&name, &value, facts(header, variables), variables, |name, facts| {
                    api.header_input(name, facts)
                }),
            }
        }
    }
}

/// Adds an input whose value in the collection is its example.
fn add_value(
    name: &str,
    value: &str,
    mut known: Facts,
    variables: &Variables,
    add: impl FnOnce(&str, &Facts),
) {
    known.example = example(value, variables);
    add(name, &known);
}

/// A value of the collection as an example; one that is a variable without a value is none.
pub(super) fn example(value: &str, variables: &Variables) -> Option<Value> {
    let filled = match sole(value) {
        Some(name) => variables.get(name)?.to_owned(),
        None => variables.fill(value),
    };
    (!filled.is_empty() && !filled.contains("{{") && !filled.starts_with('<'))
        .then(|| Value::from(escaped(&filled)))
}

/// What a parameter of the collection says: its description, and whether it is switched off.
pub(super) fn facts(parameter: &Value, variables: &Variables) -> Facts {
    Facts {
        kind: Some("text"),
        description: super::description(parameter),
        required: parameter.get("disabled") != Some(&Value::Bool(true)),
        example: text(parameter, "value").and_then(|value| example(&value, variables)),
        default: None,
        ..Facts::default()
    }
}

fn of_variable(name: &str, variables: &Variables) -> Facts {
    let example = variables.get(name).map(Value::from);
    Facts { kind: Some("text"), required: true, example, ..Facts::default() }
}

/// Where a request goes.
struct Address {
    base: String,
    host: String,
    path: String,
}

impl Address {
    fn of(raw: &str, variables: &Variables, server: Option<&str>) -> Result<Self, String> {
        // Variables before the path have to have a value; those in it are inputs.
        let raw = match raw.trim().strip_prefix("{{") {
            Some(_) => {
                let end = raw.find("}}").map_or(raw.len(), |end| end + 2);
                let (first, rest) = raw.split_at(end);
                format!("{}{rest}", variables.fill(first.trim()))
            }
            None => raw.trim().to_owned(),
        };
        let (scheme, rest) = raw.split_once("://").unwrap_or(("https", &raw));
        let (authority, path) = rest.split_at(rest.find('/').unwrap_or(rest.len()));
        let authority = variables.fill(authority).to_ascii_lowercase();
        if let Some(server) = server {
            let url = Url::parse(server).map_err(|_| format!("`{server}` is not a URL"))?;
            return Self::at(&url, path);
        }
        if authority.is_empty() || authority.contains("{{") {
            return Err(format!("its address has no host: `{raw}`"));
        }
        let scheme = if scheme == "http" && authority.starts_with("localhost") { "http" } else { "https" };
        let url = Url::parse(&format!("{scheme}://{authority}/"))
            .map_err(|_| format!("`{authority}` is no host"))?;
        Self::at(&url, path)
    }

    fn at(url: &Url, path: &str) -> Result<Self, String> {
        let name = url.host_str().ok_or("its address has no host")?;
        let host = match url.port() {
            Some(port) => format!("{name}:{port}"),
            None => name.to_owned(),
        };
        if !hosts::is_normal(&host) {
            return Err(format!("`{host}` is no host"));
        }
        let base = format!("{}://{host}{}", url.scheme(), url.path());
        Ok(Self { base, host, path: path.to_owned() })
    }
}

/// A URL from its parts, where there is no `raw`.
fn assembled(url: &Value) -> String {
    let joined = |name: &str, between: &str| match url.get(name) {
        Some(Value::String(text)) => text.clone(),
        list => {
            let parts = items(list)
                .filter_map(|part| part.as_str().map(str::to_owned).or_else(|| text(part, "value")));
            parts.collect::<Vec<_>>().join(between)
        }
    };
    let protocol = text(url, "protocol").map(|protocol| format!("{protocol}://")).unwrap_or_default();
    format!("{protocol}{}/{}", joined("host", "."), joined("path", "/").trim_start_matches('/'))
}
