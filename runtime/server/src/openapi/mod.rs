//! The API's own description: an OpenAPI 3.1 document, made from the routes as they are registered, and
//! the page that shows it.

pub mod ids;
pub mod page;
pub mod people;
pub mod runs;
pub mod shapes;
pub mod trigger_shapes;

use crate::access::table::{Demand, demand_of};
use crate::middleware::repeats::LONGEST_KEY;
use crate::router::{API_ROOT, documented};
use http::Method;
use serde_json::{Value, json};
use std::sync::LazyLock;
use utoipa::PartialSchema as _;
use utoipa::openapi::OpenApi;

/// The document. It does not depend on the server that shows it.
pub static DOCUMENT: LazyLock<Value> = LazyLock::new(|| complete(documented().nest_api()));

/// The document as text, laid out for people and for `spec/api/openapi.json`.
pub static TEXT: LazyLock<String> = LazyLock::new(|| {
    // A value of maps, lists and texts always has a JSON form.
    serde_json::to_string_pretty(&*DOCUMENT).unwrap_or_default() + "\n"
});

/// Puts a document of routes below the root of the API.
trait Nest {
    fn nest_api(self) -> Value;
}

impl Nest for OpenApi {
    fn nest_api(self) -> Value {
        let whole = OpenApi::default().nest(API_ROOT, self);
        serde_json::to_value(whole).unwrap_or_default()
    }
}

/// What holds for every operation is said here and not at each of them.
fn complete(mut document: Value) -> Value {
    let mut components = document.get("components").cloned().unwrap_or_else(|| json!({}));
    if let Some(schemas) = components.get_mut("schemas").and_then(Value::as_object_mut) {
        schemas.extend(ids::all().into_iter().map(|(name, schema)| (name.to_owned(), json!(schema))));
        schemas.insert("Problem".to_owned(), json!(shapes::Problem::schema()));
        schemas.sort_keys();
    }
    if let Some(components) = components.as_object_mut() {
        components.insert("responses".to_owned(), answers());
        components.insert("headers".to_owned(), headers());
        components.insert("parameters".to_owned(), parameters());
        components.insert("securitySchemes".to_owned(), schemes());
    }
    let mut paths = document.get_mut("paths").map(Value::take).unwrap_or_default();
    for (path, item) in paths.as_object_mut().into_iter().flatten() {
        for (method, operation) in item.as_object_mut().into_iter().flatten() {
            complete_operation(operation);
            if method == "post" && is_behind_the_gate(path) {
                take_a_key(operation);
            }
        }
    }
    json!({
        "openapi": "3.1.0",
        "info": {
            "title": "Sluis",
            "version": env!("CARGO_PKG_VERSION"),
            "summary": "Connectors, authorizations and scripts over HTTP.",
            "description": "Every error is a problem document (RFC 9457); `code` is what a program looks at. \
                            Every answer carries `X-Request-Id`, under which the operator finds it in the log. \
                            Lists come in pages: `next` of an answer is the `cursor` of the next question.",
            "license": { "name": "Apache-2.0", "identifier": "Apache-2.0" },
        },
        "security": [{ "token": [] }, { "session": [] }],
        "tags": tags(),
        "paths": paths,
        "components": components,
    })
}

fn complete_operation(operation: &mut Value) {
    let Some(operation) = operation.as_object_mut() else { return };
    let Some(answers) = operation.get_mut("responses").and_then(Value::as_object_mut) else { return };
    for answer in answers.values_mut().filter_map(Value::as_object_mut) {
        let headers = answer.entry("headers").or_insert_with(|| json!({}));
        if let Some(headers) = headers.as_object_mut() {
            headers.insert("X-Request-Id".to_owned(), json!({ "$ref": "#/components/headers/RequestId" }));
        }
    }
    answers.insert("401".to_owned(), json!({ "$ref": "#/components/responses/Unauthenticated" }));
    answers.insert("default".to_owned(), json!({ "$ref": "#/components/responses/Problem" }));
}

/// Whether whoever posts there is known: only then what is answered is kept.
fn is_behind_the_gate(path: &str) -> bool {
    let route = path.strip_prefix(API_ROOT).unwrap_or(path);
    demand_of(&Method::POST, route) != Some(Demand::Nothing)
}

fn take_a_key(operation: &mut Value) {
    let Some(operation) = operation.as_object_mut() else { return };
    if let Some(parameters) = operation.entry("parameters").or_insert_with(|| json!([])).as_array_mut() {
        parameters.push(json!({ "$ref": "#/components/parameters/IdempotencyKey" }));
    }
}

fn parameters() -> Value {
    json!({
        "IdempotencyKey": {
            "name": "Idempotency-Key",
            "in": "header",
            "description": "A text of the caller's own, best a random UUID: however often the same request is \
                            sent with it within a day, it is carried out once.",
            "required": false,
            "schema": { "type": "string", "minLength": 1, "maxLength": LONGEST_KEY },
        },
    })
}

fn answers() -> Value {
    let problem = |description: &str, headers: Value| {
        json!({
            "description": description,
            "headers": headers,
            "content": { "application/problem+json": { "schema": { "$ref": "#/components/schemas/Problem" } } },
        })
    };
    let id = json!({ "$ref": "#/components/headers/RequestId" });
    json!({
        "Unauthenticated": problem(
            "No token that counts was shown",
            json!({ "X-Request-Id": id, "WWW-Authenticate": { "schema": { "type": "string" }, "required": true } }),
        ),
        "Problem": problem("Something is in the way; `code` says what", json!({ "X-Request-Id": id })),
    })
}

fn headers() -> Value {
    json!({
        "RequestId": {
            "description": "Names this request; the log names the same.",
            "required": true,
            "schema": { "$ref": "#/components/schemas/RequestId" },
        },
    })
}

fn schemes() -> Value {
    json!({
        "token": {
            "type": "http",
            "scheme": "bearer",
            "description": "The server's own API token, or one that was made (`slu_…`).",
        },
        "session": {
            "type": "apiKey",
            "in": "cookie",
            "name": "__Host-sluis-session",
            "description": "The cookie of a browser in which somebody is signed in; `sluis_session` without TLS.",
        },
    })
}

fn tags() -> Value {
    json!([
        { "name": "connectors", "description": "Connectors and their releases." },
        { "name": "clients", "description": "Clients registered at providers. They can be written and never read." },
        { "name": "orgs", "description": "Subscriber organisations." },
        { "name": "connections", "description": "What an organisation has authorized, and the attempts that lead there." },
        { "name": "functions", "description": "Scripts stored under a name, and running them." },
        { "name": "triggers", "description": "What starts functions without a person: addresses, webhooks, schedules, events." },
        { "name": "runs", "description": "Executions of scripts." },
        { "name": "calls", "description": "Calling the APIs of connectors." },
        { "name": "connector proxy", "description": "Which workflow backends an organisation serves." },
        { "name": "keys", "description": "Keys, and changing them while the server runs." },
        { "name": "people", "description": "Who signs in, and what they are in which organisation." },
        { "name": "tokens", "description": "Tokens with which this API is called." },
    ])
}
