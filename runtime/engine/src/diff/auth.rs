//! Ways to authenticate: new scopes, other endpoints, another scheme.

use super::{Found, rest, shown};
use serde_json::{Map, Value};
use sluis_model::change::ChangeKind;
use std::collections::BTreeSet;

/// Compares the `auth` of two definitions, each way by its name.
pub(super) fn compare(before: &Value, after: &Value, found: &mut Found) {
    let (old, new) = (configs(before), configs(after));
    for (name, config) in &new {
        match old.get(name) {
            Some(present) => config_changed(&place(name), present, config, found),
            None if name.is_empty() || old.contains_key("") => {}
            None => {
                let what = format!("there is one more way to authenticate: {name}");
                found.add(ChangeKind::AuthChanged, place(name), what).admin = true;
                scopes(&place(name), &Value::Null, config, found);
            }
        }
    }
    for name in old.keys().filter(|name| !name.is_empty() && !new.contains_key(*name)) {
        let what = format!("connections can no longer authenticate by {name}");
        let change = found.add(ChangeKind::AuthChanged, place(name), what);
        (change.admin, change.breaking) = (true, true);
    }
    if old.contains_key("") != new.contains_key("") {
        let change = found.add(
            ChangeKind::AuthChanged,
            "auth",
            format!("the way to authenticate is {} and was {}", scheme(after), scheme(before)),
        );
        (change.admin, change.breaking) = (true, true);
        let scopes_of =
            |configs: &Map<String, Value>| configs.values().flat_map(scopes_in).collect::<BTreeSet<String>>();
        told_scopes("auth.scopes", &scopes_of(&old), &scopes_of(&new), found);
    }
    found.settle("auth");
}

/// The ways by name; a single one has none.
fn configs(auth: &Value) -> Map<String, Value> {
    match auth.get("configs").and_then(Value::as_object) {
        Some(configs) => configs.clone(),
        None => Map::from_iter([(String::new(), auth.clone())]),
    }
}

fn place(name: &str) -> String {
    if name.is_empty() { "auth".to_owned() } else { format!("auth.configs.{name}") }
}

fn scheme(config: &Value) -> String {
    shown(config.get("scheme").unwrap_or(&Value::Null))
}

fn config_changed(at: &str, before: &Value, after: &Value, found: &mut Found) {
    scopes(at, before, after, found);
    if before.get("scheme") != after.get("scheme") {
        let what = format!("the way to authenticate is {} and was {}", scheme(after), scheme(before));
        let change = found.add(ChangeKind::AuthChanged, format!("{at}.scheme"), what);
        (change.admin, change.breaking) = (true, true);
        return;
    }
    rest::compare(at, before, after, found);
}

fn scopes(at: &str, before: &Value, after: &Value, found: &mut Found) {
    let at = format!("{at}.scopes");
    told_scopes(
        &at,
        &scopes_in(before).into_iter().collect(),
        &scopes_in(after).into_iter().collect(),
        found,
    );
    found.settle(at);
}

fn scopes_in(config: &Value) -> Vec<String> {
    let listed = config.get("scopes").and_then(Value::as_array);
    listed.into_iter().flatten().filter_map(Value::as_str).map(str::to_owned).collect()
}

fn told_scopes(at: &str, before: &BTreeSet<String>, after: &BTreeSet<String>, found: &mut Found) {
    for scope in after.difference(before) {
        let what = format!("the scope {scope} is asked for; who authorized without it authorizes again");
        found.add(ChangeKind::ScopeAdded, at, what).admin = true;
    }
    for scope in before.difference(after) {
        found.add(ChangeKind::ScopeRemoved, at, format!("the scope {scope} is no longer asked for"));
    }
}
