//! How the answers of an operation are pages of a list: said by extensions of generators, or to be told
//! from its parameters and the schema of its answer. Only what can hardly mean anything else is taken; the
//! rest stays a note ([`super::hints`]).

use super::schema;
use crate::api::ApiBuilder;
use crate::document::{Document, entries, items};
use serde_json::{Map, Value, json};

/// Levels of schemas that are made of others.
const DEPTH: usize = 6;
/// Query parameters that take a mark of the next page, in lower case without `_`, `-` and `$`.
const CURSORS: &[&str] = &[
    "cursor",
    "pagetoken",
    "nexttoken",
    "nextpagetoken",
    "pagecursor",
    "marker",
    "continuationtoken",
    "continuation",
    "paginationtoken",
    "after",
    "startingafter",
    "page[after]",
    "page[cursor]",
    "offset",
    "page",
    "next",
    "fromcursor",
];
/// Where such a mark stands in an answer, written alike.
const NEXT_MARKS: &[&str] = &[
    "nextcursor",
    "nextpagetoken",
    "nexttoken",
    "nextmarker",
    "nextpagecursor",
    "nextcontinuationtoken",
    "endcursor",
    "aftercursor",
];
/// Where the address of the next page stands.
const NEXT_URLS: &[&str] =
    &["nextlink", "@odata.nextlink", "odata.nextlink", "nextpageuri", "nextpageurl", "nexturl", "nexthref"];
/// Parts of an answer that are about the list.
const ABOUT: &[&str] = &[
    "meta",
    "metadata",
    "pagination",
    "paging",
    "pageinfo",
    "page",
    "responsemetadata",
    "nextpage",
    "links",
    "additionaldata",
    "cursors",
];
const PAGES: &[&str] = &["page", "pagenumber", "page[number]", "pageno"];
const OFFSETS: &[&str] = &["offset", "skip", "startat", "startindex", "page[offset]"];
const SIZES: &[&str] = &[
    "limit",
    "perpage",
    "pagesize",
    "maxresults",
    "maxitems",
    "count",
    "size",
    "first",
    "top",
    "pagelen",
    "page[size]",
    "page[limit]",
    "itemsperpage",
];
/// Flags that are true while more pages follow.
const MORE: &[&str] = &["hasmore", "hasnextpage", "hasnext", "morerecords"];
/// Lists that are not what was asked for.
const ASIDE: &[&str] =
    &["errors", "warnings", "links", "included", "messages", "facets", "fields", "columns"];

/// The `pagination` of a connector file, where it can be told. `parameters` are those of the query with
/// their schemas, as far as the API takes them.
pub(super) fn pagination(
    document: &Document,
    operation: &Value,
    parameters: &[(String, Value)],
    api: &ApiBuilder,
) -> Option<Value> {
    let seen = Seen { document, parameters, api, answer: Answer::of(document, operation) };
    let style = seen
        .pageable(operation)
        .or_else(|| seen.speakeasy(operation))
        .or_else(|| seen.link(operation))
        .or_else(|| seen.next_url())
        .or_else(|| seen.cursor())
        .or_else(|| seen.counted())?;
    let mut all = style;
    if !all.contains_key("rows")
        && let Some(rows) = seen.answer.as_ref().and_then(|answer| answer.rows.clone())
        && rows != "$"
    {
        all.insert("rows".to_owned(), Value::from(rows));
    }
    if !all.contains_key("page_size")
        && let Some(size) = seen.page_size()
    {
        all.insert("page_size".to_owned(), size);
    }
    Some(Value::Object(all))
}

/// What is known of the answer.
struct Answer {
    /// Where the list stands; `$` where the answer is the list.
    rows: Option<String>,
    /// Paths of scalars by their names without case and marks, those about the list included.
    scalars: Vec<(String, String)>,
}

struct Seen<'a> {
    document: &'a Document,
    parameters: &'a [(String, Value)],
    api: &'a ApiBuilder,
    answer: Option<Answer>,
}

type Style = Map<String, Value>;

fn style(name: &str, content: Value) -> Style {
    Map::from_iter([(name.to_owned(), content)])
}

