//! Ways to authenticate.

use crate::{connector, draft};
use serde_json::{Value, json};
use sluis_import::Selection;

fn auth(schemes: Value, security: Value) -> Value {
    let more = json!({ "components": { "securitySchemes": schemes }, "security": security });
    let made = connector(&draft(&json!({ "/a": { "get": {} } }), &more));
    serde_json::to_value(made.definition.auth).unwrap()
}

fn fields(auth: &Value, wanted: &Value) {
    for (name, value) in wanted.as_object().unwrap() {
        assert_eq!(&auth[name], value, "{name} of {auth}");
    }
}

#[test]
fn keys_and_passwords_are_taken_over() {
    let one = |scheme: Value| auth(json!({ "it": scheme }), json!([{ "it": [] }]));
    fields(
        &one(json!({ "type": "apiKey", "in": "header", "name": "X-Key" })),
        &json!({ "scheme": "api_key", "name": "X-Key", "in": "header" }),
    );
    fields(
        &one(json!({ "type": "apiKey", "in": "query", "name": "key" })),
        &json!({ "scheme": "api_key", "in": "query" }),
    );
    fields(&one(json!({ "type": "http", "scheme": "Basic" })), &json!({ "scheme": "basic" }));
    fields(&one(json!({ "type": "http", "scheme": "digest" })), &json!({ "scheme": "digest" }));
    fields(
        &one(
            json!({ "type": "apiKey", "in": "header", "name": "authorization", "description": "`Bearer TOKEN`" }),
        ),
        &json!({ "scheme": "bearer" }),
    );
    fields(&one(json!({ "type": "mutualTLS" })), &json!({ "scheme": "mutual_tls" }));
    fields(&one(json!({ "type": "http", "scheme": "hoba" })), &json!({ "scheme": "none" }));
    let open_id = one(
        json!({ "type": "openIdConnect", "openIdConnectUrl": "https://id.example.com/.well-known/openid-configuration" }),
    );
    fields(
        &open_id,
        &json!({ "scheme": "oauth2_authorization_code", "issuer": "https://id.example.com", "scopes": ["openid"] }),
    );
}

#[test]
fn each_flow_of_oauth_is_a_choice_and_asks_for_what_is_used() {
    let flows = json!({
        "authorizationCode": { "authorizationUrl": "/authorize", "tokenUrl": "https://id.example.com/token" },
        "clientCredentials": { "tokenUrl": "http://id.example.com/token" },
        "implicit": { "authorizationUrl": "https://id.example.com/authorize" },
    });
    let more = json!({ "components": { "securitySchemes": { "Our OAuth": { "type": "oauth2", "flows": flows }, "unused": { "type": "apiKey" } } } });
    let needs = |scope: &str| json!({ "security": [{ "Our OAuth": [scope] }], "operationId": scope });
    let paths =
        json!({ "/a": { "get": needs("read"), "put": needs("write"), "post": needs("not a scope") } });
    let draft = draft(&paths, &more);
    let made = connector(&draft);
    let auth = serde_json::to_value(&made.definition.auth).unwrap();
    assert_eq!(auth["scheme"], "choice");
    fields(
        &auth["configs"]["our_oauth"],
        &json!({
            "scheme": "oauth2_authorization_code", "authorize_url": "https://pets.example.com/authorize",
            "token_url": "https://id.example.com/token", "client": "vault:pets", "scopes": ["read", "write"]
        }),
    );
    fields(
        &auth["configs"]["our_oauth_client"],
        &json!({ "scheme": "oauth2_client_credentials", "token_url": "https://id.example.com/token" }),
    );
    assert!(draft.notes.iter().any(|note| note.contains("`implicit`")));
    let less = draft.connector(&Selection { only: vec!["read".into()] }).unwrap();
    let auth = serde_json::to_value(&less.definition.auth).unwrap();
    assert_eq!(auth["configs"]["our_oauth"]["scopes"], json!(["read"]));
}

#[test]
fn a_credential_that_is_described_as_a_parameter_too_is_one_only() {
    let key = json!({ "name": "x-key", "in": "header", "required": true });
    let more = json!({ "components": { "securitySchemes": { "it": { "type": "apiKey", "in": "header", "name": "X-Key" } } } });
    let made = connector(&draft(&json!({ "/a": { "get": { "parameters": [key] } } }), &more));
    assert!(made.definition.apis["get_a"].headers.is_empty());
    let header = json!({ "name": "Authorization", "in": "header" });
    let made = connector(&draft(&json!({ "/a": { "get": { "parameters": [header] } } }), &json!({})));
    fields(&serde_json::to_value(&made.definition.auth).unwrap(), &json!({ "scheme": "api_key" }));
}

#[test]
fn keys_that_are_wanted_together_are_noted() {
    let key = |name: &str| json!({ "type": "apiKey", "in": "header", "name": name });
    let more = json!({ "components": { "securitySchemes": { "a": key("A"), "b": key("B") } }, "security": [{ "a": [], "b": [] }] });
    let made = connector(&draft(&json!({ "/a": { "get": {} } }), &more));
    assert!(made.text.contains("# - wanted together, but a connection uses one: a and b"));
}
