//! A foreign file as a plain value, and its references.

use crate::error::ImportError;
use serde_json::Value;

/// Most bytes of a file; the largest description that is published has about 12 MB.
const MAX_BYTES: usize = 64 * 1024 * 1024;
/// References that lead to references, before it is called a circle.
const HOPS: usize = 16;

/// A file.
pub(crate) struct Document {
    pub(crate) root: Value,
}

/// Reads JSON, or YAML.
pub(crate) fn parse(text: &str) -> Result<Value, ImportError> {
    let text = text.trim_start_matches('\u{FEFF}');
    if text.len() > MAX_BYTES {
        return Err(ImportError::Unreadable { why: "it has more than 64 MiB".to_owned() });
    }
    let json = match serde_json::from_str(text) {
        Ok(value) => return Ok(value),
        Err(error) => error,
    };
    // YAML takes nearly all of JSON, so that what is broken there says more in the words of JSON.
    yaml(text).map_err(|why| match text.trim_start().starts_with(['{', '[']) {
        true => ImportError::Unreadable { why: json.to_string() },
        false => ImportError::Unreadable { why },
    })
}

fn yaml(text: &str) -> Result<Value, String> {
    let options = serde_saphyr::options! {
        strict_booleans: true,
        legacy_octal_numbers: false,
        leading_zero_numbers_as_strings: true,
        with_snippet: false,
        duplicate_keys: serde_saphyr::DuplicateKeyPolicy::LastWins,
        budget: serde_saphyr::budget! {
            max_nodes: 8_000_000,
            max_events: 40_000_000,
            max_depth: 120,
            max_documents: 1,
            max_anchors: 50_000,
            max_aliases: 50_000,
            max_total_scalar_bytes: MAX_BYTES,
        },
    };
    serde_saphyr::from_str_with_options::<Value>(text, options).map_err(|error| {
        let said = error.without_snippet().to_string();
        said.lines().next().unwrap_or_default().trim_start_matches("error: ").to_owned()
    })
}

impl Document {
    /// What stands behind a value's references.
    ///
    /// # Errors
    /// The reference that leads nowhere, round in circles, or out of the file.
    pub(crate) fn resolve<'a>(&'a self, value: &'a Value) -> Result<&'a Value, String> {
        let mut here = value;
        for _ in 0..HOPS {
            let Some(to) = here.get("$ref").and_then(Value::as_str) else { return Ok(here) };
            let Some(pointer) = to.strip_prefix('#') else {
                return Err(format!("`{to}` lies outside of the file"));
            };
            let decoded = percent_decoded(pointer);
            here = self
                .root
                .pointer(pointer)
                .or_else(|| self.root.pointer(&decoded))
                .ok_or_else(|| format!("`{to}` is not there"))?;
        }
        Err("a reference goes round in circles".to_owned())
    }

    /// The same, where what cannot be found counts as not said.
    pub(crate) fn resolved<'a>(&'a self, value: &'a Value) -> &'a Value {
        self.resolve(value).unwrap_or(&Value::Null)
    }
}

/// A pointer in a fragment is percent-encoded (RFC 6901 section 6).
fn percent_decoded(text: &str) -> String {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.as_bytes();
    while let [first, tail @ ..] = rest {
        let hex = tail.get(..2).and_then(|two| std::str::from_utf8(two).ok());
        match hex.filter(|_| *first == b'%').and_then(|hex| u8::from_str_radix(hex, 16).ok()) {
            Some(byte) => {
                bytes.push(byte);
                rest = &tail[2..];
            }
            None => {
                bytes.push(*first);
                rest = tail;
            }
        }
    }
    String::from_utf8_lossy(&bytes).into_owned()
}

/// A field that should be a text, and in some files is a number or has no content.
pub(crate) fn text(value: &Value, name: &str) -> Option<String> {
    match value.get(name)? {
        Value::String(text) if !text.trim().is_empty() => Some(text.trim().to_owned()),
        Value::Number(number) => Some(number.to_string()),
        _ => None,
    }
}

/// The entries of a map; none if it is no map.
pub(crate) fn entries(value: Option<&Value>) -> impl Iterator<Item = (&String, &Value)> {
    value.and_then(Value::as_object).into_iter().flatten()
}

/// The items of a list; none if it is no list.
pub(crate) fn items(value: Option<&Value>) -> impl Iterator<Item = &Value> {
    value.and_then(Value::as_array).into_iter().flatten()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn references_are_followed_and_their_faults_told() {
        let root = parse(
            r##"{"a":{"$ref":"#/b"},"b":{"$ref":"#/c~1d"},"c/d":{"x":1},"e":{"$ref":"#/f"},"f":{"$ref":"#/e"},
                "g":{"$ref":"other.yaml#/x"},"h":{"$ref":"#/nowhere"},"i":{"$ref":"#/c%2Fd"}, "é":1, "j":{"$ref":"#/%C3%A9"}}"##,
        );
        let document = Document { root: root.unwrap() };
        let at = |name: &str| document.resolve(&document.root[name]).cloned();
        assert_eq!(at("a").unwrap()["x"], 1);
        assert!(at("e").unwrap_err().contains("circles"));
        assert!(at("g").unwrap_err().contains("outside"));
        assert!(at("h").unwrap_err().contains("not there"));
        assert_eq!(at("j").unwrap(), 1);
    }

    #[test]
    fn yaml_is_read_with_numbers_and_booleans_as_names() {
        let value = parse("responses:\n  200: { description: OK }\n  on: x\nv: 1.0\nv: 2\n").unwrap();
        assert_eq!(value["responses"]["200"]["description"], "OK");
        assert_eq!(value["responses"]["on"], "x");
        assert_eq!(value["v"], 2);
    }

    #[test]
    fn what_cannot_be_read_is_told_in_its_own_words() {
        assert!(parse("{\"a\": ").unwrap_err().to_string().contains("EOF"));
        assert!(parse("a: [b\nc: : d").is_err());
    }
}
