//! Requests that are sent again with the same `Idempotency-Key`.

use crate::world::{Answer, TOKEN, World, read};
use serde_json::{Value, json};
use std::collections::BTreeMap;

const PUSH: &str = "/api/v1/orgs/acme/invoke/gcontacts.pushcontact";

async fn send(world: &World, path: &str, key: &str, body: &Value) -> Answer {
    send_as(world, TOKEN, path, key, body).await
}

async fn send_as(world: &World, token: &str, path: &str, key: &str, body: &Value) -> Answer {
    let request = world.client.post(format!("{}{path}", world.base)).bearer_auth(token);
    let request = request.header("idempotency-key", key).header("content-type", "application/json");
    read(request.body(body.to_string()).send().await.unwrap()).await
}

fn alfred() -> Value {
    json!({ "data": { "first": "Alfred", "last": "Little" } })
}

async fn authorized() -> World {
    let world = World::ready().await;
    world.authorize("acme", "gcontacts").await;
    world
}

fn people(world: &World) -> usize {
    world.provider.contacts().len()
}

#[tokio::test]
async fn a_request_is_carried_out_once_however_often_it_is_sent() {
    let world = authorized().await;
    let before = people(&world);
    let first = send(&world, PUSH, "\"k1\"", &alfred()).await;
    assert_eq!((first.status, first.header("idempotency-replayed")), (200, ""), "{}", first.text);
    for key in ["k1", "\"k1\"", " k1 "] {
        let again = send(&world, PUSH, key, &alfred()).await;
        assert_eq!((again.status, again.header("idempotency-replayed")), (200, "true"));
        assert_eq!(again.text, first.text);
        assert_eq!(again.header("content-type"), first.header("content-type"));
        assert_ne!(again.header("x-request-id"), first.header("x-request-id"));
    }
    assert_eq!(people(&world), before + 1);
    send(&world, PUSH, "k2", &alfred()).await;
    assert_eq!(people(&world), before + 2, "another key is another request");
}

#[tokio::test]
async fn of_those_that_come_at_the_same_time_one_is_carried_out() {
    let world = authorized().await;
    let before = people(&world);
    let body = alfred();
    let one = || send(&world, PUSH, "at once", &body);
    let (a, b, c, d, e, f) = tokio::join!(one(), one(), one(), one(), one(), one());
    let answers = [a, b, c, d, e, f];
    let mut seen: BTreeMap<u16, usize> = BTreeMap::new();
    for answer in &answers {
        *seen.entry(answer.status).or_default() += 1;
        if answer.status == 409 {
            answer.problem(409, "conflict");
            assert_eq!(answer.header("retry-after"), "1");
        }
    }
    assert!(seen.keys().all(|status| [200, 409].contains(status)) && seen.contains_key(&200), "{seen:?}");
    assert_eq!(people(&world), before + 1, "{seen:?}");
}

#[tokio::test]
async fn a_key_stands_for_one_request_of_one_caller() {
    let world = authorized().await;
    send(&world, PUSH, "k", &alfred()).await;
    let mut other = alfred();
    other["data"]["first"] = json!("Grace");
    send(&world, PUSH, "k", &other).await.problem(422, "idempotency_key_reused");
    let elsewhere = "/api/v1/orgs/acme/invoke/gcontacts.pushcontact/explain";
    assert_eq!(send(&world, elsewhere, "k", &alfred()).await.status, 422);
    let before = people(&world);
    let made = world.post("/api/v1/orgs/acme/tokens", json!({ "name": "other" })).await.json();
    let answer = send_as(&world, made["secret"].as_str().unwrap(), PUSH, "k", &alfred()).await;
    assert_eq!((answer.status, answer.header("idempotency-replayed")), (200, ""), "{}", answer.text);
    assert_eq!(people(&world), before + 1);
    send_as(&world, "slt_nobody", PUSH, "k", &alfred()).await.problem(401, "unauthenticated");
}

#[tokio::test]
async fn what_was_turned_down_may_be_mended_and_what_failed_after_it_began_is_not_done_twice() {
    let world = World::ready().await;
    send(&world, PUSH, "early", &alfred()).await.problem(409, "not_authorized");
    world.authorize("acme", "gcontacts").await;
    assert_eq!(send(&world, PUSH, "early", &alfred()).await.status, 200, "authorized since");
    let script =
        "r = invokeConnector(\"gcontacts.pushcontact\", {\"first\":\"Ada\",\"last\":\"L\"}); x = 1 / 0;";
    let stored = world.put("/api/v1/orgs/acme/functions/half", json!({ "source": script })).await;
    assert_eq!(stored.status, 200, "{}", stored.text);
    let before = people(&world);
    let first = send(&world, "/api/v1/orgs/acme/functions/half/run", "half", &json!({})).await;
    first.problem(422, "script_fault");
    let again = send(&world, "/api/v1/orgs/acme/functions/half/run", "half", &json!({})).await;
    assert_eq!((again.status, again.text == first.text), (422, true), "{}", again.text);
    assert_eq!(again.header("content-type"), "application/problem+json");
    assert_eq!(people(&world), before + 1, "its call was not made again");
}

#[tokio::test]
async fn a_key_that_is_none_is_refused_and_other_methods_and_open_routes_need_none() {
    let world = World::ready().await;
    send(&world, PUSH, "", &alfred()).await.problem(400, "invalid_input");
    send(&world, PUSH, &"k".repeat(256), &alfred()).await.problem(400, "invalid_input");
    let get = world.client.get(format!("{}/api/v1/orgs", world.base)).bearer_auth(TOKEN);
    assert_eq!(read(get.header("idempotency-key", "").send().await.unwrap()).await.status, 200);
    let nobody = json!({ "user": "a@b.example", "password": "not theirs at all" });
    let mut answers = Vec::new();
    for _ in 0..2 {
        answers.push(send_as(&world, "", "/api/v1/session", "k", &nobody).await);
    }
    for answer in answers {
        answer.problem(401, "unauthenticated");
        assert_eq!(answer.header("idempotency-replayed"), "");
    }
}

#[tokio::test]
async fn a_text_that_is_shown_once_is_shown_again_to_whoever_sent_the_key_and_is_sealed() {
    let world = World::ready().await;
    let wanted = json!({ "user": "ada@example.com", "role": "member" });
    let first = send(&world, "/api/v1/orgs/acme/invitations", "invite", &wanted).await;
    let again = send(&world, "/api/v1/orgs/acme/invitations", "invite", &wanted).await;
    assert_eq!((again.status, again.header("cache-control")), (201, "no-store"));
    let text = first.json()["invitation"].as_str().unwrap().to_owned();
    assert_eq!(again.json()["invitation"], text.as_str());
    assert!(!world.stored_bytes().windows(text.len()).any(|window| window == text.as_bytes()));
}
