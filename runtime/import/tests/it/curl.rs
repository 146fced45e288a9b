//! Lines of cURL.

use crate::connector;
use serde_json::{Value, json};
use sluis_import::Options;

fn imported(line: &str) -> (Value, String) {
    let made = connector(&sluis_import::curl(line, &Options::default()).unwrap());
    (serde_json::to_value(&made.definition).unwrap(), made.text)
}

fn only(definition: &Value) -> &Value {
    definition["apis"].as_object().unwrap().values().next().unwrap()
}

#[test]
fn a_line_becomes_an_api_whose_inputs_have_its_values() {
    let (definition, text) = imported(
        "curl -sSL -X PATCH 'https://api.example.com:8443/v1/pets/7?dry_run=true&empty=' \\\n  -H 'Authorization: Bearer s3cr3t-t0ken' -H 'X-Team: a${b}' -H 'Content-Type: application/json' \\\n  --data-raw '{\"name\": \"Rex\", \"age\": 3, \"owner\": {\"id\": \"${x}\"}, \"client_secret\": \"hunter2\"}' --compressed",
    );
    assert_eq!(definition["namespace"], "example");
    assert_eq!(definition["auth"], json!({ "scheme": "bearer" }));
    let api = only(&definition);
    assert_eq!(api["method"], "PATCH");
    assert_eq!(api["url"], "https://api.example.com:8443/v1/pets/7");
    assert_eq!(api["query"], json!({ "dry_run": "${dry_run}", "empty": "" }));
    assert_eq!(api["headers"], json!({ "X-Team": "a$${b}" }));
    assert_eq!(
        api["body"]["json"],
        json!({ "name": "${name}", "age": "${age}", "owner": { "id": "$${x}" }, "client_secret": "${client_secret}" })
    );
    assert_eq!(
        api["inputs"]["age"],
        json!({ "type": "number", "required": false, "absent": "leave_out", "default": 3 })
    );
    assert!(!text.contains("s3cr3t") && !text.contains("hunter2"), "{text}");
}

#[test]
fn forms_parts_and_queries_are_told_apart() {
    let (definition, _) =
        imported("curl https://a.example.com/x -d a=1 --data-urlencode 'b=c d&e' -d f -d a=2");
    assert_eq!(only(&definition)["method"], "POST");
    assert_eq!(only(&definition)["body"], json!({ "form": { "a": "${a}", "b": "${b}", "f": "" } }));
    assert_eq!(only(&definition)["inputs"]["b"]["default"], "c d&e");
    let (definition, _) = imported("curl -F photo=@rex.png -F title=Rex https://a.example.com/x");
    assert_eq!(
        only(&definition)["body"],
        json!({ "multipart": { "photo": "${photo}", "title": "${title}" } })
    );
    let (definition, _) = imported("curl -G a.example.com/x -d q=cat -u me:pw");
    assert_eq!(only(&definition)["method"], "GET");
    assert_eq!(only(&definition)["query"], json!({ "q": "${q}" }));
    assert_eq!(definition["auth"]["scheme"], "basic");
}

#[test]
fn keys_are_recognised_and_left_behind() {
    let auth = |line: &str| imported(line).0["auth"].clone();
    assert_eq!(auth("curl https://a.example.com -H 'X-API-Key: k'")["name"], "X-API-Key");
    assert_eq!(auth("curl 'https://a.example.com/?api_key=k&x=1'")["in"], "query");
    assert_eq!(auth("curl https://a.example.com -H 'Authorization: Token k'")["prefix"], "Token ");
    assert_eq!(auth("curl https://a.example.com --digest -u me:pw")["scheme"], "digest");
    let (definition, text) = imported("curl 'https://a.example.com/?api_key=k-123' -b 'session=s-456'");
    assert!(only(&definition).get("query").is_none());
    assert!(!text.contains("k-123") && !text.contains("s-456") && text.contains("cookies"), "{text}");
}

#[test]
fn a_body_may_be_a_file_or_a_text_of_any_kind() {
    let (definition, text) = imported("curl https://a.example.com -d @body.json");
    assert_eq!(only(&definition)["body"], json!({ "bytes": "${body}" }));
    assert!(text.contains("`body.json`"), "{text}");
    let (definition, text) =
        imported("curl https://a.example.com -H 'Content-Type: text/xml' -d '<a><pw>s-1</pw></a>'");
    assert_eq!(only(&definition)["body"], json!({ "text": "${body}" }));
    assert_eq!(only(&definition)["headers"]["Content-Type"], "text/xml");
    assert!(!text.contains("s-1"), "what is sent may hold a secret: {text}");
}

#[test]
fn what_cannot_be_followed_is_told_with_a_way_out() {
    let refused = |line: &str| {
        let error = sluis_import::curl(line, &Options::default()).unwrap_err();
        format!("{error} | {}", error.help().unwrap_or_default())
    };
    assert!(refused("wget https://a.example.com").contains("begin with `curl`"));
    assert!(refused("curl").contains("no address"));
    assert!(refused("curl https://a.example.com --heder 'A: b'").contains("did you mean `--header`?"));
    assert!(refused("curl https://a.example.com -H").contains("wants a value"));
    assert!(refused("curl 'https://a.example.com").contains("not closed"));
    assert!(refused("curl -X GET https://a.example.com -d a=1").contains("GET request with a body"));
}
