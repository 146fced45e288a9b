//! An XML answer as if it were JSON: an element with elements in it is an object, any other a text; of
//! elements of one name the first counts, attributes are not looked at.

use roxmltree::{Document, Node, ParsingOptions};
use serde_json::{Map, Value};

/// Most nodes of an answer: a token endpoint has little to say.
const NODES_AT_MOST: u32 = 2_000;
/// Deepest nesting.
const DEPTH_AT_MOST: usize = 32;

/// What stands in the root element; none for a web page and for what is no XML.
pub(crate) fn from_xml(text: &[u8]) -> Option<Map<String, Value>> {
    let text = std::str::from_utf8(text).ok()?;
    // No document type: neither entities nor anything from outside.
    let options =
        ParsingOptions { allow_dtd: false, nodes_limit: NODES_AT_MOST, ..ParsingOptions::default() };
    let document = Document::parse_with_options(text, options).ok()?;
    let root = document.root_element();
    if root.tag_name().name().eq_ignore_ascii_case("html") {
        return None;
    }
    match value(root, 0)? {
        Value::Object(entries) => Some(entries),
        _ => None,
    }
}

fn value(node: Node<'_, '_>, depth: usize) -> Option<Value> {
    if depth > DEPTH_AT_MOST {
        return None;
    }
    let mut entries = Map::new();
    for child in node.children().filter(Node::is_element) {
        let name = child.tag_name().name();
        if !entries.contains_key(name) {
            entries.insert(name.to_owned(), value(child, depth + 1)?);
        }
    }
    if entries.is_empty() {
        return Some(Value::String(node.text().unwrap_or_default().trim().to_owned()));
    }
    Some(Value::Object(entries))
}
