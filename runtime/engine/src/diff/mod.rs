//! What differs between two definitions of a connector, for those who decide on an upgrade.
//!
//! Rules with names come first ([`apis`], [`inputs`], [`auth`]) and take what they understand; whatever is
//! left is walked field by field ([`rest`]), so that a field without a rule is told all the same and never
//! overlooked.

mod apis;
mod auth;
mod inputs;
mod rest;
mod text;

pub use text::told;

use serde_json::Value;
use sluis_model::change::{Change, ChangeKind};
use sluis_model::connector::ConnectorDefinition;
use sluis_model::error::{Failure, Reason};
use std::collections::BTreeSet;

/// Longest value that is kept with a change, in bytes of JSON.
const VALUE_AT_MOST: usize = 400;

/// What differs, in the order in which it matters: what an admin must look at, what breaks, the rest.
///
/// # Errors
/// When a definition cannot be written as JSON, which a definition that was read always can.
pub fn diff(before: &ConnectorDefinition, after: &ConnectorDefinition) -> Result<Vec<Change>, Failure> {
    let mut found = Found::default();
    let (old, new) = (json(before)?, json(after)?);
    hosts(before, after, &mut found);
    auth::compare(&old["auth"], &new["auth"], &mut found);
    apis::compare(before, after, &mut found);
    rest::compare("", &old, &new, &mut found);
    let mut changes = found.changes;
    changes.sort_by_key(|change| (!change.admin, !change.breaking, change.kind == ChangeKind::Described));
    Ok(changes)
}

fn json(definition: &ConnectorDefinition) -> Result<Value, Failure> {
    serde_json::to_value(definition)
        .map_err(|error| Failure::new(Reason::Internal, format!("the definition is no JSON: {error}")))
}

/// Changes as they are found, and the places that a rule has dealt with.
#[derive(Default)]
struct Found {
    changes: Vec<Change>,
    done: BTreeSet<String>,
}

impl Found {
    /// One more change.
    fn add(&mut self, kind: ChangeKind, at: impl Into<String>, what: impl Into<String>) -> &mut Change {
        self.changes.push(Change {
            kind,
            at: at.into(),
            what: what.into(),
            admin: false,
            breaking: false,
            before: None,
            after: None,
        });
        let last = self.changes.len() - 1;
        &mut self.changes[last]
    }

    /// A rule has dealt with everything at and under a place.
    fn settle(&mut self, at: impl Into<String>) {
        self.done.insert(at.into());
    }

    fn is_settled(&self, at: &str) -> bool {
        self.done.contains(at)
    }
}

/// The value, unless it is long.
fn short(value: &Value) -> Option<Value> {
    (!value.is_null() && value.to_string().len() <= VALUE_AT_MOST).then(|| value.clone())
}

/// A value within a sentence.
fn shown(value: &Value) -> String {
    let text = match value {
        Value::String(text) => text.clone(),
        other => other.to_string(),
    };
    let flat: String = text.chars().map(|c| if c.is_control() { ' ' } else { c }).collect();
    match flat.chars().count() > 60 {
        true => format!("`{}…`", flat.chars().take(60).collect::<String>()),
        false => format!("`{flat}`"),
    }
}

