//! What an operator sets: limits, origins, metrics, and how a server says that it goes.

use crate::world::{Answer, TOKEN, World, read};
use serde_json::json;
use sluis_server::{Drain, RateLimits, ServerOptions};
use sluis_vault::api_token::Purpose;
use std::num::NonZeroU32;
use std::time::Duration;

fn limited(per_token: u32, per_address: u32) -> ServerOptions {
    let rate_limits =
        RateLimits { per_token: NonZeroU32::new(per_token), per_address: NonZeroU32::new(per_address) };
    ServerOptions { rate_limits, ..ServerOptions::default() }
}

#[tokio::test]
async fn who_sends_too_much_is_told_when_to_come_back() {
    let world = World::operated(limited(3, 0)).await;
    for left in [2, 1, 0] {
        let answer = world.get("/api/v1/connectors").await;
        assert_eq!(answer.status, 200);
        assert_eq!(answer.header("ratelimit-policy"), "\"token\";q=3;w=60");
        assert!(
            answer.header("ratelimit").starts_with(&format!("\"token\";r={left};")),
            "{:?}",
            answer.headers
        );
    }
    let refused = world.get("/api/v1/connectors").await;
    refused.problem(429, "rate_limited");
    let wait: u64 = refused.header("retry-after").parse().unwrap();
    assert!((1..=20).contains(&wait), "{wait}");
    let made = world
        .engine
        .create_api_token(&Purpose { name: "other".to_owned(), ..Purpose::default() }, None)
        .await
        .unwrap()
        .0;
    let other = world.get_with("/api/v1/connectors", made.expose()).await;
    assert_eq!(other.status, 200, "another token has a share of its own");
}

#[tokio::test]
async fn an_address_has_a_share_too_whoever_asks_from_there() {
    let world = World::operated(limited(0, 2)).await;
    for _ in 0..2 {
        assert_eq!(world.get("/api/v1/connectors").await.status, 200);
    }
    world.get("/api/v1/connectors").await.problem(429, "rate_limited");
    world.browse(&format!("{}/healthz", world.base)).await.problem(429, "rate_limited");
}

#[tokio::test]
async fn behind_a_trusted_proxy_each_address_has_a_share_of_its_own() {
    let trusted_proxies = vec!["127.0.0.1".parse().unwrap()];
    let world = World::operated(ServerOptions { trusted_proxies, ..limited(0, 1) }).await;
    let asked = async |forwarded: &str| {
        let request =
            world.client.get(format!("{}/healthz", world.base)).header("x-forwarded-for", forwarded);
        read(request.send().await.unwrap()).await.status
    };
    assert_eq!(asked("198.51.100.7").await, 200);
    assert_eq!(asked("198.51.100.8").await, 200);
    // What a caller writes before the proxy adds its own is not believed.
    assert_eq!(asked("203.0.113.9, 198.51.100.7").await, 429);
}

async fn from_origin(world: &World, method: &str, origin: &str, token: bool) -> Answer {
    let mut request = world
        .client
        .request(method.parse().unwrap(), format!("{}/api/v1/connectors", world.base))
        .header("origin", origin);
    if method == "OPTIONS" {
        request = request.header("access-control-request-method", "GET");
        request = request.header("access-control-request-headers", "authorization");
    }
    if token {
        request = request.header("authorization", format!("Bearer {TOKEN}"));
    }
    read(request.send().await.unwrap()).await
}

