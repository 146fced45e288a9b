//! What starts functions over a real socket: addresses, webhooks of services that sign, schedules, events.

use crate::world::{Answer, World, read};
use serde_json::{Value, json};
use sluis_auth::keyed_digest;
use sluis_model::connector::{DigestEncoding, HashAlgorithm};
use std::time::Duration;

const TRIGGER: &str = "/api/v1/orgs/acme/triggers/t";

impl World {
    /// A world with an org and a function that says what it was given.
    async fn with_echo(inputs: &[&str]) -> World {
        let world = World::new().await;
        world.put("/api/v1/orgs/acme", json!({})).await;
        let list = inputs.join(", ");
        let source = format!(
            "return {{{}}};",
            list.split(", ").map(|i| format!("\"{i}\": {i}")).collect::<Vec<_>>().join(", ")
        );
        world.function("echo", &source, inputs).await;
        world
    }

    async fn function(&self, name: &str, source: &str, inputs: &[&str]) {
        let path = format!("/api/v1/orgs/acme/functions/{name}");
        let stored = self.put(&path, json!({ "source": source, "inputs": inputs })).await;
        assert_eq!(stored.status, 200, "{}", stored.text);
    }

    /// Stores a trigger of the function `echo`; its address, if it has got one.
    async fn trigger(&self, on: Value) -> Option<String> {
        let stored = self.put(TRIGGER, json!({ "function": "echo", "on": on })).await;
        assert_eq!(stored.status, 200, "{}", stored.text);
        stored.json()["address"].as_str().map(str::to_owned)
    }

    /// A webhook whose service signs with this secret, at a new address.
    async fn webhook(&self, preset: &str, secrets: &[&str]) -> String {
        self.trigger(json!({ "webhook": { "preset": preset } })).await;
        let set = self.put(&format!("{TRIGGER}/secrets"), json!({ "secrets": secrets })).await;
        assert_eq!(set.status, 200, "{}", set.text);
        let address = self.post(&format!("{TRIGGER}/address"), json!({})).await.json();
        address["address"].as_str().unwrap().to_owned()
    }

    /// A request of somebody who knows nothing but the address.
    async fn send_to(&self, address: &str, headers: &[(&str, &str)], body: &str) -> Answer {
        let mut request = self.client.post(address).body(body.to_owned());
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        read(request.send().await.unwrap()).await
    }

    async fn history(&self) -> Value {
        self.get(&format!("{TRIGGER}/history")).await.json()
    }

    /// What the run that was started last has come to.
    async fn last_value(&self) -> Value {
        let run = self.history().await["last_run"].as_str().unwrap().to_owned();
        let ended = self.run_ended("acme", &run).await;
        assert_eq!(ended["status"], "done", "{ended}");
        ended["value"].clone()
    }
}

fn seconds_now() -> u64 {
    std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).unwrap().as_secs()
}

fn hmac(secret: &str, text: &str) -> String {
    keyed_digest(HashAlgorithm::Sha256, DigestEncoding::Hex, &secret.into(), text.as_bytes())
}

