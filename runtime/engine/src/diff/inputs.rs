//! Inputs of an API, those too that only its templates name: whether scripts have to give more than they
//! did, or may give less.

use super::{Found, rest, short, shown};
use serde_json::Value;
use sluis_invoke::CompiledApi;
use sluis_model::change::ChangeKind;
use sluis_model::connector::{ConnectorDefinition, Input};
use std::collections::BTreeMap;

/// Compares the inputs of an API that both definitions have.
pub(super) fn compare(
    key: &str,
    before: &ConnectorDefinition,
    after: &ConnectorDefinition,
    found: &mut Found,
) {
    let (old, new) = (taken(before, key), taken(after, key));
    for (name, input) in &new {
        let at = format!("apis.{key}.inputs.{name}");
        match old.get(name) {
            Some(present) => changed(key, name, present, input, found),
            None => {
                let needed = is_needed(input);
                let what = match needed {
                    true => format!("the API {key} requires {name}; calls without it fail"),
                    false => format!("the API {key} takes {name}, which may be left out"),
                };
                found.add(ChangeKind::InputAdded, at, what).breaking = needed;
            }
        }
    }
    for name in old.keys().filter(|name| !new.contains_key(*name)) {
        let what = format!("the API {key} no longer takes {name}; what scripts give is not sent");
        found.add(ChangeKind::InputRemoved, format!("apis.{key}.inputs.{name}"), what).breaking = true;
    }
    found.settle(format!("apis.{key}.inputs"));
}

/// Every input; of a definition that cannot be used, those that it describes.
fn taken(definition: &ConnectorDefinition, key: &str) -> BTreeMap<String, Input> {
    match CompiledApi::compile(definition, key) {
        Ok(api) => api.inputs().map(|(name, input)| (name.to_owned(), input.clone())).collect(),
        Err(_) => {
            let declared = definition.apis.get(key).into_iter().flat_map(|api| api.inputs.iter());
            declared.map(|(name, input)| (name.to_owned(), input.clone())).collect()
        }
    }
}

fn is_needed(input: &Input) -> bool {
    input.required && input.default.is_none()
}

fn changed(key: &str, name: &str, before: &Input, after: &Input, found: &mut Found) {
    let at = format!("apis.{key}.inputs.{name}");
    if is_needed(before) != is_needed(after) {
        let what = match is_needed(after) {
            true => format!("the API {key} requires {name} now; calls without it fail"),
            false => format!("{name} of the API {key} may be left out now"),
        };
        found.add(ChangeKind::InputChanged, &at, what).breaking = is_needed(after);
    }
    let (Ok(Value::Object(old)), Ok(Value::Object(new))) =
        (serde_json::to_value(before), serde_json::to_value(after))
    else {
        return;
    };
    let mut fields: Vec<&String> = old.keys().chain(new.keys()).collect();
    fields.sort();
    fields.dedup();
    for field in fields.into_iter().filter(|field| field.as_str() != "required") {
        let (was, is) = (old.get(field), new.get(field));
        // A default that comes or goes with `required` has been told above.
        if was == is || (field == "default" && (was.is_none() || is.is_none())) {
            continue;
        }
        if rest::is_prose(field) {
            let what = format!("{field} of {name} of the API {key} is another");
            found.add(ChangeKind::Described, format!("{at}.{field}"), what);
            continue;
        }
        let told = |value: Option<&Value>| value.map_or_else(|| "not said".to_owned(), shown);
        let what = format!("{field} of {name} of the API {key} is {} and was {}", told(is), told(was));
        let change = found.add(ChangeKind::InputChanged, &at, what);
        change.breaking = narrows(field, was, is);
        (change.before, change.after) = (was.and_then(short), is.and_then(short));
    }
}

/// Whether values that fitted may no longer fit.
fn narrows(field: &str, was: Option<&Value>, is: Option<&Value>) -> bool {
    match (field, was, is) {
        // A list of allowed values that loses none is wider than before.
        ("enum", Some(Value::Array(was)), Some(Value::Array(is))) => {
            was.iter().any(|value| !is.contains(value))
        }
        ("type", _, Some(Value::String(kind))) => kind != "any",
        ("default" | "absent" | "options_from", ..) => false,
        (_, _, None) => false,
        _ => true,
    }
}
