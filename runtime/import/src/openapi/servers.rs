//! Addresses: a server's URL with its variables, which become variables of connections.

use crate::document::{Document, items, text};
use crate::error::ImportError;
use crate::hosts;
use crate::names;
use crate::prose;
use serde_json::{Map, Value};
use url::Url;

/// An address.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Server {
    /// Without a slash at its end; variables stand as `${name}`.
    pub(crate) url: String,
    /// Its host as `hosts` lists it.
    pub(crate) host: String,
}

/// The addresses of a file.
pub(crate) struct Servers {
    given: Option<Server>,
    /// The variables that they use, as a connector file writes them.
    pub(crate) variables: Vec<Value>,
    pub(crate) notes: Vec<String>,
}

impl Servers {
    /// `given` is what the person named, and wins over the file.
    pub(crate) fn new(given: Option<&str>) -> Result<Self, ImportError> {
        let mut servers = Self { given: None, variables: Vec::new(), notes: Vec::new() };
        if let Some(url) = given {
            let no_variables = Value::Null;
            let server = servers.read(url, &no_variables).map_err(|why| ImportError::NoServer { why })?;
            servers.given = Some(server);
        }
        Ok(servers)
    }

    /// The first address of the file that can be used.
    pub(crate) fn default_of(&mut self, document: &Document) -> Result<Server, ImportError> {
        match self.of(&document.root) {
            Some(Ok(server)) => Ok(server),
            Some(Err(why)) => Err(ImportError::NoServer { why }),
            None => Err(ImportError::NoServer { why: "the file names no server".to_owned() }),
        }
    }

    /// The first address of a list of servers that can be used; `None` where none is listed.
    pub(crate) fn of(&mut self, owner: &Value) -> Option<Result<Server, String>> {
        if let Some(given) = &self.given {
            return Some(Ok(given.clone()));
        }
        let listed: Vec<&Value> = items(owner.get("servers")).collect();
        let mut first_fault = None;
        for server in &listed {
            let Some(url) = text(server, "url") else { continue };
            match self.read(&url, server.get("variables").unwrap_or(&Value::Null)) {
                Ok(found) => {
                    self.tell_of_others(&listed, &url);
                    return Some(Ok(found));
                }
                Err(why) => first_fault = first_fault.or(Some(why)),
            }
        }
        first_fault.map(Err)
    }

    fn tell_of_others(&mut self, listed: &[&Value], used: &str) {
        let others: Vec<String> = listed
            .iter()
            .filter_map(|server| text(server, "url"))
            .filter(|url| url != used)
            .take(6)
            .collect();
        if !others.is_empty() {
            let note = format!("other servers that the file names: {}", others.join(", "));
            if !self.notes.contains(&note) {
                self.notes.push(note);
            }
        }
    }

    fn read(&mut self, url: &str, variables: &Value) -> Result<Server, String> {
        let url = &with_paths(url, variables);
        let (scheme, rest) = split_scheme(url)?;
        let rest = rest.split(['?', '#']).next().unwrap_or_default();
        let (authority, path) = rest.split_at(rest.find('/').unwrap_or(rest.len()));
        let authority = authority.rsplit_once('@').map_or(authority, |(_, host)| host);
        let mut found = Vec::new();
        let host = self.authority(authority, variables, &mut found)?;
        let path = Self::path(path, variables, &mut found);
        let plain = host.split("${").next().unwrap_or_default();
        let name = plain.split(':').next().unwrap_or_default();
        let local = matches!(name, "127.0.0.1" | "localhost") || plain.starts_with("[::1]");
        let scheme = if local { scheme } else { "https" };
        let (host, path) = (host.as_str(), path.trim_end_matches('/'));
        let server = Server { url: format!("{scheme}://{host}{path}"), host: shown_host(host, scheme) };
        check(&server, &found)?;
        for variable in found {
            self.keep(variable);
        }
        Ok(server)
    }

    /// The host, with labels and whole hosts as variables; what cannot vary stands as its default.
    fn authority(&self, text: &str, variables: &Value, found: &mut Vec<Value>) -> Result<String, String> {
        let mut out = String::new();
        let whole = pieces(text);
        let alone = match whole.as_slice() {
            [Piece::Name(_)] => true,
            [Piece::Name(_), Piece::Text(port)] => port.starts_with(':'),
            _ => false,
        };
        for piece in whole {
            let name = match piece {
                Piece::Text(literal) => {
                    out.push_str(&literal.to_ascii_lowercase());
                    continue;
                }
                Piece::Name(name) => name,
            };
            let described = variables.get(name).unwrap_or(&Value::Null);
            let values = values_of(described);
            let is_label = |value: &String| {
                !value.is_empty() && value.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-')
            };
            if alone {
                let hosts: Vec<Value> = values.iter().map(|host| Value::from(host.as_str())).collect();
                let first =
                    values.first().ok_or_else(|| format!("`{{{name}}}` stands for the whole host"))?;
                if first.contains('/') {
                    return Err(format!("`{{{name}}}` stands for the whole address"));
                }
                out.push_str(&format!("${{{}}}", variable(name, described, "host", hosts, found)));
            } else if out.ends_with(':') || !values.iter().all(is_label) {
                out.push_str(values.first().ok_or_else(|| format!("`{{{name}}}` has no value"))?);
            } else {
                out.push_str(&format!("${{{}}}", variable(name, described, "label", Vec::new(), found)));
            }
        }
        Ok(out)
    }

