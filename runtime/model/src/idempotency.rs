//! How a service is told that two requests are one: `idempotency`.

use crate::task::AnswerPath;
use serde::{Deserialize, Serialize};

/// How a service is told that a request is the same as one before, so that a write may be repeated.
/// Exactly one of `header`, `field` and `query` says where the key goes.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Idempotency {
    /// The header that carries the key: `Idempotency-Key`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub header: Option<String>,
    /// The place in a JSON body that carries it (`meta.request_id`), or the field of a form.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub field: Option<AnswerPath>,
    /// The query parameter that carries it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub query: Option<String>,
    /// What the key is made of.
    #[serde(default)]
    pub key: KeyOf,
    /// How long the service remembers a key, in seconds; a day unless told. After that a repeated
    /// request would be a new one, and is not made by itself.
    #[serde(default = "default_lifetime")]
    pub lifetime_s: u32,
}

fn default_lifetime() -> u32 {
    86_400
}

/// What an idempotency key is made of.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum KeyOf {
    /// The run, the place in its script and the data: each call that a script means is one of its own.
    #[default]
    Generated,
    /// The data alone: the same data is the same request, whoever sends it.
    Input,
}

impl Idempotency {
    /// What is wrong with it, in words; nothing if it will do.
    pub fn fault(&self) -> Option<String> {
        let places = [self.header.is_some(), self.field.is_some(), self.query.is_some()];
        let places = places.iter().filter(|given| **given).count();
        if places != 1 {
            return Some(format!(
                "exactly one of `header`, `field` and `query` says where the key goes, not {places}"
            ));
        }
        if !(1..=31 * 86_400).contains(&self.lifetime_s) {
            return Some(format!("`lifetime_s` is 1 to {} seconds", 31 * 86_400));
        }
        None
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_goes_to_one_place() {
        let read = |text: &str| serde_json::from_str::<Idempotency>(text).unwrap();
        let header = read(r#"{"header": "Idempotency-Key"}"#);
        assert_eq!((header.fault(), header.lifetime_s, header.key), (None, 86_400, KeyOf::Generated));
        assert!(read("{}").fault().is_some());
        assert!(read(r#"{"header": "A", "query": "b"}"#).fault().is_some());
        assert!(read(r#"{"query": "b", "lifetime_s": 0}"#).fault().is_some());
    }
}
