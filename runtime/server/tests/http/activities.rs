//! Requests to the service of a connected app: where they may go, and what is waited for.

use crate::proxy::services::Stage;
use serde_json::{Value, json};

const ACTIVITIES: &str = "/api/v1/orgs/acme/activities";

#[tokio::test]
async fn an_activity_sends_what_it_says_below_the_base_url_and_waits_for_the_answer() {
    let stage = Stage::new().await;
    let sent = json!({ "app": "probe", "method": "PUT", "path": "echo?x=1", "body": {"a": 1}, "headers": {"X-T": "7"} });
    let answer = stage.world.post(ACTIVITIES, sent).await;
    assert_eq!(answer.status, 200, "{}", answer.text);
    let answer = answer.json();
    assert_eq!((&answer["status_code"], &answer["response"]), (&json!(201), &json!(r#"{"a":1}"#)));
    let refused = stage.world.post(ACTIVITIES, json!({ "app": "probe", "path": "fail/503" })).await.json();
    assert_eq!(refused["status_code"], 503);
    let unauthorized =
        stage.world.post(ACTIVITIES, json!({ "app": "gcontacts", "path": "people/v1/contacts" })).await;
    unauthorized.problem(409, "not_authorized");
}

#[tokio::test]
async fn a_path_can_only_extend_the_base_url() {
    let stage = Stage::new().await;
    for path in
        ["../x", "a/%2e%2e/x", "//127.0.0.1:1/x", "http://127.0.0.1:1/", "a%2fb", "a\\b", "a#b", "a b"]
    {
        let problem = stage.world.post(ACTIVITIES, json!({ "app": "probe", "path": path })).await;
        let problem = problem.problem(400, "invalid_input");
        assert!(problem["detail"].as_str().unwrap().contains("the path of the request"), "{path}: {problem}");
    }
    for (field, wrong) in [
        ("timeout_s", json!(0)),
        ("timeout_s", json!(301)),
        ("method", json!("BREW")),
        ("app", json!("probe/Sales")),
    ] {
        let mut sent = json!({ "app": "probe", "path": "text" });
        sent[field] = wrong.clone();
        let answer = stage.world.post(ACTIVITIES, sent).await;
        assert_eq!(answer.status, 400, "{field} {wrong}: {}", answer.text);
    }
}

#[tokio::test]
async fn an_activity_ends_when_its_time_is_over() {
    let stage = Stage::new().await;
    let slow = json!({ "app": "probe", "method": "POST", "path": "slow", "timeout_s": 0.2 });
    stage.world.post(ACTIVITIES, slow).await.problem(504, "timeout");
}

#[tokio::test]
async fn what_is_not_waited_for_is_kept_and_sent_once() {
    let mut stage = Stage::new().await;
    let fields = json!({ "fields": { "token": "backend-user" } });
    assert_eq!(stage.world.put("/api/v1/orgs/acme/connections/arena", fields).await.status, 200);
    *stage.told.demands.lock().unwrap() = Some("Bearer backend-user".to_owned());
    let body = json!({ "command_response": { "body": { "n": 1 } } });
    let path = "v1.0/tasks/1/2/callback";
    let sent = json!({ "app": "arena", "method": "PUT", "path": path, "body": body, "wait": false });
    let answer = stage.world.post(ACTIVITIES, sent).await;
    assert_eq!(answer.status, 202, "{}", answer.text);
    let id: Value = answer.json()["accepted"].clone();
    assert!(id.as_str().unwrap().starts_with("acc_"), "{id}");
    let heard = stage.next_callback().await;
    assert_eq!(heard, (200, body));
    // What cannot be sent is refused as long as somebody hears it.
    let wrong = json!({ "app": "arena", "path": "../x", "wait": false });
    stage.world.post(ACTIVITIES, wrong).await.problem(400, "invalid_input");
    assert!(stage.callbacks.try_recv().is_err(), "it was sent once");
}

#[tokio::test]
async fn a_script_sends_the_same_and_goes_on() {
    let mut stage = Stage::new().await;
    let fields = json!({ "fields": { "token": "backend-user" } });
    assert_eq!(stage.world.put("/api/v1/orgs/acme/connections/arena", fields).await.status, 200);
    let source = r#"
        body = {"command_response": {"body": {"n": 2}}};
        id = invokeapi [ service: arena path: "v1.0/tasks/1/2/callback" type: PUT body: body wait: false ];
        answer = invokeapi [ service: probe path: "echo" type: POST body: body timeout: 5 detailed: true ];
        return id.startsWith("acc_") && answer.get("responseCode") == 201;
    "#;
    let stored = stage.world.put("/api/v1/orgs/acme/functions/f", json!({ "source": source })).await;
    assert_eq!(stored.status, 200, "{}", stored.text);
    let run = stage.world.post("/api/v1/orgs/acme/functions/f/run", json!({})).await;
    assert_eq!(run.json()["value"], json!(true), "{}", run.text);
    // The round that looks for what is due sends it.
    while stage.world.engine.work_accepted().await.unwrap() == 0 {}
    assert_eq!(stage.next_callback().await, (200, json!({ "command_response": { "body": { "n": 2 } } })));
}