#[tokio::test]
async fn a_request_to_an_address_starts_the_function_with_what_it_brings() {
    let world = World::with_echo(&["body", "page", "agent"]).await;
    let on = json!({ "url": {} });
    let args =
        json!({ "body": "body", "page": "query.get(\"page\")", "agent": "headers.get(\"user-agent\")" });
    let stored = world.put(TRIGGER, json!({ "function": "echo", "args": args, "on": on })).await;
    assert_eq!(stored.status, 200, "{}", stored.text);
    let address = stored.json()["address"].as_str().unwrap().to_owned();
    let headers =
        [("content-type", "application/json"), ("user-agent", "test"), ("authorization", "Bearer x")];
    let answer = world.send_to(&format!("{address}?page=2"), &headers, r#"{"a":[1]}"#).await;
    assert_eq!(answer.status, 202, "{}", answer.text);
    let ended = world.run_ended("acme", answer.json()["run"].as_str().unwrap()).await;
    assert_eq!(ended["value"], json!({ "body": { "a": [1] }, "page": "2", "agent": "test" }));
    assert_eq!(ended["by"], "url");
    // The address is shown once, and nobody finds it in the store.
    let shown = world.get(TRIGGER).await;
    let token = address.rsplit('/').next().unwrap();
    assert!(!shown.text.contains(token) && shown.json()["has_address"] == true, "{}", shown.text);
    let bytes = world.stored_bytes();
    assert!(!bytes.windows(token.len()).any(|part| part == token.as_bytes()));
    assert_eq!(read(world.client.get(&address).send().await.unwrap()).await.status, 404, "it takes POST");
    assert_eq!(read(world.client.head(&address).send().await.unwrap()).await.status, 405);
}

#[tokio::test]
async fn an_address_that_was_replaced_paused_or_revoked_leads_nowhere() {
    let world = World::with_echo(&["body"]).await;
    let first = world.trigger(json!({ "url": {} })).await.unwrap();
    // Whoever stores the same again keeps the address.
    assert_eq!(world.trigger(json!({ "url": { "answer": "value" } })).await, None);
    assert_eq!(world.send_to(&first, &[], "x").await.json(), json!({ "body": "x" }));
    let second = world.post(&format!("{TRIGGER}/address"), json!({})).await.json();
    let second = second["address"].as_str().unwrap().to_owned();
    let nowhere = world.send_to(&first, &[], "x").await;
    let unknown = world.send_to(&format!("{}/hooks/nobody", world.base), &[], "x").await;
    assert_eq!(nowhere.problem(404, "not_found")["detail"], unknown.problem(404, "not_found")["detail"]);
    assert_eq!(world.send_to(&second, &[], "x").await.status, 200);
    assert_eq!(world.post(&format!("{TRIGGER}/pause"), json!({})).await.json()["paused"], true);
    world.send_to(&second, &[], "x").await.problem(404, "not_found");
    assert_eq!(world.post(&format!("{TRIGGER}/resume"), json!({})).await.json()["paused"], false);
    assert_eq!(world.send_to(&second, &[], "x").await.status, 200);
    assert_eq!(world.delete(&format!("{TRIGGER}/address")).await.status, 204);
    world.send_to(&second, &[], "x").await.problem(404, "not_found");
    assert_eq!(world.delete(TRIGGER).await.status, 204);
    world.get(TRIGGER).await.problem(404, "not_found");
}

#[tokio::test]
async fn a_function_says_what_is_answered_but_not_what_a_page_may_do() {
    let world = World::with_echo(&["body"]).await;
    let source = r#"return {"status": 201, "headers": {"X-Seen": "yes", "Set-Cookie": "a=b", "Content-Type": "text/html"},
        "body": "<script>alert(1)</script>"};"#;
    world.function("echo", source, &[]).await;
    let on = json!({ "url": { "answer": "response", "methods": ["GET"] } });
    let address = world.trigger(on).await.unwrap();
    let answer = read(world.client.get(&address).send().await.unwrap()).await;
    assert_eq!((answer.status, answer.header("x-seen")), (201, "yes"));
    assert_eq!((answer.header("set-cookie"), answer.header("content-type")), ("", "text/html"));
    assert!(answer.header("content-security-policy").contains("sandbox"));
    world.function("echo", "return 1 / 0;", &[]).await;
    let failed = read(world.client.get(&address).send().await.unwrap()).await;
    let problem = failed.problem(422, "function_failed");
    assert!(!problem["detail"].as_str().unwrap().contains("zero"), "{problem}");
}

#[tokio::test]
async fn a_trigger_takes_as_many_requests_as_its_owner_says() {
    let world = World::with_echo(&["body"]).await;
    let on = json!({ "url": { "per_minute": 2, "when": "text != \"no\"" } });
    let address = world.trigger(on).await.unwrap();
    assert_eq!(world.send_to(&address, &[], "no").await.json(), json!({ "accepted": true }));
    assert_eq!(world.send_to(&address, &[], "yes").await.status, 202);
    let refused = world.send_to(&address, &[], "yes").await;
    refused.problem(429, "rate_limited");
    assert!(refused.header("retry-after").parse::<u32>().unwrap() > 0);
    let history = world.history().await;
    assert_eq!((&history["started"], &history["skipped"]), (&json!(1), &json!(1)));
}

/// The example of GitHub's own guide.
const GITHUB: (&str, &str, &str) = (
    "It's a Secret to Everybody",
    "Hello, World!",
    "sha256=757107ea0eb2509fc211221cce984b8a37570b6d7586c22c46f4379c8b043e17",
);

