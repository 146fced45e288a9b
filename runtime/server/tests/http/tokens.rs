//! Tokens of the API: made, shown once, used, revoked.

use crate::world::World;
use serde_json::json;

#[tokio::test]
async fn a_token_that_was_made_is_accepted_until_it_is_revoked() {
    let world = World::ready().await;
    let made = world.post("/api/v1/tokens", json!({ "name": "ci", "expires_in_s": 3600 })).await;
    assert_eq!((made.status, made.header("cache-control")), (201, "no-store"), "{}", made.text);
    let made = made.json();
    let (text, prefix) = (made["secret"].as_str().unwrap(), made["token"]["prefix"].as_str().unwrap());
    assert!(text.starts_with(&format!("{prefix}_")) && prefix.starts_with("slu_"), "{prefix}");
    let connectors = async |token: &str| world.get_with("/api/v1/connectors", token).await;
    assert_eq!(connectors(text).await.status, 200);
    let listed = world.get("/api/v1/tokens").await;
    assert!(!listed.text.contains(text) && !listed.text.contains("hash"), "{}", listed.text);
    let listed = listed.json();
    assert_eq!(listed["tokens"][0]["name"], "ci");
    assert!(listed["tokens"][0]["last_used_at"].as_str().is_some_and(|at| at.ends_with('Z')), "{listed}");
    assert_eq!(world.delete(&format!("/api/v1/tokens/{prefix}")).await.status, 200);
    let refused = connectors(text).await;
    let problem = refused.problem(401, "unauthenticated");
    assert_eq!(problem["detail"], "the API token is revoked");
    assert!(refused.header("www-authenticate").contains("invalid_token"));
    let unknown = connectors(&format!("slu_00000000_{}", "0".repeat(52))).await;
    assert_eq!(unknown.problem(401, "unauthenticated")["detail"], "the API token is not one of this server");
    world.delete("/api/v1/tokens/slu_zzzzzzzz").await.problem(404, "not_found");
}

#[tokio::test]
async fn a_token_that_was_made_cannot_make_others_or_touch_keys() {
    let world = World::ready().await;
    let made = world.post("/api/v1/tokens", json!({ "name": "ci" })).await.json();
    let text = made["secret"].as_str().unwrap();
    for path in ["/api/v1/tokens", "/api/v1/vault"] {
        world.get_with(path, text).await.problem(403, "forbidden");
    }
}

#[tokio::test]
async fn a_token_needs_a_name_and_a_lifetime_that_makes_sense() {
    let world = World::ready().await;
    for wrong in
        [json!({}), json!({ "name": "" }), json!({ "name": "a", "expires_in_s": 0 }), json!({ "name": 1 })]
    {
        world.post("/api/v1/tokens", wrong).await.problem(400, "invalid_input");
    }
}

#[tokio::test]
async fn no_answer_of_the_api_holds_a_secret_or_a_placeholder() {
    let world = World::ready().await;
    world.authorize("acme", "gcontacts").await;
    let paths = [
        "/api/v1/connectors",
        "/api/v1/connectors/gcontacts",
        "/api/v1/orgs/acme/connections",
        "/api/v1/orgs/acme/connections/gcontacts",
        "/api/v1/orgs/acme/functions",
        "/api/v1/tokens",
        "/api/v1/vault",
    ];
    for path in paths {
        let answer = world.get(path).await;
        let mut shown = answer.text.clone();
        shown.extend(answer.headers.values().filter_map(|value| value.to_str().ok()));
        for hidden in
            [world.client_secret.as_str(), "****", "REDACTED", "\"client_secret\"", "access_token\""]
        {
            assert!(!shown.contains(hidden), "{path}: {hidden} in {shown}");
        }
    }
}