fn hosts(before: &ConnectorDefinition, after: &ConnectorDefinition, found: &mut Found) {
    for host in after.hosts.iter().filter(|host| !before.hosts.contains(host)) {
        let what = format!("requests, and the credential, may go to the host {host}");
        found.add(ChangeKind::HostAdded, "hosts", what).admin = true;
    }
    for host in before.hosts.iter().filter(|host| !after.hosts.contains(host)) {
        found.add(ChangeKind::HostRemoved, "hosts", format!("the host {host} is no longer called"));
    }
    found.settle("hosts");
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn definition(change: impl FnOnce(&mut Value)) -> ConnectorDefinition {
        let mut file = json!({
            "sluis": 1, "namespace": "pets", "service": { "name": "Pets" },
            "auth": {
                "scheme": "oauth2_authorization_code", "authorize_url": "https://op.example/a",
                "token_url": "https://op.example/t", "scopes": ["pets.read"], "client": "vault:pets",
            },
            "hosts": ["pets.example"],
            "apis": {
                "list": { "method": "GET", "url": "https://pets.example/pets", "effect": "read",
                          "query": { "limit": "${limit}" },
                          "inputs": { "limit": { "type": "number", "required": false } } },
                "add": { "method": "POST", "url": "https://pets.example/pets",
                         "body": { "json": { "name": "${Name}" } },
                         "inputs": { "Name": { "type": "text" } } },
            },
            "hooks": { "on_authorize": "return true;" },
        });
        change(&mut file);
        serde_json::from_value(file).unwrap()
    }

    /// What is told of a change to the file: kind, place, admin, breaking.
    fn told_of(change: impl FnOnce(&mut Value)) -> Vec<(ChangeKind, String, bool, bool)> {
        let changes = diff(&definition(|_| {}), &definition(change)).unwrap();
        changes.into_iter().map(|c| (c.kind, c.at, c.admin, c.breaking)).collect()
    }

    #[test]
    fn the_same_differs_in_nothing() {
        assert_eq!(told_of(|_| {}), []);
    }

    #[test]
    fn new_powers_are_for_an_admin_and_lost_ones_are_not() {
        use ChangeKind::*;
        let more = |file: &mut Value| {
            file["hosts"] = json!(["pets.example", "evil.example"]);
            file["auth"]["scopes"] = json!(["pets.read", "pets.write"]);
            file["apis"]["list"]["effect"] = json!("destructive");
            file["hooks"]["on_authorize"] = json!("return false;");
        };
        let found = told_of(more);
        for kind in [HostAdded, ScopeAdded, EffectRaised, HookChanged] {
            assert!(found.iter().any(|f| f.0 == kind && f.2), "{kind:?} in {found:?}");
        }
        let less = diff(&definition(more), &definition(|_| {})).unwrap();
        for kind in [HostRemoved, ScopeRemoved, EffectLowered] {
            assert!(less.iter().any(|c| c.kind == kind && !c.admin), "{kind:?} in {less:?}");
        }
    }

    #[test]
    fn a_new_api_that_writes_is_for_an_admin_and_one_that_reads_is_not() {
        let api =
            |effect: &str| json!({ "method": "GET", "url": "https://pets.example/x", "effect": effect });
        let add = |effect: &'static str| told_of(move |file| file["apis"]["x"] = api(effect));
        assert_eq!(add("read"), [(ChangeKind::ApiAdded, "apis.x".into(), false, false)]);
        assert_eq!(add("write"), [(ChangeKind::ApiAdded, "apis.x".into(), true, false)]);
        let gone = told_of(|file| drop(file["apis"].as_object_mut().unwrap().remove("add")));
        assert_eq!(gone, [(ChangeKind::ApiRemoved, "apis.add".into(), false, true)]);
    }

    #[test]
    fn inputs_break_scripts_where_they_want_more() {
        use ChangeKind::*;
        let at = |name: &str| format!("apis.list.inputs.{name}");
        let required = told_of(|file| file["apis"]["list"]["inputs"]["limit"]["required"] = json!(true));
        assert_eq!(required, [(InputChanged, at("limit"), false, true)]);
        let narrowed = told_of(|file| file["apis"]["list"]["inputs"]["limit"]["type"] = json!("text"));
        assert_eq!(narrowed, [(InputChanged, at("limit"), false, true)]);
        let widened = told_of(|file| file["apis"]["list"]["inputs"]["limit"]["type"] = json!("any"));
        assert_eq!(widened, [(InputChanged, at("limit"), false, false)]);
        let page = |required: bool| {
            told_of(move |file| {
                file["apis"]["list"]["query"]["page"] = json!("${page}");
                file["apis"]["list"]["inputs"]["page"] = json!({ "required": required });
            })
        };
        assert!(page(false).contains(&(InputAdded, at("page"), false, false)), "{:?}", page(false));
        assert!(page(true).contains(&(InputAdded, at("page"), false, true)));
        let undeclared = told_of(|file| file["apis"]["add"]["body"]["json"]["tag"] = json!("${Tag}"));
        assert!(
            undeclared.contains(&(InputAdded, "apis.add.inputs.Tag".into(), false, true)),
            "{undeclared:?}"
        );
    }

    #[test]
    fn other_endpoints_of_the_same_scheme_are_for_an_admin() {
        let found = told_of(|file| file["auth"]["token_url"] = json!("https://op.example/other"));
        assert_eq!(found, [(ChangeKind::AuthChanged, "auth.token_url".into(), true, false)]);
        let found = told_of(|file| file["auth"] = json!({ "scheme": "none" }));
        assert!(found.iter().all(|f| f.2 || f.0 == ChangeKind::ScopeRemoved), "{found:?}");
        assert!(found.iter().any(|f| f.0 == ChangeKind::AuthChanged && f.3), "{found:?}");
    }

    #[test]
    fn what_only_people_read_harms_nobody() {
        let found = told_of(|file| {
            file["description"] = json!("All the pets.");
            file["apis"]["add"]["inputs"]["Name"]["description"] = json!("What it is called.");
        });
        assert_eq!(found.len(), 2, "{found:?}");
        assert!(found.iter().all(|f| f.0 == ChangeKind::Described && !f.2 && !f.3), "{found:?}");
    }

    #[test]
    fn a_field_without_a_rule_is_told_with_its_place() {
        let (mut old, mut new) = (json!({ "apis": { "a": {} } }), json!({ "apis": { "a": {} } }));
        old["apis"]["a"]["teleport"] = json!({ "deep": [1, 2] });
        new["apis"]["a"]["teleport"] = json!({ "deep": [1, 3] });
        new["novelty"] = json!(true);
        let mut found = Found::default();
        rest::compare("", &old, &new, &mut found);
        let at: Vec<(&str, bool)> = found.changes.iter().map(|c| (c.at.as_str(), c.admin)).collect();
        assert_eq!(at, [("apis.a.teleport.deep", true), ("novelty", true)]);
    }

    #[test]
    fn what_is_told_begins_with_what_an_admin_must_look_at() {
        let changes = diff(
            &definition(|_| {}),
            &definition(|file| {
                file["description"] = json!("All the pets.");
                file["hosts"] = json!(["pets.example", "evil.example"]);
            }),
        )
        .unwrap();
        let text = told(&changes);
        assert_eq!(
            text,
            "For an admin to look at:\n  + requests, and the credential, may go to the host evil.example\n\
             Descriptions:\n  ~ description is there now: `All the pets.`\n"
        );
    }
}
