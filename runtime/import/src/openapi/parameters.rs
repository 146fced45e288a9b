//! Parameters in path, query, header and cookie, with the styles in which lists and maps are written.

use super::schema;
use crate::api::{ApiBuilder, Facts};
use crate::document::{Document, items, text};
use serde_json::Value;

/// Headers that OpenAPI says are none of a parameter's business, and those of the transport.
const NOT_PARAMETERS: &[&str] = &[
    "accept",
    "content-type",
    "authorization",
    "host",
    "content-length",
    "transfer-encoding",
    "connection",
    "keep-alive",
    "te",
    "trailer",
    "upgrade",
    "expect",
    "cookie",
    "accept-encoding",
];

/// A parameter.
pub(super) struct Parameter<'a> {
    pub(super) name: String,
    pub(super) place: String,
    value: &'a Value,
}

/// Parameters of an operation: its own win over those of its path. What cannot be found is noted.
pub(super) fn of<'a>(
    document: &'a Document,
    item: &'a Value,
    operation: &'a Value,
    notes: &mut Vec<String>,
) -> Vec<Parameter<'a>> {
    let mut found: Vec<Parameter<'a>> = Vec::new();
    for value in items(item.get("parameters")).chain(items(operation.get("parameters"))) {
        let value = match document.resolve(value) {
            Ok(value) => value,
            Err(why) => {
                notes.push(format!("a parameter is not described: {why}"));
                continue;
            }
        };
        let (Some(name), Some(place)) = (text(value, "name"), text(value, "in")) else { continue };
        found.retain(|other| other.name != name || other.place != place);
        found.push(Parameter { name, place, value });
    }
    // What must be given stands before what may be.
    found.sort_by_key(|parameter| !parameter.is_required());
    found
}

impl<'a> Parameter<'a> {
    pub(super) fn is_required(&self) -> bool {
        self.place == "path" || self.value.get("required") == Some(&Value::Bool(true))
    }

