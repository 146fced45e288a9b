//! Whatever stands in a file, nothing panics, and what comes out is a connector file.

use crate::described;
use proptest::prelude::*;
use serde_json::{Value, json};
use sluis_import::{Draft, ImportError, Options, Selection};

/// A description with a bit of everything.
fn rich() -> Value {
    let text = described(
        &json!({
            "/a/{id}": {
                "parameters": [{ "$ref": "#/components/parameters/id" }],
                "get": { "operationId": "x/get", "tags": ["x"], "parameters": [
                    { "name": "f", "in": "query", "style": "deepObject", "schema": { "properties": { "a": { "type": "string" } } } },
                    { "name": "l", "in": "query", "schema": { "type": "array", "items": { "enum": ["a"] } } },
                    { "name": "H", "in": "header", "schema": { "type": ["string", "null"] }, "examples": { "one": { "value": 1 } } },
                ], "security": [{ "o": ["read"] }] },
                "post": { "requestBody": { "required": true, "content": {
                    "application/json": { "schema": { "allOf": [{ "$ref": "#/components/schemas/S" }], "required": ["n"] }, "example": { "n": 1 } } } } },
                "put": { "requestBody": { "content": { "application/x-www-form-urlencoded": { "schema": { "$ref": "#/components/schemas/S" } } } } },
            },
            "/b?x={y}": { "patch": { "requestBody": { "content": { "multipart/form-data": { "schema": { "properties": { "f": { "format": "binary", "type": "string" } } } } } } } },
        }),
        &json!({
            "servers": [{ "url": "https://{h}.example.com/{p}", "variables": { "h": { "default": "a" }, "p": { "default": "b", "enum": ["b", "c"] } } }],
            "security": [{ "k": [] }],
            "components": {
                "parameters": { "id": { "name": "id", "in": "path", "required": true, "schema": { "type": "integer" } } },
                "schemas": { "S": { "type": "object", "properties": { "n": { "type": "number" }, "s": { "$ref": "#/components/schemas/S" } } } },
                "securitySchemes": {
                    "k": { "type": "apiKey", "in": "header", "name": "X-Key" },
                    "o": { "type": "oauth2", "flows": { "authorizationCode": { "authorizationUrl": "https://i.example.com/a", "tokenUrl": "https://i.example.com/t" } } },
                },
            },
        }),
    );
    serde_json::from_str(&text).unwrap()
}

/// Whether the draft makes a connector file, or says why not; nothing else may happen.
fn is_honest(draft: Result<Draft, ImportError>) -> Result<(), TestCaseError> {
    let Ok(draft) = draft else { return Ok(()) };
    match draft.connector(&Selection::default()) {
        Ok(made) => prop_assert_eq!(made.definition.apis.len() + made.left_out.len(), made.wanted),
        Err(ImportError::Refused { why }) => {
            return Err(TestCaseError::fail(format!("not a connector: {why}")));
        }
        Err(_) => {}
    }
    Ok(())
}

fn pointers(value: &Value, path: &str, found: &mut Vec<String>) {
    found.push(path.to_owned());
    let step = |name: &str| format!("{path}/{}", name.replace('~', "~0").replace('/', "~1"));
    match value {
        Value::Object(map) => map.iter().for_each(|(name, inner)| pointers(inner, &step(name), found)),
        Value::Array(items) => {
            items.iter().enumerate().for_each(|(at, inner)| pointers(inner, &step(&at.to_string()), found));
        }
        _ => {}
    }
}

#[test]
fn a_wrong_value_anywhere_costs_no_more_than_its_place() {
    let whole = rich();
    let mut all = Vec::new();
    pointers(&whole, "", &mut all);
    assert!(all.len() > 100, "{}", all.len());
    let wrong = [
        json!(null),
        json!(-1),
        json!(""),
        json!([]),
        json!([[]]),
        json!({}),
        json!({ "x": [1] }),
        json!("${x} {y} `'\"\\\u{2028}\n🐾"),
        json!({ "$ref": "#/nowhere" }),
        json!({ "$ref": "#" }),
        json!({ "$ref": "#/paths" }),
    ];
    for path in &all {
        for wrong in &wrong {
            let mut value = whole.clone();
            *value.pointer_mut(path).unwrap() = wrong.clone();
            let draft = sluis_import::openapi(&value.to_string(), &Options::default());
            is_honest(draft).unwrap_or_else(|error| panic!("{path} = {wrong}: {error}"));
        }
    }
}

