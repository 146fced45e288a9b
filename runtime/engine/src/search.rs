//! Looking for connectors and APIs by words.

use serde::Serialize;
use sluis_model::connector::ConnectorDefinition;

/// A connector or an API that was looked for.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Hit {
    /// `pets`, or `pets.add`.
    pub id: String,
    /// Name of the service.
    pub service: String,
    /// What people read of it.
    pub description: Option<String>,
    /// Where it comes from: a release, or a file.
    pub from: String,
}

/// What fits all words, best first: by namespace or id, by the service, by a description. A connector
/// that fits as a whole is told once, and not with each of its APIs.
pub fn search<'a>(known: impl Iterator<Item = (&'a str, &'a ConnectorDefinition)>, text: &str) -> Vec<Hit> {
    let words: Vec<String> = text.split_whitespace().map(str::to_lowercase).collect();
    let mut found: Vec<(u32, Hit)> = Vec::new();
    if words.is_empty() {
        return Vec::new();
    }
    for (from, definition) in known {
        let namespace = definition.namespace.as_str();
        let hit = |id: &str, description: &Option<String>| Hit {
            id: id.to_owned(),
            service: definition.service.name.clone(),
            description: description.clone(),
            from: from.to_owned(),
        };
        let about = definition.description.as_deref().unwrap_or_default();
        if let Some(rank) = fits(&words, [namespace, &definition.service.name, about]) {
            found.push((rank, hit(namespace, &definition.description)));
            continue;
        }
        for (key, api) in &definition.apis {
            let id = format!("{namespace}.{key}");
            let about = api.description.as_deref().unwrap_or_default();
            let whole = format!("{about} {}", definition.description.as_deref().unwrap_or_default());
            if let Some(rank) = fits(&words, [&id, &definition.service.name, &whole]) {
                found.push((rank + 1, hit(&id, &api.description)));
            }
        }
    }
    found.sort_by(|(a, one), (b, other)| a.cmp(b).then_with(|| one.id.cmp(&other.id)));
    found.into_iter().map(|(_, hit)| hit).collect()
}

/// How well all words fit, the smaller the better; none if one does not.
fn fits(words: &[String], texts: [&str; 3]) -> Option<u32> {
    let texts = texts.map(str::to_lowercase);
    words.iter().try_fold(0, |sum, word| {
        let at = texts.iter().position(|text| text.contains(word.as_str()))?;
        let exact = texts.get(at).is_some_and(|text| text == word);
        Some(sum + 2 * u32::try_from(at).unwrap_or(u32::MAX) + u32::from(!exact))
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn definition(namespace: &str, service: &str, about: &str) -> ConnectorDefinition {
        serde_json::from_value(json!({
            "sluis": 1, "namespace": namespace, "service": { "name": service }, "description": about,
            "auth": { "scheme": "none" }, "hosts": ["a.example"],
            "apis": { "invoices.create": { "method": "POST", "url": "https://a.example/", "description": "Writes a bill." },
                      "ping": { "method": "GET", "url": "https://a.example/ping" } },
        }))
        .unwrap()
    }

    fn found(text: &str) -> Vec<String> {
        let all = [
            ("xero@1", definition("xero", "Xero", "Accounting.")),
            ("books.yaml", definition("books", "Ledger", "Accounting, not Xero.")),
        ];
        let known = all.iter().map(|(from, definition)| (*from, definition));
        search(known, text).into_iter().map(|hit| hit.id).collect()
    }

    #[test]
    fn the_best_fit_comes_first_and_every_word_counts() {
        assert_eq!(found("xero"), ["xero", "books"]);
        assert_eq!(found("INVOICES"), ["books.invoices.create", "xero.invoices.create"]);
        assert_eq!(found("bill ledger"), ["books.invoices.create"]);
        assert_eq!(found("bill nothing"), [] as [&str; 0]);
        assert_eq!(found("  "), [] as [&str; 0]);
    }
}
