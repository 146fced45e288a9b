//! XML as maps and lists, for those who know what an answer looks like and want its values by name.
//!
//! An element with elements or attributes is a map, any other a text. Elements of one name that stand
//! side by side are a list. An attribute's key begins with `@`; the text of an element that has
//! attributes or elements too stands under `#text`. Prefixes of names are left out.

use super::{Data, too_nested};
use crate::codes;
use crate::value::fault::{Fault, Run};
use crate::value::print::MAX_DEPTH;
use roxmltree::{Document, Node, ParsingOptions};

/// Most nodes of a document.
const NODES_AT_MOST: u32 = 2_000_000;

impl Data {
    /// Reads an XML document: a map of the root element's name to what is in it. Document types are
    /// refused, so nothing grows and nothing outside is asked.
    ///
    /// # Errors
    /// `E0421` with the position; `E0413` if it is nested more than 200 deep.
    pub fn from_xml(text: &str) -> Run<Data> {
        let options =
            ParsingOptions { allow_dtd: false, nodes_limit: NODES_AT_MOST, ..ParsingOptions::default() };
        let document = Document::parse_with_options(text.trim_start_matches('\u{feff}'), options)
            .map_err(|error| Fault::new(codes::NOT_XML, format!("this is not XML: {error}")))?;
        let root = document.root_element();
        Ok(Data::map([(root.tag_name().name(), element(root, 1)?)]))
    }
}

fn element(node: Node<'_, '_>, depth: usize) -> Run<Data> {
    if depth > MAX_DEPTH {
        return Err(too_nested());
    }
    let mut entries: Vec<(Data, Data)> = node
        .attributes()
        .map(|attribute| {
            (Data::Text(format!("@{}", attribute.name())), Data::Text(attribute.value().to_owned()))
        })
        .collect();
    let mut places = std::collections::HashMap::new();
    let mut text = String::new();
    for child in node.children() {
        if child.is_text() {
            text.push_str(child.text().unwrap_or_default());
        }
        if !child.is_element() {
            continue;
        }
        let name = child.tag_name().name();
        let value = element(child, depth + 1)?;
        let Some(&(at, is_list)) = places.get(name) else {
            places.insert(name, (entries.len(), false));
            entries.push((Data::Text(name.to_owned()), value));
            continue;
        };
        let Some((_, there)) = entries.get_mut(at) else { continue };
        match there {
            Data::List(items) if is_list => items.push(value),
            single => {
                let first = std::mem::take(single);
                *single = Data::List(vec![first, value]);
                places.insert(name, (at, true));
            }
        }
    }
    if entries.is_empty() {
        return Ok(Data::Text(text));
    }
    let text = text.trim();
    if !text.is_empty() {
        entries.push((Data::from("#text"), Data::from(text)));
    }
    Ok(Data::Map(entries))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn json(text: &str) -> String {
        Data::from_xml(text).unwrap().to_json()
    }

    #[test]
    fn elements_become_maps_lists_and_texts() {
        let text = "<r><a>1</a><b x=\"y\">t</b><c><d/></c><a>2</a><a>3</a></r>";
        assert_eq!(json(text), r##"{"r":{"a":["1","2","3"],"b":{"@x":"y","#text":"t"},"c":{"d":""}}}"##);
        assert_eq!(
            json("<s:Envelope xmlns:s=\"urn:x\"><s:Body>ä &amp; b</s:Body></s:Envelope>"),
            r#"{"Envelope":{"Body":"ä & b"}}"#
        );
    }

    #[test]
    fn document_types_noise_and_depth_are_refused() {
        assert!(Data::from_xml("<!DOCTYPE r [<!ENTITY a \"b\">]><r>&a;</r>").is_err());
        assert!(Data::from_xml("{}").is_err());
        let deep = format!("{}{}", "<a>".repeat(300), "</a>".repeat(300));
        assert!(Data::from_xml(&deep).is_err());
    }
}