    fn path(text: &str, variables: &Value, found: &mut Vec<Value>) -> String {
        let mut out = String::new();
        for piece in pieces(text) {
            match piece {
                Piece::Text(literal) => out.push_str(literal),
                Piece::Name(name) => {
                    let described = variables.get(name).unwrap_or(&Value::Null);
                    let values = values_of_path(described);
                    match values.as_slice() {
                        // A value is one segment, so that what has several stands there itself.
                        [first, ..] if first.is_empty() || first.contains('/') => {
                            out.push_str(first.trim_matches('/'))
                        }
                        [only] if described.get("enum").is_some() => out.push_str(only),
                        _ => out.push_str(&format!(
                            "${{{}}}",
                            variable(name, described, "text", Vec::new(), found)
                        )),
                    }
                }
            }
        }
        while out.contains("//") {
            out = out.replace("//", "/");
        }
        out
    }

    fn keep(&mut self, variable: Value) {
        if !self.variables.iter().any(|known| known["name"] == variable["name"]) {
            self.variables.push(variable);
        }
    }
}

enum Piece<'a> {
    Text(&'a str),
    Name(&'a str),
}

/// Cuts `{name}` out of a text.
fn pieces(mut text: &str) -> Vec<Piece<'_>> {
    let mut pieces = Vec::new();
    while let Some((before, rest)) = text.split_once('{') {
        let Some((name, after)) = rest.split_once('}') else { break };
        if !before.is_empty() {
            // `${name}` is how some files write it.
            pieces.push(Piece::Text(before.trim_end_matches('$')));
        }
        pieces.push(Piece::Name(name));
        text = after;
    }
    if !text.is_empty() {
        pieces.push(Piece::Text(text));
    }
    pieces
}

/// The address with the values of variables that are more than one segment: they can be no variable.
fn with_paths(url: &str, variables: &Value) -> String {
    let mut out = String::new();
    for piece in pieces(url) {
        match piece {
            Piece::Text(literal) => out.push_str(literal),
            Piece::Name(name) => {
                let described = variables.get(name).unwrap_or(&Value::Null);
                match values_of_path(described).first().filter(|value| value.contains('/')) {
                    Some(value) => out.push_str(value),
                    None => out.push_str(&format!("{{{name}}}")),
                }
            }
        }
    }
    out
}

/// The scheme, which may be a variable, and what follows it.
fn split_scheme(url: &str) -> Result<(&'static str, &str), String> {
    let url = url.trim();
    if let Some(rest) = url.strip_prefix("//").filter(|rest| !rest.is_empty()) {
        return Ok(("https", rest));
    }
    match url.split_once("://") {
        Some((scheme, "")) => Err(format!("`{scheme}://` names no host")),
        Some((scheme, rest)) => match scheme.to_ascii_lowercase().as_str() {
            "http" => Ok(("http", rest)),
            "https" => Ok(("https", rest)),
            variable if variable.starts_with('{') || variable.starts_with("${") => Ok(("https", rest)),
            other => Err(format!("`{other}` is no scheme of HTTP")),
        },
        None => Err(format!("`{url}` is not absolute")),
    }
}

/// Default first, then the others that a variable may have.
fn values_of(described: &Value) -> Vec<String> {
    let mut values = values_of_path(described);
    values.retain(|value| !value.is_empty());
    values.iter_mut().for_each(|value| *value = value.to_ascii_lowercase());
    values
}

fn values_of_path(described: &Value) -> Vec<String> {
    let plain = |value: &Value| match value {
        Value::String(text) => Some(text.clone()),
        Value::Number(number) => Some(number.to_string()),
        _ => None,
    };
    let mut values: Vec<String> = described.get("default").and_then(plain).into_iter().collect();
    for other in items(described.get("enum")).filter_map(plain) {
        if !values.contains(&other) {
            values.push(other);
        }
    }
    values
}

/// Declares a variable; its name.
fn variable(
    name: &str,
    described: &Value,
    format: &str,
    within: Vec<Value>,
    found: &mut Vec<Value>,
) -> String {
    let name = names::placeholder(name);
    let values = match format {
        "text" => values_of_path(described),
        _ => values_of(described),
    };
    let mut fields = Map::new();
    fields.insert("name".to_owned(), Value::from(name.as_str()));
    fields.insert("format".to_owned(), Value::from(format));
    if let Some(description) = text(described, "description").as_deref().and_then(prose::one_line) {
        fields.insert("description".to_owned(), Value::from(description));
    }
    if let Some(default) = values.first() {
        fields.insert("default".to_owned(), Value::from(default.as_str()));
    }
    if values.len() > 1 {
        fields.insert("enum".to_owned(), Value::from(values));
    }
    if !within.is_empty() {
        let bare = |host: &Value| host.as_str().and_then(|host| host.split(':').next()).map(Value::from);
        fields.insert("within".to_owned(), Value::Array(within.iter().filter_map(bare).collect()));
    }
    found.push(Value::Object(fields));
    name
}

