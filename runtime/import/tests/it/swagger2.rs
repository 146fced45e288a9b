//! Swagger 2.0.

use crate::connector;
use serde_json::json;
use sluis_import::Options;

#[test]
fn what_swagger_writes_otherwise_is_understood() {
    let text = r##"
swagger: "2.0"
info: { title: Old Pets, version: 1 }
host: Pets.example.com
basePath: /v1
schemes: [http, https]
consumes: [application/json]
securityDefinitions:
  oauth: { type: oauth2, flow: accessCode, authorizationUrl: "https://id.example.com/a", tokenUrl: "https://id.example.com/t", scopes: { read: x } }
security: [{ oauth: [read] }]
parameters:
  PetBody: { name: pet, in: body, required: true, schema: { $ref: "#/definitions/Pet" } }
paths:
  /pets:
    post:
      operationId: addPet
      parameters:
        - $ref: "#/parameters/PetBody"
        - { name: kinds, in: query, type: array, items: { type: string }, collectionFormat: pipes }
        - { name: many, in: query, type: array, collectionFormat: multi }
      responses: { 201: { description: Added, schema: { $ref: "#/definitions/Pet" } } }
  /photos:
    post:
      operationId: addPhoto
      consumes: [multipart/form-data]
      parameters:
        - { name: photo, in: formData, type: file, required: true }
        - { name: title, in: formData, type: string, description: What it shows }
  /login:
    post:
      operationId: login
      consumes: [application/x-www-form-urlencoded]
      parameters: [{ name: user, in: formData, type: string, required: true }]
definitions:
  Pet: { type: object, required: [name], properties: { name: { type: string }, age: { type: integer } } }
"##;
    let draft = sluis_import::openapi(text, &Options::default()).unwrap();
    let made = connector(&draft);
    assert!(made.left_out.is_empty(), "{:?}", made.left_out);
    let definition = serde_json::to_value(&made.definition).unwrap();
    assert_eq!(definition["hosts"], json!(["pets.example.com"]));
    assert_eq!(definition["auth"]["scheme"], "oauth2_authorization_code");
    assert_eq!(definition["auth"]["scopes"], json!(["read"]));
    let add = &definition["apis"]["addPet"];
    assert_eq!(add["url"], "https://pets.example.com/v1/pets");
    assert_eq!(add["body"], json!({ "json": { "name": "${name}", "age": "${age}" } }));
    let styled = |name: &str, style: &str| json!({ "value": format!("${{{name}}}"), "style": style });
    assert_eq!(add["query"], json!({ "kinds": styled("kinds", "pipe"), "many": styled("many", "repeat") }));
    assert_eq!(add["answer"], json!({ "as": "json" }));
    assert_eq!(add["outputs"]["properties"]["age"], json!({ "type": "integer" }));
    let photo = &definition["apis"]["addPhoto"];
    assert_eq!(photo["body"], json!({ "multipart": { "photo": "${photo}", "title": "${title}" } }));
    assert_eq!(photo["inputs"]["photo"]["type"], "file");
    assert_eq!(photo["inputs"]["title"]["description"], "What it shows");
    assert_eq!(definition["apis"]["login"]["body"], json!({ "form": { "user": "${user}" } }));
}
