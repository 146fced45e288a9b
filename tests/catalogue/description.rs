//! A provider's own OpenAPI description, cut down to what a connector uses of it: large ones have thousands
//! of operations, and a validator wants minutes for them.

use serde_json::{Map, Value, json};
use std::collections::BTreeSet;

const METHODS: &[&str] = &["get", "post", "put", "patch", "delete", "head", "options"];

/// A description, or what was cut out of it.
pub struct Description(Value);

/// One operation of a description.
pub struct Operation<'a> {
    description: &'a Description,
    shared: &'a Value,
    own: &'a Value,
}

impl Description {
    pub fn new(document: Value) -> Self {
        Self(document)
    }

    /// The document itself.
    pub fn document(&self) -> &Value {
        &self.0
    }

    /// The same with its operations at another address, whatever its servers are: at a gateway, say.
    pub fn at(mut self, base: Option<&str>) -> Self {
        let Some(base) = base else { return self };
        let names = base.split('{').skip(1).filter_map(|rest| rest.split('}').next());
        let parameter =
            |name| json!({"name": name, "in": "path", "required": true, "schema": {"type": "string"}});
        let parameters: Vec<_> = names.map(parameter).collect();
        self.0["servers"] = json!([{"url": base}]);
        for (_, item) in self.0["paths"].as_object_mut().into_iter().flatten() {
            let known = item["parameters"].as_array().into_iter().flatten().chain(&parameters);
            item["parameters"] = known.cloned().collect();
        }
        self
    }

    /// The same without a word on credentials.
    pub fn without_security(mut self) -> Self {
        let document = self.0.as_object_mut().into_iter();
        document.for_each(|document| drop(document.remove("security")));
        for (_, item) in self.0["paths"].as_object_mut().into_iter().flatten() {
            for (_, operation) in item.as_object_mut().into_iter().flatten() {
                operation.as_object_mut().map(|operation| operation.remove("security"));
            }
        }
        self
    }

    /// Only the operations at these places, each at its whole path: a description says apart what its
    /// servers' addresses end with. Answers are left out, since requests are what is looked at.
    pub fn cut(&self, wanted: &[(String, String)]) -> Self {
        let mut paths = Map::new();
        for (path, item) in self.0["paths"].as_object().into_iter().flatten() {
            for method in METHODS.iter().filter(|method| item.get(**method).is_some()) {
                for whole in self.bases(item, &item[*method]).iter().flat_map(|base| spelt(base, path)) {
                    if wanted.iter().any(|(of, concrete)| of == method && fits(&whole, concrete).is_some()) {
                        let kept = paths.entry(whole).or_insert_with(|| json!({}));
                        kept[*method] = request_of(&item[*method]);
                        kept["parameters"] = item.get("parameters").cloned().unwrap_or(json!([]));
                    }
                }
            }
        }
        let mut cut = json!({"openapi": self.0["openapi"], "info": {"title": "cut", "version": "1"}});
        if let Some(security) = self.0.get("security") {
            cut["security"] = security.clone();
        }
        if let Some(schemes) = self.0.pointer("/components/securitySchemes") {
            cut["components"]["securitySchemes"] = schemes.clone();
        }
        cut["paths"] = Value::Object(paths);
        self.with_what_is_referred_to(cut).wanting_no_keys_twice()
    }

    /// Some list the places of a credential among the parameters of each call: that is the scheme's part.
    fn wanting_no_keys_twice(mut self) -> Self {
        let schemes = self.0.pointer("/components/securitySchemes").and_then(Value::as_object);
        let keys =
            schemes.into_iter().flat_map(|schemes| schemes.values()).filter(|one| one["type"] == "apiKey");
        let keys: Vec<_> = keys.map(|scheme| [scheme["in"].clone(), scheme["name"].clone()]).collect();
        parameters(&mut self.0, &mut |parameter| {
            if keys.contains(&[parameter["in"].clone(), parameter["name"].clone()]) {
                parameter["required"] = json!(false);
            }
        });
        self
    }

