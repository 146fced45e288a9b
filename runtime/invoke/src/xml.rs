//! XML bodies: a document whose texts and values of attributes hold placeholders. A parser says when the
//! definition is compiled where these are; a value is escaped for its place and cannot leave it.

use crate::definition_error::DefinitionFault;
use crate::evaluate::{self, Filled};
use roxmltree::{Document, Node};
use serde_json::Value;
use sluis_auth::template::text_of;
use sluis_model::template::{Braces, Expression, Segment, Template};
use std::ops::Range;

/// A document with placeholders.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct XmlTemplate(Vec<Part>);

#[derive(Debug, Clone, PartialEq)]
enum Part {
    /// As it is written.
    Literal(String),
    /// A text between tags.
    Text(Template),
    /// A space, a name, a value: nothing of it where the value is one placeholder and absent.
    Attribute { lead: String, value: Template, quote: String },
    /// An element that is all one placeholder: once for each entry of a list, and not at all where there is
    /// nothing.
    Element { start: Vec<Part>, slot: Expression, end: String },
}

/// A part of the source that is not literal.
struct Spot {
    range: Range<usize>,
    part: Part,
}

impl XmlTemplate {
    /// Compiles the document of a definition.
    pub(crate) fn compile(source: &str) -> Result<Self, DefinitionFault> {
        let bad = |why: String| DefinitionFault::BadXml { why };
        let document = Document::parse(source).map_err(|error| bad(error.to_string()))?;
        let declaration = source.split("?>").next().unwrap_or_default().to_ascii_lowercase();
        if declaration.contains("encoding") && !declaration.contains("utf-8") {
            return Err(bad("it is sent as UTF-8, but declares another encoding".to_owned()));
        }
        let mut spots = Vec::new();
        collect(source, document.root_element(), true, &mut spots)?;
        spots.sort_by_key(|spot| spot.range.start);
        let parts = between(source, 0..source.len(), spots);
        let stray = |part: &Part| matches!(part, Part::Literal(text) if text.contains("${"));
        if parts.iter().any(stray) {
            let why = "a placeholder stands in a text or in the value of an attribute, nowhere else";
            return Err(bad(why.to_owned()));
        }
        Ok(Self(parts))
    }

    /// Tells every expression.
    pub(crate) fn visit_slots<'a>(&'a self, visit: &mut dyn FnMut(&'a Expression)) {
        visit_parts(&self.0, visit);
    }

    /// Writes the document; `fill` gives what stands for a placeholder.
    ///
    /// # Errors
    /// The placeholder whose value has no place in XML, and why.
    pub(crate) fn write<'v>(
        &self,
        fill: &dyn Fn(&Expression) -> Filled<'v>,
    ) -> Result<String, (String, &'static str)> {
        let mut out = String::new();
        write_parts(&self.0, &mut out, fill)?;
        Ok(out)
    }
}

fn visit_parts<'a>(parts: &'a [Part], visit: &mut dyn FnMut(&'a Expression)) {
    for part in parts {
        match part {
            Part::Literal(_) => {}
            Part::Text(template) | Part::Attribute { value: template, .. } => {
                template.slots().for_each(&mut *visit)
            }
            Part::Element { start, slot, .. } => {
                visit_parts(start, visit);
                visit(slot);
            }
        }
    }
}