#[tokio::test]
async fn a_webhook_that_its_service_signed_starts_the_function_once() {
    let world = World::with_echo(&["text", "headers"]).await;
    let (secret, body, signature) = GITHUB;
    let address = world.trigger(json!({ "webhook": { "preset": "github" } })).await.unwrap();
    let headers =
        [("x-hub-signature-256", signature), ("x-github-delivery", "d-1"), ("x-github-event", "push")];
    world.send_to(&address, &headers, body).await.problem(403, "denied");
    world.put(&format!("{TRIGGER}/secrets"), json!({ "secrets": ["old-secret", secret] })).await;
    for _ in 0..3 {
        let answer = world.send_to(&address, &headers, body).await;
        assert_eq!((answer.status, answer.json()), (202, json!({ "accepted": true })));
    }
    for (name, value) in [("x-hub-signature-256", "sha256=00"), ("x-other", "x")] {
        world.send_to(&address, &[(name, value)], body).await.problem(403, "denied");
    }
    world.send_to(&address, &headers, "Hello, Mallory!").await.problem(403, "denied");
    let value = world.last_value().await;
    assert_eq!(value["text"], body);
    assert_eq!(value["headers"]["x-github-event"], "push");
    assert_eq!(value["headers"]["x-hub-signature-256"], Value::Null, "{value}");
    let history = world.history().await;
    assert_eq!(
        (&history["started"], &history["repeated"], &history["refused"]),
        (&json!(1), &json!(2), &json!(4))
    );
    assert!(!world.get(TRIGGER).await.text.contains("Everybody"));
    let bytes = world.stored_bytes();
    assert!(!bytes.windows(secret.len()).any(|part| part == secret.as_bytes()));
}

#[tokio::test]
async fn a_signature_with_a_moment_counts_only_around_it_and_once() {
    let world = World::with_echo(&["body"]).await;
    let address = world.webhook("stripe", &["whsec_0123456789"]).await;
    let sent = async |at: u64, id: &str| {
        let body = format!("{{\"id\":\"{id}\",\"type\":\"charge\"}}");
        let signature = format!("t={at},v1={}", hmac("whsec_0123456789", &format!("{at}.{body}")));
        let headers = [("stripe-signature", signature.as_str()), ("content-type", "application/json")];
        world.send_to(&address, &headers, &body).await
    };
    assert_eq!(sent(seconds_now(), "evt_1").await.status, 202);
    // The service tries again with a new signature.
    assert_eq!(sent(seconds_now() - 20, "evt_1").await.status, 202);
    assert_eq!(sent(seconds_now(), "evt_2").await.status, 202);
    sent(seconds_now() - 400, "evt_3").await.problem(403, "denied");
    let history = world.history().await;
    assert_eq!(
        (&history["started"], &history["repeated"], &history["refused"]),
        (&json!(2), &json!(1), &json!(1))
    );
    assert_eq!(world.last_value().await["body"]["id"], "evt_2");
}

