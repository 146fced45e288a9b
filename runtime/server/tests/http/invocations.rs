//! Calling APIs, and connections from start to revocation.

use crate::world::World;
use serde_json::json;

const PUSH: &str = "/api/v1/orgs/acme/invoke/gcontacts.pushcontact";

#[tokio::test]
async fn an_authorized_api_is_called_and_its_answer_given_as_it_came() {
    let world = World::ready().await;
    assert_eq!(world.authorize("acme", "gcontacts").await.status, 303);
    let answer = world.post(PUSH, json!({ "data": { "first": "Ada", "last": "Lovelace" } })).await;
    assert_eq!(answer.status, 200, "{}", answer.text);
    let body = answer.json();
    assert_eq!(body["status_code"], 201, "{body}");
    assert!(body["response"].as_str().unwrap().contains("Lovelace"), "{body}");
    assert_eq!(body["headers"]["content-type"], "application/json");
    assert_eq!(world.provider.contacts().len(), 1);
}

#[tokio::test]
async fn explain_shows_what_would_be_sent_without_sending_and_without_the_token() {
    let world = World::ready().await;
    world.authorize("acme", "gcontacts").await;
    let sent = world.provider.requests().len();
    let path = format!("{PUSH}?explain=true");
    let answer = world.post(&path, json!({ "data": { "first": "Ada", "last": "Lovelace" } })).await;
    let request = answer.json()["request"].as_str().unwrap().to_owned();
    assert!(request.contains("POST") && request.contains("Lovelace") && request.contains("***"), "{request}");
    assert_eq!(world.provider.requests().len(), sent, "nothing was sent");
    world.post(&format!("{PUSH}?explian=true"), json!({})).await.problem(400, "invalid_input");
}

#[tokio::test]
async fn what_is_missing_or_unknown_is_named() {
    let world = World::ready().await;
    let data = json!({ "data": { "first": "Ada", "last": "Lovelace" } });
    let problem = world.post(PUSH, data.clone()).await.problem(409, "not_authorized");
    assert!(problem["help"].as_str().is_some_and(|help| !help.is_empty()), "{problem}");
    world.authorize("acme", "gcontacts").await;
    let problem = world.post(PUSH, json!({ "data": { "first": "Ada" } })).await.problem(400, "invalid_input");
    assert!(problem["detail"].as_str().unwrap().contains("last"), "{problem}");
    let path = "/api/v1/orgs/acme/invoke/gcontacts.pushcontacts";
    let problem = world.post(path, data.clone()).await.problem(404, "api_not_found");
    assert_eq!(problem["help"], "did you mean `gcontacts.pushcontact`?");
    let problem = world.post("/api/v1/orgs/acme/invoke/gcontact.pushcontact", data).await;
    problem.problem(404, "connector_not_found");
}

#[tokio::test]
async fn a_connection_is_listed_without_its_tokens_and_revoked_at_the_provider() {
    let world = World::ready().await;
    world.authorize("acme", "gcontacts").await;
    let listed = world.get("/api/v1/orgs/acme/connections").await;
    let connection = listed.json()["connections"][0].clone();
    assert_eq!(connection["connector"], "gcontacts");
    assert_eq!(connection["state"], "active");
    assert_eq!(connection["refreshable"], true);
    assert!(!listed.text.contains("token"), "{}", listed.text);
    let revoked = world.delete("/api/v1/orgs/acme/connections/gcontacts").await;
    assert_eq!(revoked.status, 200, "{}", revoked.text);
    assert_eq!(revoked.json()["provider"]["result"], "revoked");
    assert_eq!(world.provider.counts().revocations, 1);
    assert_eq!(
        world.get("/api/v1/orgs/acme/connections").await.json(),
        json!({ "connections": [], "next": null })
    );
    world.delete("/api/v1/orgs/acme/connections/gcontacts").await.problem(409, "not_authorized");
}

#[tokio::test]
async fn a_connector_whose_client_is_missing_says_what_the_operator_does() {
    let world = World::new().await;
    let body = json!({ "definition": world.definition("gcontacts") });
    assert_eq!(world.post("/api/v1/connectors", body).await.status, 200);
    world.put("/api/v1/orgs/acme", json!({})).await;
    let answer = world.post("/api/v1/orgs/acme/connections/gcontacts/authorize", json!({})).await;
    let problem = answer.problem(409, "client_missing");
    assert!(problem["help"].as_str().unwrap().contains("client"), "{problem}");
}
