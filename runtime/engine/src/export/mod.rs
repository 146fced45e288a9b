//! A connector as others read it: [`openapi`] as OpenAPI 3.1, [`tools`] as JSON tool schemas for agents.
//! Nothing secret is in a definition, so nothing secret comes out.

mod body;
mod inputs;
mod openapi;
mod operation;
mod security;
mod tools;

pub use openapi::{Exported, openapi};
pub use tools::tools;

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::{Value, json};
    use sluis_model::connector::ConnectorDefinition;

    fn pets() -> ConnectorDefinition {
        serde_json::from_value(json!({
            "sluis": 1, "namespace": "pets", "description": "Keeps pets.",
            "service": { "name": "Pets", "api_version": "v2" },
            "auth": {
                "scheme": "oauth2_authorization_code", "authorize_url": "https://op.example/a",
                "token_url": "https://op.example/t", "scopes": ["pets.read"], "client": "vault:pets",
            },
            "hosts": ["pets.example", "files.example"],
            "apis": {
                "list": { "description": "Lists pets.", "method": "GET", "effect": "read",
                          "url": "https://pets.example/v2/owners/${Owner}/pets?fixed=1",
                          "query": { "limit": "${Limit}", "sort": "name" },
                          "inputs": { "Owner": { "type": "text", "example": "own-17" },
                                      "Limit": { "type": "number", "required": false, "default": 10 } } },
                "add": { "method": "POST", "url": "https://pets.example/v2/pets",
                         "headers": { "Idempotency-Key": "${Key}" },
                         "body": { "json": { "name": "${Name}", "kind": "pet", "tags": ["${Tag}"] } } },
                "photos.upload": { "method": "PUT", "url": "https://files.example/photos", "effect": "destructive",
                                   "body": { "multipart": { "photo": "${Photo}" } },
                                   "inputs": { "Photo": { "type": "file" } } },
            },
        }))
        .unwrap()
    }

    #[test]
    fn parameters_bodies_scopes_and_servers_stand_where_openapi_wants_them() {
        let Exported { document, left_out } = openapi(&pets()).unwrap();
        assert_eq!(left_out, []);
        assert_eq!(document["openapi"], "3.1.0");
        assert_eq!(
            document["info"],
            json!({ "title": "Pets", "version": "v2", "description": "Keeps pets." })
        );
        assert_eq!(document["servers"], json!([{ "url": "https://pets.example" }]));
        let list = &document["paths"]["/v2/owners/{Owner}/pets"]["get"];
        assert_eq!(list["operationId"], "list");
        let place = |at: usize| (&list["parameters"][at]["name"], &list["parameters"][at]["in"]);
        assert_eq!(place(0), (&json!("Owner"), &json!("path")));
        assert_eq!(list["parameters"][0]["required"], true);
        let limit = list["parameters"].as_array().unwrap().iter().find(|p| p["name"] == "limit").unwrap();
        assert_eq!((&limit["required"], &limit["schema"]["default"]), (&json!(false), &json!(10)));
        let add = &document["paths"]["/v2/pets"]["post"];
        let schema = &add["requestBody"]["content"]["application/json"]["schema"];
        assert_eq!(schema["properties"]["kind"], json!({ "const": "pet" }));
        assert_eq!(add["parameters"][0]["in"], "header");
        let photos = &document["paths"]["/photos"]["put"];
        assert!(photos["requestBody"]["content"]["multipart/form-data"].is_object());
        assert_eq!(document["paths"]["/photos"]["servers"], json!([{ "url": "https://files.example" }]));
        let flow = &document["components"]["securitySchemes"]["auth"]["flows"]["authorizationCode"];
        assert_eq!(flow["scopes"], json!({ "pets.read": "" }));
        assert_eq!(document["security"], json!([{ "auth": ["pets.read"] }]));
    }

    #[test]
    fn two_apis_at_one_address_cannot_both_be_told() {
        let mut file = serde_json::to_value(pets()).unwrap();
        file["apis"]["all"] =
            json!({ "method": "GET", "url": "https://pets.example/v2/owners/${Whose}/pets" });
        let exported = openapi(&serde_json::from_value(file).unwrap()).unwrap();
        assert_eq!(exported.left_out.len(), 1, "{:?}", exported.left_out);
        assert_eq!(exported.left_out[0].0, "list");
    }

    #[test]
    fn tools_say_what_they_take_and_what_they_do() {
        let tools = tools(&pets()).unwrap();
        let named = |name: &str| -> &Value { tools.iter().find(|tool| tool["name"] == name).unwrap() };
        let list = named("pets_list");
        assert_eq!(list["description"], "Lists pets.");
        assert_eq!(list["annotations"]["readOnlyHint"], true);
        assert_eq!(list["inputSchema"]["required"], json!(["Owner"]));
        assert_eq!(list["inputSchema"]["properties"]["Limit"], json!({ "type": "number", "default": 10 }));
        assert_eq!(list["inputSchema"]["additionalProperties"], false);
        assert_eq!(named("pets_photos_upload")["annotations"]["destructiveHint"], true);
        assert_eq!(named("pets_photos_upload")["_meta"]["sluis/api"], "pets.photos.upload");
    }
}
