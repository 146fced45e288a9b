//! Operations: names, parameters, bodies, addresses.

use crate::{api, connector, draft};
use serde_json::{Value, json};
use sluis_import::{ImportError, Options};

#[test]
fn a_whole_description_becomes_a_connector_file() {
    let text = r##"
openapi: 3.1.0
info: { title: Pet Store, version: 1.0.0, description: "<p>Sells <b>pets</b>.</p>" }
servers:
  - url: https://{shop}.example.com/{version}
    variables: { shop: { default: demo, description: Your shop. }, version: { default: v2 } }
  - url: https://sandbox.example.com
security: [{ token: [] }]
paths:
  /pets/{petId}:
    parameters:
      - { name: petId, in: path, required: true, schema: { type: integer }, description: Which pet }
    get:
      operationId: pets/get-one
      summary: Gets a pet
      tags: [pets]
      parameters:
        - { name: fields, in: query, schema: { type: [string, "null"], enum: [all, few] }, example: all }
        - { name: X-Trace, in: header, schema: { type: string } }
        - { name: Accept, in: header, schema: { type: string } }
    put:
      operationId: pets/replace
      requestBody:
        required: true
        content:
          application/json:
            schema: { $ref: "#/components/schemas/Pet" }
components:
  schemas:
    Pet:
      type: object
      required: [name]
      properties:
        id: { type: integer, readOnly: true }
        name: { type: string, example: Rex }
        tags: { type: array, items: { type: string } }
        parent: { $ref: "#/components/schemas/Pet" }
  securitySchemes:
    token: { type: http, scheme: bearer, description: From your settings. }
"##;
    let draft = sluis_import::openapi(text, &Options::default()).unwrap();
    let made = connector(&draft);
    let expected = r##"# Imported from OpenAPI 3.1.0: Pet Store.
# What could not be said is noted where it belongs; `sluis connector check` reads this file.
# - other servers that the file names: https://sandbox.example.com
sluis: 1
namespace: pet_store
description: Sells pets.
service:
  name: Pet Store
  api_version: "1.0.0"
  base_url: "https://${shop}.example.com/${version}"
auth: { scheme: bearer, help: From your settings. }
hosts: ["${shop}.example.com"]
connection:
  variables:
    - { name: shop, format: label, description: Your shop., default: demo }
    - { name: version, format: text, default: v2 }
apis:

  pets.get_one:
    description: Gets a pet
    method: GET
    url: "https://${shop}.example.com/${version}/pets/${petId}"
    effect: read
    query: { fields: "${fields}" }
    headers: { X-Trace: "${X-Trace}" }
    inputs:
      petId: { type: number, description: Which pet }
      fields: { type: text, required: false, description: "One of all, few.", example: all }
      X-Trace: { type: text, required: false }

  pets.replace:
    method: PUT
    url: "https://${shop}.example.com/${version}/pets/${petId}"
    body:
      json: { name: "${name}", tags: "${tags}", parent: "${parent}" }
    inputs:
      petId: { type: number, description: Which pet }
      name: { type: text, example: Rex }
      tags: { type: list, required: false, absent: leave_out }
      parent: { type: map, required: false, absent: leave_out }
"##;
    assert_eq!(made.text, expected);
    assert!(made.left_out.is_empty());
}

#[test]
fn operations_without_ids_and_with_the_same_one_get_names() {
    let paths = json!({
        "/a/{x}": { "get": {}, "delete": { "operationId": "one" } },
        "/b": { "get": { "operationId": "One" }, "trace": {}, "summary": "no operation", "x-y": {} },
    });
    let draft = draft(&paths, &json!({}));
    let names: Vec<&str> = draft.operations.iter().map(|operation| operation.name.as_str()).collect();
    assert_eq!(names, ["get_a_by_x", "one", "One_2", "trace_b"]);
    assert!(draft.operations[3].api.as_ref().unwrap_err().contains("TRACE"));
    assert_eq!(connector(&draft).definition.apis.len(), 3);
}

