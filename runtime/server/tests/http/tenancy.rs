//! One org never sees what belongs to another: not found, never forbidden.

use crate::world::World;
use serde_json::json;

#[tokio::test]
async fn two_orgs_do_not_see_each_others_things() {
    let world = World::ready().await;
    world.put("/api/v1/orgs/rival", json!({})).await;
    world.put("/api/v1/orgs/acme/functions/secret", json!({ "source": "return \"acme only\";" })).await;
    let run = world.post("/api/v1/orgs/acme/functions/secret/run", json!({})).await.json();
    let run = run["run_id"].as_str().unwrap();
    world.authorize("acme", "gcontacts").await;
    let started = world.post("/api/v1/orgs/acme/connections/gcontacts/authorize", json!({})).await.json();
    let grant = started["grant_id"].as_str().unwrap();

    assert_eq!(
        world.get("/api/v1/orgs/rival/functions").await.json(),
        json!({ "functions": [], "next": null })
    );
    world.get("/api/v1/orgs/rival/functions/secret").await.problem(404, "function_not_found");
    world.post("/api/v1/orgs/rival/functions/secret/run", json!({})).await.problem(404, "function_not_found");
    world.get(&format!("/api/v1/orgs/rival/runs/{run}")).await.problem(404, "run_not_found");
    world.get(&format!("/api/v1/orgs/rival/grants/{grant}")).await.problem(404, "not_found");
    assert_eq!(
        world.get("/api/v1/orgs/rival/connections").await.json(),
        json!({ "connections": [], "next": null })
    );
    let api = "/api/v1/orgs/rival/invoke/gcontacts.contacts";
    world.post(api, json!({})).await.problem(409, "not_authorized");
    world.delete("/api/v1/orgs/rival/connections/gcontacts").await.problem(409, "not_authorized");
    assert_eq!(world.get(&format!("/api/v1/orgs/acme/runs/{run}")).await.status, 200, "and acme still does");
    assert_eq!(world.post("/api/v1/orgs/acme/invoke/gcontacts.contacts", json!({})).await.status, 200);
}

#[tokio::test]
async fn an_authorization_of_one_org_is_not_one_of_the_other() {
    let world = World::ready().await;
    world.put("/api/v1/orgs/rival", json!({})).await;
    world.authorize("rival", "gcontacts").await;
    assert_eq!(world.get("/api/v1/orgs/rival/connections").await.json()["connections"][0]["state"], "active");
    assert_eq!(
        world.get("/api/v1/orgs/acme/connections").await.json(),
        json!({ "connections": [], "next": null })
    );
}