/// Finds what holds placeholders at an element and below it.
fn collect(
    source: &str,
    element: Node<'_, '_>,
    is_root: bool,
    spots: &mut Vec<Spot>,
) -> Result<(), DefinitionFault> {
    let slice = |range: &Range<usize>| source.get(range.clone()).unwrap_or_default();
    let mut own = Vec::new();
    for attribute in element.attributes() {
        let value = attribute.range_value();
        if !slice(&value).contains("${") {
            continue;
        }
        // What comes before the name belongs to it: it goes where the attribute goes.
        let before = slice(&(0..attribute.range().start));
        let start = before.trim_end().len();
        let template = evaluate::template(slice(&value), Braces::Dollar)?;
        let quote = slice(&(value.end..value.end + 1)).to_owned();
        let lead = slice(&(start..value.start)).to_owned();
        own.push(Spot {
            range: start..value.end + 1,
            part: Part::Attribute { lead, value: template, quote },
        });
    }
    if let Some(text) =
        element.first_child().filter(|child| child.is_text() && child.next_sibling().is_none())
        && !is_root
        && let Ok(template) = evaluate::template(slice(&text.range()), Braces::Dollar)
        && let Some(slot) = template.sole_slot()
    {
        let (whole, inner) = (element.range(), text.range());
        own.sort_by_key(|spot| spot.range.start);
        let start = between(source, whole.start..inner.start, own);
        let end = slice(&(inner.end..whole.end)).to_owned();
        spots.push(Spot { range: whole, part: Part::Element { start, slot: slot.clone(), end } });
        return Ok(());
    }
    spots.extend(own);
    for child in element.children() {
        if child.is_element() {
            collect(source, child, false, spots)?;
        } else if child.is_text() && slice(&child.range()).contains("${") {
            let text = slice(&child.range());
            if text.contains("<![CDATA[") {
                let why = "a placeholder stands beside CDATA; write the text without it, values are escaped";
                return Err(DefinitionFault::BadXml { why: why.to_owned() });
            }
            let template = evaluate::template(text, Braces::Dollar)?;
            spots.push(Spot { range: child.range(), part: Part::Text(template) });
        }
    }
    Ok(())
}

/// The spots of a range, in order, and the source between them.
fn between(source: &str, range: Range<usize>, spots: Vec<Spot>) -> Vec<Part> {
    let mut parts = Vec::new();
    let mut at = range.start;
    let literal = |parts: &mut Vec<Part>, from: usize, to: usize| {
        let text = source.get(from..to).unwrap_or_default();
        if !text.is_empty() {
            parts.push(Part::Literal(text.to_owned()));
        }
    };
    for spot in spots {
        literal(&mut parts, at, spot.range.start);
        at = spot.range.end;
        parts.push(spot.part);
    }
    literal(&mut parts, at, range.end);
    parts
}

fn write_parts<'v>(
    parts: &[Part],
    out: &mut String,
    fill: &dyn Fn(&Expression) -> Filled<'v>,
) -> Result<(), (String, &'static str)> {
    for part in parts {
        match part {
            Part::Literal(text) => out.push_str(text),
            Part::Text(template) => write_template(template, out, false, fill)?,
            Part::Attribute { lead, value, quote } => {
                let absent =
                    value.sole_slot().is_some_and(|slot| matches!(fill(slot), filled if filled.is_absent()));
                if !absent {
                    out.push_str(lead);
                    write_template(value, out, true, fill)?;
                    out.push_str(quote);
                }
            }
            Part::Element { start, slot, end } => {
                let filled = fill(slot);
                let entries: Vec<&Value> = match &filled {
                    Filled::Value(value) => match value.as_ref() {
                        Value::Array(items) => items.iter().filter(|item| !item.is_null()).collect(),
                        Value::Null => Vec::new(),
                        one => vec![one],
                    },
                    Filled::Files(_) => Vec::new(),
                };
                for entry in entries {
                    write_parts(start, out, fill)?;
                    push_escaped(out, &text_of(entry), false).map_err(|why| (slot.to_string(), why))?;
                    out.push_str(end);
                }
            }
        }
    }
    Ok(())
}

fn write_template<'v>(
    template: &Template,
    out: &mut String,
    in_attribute: bool,
    fill: &dyn Fn(&Expression) -> Filled<'v>,
) -> Result<(), (String, &'static str)> {
    for segment in template.segments() {
        match segment {
            // The author has escaped what needs to be.
            Segment::Literal(text) => out.push_str(text),
            Segment::Slot(slot) => push_escaped(out, &fill(slot).as_text(), in_attribute)
                .map_err(|why| (slot.to_string(), why))?,
        }
    }
    Ok(())
}