#[test]
fn paths_are_read_however_they_are_written() {
    let url = |path: &str| {
        let draft = draft(&json!({ path: { "get": {} } }), &json!({}));
        let api = draft.operations[0].api.clone().unwrap();
        connector(&draft);
        (api.fields["url"].as_str().unwrap().to_owned(), api.fields.get("query").cloned().unwrap_or_default())
    };
    assert_eq!(url("pets/{id}.json").0, "https://pets.example.com/v1/pets/${id}.json");
    assert_eq!(url("/a b/é/{x}#frag").0, "https://pets.example.com/v1/a%20b/%C3%A9/${x}");
    assert_eq!(url("/$metadata/${id}").0, "https://pets.example.com/v1/$metadata/%24${id}");
    assert_eq!(url("/v1/{+name}:cancel").0, "https://pets.example.com/v1/v1/${name}:cancel");
    assert_eq!(
        url("/x?action=go&id={id}"),
        ("https://pets.example.com/v1/x".to_owned(), json!({ "action": "go", "id": "${id}" }))
    );
    assert_eq!(url("/{a}/{a}").0, "https://pets.example.com/v1/${a}/${a_2}");
    assert_eq!(url("/open{brace").0, "https://pets.example.com/v1/open%7Bbrace");
}

#[test]
fn a_path_that_leads_elsewhere_costs_only_its_operation() {
    let draft = draft(&json!({ "/../up": { "get": {} }, "/good": { "get": {} } }), &json!({}));
    let made = connector(&draft);
    assert_eq!(made.definition.apis.len(), 1);
    assert!(made.left_out[0].1.contains("`..`"), "{:?}", made.left_out);
}

#[test]
fn maps_and_lists_in_a_query_are_written_as_their_style_says() {
    let deep =
        json!({ "type": "object", "properties": { "a": { "type": "string" }, "b": { "type": "array" } } });
    let list = json!({ "type": "array", "items": { "type": "string" } });
    let (fields, notes) = api(&json!({ "parameters": [
        { "name": "filter", "in": "query", "style": "deepObject", "schema": deep.clone() },
        { "name": "flat", "in": "query", "schema": deep },
        { "name": "csv", "in": "query", "explode": false, "schema": list.clone() },
        { "name": "pipes", "in": "query", "style": "pipeDelimited", "explode": false, "schema": list.clone() },
        { "name": "many", "in": "query", "schema": list },
        { "name": "open", "in": "query", "style": "deepObject", "schema": { "type": "object" } },
        { "name": "json", "in": "query", "content": { "application/json": { "schema": { "type": "object" } } } },
    ] }));
    assert_eq!(
        fields["query"],
        json!({ "filter[a]": "${filter_a}", "filter[b]": "${filter_b}", "a": "${a}", "b": "${b}", "csv": "${csv}",
                "pipes": "${pipes}", "many": "${many}", "open": "${open}", "json": "${json}" })
    );
    assert_eq!(fields["inputs"]["csv"]["description"], "Several values with commas between them.");
    assert_eq!(fields["inputs"]["pipes"]["description"], "Several values with `|` between them.");
    assert_eq!(fields["inputs"]["json"]["type"], "map");
    for name in ["`many`", "`open`", "`filter[b]`"] {
        assert!(notes.iter().any(|note| note.contains(name)), "{name}: {notes:?}");
    }
}

#[test]
fn a_body_is_json_a_form_or_parts() {
    let body = |content: Value| api(&json!({ "requestBody": { "required": true, "content": content } }));
    let object = json!({ "schema": { "type": "object", "required": ["a"], "properties": {
        "a": { "type": "string" }, "b": { "type": "object", "properties": { "c": { "type": "number" } } }, "f": { "type": "string", "format": "binary" } } } });
    let (fields, _) =
        body(json!({ "multipart/form-data": object, "application/json; charset=utf-8": object }));
    assert_eq!(fields["body"], json!({ "json": { "a": "${a}", "b": "${b}", "f": "${f}" } }));
    assert_eq!(fields["inputs"]["f"]["type"], "text");
    let (fields, _) = body(json!({ "application/x-www-form-urlencoded": object }));
    assert_eq!(fields["body"], json!({ "form": { "a": "${a}", "b[c]": "${b_c}", "f": "${f}" } }));
    assert_eq!(fields["inputs"]["a"], json!({ "type": "text" }));
    let (fields, _) = body(json!({ "multipart/form-data": object }));
    assert_eq!(fields["body"], json!({ "multipart": { "a": "${a}", "b": "${b}", "f": "${f}" } }));
    assert_eq!(fields["inputs"]["f"]["type"], "file");
    let (fields, _) = body(json!({ "application/vnd.api+json": { "schema": { "type": "array" } } }));
    assert_eq!(fields["body"], json!({ "json": "${body}" }));
    assert_eq!(fields["headers"], json!({ "Content-Type": "application/vnd.api+json" }));
    assert_eq!(fields["inputs"]["body"], json!({ "type": "list" }));
}

