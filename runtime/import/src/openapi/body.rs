//! Request bodies: JSON, forms, forms with files, texts and files.

use super::schema::{self, Property};
use crate::api::{ApiBuilder, Facts, styled};
use crate::document::{Document, entries, text};
use serde_json::{Map, Value, json};

/// Levels of a form's maps that become names with brackets.
const FORM_DEPTH: usize = 4;

/// Adds the body of an operation.
///
/// # Errors
/// Why the operation cannot be called.
pub(super) fn add(
    document: &Document,
    operation: &Value,
    method: &str,
    api: &mut ApiBuilder,
) -> Result<(), String> {
    let Some(body) = operation.get("requestBody").filter(|body| !body.is_null()) else { return Ok(()) };
    let body = document.resolve(body).map_err(|why| format!("its body is not described: {why}"))?;
    let required = body.get("required") == Some(&Value::Bool(true));
    let content: Vec<(&String, &Value)> = entries(body.get("content")).collect();
    if matches!(method, "GET" | "HEAD" | "OPTIONS") {
        if required {
            return Err(format!("it wants a body, and {method} requests have none"));
        }
        if !schema_is_empty(document, &content) {
            api.note(format!("the body is left out: {method} requests have none"));
        }
        return Ok(());
    }
    let Some((form, media_type, media)) = preferred(document, &content) else { return Ok(()) };
    let body = Body { document, media, required, description: text(body, "description") };
    match form {
        Form::Json => body.json(media_type, api),
        Form::Fields => body.form(api),
        Form::Parts => body.parts(api),
        Form::Text => body.whole("text", media_type, api),
        Form::Bytes => body.whole("bytes", media_type, api),
    }
    Ok(())
}

/// Whether nothing is said of the content, so that nothing is lost with it.
fn schema_is_empty(document: &Document, content: &[(&String, &Value)]) -> bool {
    content.iter().all(|(_, media)| {
        let Some(schema) = media.get("schema").map(|schema| document.resolved(schema)) else { return true };
        schema.as_object().is_none_or(Map::is_empty)
            || schema.get("properties").is_some_and(|properties| *properties == Value::Object(Map::new()))
    })
}

#[derive(Clone, Copy, PartialEq)]
enum Form {
    Json,
    Fields,
    Parts,
    /// As it is written: XML, CSV, lines of JSON.
    Text,
    /// A file that is the whole body.
    Bytes,
}

/// The form of those offered that says most.
fn preferred<'a>(
    document: &Document,
    content: &[(&'a String, &'a Value)],
) -> Option<(Form, &'a str, &'a Value)> {
    let all = content.iter().map(|(name, media)| (form_of(document, name, media), name.as_str(), *media));
    all.min_by_key(|(form, name, _)| match form {
        Form::Json if name.starts_with("application/json") => 0,
        Form::Json if *name != "*/*" => 1,
        Form::Fields => 2,
        Form::Parts => 3,
        Form::Json => 4,
        Form::Text => 5,
        Form::Bytes => 6,
    })
}

fn form_of(document: &Document, media_type: &str, media: &Value) -> Form {
    let plain = media_type.split(';').next().unwrap_or_default().trim().to_ascii_lowercase();
    let kind = media.get("schema").and_then(|schema| schema::kind(document, schema));
    match plain.as_str() {
        "*/*" | "application/*" if kind == Some("file") => Form::Bytes,
        "application/json" | "text/json" | "*/*" | "application/*" | "application/x-json" => Form::Json,
        "application/x-www-form-urlencoded" => Form::Fields,
        // The last is not registered, and yet found in files.
        "multipart/form-data" | "multipart/*" | "application/form-data" => Form::Parts,
        // Newlines between JSON texts, in the several names that they have.
        "application/x-ndjson" | "application/ndjson" | "application/jsonl" | "application/x-jsonlines" => {
            Form::Text
        }
        "application/xml"
        | "application/graphql"
        | "application/sql"
        | "application/x-yaml"
        | "application/yaml" => Form::Text,
        other if other.ends_with("+json") => Form::Json,
        other if other.ends_with("+xml") || other.ends_with("+yaml") => Form::Text,
        other if other.starts_with("text/") && kind != Some("file") => Form::Text,
        _ => Form::Bytes,
    }
}

struct Body<'a> {
    document: &'a Document,
    media: &'a Value,
    required: bool,
    description: Option<String>,
}

