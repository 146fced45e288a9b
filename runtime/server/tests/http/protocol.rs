//! What holds for every route: the token, problem documents, limits, headers.

use crate::openapi::operations;
use crate::world::{TOKEN, World, read};
use serde_json::json;
use sluis_example_provider::Settings;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;

#[tokio::test]
async fn health_is_open_and_says_nothing_else() {
    let world = World::new().await;
    let answer = world.browse(&format!("{}/healthz", world.base)).await;
    assert_eq!(answer.status, 200);
    assert_eq!(answer.json(), json!({ "status": "ok" }));
    assert!(answer.header("x-request-id").starts_with("req_"));
}

/// Where people become known, or no longer are.
const OPEN: &[(&str, &str)] =
    &[("POST", "/api/v1/session"), ("DELETE", "/api/v1/session"), ("POST", "/api/v1/invitations/accept")];

#[tokio::test]
async fn every_route_demands_the_token_before_anything_else() {
    let world = World::new().await;
    let mut all: Vec<(String, String)> =
        operations().into_iter().map(|(method, _, path)| (method, path)).collect();
    let before = all.len();
    all.retain(|(method, path)| !OPEN.contains(&(method, path)));
    assert_eq!(before - all.len(), OPEN.len());
    all.push(("GET".to_owned(), "/api/v1/not/there".to_owned()));
    all.push(("PATCH".to_owned(), "/api/v1/connectors".to_owned()));
    for (method, path) in &all {
        let request = || world.client.request(method.parse().unwrap(), format!("{}{path}", world.base));
        let none = read(request().send().await.unwrap()).await;
        none.problem(401, "unauthenticated");
        assert_eq!(none.header("www-authenticate"), r#"Bearer realm="sluis""#, "{method} {path}");
        for wrong in [format!("Bearer {TOKEN}x"), format!("Bearer {}", &TOKEN[1..]), format!("Basic {TOKEN}")]
        {
            let answer = read(request().header("authorization", &wrong).send().await.unwrap()).await;
            answer.problem(401, "unauthenticated");
            assert!(answer.header("www-authenticate").starts_with("Bearer "), "{method} {path} {wrong}");
            assert!(!answer.text.contains(TOKEN), "the token that was shown is not echoed");
        }
    }
}

#[tokio::test]
async fn every_route_exists_and_is_told_of_in_the_guide() {
    let world = World::new().await;
    let docs = include_str!("../../../../docs/API.md");
    for (method, pattern, path) in operations() {
        let request = world.client.request(method.parse().unwrap(), format!("{}{path}", world.base));
        let answer = world.send(request).await;
        let nowhere = answer.status == 404
            && answer.json()["detail"].as_str().unwrap().starts_with("there is nothing at");
        assert!(!nowhere && answer.status != 405, "{method} {path}: {}", answer.text);
        assert!(docs.contains(&format!("`{method} {pattern}`")), "docs/API.md leaves out {method} {pattern}");
    }
    for open in [
        "/healthz",
        "/api",
        "/api/v1/openapi.json",
        "/connect/{link}",
        "/oauth/callback/{org}/{namespace}",
        "/oauth/done/{org}/{grant}",
    ] {
        assert!(docs.contains(&format!("### `GET {open}`")), "docs/API.md does not tell of {open}");
    }
}

#[test]
fn the_guide_tells_of_no_route_that_is_not_there() {
    let docs = include_str!("../../../../docs/API.md");
    let headings =
        docs.lines().filter_map(|line| line.strip_prefix("### `")?.strip_suffix('`')?.split_once(' '));
    let known = operations();
    for (method, pattern) in headings.filter(|(_, pattern)| pattern.starts_with("/api/v1/orgs/")) {
        assert!(
            known.iter().any(|(of, at, _)| of == method && at == pattern),
            "docs/API.md tells of {method} {pattern}, which is not in the document"
        );
    }
}

#[tokio::test]
async fn without_a_token_only_health_and_the_way_back_are_served() {
    let world = World::with(Settings::default(), false).await;
    assert_eq!(world.browse(&format!("{}/healthz", world.base)).await.status, 200);
    world.get("/api/v1/connectors").await.problem(404, "not_found");
    assert_eq!(
        world.browse(&format!("{}/oauth/callback/acme/gcontacts?state=x&code=y", world.base)).await.status,
        400
    );
}

#[tokio::test]
async fn a_path_and_a_method_that_mean_nothing_are_problems() {
    let world = World::new().await;
    world.get("/nothing").await.problem(404, "not_found");
    world.get("/api/v1/nothing").await.problem(404, "not_found");
    let answer = world.delete("/api/v1/connectors").await;
    answer.problem(405, "method_not_allowed");
    assert!(answer.header("allow").contains("GET"), "{:?}", answer.headers);
    let answer = world.delete("/healthz").await;
    answer.problem(405, "method_not_allowed");
}

#[tokio::test]
async fn a_body_that_is_too_large_is_a_problem_whether_or_not_it_says_so() {
    let world = World::ready().await;
    let body = json!({ "source": "x".repeat(1024 * 1024) });
    world.put("/api/v1/orgs/acme/functions/f", body.clone()).await.problem(413, "too_large");
    // In chunks nothing says how long it will be.
    let host = world.base.strip_prefix("http://").unwrap();
    let mut connection = TcpStream::connect(host).await.unwrap();
    let head = format!(
        "PUT /api/v1/orgs/acme/functions/f HTTP/1.1\r\nHost: {host}\r\nAuthorization: Bearer {TOKEN}\r\n\
         Content-Type: application/json\r\nTransfer-Encoding: chunked\r\nConnection: close\r\n\r\n"
    );
    connection.write_all(head.as_bytes()).await.unwrap();
    let chunk = format!("10000\r\n{}\r\n", "x".repeat(0x10000));
    for _ in 0..17 {
        // The server may have answered and closed already.
        let _ = connection.write_all(chunk.as_bytes()).await;
    }
    let mut answer = vec![0; 4096];
    let read = connection.read(&mut answer).await.unwrap();
    let answer = String::from_utf8_lossy(&answer[..read]).into_owned();
    assert!(answer.starts_with("HTTP/1.1 413 ") && answer.contains("application/problem+json"), "{answer}");
}

#[tokio::test]
async fn a_body_of_another_media_type_is_415_and_says_which_is_wanted() {
    let world = World::ready().await;
    let request = world.client.put(format!("{}/api/v1/orgs/acme/functions/f", world.base));
    let problem = world.send(request.body("{}")).await.problem(415, "unsupported_media_type");
    assert!(problem["help"].as_str().unwrap().contains("application/json"));
    let request = world.client.post(format!("{}/api/v1/connectors", world.base));
    let answer = world.send(request.header("content-type", "text/plain").body("sluis: 1")).await;
    let problem = answer.problem(415, "unsupported_media_type");
    assert!(problem["help"].as_str().unwrap().ends_with("`Content-Type: application/yaml`"), "{problem}");
}

#[tokio::test]
async fn a_body_that_does_not_fit_says_where_and_which_field_was_meant() {
    let world = World::ready().await;
    let put = || world.client.put(format!("{}/api/v1/orgs/acme/functions/f", world.base));
    let json = |text: &'static str| put().header("content-type", "application/json").body(text);
    let problem = world.send(json("{\"source\": ")).await.problem(400, "invalid_input");
    assert!(problem["detail"].as_str().unwrap().contains("line 1 column"), "{problem}");
    let problem = world.send(json(r#"{"sorce": "info 1;"}"#)).await.problem(400, "invalid_input");
    assert_eq!(problem["help"], "did you mean `source`?");
    let problem =
        world.send(json(r#"{"source": "info 1;", "org": "other"}"#)).await.problem(400, "invalid_input");
    assert!(problem["detail"].as_str().unwrap().contains("unknown field `org`"), "{problem}");
    let deep = format!("{{\"source\": {}1{}}}", "[".repeat(100_000), "]".repeat(100_000));
    let answer = world.send(put().header("content-type", "application/json").body(deep)).await;
    answer.problem(400, "invalid_input");
    let answer =
        world.send(put().header("content-type", "application/json").body(vec![b'"', 0xff, b'"'])).await;
    answer.problem(400, "invalid_input");
}

#[tokio::test]
async fn an_id_that_cannot_be_one_is_told_which_rule_it_breaks() {
    let world = World::ready().await;
    let problem = world.put("/api/v1/orgs/ACME", json!({})).await.problem(400, "invalid_input");
    assert!(problem["detail"].as_str().unwrap().contains("lower-case"), "{problem}");
    world.get("/api/v1/orgs/acme/runs/42").await.problem(400, "invalid_input");
    world.get("/api/v1/connectors/a..b").await.problem(400, "invalid_input");
    world.post("/api/v1/orgs/acme/invoke/gcontacts", json!({})).await.problem(400, "invalid_input");
    world.get("/api/v1/orgs/acme/functions/%ff").await.problem(400, "invalid_input");
}

#[tokio::test]
async fn answers_keep_browsers_from_guessing_framing_and_storing() {
    let world = World::new().await;
    for path in ["/healthz", "/nothing", "/api/v1/connectors"] {
        let answer = world.get(path).await;
        assert_eq!(answer.header("x-content-type-options"), "nosniff", "{path}");
        assert_eq!(answer.header("cache-control"), "no-store", "{path}");
        assert_eq!(answer.header("referrer-policy"), "no-referrer", "{path}");
        assert!(answer.header("content-security-policy").starts_with("default-src 'none'"), "{path}");
    }
}

#[tokio::test]
async fn a_request_id_that_the_caller_sends_is_not_taken_over() {
    let world = World::new().await;
    let request = world.client.get(format!("{}/healthz", world.base)).header("x-request-id", "req_mine");
    let answer = read(request.send().await.unwrap()).await;
    assert_ne!(answer.header("x-request-id"), "req_mine");
}
