//! Runs over HTTP: what counts for them, looking on, ending them.

use crate::world::World;
use serde_json::{Value, json};

/// The events of a stream that has ended: id, name, data.
fn events(text: &str) -> Vec<(String, String, Value)> {
    let blocks = text.split("\n\n").filter(|block| !block.trim().is_empty());
    blocks
        .map(|block| {
            let field = |name: &str| {
                let line = block.lines().find_map(|line| line.strip_prefix(name)?.strip_prefix(':'));
                line.unwrap_or_default().trim().to_owned()
            };
            (field("id"), field("event"), serde_json::from_str(&field("data")).unwrap())
        })
        .collect()
}

async fn stored(world: &World, name: &str, source: &str) {
    let stored = world.put(&format!("/api/v1/orgs/acme/functions/{name}"), json!({ "source": source })).await;
    assert_eq!(stored.status, 200, "{}", stored.text);
}

#[tokio::test]
async fn what_a_run_has_done_is_told_as_events_from_where_somebody_has_stopped_looking() {
    let world = World::ready().await;
    stored(&world, "greet", "info \"one\\ntwo\"; info \"three\"; return {\"id\": 12345678901234567890.5};")
        .await;
    let run = world.post("/api/v1/orgs/acme/functions/greet/run", json!({})).await.json();
    assert_eq!((&run["by"], &run["attempts"]), (&json!("http"), &json!(1)));
    let path = format!("/api/v1/orgs/acme/runs/{}/events", run["run_id"].as_str().unwrap());
    let all = world.get(&path).await;
    assert_eq!((all.status, all.header("content-type")), (200, "text/event-stream"));
    let seen = events(&all.text);
    let names: Vec<_> = seen.iter().map(|(id, name, _)| (id.as_str(), name.as_str())).collect();
    assert_eq!(names, [("1.0", "line"), ("2.0", "line"), ("2.0", "end")]);
    assert_eq!(seen[0].2, "one\ntwo");
    assert_eq!(seen[2].2["run_id"], run["run_id"]);
    let request = world.client.get(format!("{}{path}", world.base)).header("last-event-id", "1.0");
    let rest = events(&world.send(request).await.text);
    assert_eq!(rest.len(), 2);
    assert_eq!(rest[0].2, "three");
    world
        .get("/api/v1/orgs/acme/runs/run_00000000000000000000000000/events")
        .await
        .problem(404, "run_not_found");
}

#[tokio::test]
async fn settings_hold_for_what_was_seen_and_quotas_are_told_with_their_end() {
    let world = World::ready().await;
    stored(&world, "two", "return 1 + 1;").await;
    let path = "/api/v1/orgs/acme/run-settings";
    let before = world.get(path).await;
    assert_eq!(before.json(), json!({ "daily": {}, "monthly": {}, "retention": {} }));
    let put = |tag: String, body: Value| {
        world
            .client
            .put(format!("{}{path}", world.base))
            .header("if-match", tag)
            .header("content-type", "application/json")
            .body(body.to_string())
    };
    let tag = before.header("etag").to_owned();
    let wanted = json!({ "daily": { "runs": 1 }, "monthly": {}, "retention": { "days": 30 } });
    let changed = world.send(put(tag.clone(), wanted.clone())).await;
    assert_eq!(changed.json(), wanted);
    world.send(put(tag, json!({}))).await.problem(412, "precondition_failed");
    let none = json!({ "at_once": 0 });
    world.put(path, none).await.problem(400, "invalid_input");
    assert_eq!(world.post("/api/v1/orgs/acme/functions/two/run", json!({})).await.status, 200);
    let refused = world.post("/api/v1/orgs/acme/functions/two/run", json!({})).await;
    let problem = refused.problem(429, "quota_exceeded");
    assert!(problem["help"].as_str().unwrap().contains("T00:00:00Z on there is more"), "{problem}");
    let usage = world.get("/api/v1/orgs/acme/usage").await.json();
    assert_eq!((&usage["today"]["runs"], &usage["this_month"]["runs"]), (&json!(1), &json!(1)));
}

#[tokio::test]
async fn settings_of_a_function_are_checked_and_kept() {
    let world = World::ready().await;
    stored(&world, "two", "return 1 + 1;").await;
    let path = "/api/v1/orgs/acme/functions/two/settings";
    let usual = json!({ "retries": { "times": 0, "first_after_s": 30, "at_most_after_s": 3600 } });
    assert_eq!(world.get(path).await.json(), usual);
    let unfit = json!({ "retries": { "times": 1, "first_after_s": 60, "at_most_after_s": 30 } });
    let problem = world.put(path, unfit).await.problem(400, "invalid_input");
    assert!(problem["detail"].as_str().unwrap().contains("at_most_after_s"), "{problem}");
    let wanted =
        json!({ "at_once": 2, "retries": { "times": 3, "first_after_s": 5, "at_most_after_s": 60 } });
    assert_eq!(world.put(path, wanted.clone()).await.json(), wanted);
    assert_eq!(world.get(path).await.json(), wanted);
    world.get("/api/v1/orgs/acme/functions/none/settings").await.problem(404, "function_not_found");
}

#[tokio::test]
async fn a_run_that_waits_is_cancelled_and_can_be_told_from_others() {
    let world = World::ready().await;
    stored(&world, "ask", "authorize(\"gcontacts\"); return 1;").await;
    let run = world.post("/api/v1/orgs/acme/functions/ask/run", json!({})).await;
    assert_eq!((run.status, &run.json()["status"]), (202, &json!("waiting")));
    let run = format!("/api/v1/orgs/acme/runs/{}", run.json()["run_id"].as_str().unwrap());
    let cancelled = world.post(&format!("{run}/cancel"), json!({})).await;
    assert_eq!((cancelled.status, &cancelled.json()["status"]), (200, &json!("cancelled")));
    let again = world.post(&format!("{run}/cancel"), json!({})).await;
    assert_eq!(again.status, 200, "it is what was wanted");
    let listed = world.get("/api/v1/orgs/acme/runs?state=cancelled").await.json();
    assert_eq!(listed["runs"].as_array().unwrap().len(), 1, "{listed}");
    assert_eq!(world.get("/api/v1/orgs/acme/runs?state=waiting").await.json()["runs"], json!([]));
    assert_eq!(world.get("/api/v1/orgs/acme/runs?by=schedule").await.json()["runs"], json!([]));
    let done = world.delete(&format!("{run}/dead-letter")).await;
    done.problem(404, "not_found");
}
