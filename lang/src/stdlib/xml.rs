//! XML: read, asked by XPath, cut into its elements. How it is written stands in `xml_write`.
//!
//! There is no kind of value for XML: it is text. Document types and entities from outside are refused,
//! so a document can neither grow nor reach out.

use super::args;
use super::xpath::{self, Answer, Refusal};
use super::{Builtin, Ctx, example, param, xml_write};
use crate::codes;
use crate::value::convert::quoted;
use crate::value::fault::{Fault, Run};
use crate::value::{Kind, Value};
use roxmltree::{Document, ParsingOptions};

/// What can be read as XML: text, and what becomes XML.
const SOURCES: &[Kind] = &[Kind::Text, Kind::Map, Kind::List, Kind::Empty, Kind::Collection];
/// What stands between several nodes.
pub(crate) const BETWEEN: &str = "-|-";

pub(super) const TABLE: &[Builtin] = &[
    Builtin {
        name: "executeXPath",
        aliases: &[],
        on: SOURCES,
        params: &[param("path", "text")],
        returns: "text or number or boolean or null",
        doc: "What an XPath leads to in an XML or JSON text: null if nothing, the text of one node, the texts of several joined by `-|-`. An element with elements in it, and an attribute, come as XML. JSON becomes XML first, with `<root>` around it, which a path may leave out. `for each` walks over the nodes one by one. Functions such as `count` give their value.",
        examples: &[
            example(r#""<a><b>1</b></a>".executeXPath("/a/b/text()")"#, "1"),
            example(r#""<a><b>1</b><b>2</b></a>".executeXPath("//b")"#, "1-|-2"),
            example(r#""<a><b>1</b></a>".executeXPath("/a")"#, "<a><b>1</b></a>"),
            example(r#""<user email='x@y'/>".executeXPath("/user/@email")"#, "<email>x@y</email>"),
            example(r#""{\"user\": {\"name\": \"Ada\"}}".executeXPath("/user/name")"#, "Ada"),
            example(r#""<a/>".executeXPath("/b")"#, "null"),
            example(r#""<a><b/><b/></a>".executeXPath("count(/a/b)")"#, "2"),
            example(r#""<a>".executeXPath("/a")"#, "fault E0421"),
            example(r#""<a/>".executeXPath("/a[")"#, "fault E0422"),
        ],
        run: execute,
    },
    Builtin {
        name: "toXML",
        aliases: &[],
        on: SOURCES,
        params: &[],
        returns: "text",
        doc: "The text as it is if it is XML, else a fault. A map, a list and a JSON text become XML: `<root>` around them, an element for each key, one for each thing in a list.",
        examples: &[
            example(r#""<a/>".toXML()"#, "<a/>"),
            example(
                r#"{"name": "A & B", "tag": {1, 2}}.toXML()"#,
                "<root><name>A &amp; B</name><tag>1</tag><tag>2</tag></root>",
            ),
            example(r#""plain".toXML()"#, "fault E0421"),
        ],
        run: |ctx, args| {
            let source = source(ctx, args, "toXML")?;
            with_document(ctx, &source.text, |_, _| Ok(()))?;
            Ok(ctx.heap.text_owned(source.text))
        },
    },
    Builtin {
        name: "toXmlList",
        aliases: &[],
        on: &[Kind::Text, Kind::Null],
        params: &[],
        returns: "list",
        doc: "The XML values in a text as a list: the elements that stand side by side in it, or what `executeXPath` joined by `-|-`. A text without XML is a list of itself, null an empty one.",
        examples: &[
            example(r#""<a/><b>1</b>".toXmlList().get(1)"#, "<b>1</b>"),
            example(r#""<a><b>1</b><b>2</b></a>".executeXPath("//b").toXmlList()"#, "1,2"),
            example(r#"toXmlList("x").size()"#, "1"),
            example("toXmlList(null).size()", "0"),
        ],
        run: to_list,
    },
];

/// XML text, and whether it was made of JSON.
struct Source {
    text: String,
    made: bool,
}

fn source(ctx: &mut Ctx<'_>, args: &[Value], name: &str) -> Run<Source> {
    if ctx.heap.kind(args[0]) != Kind::Text {
        return Ok(Source { text: xml_write::of_value(ctx, args[0])?, made: true });
    }
    let text = args::text(ctx, args, 0, name)?.trim().to_owned();
    if text.starts_with(['{', '[']) {
        let value = xml_write::read_json(ctx, &text)?;
        return Ok(Source { text: xml_write::of_value(ctx, value)?, made: true });
    }
    Ok(Source { text, made: false })
}

/// Bytes of memory for each node and attribute of a document, and for what goes with it.
const NODE: usize = 96;

/// Reads a document and does something with it.
fn with_document<T>(
    ctx: &mut Ctx<'_>,
    text: &str,
    act: impl FnOnce(&mut Ctx<'_>, &Document<'_>) -> Run<T>,
) -> Run<T> {
    let count = |byte: u8| text.bytes().filter(|b| *b == byte).count();
    let nodes = 2 * count(b'<') + count(b'=') + 2;
    ctx.heap.reserve(text.len().saturating_add(nodes.saturating_mul(NODE)))?;
    ctx.charge(text.len() / 4 + nodes);
    let options = ParsingOptions { allow_dtd: false, ..ParsingOptions::default() };
    let document = Document::parse_with_options(text, options).map_err(|error| {
        let start: String = text.chars().take(40).collect();
        let fault = Fault::new(codes::NOT_XML, format!("{} is not XML: {error}", quoted(&start)));
        match error {
            roxmltree::Error::DtdDetected => {
                fault.with_help("a document type can make a document grow without end; it is left out here")
            }
            _ => fault.with_help("an answer may be an error page; look at its status first"),
        }
    })?;
    act(ctx, &document)
}

fn execute(ctx: &mut Ctx<'_>, args: &[Value]) -> Run<Value> {
    let path = args::text(ctx, args, 1, "executeXPath")?.into_owned();
    let expr = xpath::parse(&path).map_err(|refusal| refused(&path, refusal))?;
    let source = source(ctx, args, "executeXPath")?;
    with_document(ctx, &source.text, |ctx, document| {
        let (mut answer, mut steps) = xpath::evaluate(&expr, document.root());
        if source.made && matches!(&answer, Ok(Answer::Nodes(nodes)) if nodes.is_empty()) {
            let (below, more) = xpath::evaluate(&expr, document.root_element());
            (answer, steps) = (below, steps + more);
        }
        ctx.charge(steps);
        match answer.map_err(|refusal| refused(&path, refusal))? {
            Answer::Bool(yes) => Ok(Value::Bool(yes)),
            Answer::Text(text) => {
                ctx.heap.reserve_text(text.len())?;
                Ok(ctx.heap.text_owned(text))
            }
            Answer::Number(None) => Ok(Value::Null),
            Answer::Number(Some(number)) => Ok(super::number::tidy(ctx, number)),
            Answer::Nodes(nodes) if nodes.is_empty() => Ok(Value::Null),
            Answer::Nodes(nodes) => {
                let mut out = String::new();
                for (at, item) in nodes.into_iter().enumerate() {
                    if at > 0 {
                        out.push_str(BETWEEN);
                    }
                    out.push_str(&xml_write::of_item(&source.text, item));
                    ctx.heap.reserve_text(out.len())?;
                }
                ctx.charge(out.len() / 4);
                Ok(ctx.heap.text_owned(out))
            }
        }
    })
}

fn refused(path: &str, refusal: Refusal) -> Box<Fault> {
    let path = quoted(path);
    match refusal {
        Refusal::Syntax(wanted, at) => Fault::new(
            codes::BAD_XPATH,
            format!("{path} is no XPath: {wanted} was expected at character {at}"),
        ),
        Refusal::Meaning(why) => Fault::new(codes::BAD_XPATH, format!("{path} cannot be followed: {why}")),
        Refusal::TooLong => Fault::new(codes::BAD_XPATH, format!("{path} looks at too many nodes"))
            .with_help("write the way down from the root instead of `//`, or ask for a smaller part first"),
    }
}

/// What `for each` walks over in a text that holds XML: its nodes, or the text itself if it only looks
/// like XML.
pub(crate) fn nodes(ctx: &mut Ctx<'_>, text: Value) -> Run<Value> {
    match to_list(ctx, &[text]) {
        Err(fault) if fault.code == codes::NOT_XML => Ok(ctx.heap.list(vec![text])),
        other => other,
    }
}

/// Cuts a text into XML values; one that holds none is one itself.
pub(super) fn to_list(ctx: &mut Ctx<'_>, args: &[Value]) -> Run<Value> {
    if args[0].is_null() {
        return Ok(ctx.heap.list(vec![]));
    }
    let text = args::text(ctx, args, 0, "toXmlList")?.into_owned();
    args::charge_text(ctx, 4 * text.len());
    if text.contains(BETWEEN) {
        ctx.heap.reserve(text.len() * 4 + (text.matches(BETWEEN).count() + 1) * 64)?;
        let parts = text.split(BETWEEN).map(|part| ctx.heap.text(part)).collect();
        return Ok(ctx.heap.list(parts));
    }
    let trimmed = text.trim();
    if !trimmed.starts_with('<') {
        return Ok(ctx.heap.list(vec![args[0]]));
    }
    let inside = match trimmed.strip_prefix("<?xml").and_then(|rest| rest.split_once("?>")) {
        Some((_, rest)) => rest,
        None => trimmed,
    };
    let wrapped = format!("<list>{inside}</list>");
    with_document(ctx, &wrapped, |ctx, document| {
        let elements = document.root_element().children().filter(|child| child.is_element());
        let mut parts = Vec::new();
        for node in elements {
            let xml = xml_write::of_element(&wrapped, xpath::Item { node, attribute: None });
            ctx.heap.reserve(xml.len())?;
            parts.push(ctx.heap.text_owned(xml));
        }
        Ok(ctx.heap.list(parts))
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::value::heap::Heap;
    use jiff::tz::TimeZone;

    fn asked(xml: &str, path: &str) -> (Run<String>, i64) {
        let mut heap = Heap::default();
        let args = [heap.text(xml), heap.text(path)];
        let mut fuel = i64::MAX;
        let zone = TimeZone::UTC;
        let answer = execute(&mut Ctx { heap: &mut heap, zone: &zone, fuel: &mut fuel }, &args);
        let answer = answer.map(|value| crate::value::print::info_text(&heap, &zone, value).unwrap());
        (answer, i64::MAX - fuel)
    }

    const SHOP: &str = r#"<shop xmlns:m="urn:m"><item id="1" kind="a"><name>Pen</name><price>2</price></item>
        <item id="2" kind="b"><name>Ink</name><price>12.5</price></item><m:item id="3"><name>Map &amp; co</name></m:item></shop>"#;

    #[test]
    fn paths_as_scripts_write_them() {
        for (path, expected) in [
            ("/shop/item[1]/name", "Pen"),
            ("/shop/item[last() - 1]/name/text()", "Ink"),
            ("//item[@id='2']/name", "Ink"),
            ("//item[price > 10]/@id", "<id>2</id>"),
            ("//item[name='Pen' and @kind]/price", "2"),
            ("//item[contains(name, 'a')]/name", "Map & co"),
            ("/shop/item/name | /shop/item/price", "Pen-|-2-|-Ink-|-12.5-|-Map & co"),
            ("count(//item)", "3"),
            ("sum(//price)", "14.5"),
            ("string(//item[2]/name)", "Ink"),
            ("//name[starts-with(., 'I')]", "Ink"),
            ("//m:item/name", "Map & co"),
            ("/shop/*[2]/name/../price", "12.5"),
            ("//price[. = 2]/preceding-sibling::name", "Pen"),
            ("//item[position() = 2]/following::name", "Map & co"),
            ("//item[not(price)]/@id", "<id>3</id>"),
            ("boolean(//nothing)", "false"),
            ("(//name)[2]", "Ink"),
            ("//item[1]/attribute::kind", "<kind>a</kind>"),
            ("concat(//item[1]/name, '-', 1 + 0.5 * 2)", "Pen-2"),
            ("normalize-space('  a  b ')", "a b"),
            ("substring('12345', 2, 3)", "234"),
            ("//item[price mod 2 = 0]/name", "Pen"),
            ("//nothing", "null"),
            ("//item[1]", r#"<item xmlns:m="urn:m" id="1" kind="a"><name>Pen</name><price>2</price></item>"#),
        ] {
            assert_eq!(asked(SHOP, path).0.unwrap(), expected, "{path}");
        }
    }

    #[test]
    fn paths_that_are_none_are_told_where() {
        for (path, part) in [
            ("/shop/[1]", "character"),
            ("//item[", "character"),
            ("count()", "0 arguments"),
            ("cuont(//item)", "`count`"),
            ("'a", "closing"),
            ("sideways::x", "axis"),
            ("", "character 1"),
            ("1/a", "no path below"),
        ] {
            let fault = asked(SHOP, path).0.unwrap_err();
            assert_eq!(fault.code, codes::BAD_XPATH, "{path}");
            assert!(fault.message.contains(part), "{path}: {}", fault.message);
        }
        let nested = "(".repeat(500);
        assert_eq!(asked(SHOP, &nested).0.unwrap_err().code, codes::BAD_XPATH);
    }

    #[test]
    fn entities_and_document_types_are_refused() {
        let bomb = r#"<!DOCTYPE a [<!ENTITY x "xxxxxxxxxx"><!ENTITY y "&x;&x;&x;">]><a>&y;</a>"#;
        let file = r#"<!DOCTYPE a [<!ENTITY x SYSTEM "file:///etc/passwd">]><a>&x;</a>"#;
        for xml in [bomb, file, "<a>&unknown;</a>"] {
            assert_eq!(asked(xml, "/a").0.unwrap_err().code, codes::NOT_XML);
        }
    }

    #[test]
    fn a_deep_document_is_read_without_a_stack() {
        let deep = "<a>".repeat(50_000) + &"</a>".repeat(50_000);
        let (answer, cost) = asked(&deep, "count(//a)");
        assert!(answer.is_ok() || answer.is_err_and(|fault| fault.code == codes::NOT_XML));
        assert!(cost > 10_000);
    }

    #[test]
    fn a_path_that_would_never_end_stops_and_is_paid_for() {
        let wide = format!("<r>{}</r>", "<a/>".repeat(3_000));
        let (answer, cost) = asked(&wide, "//*[count(//*[count(//*) > 0]) > 0]");
        let fault = answer.unwrap_err();
        assert_eq!(fault.code, codes::BAD_XPATH);
        assert!(fault.message.contains("too many"), "{}", fault.message);
        assert!(cost > 900_000, "{cost}");
    }
}
