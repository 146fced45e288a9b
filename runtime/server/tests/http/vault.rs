//! New keys while the server serves.

use crate::world::World;
use serde_json::json;

#[tokio::test]
async fn keys_change_while_calls_go_on() {
    let world = World::ready().await;
    world.authorize("acme", "gcontacts").await;
    let status = world.get("/api/v1/vault").await.json();
    assert_eq!(status["ring"][0], status["root"]);
    let acme = |status: &serde_json::Value| {
        status["orgs"].as_array().unwrap().iter().find(|org| org["org"] == "acme").cloned().unwrap()
    };
    assert_eq!(acme(&status)["primary"], 1);
    let begun = world.post("/api/v1/vault/orgs/acme/rotate", json!({})).await;
    assert_eq!(begun.status, 202, "{}", begun.text);
    assert_eq!((&begun.json()["target"], &begun.json()["phase"]), (&json!(2), &json!("announced")));
    let again = world.post("/api/v1/vault/orgs/acme/rotate", json!({})).await.json();
    assert_eq!(again["target"], 2, "it is under way");
    let root = world.post("/api/v1/vault/root/rotate", json!({})).await;
    assert_eq!((root.status, &root.json()["root"]), (200, &status["root"]), "{}", root.text);
    let status = world.get("/api/v1/vault").await.json();
    assert!(acme(&status)["rotation"]["started_at"].as_str().is_some_and(|at| at.ends_with('Z')), "{status}");
    let called = world.post("/api/v1/orgs/acme/invoke/gcontacts.contacts", json!({})).await;
    assert_eq!(called.status, 200, "{}", called.text);
    world.post("/api/v1/vault/orgs/acne/rotate", json!({})).await.problem(404, "org_not_found");
}