#[test]
fn a_body_that_cannot_be_said_costs_the_operation_only_where_it_is_wanted() {
    let xml = json!({ "application/xml": { "schema": { "type": "object" } } });
    let paths = json!({
        "/a": { "post": { "requestBody": { "required": true, "content": xml } }, "get": { "requestBody": { "content": { "application/json": { "schema": { "type": "object" } } } } } },
        "/b": { "post": { "requestBody": { "$ref": "#/components/requestBodies/gone" } }, "delete": { "requestBody": { "content": xml } } },
    });
    let draft = draft(&paths, &json!({}));
    let outcome: Vec<bool> = draft.operations.iter().map(|operation| operation.api.is_ok()).collect();
    assert_eq!(outcome, [false, true, false, true], "{:?}", draft.operations);
    assert!(draft.operations[0].api.as_ref().unwrap_err().contains("application/xml"));
    assert!(draft.operations[2].api.as_ref().unwrap_err().contains("is not there"));
    assert_eq!(draft.operations[1].api.as_ref().unwrap().notes.len(), 1);
}

#[test]
fn an_operation_may_stand_at_another_address() {
    let paths = json!({
        "/a": { "servers": [{ "url": "https://upload.example.com" }], "post": {} },
        "/b": { "post": { "servers": [{ "url": "/relative" }] } },
    });
    let draft = draft(&paths, &json!({}));
    let made = connector(&draft);
    assert_eq!(made.definition.hosts, ["pets.example.com", "upload.example.com"]);
    assert_eq!(made.definition.apis["post_a"].url, "https://upload.example.com/a");
    assert!(made.text.contains("# an address of its own cannot be used: `/relative` is not absolute"));
}

#[test]
fn pages_are_told_of() {
    let answer = json!({ "200": { "headers": { "Link": {} } } });
    let operation = json!({ "parameters": [
        { "name": "cursor", "in": "query" }, { "name": "limit", "in": "query" } ], "responses": answer });
    let draft = draft(&json!({ "/pets": { "get": operation } }), &json!({}));
    let notes = &draft.operations[0].api.as_ref().unwrap().notes;
    assert_eq!(
        notes[0],
        "answers page by page: the next page is asked for by `cursor`, its size by `limit`; the header `Link` of the answer names the next page"
    );
}

/// The pagination of an operation with these query parameters, whose answer is a map of these properties.
fn pagination(parameters: &[Value], answer: Value, operation: Value) -> Value {
    let Value::Object(mut operation) = operation else { panic!() };
    let header = operation.remove("headers").unwrap_or(json!({}));
    let content = json!({ "application/json; charset=utf-8": { "schema": answer } });
    operation.insert("parameters".into(), parameters.into());
    operation.insert("responses".into(), json!({ "200": { "headers": header, "content": content } }));
    let draft = draft(&json!({ "/pets": { "get": operation } }), &json!({}));
    let api = draft.operations[0].api.as_ref().unwrap();
    let found = api.fields.get("pagination").cloned().unwrap_or_default();
    // What is taken over is no note any more, and passes the check.
    assert_eq!(api.notes.is_empty(), !found.is_null() || parameters.is_empty(), "{:?}", api.notes);
    connector(&draft);
    found
}