#[tokio::test]
async fn pages_of_listed_origins_may_read_answers_and_no_others() {
    let allow_origins = vec!["https://app.example.com".parse().unwrap()];
    let world = World::operated(ServerOptions { allow_origins, ..ServerOptions::default() }).await;
    let asked = from_origin(&world, "OPTIONS", "https://app.example.com", false).await;
    assert_eq!(asked.status, 200, "a browser asks first, without a token");
    assert_eq!(asked.header("access-control-allow-origin"), "https://app.example.com");
    assert!(asked.header("access-control-allow-headers").contains("authorization"));
    assert_eq!(asked.header("access-control-allow-credentials"), "");
    let answer = from_origin(&world, "GET", "https://app.example.com", true).await;
    assert_eq!(
        (answer.status, answer.header("access-control-allow-origin")),
        (200, "https://app.example.com")
    );
    let other = from_origin(&world, "GET", "https://evil.example.com", true).await;
    assert_eq!(other.header("access-control-allow-origin"), "");
    let closed = World::new().await;
    let answer = from_origin(&closed, "GET", "https://app.example.com", true).await;
    assert_eq!(answer.header("access-control-allow-origin"), "", "off unless the operator names origins");
    from_origin(&closed, "OPTIONS", "https://app.example.com", false).await.problem(401, "unauthenticated");
}

#[tokio::test]
async fn metrics_stand_behind_their_own_token_and_name_no_org_user_or_secret() {
    let options = ServerOptions { metrics_token: Some("scrape-me".into()), ..ServerOptions::default() };
    let world = World::operated(options).await;
    world.set_up().await;
    world.authorize("acme", "gcontacts").await;
    let called = world.post("/api/v1/orgs/acme/invoke/gcontacts.contacts", json!({})).await;
    assert_eq!(called.status, 200, "{}", called.text);
    world.put("/api/v1/orgs/acme/functions/two", json!({ "source": "return 2;" })).await;
    world.post("/api/v1/orgs/acme/functions/two/run", json!({})).await;
    let url = format!("{}/metrics", world.base);
    world.browse(&url).await.problem(401, "unauthenticated");
    world.get("/metrics").await.problem(401, "unauthenticated");
    let shown = world.get_with("/metrics", "scrape-me").await;
    assert_eq!(shown.status, 200);
    for line in [
        "sluis_http_requests_total{method=\"POST\",route=\"/api/v1/orgs/{org}/invoke/{api}\",status=\"200\"}",
        "sluis_http_request_seconds_bucket{",
        "sluis_calls_total{connector=\"gcontacts\",outcome=\"ok\"}",
        "sluis_call_seconds_bucket{connector=\"gcontacts\"",
        "sluis_call_wait_seconds_bucket{connector=\"gcontacts\"",
        "sluis_runs_total{state=\"done\"}",
    ] {
        assert!(shown.text.contains(line), "{line} in\n{}", shown.text);
    }
    for mark in ["acme", TOKEN, "scrape-me", world.client_secret.as_str(), "127.0.0.1"] {
        assert!(!shown.text.contains(mark), "{mark}");
    }
    let without = World::new().await;
    without.get("/metrics").await.problem(404, "not_found");
}

#[tokio::test]
async fn a_server_is_ready_until_it_is_told_to_stop_and_serves_while_that_is_heard() {
    let drain = Drain { notice: Duration::from_secs(3600), ..Drain::default() };
    let mut world = World::operated(ServerOptions { drain, ..ServerOptions::default() }).await;
    let url = format!("{}/readyz", world.base);
    let ready = world.browse(&url).await;
    assert_eq!((ready.status, ready.json()), (200, json!({ "status": "ready" })));
    drop(world.stop.take());
    let heard = async {
        loop {
            let answer = world.browse(&url).await;
            if answer.status != 200 {
                return answer;
            }
            tokio::task::yield_now().await;
        }
    };
    let unready = tokio::time::timeout(Duration::from_secs(10), heard).await.expect("it says so");
    assert_eq!((unready.status, unready.json()), (503, json!({ "status": "unready", "reason": "draining" })));
    assert_eq!(world.get("/api/v1/connectors").await.status, 200, "what still comes is served");
    assert_eq!(world.browse(&format!("{}/healthz", world.base)).await.status, 200, "and it is alive");
}

#[tokio::test]
async fn a_server_whose_store_is_gone_is_not_ready_and_says_no_more_than_that() {
    let world = World::ready().await;
    world.engine.close().await.unwrap();
    let answer = world.browse(&format!("{}/readyz", world.base)).await;
    assert_eq!((answer.status, answer.json()), (503, json!({ "status": "unready", "reason": "store" })));
}
