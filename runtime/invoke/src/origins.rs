//! Where each part of a filled-in request comes from. The values are those of the request itself, so they
//! cannot be others than what is sent; the origins are read from the templates of the definition that it
//! was filled from.

use crate::request::OutgoingRequest;
use http::header::CONTENT_TYPE;
use serde_json::{Map, Value};
use sluis_model::connector::ConnectorDefinition;
use sluis_model::explanation::{Origin, Part};
use std::collections::BTreeSet;
use url::form_urlencoded;

/// Longest value that is shown, in bytes.
const VALUE_AT_MOST: usize = 2048;
/// Parts of a body that are told one by one.
const BODY_PARTS_AT_MOST: usize = 200;
/// What stands for a secret.
const STARS: &str = "***";

/// A request, filled in and sketched, with what it was filled from.
pub struct Filled<'a> {
    /// The connector as it was released, its variables not yet in their places.
    pub definition: &'a ConnectorDefinition,
    /// The API, by the part of its id after the namespace.
    pub api: &'a str,
    /// What the call gives: values of inputs, and what stands for parts of the request.
    pub given: &'a Map<String, Value>,
    /// Names of the inputs that the call gives as files.
    pub files: &'a BTreeSet<String>,
    /// The request without its credential.
    pub plain: &'a OutgoingRequest,
    /// The request with stars where its credential will stand.
    pub sketch: &'a OutgoingRequest,
}

/// Each part of a request, in its order.
pub fn parts(filled: &Filled<'_>) -> Vec<Part> {
    let api = filled.definition.apis.get(filled.api).and_then(|api| serde_json::to_value(api).ok());
    let api = api.unwrap_or_default();
    let templates = Templates { filled, api: &api };
    let mut all = vec![Part {
        at: "method".to_owned(),
        value: Some(filled.plain.method.to_string()),
        origins: vec![match filled.plain.mail {
            Some(_) => Origin::Runtime,
            None => templates.place("method"),
        }],
    }];
    all.push(templates.url());
    all.extend(templates.query());
    all.extend(templates.headers());
    all.extend(templates.body());
    all
}

struct Templates<'a> {
    filled: &'a Filled<'a>,
    /// The API as its file writes it, in JSON: whatever form a part of it has.
    api: &'a Value,
}