impl Seen<'_> {
    /// The input of the first parameter of one of these names; its schema.
    fn parameter(&self, names: &[&str]) -> Option<(String, &Value)> {
        names.iter().find_map(|name| {
            let (written, schema) = self.parameters.iter().find(|(written, _)| plain(written) == *name)?;
            Some((self.api.input_of_query(written)?, schema))
        })
    }

    fn counts(&self, schema: &Value) -> bool {
        matches!(schema::kind(self.document, schema), Some("number"))
    }

    fn has_rows(&self) -> bool {
        self.answer.as_ref().is_some_and(|answer| answer.rows.is_some())
    }

    fn scalar(&self, names: &[&str]) -> Option<String> {
        let answer = self.answer.as_ref()?;
        let mut fitting = answer.scalars.iter().filter(|(name, _)| names.contains(&name.as_str()));
        let (_, path) = fitting.next()?;
        // Of two that fit nobody knows which one is meant.
        fitting.next().is_none().then(|| path.clone())
    }

    fn page_size(&self) -> Option<Value> {
        let (input, schema) = self.parameter(SIZES).filter(|(_, schema)| self.counts(schema))?;
        let mut size = style("input", Value::from(input));
        let most = self.document.resolved(schema).get("maximum").and_then(Value::as_u64);
        if let Some(most) = most.filter(|most| (1..=1_000_000).contains(most)) {
            size.insert("at_most".to_owned(), Value::from(most));
        }
        Some(Value::Object(size))
    }

    /// `x-ms-pageable: { nextLinkName: nextLink, itemName: value }`.
    fn pageable(&self, operation: &Value) -> Option<Style> {
        let told = operation.get("x-ms-pageable")?;
        let next = told.get("nextLinkName").and_then(Value::as_str)?;
        let mut found = style("next_url", json!({ "at": path_of(&[next]) }));
        let rows = told.get("itemName").and_then(Value::as_str).unwrap_or("value");
        found.insert("rows".to_owned(), Value::from(path_of(&[rows])));
        Some(found)
    }

    /// `x-speakeasy-pagination: { type, inputs: [{ name, in, type }], outputs: { results, nextCursor, … } }`.
    fn speakeasy(&self, operation: &Value) -> Option<Style> {
        let told = operation.get("x-speakeasy-pagination")?;
        let output = |name: &str| {
            let path = told.get("outputs")?.get(name)?.as_str()?;
            path.parse::<sluis_model::answer_path::AnswerPath>().ok().map(|path| path.to_string())
        };
        let input = |kind: &str| {
            let fits = |input: &&Value| {
                input.get("type").and_then(Value::as_str) == Some(kind)
                    && input.get("in").and_then(Value::as_str) == Some("parameters")
            };
            let name = items(told.get("inputs")).find(fits)?.get("name")?.as_str()?;
            self.api.input_of_query(name)
        };
        let mut found = match told.get("type").and_then(Value::as_str)? {
            "cursor" => style("cursor", json!({ "input": input("cursor")?, "at": output("nextCursor")? })),
            "url" => style("next_url", json!({ "at": output("nextUrl")? })),
            "offsetLimit" => match (input("page"), input("offset")) {
                (Some(page), _) => {
                    let mut page = style("input", Value::from(page));
                    page.extend(output("numPages").map(|total| ("total".to_owned(), Value::from(total))));
                    style("page", Value::Object(page))
                }
                (None, offset) => style("offset", json!({ "input": offset? })),
            },
            _ => return None,
        };
        let rows = output("results");
        let counts = found.contains_key("page") || found.contains_key("offset");
        if counts && rows.is_none() && !self.has_rows() {
            return None;
        }
        found.extend(rows.filter(|rows| rows != "$").map(|rows| ("rows".to_owned(), Value::from(rows))));
        found.extend(input("limit").map(|input| ("page_size".to_owned(), json!({ "input": input }))));
        Some(found)
    }

    /// A `Link` header beside a list.
    fn link(&self, operation: &Value) -> Option<Style> {
        let response = success(self.document, operation)?;
        let named = entries(response.get("headers")).any(|(name, _)| name.eq_ignore_ascii_case("link"));
        (named && self.has_rows()).then(|| style("link", json!({})))
    }

    fn next_url(&self) -> Option<Style> {
        let at = self.scalar(NEXT_URLS).filter(|_| self.has_rows())?;
        Some(style("next_url", json!({ "at": at })))
    }

    fn cursor(&self) -> Option<Style> {
        let at = self.scalar(NEXT_MARKS).filter(|_| self.has_rows())?;
        let (input, _) = self.parameter(CURSORS)?;
        if self.api.requires(&input) {
            return None;
        }
        let mut found = style("cursor", json!({ "input": input, "at": at }));
        found.extend(self.scalar(MORE).map(|more| ("more".to_owned(), Value::from(more))));
        Some(found)
    }

    /// A number or an offset, beside a size and a list.
    fn counted(&self) -> Option<Style> {
        self.page_size().filter(|_| self.has_rows())?;
        let number = |names: &[&str]| self.parameter(names).filter(|(_, schema)| self.counts(schema));
        match (number(PAGES), number(OFFSETS)) {
            (Some((input, schema)), None) => {
                let schema = self.document.resolved(schema);
                let zero = |name: &str| schema.get(name).and_then(Value::as_u64) == Some(0);
                let mut page = style("input", Value::from(input));
                // The lowest number that is allowed may only be one that does no harm; a default is used.
                if zero("default") || (zero("minimum") && schema.get("default").is_none()) {
                    page.insert("first".to_owned(), Value::from(0));
                }
                Some(style("page", Value::Object(page)))
            }
            (None, Some((input, _))) => Some(style("offset", json!({ "input": input }))),
            _ => None,
        }
    }
}

