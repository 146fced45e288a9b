//! A call explained: its parts are those that are then sent, each with where it comes from.

use crate::proxy::services::Stage;
use serde_json::{Value, json};

fn part<'a>(explained: &'a Value, at: &str) -> &'a Value {
    let parts = explained["parts"].as_array().unwrap();
    parts.iter().find(|part| part["at"] == at).unwrap_or_else(|| panic!("{at} in {explained:#}"))
}

async fn explain(stage: &Stage, api: &str, data: Value) -> Value {
    let path = format!("/api/v1/orgs/acme/invoke/{api}/explain");
    let answer = stage.world.post(&path, json!({ "data": data })).await;
    assert_eq!(answer.status, 200, "{}", answer.text);
    let same = stage
        .world
        .post(&format!("/api/v1/orgs/acme/invoke/{api}?explain=true"), json!({ "data": data }))
        .await;
    assert_eq!(same.json(), answer.json());
    answer.json()
}

#[tokio::test]
async fn each_part_says_where_it_comes_from_and_is_what_is_sent() {
    let stage = Stage::new().await;
    let data = json!({ "name": "Ada", "more": [1], "stray": 1 });
    let explained = explain(&stage, "probe.create", data.clone()).await;
    let origin = |at: &str| part(&explained, at)["origins"].clone();
    let file = |place: &str| json!({ "from": "definition", "place": place });
    assert_eq!(origin("method"), json!([file("apis.create.method")]));
    assert_eq!(origin("url"), json!([file("apis.create.url")]));
    assert_eq!(
        origin("body /name"),
        json!([file("apis.create.body.json.name"), { "from": "argument", "name": "name" }])
    );
    assert_eq!(
        origin("body /count"),
        json!([file("apis.create.body.json.count"), { "from": "default", "name": "count" }])
    );
    assert_eq!(
        origin("body /on"),
        json!([file("apis.create.body.json.on"), { "from": "absent", "name": "on" }])
    );
    assert_eq!((&explained["release"], &explained["effect"]), (&json!(1), &json!("write")));
    assert_eq!((&explained["unused"], &explained["grant"]["needed"]), (&json!(["stray"]), &json!(false)));
    // The service answers with the body that it got.
    let sent =
        stage.world.post("/api/v1/orgs/acme/invoke/probe.create", json!({ "data": data })).await.json();
    let sent: Value = serde_json::from_str(sent["response"].as_str().unwrap()).unwrap();
    for (key, value) in sent.as_object().unwrap() {
        let told = part(&explained, &format!("body /{key}"))["value"].as_str().unwrap();
        assert_eq!(told, value.as_str().map_or_else(|| value.to_string(), str::to_owned), "{key}");
    }
    let wire = explained["request"].as_str().unwrap();
    let body: Value = serde_json::from_str(wire.split("\n\n").nth(1).unwrap()).unwrap();
    assert_eq!(body, sent);
    assert!(
        explained["curl"].as_str().unwrap().starts_with("curl --request POST 'http://127.0.0.1:"),
        "{explained}"
    );
}

#[tokio::test]
async fn placeholders_of_a_path_are_told_with_the_address() {
    let stage = Stage::new().await;
    let explained = explain(&stage, "probe.status", json!({ "code": 204 })).await;
    let url = part(&explained, "url");
    assert!(url["value"].as_str().unwrap().ends_with("/fail/204"), "{url}");
    assert_eq!(url["origins"][1], json!({ "from": "argument", "name": "code" }));
}

#[tokio::test]
async fn the_grant_is_told_with_its_scopes_and_nothing_of_its_credential() {
    let stage = Stage::new().await;
    let before = explain(&stage, "gcontacts.contacts", json!({})).await;
    assert_eq!(before["grant"]["needed"], true);
    assert!(before["obstacles"][0].as_str().unwrap().contains("sluis authorize gcontacts"), "{before}");
    stage.world.authorize("acme", "gcontacts").await;
    let calls = stage.world.provider.requests().len();
    let explained = explain(&stage, "gcontacts.contacts", json!({})).await;
    assert_eq!(explained.get("obstacles"), None, "{explained}");
    let authorization = part(&explained, "header authorization");
    assert_eq!(
        (&authorization["value"], &authorization["origins"]),
        (&json!("***"), &json!([{ "from": "credential" }]))
    );
    let grant = &explained["grant"];
    assert_eq!(grant["scopes_needed"], json!(["contacts.read", "contacts.write"]));
    assert_eq!(
        (&grant["scheme"], &grant["state"]["state"]),
        (&json!("oauth2_authorization_code"), &json!("active"))
    );
    assert_eq!(grant.get("scopes_missing"), None, "{grant}");
    assert_eq!(explained["repeats"][0]["again"], true);
    assert_eq!(stage.world.provider.requests().len(), calls, "nothing was asked of the provider");
}
