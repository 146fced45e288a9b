//! Releasing connectors, clients and orgs.

use crate::world::World;
use serde_json::json;

#[tokio::test]
async fn a_connector_is_released_listed_and_told_alone() {
    let world = World::new().await;
    let body = json!({
        "definition": world.definition("gcontacts"),
        "notes": "First release.",
        "support_email": "help@example.com",
    });
    let released = world.post("/api/v1/connectors", body).await;
    assert_eq!(released.status, 200, "{}", released.text);
    assert_eq!(released.json()["release"], 1);
    let listed = world.get("/api/v1/connectors").await.json();
    let connector = &listed["connectors"][0];
    assert_eq!(connector["namespace"], "gcontacts");
    assert_eq!(connector["apis"], json!(["gcontacts.contacts", "gcontacts.pushcontact"]));
    assert_eq!(connector["notes"], "First release.");
    assert_eq!(connector["support_email"], "help@example.com");
    assert!(connector["released_at"].as_str().unwrap().ends_with('Z'), "{connector}");
    let whole = world.get("/api/v1/connectors/gcontacts").await.json();
    assert_eq!(whole["definition"]["auth"]["client"], "vault:gcontacts");
}

#[tokio::test]
async fn the_file_itself_is_taken_as_yaml_and_an_unchanged_one_is_not_released_twice() {
    let world = World::new().await;
    for _ in 0..2 {
        let request = world.client.post(format!("{}/api/v1/connectors", world.base));
        let text = world.definition("gcontacts");
        let answer = world.send(request.header("content-type", "application/yaml").body(text)).await;
        assert_eq!((answer.status, answer.json()["release"].clone()), (200, json!(1)), "{}", answer.text);
    }
}

#[tokio::test]
async fn a_file_with_problems_is_answered_with_all_of_them_and_their_places() {
    let world = World::new().await;
    let text =
        world.definition("gcontacts").replace("method: POST", "methd: POST").replace("sluis: 1", "sluis: 9");
    let answer = world.post("/api/v1/connectors", json!({ "definition": text })).await;
    let problem = answer.problem(422, "invalid_definition");
    let problems = problem["problems"].as_array().unwrap();
    assert!(!problems.is_empty(), "{problem}");
    for one in problems {
        assert!(one["line"].as_u64().is_some_and(|line| line >= 1), "{one}");
        assert!(one["column"].as_u64().is_some_and(|column| column >= 1), "{one}");
        assert!(!one["message"].as_str().unwrap().is_empty(), "{one}");
    }
    assert_eq!(
        world.get("/api/v1/connectors").await.json(),
        json!({ "connectors": [], "next": null }),
        "nothing was released"
    );
}

#[tokio::test]
async fn a_hook_that_does_not_compile_is_refused_with_its_diagnostics() {
    let world = World::new().await;
    let text = format!("{}hooks:\n  on_authorize: |\n    return nosuch(1);\n", world.definition("gcontacts"));
    let problem = world
        .post("/api/v1/connectors", json!({ "definition": text }))
        .await
        .problem(422, "invalid_definition");
    assert_eq!(problem["hook"], "on_authorize");
    assert_eq!(problem["diagnostics"][0]["code"], "E0201", "{problem}");
    assert_eq!(problem["diagnostics"][0]["line"], 1);
}

#[tokio::test]
async fn an_unknown_connector_is_answered_with_the_one_that_was_meant() {
    let world = World::ready().await;
    let problem = world.get("/api/v1/connectors/gcontact").await.problem(404, "connector_not_found");
    assert_eq!(problem["help"], "did you mean `gcontacts`?");
}

#[tokio::test]
async fn a_client_can_be_written_and_never_read() {
    let world = World::new().await;
    let answer = world.put("/api/v1/clients/gcontacts", json!({ "id": "abc", "secret": "swordfish" })).await;
    assert_eq!(answer.json(), json!({ "client": "gcontacts", "reference": "vault:gcontacts" }));
    let refused = world.get("/api/v1/clients/gcontacts").await;
    assert!(refused.text.contains("`/api/v1/clients/gcontacts`"), "the whole path: {}", refused.text);
    refused.problem(405, "method_not_allowed");
    world
        .put("/api/v1/clients/gcontacts", json!({ "secret": "swordfish" }))
        .await
        .problem(400, "invalid_input");
    let answer =
        world.put("/api/v1/clients/gcontacts", json!({ "id": "abc", "secret": ["swordfish"] })).await;
    answer.problem(400, "invalid_input");
    assert!(!answer.text.contains("swordfish"), "{}", answer.text);
    world.put("/api/v1/clients/a%20b", json!({ "id": "abc" })).await.problem(400, "invalid_input");
}

#[tokio::test]
async fn an_org_is_made_once_and_a_missing_one_is_named() {
    let world = World::new().await;
    let first = world.put("/api/v1/orgs/acme", json!({})).await.json();
    assert_eq!(world.put("/api/v1/orgs/acme", json!({})).await.json(), first);
    let problem = world.get("/api/v1/orgs/acne/functions").await.problem(404, "org_not_found");
    assert_eq!(problem["help"], "did you mean `acme`?");
}
