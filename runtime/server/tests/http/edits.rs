//! Edits that hold for what was seen: entity tags and their conditions.

use crate::world::{Answer, TOKEN, World, read};
use serde_json::{Value, json};

const FUNCTION: &str = "/api/v1/orgs/acme/functions/f";
const PROXY: &str = "/api/v1/orgs/acme/connector-proxy";

async fn send(world: &World, method: &str, path: &str, header: (&str, &str), body: Option<Value>) -> Answer {
    let request = world.client.request(method.parse().unwrap(), format!("{}{path}", world.base));
    let request = request.header("authorization", format!("Bearer {TOKEN}")).header(header.0, header.1);
    let request = match body {
        Some(body) => request.header("content-type", "application/json").body(body.to_string()),
        None => request,
    };
    read(request.send().await.unwrap()).await
}

fn script(text: &str) -> Option<Value> {
    Some(json!({ "source": text }))
}

#[tokio::test]
async fn a_function_is_changed_only_as_it_was_seen() {
    let world = World::ready().await;
    let stored = world.put(FUNCTION, json!({ "source": "return 1;" })).await;
    let seen = world.get(FUNCTION).await.header("etag").to_owned();
    assert!(seen.len() == 34 && seen.starts_with('"'), "{seen}");
    assert_eq!(stored.header("etag"), seen, "what was stored has the tag that is read");
    let changed = send(&world, "PUT", FUNCTION, ("if-match", &seen), script("return 2;")).await;
    assert_eq!(changed.status, 200, "{}", changed.text);
    let late = send(&world, "PUT", FUNCTION, ("if-match", &seen), script("return 3;")).await;
    late.problem(412, "precondition_failed");
    assert_eq!(late.header("etag"), changed.header("etag"), "the present tag");
    assert_eq!(world.get(FUNCTION).await.json()["source"], "return 2;");
    let made_anew = send(&world, "PUT", FUNCTION, ("if-none-match", "*"), script("return 4;")).await;
    made_anew.problem(412, "precondition_failed");
    send(&world, "PUT", FUNCTION, ("if-match", "abc"), script("return 5;"))
        .await
        .problem(400, "invalid_input");
}

#[tokio::test]
async fn what_has_not_changed_is_not_sent_again() {
    let world = World::ready().await;
    for path in [FUNCTION, PROXY] {
        world.put(FUNCTION, json!({ "source": "return 1;" })).await;
        let tag = world.get(path).await.header("etag").to_owned();
        let same = send(&world, "GET", path, ("if-none-match", &tag), None).await;
        assert_eq!((same.status, same.text.as_str(), same.header("etag")), (304, "", tag.as_str()));
        assert_eq!(send(&world, "GET", path, ("if-none-match", "\"other\""), None).await.status, 200);
    }
}

#[tokio::test]
async fn a_function_is_removed_and_a_late_removal_is_refused() {
    let world = World::ready().await;
    world.put(FUNCTION, json!({ "source": "return 1;" })).await;
    let seen = world.get(FUNCTION).await.header("etag").to_owned();
    world.put(FUNCTION, json!({ "source": "return 2;" })).await;
    send(&world, "DELETE", FUNCTION, ("if-match", &seen), None).await.problem(412, "precondition_failed");
    assert_eq!(world.delete(FUNCTION).await.status, 204);
    world.get(FUNCTION).await.problem(404, "function_not_found");
    world.delete(FUNCTION).await.problem(404, "function_not_found");
}

#[tokio::test]
async fn settings_are_changed_only_as_they_were_seen() {
    let world = World::ready().await;
    let seen = world.get(PROXY).await.header("etag").to_owned();
    let settings = |origin: &str| Some(json!({ "backends": [{ "origin": origin }] }));
    let first = send(&world, "PUT", PROXY, ("if-match", &seen), settings("https://one.example.com")).await;
    assert_eq!(first.status, 200, "{}", first.text);
    let late = send(&world, "PUT", PROXY, ("if-match", &seen), settings("https://two.example.com")).await;
    late.problem(412, "precondition_failed");
    assert_eq!(late.header("etag"), first.header("etag"));
}