    /// Its schema; Swagger 2.0 writes that into the parameter itself.
    pub(super) fn schema(&self) -> &'a Value {
        let content = || crate::document::entries(self.value.get("content")).next()?.1.get("schema");
        self.value.get("schema").or_else(content).unwrap_or(self.value)
    }

    /// What is known of it as one value.
    pub(super) fn facts(&self, document: &Document) -> Facts {
        let mut facts = schema::facts(document, self.schema(), self.is_required());
        if let Some(own) = text(self.value, "description").filter(|_| self.value.get("schema").is_some()) {
            let schema_says = facts.description.take();
            facts.description = crate::prose::one_line(&own);
            let adds = |more: &String| more.starts_with("One of ") || more.starts_with("The service takes");
            if let Some(more) = schema_says.filter(adds) {
                facts.say(&more);
            }
        }
        facts.example = schema::example(document, self.value).or(facts.example);
        if facts.kind == Some("file") {
            facts.make_text();
        }
        facts
    }

    fn style(&self) -> String {
        let collection = text(self.value, "collectionFormat");
        let of_swagger = collection.map(|format| match format.as_str() {
            "ssv" => "spaceDelimited".to_owned(),
            "pipes" => "pipeDelimited".to_owned(),
            "tsv" => "tabDelimited".to_owned(),
            "multi" => "form".to_owned(),
            _ => "simple".to_owned(),
        });
        let usual = if self.place == "query" { "form" } else { "simple" };
        text(self.value, "style").or(of_swagger).unwrap_or_else(|| usual.to_owned())
    }

    /// Whether the values of a list stand each under the name.
    fn explodes(&self) -> bool {
        match (self.value.get("explode"), self.value.get("collectionFormat")) {
            (Some(Value::Bool(explode)), _) => *explode,
            (_, Some(format)) => format == "multi",
            _ if self.value.get("schema").is_none() && self.value.get("content").is_none() => false,
            _ => self.style() == "form" || self.style() == "deepObject",
        }
    }

    /// Adds it to the query.
    pub(super) fn into_query(self, document: &Document, api: &mut ApiBuilder) {
        let mut facts = self.facts(document);
        let is_json = self.value.get("content").is_some();
        match facts.kind {
            Some("map") if !is_json => self.map_into_query(document, facts, api),
            Some("list") if !is_json => match self.list_style(document) {
                Some(style) => api.query_styled(&self.name, &facts, Some(style)),
                None => {
                    self.as_list(&mut facts);
                    api.query_input(&self.name, &facts);
                }
            },
            _ => api.query_input(&self.name, &facts),
        }
    }

    /// How a list is written in a query, where a connector file has that style.
    fn list_style(&self, document: &Document) -> Option<&'static str> {
        let of = document.resolved(self.schema()).get("items");
        let nests =
            of.and_then(|of| schema::kind(document, of)).is_some_and(|kind| matches!(kind, "map" | "list"));
        match self.style().as_str() {
            _ if nests => None,
            "deepObject" => Some("indices"),
            "form" | "spaceDelimited" | "pipeDelimited" if self.explodes() => Some("repeat"),
            "form" | "simple" => Some("comma"),
            "spaceDelimited" => Some("space"),
            "pipeDelimited" => Some("pipe"),
            _ => None,
        }
    }

    /// A map becomes an input for each of its properties, or one in brackets where these are not known.
    fn map_into_query(self, document: &Document, mut facts: Facts, api: &mut ApiBuilder) {
        let deep = self.style() == "deepObject";
        let Some(properties) = schema::properties(document, self.schema()).filter(|_| self.explodes()) else {
            if deep {
                return api.query_styled(&self.name, &facts, Some("deep"));
            }
            let style = self.style();
            api.note(format!("`{}` is a map in style {style}, which cannot be said: give it as the text that the service wants", self.name));
            facts.make_text();
            facts.say("A map, written as the service wants it.");
            return api.query_input(&self.name, &facts);
        };
        for property in properties {
            let required = property.required && facts.required;
            let of_property = schema::facts(document, property.schema, required);
            let name =
                if deep { format!("{}[{}]", self.name, property.name) } else { property.name.to_owned() };
            let style = match of_property.kind {
                Some("list") => Some("repeat"),
                Some("map") => Some("deep"),
                _ => None,
            };
            api.query_styled(&name, &of_property, style);
        }
    }

    /// A list becomes a text with what stands between its values.
    pub(super) fn as_list(&self, facts: &mut Facts) {
        let example = match &facts.example {
            Some(Value::Array(values)) => match values.as_slice() {
                [Value::String(only)] => Some(Value::from(only.as_str())),
                _ => None,
            },
            other => other.clone(),
        };
        facts.description = facts.description.as_deref().and_then(crate::prose::one_line);
        facts.make_text();
        facts.example = example;
        let between = match self.style().as_str() {
            "spaceDelimited" => "spaces",
            "pipeDelimited" => "`|`",
            "tabDelimited" => "tabs",
            _ => "commas",
        };
        facts.say(&format!("Several values with {between} between them."));
    }

    /// Adds it to the cookies, or says why it cannot be given.
    pub(super) fn into_cookie(self, document: &Document, api: &mut ApiBuilder) {
        let plain = |c: u8| c.is_ascii_alphanumeric() || c == b'-' || c == b'_';
        if self.name.is_empty() || !self.name.bytes().all(plain) {
            return api.note(format!("the cookie `{}` is left out: that is not the name of one", self.name));
        }
        let mut facts = self.facts(document);
        if matches!(facts.kind, Some("list" | "map")) {
            self.as_list(&mut facts);
        }
        api.cookie_input(&self.name, &facts);
    }

    /// Adds it to the headers, or says why it cannot be given.
    pub(super) fn into_header(self, document: &Document, api: &mut ApiBuilder) {
        let lower = self.name.to_ascii_lowercase();
        let token = |b: u8| b.is_ascii_alphanumeric() || b"!#$%&'*+-.^_`|~".contains(&b);
        if NOT_PARAMETERS.contains(&lower.as_str()) || lower.starts_with("proxy-") {
            return;
        }
        if lower.is_empty() || !lower.bytes().all(token) {
            return api.note(format!("the header `{}` is left out: that is not the name of one", self.name));
        }
        let mut facts = self.facts(document);
        if facts.kind == Some("list") {
            self.as_list(&mut facts);
        }
        api.header_input(&self.name, &facts);
    }
}