#[test]
fn pages_that_can_be_told_for_sure_are_taken_over() {
    let number = |name: &str| json!({ "name": name, "in": "query", "schema": { "type": "integer" } });
    let text = |name: &str| json!({ "name": name, "in": "query", "schema": { "type": "string" } });
    let limit = json!({ "name": "limit", "in": "query", "schema": { "type": "integer", "maximum": 200 } });
    let list = json!({ "type": "array", "items": {} });
    let map = |properties: Value| json!({ "type": "object", "properties": properties });
    let none = || json!({});

    let link = json!({ "headers": { "link": {} } });
    assert_eq!(
        pagination(&[number("page"), number("per_page")], list.clone(), link),
        json!({ "link": {}, "page_size": { "input": "per_page" } })
    );
    let answer = map(
        json!({ "data": list, "meta": map(json!({ "next_cursor": { "type": "string" }, "hasMore": { "type": "boolean" } })) }),
    );
    assert_eq!(
        pagination(&[text("cursor"), limit.clone()], answer, none()),
        json!({ "cursor": { "input": "cursor", "at": "meta.next_cursor" }, "more": "meta.hasMore", "rows": "data", "page_size": { "input": "limit", "at_most": 200 } })
    );
    let answer = json!({ "allOf": [map(json!({ "items": list })), map(json!({ "errors": list }))] });
    assert_eq!(
        pagination(&[number("page[number]"), number("page[size]")], answer.clone(), none()),
        json!({ "page": { "input": "page_number" }, "rows": "items", "page_size": { "input": "page_size" } })
    );
    let from_zero = json!({ "name": "page", "in": "query", "schema": { "type": "integer", "default": 0 } });
    assert_eq!(
        pagination(&[from_zero, limit.clone()], answer.clone(), none())["page"],
        json!({ "input": "page", "first": 0 })
    );
    assert_eq!(
        pagination(&[number("offset"), limit.clone()], answer.clone(), none())["offset"],
        json!({ "input": "offset" })
    );
    let answer = map(json!({ "results": list, "next": { "type": "string", "format": "uri" } }));
    assert_eq!(
        pagination(&[limit.clone(), number("offset")], answer, none()),
        json!({ "next_url": { "at": "next" }, "rows": "results", "page_size": { "input": "limit", "at_most": 200 } })
    );
    let pageable = json!({ "x-ms-pageable": { "nextLinkName": "@odata.nextLink" } });
    assert_eq!(
        pagination(&[number("$top")], none(), pageable),
        json!({ "next_url": { "at": "['@odata.nextLink']" }, "rows": "value", "page_size": { "input": "top" } })
    );
    let speakeasy = json!({ "x-speakeasy-pagination": { "type": "offsetLimit",
        "inputs": [{ "name": "page", "in": "parameters", "type": "page" }, { "name": "limit", "in": "parameters", "type": "limit" }],
        "outputs": { "results": "$.data.pets", "numPages": "$.pages" } } });
    assert_eq!(
        pagination(&[number("page"), limit], none(), speakeasy),
        json!({ "page": { "input": "page", "total": "pages" }, "rows": "data.pets", "page_size": { "input": "limit" } })
    );
}

#[test]
fn pages_that_may_be_something_else_stay_a_note() {
    let text = |name: &str| json!({ "name": name, "in": "query", "schema": { "type": "string" } });
    let list = json!({ "type": "array", "items": {} });
    let map = |properties: Value| json!({ "type": "object", "properties": properties });
    for (parameters, answer) in [
        // The number of a page that is a text, two lists, no list, no size, and a mark that is required.
        (vec![text("page"), text("limit")], list.clone()),
        (vec![text("cursor")], map(json!({ "a": list, "b": list, "next_cursor": {} }))),
        (vec![text("cursor")], map(json!({ "next_cursor": {} }))),
        (vec![json!({ "name": "page", "in": "query", "schema": { "type": "integer" } })], list.clone()),
        (
            vec![
                json!({ "name": "cursor", "in": "query", "required": true, "schema": { "type": "string" } }),
            ],
            map(json!({ "data": list, "next_cursor": {} })),
        ),
    ] {
        assert_eq!(
            pagination(&parameters, answer.clone(), json!({})),
            Value::Null,
            "{parameters:?} {answer}"
        );
    }
}

#[test]
fn what_is_no_openapi_is_told_with_a_way_out() {
    let read = |text: &str| sluis_import::openapi(text, &Options::default()).unwrap_err();
    assert!(matches!(read("{"), ImportError::Unreadable { .. }));
    assert!(matches!(read("[]"), ImportError::OtherKind { .. }));
    assert!(read("openapi: 4.0.0").to_string().contains("4.0.0"));
    assert!(read("swagger: '1.2'").help().unwrap().contains("OpenAPI 3"));
    assert!(read(r#"{"info": {"schema": "x"}, "item": []}"#).help().unwrap().contains("import postman"));
    let error = read("openapi: 3.0.0\nservers: [{ url: /v1 }]\npaths: {}");
    assert!(
        error.to_string().contains("`/v1` is not absolute") && error.help().unwrap().contains("--server")
    );
}
