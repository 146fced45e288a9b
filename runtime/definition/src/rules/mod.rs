//! What no schema can say. Rules look at a tree that may have any shape: what is missing or of the
//! wrong type is the schema's to tell.

mod api;
mod auth;
mod beside;
mod body;
mod expressions;
mod headers;
mod hooks;
mod hosts;
mod later;
mod logo;
mod mail;
mod manners;
mod pagination;
pub(crate) mod secrets;
mod several;
mod task;
mod tests;
mod urls;
mod values;
mod variables;

use crate::FORMAT;
use crate::problem::Problems;
use crate::tree::{Cursor, Kind};
use hooks::Scripts;
use logo::Logo;
use sluis_model::id::{ApiId, Namespace};
use std::collections::HashMap;

/// What stood in files beside the connector file.
#[derive(Default)]
pub(crate) struct Loaded {
    scripts: Scripts,
    logo: Logo,
}

impl Loaded {
    /// Puts it in place of the references to it.
    pub(crate) fn put_into(self, definition: &mut serde_json::Value) {
        self.scripts.put_into(definition);
        self.logo.put_into(definition);
    }
}

/// Checks everything and gives what stood in files beside it.
pub(crate) fn check(
    root: &Cursor<'_>,
    load: &dyn Fn(&str) -> Result<String, String>,
    problems: &mut Problems<'_>,
) -> Loaded {
    version(root, problems);
    let namespace = namespace(root, problems);
    secrets::check(root, problems);
    let variables = variables::check(root, problems);
    let hosts = hosts::check(root, &variables, problems);
    let authenticates = auth::check(root, &variables, problems);
    if let Some(all) = root.get("headers") {
        headers::check(&all, authenticates, problems);
    }
    api_ids(root, namespace.as_ref(), problems);
    task::unique(root, problems);
    if let Some(base) = root.get("service").and_then(|service| service.get("base_url")) {
        match mail::is_server(root) {
            true => mail::check_address(&base, &variables, hosts.as_deref(), problems),
            false => urls::check_base(&base, &variables, hosts.as_deref(), problems),
        }
    }
    if mail::is_server(root) {
        mail::check(root, problems);
    }
    manners::check(root, problems);
    expressions::check_shared(root, problems);
    let apis = root.get("apis");
    let apis: Vec<Cursor<'_>> = apis.iter().flat_map(Cursor::entries).collect();
    for api in &apis {
        let shared = root.get("headers");
        let surroundings = api::Surroundings {
            root,
            shared: shared.as_ref(),
            hosts: hosts.as_deref(),
            authenticates,
            variables: &variables,
            apis: &apis,
        };
        api::check(api, &surroundings, problems);
    }
    Loaded { scripts: hooks::check(root, load, problems), logo: logo::check(root, load, problems) }
}

fn version(root: &Cursor<'_>, problems: &mut Problems<'_>) {
    let Some(at) = root.get("sluis") else { return };
    if let Kind::Number(number) = at.kind()
        && number.as_u64().is_some_and(|given| given > FORMAT)
    {
        problems.add(
            &at,
            format!(
                "this file has format {number}, and this sluis reads format {FORMAT}: it wants a newer sluis"
            ),
            Some("update sluis, or write the file for format 1".to_owned()),
        );
    }
}

fn namespace(root: &Cursor<'_>, problems: &mut Problems<'_>) -> Option<Namespace> {
    let at = root.get("namespace")?;
    match at.text()?.parse::<Namespace>() {
        Ok(namespace) => Some(namespace),
        Err(error) => {
            problems.add(&at, error.to_string(), None);
            None
        }
    }
}

fn api_ids(root: &Cursor<'_>, namespace: Option<&Namespace>, problems: &mut Problems<'_>) {
    let stand_in = "x".parse::<Namespace>().ok();
    let Some(namespace) = namespace.or(stand_in.as_ref()) else { return };
    let mut seen: HashMap<String, &str> = HashMap::new();
    for api in root.get("apis").iter().flat_map(Cursor::entries) {
        if let Err(error) = ApiId::of(namespace, api.name()) {
            let help = "an API is named `api` or `group.api`; the namespace is put before it".to_owned();
            problems.add_key(&api, error.to_string(), Some(help));
        }
        if let Some(other) = seen.insert(api.name().to_ascii_lowercase(), api.name()) {
            problems.add_key(&api, format!("`{}` and `{other}` differ in case only", api.name()), None);
        }
    }
}