impl<'a> Body<'a> {
    fn schema(&self) -> &'a Value {
        self.media.get("schema").unwrap_or(&Value::Null)
    }

    /// The properties, those that must be given first.
    fn properties(&self) -> Option<Vec<Property<'a>>> {
        let mut properties = schema::properties(self.document, self.schema())?;
        properties.sort_by_key(|property| !property.required);
        Some(properties)
    }

    /// What the example of the whole body says of a property.
    fn example_of(&self, name: &str) -> Option<Value> {
        let whole = schema::example(self.document, self.media)
            .or_else(|| schema::example(self.document, self.document.resolved(self.schema())))?;
        whole.get(name).cloned()
    }

    fn facts(&self, property: &Property<'_>) -> Facts {
        let mut facts = schema::facts(self.document, property.schema, property.required && self.required);
        facts.example = facts.example.or_else(|| self.example_of(property.name));
        facts
    }

    fn json(self, media_type: &str, api: &mut ApiBuilder) {
        if !media_type.starts_with("application/json") && !media_type.contains('*') {
            api.header_text("Content-Type", media_type);
        }
        let Some(properties) = self.properties() else {
            let mut facts = schema::facts(self.document, self.schema(), self.required);
            facts.description = self.description.clone().or(facts.description);
            if facts.kind == Some("file") {
                facts =
                    Facts { description: facts.description, required: facts.required, ..Facts::default() };
            }
            facts.example = None;
            if let Some(slot) = api.body_input("body", &facts, false) {
                api.set_body("json", Value::from(slot));
            }
            return;
        };
        let mut content = Map::new();
        for property in properties {
            let mut facts = self.facts(&property);
            // Bytes in JSON are text in base64.
            if facts.kind == Some("file") {
                facts.make_text();
            }
            if let Some(slot) = api.body_input(property.name, &facts, true) {
                content.insert(property.name.replace("${", "$${"), Value::from(slot));
            }
        }
        api.set_body("json", Value::Object(content));
    }

    /// A body that is one input as a whole.
    fn whole(self, form: &'static str, media_type: &str, api: &mut ApiBuilder) {
        let mut facts = schema::facts(self.document, self.schema(), self.required);
        facts.make_text();
        facts.description = self.description.clone().or(facts.description);
        if form == "text" {
            let example = schema::example(self.document, self.media);
            facts.example = example.filter(|example| example.is_string());
            facts.say(&format!("The whole body, as {media_type}."));
        }
        api.set_whole_body(form, (!media_type.contains('*')).then_some(media_type), &facts);
    }

    /// How the description says that a property with several values is written.
    fn style_of(&self, name: &str, kind: Option<&str>) -> Option<&'static str> {
        let encoding = self.media.get("encoding").and_then(|all| all.get(name));
        let style = encoding.and_then(|encoding| text(encoding, "style"));
        let explodes = encoding.and_then(|encoding| encoding.get("explode")).and_then(Value::as_bool);
        match (kind, style.as_deref(), explodes) {
            (Some("list"), Some("deepObject"), _) => Some("indices"),
            (Some("list"), None | Some("form"), Some(false)) => Some("comma"),
            (Some("list"), Some("spaceDelimited"), None | Some(false)) => Some("space"),
            (Some("list"), Some("pipeDelimited"), None | Some(false)) => Some("pipe"),
            (Some("list"), ..) => Some("repeat"),
            (Some("map"), ..) => Some("brackets"),
            _ => None,
        }
    }

    fn form(self, api: &mut ApiBuilder) {
        let mut content = Map::new();
        match self.properties() {
            Some(properties) => {
                for property in properties {
                    let facts = self.facts(&property);
                    let top = property.name;
                    self.form_field((top, top), property.schema, facts, FORM_DEPTH, &mut content, api);
                }
            }
            None if self.required => {
                api.note("the fields of the form are not described: add them under `body`")
            }
            None => {}
        }
        if !content.is_empty() {
            api.set_body("form", Value::Object(content));
        }
    }

    /// A field of a form; a map is written as `name[key]`, which is what `deepObject` means and what
    /// services with maps in forms take.
    fn form_field(
        &self,
        (top, name): (&str, &str),
        schema: &'a Value,
        mut facts: Facts,
        depth: usize,
        content: &mut Map<String, Value>,
        api: &mut ApiBuilder,
    ) {
        if matches!(facts.kind, Some("map") | None)
            && depth > 0
            && let Some(properties) = schema::properties(self.document, schema)
        {
            for property in properties {
                let required = property.required && facts.required;
                let inner = schema::facts(self.document, property.schema, required);
                let name = format!("{name}[{}]", property.name);
                self.form_field((top, &name), property.schema, inner, depth - 1, content, api);
            }
            return;
        }
        if facts.kind == Some("file") {
            facts.make_text();
        }
        let nests = self
            .document
            .resolved(schema)
            .get("items")
            .is_some_and(|of| matches!(schema::kind(self.document, of), Some("map" | "list") | None));
        let style = match self.style_of(top, facts.kind) {
            // Maps in a list have no other place than behind their number.
            Some("repeat") if nests => Some("indices"),
            style => style,
        };
        if !content.contains_key(name)
            && let Some(slot) = api.body_input(name, &facts, false)
        {
            content.insert(name.to_owned(), styled(slot, style));
        }
    }

    /// The media type of a part, where the description names one and no choice of them.
    fn type_of(&self, name: &str) -> Option<&'a str> {
        let named = self.media.get("encoding")?.get(name)?.get("contentType")?.as_str()?;
        (!named.contains([',', '*']) && named.contains('/')).then_some(named)
    }

    fn parts(self, api: &mut ApiBuilder) {
        let mut content = Map::new();
        let Some(properties) = self.properties() else {
            let facts = Facts {
                kind: Some("file"),
                required: self.required,
                description: self.description,
                ..Facts::default()
            };
            api.note("the parts are not described: `file` is a guess");
            if let Some(slot) = api.body_input("file", &facts, false) {
                content.insert("file".to_owned(), Value::from(slot));
                api.set_body("multipart", Value::Object(content));
            }
            return;
        };
        for property in properties {
            let mut facts = self.facts(&property);
            let items = self.document.resolved(property.schema).get("items");
            if facts.kind == Some("list")
                && items.and_then(|items| schema::kind(self.document, items)) == Some("file")
            {
                facts.make_text();
                facts.kind = Some("file");
                facts.say("A file, or a list of files.");
            }
            let is_whole = facts.kind == Some("map");
            if let Some(slot) = api.body_input(property.name, &facts, false) {
                let part = match self.type_of(property.name).or(is_whole.then_some("application/json")) {
                    Some(media_type) => json!({ "value": slot, "content_type": media_type }),
                    None => Value::from(slot),
                };
                content.insert(property.name.to_owned(), part);
            }
        }
        if !content.is_empty() {
            api.set_body("multipart", Value::Object(content));
        }
    }
}
