//! YAML as a tree in which every value knows its place, and a cursor that walks it.

use crate::problem::{Problem, at_place};
use crate::source::Source;
use serde::de::{Deserialize, Deserializer, MapAccess, SeqAccess, Visitor};
use serde_json::{Map, Number, Value};
use serde_saphyr::{Location, Spanned};
use std::fmt;

/// Most bytes of a connector file.
const MAX_BYTES: usize = 1024 * 1024;

/// Where something stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Place {
    pub(crate) line: u32,
    pub(crate) column: u32,
    pub(crate) width: u32,
}

impl Place {
    const START: Place = Place { line: 1, column: 1, width: 1 };

    fn of(location: Location) -> Self {
        let number = |n: u64| u32::try_from(n).unwrap_or(u32::MAX).max(1);
        Self {
            line: number(location.line()),
            column: number(location.column()),
            width: number(location.span().len()),
        }
    }
}

/// A value with its place.
pub(crate) struct Node {
    pub(crate) kind: Kind,
    place: Place,
}

/// A value.
pub(crate) enum Kind {
    Null,
    Bool(bool),
    Number(Number),
    Text(String),
    List(Vec<Node>),
    Map(Vec<Entry>),
}

/// A name and what stands under it.
pub(crate) struct Entry {
    name: String,
    place: Place,
    node: Node,
}

/// Parses a file.
pub(crate) fn parse(source: &Source<'_>) -> Result<Node, Box<Problem>> {
    let refuse = |place: Place, message: String, help: Option<&str>| {
        Box::new(at_place(source, place, "", message, help.map(str::to_owned)))
    };
    if source.text.len() > MAX_BYTES {
        return Err(refuse(Place::START, "the file has more than 1 MiB".to_owned(), None));
    }
    if source.text.trim().is_empty() {
        let help = "a connector begins with `sluis: 1` and `namespace: NAME`";
        return Err(refuse(Place::START, "the file is empty".to_owned(), Some(help)));
    }
    let options = serde_saphyr::options! {
        strict_booleans: true,
        legacy_octal_numbers: false,
        leading_zero_numbers_as_strings: true,
        with_snippet: false,
        budget: serde_saphyr::budget! {
            max_nodes: 20_000,
            max_depth: 64,
            max_documents: 1,
            max_anchors: 1_000,
            max_aliases: 1_000,
            max_total_scalar_bytes: MAX_BYTES,
        },
    };
    serde_saphyr::from_str_with_options::<Node>(source.text, options).map_err(|error| {
        let place = error.location().map_or(Place::START, Place::of);
        // The parser says the place a second time at the end; ours stands before the message.
        let said = error.without_snippet().to_string();
        let said = said.lines().next().unwrap_or_default();
        if let Some(name) = said.split_once("duplicate mapping key: ").map(|(_, rest)| rest) {
            let name = name.split([',', ' ']).next().unwrap_or_default();
            let message = format!("the name `{name}` stands twice in one map");
            return refuse(place, message, Some("keep one of them"));
        }
        let message = said.split(" at line ").next().unwrap_or(said);
        let message = message.trim_start_matches("error: ").to_owned();
        refuse(Place { width: 1, ..place }, format!("this is not YAML that can be read: {message}"), None)
    })
}

impl<'de> Deserialize<'de> for Node {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let spanned = Spanned::<Kind>::deserialize(deserializer)?;
        Ok(Self { kind: spanned.value, place: Place::of(spanned.referenced) })
    }
}

impl<'de> Deserialize<'de> for Kind {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(KindVisitor)
    }
}

struct KindVisitor;

impl<'de> Visitor<'de> for KindVisitor {
    type Value = Kind;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a value")
    }

    fn visit_unit<E>(self) -> Result<Kind, E> {
        Ok(Kind::Null)
    }

    fn visit_none<E>(self) -> Result<Kind, E> {
        Ok(Kind::Null)
    }

    fn visit_some<D: Deserializer<'de>>(self, deserializer: D) -> Result<Kind, D::Error> {
        Kind::deserialize(deserializer)
    }

    fn visit_newtype_struct<D: Deserializer<'de>>(self, deserializer: D) -> Result<Kind, D::Error> {
        Kind::deserialize(deserializer)
    }

    fn visit_bool<E>(self, value: bool) -> Result<Kind, E> {
        Ok(Kind::Bool(value))
    }

    fn visit_i64<E>(self, value: i64) -> Result<Kind, E> {
        Ok(Kind::Number(value.into()))
    }

    fn visit_u64<E>(self, value: u64) -> Result<Kind, E> {
        Ok(Kind::Number(value.into()))
    }

    fn visit_f64<E>(self, value: f64) -> Result<Kind, E> {
        // Infinities have no JSON form; as a text they fail where a number is wanted.
        Ok(Number::from_f64(value).map_or_else(|| Kind::Text(value.to_string()), Kind::Number))
    }

    fn visit_str<E>(self, value: &str) -> Result<Kind, E> {
        Ok(Kind::Text(value.to_owned()))
    }

    fn visit_string<E>(self, value: String) -> Result<Kind, E> {
        Ok(Kind::Text(value))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut access: A) -> Result<Kind, A::Error> {
        let mut items = Vec::new();
        while let Some(item) = access.next_element()? {
            items.push(item);
        }
        Ok(Kind::List(items))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut access: A) -> Result<Kind, A::Error> {
        let mut entries = Vec::new();
        while let Some(key) = access.next_key::<Spanned<String>>()? {
            let node = access.next_value()?;
            entries.push(Entry { name: key.value, place: Place::of(key.referenced), node });
        }
        Ok(Kind::Map(entries))
    }
}

