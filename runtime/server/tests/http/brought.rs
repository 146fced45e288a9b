//! A service that brings its answers to the server by itself.

use crate::world::{Answer, World, read};
use axum::extract::State;
use axum::http::StatusCode;
use axum::routing::post;
use axum::{Json, Router};
use serde_json::{Value, json};
use std::sync::{Arc, Mutex};

/// A service that takes jobs; the addresses that it was given.
async fn service() -> (String, Arc<Mutex<Vec<String>>>) {
    async fn take(State(webhooks): State<Arc<Mutex<Vec<String>>>>, Json(body): Json<Value>) -> StatusCode {
        webhooks.lock().unwrap().push(body["webhook"].as_str().unwrap().to_owned());
        StatusCode::ACCEPTED
    }
    let webhooks = Arc::<Mutex<Vec<String>>>::default();
    let router = Router::new().route("/jobs", post(take)).with_state(webhooks.clone());
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let host = listener.local_addr().unwrap().to_string();
    tokio::spawn(async move { axum::serve(listener, router).await });
    (host, webhooks)
}

async fn world() -> (World, Arc<Mutex<Vec<String>>>) {
    let (host, webhooks) = service().await;
    let world = World::allowing(Default::default(), true, std::slice::from_ref(&host)).await;
    let definition = json!({
        "sluis": 1, "namespace": "render", "service": {"name": "Render"}, "auth": {"scheme": "none"}, "hosts": [host],
        "apis": {"pdf": {
            "method": "POST", "url": format!("http://{host}/jobs"),
            "body": {"json": {"webhook": "${callback_url()}"}},
            "answer": {}, "async": {"callback": {"result": "body.get(\"url\")"}},
        }},
    });
    let released = world.post("/api/v1/connectors", json!({ "definition": definition.to_string() })).await;
    assert_eq!(released.status, 200, "{}", released.text);
    world.put("/api/v1/orgs/acme", json!({})).await;
    (world, webhooks)
}

impl World {
    async fn brings(&self, webhook: &str, body: Value) -> Answer {
        let request = self.client.post(webhook).header("content-type", "application/json");
        read(request.body(body.to_string()).send().await.unwrap()).await
    }
}

#[tokio::test]
async fn a_function_waits_for_what_a_service_brings_and_goes_on_by_itself() {
    let (world, webhooks) = world().await;
    let source = r#"return invokeConnector("render.pdf", {}).get("response");"#;
    let stored = world.put("/api/v1/orgs/acme/functions/f", json!({ "source": source })).await;
    assert!(stored.status < 300, "{}", stored.text);
    let started = world.post("/api/v1/orgs/acme/functions/f/run", json!({})).await;
    assert_eq!(started.status, 202, "{}", started.text);
    let run = started.json();
    assert_eq!((&run["status"], &run["api"]), (&json!("awaiting_callback"), &json!("render.pdf")));
    let call = format!("/api/v1/orgs/acme/calls/{}", run["call"].as_str().unwrap());
    assert_eq!(world.get(&call).await.json()["state"], "awaiting_callback");
    let webhook = webhooks.lock().unwrap()[0].clone();
    assert!(webhook.starts_with(&format!("{}/callbacks/", world.base)), "{webhook}");
    let brings = |url: &str| world.brings(&webhook, json!({ "url": url }));
    for _ in 0..2 {
        assert_eq!(brings("https://x/7.pdf").await.status, 204);
    }
    let ended = world.run_ended("acme", run["run_id"].as_str().unwrap()).await;
    assert_eq!((&ended["status"], &ended["value"]), (&json!("done"), &json!("https://x/7.pdf")));
    let stands = world.get(&call).await.json();
    assert_eq!((&stands["state"], &stands["response"]), (&json!("answered"), &json!("https://x/7.pdf")));
    brings("other").await.problem(409, "conflict");
}

#[tokio::test]
async fn what_is_brought_to_no_call_or_is_too_large_is_a_problem() {
    let (world, webhooks) = world().await;
    let accepted = world.post("/api/v1/orgs/acme/invoke/render.pdf", json!({})).await;
    assert_eq!(accepted.status, 202, "{}", accepted.text);
    assert_eq!(
        accepted.header("location"),
        format!("/api/v1/orgs/acme/calls/{}", accepted.json()["response"]["call"].as_str().unwrap())
    );
    let webhook = webhooks.lock().unwrap()[0].clone();
    let large = world.client.post(&webhook).body("x".repeat(1024 * 1024 + 1)).send().await.unwrap();
    read(large).await.problem(413, "too_large");
    world.brings(&format!("{webhook}x"), json!({})).await.problem(404, "not_found");
    read(world.client.get(&webhook).send().await.unwrap()).await.problem(404, "not_found");
    let head = world.client.head(&webhook).send().await.unwrap();
    assert_eq!(head.status(), 405);
    // None of that has used the address up.
    assert_eq!(world.brings(&webhook, json!({"url": "u"})).await.status, 204);
    let asked = world.get(accepted.header("location")).await.json();
    assert_eq!((&asked["state"], &asked["response"]), (&json!("answered"), &json!("u")));
}