#[tokio::test]
async fn questions_of_services_are_answered_as_each_of_them_wants() {
    let world = World::with_echo(&["body"]).await;
    // Slack signs its question.
    let slack = world.webhook("slack", &["slack-secret"]).await;
    let (at, body) = (seconds_now(), r#"{"type":"url_verification","challenge":"3eZbrw1a"}"#);
    let signature = format!("v0={}", hmac("slack-secret", &format!("v0:{at}:{body}")));
    let at = at.to_string();
    let headers = [
        ("content-type", "application/json"),
        ("x-slack-request-timestamp", at.as_str()),
        ("x-slack-signature", signature.as_str()),
    ];
    let answer = world.send_to(&slack, &headers, body).await;
    assert_eq!((answer.status, answer.text.as_str()), (200, "3eZbrw1a"));
    world.send_to(&slack, &headers[..1], body).await.problem(403, "denied");
    // Zoom wants its token signed.
    let zoom = world.webhook("zoom", &["zoom-secret"]).await;
    let body = r#"{"event":"endpoint.url_validation","payload":{"plainToken":"qgg8vlvZRS6UYooatFL8Aw"}}"#;
    let signature = format!("v0={}", hmac("zoom-secret", &format!("v0:{at}:{body}")));
    let headers = [
        ("content-type", "application/json"),
        ("x-zm-request-timestamp", at.as_str()),
        ("x-zm-signature", signature.as_str()),
    ];
    let answer = world.send_to(&zoom, &headers, body).await;
    let proof = hmac("zoom-secret", "qgg8vlvZRS6UYooatFL8Aw");
    assert_eq!(answer.json(), json!({ "plainToken": "qgg8vlvZRS6UYooatFL8Aw", "encryptedToken": proof }));
    assert_eq!(world.history().await["started"], 0, "a question starts nothing");
}

#[tokio::test]
async fn questions_that_are_not_signed_show_the_secret_or_are_answered_to_anybody() {
    let world = World::with_echo(&["body"]).await;
    let address = world.webhook("meta", &["app-secret", "verify-me"]).await;
    let asks =
        async |query: &str| read(world.client.get(format!("{address}?{query}")).send().await.unwrap()).await;
    let question = "hub.mode=subscribe&hub.challenge=1158201444&hub.verify_token=";
    let answer = asks(&format!("{question}verify-me")).await;
    assert_eq!((answer.status, answer.text.as_str()), (200, "1158201444"));
    assert_eq!(answer.header("content-type"), "text/plain; charset=utf-8");
    asks(&format!("{question}wrong-one")).await.problem(403, "denied");

    let graph = json!({ "function": "echo", "on": { "webhook": { "preset": "microsoft_graph" } } });
    assert_eq!(world.put(TRIGGER, graph).await.status, 200);
    let answer = world.send_to(&format!("{address}?validationToken=a%3Cb"), &[], "").await;
    assert_eq!((answer.status, answer.text.as_str()), (200, "a<b"));
    // The state that was agreed on is what makes a notification good, and no function reads it.
    let notice = |state: &str| json!({ "value": [{ "resource": "me", "clientState": state }] }).to_string();
    let headers = [("content-type", "application/json")];
    world.send_to(&address, &headers, &notice("guessed")).await.problem(403, "denied");
    assert_eq!(world.send_to(&address, &headers, &notice("verify-me")).await.status, 202);
    let value = world.last_value().await;
    assert_eq!(value["body"]["value"][0], json!({ "resource": "me", "clientState": "***" }));
}

#[tokio::test]
async fn a_schedule_is_shown_before_it_is_stored_and_tells_what_comes() {
    let world = World::with_echo(&["scheduled_at"]).await;
    let rule = json!({ "cron": "0 9 * * 1-5", "zone": "Europe/Amsterdam" });
    let shown = world.post("/api/v1/orgs/acme/schedule-preview", rule.clone()).await.json();
    assert_eq!(shown["coming"].as_array().unwrap().len(), 10);
    assert_eq!(world.trigger(json!({ "schedule": rule })).await, None);
    assert_eq!(world.history().await["coming"][0], shown["coming"][0]);
    world.post(&format!("{TRIGGER}/pause"), json!({})).await;
    assert_eq!(world.history().await["coming"], json!([]));
    let tried = world.post(&format!("{TRIGGER}/test"), json!({ "run": true })).await.json();
    let ended = world.run_ended("acme", tried["run"].as_str().unwrap()).await;
    assert_eq!((&ended["status"], &ended["by"]), (&json!("done"), &json!("by_hand")));
    let slip = json!({ "schedule": { "cron": "0 25 * * *" } });
    let problem = world.put(TRIGGER, json!({ "function": "echo", "on": slip })).await;
    assert!(problem.problem(400, "invalid_input")["help"].as_str().unwrap().contains("five fields"));
}

#[tokio::test]
async fn a_run_that_fails_starts_the_function_that_waits_for_that_but_not_in_circles() {
    let world = World::with_echo(&["event"]).await;
    world.trigger(json!({ "event": { "events": ["run_failed"] } })).await;
    world.function("bad", "x = 1 / 0;", &[]).await;
    world.post("/api/v1/orgs/acme/functions/bad/run", json!({})).await.problem(422, "script_fault");
    let waited = async {
        while world.history().await["started"] != 1 {
            tokio::task::yield_now().await;
        }
    };
    tokio::time::timeout(Duration::from_secs(20), waited).await.unwrap();
    let event = &world.last_value().await["event"];
    assert_eq!((&event["event"], &event["function"]), (&json!("run_failed"), &json!("bad")));
    assert!(event["message"].as_str().unwrap().contains("zero"), "{event}");
    // Its own failure starts nothing.
    world.function("echo", "x = 1 / 0;", &["event"]).await;
    world.post("/api/v1/orgs/acme/functions/bad/run", json!({})).await.problem(422, "script_fault");
    let failed = async {
        loop {
            let history = world.history().await;
            if history["started"] == 2 && history["last_status"] == "failed" {
                return history;
            }
            tokio::task::yield_now().await;
        }
    };
    let history = tokio::time::timeout(Duration::from_secs(20), failed).await.unwrap();
    assert_eq!(history["recent"].as_array().unwrap().len(), 2);
}

#[tokio::test]
async fn a_trigger_is_changed_only_as_it_was_seen() {
    let world = World::with_echo(&["body"]).await;
    world.trigger(json!({ "url": {} })).await;
    let seen = world.get(TRIGGER).await.header("etag").to_owned();
    let body = json!({ "function": "echo", "on": { "url": { "answer": "value" } } });
    let put = |tag: &str| world.client.put(format!("{}{TRIGGER}", world.base)).header("if-match", tag);
    assert_eq!(world.send_json(put(&seen), body.clone()).await.status, 200);
    assert_eq!(world.send_json(put(&seen), body.clone()).await.status, 412);
    let missing = json!({ "function": "ecko", "on": { "url": {} } });
    let problem = world.put(TRIGGER, missing).await.problem(404, "function_not_found");
    assert!(problem["help"].as_str().unwrap().contains("`echo`"));
    let args = json!({ "function": "echo", "args": { "bdoy": "1" }, "on": { "url": {} } });
    let problem = world.put(TRIGGER, args).await.problem(400, "invalid_input");
    assert!(problem["help"].as_str().unwrap().contains("`body`"), "{problem}");
    let preset = json!({ "function": "echo", "on": { "webhook": { "preset": "githb" } } });
    let problem = world.put(TRIGGER, preset).await.problem(400, "invalid_input");
    assert!(problem["help"].as_str().unwrap().contains("`github`"), "{problem}");
}

#[tokio::test]
async fn a_function_is_called_and_waited_for_as_its_caller_prefers() {
    let world = World::with_echo(&["a", "b"]).await;
    let path = format!("{}/api/v1/orgs/acme/functions/echo?b=2", world.base);
    let call = |prefer: &'static str| world.client.post(&path).header("prefer", prefer);
    let at_once = world.send_json(call("return=minimal"), json!({ "a": 1.50 })).await;
    assert_eq!((at_once.status, at_once.json()), (200, json!({ "a": 1.5, "b": "2" })));
    assert!(at_once.header("x-run-id").starts_with("run_"));
    let later = world.send_json(call("respond-async"), json!({ "a": 1 })).await;
    assert_eq!((later.status, later.header("preference-applied")), (202, "respond-async"));
    let run = later.header("location").rsplit('/').next().unwrap().to_owned();
    assert_eq!(world.run_ended("acme", &run).await["value"], json!({ "a": 1, "b": "2" }));
    let waited = world.send_json(call("respond-async, wait=20"), json!({ "a": 1 })).await;
    assert_eq!((waited.status, waited.header("preference-applied")), (200, "wait=20"));
    assert_eq!(waited.json(), json!({ "a": 1, "b": "2" }));
}

#[tokio::test]
async fn a_function_hears_of_connections_that_come_and_go() {
    let world = World::ready().await;
    world
        .function("echo", "return event.get(\"event\") + \" \" + event.get(\"connector\");", &["event"])
        .await;
    let events = ["connection_authorized", "connection_revoked"];
    world.trigger(json!({ "event": { "events": events, "connector": "gcontacts" } })).await;
    let heard = async |runs: u64| {
        let waited = async {
            while world.history().await["started"] != runs {
                tokio::task::yield_now().await;
            }
        };
        tokio::time::timeout(Duration::from_secs(20), waited).await.unwrap();
        world.last_value().await
    };
    world.authorize("acme", "gcontacts").await;
    assert_eq!(heard(1).await, "connection_authorized gcontacts");
    world.delete("/api/v1/orgs/acme/connections/gcontacts").await;
    assert_eq!(heard(2).await, "connection_revoked gcontacts");
}