#[test]
fn schemas_that_hold_themselves_end() {
    let mut value = rich();
    value["components"]["schemas"]["S"] = json!({ "allOf": [{ "$ref": "#/components/schemas/S" }], "oneOf": [{ "$ref": "#/components/schemas/S" }], "type": "object", "properties": { "a": { "$ref": "#/components/schemas/S" } } });
    is_honest(sluis_import::openapi(&value.to_string(), &Options::default())).unwrap();
}

#[test]
fn what_is_made_to_exhaust_a_reader_is_refused() {
    let mut bomb = "openapi: 3.0.0\nx0: &x0 [a,a,a,a,a,a,a,a,a,a]\n".to_owned();
    for level in 1..9 {
        let inner = vec![format!("*x{}", level - 1); 10].join(",");
        bomb.push_str(&format!("x{level}: &x{level} [{inner}]\n"));
    }
    let (open, close) = ("[".repeat(50_000), "]".repeat(50_000));
    for text in [
        bomb,
        format!("{{\"openapi\": \"3.0.0\", \"paths\": {open}{close}}}"),
        format!("openapi: 3.0.0\npaths: {open}{close}"),
    ] {
        let refused = sluis_import::openapi(&text, &Options::default());
        assert!(matches!(refused, Err(ImportError::Unreadable { .. })), "{refused:?}");
    }
    let folders = format!("{}[]{}", "[{\"item\":".repeat(60), "}]".repeat(60));
    let collection = format!("{{\"info\": {{\"name\": \"x\"}}, \"item\": {folders}}}");
    assert!(sluis_import::postman(&collection, &Options::default()).unwrap().operations.is_empty());
}

proptest! {
    #[test]
    fn any_text_is_read_or_refused(text in ".{0,300}") {
        is_honest(sluis_import::openapi(&text, &Options::default()))?;
        is_honest(sluis_import::postman(&text, &Options::default()))?;
        is_honest(sluis_import::curl(&format!("curl {text}"), &Options::default()))?;
    }

    #[test]
    fn any_name_and_path_make_a_connector(path in ".{0,40}", id in ".{0,40}", name in ".{0,30}", title in ".{0,30}", key in ".{0,20}") {
        let operation = json!({ "operationId": id, "summary": name, "tags": [title],
            "parameters": [{ "name": name, "in": "query", "example": key }, { "name": key, "in": "header" }],
            "requestBody": { "content": { "application/json": { "schema": { "properties": { &name: {}, &key: { "type": "string", "description": path } } } } } } });
        let mut value = rich();
        value["info"]["title"] = json!(title);
        value["paths"][format!("/{path}")] = json!({ "post": operation });
        is_honest(sluis_import::openapi(&value.to_string(), &Options::default()))?;
        let collection = json!({ "info": { "name": title }, "item": [{ "name": id, "request": {
            "method": "POST", "url": { "raw": format!("https://a.example.com/{path}"), "query": [{ "key": name, "value": key }] },
            "header": [{ "key": key, "value": name }], "body": { "mode": "urlencoded", "urlencoded": [{ "key": name, "value": path }] } } }] });
        is_honest(sluis_import::postman(&collection.to_string(), &Options::default()))?;
    }

    #[test]
    fn any_words_behind_curl_are_followed_or_refused(words in proptest::collection::vec("(-[XHdFuGIk]|--(data|json|get|url)|[a-z=:@&?/{}$%]{1,12})", 0..8)) {
        is_honest(sluis_import::curl(&format!("curl https://a.example.com/{}", words.join(" ")), &Options::default()))?;
    }
}
