//! One operation.

use super::security::Schemes;
use super::servers::{Server, Servers};
use super::{answers, body, effects, hints, pages, parameters};
use crate::api::{ApiBuilder, Facts};
use crate::document::{Document, text};
use crate::draft::Api;
use serde_json::Value;
use std::collections::BTreeMap;
use url::form_urlencoded;

/// Methods that a connector file knows.
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

/// Where an operation stands.
pub(super) struct Place<'a> {
    pub(super) document: &'a Document,
    pub(super) path: &'a str,
    pub(super) item: &'a Value,
    pub(super) operation: &'a Value,
    pub(super) method: &'a str,
}

/// Reads it.
///
/// # Errors
/// Why it cannot be imported.
pub(super) fn read(
    place: &Place<'_>,
    servers: &mut Servers,
    base: &Server,
    schemes: &Schemes,
) -> Result<Api, String> {
    if !METHODS.contains(&place.method) {
        return Err(format!("a connector file knows no method {}", place.method));
    }
    if !place.operation.is_object() {
        return Err("it is not described".to_owned());
    }
    let own = servers.of(place.operation).or_else(|| servers.of(place.item));
    let mut notes = Vec::new();
    let server = match own {
        Some(Ok(server)) => server,
        Some(Err(why)) => {
            notes.push(format!("an address of its own cannot be used: {why}"));
            base.clone()
        }
        None => base.clone(),
    };
    let mut api = ApiBuilder::new(place.method, &server.url, &server.host, &servers.variables);
    api.notes = notes;
    let summary = text(place.operation, "summary").or_else(|| text(place.operation, "description"));
    api.description = summary.or_else(|| text(place.item, "summary"));
    if place.operation.get("deprecated") == Some(&Value::Bool(true)) {
        api.note("the service calls it deprecated");
    }
    add_parameters(place, schemes, &mut api);
    body::add(place.document, place.operation, place.method, &mut api)?;
    answers::add(place.document, place.operation, &mut api);
    api.effect = effects::of(place);
    schemes.note_needs(place.operation, &mut api);
    Ok(api.finish())
}

fn add_parameters(place: &Place<'_>, schemes: &Schemes, api: &mut ApiBuilder) {
    let Place { document, path, item, operation, .. } = *place;
    let mut notes = Vec::new();
    let mut all = parameters::of(document, item, operation, &mut notes);
    notes.into_iter().for_each(|note| api.note(note));
    let in_path: BTreeMap<String, Facts> = all
        .iter()
        .filter(|parameter| parameter.place == "path")
        .map(|parameter| {
            let mut facts = parameter.facts(document);
            if facts.kind == Some("list") {
                parameter.as_list(&mut facts);
            }
            (parameter.name.clone(), facts)
        })
        .collect();
    add_path(path, &in_path, api);
    all.retain(|parameter| parameter.place != "path" && !schemes.owns(&parameter.place, &parameter.name));
    let queries: Vec<(String, Value)> = all
        .iter()
        .filter(|parameter| parameter.place == "query")
        .map(|parameter| (parameter.name.clone(), parameter.schema().clone()))
        .collect();
    for parameter in all {
        match parameter.place.as_str() {
            "query" | "formData" => parameter.into_query(document, api),
            "header" => parameter.into_header(document, api),
            "cookie" => parameter.into_cookie(document, api),
            other => api.note(format!("`{}` is left out: nothing stands in `{other}`", parameter.name)),
        }
    }
    if place.method == "GET" {
        api.pagination = pages::pagination(document, operation, &queries, api);
        if api.pagination.is_none()
            && let Some(note) = hints::pagination(document, operation, &queries)
        {
            api.note(note);
        }
    }
}

/// The path with its placeholders; some files write a query or a fragment behind it.
fn add_path(path: &str, known: &BTreeMap<String, Facts>, api: &mut ApiBuilder) {
    let (path, _) = path.split_once('#').unwrap_or((path, ""));
    let (path, query) = path.split_once('?').unwrap_or((path, ""));
    if !path.starts_with('/') {
        api.path_text("/");
    }
    let mut given: BTreeMap<&str, ()> = BTreeMap::new();
    let mut rest = path;
    while let Some((before, inside, after)) = next_name(rest) {
        api.path_text(before);
        // `{+path}` and `{path*}` are how other templates say that slashes may stand in a value.
        let name = inside.trim_start_matches('+').trim_end_matches('*').split(':').next().unwrap_or(inside);
        match known.get(inside).or_else(|| known.get(name)) {
            Some(facts) => api.path_input(name, facts),
            None => {
                api.note(format!("`{name}` stands in the path and is not described"));
                api.path_input(name, &Facts { kind: Some("text"), ..Facts::default() });
            }
        }
        if given.insert(inside, ()).is_some() {
            api.note(format!("`{name}` stands in the path twice: give both"));
        }
        rest = after;
    }
    api.path_text(rest);
    for (name, value) in form_urlencoded::parse(query.as_bytes()) {
        match value.strip_prefix('{').and_then(|value| value.strip_suffix('}')) {
            Some(slot) => {
                let facts = known.get(slot).cloned().unwrap_or(Facts { required: true, ..Facts::default() });
                api.query_input(&name, &facts);
            }
            None => api.query_text(&name, &value),
        }
    }
}

/// The text before the next `{name}`, the name, and what follows.
fn next_name(text: &str) -> Option<(&str, &str, &str)> {
    let (before, rest) = text.split_once('{')?;
    let (name, after) = rest.split_once('}')?;
    Some((before, name, after))
}
