//! Everything that has no rule with a name: walked field by field, told with its place. What stands
//! where is judged by the first names of the place; a place that nobody has thought of is for an admin.

use super::{Found, short, shown};
use serde_json::{Map, Value};
use sluis_model::change::{Change, ChangeKind};

/// Fields that only people read, or that try the definition, wherever they stand.
const PROSE: &[&str] = &[
    "description",
    "documentation",
    "example",
    "examples",
    "help",
    "hint",
    "label",
    "logo",
    "notes",
    "outputs",
    "placeholder",
    "product_version",
    "summary",
    "tags",
    "tests",
    "title",
];

/// Fields of an API that say what is sent, to hosts that are declared.
const REQUEST: &[&str] = &["method", "url", "query", "headers", "cookies", "body", "path", "cache"];

/// Fields of an API that say how a call behaves.
const BEHAVIOUR: &[&str] = &[
    "answer",
    "asynchronous",
    "errors",
    "follow_redirects",
    "idempotency",
    "pagination",
    "rate",
    "retry",
    "task",
    "timeout_s",
    "wait",
    "accepted",
    "breaker",
    "limit",
    "fire_and_forget",
];

/// Whether a field is only read by people.
pub(super) fn is_prose(field: &str) -> bool {
    PROSE.contains(&field)
}

/// Tells every difference under a place that no rule has dealt with.
pub(super) fn compare(at: &str, before: &Value, after: &Value, found: &mut Found) {
    if before == after || found.is_settled(at) {
        return;
    }
    let (Value::Object(old), Value::Object(new)) = (before, after) else {
        found.changes.push(change(at, before, after));
        return;
    };
    for key in keys(old, new) {
        let below = if at.is_empty() { key.clone() } else { format!("{at}.{key}") };
        let none = &Value::Null;
        let (was, is) = (old.get(key).unwrap_or(none), new.get(key).unwrap_or(none));
        // Below a map that is new as a whole there may be places of other kinds.
        match (was, is) {
            (Value::Null, Value::Object(map)) | (Value::Object(map), Value::Null)
                if at.is_empty() && !map.is_empty() =>
            {
                let empty = Value::Object(Map::new());
                let (was, is) =
                    (if was.is_null() { &empty } else { was }, if is.is_null() { &empty } else { is });
                compare(&below, was, is, found);
            }
            _ => compare(&below, was, is, found),
        }
    }
}

fn keys<'a>(old: &'a Map<String, Value>, new: &'a Map<String, Value>) -> Vec<&'a String> {
    old.keys().chain(new.keys().filter(|key| !old.contains_key(*key))).collect()
}

fn change(at: &str, before: &Value, after: &Value) -> Change {
    let (kind, admin) = judged(at);
    let what = match (before.is_null(), after.is_null()) {
        (true, _) => format!("{at} is there now: {}", shown(after)),
        (_, true) => format!("{at} is gone; it was {}", shown(before)),
        _ => format!("{at} is {} and was {}", shown(after), shown(before)),
    };
    Change {
        kind,
        at: at.to_owned(),
        what,
        admin,
        breaking: false,
        before: short(before),
        after: short(after),
    }
}

/// The kind of a difference at a place, and whether it is for an admin.
fn judged(at: &str) -> (ChangeKind, bool) {
    let last = at.rsplit('.').next().unwrap_or(at);
    let first = at.split('.').next().unwrap_or(at);
    match first {
        "auth" => (ChangeKind::AuthChanged, !is_prose(last)),
        "hooks" => (ChangeKind::HookChanged, true),
        "connection" if is_prose(last) && !at.starts_with("connection.test") => {
            (ChangeKind::Described, false)
        }
        "connection" => (ChangeKind::ConnectionChanged, true),
        "headers" => (ChangeKind::RequestChanged, false),
        "errors" | "error_when" | "rate" | "retry" | "timeout_s" => (ChangeKind::BehaviourChanged, false),
        "description" => (ChangeKind::Described, false),
        "service" if at == "service.base_url" => (ChangeKind::RequestChanged, false),
        "service" => (ChangeKind::Described, false),
        "apis" => of_api(at),
        _ => (ChangeKind::Other, true),
    }
}

/// Names of APIs hold dots, so the field is the first known name after them.
fn of_api(at: &str) -> (ChangeKind, bool) {
    let mut names = at.split('.').skip(2);
    let found = names.find_map(|name| match name {
        name if REQUEST.contains(&name) => Some(ChangeKind::RequestChanged),
        name if BEHAVIOUR.contains(&name) => Some(ChangeKind::BehaviourChanged),
        name if is_prose(name) => Some(ChangeKind::Described),
        _ => None,
    });
    found.map_or((ChangeKind::Other, true), |kind| (kind, false))
}
