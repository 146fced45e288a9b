//! Request bodies: JSON, forms, and forms with files.

use super::schema::{self, Property};
use crate::api::{ApiBuilder, Facts};
use crate::document::{Document, entries, text};
use serde_json::{Map, Value};

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
    let Some((form, media_type, media)) = preferred(&content) else {
        let offered: Vec<&str> = content.iter().map(|(name, _)| name.as_str()).collect();
        return match (offered.is_empty(), required) {
            (true, _) => Ok(()),
            (false, false) if method == "DELETE" || schema_is_empty(document, &content) => {
                api.note(format!(
                    "the body is left out: it would be {}, which cannot be said",
                    offered.join(" or ")
                ));
                Ok(())
            }
            _ => Err(format!("its body is {}, which a connector file cannot say", offered.join(" or "))),
        };
    };
    let body = Body { document, media, required, description: text(body, "description") };
    match form {
        Form::Json => body.json(media_type, api),
        Form::Fields => body.form(api),
        Form::Parts => body.parts(api),
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
}

/// The form of those offered that says most.
fn preferred<'a>(content: &[(&'a String, &'a Value)]) -> Option<(Form, &'a str, &'a Value)> {
    let known = content.iter().filter_map(|(name, media)| Some((form_of(name)?, name.as_str(), *media)));
    known.min_by_key(|(form, name, _)| match form {
        Form::Json if name.starts_with("application/json") => 0,
        Form::Json if *name != "*/*" => 1,
        Form::Fields => 2,
        Form::Parts => 3,
        Form::Json => 4,
    })
}

fn form_of(media_type: &str) -> Option<Form> {
    let plain = media_type.split(';').next().unwrap_or_default().trim().to_ascii_lowercase();
    match plain.as_str() {
        "application/json" | "text/json" | "*/*" | "application/*" | "application/x-json" => Some(Form::Json),
        "application/x-www-form-urlencoded" => Some(Form::Fields),
        // The last is not registered, and yet found in files.
        "multipart/form-data" | "multipart/*" | "application/form-data" => Some(Form::Parts),
        other if other.ends_with("+json") => Some(Form::Json),
        _ => None,
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
                facts.kind = None;
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
                facts.kind = Some("text");
            }
            if let Some(slot) = api.body_input(property.name, &facts, true) {
                content.insert(property.name.replace("${", "$${"), Value::from(slot));
            }
        }
        api.set_body("json", Value::Object(content));
    }

    fn form(self, api: &mut ApiBuilder) {
        let mut content = Map::new();
        match self.properties() {
            Some(properties) => {
                for property in properties {
                    let facts = self.facts(&property);
                    self.form_field(property.name, property.schema, facts, FORM_DEPTH, &mut content, api);
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
        name: &str,
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
                self.form_field(&name, property.schema, inner, depth - 1, content, api);
            }
            return;
        }
        if facts.kind == Some("list") {
            api.note(format!("`{name}` is a list in a form, which cannot be said: one text can be given"));
        }
        if matches!(facts.kind, Some("list" | "map" | "file")) {
            facts.kind = Some("text");
        }
        if !content.contains_key(name)
            && let Some(slot) = api.body_input(name, &facts, false)
        {
            content.insert(name.to_owned(), Value::from(slot));
        }
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
                api.note(format!(
                    "`{}` takes several files, which cannot be said: one can be given",
                    property.name
                ));
                facts.kind = Some("file");
            }
            if let Some(slot) = api.body_input(property.name, &facts, false) {
                content.insert(property.name.to_owned(), Value::from(slot));
            }
        }
        if !content.is_empty() {
            api.set_body("multipart", Value::Object(content));
        }
    }
}
