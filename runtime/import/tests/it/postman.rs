//! Postman collections.

use crate::connector;
use serde_json::{Value, json};
use sluis_import::{ImportError, Options};

fn collection(items: Value) -> String {
    json!({
        "info": { "name": "Shop API", "schema": "https://schema.getpostman.com/json/collection/v2.1.0/collection.json" },
        "variable": [{ "key": "baseUrl", "value": "https://shop.example.com/v1" }, { "key": "orderId", "value": "o-7" }],
        "auth": { "type": "bearer", "bearer": [{ "key": "token", "value": "{{secretToken}}" }] },
        "item": items,
    })
    .to_string()
}

#[test]
fn a_collection_becomes_a_connector_file() {
    let items = json!([
        { "name": "Orders", "item": [
            { "name": "Get order", "request": { "method": "GET", "description": "One order.",
                "url": { "raw": "{{baseUrl}}/orders/{{orderId}}/lines/:line?expand=all",
                         "variable": [{ "key": "line", "value": "3", "description": "Which line" }],
                         "query": [{ "key": "expand", "value": "all" }, { "key": "page", "value": "1", "disabled": true }] },
                "header": [{ "key": "X-Shop", "value": "main" }, { "key": "X-Trace", "value": "{{trace}}" }] } },
            { "name": "Add order", "request": { "method": "POST", "url": "{{baseUrl}}/orders",
                "header": [{ "key": "Content-Type", "value": "application/json" }],
                "body": { "mode": "raw", "raw": "{\"name\": \"Ada\", \"count\": {{n}}, \"lines\": []}" } } },
        ] },
        { "name": "Upload", "request": { "method": "POST", "url": "{{baseUrl}}/files",
            "body": { "mode": "formdata", "formdata": [{ "key": "file", "type": "file" }, { "key": "kind", "value": "a" }] } } },
        { "name": "Log in", "request": { "method": "POST", "url": "{{baseUrl}}/login",
            "body": { "mode": "urlencoded", "urlencoded": [{ "key": "user", "value": "ada" }] } } },
        { "name": "XML", "request": { "method": "POST", "url": "{{baseUrl}}/x",
            "header": [{ "key": "Content-Type", "value": "text/xml; charset=utf-8" }],
            "body": { "mode": "raw", "raw": "<a>{{n}}</a>", "options": { "raw": { "language": "xml" } } } } },
        { "name": "Photo", "request": { "method": "PUT", "url": "{{baseUrl}}/photo", "body": { "mode": "file" } } },
        { "name": "Broken", "request": { "method": "POST", "url": "{{baseUrl}}/b",
            "body": { "mode": "raw", "raw": "{\"a\": ", "options": { "raw": { "language": "json" } } } } },
        { "name": "Named", "request": { "method": "POST", "url": "{{baseUrl}}/graphql", "body": { "mode": "graphql",
            "graphql": { "query": "query($id: ID!) { a(id: $id) }", "variables": "{ \"id\": {{n}} }" } } } },
        { "name": "Query", "request": { "method": "POST", "url": "{{baseUrl}}/graphql",
            "body": { "mode": "graphql", "graphql": { "query": "{ a }" } } } },
    ]);
    let draft = sluis_import::postman(&collection(items), &Options::default()).unwrap();
    let made = connector(&draft);
    let definition = serde_json::to_value(&made.definition).unwrap();
    assert_eq!(definition["auth"]["scheme"], "bearer");
    assert_eq!(definition["hosts"], json!(["shop.example.com"]));
    let get = &definition["apis"]["orders.get_order"];
    assert_eq!(get["url"], "https://shop.example.com/v1/orders/${orderId}/lines/${line}");
    assert_eq!(get["query"], json!({ "expand": "${expand}", "page": "${page}" }));
    assert_eq!(get["headers"], json!({ "X-Shop": "main", "X-Trace": "${X-Trace}" }));
    assert_eq!(get["inputs"]["orderId"]["example"], "o-7");
    assert_eq!(get["inputs"]["line"]["description"], "Which line");
    assert_eq!(get["inputs"]["page"]["required"], false);
    let add = &definition["apis"]["orders.add_order"];
    assert_eq!(
        add["body"],
        json!({ "json": { "name": "${name}", "count": "${count}", "lines": "${lines}" } })
    );
    assert_eq!(add["inputs"]["name"]["example"], "Ada");
    assert_eq!(
        definition["apis"]["upload"]["body"],
        json!({ "multipart": { "file": "${file}", "kind": "${kind}" } })
    );
    assert_eq!(definition["apis"]["log_in"]["body"], json!({ "form": { "user": "${user}" } }));
    assert_eq!(
        definition["apis"]["query"]["body"],
        json!({ "json": { "query": "{ a }", "variables": "${variables}" } })
    );
    let xml = &definition["apis"]["xml"];
    assert_eq!(
        (&xml["body"], &xml["inputs"]["body"]),
        (&json!({ "text": "${body}" }), &json!({ "type": "text", "required": true }))
    );
    assert_eq!(xml["headers"]["Content-Type"], "text/xml; charset=utf-8");
    assert_eq!(definition["apis"]["photo"]["body"], json!({ "bytes": "${body}" }));
    let graphql = json!({ "query": "query($id: ID!) { a(id: $id) }", "variables": { "id": "${id}" } });
    assert_eq!(definition["apis"]["named"]["body"], json!({ "graphql": graphql }));
    assert_eq!(made.left_out.len(), 1);
    assert!(made.left_out[0].1.contains("no JSON"), "{:?}", made.left_out);
}

#[test]
fn an_address_that_is_an_unset_variable_is_asked_for() {
    let text = collection(json!([{ "name": "One", "request": { "method": "GET", "url": "{{server}}/a" } }]));
    let error = sluis_import::postman(&text, &Options::default()).unwrap_err();
    assert!(matches!(error, ImportError::NoServer { .. }), "{error:?}");
    let options =
        Options { server: Some("https://own.example.com:8443/api/".into()), namespace: Some("own".into()) };
    let made = connector(&sluis_import::postman(&text, &options).unwrap());
    assert_eq!(made.definition.apis["one"].url, "https://own.example.com:8443/api/a");
    assert_eq!(made.definition.namespace.as_str(), "own");
}

#[test]
fn what_is_no_collection_is_told() {
    let error = sluis_import::postman("openapi: 3.0.0", &Options::default()).unwrap_err();
    assert!(error.help().unwrap().contains("Collection v2.1"));
}
