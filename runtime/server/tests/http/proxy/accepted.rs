//! Calls that are accepted and whose outcome is told later.

use super::backend::{TaskEnd, read};
use super::services::Stage;
use serde_json::{Value, json};
use sluis_model::id::AcceptedId;

impl Stage {
    /// Has a call accepted; its id.
    async fn accepted(&self, operator: &str, mut given: Value) -> AcceptedId {
        given["spiff__callback_url"] = format!("{}/v1.0/tasks/1/2/callback", self.backend.own_url).into();
        let request = self.world.client.post(format!("{}/v1/do/{operator}", self.world.base));
        let request = request.header("Spiff-Connector-Proxy-Api-Key", self.backend.key.as_deref().unwrap());
        let accepted = crate::world::read(request.body(given.to_string()).send().await.unwrap()).await;
        assert_eq!(accepted.status, 202, "{}", accepted.text);
        accepted.json()["command_response"]["body"]["accepted"].as_str().unwrap().parse().unwrap()
    }

    /// Goes on with a call until the backend hears of it; what it answered and heard.
    async fn told_again(&mut self, id: &AcceptedId) -> (u16, Value) {
        let org = "acme".parse().unwrap();
        loop {
            // Somebody else may have it in hand at this very moment.
            self.world.engine.work_accepted_call(&org, id, false).await.unwrap();
            if let Ok(heard) = self.callbacks.try_recv() {
                return heard;
            }
        }
    }
}

fn end(envelope: &Value) -> TaskEnd {
    read("probe/slow", 200, envelope.to_string())
}

#[tokio::test]
async fn a_call_that_may_take_long_is_accepted_and_its_outcome_told() {
    let mut stage = Stage::new().await;
    stage.allow_backend("long", None).await;
    assert_eq!(stage.backend.service_task("probe/slow", json!({})).await, TaskEnd::Waiting);
    stage.go_on.notify_one();
    let (status, envelope) = stage.next_callback().await;
    assert_eq!(status, 200, "{envelope}");
    assert_eq!(end(&envelope).done()["body"], json!({ "late": true }));
    // The others are answered at once.
    assert_eq!(stage.backend.service_task("probe/text", json!({})).await.done()["http_status"], 200);
}

#[tokio::test]
async fn an_org_may_have_all_calls_accepted_and_errors_are_told_alike() {
    let mut stage = Stage::new().await;
    stage.allow_backend("always", None).await;
    assert_eq!(stage.backend.service_task("probe/status", json!({ "code": 503 })).await, TaskEnd::Waiting);
    assert_eq!(end(&stage.next_callback().await.1).error().0, "HttpError503");
    // What fails before a service answers is told too; wrong arguments are refused at once.
    assert_eq!(stage.backend.service_task("gcontacts/contacts", json!({})).await, TaskEnd::Waiting);
    let (status, envelope) = stage.next_callback().await;
    assert_eq!((status, end(&envelope).error().0.as_str()), (200, "not_authorized"));
    assert_eq!(stage.backend.service_task("probe/status", json!({})).await.error().0, "TypeError");
}

#[tokio::test]
async fn no_callback_goes_where_the_org_has_not_allowed_it() {
    let mut stage = Stage::new().await;
    stage.allow(json!({ "accepted": "always", "backends": [{ "origin": "https://other.example" }] })).await;
    assert_eq!(stage.backend.service_task("probe/text", json!({})).await.done()["http_status"], 200);
    assert!(stage.callbacks.try_recv().is_err());
    stage.allow_backend("never", None).await;
    assert_eq!(stage.backend.service_task("probe/text", json!({})).await.done()["http_status"], 200);
    assert!(stage.callbacks.try_recv().is_err());
}

#[tokio::test]
async fn a_backend_that_does_not_take_it_now_is_told_again_and_the_call_is_made_once() {
    let mut stage = Stage::new().await;
    stage.allow_backend("always", None).await;
    stage.told.answers.lock().unwrap().extend([503, 500]);
    let given = json!({ "name": "Ada", "more": 1 });
    let (id, org) = (stage.accepted("probe/create", given).await, "acme".parse().unwrap());
    let (first, envelope) = stage.next_callback().await;
    assert_eq!(first, 503);
    let (second, again) = stage.told_again(&id).await;
    assert_eq!((second, &again), (500, &envelope));
    let (third, last) = stage.told_again(&id).await;
    assert_eq!((third, &last), (200, &envelope), "the same outcome: the call was not made again");
    let left = stage.world.engine.work_accepted_call(&org, &id, false).await;
    assert!(!left.unwrap(), "nothing is left of it");
}

#[tokio::test]
async fn a_call_that_nobody_has_finished_is_made_again_only_if_it_reads() {
    let mut stage = Stage::new().await;
    stage.allow_backend("always", None).await;
    // Under way, and for whoever takes it up now its server is gone.
    let id = stage.accepted("probe/slow", json!({})).await;
    let (status, envelope) = stage.told_again(&id).await;
    assert_eq!(status, 200);
    assert!(end(&envelope).error().1.contains("not known"), "{envelope}");
    let id = stage.accepted("probe/slow_read", json!({})).await;
    let engine = stage.world.engine.clone();
    let again = async move { engine.work_accepted_call(&"acme".parse().unwrap(), &id, false).await };
    let again = tokio::spawn(again);
    let envelope = loop {
        // Whichever of the two has it in hand is let go on.
        stage.go_on.notify_waiters();
        tokio::task::yield_now().await;
        if let Ok((_, envelope)) = stage.callbacks.try_recv() {
            break envelope;
        }
    };
    assert_eq!(end(&envelope).done()["body"], json!({ "late": true }));
    again.abort();
    assert!(stage.callbacks.try_recv().is_err(), "it is told once");
}

#[tokio::test]
async fn a_backend_that_demands_a_credential_is_told_through_its_connection() {
    let mut stage = Stage::new().await;
    *stage.told.demands.lock().unwrap() = Some("Bearer backend-user".to_owned());
    let fields = json!({ "fields": { "token": "backend-user" } });
    let connected = stage.world.put("/api/v1/orgs/acme/connections/arena", fields).await;
    assert_eq!(connected.status, 200, "{}", connected.text);
    stage.allow_backend("always", Some("arena")).await;
    assert_eq!(stage.backend.service_task("probe/list", json!({})).await, TaskEnd::Waiting);
    let (status, envelope) = stage.next_callback().await;
    assert_eq!((status, end(&envelope).done()["body"].clone()), (200, json!([1, 2])));
}
