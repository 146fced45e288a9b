//! What a call does, where a description tells more than its method does.

use super::operation::Place;
use crate::document::text;

/// Last segments of paths under which something is only looked for, though by POST.
const READING: &[&str] = &["search", "_search", "_msearch", "_count"];
/// How names of operations begin that take something away for good.
const DESTROYING: &[&str] = &["delete", "destroy", "purge", "erase"];

/// The effect, if it is another than the method's.
pub(super) fn of(place: &Place<'_>) -> Option<&'static str> {
    if let Some(own) = text(place.operation, "x-sluis-effect") {
        return ["read", "write", "destructive"].into_iter().find(|known| *known == own);
    }
    if !matches!(place.method, "POST" | "PUT" | "PATCH") {
        return None;
    }
    let path = place.path.split(['?', '#']).next().unwrap_or_default();
    let last = path.trim_end_matches('/').rsplit(['/', ':']).next().unwrap_or_default();
    if place.method == "POST" && READING.iter().any(|known| last.eq_ignore_ascii_case(known)) {
        return Some("read");
    }
    let id = text(place.operation, "operationId").unwrap_or_default();
    // `items/delete-many`, `Items_DeleteMany`, `deleteItems`.
    let named = id.rsplit(['/', '.', '_']).any(begins) || begins(last);
    named.then_some("destructive")
}

/// Whether a name begins with such a word and not with a longer one (`deleted`).
fn begins(name: &str) -> bool {
    DESTROYING.iter().any(|word| {
        let Some((start, rest)) = name.split_at_checked(word.len()) else { return false };
        start.eq_ignore_ascii_case(word) && !rest.starts_with(|c: char| c.is_ascii_lowercase())
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::document::Document;
    use serde_json::{Value, json};

    #[test]
    fn what_only_looks_and_what_destroys_is_told_from_names() {
        let document = Document { root: Value::Null };
        let item = Value::Null;
        for (method, path, operation, wanted) in [
            ("POST", "/pets/search", json!({}), Some("read")),
            ("POST", "/v1/places:search", json!({}), Some("read")),
            ("POST", "/searches", json!({}), None),
            ("POST", "/pets/deleteMany", json!({}), Some("destructive")),
            ("POST", "/pets/deleted", json!({}), None),
            ("PUT", "/pets", json!({ "operationId": "Pets_DeleteAll" }), Some("destructive")),
            ("POST", "/pets", json!({ "operationId": "undeletePet" }), None),
            ("GET", "/delete", json!({}), None),
            ("POST", "/a", json!({ "x-sluis-effect": "read" }), Some("read")),
            ("GET", "/a", json!({ "x-sluis-effect": "write" }), Some("write")),
        ] {
            let place = Place { document: &document, path, item: &item, operation: &operation, method };
            assert_eq!(of(&place), wanted, "{method} {path} {operation}");
        }
    }
}
