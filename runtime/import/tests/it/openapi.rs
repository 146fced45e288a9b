//! Operations: names, parameters, bodies, addresses.

use crate::{api, connector, draft};
use serde_json::{Value, json};
use sluis_import::{ImportError, Options};
use sluis_model::connector::{Effect, Method};

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
      fields:
        type: text
        required: false
        enum: [all, few]
        example: all
      X-Trace: { type: text, required: false }

  pets.replace:
    method: PUT
    url: "https://${shop}.example.com/${version}/pets/${petId}"
    body:
      json: { name: "${name}", tags: "${tags}", parent: "${parent}" }
    inputs:
      petId: { type: number, description: Which pet }
      name: { type: text, example: Rex }
      tags:
        type: list
        required: false
        absent: leave_out
        schema:
          items: { type: string }
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

fn styled(input: &str, style: &str) -> Value {
    json!({ "value": format!("${{{input}}}"), "style": style })
}

#[test]
fn cookies_are_inputs_unless_they_are_the_credential() {
    let parameters = json!([
        { "name": "lang", "in": "cookie", "required": true, "schema": { "type": "string", "enum": ["en", "de"] } },
        { "name": "a b", "in": "cookie", "schema": { "type": "string" } },
    ]);
    let (fields, notes) = api(&json!({ "parameters": parameters }));
    assert_eq!(fields["cookies"], json!({ "lang": "${lang}" }));
    assert_eq!(fields["inputs"]["lang"], json!({ "type": "text", "enum": ["en", "de"] }));
    assert_eq!(notes, ["the cookie `a b` is left out: that is not the name of one"]);
}

#[test]
fn choices_and_bounds_hold_and_an_example_that_breaks_them_is_left_out() {
    let query = |schema: Value| json!({ "name": "a", "in": "query", "required": true, "schema": schema });
    let input = |schema: Value| api(&json!({ "parameters": [query(schema)] })).0["inputs"]["a"].clone();
    let limit = json!({ "type": "integer", "minimum": 1, "maximum": 100, "example": 500 });
    assert_eq!(input(limit), json!({ "type": "number", "min": 1, "max": 100 }));
    let name = json!({ "type": "string", "minLength": 2, "maxLength": 3, "example": "\u{e4}bc" });
    assert_eq!(input(name), json!({ "type": "text", "min": 2, "max": 3, "example": "\u{e4}bc" }));
    let kind = json!({ "type": "string", "enum": ["a", "a", null, "b"], "example": "c", "nullable": true });
    assert_eq!(input(kind), json!({ "type": "text", "enum": ["a", "b"] }));
    let odd = json!({ "type": "integer", "minimum": 9, "maximum": 1 });
    assert_eq!(input(odd), json!({ "type": "number" }), "bounds that nothing fits are none");
    let mixed = json!({ "enum": ["a", 1] });
    assert_eq!(input(mixed), json!({ "description": "One of a, 1." }));
    let kinds = json!({ "type": "array", "minItems": 1, "items": { "type": "string", "enum": ["x", "y"] } });
    let items = json!({ "items": { "type": "string", "enum": ["x", "y"] } });
    assert_eq!(input(kinds), json!({ "type": "list", "min": 1, "schema": items }));
}

#[test]
fn lists_and_maps_in_a_form_are_written_as_the_encoding_says() {
    let list = json!({ "type": "array", "items": { "type": "string" } });
    let schema = json!({ "type": "object", "properties": {
        "many": list, "few": list, "deep": list, "open": { "type": "object", "additionalProperties": true },
        "rows": { "type": "array", "items": { "type": "object" } },
        "inner": { "type": "object", "properties": { "tags": list } },
    } });
    let encoding = json!({ "few": { "explode": false }, "deep": { "style": "deepObject", "explode": true },
        "inner": { "style": "deepObject", "explode": true } });
    let content = json!({ "application/x-www-form-urlencoded": { "schema": schema, "encoding": encoding } });
    let (fields, notes) = api(&json!({ "requestBody": { "content": content } }));
    let wanted = json!({ "many": styled("many", "repeat"), "few": styled("few", "comma"),
        "deep": styled("deep", "indices"), "open": styled("open", "brackets"), "rows": styled("rows", "indices"),
        "inner[tags]": styled("inner_tags", "indices") });
    assert_eq!(fields["body"]["form"], wanted);
    assert!(notes.is_empty(), "{notes:?}");
}

#[test]
fn a_body_may_be_a_text_or_a_file_as_a_whole() {
    let body = |content: Value| api(&json!({ "requestBody": { "required": true, "content": content } })).0;
    let fields = body(json!({ "application/xml": { "schema": { "type": "object" }, "example": "<a/>" } }));
    assert_eq!(fields["body"], json!({ "text": "${body}" }));
    assert_eq!(fields["headers"], json!({ "Content-Type": "application/xml" }));
    assert_eq!(
        fields["inputs"]["body"],
        json!({ "type": "text", "description": "The whole body, as application/xml.", "example": "<a/>" })
    );
    let fields = body(json!({ "image/*": { "schema": { "type": "string", "format": "binary" } } }));
    assert_eq!((&fields["body"], fields.get("headers")), (&json!({ "bytes": "${body}" }), None));
    assert_eq!(fields["inputs"]["body"], json!({ "type": "file" }));
    let fields = body(json!({ "text/csv": { "schema": { "type": "string", "format": "binary" } } }));
    assert_eq!(fields["body"], json!({ "bytes": "${body}" }));
    let json_and_xml =
        json!({ "application/xml": {}, "application/json": { "schema": { "type": "object" } } });
    assert_eq!(body(json_and_xml)["body"], json!({ "json": "${body}" }));
}

