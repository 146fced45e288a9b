//! XML out: JSON as XML, and nodes of a document as texts.

use super::Ctx;
use super::xpath::Item;
use crate::codes;
use crate::value::fault::{Fault, Run};
use crate::value::heap::Heap;
use crate::value::print::{self, MAX_DEPTH};
use crate::value::{Value, json};
use jiff::tz::TimeZone;

/// The element around what stands in a list that stands in a list.
const ELEMENT: &str = "element";

/// A list or map as XML: `<root>` around it, keys as elements, an element of its key's name for each
/// thing in a list. Characters that names of elements cannot have become `_`.
pub(super) fn of_value(ctx: &mut Ctx<'_>, value: Value) -> Run<String> {
    let mut out = String::new();
    let inner = ctx.heap.opened(value);
    out.push_str("<root>");
    if ctx.heap.as_map(inner).is_some_and(|entries| !entries.is_empty()) {
        content(ctx.heap, ctx.zone, inner, &mut out, 1)?;
    } else {
        for item in ctx.heap.as_list(inner).unwrap_or_default() {
            element(ctx.heap, ctx.zone, ELEMENT, *item, &mut out, 1)?;
        }
    }
    out.push_str("</root>");
    ctx.charge(out.len() / 4);
    Ok(out)
}

fn element(
    heap: &Heap,
    zone: &TimeZone,
    name: &str,
    value: Value,
    out: &mut String,
    depth: usize,
) -> Run<()> {
    if depth > MAX_DEPTH {
        return Err(print::too_deep());
    }
    if let Some(items) = heap.as_list(heap.opened(value)).filter(|items| !items.is_empty()) {
        for item in items {
            let nested = heap.as_list(heap.opened(*item)).is_some_and(|items| !items.is_empty());
            if nested {
                out.push_str(&format!("<{name}>"));
                element(heap, zone, ELEMENT, *item, out, depth + 1)?;
                out.push_str(&format!("</{name}>"));
            } else {
                element(heap, zone, name, *item, out, depth + 1)?;
            }
        }
        return Ok(());
    }
    out.push_str(&format!("<{name}>"));
    content(heap, zone, value, out, depth + 1)?;
    out.push_str(&format!("</{name}>"));
    heap.reserve_text(out.len())
}

fn content(heap: &Heap, zone: &TimeZone, value: Value, out: &mut String, depth: usize) -> Run<()> {
    if let Some(entries) = heap.as_map(heap.opened(value)) {
        for (key, value) in entries {
            let name = name_of(&print::info_text(heap, zone, *key)?);
            element(heap, zone, &name, *value, out, depth)?;
        }
        return Ok(());
    }
    if !value.is_null() && heap.as_list(heap.opened(value)).is_none() {
        escape(&print::to_text(heap, zone, value)?, out);
    }
    Ok(())
}

/// A key as the name of an element.
fn name_of(key: &str) -> String {
    let mut name: String = key
        .chars()
        .map(|c| {
            if c.is_ascii_alphanumeric() || matches!(c, '_' | '-' | '.') || c.is_alphabetic() {
                c
            } else {
                '_'
            }
        })
        .collect();
    if !name.starts_with(|c: char| c.is_alphabetic() || c == '_') {
        name.insert(0, '_');
    }
    name
}

/// Appends text with what XML reserves written as entities; characters that XML cannot hold are left out.
pub(super) fn escape(text: &str, out: &mut String) {
    for c in text.chars() {
        match c {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '\t' | '\n' | '\r' => out.push(c),
            '\0'..='\u{1f}' | '\u{fffe}' | '\u{ffff}' => {}
            _ => out.push(c),
        }
    }
}

/// What a script gets of a node: of an element with elements in it, and of an attribute, their XML; of
/// anything else its text.
pub(super) fn of_item(source: &str, item: Item<'_>) -> String {
    let node = item.node;
    if let Some(at) = item.attribute {
        let Some(attribute) = node.attributes().nth(at) else { return String::new() };
        let mut out = format!("<{}>", attribute.name());
        escape(attribute.value(), &mut out);
        out.push_str(&format!("</{}>", attribute.name()));
        return out;
    }
    if node.is_root() {
        return of_item(source, Item { node: node.document().root_element(), attribute: None });
    }
    if !node.is_element() {
        return node.text().unwrap_or_default().to_owned();
    }
    if !node.children().any(|child| child.is_element()) {
        return node.descendants().filter(|n| n.is_text()).filter_map(|n| n.text()).collect();
    }
    of_element(source, item)
}

/// The XML of an element as it stands in its document, with the namespaces it needs on its own.
pub(super) fn of_element(source: &str, item: Item<'_>) -> String {
    let range = item.node.range();
    let written = source.get(range).unwrap_or_default();
    let name_end = written.find(|c: char| c.is_whitespace() || c == '>' || c == '/').unwrap_or(0);
    let start_tag = &written[..written.find('>').unwrap_or(0)];
    let mut out = written.get(..name_end).unwrap_or_default().to_owned();
    for namespace in item.node.namespaces().filter(|namespace| namespace.name() != Some("xml")) {
        let attribute = match namespace.name() {
            Some(prefix) => format!("xmlns:{prefix}="),
            None => "xmlns=".to_owned(),
        };
        if !start_tag.contains(&attribute) {
            let mut uri = String::new();
            escape(namespace.uri(), &mut uri);
            out.push_str(&format!(" {attribute}\"{}\"", uri.replace('"', "&quot;")));
        }
    }
    out.push_str(written.get(name_end..).unwrap_or_default());
    out
}

/// Reads a JSON text for [`of_value`].
pub(super) fn read_json(ctx: &mut Ctx<'_>, text: &str) -> Run<Value> {
    ctx.charge(text.len() / 4);
    json::parse(ctx.heap, text, json::Mode::Lenient).map_err(|fault| {
        Fault::new(codes::NOT_XML, format!("this text is neither XML nor JSON: {}", fault.message))
    })
}
