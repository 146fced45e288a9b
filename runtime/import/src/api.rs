//! One API as it grows: every reader adds its parts here, and names, escapes and order come out alike.

use crate::draft::Api;
use crate::names::{self, Taken};
use crate::prose;
use serde_json::{Map, Number, Value, json};

/// Most inputs of one API. Past it what may be left out is left out, so that a call stays readable.
const INPUTS: usize = 100;

/// What is known of an input.
#[derive(Debug, Clone, Default, PartialEq)]
pub(crate) struct Facts {
    /// The type in the words of a connector file; any if it is not known.
    pub(crate) kind: Option<&'static str>,
    pub(crate) description: Option<String>,
    pub(crate) required: bool,
    pub(crate) example: Option<Value>,
    pub(crate) default: Option<Value>,
    /// The only values that it takes.
    pub(crate) choices: Vec<Value>,
    /// Bounds of a number, or of how many characters or entries there are.
    pub(crate) min: Option<Number>,
    pub(crate) max: Option<Number>,
    /// What the entries of a list are, as JSON Schema.
    pub(crate) entries: Option<Value>,
}

impl Facts {
    /// Whether a value is one that is said to be taken: an example that is not would be refused.
    fn takes(&self, value: &Value) -> bool {
        let size = match value {
            Value::Number(number) => number.as_f64(),
            Value::String(text) => Some(text.chars().count() as f64),
            Value::Array(items) => Some(items.len() as f64),
            _ => None,
        };
        let within = |bound: &Option<Number>, fits: fn(f64, f64) -> bool| match (bound.as_ref(), size) {
            (Some(bound), Some(size)) => bound.as_f64().is_none_or(|bound| fits(size, bound)),
            _ => true,
        };
        let is_choice = self.choices.is_empty() || self.choices.contains(value);
        let is_kind = match self.kind {
            Some("number") => value.is_number(),
            Some("boolean") => value.is_boolean(),
            Some("list") => value.is_array() && self.entries.is_none(),
            _ => true,
        };
        is_choice
            && is_kind
            && within(&self.min, |size, min| size >= min)
            && within(&self.max, |size, max| size <= max)
    }

    /// Says of it nothing but that it is a text.
    pub(crate) fn make_text(&mut self) {
        let plain = Facts {
            kind: Some("text"),
            description: self.description.take(),
            required: self.required,
            ..Facts::default()
        };
        *self = plain;
    }

    /// Adds a sentence to the description.
    pub(crate) fn say(&mut self, sentence: &str) {
        let said = self.description.take().map(|text| {
            let end = if text.ends_with(['.', '!', '?', '…', ':']) { "" } else { "." };
            format!("{text}{end} {sentence}")
        });
        self.description = Some(said.unwrap_or_else(|| sentence.to_owned()));
    }
}

/// An API as it grows.
pub(crate) struct ApiBuilder {
    method: String,
    url: String,
    host: String,
    pub(crate) description: Option<String>,
    query: Map<String, Value>,
    headers: Map<String, Value>,
    cookies: Map<String, Value>,
    body: Option<(&'static str, Value)>,
    inputs: Map<String, Value>,
    /// How its answers are pages of a list.
    pub(crate) pagination: Option<Value>,
    /// How its answers are read.
    pub(crate) answer: Option<Value>,
    /// What scripts get of them.
    pub(crate) outputs: Option<Value>,
    /// What a call does, where more is known than its method tells.
    pub(crate) effect: Option<&'static str>,
    taken: Taken,
    pub(crate) notes: Vec<String>,
    pub(crate) scopes: Vec<(String, String)>,
    left_out: usize,
}

impl ApiBuilder {
    /// An API under an address. Names of the connection's variables are no names of inputs.
    pub(crate) fn new(method: &str, base: &str, host: &str, variables: &[Value]) -> Self {
        let mut taken = Taken::default();
        for name in variables.iter().filter_map(|variable| variable["name"].as_str()) {
            taken.reserve(name);
        }
        Self {
            method: method.to_owned(),
            url: base.trim_end_matches('/').to_owned(),
            host: host.to_owned(),
            description: None,
            query: Map::new(),
            headers: Map::new(),
            cookies: Map::new(),
            body: None,
            inputs: Map::new(),
            pagination: None,
            answer: None,
            outputs: None,
            effect: None,
            taken,
            notes: Vec::new(),
            scopes: Vec::new(),
            left_out: 0,
        }
    }