#[test]
fn what_scripts_get_is_what_the_first_good_answer_holds() {
    let pet = json!({ "type": "object", "properties": {
        "id": { "type": "integer", "readOnly": true }, "secret": { "type": "string", "writeOnly": true },
        "name": { "type": "string", "nullable": true, "description": "Its name", "enum": ["Rex"] },
        "tags": { "type": "array", "items": { "type": "string" } },
    } });
    let answers =
        |content: Value| api(&json!({ "responses": { "404": {}, "201": { "content": content } } })).0;
    let fields = answers(json!({ "application/json": { "schema": pet } }));
    assert_eq!(fields["answer"], json!({ "as": "json" }));
    let outputs = json!({ "type": "object", "properties": {
        "id": { "type": "integer" }, "name": { "type": ["string", "null"] },
        "tags": { "type": "array", "items": { "type": "string" } },
    } });
    assert_eq!(fields["outputs"], outputs);
    for (media_type, form) in
        [("application/pdf", "file"), ("image/png", "file"), ("text/csv", "csv"), ("application/xml", "xml")]
    {
        let fields = answers(json!({ media_type: { "schema": { "type": "string" } } }));
        assert_eq!((&fields["answer"]["as"], fields.get("outputs")), (&json!(form), None));
    }
    assert_eq!(answers(json!({ "text/plain": {} })).get("answer"), None);
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
        { "name": "rows", "in": "query", "schema": { "type": "array", "items": { "type": "object" } } },
        { "name": "tabs", "in": "query", "style": "tabDelimited", "schema": { "type": "array" } },
        { "name": "json", "in": "query", "content": { "application/json": { "schema": { "type": "object" } } } },
    ] }));
    assert_eq!(
        fields["query"],
        json!({ "filter[a]": "${filter_a}", "filter[b]": styled("filter_b", "repeat"), "a": "${a}",
                "b": styled("b", "repeat"), "csv": styled("csv", "comma"), "pipes": styled("pipes", "pipe"),
                "many": styled("many", "repeat"), "open": styled("open", "deep"), "json": "${json}",
                "rows": "${rows}", "tabs": "${tabs}" })
    );
    assert_eq!(
        fields["inputs"]["csv"],
        json!({ "type": "list", "required": false, "schema": { "items": { "type": "string" } } })
    );
    assert_eq!(fields["inputs"]["json"]["type"], "map");
    // Lists of maps, and tabs, have no style.
    assert_eq!(fields["inputs"]["rows"]["description"], "Several values with commas between them.");
    assert_eq!(fields["inputs"]["tabs"]["description"], "Several values with tabs between them.");
    assert!(notes.is_empty(), "{notes:?}");
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
    assert_eq!(
        fields["body"],
        json!({ "multipart": { "a": "${a}", "b": { "value": "${b}", "content_type": "application/json" }, "f": "${f}" } })
    );
    assert_eq!(fields["inputs"]["f"]["type"], "file");
    let (fields, _) = body(json!({ "application/vnd.api+json": { "schema": { "type": "array" } } }));
    assert_eq!(fields["body"], json!({ "json": "${body}" }));
    assert_eq!(fields["headers"], json!({ "Content-Type": "application/vnd.api+json" }));
    assert_eq!(fields["inputs"]["body"], json!({ "type": "list" }));
}

#[test]
fn a_body_that_cannot_be_said_costs_the_operation_only_where_it_is_wanted() {
    let body = json!({ "application/json": { "schema": { "type": "object" } } });
    let paths = json!({
        "/a": { "post": { "requestBody": { "required": true, "content": body } }, "get": { "requestBody": { "required": true, "content": { "application/json": { "schema": { "type": "object" } } } } } },
        "/b": { "post": { "requestBody": { "$ref": "#/components/requestBodies/gone" } }, "get": { "requestBody": { "content": body } } },
    });
    let draft = draft(&paths, &json!({}));
    let outcome: Vec<bool> = draft.operations.iter().map(|operation| operation.api.is_ok()).collect();
    assert_eq!(outcome, [true, false, false, true], "{:?}", draft.operations);
    assert!(draft.operations[1].api.as_ref().unwrap_err().contains("GET requests have none"));
    assert!(draft.operations[2].api.as_ref().unwrap_err().contains("is not there"));
    assert_eq!(draft.operations[3].api.as_ref().unwrap().notes.len(), 1);
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

#[test]
fn methods_of_webdav_stand_where_openapi_3_2_has_them_or_in_an_extension() {
    for name in ["additionalOperations", "x-additionalOperations"] {
        let body = json!({ "content": { "application/xml": { "schema": { "type": "string" } } } });
        let others = json!({ "REPORT": { "requestBody": body }, "LINK": {} });
        let draft = draft(&json!({ "/calendar": { "get": {}, name: others } }), &json!({}));
        let made = connector(&draft);
        let report = &made.definition.apis["report_calendar"];
        assert_eq!((report.method, report.effect), (Method::Report, Effect::Read));
        assert_eq!(made.left_out.len(), 1, "{:?}", made.left_out);
        assert!(made.left_out[0].1.contains("LINK"), "{:?}", made.left_out);
    }
}