impl Answer {
    fn of(document: &Document, operation: &Value) -> Option<Self> {
        let schema = answer_schema(document, success(document, operation)?)?;
        let is_list = |schema: &Value| schema::kind(document, schema) == Some("list");
        if is_list(schema) {
            return Some(Self { rows: Some("$".to_owned()), scalars: Vec::new() });
        }
        let mut properties = Vec::new();
        gather(document, schema, DEPTH, &mut properties);
        let lists: Vec<&str> = properties
            .iter()
            .filter(|(name, schema)| is_list(schema) && !ASIDE.contains(&plain(name).as_str()))
            .map(|(name, _)| *name)
            .collect();
        let rows = if let [only] = lists.as_slice() { Some(path_of(&[only])) } else { None };
        let mut scalars = Vec::new();
        for (name, schema) in &properties {
            if ABOUT.contains(&plain(name).as_str()) {
                let mut inner = Vec::new();
                gather(document, schema, DEPTH, &mut inner);
                scalars.extend(
                    inner
                        .iter()
                        .map(|(inner, schema)| (meant(document, inner, schema), path_of(&[name, inner]))),
                );
            }
            if !is_list(schema) {
                scalars.push((meant(document, name, schema), path_of(&[name])));
            }
        }
        Some(Self { rows, scalars })
    }
}

/// The plain name of a property; a `next` that is an address is called so.
fn meant(document: &Document, name: &str, schema: &Value) -> String {
    let is_address =
        matches!(document.resolved(schema).get("format").and_then(Value::as_str), Some("uri" | "url"));
    if is_address && name.eq_ignore_ascii_case("next") { "nexturl".to_owned() } else { plain(name) }
}

/// The answer of an operation that went well.
fn success<'a>(document: &'a Document, operation: &'a Value) -> Option<&'a Value> {
    let responses = operation.get("responses");
    let found = entries(responses).find(|(status, _)| matches!(status.as_str(), "200" | "2XX" | "2xx"));
    let found = found.or_else(|| entries(responses).find(|(status, _)| status.as_str() == "default"))?;
    Some(document.resolved(found.1))
}

/// Its schema as JSON; in Swagger 2.0 it stands at the answer itself.
fn answer_schema<'a>(document: &'a Document, response: &'a Value) -> Option<&'a Value> {
    let json = entries(response.get("content")).find(|(kind, _)| {
        let bare = kind.split(';').next().unwrap_or_default().trim().to_ascii_lowercase();
        bare == "application/json" || bare.ends_with("+json") || bare == "*/*"
    });
    let schema = json.and_then(|(_, content)| content.get("schema")).or_else(|| response.get("schema"))?;
    Some(document.resolved(schema))
}

/// The properties of an answer, those of its parts included.
fn gather<'a>(
    document: &'a Document,
    schema: &'a Value,
    depth: usize,
    found: &mut Vec<(&'a str, &'a Value)>,
) {
    let Some(depth) = depth.checked_sub(1) else { return };
    let schema = document.resolved(schema);
    for (name, property) in entries(schema.get("properties")) {
        if !found.iter().any(|(known, _)| known == name) {
            found.push((name, property));
        }
    }
    for part in items(schema.get("allOf")) {
        gather(document, part, depth, found);
    }
}

/// A name without case and without what separates its words.
fn plain(name: &str) -> String {
    name.chars().filter(|c| !matches!(c, '_' | '-' | '$')).flat_map(char::to_lowercase).collect()
}

/// Keys as a place in an answer.
fn path_of(keys: &[&str]) -> String {
    let quoted: String =
        keys.iter().map(|key| format!("['{}']", key.replace('\\', "\\\\").replace('\'', "\\'"))).collect();
    quoted.parse::<sluis_model::answer_path::AnswerPath>().map_or(quoted, |path| path.to_string())
}