    pub(crate) fn note(&mut self, note: impl Into<String>) {
        let note = note.into();
        if !self.notes.contains(&note) {
            self.notes.push(note);
        }
    }

    /// Adds fixed text to the path.
    pub(crate) fn path_text(&mut self, text: &str) {
        for c in text.chars() {
            match c {
                'a'..='z' | 'A'..='Z' | '0'..='9' => self.url.push(c),
                c if "/-._~!$&'()*+,;=:@%".contains(c) => self.url.push(c),
                c => {
                    let mut buffer = [0; 4];
                    for byte in c.encode_utf8(&mut buffer).bytes() {
                        self.url.push_str(&format!("%{byte:02X}"));
                    }
                }
            }
        }
    }

    /// Adds an input to the path.
    pub(crate) fn path_input(&mut self, name: &str, facts: &Facts) {
        // `$${` would be a dollar sign and no placeholder.
        if self.url.ends_with('$') {
            self.url.pop();
            self.url.push_str("%24");
        }
        let slot = self.slot(name, &Facts { required: true, ..facts.clone() }, false);
        self.url.push_str(&slot);
    }

    /// Adds a fixed query parameter.
    pub(crate) fn query_text(&mut self, name: &str, value: &str) {
        self.query.entry(name).or_insert_with(|| Value::from(escaped(value)));
    }

    /// Adds a query parameter that is an input; the first of a name counts.
    pub(crate) fn query_input(&mut self, name: &str, facts: &Facts) {
        self.query_styled(name, facts, None);
    }

    /// The same, its lists and maps written in a style.
    pub(crate) fn query_styled(&mut self, name: &str, facts: &Facts, style: Option<&'static str>) {
        if !self.query.contains_key(name) && self.has_room(facts) {
            let slot = self.slot(name, facts, false);
            self.query.insert(name.to_owned(), styled(slot, style));
        }
    }

    /// Adds a cookie that is an input.
    pub(crate) fn cookie_input(&mut self, name: &str, facts: &Facts) {
        if !self.cookies.contains_key(name) && self.has_room(facts) {
            let slot = self.slot(name, facts, false);
            self.cookies.insert(name.to_owned(), Value::from(slot));
        }
    }

    /// The input that is the value of a query parameter.
    pub(crate) fn input_of_query(&self, name: &str) -> Option<String> {
        let slot = self.query.get(name)?.as_str()?.strip_prefix("${")?.strip_suffix('}')?;
        Some(slot.to_owned())
    }

    /// Whether a call without this input is refused.
    pub(crate) fn requires(&self, input: &str) -> bool {
        self.inputs.get(input).and_then(|input| input.get("required")) != Some(&Value::Bool(false))
    }

    /// Adds a fixed header.
    pub(crate) fn header_text(&mut self, name: &str, value: &str) {
        self.headers.insert(name.to_owned(), Value::from(escaped(value)));
    }

    /// Adds a header that is an input.
    pub(crate) fn header_input(&mut self, name: &str, facts: &Facts) {
        if self.headers.keys().any(|known| known.eq_ignore_ascii_case(name)) || !self.has_room(facts) {
            return;
        }
        let slot = self.slot(name, facts, false);
        self.headers.insert(name.to_owned(), Value::from(slot));
    }

    /// Adds an input to the body and gives its placeholder; `None` where there is no more room.
    pub(crate) fn body_input(&mut self, name: &str, facts: &Facts, json: bool) -> Option<String> {
        self.has_room(facts).then(|| self.slot(name, facts, json))
    }

    /// Sets the body: its form in the words of a connector file, and what stands there.
    pub(crate) fn set_body(&mut self, form: &'static str, content: Value) {
        self.body = Some((form, content));
    }

    /// Sets a body that is one input as a whole: a `text`, or `bytes` of a file. What it is goes into the header,
    /// unless that stands there already.
    pub(crate) fn set_whole_body(&mut self, form: &'static str, media_type: Option<&str>, facts: &Facts) {
        let is_named = self.headers.keys().any(|name| name.eq_ignore_ascii_case("content-type"));
        if let Some(media_type) = media_type.filter(|_| !is_named) {
            self.header_text("Content-Type", media_type);
        }
        let kind = Some(if form == "bytes" { "file" } else { "text" });
        if let Some(slot) = self.body_input("body", &Facts { kind, ..facts.clone() }, false) {
            self.set_body(form, Value::from(slot));
        }
    }