impl Templates<'_> {
    fn place(&self, below: &str) -> Origin {
        Origin::Definition { place: format!("apis.{}.{below}", self.filled.api) }
    }

    /// A template's place, and where what stands in it comes from.
    fn of(&self, template: &Value, place: Origin) -> Vec<Origin> {
        let mut names = Vec::new();
        collect_names(template, &mut names);
        std::iter::once(place).chain(names.iter().filter_map(|name| self.origin(name))).collect()
    }

    /// Where the value of a placeholder comes from; nothing for a word that is none.
    fn origin(&self, name: &str) -> Option<Origin> {
        let owned = || name.to_owned();
        let filled = self.filled;
        if filled.definition.connection.variable(name).is_some() {
            return Some(Origin::Variable { name: owned() });
        }
        let input = self.api.get("inputs").and_then(|inputs| inputs.get(name));
        if filled.given.get(name).is_some_and(|value| !value.is_null()) || filled.files.contains(name) {
            return Some(Origin::Argument { name: owned() });
        }
        match input {
            Some(input) if input.get("default").is_some_and(|default| !default.is_null()) => {
                Some(Origin::Default { name: owned() })
            }
            Some(_) => Some(Origin::Absent { name: owned() }),
            None => None,
        }
    }

    fn url(&self) -> Part {
        let mut shown = self.filled.plain.url.clone();
        shown.set_query(None);
        let template = self.api.get("url").and_then(Value::as_str).unwrap_or_default();
        let path = template.split('?').next().unwrap_or_default();
        if self.filled.plain.mail.is_some() {
            let address = self.filled.definition.service.base_url.as_deref().unwrap_or_default();
            let place = Origin::Definition { place: "service.base_url".to_owned() };
            let origins = self.of(&Value::from(address), place);
            return Part { at: "url".to_owned(), value: Some(shown.into()), origins };
        }
        Part {
            at: "url".to_owned(),
            value: Some(shown.into()),
            origins: self.of(&Value::from(path), self.place("url")),
        }
    }

    fn query(&self) -> Vec<Part> {
        let own: Vec<(String, String)> = self.filled.plain.url.query_pairs().into_owned().collect();
        let declared = self.api.get("query");
        let in_url = self.api.get("url").and_then(Value::as_str).and_then(|url| url.split_once('?'));
        let in_url = in_url.map(|(_, query)| query.split('&').collect::<Vec<_>>()).unwrap_or_default();
        let mut all: Vec<Part> = Vec::new();
        for (name, value) in &own {
            let template = declared.and_then(|query| query.get(name).or_else(|| query.get(stem(name))));
            let origins = match template {
                Some(template) => self.of(template, self.place(&format!("query.{}", stem(name)))),
                None => {
                    let begins = |part: &&&str| part.split('=').next() == Some(name.as_str());
                    match in_url.iter().find(begins) {
                        Some(part) => self.of(&Value::from(*part), self.place("url")),
                        None => vec![self.place("query")],
                    }
                }
            };
            all.push(Part { at: format!("query {name}"), value: shown(value), origins });
        }
        // What the credential adds to it.
        for (name, _) in self.filled.sketch.url.query_pairs() {
            if !own.iter().any(|(known, _)| *known == name) {
                all.push(credential(format!("query {name}")));
            }
        }
        all
    }

    fn headers(&self) -> Vec<Part> {
        let (plain, sketch) = (&self.filled.plain.headers, &self.filled.sketch.headers);
        let of_connector = &serde_json::to_value(&self.filled.definition.headers).unwrap_or_default();
        let own = self.api.get("headers");
        let mut all = Vec::new();
        for (name, value) in sketch {
            let at = format!("header {name}");
            if plain.get(name) != Some(value) {
                all.push(credential(at));
                continue;
            }
            let origins = if overridden(self.filled.given, name.as_str()) {
                vec![Origin::Override { argument: "HEADERS".to_owned() }]
            } else if let Some((key, template)) = own.and_then(|own| named(own, name.as_str())) {
                self.of(template, self.place(&format!("headers.{key}")))
            } else if let Some((key, template)) = named(of_connector, name.as_str()) {
                self.of(template, Origin::Definition { place: format!("headers.{key}") })
            } else if name == CONTENT_TYPE && self.api.get("body").is_some() {
                vec![self.place("body")]
            } else {
                vec![Origin::Runtime]
            };
            let value = if value.is_sensitive() {
                Some(STARS.to_owned())
            } else {
                value.to_str().ok().and_then(shown)
            };
            all.push(Part { at, value, origins });
        }
        all
    }

    fn body(&self) -> Vec<Part> {
        let (plain, sketch) = (self.filled.plain, self.filled.sketch);
        let Some(Value::Object(kinds)) = self.api.get("body") else { return Vec::new() };
        if plain.secret_body || sketch.secret_body || sketch.body != plain.body {
            return vec![credential("body".to_owned())];
        }
        let content = plain.content();
        let mut all = Vec::new();
        for (kind, template) in kinds {
            let place = format!("body.{kind}");
            match kind.as_str() {
                "json" | "mail" => match serde_json::from_slice::<Value>(&content) {
                    Ok(sent) => self.json(template, Some(&sent), String::new(), &place, &mut all),
                    Err(_) => self.json(template, None, String::new(), &place, &mut all),
                },
                "form" => {
                    for (name, value) in form_urlencoded::parse(&plain.body) {
                        let own = template.get(&*name).or_else(|| template.get(stem(&name)));
                        let place = self.place(&format!("{place}.{}", stem(&name)));
                        let origins =
                            own.map_or_else(|| vec![place.clone()], |own| self.of(own, place.clone()));
                        all.push(Part { at: format!("body {name}"), value: shown(&value), origins });
                    }
                }
                _ => {
                    let text = std::str::from_utf8(&content).ok().and_then(shown);
                    all.push(Part {
                        at: "body".to_owned(),
                        value: text,
                        origins: self.of(template, self.place(&place)),
                    });
                }
            }
        }
        all.truncate(BODY_PARTS_AT_MOST);
        all
    }

    /// The leaves of a JSON template beside what was sent in their places.
    fn json(&self, template: &Value, sent: Option<&Value>, at: String, place: &str, into: &mut Vec<Part>) {
        let children: Vec<(String, &Value)> = match template {
            Value::Object(map) if !map.is_empty() => map.iter().map(|(k, v)| (k.clone(), v)).collect(),
            Value::Array(list) if !list.is_empty() => {
                list.iter().enumerate().map(|(n, v)| (n.to_string(), v)).collect()
            }
            leaf => {
                // What is left out of the body is no part of the request.
                if let Some(sent) = sent {
                    let text = sent.as_str().map_or_else(|| sent.to_string(), str::to_owned);
                    let origins = self.of(leaf, self.place(place));
                    into.push(Part {
                        at: format!("body {at}").trim_end().to_owned(),
                        value: shown(&text),
                        origins,
                    });
                }
                return;
            }
        };
        for (key, child) in children {
            let below = sent.and_then(|sent| match sent {
                Value::Object(map) => map.get(&key),
                Value::Array(list) => key.parse::<usize>().ok().and_then(|at| list.get(at)),
                _ => None,
            });
            let pointer = format!("{at}/{}", key.replace('~', "~0").replace('/', "~1"));
            self.json(child, below, pointer, &format!("{place}.{key}"), into);
        }
    }
}

fn credential(at: String) -> Part {
    Part { at, value: Some(STARS.to_owned()), origins: vec![Origin::Credential] }
}

/// The name before what a list or a map adds to it: `ids[]`, `filter[state]`, `page.size`.
fn stem(name: &str) -> &str {
    name.split(['[', '.']).next().unwrap_or(name)
}

fn shown(value: &str) -> Option<String> {
    (value.len() <= VALUE_AT_MOST).then(|| value.to_owned())
}

/// The entry of a map by its name, without case.
fn named<'a>(map: &'a Value, name: &str) -> Option<(&'a String, &'a Value)> {
    map.as_object()?.iter().find(|(key, _)| key.eq_ignore_ascii_case(name))
}

fn overridden(given: &Map<String, Value>, name: &str) -> bool {
    match given.get("HEADERS") {
        Some(headers) => named(headers, name).is_some(),
        None => given.get("CONTENT_TYPE").is_some() && name == "content-type",
    }
}

/// Every word in the placeholders of the texts below a template: names of inputs and of variables, and of
/// functions, which nobody gives.
fn collect_names(template: &Value, into: &mut Vec<String>) {
    match template {
        Value::String(text) => {
            for (at, _) in text.match_indices('{') {
                let rest = text.get(at + 1..).unwrap_or_default();
                let inside = rest.split('}').next().unwrap_or_default();
                let words = inside.split(|c: char| !(c.is_alphanumeric() || matches!(c, '_' | '-')));
                for word in words.filter(|word| !word.is_empty()) {
                    if !into.iter().any(|known| known == word) {
                        into.push(word.to_owned());
                    }
                }
            }
        }
        Value::Array(list) => list.iter().for_each(|value| collect_names(value, into)),
        Value::Object(map) => map.values().for_each(|value| collect_names(value, into)),
        _ => {}
    }
}
