//! One API.

use super::variables::Declared;
use super::{body, expressions, headers, mail, manners, pagination, task, tests, urls, values};
use crate::problem::Problems;
use crate::template::{Braces, Need, fault, names_with};
use crate::tree::{Cursor, Kind};
use sluis_model::suggest::nearest;
use std::collections::BTreeMap;

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
    /// All APIs of the connector.
    pub(super) apis: &'a [Cursor<'a>],
}

/// The names that placeholders of an API hold, and whether nothing takes the place of each.
#[derive(Default, Clone)]
pub(super) struct Used(BTreeMap<String, Need>);

impl Used {
    /// Takes up the placeholders of a text and says which are none.
    pub(super) fn take(&mut self, at: &Cursor<'_>, text: &str, problems: &mut Problems<'_>) {
        headers::broken(at, text, problems);
        self.take_names(text, Braces::Dollar);
    }

    /// Takes up the names in a text's placeholders.
    pub(super) fn take_names(&mut self, text: &str, braces: Braces) {
        for (name, need) in names_with(text, braces) {
            let known = self.0.entry(name).or_insert(need);
            if need == Need::Must {
                *known = need;
            }
        }
    }

    /// Whether a placeholder holds this name.
    pub(super) fn contains(&self, name: &str) -> bool {
        self.0.contains_key(name)
    }

    fn must(&self, name: &str) -> bool {
        self.0.get(name) == Some(&Need::Must)
    }

    /// The names.
    pub(super) fn names(&self) -> impl Iterator<Item = &str> {
        self.0.keys().map(String::as_str)
    }
}

/// Checks an API.
pub(super) fn check(api: &Cursor<'_>, around: &Surroundings<'_>, problems: &mut Problems<'_>) {
    let Surroundings { root, shared, hosts, authenticates, variables, .. } = *around;
    let mut used = Used::default();
    let is_mail = mail::is_server(root);
    if is_mail {
        mail::check_api(api, problems);
    }
    if let Some(url) = api.get("url").filter(|_| !is_mail) {
        urls::check_api(&url, variables, hosts, problems);
        used.take_names(url.text().unwrap_or_default(), Braces::Bare);
    }
    let in_path = used.clone();
    for parameter in api.get("query").iter().flat_map(Cursor::entries) {
        body::field(&parameter, &mut used, problems);
    }
    let authenticates = authenticates && api.get("credential").and_then(|at| at.text()) != Some("none");
    if let Some(own) = api.get("headers") {
        headers::check(&own, authenticates, problems);
    }
    if let Some(named) = api.get("override_headers") {
        headers::check_overrides(&named, problems);
    }
    for header in api.get("headers").iter().chain(shared).flat_map(Cursor::entries) {
        used.take_names(header.text().unwrap_or_default(), Braces::Dollar);
    }
    for cookie in api.get("cookies").iter().flat_map(Cursor::entries) {
        headers::check_cookie(&cookie, problems);
        if let Some(text) = cookie.text() {
            used.take(&cookie, text, problems);
        }
    }
    if let Some(body) = api.get("body") {
        if let Some(own) = mail::SHAPES.iter().find_map(|shape| body.get(shape)).filter(|_| !is_mail) {
            mail::has_no_place(&own, problems);
        }
        method_takes_body(api, &body, problems);
        body::check(&body, &mut used, problems);
    }
    if used.contains(API_VERSION) && !variables.contains(API_VERSION) {
        let help = "add `api_version` to `service`, such as `api_version: v2`".to_owned();
        problems.add(api, "`${service.api_version}` stands for nothing: the service has none", Some(help));
    }
    used.0.retain(|name, _| !variables.contains(name) && name != API_VERSION);
    manners::check(api, problems);
    inputs(api, &used, &in_path, problems);
    values::check(root, api, &used, problems);
    expressions::check(root, api, problems);
    if let Some(task) = api.get("task") {
        task::check(&task, &used, problems);
    }
    if let Some(all) = api.get("tests") {
        tests::check(&all, &used, problems);
    }
    if let Some(pages) = api.get("pagination") {
        pagination::check(&pages, api, &used, around, problems);
    }
}

/// The placeholder that stands for a field of `service`.
pub(super) const API_VERSION: &str = "service.api_version";

fn method_takes_body(api: &Cursor<'_>, body: &Cursor<'_>, problems: &mut Problems<'_>) {
    if let Some(method @ ("GET" | "HEAD")) = api.get("method").and_then(|method| method.text()) {
        let help = "use POST, PUT or PATCH, or pass the values under `query`".to_owned();
        problems.add_key(body, format!("a {method} request has no body"), Some(help));
    }
}

fn inputs(api: &Cursor<'_>, used: &Used, in_path: &Used, problems: &mut Problems<'_>) {
    for input in api.get("inputs").iter().flat_map(Cursor::entries) {
        let name = input.name();
        if let Some(why) = fault(name) {
            problems.add_key(&input, format!("`{name}` cannot be the name of a placeholder: {why}"), None);
        } else if !used.contains(name) {
            let help = match nearest(name, used.names()) {
                Some(near) => format!("did you mean `{near}`? Otherwise use it, or leave it out"),
                None => "use it as a placeholder in URL, query, headers or body, or leave it out".to_owned(),
            };
            problems.add_key(&input, format!("no placeholder `${{{name}}}` uses this input"), Some(help));
        }
        let optional = matches!(input.get("required").map(|at| at.kind()), Some(Kind::Bool(false)));
        if optional && in_path.must(name) && input.get("default").is_none() {
            let help = "give it a default, or make it required".to_owned();
            problems.add_key(
                &input,
                format!("`{name}` stands in the path and cannot be left out"),
                Some(help),
            );
        }
    }
}