    fn has_room(&mut self, facts: &Facts) -> bool {
        let room = facts.required || self.inputs.len() < INPUTS;
        self.left_out += usize::from(!room);
        room
    }

    /// Declares an input; its placeholder. In a JSON body one that may be left out goes with its key.
    fn slot(&mut self, name: &str, facts: &Facts, json: bool) -> String {
        let name = self.taken.take(&names::placeholder(name));
        let mut input = Map::new();
        if let Some(kind) = facts.kind {
            input.insert("type".to_owned(), Value::from(kind));
        }
        if !facts.required {
            input.insert("required".to_owned(), Value::from(false));
            if json {
                input.insert("absent".to_owned(), Value::from("leave_out"));
            }
        }
        if let Some(description) = facts.description.as_deref().and_then(prose::one_line) {
            input.insert("description".to_owned(), Value::from(description));
        }
        if !facts.choices.is_empty() {
            input.insert("enum".to_owned(), Value::from(facts.choices.clone()));
        }
        for (field, bound) in [("min", &facts.min), ("max", &facts.max)] {
            if let Some(bound) = bound {
                input.insert(field.to_owned(), Value::Number(bound.clone()));
            }
        }
        if let Some(entries) = &facts.entries {
            input.insert("schema".to_owned(), json!({ "items": entries }));
        }
        for (field, value) in [("default", &facts.default), ("example", &facts.example)] {
            if let Some(value) = value.as_ref().filter(|value| is_presentable(value) && facts.takes(value)) {
                input.insert(field.to_owned(), value.clone());
            }
        }
        self.inputs.insert(name.clone(), Value::Object(input));
        format!("${{{name}}}")
    }

    /// The API.
    pub(crate) fn finish(mut self) -> Api {
        if self.left_out > 0 {
            let left_out = self.left_out;
            self.note(format!("left out: {left_out} more inputs, none of them required"));
        }
        let mut fields = Map::new();
        if let Some(description) = self.description.as_deref().and_then(prose::one_line) {
            fields.insert("description".to_owned(), Value::from(description));
        }
        fields.insert("method".to_owned(), Value::from(self.method.as_str()));
        fields.insert("url".to_owned(), Value::from(self.url));
        let of_method = match self.method.as_str() {
            "GET" | "HEAD" | "OPTIONS" | "PROPFIND" | "REPORT" => Some("read"),
            "DELETE" => Some("destructive"),
            _ => None,
        };
        if let Some(effect) = self.effect.or(of_method) {
            fields.insert("effect".to_owned(), Value::from(effect));
        }
        for (name, map) in [("query", self.query), ("headers", self.headers), ("cookies", self.cookies)] {
            if !map.is_empty() {
                fields.insert(name.to_owned(), Value::Object(map));
            }
        }
        if let Some((form, content)) = self.body {
            fields.insert("body".to_owned(), json!({ form: content }));
        }
        if !self.inputs.is_empty() {
            fields.insert("inputs".to_owned(), Value::Object(self.inputs));
        }
        let rest = [("pagination", self.pagination), ("answer", self.answer), ("outputs", self.outputs)];
        for (name, value) in rest {
            if let Some(value) = value {
                fields.insert(name.to_owned(), value);
            }
        }
        Api { fields, host: self.host, scopes: self.scopes, notes: self.notes }
    }
}

/// A placeholder whose lists and maps are written in a style.
pub(crate) fn styled(slot: String, style: Option<&'static str>) -> Value {
    match style {
        Some(style) => json!({ "value": slot, "style": style }),
        None => Value::from(slot),
    }
}

/// A text in which nothing is a placeholder.
pub(crate) fn escaped(text: &str) -> String {
    text.replace("${", "$${")
}

/// Whether a value is short enough to be shown and holds no names of its own, among which could be
/// those that a connector file refuses.
pub(crate) fn is_presentable(value: &Value) -> bool {
    let scalar = |value: &Value| match value {
        Value::String(text) => !text.is_empty() && text.len() <= 200,
        Value::Number(_) | Value::Bool(_) => true,
        _ => false,
    };
    match value {
        Value::Array(items) => !items.is_empty() && items.len() <= 8 && items.iter().all(scalar),
        other => scalar(other),
    }
}