    /// What paths of the servers begin with: those of the operation, else of its path, else of all.
    fn bases(&self, item: &Value, operation: &Value) -> BTreeSet<String> {
        let places = [operation, item, &self.0].map(|place| place.get("servers").and_then(Value::as_array));
        let servers = places.into_iter().flatten().find(|servers| !servers.is_empty());
        let Some(servers) = servers else { return BTreeSet::from([String::new()]) };
        servers.iter().map(base_path).collect()
    }

    fn with_what_is_referred_to(&self, mut cut: Value) -> Self {
        let mut waiting = references(&cut);
        let mut known = BTreeSet::new();
        while let Some(pointer) = waiting.pop() {
            if !known.insert(pointer.clone()) {
                continue;
            }
            let target = self.0.pointer(&pointer).unwrap_or_else(|| panic!("nothing at {pointer}")).clone();
            waiting.extend(references(&target));
            let mut place = &mut cut;
            for step in pointer.trim_start_matches('/').split('/') {
                let step = step.replace("~1", "/").replace("~0", "~");
                place = &mut place[step];
            }
            *place = target;
        }
        Self(cut)
    }

    /// The operation that a request goes to: of those whose path fits, the one with the most letters that
    /// are no parameter.
    pub fn operation(&self, method: &str, path: &str) -> Option<Operation<'_>> {
        let paths = self.0["paths"].as_object()?.iter();
        let fitting = paths.filter_map(|(template, item)| Some((fits(template, path)?, item)));
        let fitting = fitting.filter(|(_, item)| item.get(method).is_some());
        let (_, item) = fitting.max_by_key(|(letters, _)| *letters)?;
        Some(Operation { description: self, shared: &item["parameters"], own: &item[method] })
    }

    /// What a reference refers to, or the value itself.
    pub fn resolved<'a>(&'a self, value: &'a Value) -> &'a Value {
        let pointer = value["$ref"].as_str().and_then(|reference| reference.strip_prefix('#'));
        match pointer.and_then(|pointer| self.0.pointer(pointer)) {
            Some(target) => self.resolved(target),
            None => value,
        }
    }
}

impl<'a> Operation<'a> {
    /// Names of the query parameters that it knows.
    pub fn query(&self) -> BTreeSet<&'a str> {
        let lists = [self.shared, &self.own["parameters"]].into_iter().filter_map(Value::as_array).flatten();
        let parameters = lists.map(|parameter| self.description.resolved(parameter));
        parameters.filter(|known| known["in"] == "query").filter_map(|known| known["name"].as_str()).collect()
    }

    /// The schema of its body of a media type, if it says what that holds.
    pub fn body(&self, media_type: &str) -> Option<&'a Value> {
        let named = self.content().find(|(known, _)| known.split(';').next() == Some(media_type));
        named.map(|(_, of)| &of["schema"])
    }

    /// The first schema of its body, whatever the media type.
    pub fn any_body(&self) -> Option<&'a Value> {
        self.content().next().map(|(_, of)| &of["schema"])
    }

    fn content(&self) -> impl Iterator<Item = (&'a String, &'a Value)> {
        let body = self.description.resolved(&self.own["requestBody"]);
        body["content"].as_object().into_iter().flatten()
    }
}

/// An operation without its answers.
fn request_of(operation: &Value) -> Value {
    let mut kept = json!({"responses": {"200": {"description": "taken"}}});
    for field in ["parameters", "requestBody", "security"] {
        if let Some(value) = operation.get(field) {
            kept[field] = value.clone();
        }
    }
    kept
}

/// A path as requests spell it: resources of Google's have names of two segments, which no template of
/// OpenAPI can say, and OData lets the namespace of an action be left out.
fn spelt(base: &str, path: &str) -> Vec<String> {
    let path = path.replace("/microsoft.graph.", "/");
    let kinds = ["{resourceName}", "people/{resourceName}", "contactGroups/{resourceName}"];
    let kinds = if path.contains(kinds[0]) { &kinds[..] } else { &kinds[..1] };
    kinds.iter().map(|kind| format!("{base}{}", path.replace(kinds[0], kind))).collect()
}