/// The host as `hosts` lists it: without the port that is the scheme's own.
fn shown_host(host: &str, scheme: &str) -> String {
    let usual = if scheme == "https" { ":443" } else { ":80" };
    host.strip_suffix(usual).unwrap_or(host).to_owned()
}

/// Whether it is a URL once every variable has a value.
fn check(server: &Server, variables: &[Value]) -> Result<(), String> {
    let mut sample = server.url.clone();
    for (name, variable) in
        variables.iter().filter_map(|variable| Some((variable["name"].as_str()?, variable)))
    {
        sample = sample.replace(&format!("${{{name}}}"), variable["default"].as_str().unwrap_or("x"));
    }
    let (_, rest) = sample.split_once("://").unwrap_or_default();
    let authority = rest.split('/').next().unwrap_or_default();
    // A name without a dot is no host of the internet, but what is left of a word such as `server`.
    let good = hosts::is_normal(authority) && (authority.contains(['.', ':']) || authority == "localhost");
    if good && Url::parse(&sample).is_ok() { Ok(()) } else { Err(format!("`{}` is not a URL", server.url)) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn read(server: Value) -> (Result<Server, String>, Vec<Value>) {
        let mut servers = Servers::new(None).unwrap();
        let found = servers.of(&json!({ "servers": [server] })).unwrap();
        (found, servers.variables)
    }

    #[test]
    fn a_plain_address_is_taken_and_uses_https() {
        let (server, variables) = read(json!({ "url": "http://API.example.com:443/v1/" }));
        let server = server.unwrap();
        assert_eq!(
            (server.url.as_str(), server.host.as_str()),
            ("https://api.example.com:443/v1", "api.example.com")
        );
        assert!(variables.is_empty());
        assert_eq!(read(json!({ "url": "http://localhost:8080" })).0.unwrap().url, "http://localhost:8080");
    }

    #[test]
    fn variables_become_those_of_connections() {
        let (server, variables) = read(json!({
            "url": "https://{shop}.example.com:{port}/{version}/{base}",
            "variables": {
                "shop": { "default": "Demo", "description": "Your shop." },
                "port": { "default": 8443 },
                "version": { "default": "v2", "enum": ["v1", "v2"] },
                "base": { "default": "a/b" },
            }
        }));
        let server = server.unwrap();
        assert_eq!(server.url, "https://${shop}.example.com:8443/${version}/a/b");
        assert_eq!(server.host, "${shop}.example.com:8443");
        assert_eq!(
            variables,
            [
                json!({ "name": "shop", "format": "label", "description": "Your shop.", "default": "demo" }),
                json!({ "name": "version", "format": "text", "default": "v2", "enum": ["v2", "v1"] }),
            ]
        );
    }

    #[test]
    fn a_whole_host_lies_within_those_that_the_file_knows() {
        let (server, variables) = read(json!({
            "url": "{scheme}://{host}/x", "variables": { "host": { "default": "api.example.com:8443" } }
        }));
        assert_eq!(server.unwrap().url, "https://${host}/x");
        assert_eq!(variables[0]["within"], json!(["api.example.com"]));
    }

    #[test]
    fn a_variable_that_is_more_than_a_segment_stands_as_its_value() {
        let address = |url: &str, value: &str| {
            let (server, variables) = read(json!({ "url": url, "variables": { "x": { "default": value } } }));
            assert!(variables.is_empty());
            server.unwrap().url
        };
        assert_eq!(address("https://a.example.com{x}", "/sell/v1"), "https://a.example.com/sell/v1");
        assert_eq!(address("{x}/b", "https://a.example.com/v1"), "https://a.example.com/v1/b");
        assert_eq!(address("https://a.example.com/{x}", "/v1/"), "https://a.example.com/v1");
    }

    #[test]
    fn what_names_no_host_is_told() {
        for url in ["/v1", "", "ws://example.com", "{server}/v1", "https://", "https://{host}"] {
            let mut servers = Servers::new(None).unwrap();
            let found = servers.of(&json!({ "servers": [{ "url": url }] }));
            assert!(!matches!(found, Some(Ok(_))), "{url}");
        }
        assert!(Servers::new(Some("example.com")).is_err());
    }

    #[test]
    fn what_the_person_names_wins() {
        let mut servers = Servers::new(Some("https://other.example.com/")).unwrap();
        let server =
            servers.of(&json!({ "servers": [{ "url": "https://a.example.com" }] })).unwrap().unwrap();
        assert_eq!(server.url, "https://other.example.com");
    }
}
