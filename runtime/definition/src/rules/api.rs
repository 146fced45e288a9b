//! One API.

use super::variables::Declared;
use super::{expressions, headers, task, tests, urls, values};
use crate::problem::Problems;
use crate::template::{fault, names};
use crate::tree::{Cursor, Kind};
use sluis_model::suggest::nearest;
use std::collections::BTreeSet;

/// What of the file around an API its rules look at.
pub(super) struct Surroundings<'a> {
    /// The whole file.
    pub(super) root: &'a Cursor<'a>,
    /// Headers of the whole connector.
    pub(super) shared: Option<&'a Cursor<'a>>,
    /// The declared hosts, if they can be told.
    pub(super) hosts: Option<&'a [String]>,
    /// Whether a credential goes onto requests.
    pub(super) authenticates: bool,
    /// The variables of connections.
    pub(super) variables: &'a Declared,
}

/// Checks an API.
pub(super) fn check(api: &Cursor<'_>, around: &Surroundings<'_>, problems: &mut Problems<'_>) {
    let Surroundings { root, shared, hosts, authenticates, variables } = *around;
    let mut used = BTreeSet::new();
    if let Some(url) = api.get("url") {
        urls::check_api(&url, variables, hosts, problems);
        used.extend(url.text().into_iter().flat_map(names));
    }
    let in_path = used.clone();
    for parameter in api.get("query").iter().flat_map(Cursor::entries) {
        if let Some(text) = parameter.text() {
            headers::broken(&parameter, text, problems);
            used.extend(names(text));
        }
    }
    if let Some(own) = api.get("headers") {
        headers::check(&own, authenticates, problems);
    }
    for header in api.get("headers").iter().chain(shared).flat_map(Cursor::entries) {
        used.extend(header.text().into_iter().flat_map(names));
    }
    if let Some(body) = api.get("body") {
        method_takes_body(api, &body, problems);
        if ["json", "form", "multipart"].iter().filter(|form| body.get(form).is_some()).count() > 1 {
            let help = "a file is sent as a part of `multipart`, everything else best as `json`".to_owned();
            problems.add(&body, "a body is JSON, a form or has parts, and only one of them", Some(help));
        }
        if let Some(json) = body.get("json") {
            walk(&json, &mut used, problems);
        }
        for part in ["form", "multipart"].iter().filter_map(|form| body.get(form)).flat_map(|it| it.entries())
        {
            if let Some(text) = part.text() {
                headers::broken(&part, text, problems);
                used.extend(names(text));
            }
        }
    }
    used.retain(|name| !variables.contains(name));
    inputs(api, &used, &in_path, problems);
    values::check(root, api, &used, problems);
    expressions::check(root, api, &used, problems);
    if let Some(task) = api.get("task") {
        task::check(&task, &used, problems);
    }
    if let Some(all) = api.get("tests") {
        tests::check(&all, &used, problems);
    }
}

fn method_takes_body(api: &Cursor<'_>, body: &Cursor<'_>, problems: &mut Problems<'_>) {
    if let Some(method @ ("GET" | "HEAD")) = api.get("method").and_then(|method| method.text()) {
        let help = "use POST, PUT or PATCH, or pass the values under `query`".to_owned();
        problems.add_key(body, format!("a {method} request has no body"), Some(help));
    }
}

/// Finds the placeholders of a JSON body.
fn walk<'a>(at: &Cursor<'a>, used: &mut BTreeSet<&'a str>, problems: &mut Problems<'_>) {
    match at.kind() {
        Kind::Text(text) => {
            headers::broken(at, text, problems);
            used.extend(names(text));
        }
        Kind::List(_) => at.items().for_each(|item| walk(&item, used, problems)),
        Kind::Map(_) => {
            for entry in at.entries() {
                if entry.name().contains("${") {
                    let help = "names in a body are fixed; a placeholder stands in a value".to_owned();
                    problems.add_key(&entry, "a placeholder may not stand in a name", Some(help));
                }
                walk(&entry, used, problems);
            }
        }
        Kind::Null | Kind::Bool(_) | Kind::Number(_) => {}
    }
}

fn inputs(api: &Cursor<'_>, used: &BTreeSet<&str>, in_path: &BTreeSet<&str>, problems: &mut Problems<'_>) {
    for input in api.get("inputs").iter().flat_map(Cursor::entries) {
        let name = input.name();
        if let Some(why) = fault(name) {
            problems.add_key(&input, format!("`{name}` cannot be the name of a placeholder: {why}"), None);
        } else if !used.contains(name) {
            let help = match nearest(name, used.iter().copied()) {
                Some(near) => format!("did you mean `{near}`? Otherwise use it, or leave it out"),
                None => "use it as a placeholder in URL, query, headers or body, or leave it out".to_owned(),
            };
            problems.add_key(&input, format!("no placeholder `${{{name}}}` uses this input"), Some(help));
        }
        let optional = matches!(input.get("required").map(|at| at.kind()), Some(Kind::Bool(false)));
        if optional && in_path.contains(name) && input.get("default").is_none() {
            let help = "give it a default, or make it required".to_owned();
            problems.add_key(
                &input,
                format!("`{name}` stands in the path and cannot be left out"),
                Some(help),
            );
        }
    }
}