/// A value, the way to it, and the place of its name.
#[derive(Clone)]
pub(crate) struct Cursor<'a> {
    node: &'a Node,
    path: String,
    name: &'a str,
    key: Option<Place>,
}

impl<'a> Cursor<'a> {
    pub(crate) fn root(node: &'a Node) -> Self {
        Self { node, path: String::new(), name: "", key: None }
    }

    /// `apis.pushcontact.url`; empty at the root.
    pub(crate) fn path(&self) -> &str {
        &self.path
    }

    /// The name under which the value stands; empty in a list and at the root.
    pub(crate) fn name(&self) -> &'a str {
        self.name
    }

    /// Where to point: at a text or number itself, at the name of a map or list.
    pub(crate) fn place(&self) -> Place {
        match (&self.node.kind, self.key) {
            (Kind::Map(_) | Kind::List(_) | Kind::Null, Some(key)) => key,
            (Kind::Map(_) | Kind::List(_), None) => Place { width: 1, ..self.node.place },
            _ => self.node.place,
        }
    }

    /// Where its name stands.
    pub(crate) fn key_place(&self) -> Place {
        self.key.unwrap_or_else(|| self.place())
    }

    pub(crate) fn kind(&self) -> &'a Kind {
        &self.node.kind
    }

    pub(crate) fn text(&self) -> Option<&'a str> {
        match &self.node.kind {
            Kind::Text(text) => Some(text),
            _ => None,
        }
    }

    /// What stands under a name.
    pub(crate) fn get(&self, name: &str) -> Option<Cursor<'a>> {
        self.entries().find(|entry| entry.name == name)
    }

    /// All named values of a map; none if it is no map.
    pub(crate) fn entries(&self) -> impl Iterator<Item = Cursor<'a>> + use<'a> {
        let path = self.path.clone();
        let entries: &'a [Entry] = match &self.node.kind {
            Kind::Map(entries) => entries,
            _ => &[],
        };
        entries.iter().map(move |entry| Cursor {
            node: &entry.node,
            path: if path.is_empty() { entry.name.clone() } else { format!("{path}.{}", entry.name) },
            name: &entry.name,
            key: Some(entry.place),
        })
    }

    /// All values of a list; none if it is no list.
    pub(crate) fn items(&self) -> impl Iterator<Item = Cursor<'a>> + use<'a> {
        let path = self.path.clone();
        let items: &'a [Node] = match &self.node.kind {
            Kind::List(items) => items,
            _ => &[],
        };
        items.iter().enumerate().map(move |(at, node)| Cursor {
            node,
            path: format!("{path}[{at}]"),
            name: "",
            key: None,
        })
    }

    /// The value that a JSON pointer's steps lead to.
    pub(crate) fn follow<'s>(&self, steps: impl Iterator<Item = &'s str>) -> Option<Cursor<'a>> {
        let mut here = Cursor { node: self.node, path: self.path.clone(), name: self.name, key: self.key };
        for step in steps {
            here = match &here.node.kind {
                Kind::List(_) => here.items().nth(step.parse().ok()?)?,
                _ => here.get(step)?,
            };
        }
        Some(here)
    }

    /// The value without places.
    pub(crate) fn to_json(&self) -> Value {
        self.node.to_json()
    }
}

impl Node {
    fn to_json(&self) -> Value {
        match &self.kind {
            Kind::Null => Value::Null,
            Kind::Bool(value) => Value::Bool(*value),
            Kind::Number(value) => Value::Number(value.clone()),
            Kind::Text(text) => Value::String(text.clone()),
            Kind::List(items) => Value::Array(items.iter().map(Node::to_json).collect()),
            Kind::Map(entries) => Value::Object(
                entries.iter().map(|e| (e.name.clone(), e.node.to_json())).collect::<Map<_, _>>(),
            ),
        }
    }
}