/// Writes a value for its place (XML 1.0 sections 2.2, 2.4 and 3.3.3). Line ends are written as references,
/// so that a parser does not make others of them.
fn push_escaped(out: &mut String, text: &str, in_attribute: bool) -> Result<(), &'static str> {
    for c in text.chars() {
        match c {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' if in_attribute => out.push_str("&quot;"),
            '\'' if in_attribute => out.push_str("&apos;"),
            '\r' => out.push_str("&#13;"),
            '\n' if in_attribute => out.push_str("&#10;"),
            '\t' if in_attribute => out.push_str("&#9;"),
            '\t' | '\n' | ' '..='\u{D7FF}' | '\u{E000}'..='\u{FFFD}' | '\u{10000}'..='\u{10FFFF}' => {
                out.push(c)
            }
            _ => return Err("holds a character that XML cannot carry"),
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;
    use std::borrow::Cow;

    fn written(source: &str, data: &Value) -> Result<String, (String, &'static str)> {
        let template = XmlTemplate::compile(source).unwrap();
        template.write(&|slot| {
            let value = data.get(slot.as_name().unwrap_or_default());
            Filled::Value(value.map_or(Cow::Owned(Value::Null), Cow::Borrowed))
        })
    }

    #[test]
    fn values_stand_in_texts_and_attributes_and_leave_neither() {
        let source =
            "<?xml version=\"1.0\"?>\n<s:a xmlns:s='urn:x' b = \"${b}\"><!-- c -->Hi ${t}!<d/></s:a>";
        let data = json!({"b": "\"/><evil a='", "t": "]]></a><evil>&amp;"});
        let out = written(source, &data).unwrap();
        let document = Document::parse(&out).unwrap();
        let root = document.root_element();
        assert_eq!(root.attribute("b"), Some("\"/><evil a='"));
        let text: String =
            root.children().filter(|child| child.is_text()).filter_map(|child| child.text()).collect();
        assert_eq!(text, "Hi ]]></a><evil>&amp;!");
        assert_eq!(root.children().filter(Node::is_element).count(), 1);
    }

    #[test]
    fn an_element_that_is_all_one_placeholder_follows_its_value() {
        let source = "<a><tag k=\"${k}\">${tags}</tag><n>${n}</n><m>x${n}</m></a>";
        let two = json!({"tags": ["x", null, "<"], "k": "1"});
        assert_eq!(
            written(source, &two).unwrap(),
            "<a><tag k=\"1\">x</tag><tag k=\"1\">&lt;</tag><m>x</m></a>"
        );
        assert_eq!(
            written(source, &json!({"tags": 7, "n": "y"})).unwrap(),
            "<a><tag>7</tag><n>y</n><m>xy</m></a>"
        );
        assert_eq!(written("<a>${n}</a>", &json!({"n": ["x", "y"]})).unwrap(), "<a>[\"x\",\"y\"]</a>");
    }

    #[test]
    fn what_is_no_document_or_has_placeholders_elsewhere_is_refused() {
        for (source, why) in [
            ("<a>", "root"),
            ("<a><${t}/></a>", "invalid"),
            ("<a><!-- ${t} --></a>", "nowhere else"),
            ("<a xmlns=\"${t}\"/>", "nowhere else"),
            ("<?p ${t}?><a/>", "nowhere else"),
            ("<a><![CDATA[${t}]]></a>", "CDATA"),
            ("<a><b>x<![CDATA[${t}]]></b></a>", "nowhere else"),
            ("<a>${t</a>", "not a placeholder"),
            ("<?xml version='1.0' encoding='latin1'?><a/>", "UTF-8"),
            ("<!DOCTYPE a [<!ENTITY e 'x'>]><a>&e;</a>", "DTD"),
        ] {
            let said = XmlTemplate::compile(source).unwrap_err().to_string();
            assert!(said.contains(why), "{source}: {said}");
        }
        let (name, why) = written("<a><b>${t}</b></a>", &json!({"t": "\u{0}"})).unwrap_err();
        assert_eq!((name.as_str(), why), ("t", "holds a character that XML cannot carry"));
    }
}