/// The path of a server's address, its variables at their defaults.
fn base_path(server: &Value) -> String {
    let mut url = server["url"].as_str().unwrap_or_default().to_owned();
    for (name, variable) in server["variables"].as_object().into_iter().flatten() {
        url = url.replace(&format!("{{{name}}}"), variable["default"].as_str().unwrap_or_default());
    }
    let path = match url.split_once("//") {
        Some((_, rest)) => rest.find('/').map(|at| rest[at..].to_owned()).unwrap_or_default(),
        None => url,
    };
    path.trim_end_matches('/').to_owned()
}

/// Goes through all parameters below a value.
fn parameters(value: &mut Value, each: &mut impl FnMut(&mut Value)) {
    match value {
        Value::Object(map) => map.values_mut().for_each(|value| parameters(value, each)),
        Value::Array(items) => items.iter_mut().for_each(|value| parameters(value, each)),
        _ => return,
    }
    if value.get("in").is_some_and(Value::is_string) && value.get("name").is_some_and(Value::is_string) {
        each(value);
    }
}

/// All local references below a value, as JSON pointers.
fn references(value: &Value) -> Vec<String> {
    match value {
        Value::Object(map) => {
            let own = map.get("$ref").and_then(Value::as_str).and_then(|text| text.strip_prefix('#'));
            own.map(str::to_owned).into_iter().chain(map.values().flat_map(references)).collect()
        }
        Value::Array(items) => items.iter().flat_map(references).collect(),
        _ => Vec::new(),
    }
}

/// How many letters of a path's template are no parameter, if the path is one of it.
fn fits(template: &str, path: &str) -> Option<usize> {
    let (templates, segments) = (template.split('/'), path.split('/'));
    if templates.clone().count() != segments.clone().count() {
        return None;
    }
    templates.zip(segments).map(|(template, segment)| fits_segment(template, segment)).sum()
}

fn fits_segment(template: &str, segment: &str) -> Option<usize> {
    let Some((before, rest)) = template.split_once('{') else {
        return (template == segment).then_some(template.len());
    };
    let after = rest.split_once('}')?.1;
    let inside = segment.strip_prefix(before)?;
    // What follows may hold a parameter again: any end of the segment may be its place.
    let ends = inside.char_indices().skip(1).map(|(at, _)| at).chain([inside.len()]);
    let found = ends.filter(|_| !inside.is_empty()).find_map(|at| fits_segment(after, &inside[at..]));
    found.map(|letters| letters + before.len())
}

#[test]
fn a_path_fits_its_template_and_no_other() {
    assert_eq!(fits("/a/{id}", "/a/1"), Some(1));
    assert_eq!(fits("/a/{id}.json", "/a/1.json"), Some(6));
    assert_eq!(fits("/a/{of}:{what}", "/a/x:y"), Some(2));
    for (template, path) in [("/a/{id}", "/b/1"), ("/a/{id}", "/a/1/2"), ("/a/{id}", "/a/"), ("/a", "/a/1")] {
        assert_eq!(fits(template, path), None, "{template} {path}");
    }
}

#[test]
fn a_cut_holds_what_it_refers_to_at_whole_paths_and_nothing_else() {
    let whole = Description::new(json!({
        "openapi": "3.0.0", "servers": [{"url": "https://{h}.example/v{n}/", "variables": {"n": {"default": "1"}}}],
        "paths": {
            "/things/{id}": {"get": {"parameters": [{"$ref": "#/components/parameters/id"}], "responses": {}}},
            "/other": {"get": {"requestBody": {"$ref": "#/components/requestBodies/no"}}},
        },
        "components": {
            "parameters": {"id": {"name": "id", "in": "query", "schema": {"$ref": "#/components/schemas/id"}}},
            "schemas": {"id": {"type": "string"}, "unused": {}},
        },
    }));
    let cut = whole.cut(&[("get".to_owned(), "/v1/things/7".to_owned())]);
    assert_eq!(cut.0["paths"].as_object().unwrap().keys().collect::<Vec<_>>(), ["/v1/things/{id}"]);
    assert_eq!(cut.0["components"]["schemas"], json!({"id": {"type": "string"}}));
    let operation = cut.operation("get", "/v1/things/7").unwrap();
    assert_eq!(operation.query(), BTreeSet::from(["id"]));
}
