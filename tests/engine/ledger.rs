//! Runs that are cut off or fail and are run again: nothing is done twice, and what nobody knows stops them.

use crate::resilience::{World, fault, value};
use async_trait::async_trait;
use serde_json::json;
use sluis_engine::{RunEnd, RunRefused, Settlement, Unobserved};
use sluis_invoke::{EgressPolicy, Http, HttpAnswer, OutgoingRequest, SendLimits, Transport, TransportError};
use sluis_model::id::RunId;
use sluis_model::run::RunStatus;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use tokio::sync::Notify;

/// Sends for real; while it is to die, nobody hears the answer to a write.
struct Mortal {
    transport: Transport,
    dies: AtomicBool,
    dead: Notify,
}

#[async_trait]
impl Http for Mortal {
    async fn send(&self, request: OutgoingRequest, limits: SendLimits) -> Result<HttpAnswer, TransportError> {
        let writes = request.method == http::Method::POST;
        let answer = self.transport.send(request, limits).await;
        if writes && self.dies.load(Ordering::SeqCst) {
            self.dead.notify_one();
            std::future::pending::<()>().await;
        }
        answer
    }
}

/// A world whose next run dies between sending a write and knowing the answer; the run.
async fn cut_off(apis: serde_json::Value, script: &str) -> (World, RunId) {
    let transport = Transport::new(EgressPolicy::opening(&["127.0.0.0/8"]).unwrap());
    let http = Arc::new(Mortal { transport, dies: AtomicBool::new(true), dead: Notify::new() });
    let world = World::sending(json!({}), apis, http.clone()).await;
    let (engine, request) = (world.engine.clone(), world.request(script));
    let going = tokio::spawn(async move { engine.run(request, &mut Unobserved).await.map(drop) });
    http.dead.notified().await;
    going.abort();
    assert!(going.await.unwrap_err().is_cancelled());
    http.dies.store(false, Ordering::SeqCst);
    let recovered = world.engine.recover().await.unwrap();
    let [(_, run)] = recovered.interrupted.as_slice() else { panic!("{recovered:?}") };
    let run = run.clone();
    (world, run)
}

async fn again(world: &World, run: &RunId) -> RunEnd {
    world.engine.run_again(&world.org, run, &mut Unobserved).await.unwrap()
}

const MAKE: &str = r#"return invokeConnector("pets.make", {"name": "Rex"}).get("response");"#;

#[tokio::test]
async fn a_run_that_failed_goes_on_where_it_failed_when_it_is_run_again() {
    let world = World::new(json!({}), json!({})).await;
    let script = r#"
        made = {};
        for each name in {"Rex", "Bello"} {
            made.add(invokeConnector("pets.make", {"name": name}).get("response").get("id"));
        }
        found = invokeConnector("pets.get", {}).get("status_code");
        if(found == 400) { half = 1 / 0; }
        return made;"#;
    world.plan.answer(&[(201, &[], r#"{"id":1}"#), (201, &[], r#"{"id":2}"#), (400, &[], "")]);
    let end = world.run(script).await;
    assert!(matches!(end.run.status, RunStatus::Failed { .. }), "{:?}", end.run.status);
    let end = again(&world, &end.run.id).await;
    assert_eq!(value(&end), "[1,2]");
    assert_eq!(world.plan.count(), 4);
    let replayed: Vec<bool> = end.run.calls.iter().map(|call| call.wire.replayed).collect();
    assert_eq!(replayed, [true, true, false]);
    let places: Vec<_> = end.run.calls.iter().map(|call| call.wire.call.clone().unwrap()).collect();
    assert!(places[0].ends_with(".1") && places[1].ends_with(".2"), "{places:?}");
}

#[tokio::test]
async fn a_write_of_which_nobody_knows_stops_the_run_until_it_is_settled() {
    let (world, run) = cut_off(json!({}), MAKE).await;
    for _ in 0..2 {
        let (reason, message) = fault(&again(&world, &run).await);
        assert_eq!(reason, "ambiguous");
        assert!(message.contains("pets.make") && message.contains("line 1"), "{message}");
    }
    assert_eq!(world.plan.count(), 1);
    let open = world.engine.open_calls(&world.org, &run).await.unwrap();
    let [call] = open.as_slice() else { panic!("{open:?}") };
    assert_eq!((call.api.as_str(), call.line), ("pets.make", 1));
    let done = Settlement::Done { status: 201, body: "{\"id\":7}".into() };
    world.engine.settle_call(&world.org, &run, &call.call, &done).await.unwrap();
    assert_eq!(value(&again(&world, &run).await), r#""{\"id\":7}""#);
    assert_eq!(world.plan.count(), 1);
    assert_eq!(world.engine.open_calls(&world.org, &run).await.unwrap(), []);
}

#[tokio::test]
async fn a_write_that_was_not_done_is_sent_again_when_somebody_says_so() {
    let (world, run) = cut_off(json!({}), MAKE).await;
    let open = world.engine.open_calls(&world.org, &run).await.unwrap();
    let again_please = Settlement::SendAgain;
    world.engine.settle_call(&world.org, &run, &open[0].call, &again_please).await.unwrap();
    assert_eq!(value(&again(&world, &run).await), r#""{\"ok\":true}""#);
    assert_eq!(world.plan.count(), 2);
    let none = world.engine.settle_call(&world.org, &run, "99.1", &Settlement::SendAgain).await.unwrap_err();
    assert!(none.help.unwrap().contains("sluis calls open"));
}

#[tokio::test]
async fn a_write_with_a_key_is_sent_again_with_the_same_key_while_the_service_knows_it() {
    let rule = json!({"idempotency": {"header": "Idempotency-Key", "lifetime_s": 600}});
    let (world, run) = cut_off(rule.clone(), MAKE).await;
    assert_eq!(value(&again(&world, &run).await), r#""{\"ok\":true}""#);
    let keys = world.plan.headers("idempotency-key");
    assert_eq!(keys.len(), 2);
    assert!(keys[0].len() == 36 && keys[0] == keys[1], "{keys:?}");
    // Later the service would take it for a new one.
    let (world, run) = cut_off(rule, MAKE).await;
    world.time.advance(600);
    assert_eq!(fault(&again(&world, &run).await).0, "ambiguous");
    assert_eq!(world.plan.count(), 1);
}

#[tokio::test]
async fn each_call_of_a_loop_has_a_key_of_its_own_and_its_record_tells_only_a_hash() {
    let world = World::new(json!({}), json!({"idempotency": {"field": "meta.key"}})).await;
    let script = r#"
        for each n in {1, 2} { invokeConnector("pets.make", {"name": "Rex"}); }
        invokeConnector("pets.make", {"name": "Rex"}, {"idempotency_key": "mine-1"});"#;
    let end = world.run(script).await;
    let keys: Vec<String> = world.plan.bodies().iter().map(|body| body["meta"]["key"].to_string()).collect();
    assert!(keys[0] != keys[1] && keys[2] == "\"mine-1\"", "{keys:?}");
    let record = serde_json::to_string(&end.run.calls).unwrap();
    assert!(!record.contains("mine-1") && record.contains("idempotency_key_hash"), "{record}");
}

#[tokio::test]
async fn other_data_at_the_same_place_is_not_taken_for_the_same_call() {
    let world = World::new(json!({}), json!({})).await;
    let script = r#"
        name = "Rex " + budget("pets.get").get("waiting") + zoho.currenttime.toString();
        invokeConnector("pets.make", {"name": name});
        if(invokeConnector("pets.get", {}).get("status_code") == 400) { half = 1 / 0; }"#;
    world.plan.answer(&[(200, &[], "{}"), (400, &[], "")]);
    let end = world.run(script).await;
    world.time.advance(5);
    let (reason, message) = fault(&again(&world, &end.run.id).await);
    assert_eq!(reason, "ambiguous");
    assert!(message.contains("other data"), "{message}");
}

#[tokio::test]
async fn what_ended_well_or_keeps_no_ledger_is_not_run_again() {
    let world = World::new(json!({}), json!({})).await;
    let done = world.run(MAKE).await;
    let refused = world.engine.run_again(&world.org, &done.run.id, &mut Unobserved).await.unwrap_err();
    assert!(refused.to_string().contains("ended well"), "{refused}");
}

#[tokio::test]
async fn a_run_that_cannot_begin_again_stays_what_it_was() {
    let world = World::new(json!({}), json!({})).await;
    let name = "half".parse().unwrap();
    world.engine.store_function(&world.org, &name, "return 1 / 0;".to_owned(), Vec::new()).await.unwrap();
    let failed = world.run("return half();").await.run;
    assert!(matches!(failed.status, RunStatus::Failed { .. }), "{:?}", failed.status);
    assert!(world.engine.remove_function(&world.org, &name, &|_| true).await.unwrap());
    let refused = world.engine.run_again(&world.org, &failed.id, &mut Unobserved).await.unwrap_err();
    assert!(matches!(refused, RunRefused::Script(_)), "{refused}");
    assert_eq!(world.engine.run_record(&world.org, &failed.id).await.unwrap().status, failed.status);
    world.engine.store_function(&world.org, &name, "return 2;".to_owned(), Vec::new()).await.unwrap();
    assert_eq!(again(&world, &failed.id).await.run.status, RunStatus::Done { value: "2".to_owned() });
}

#[tokio::test]
async fn a_run_is_repeated_with_its_arguments() {
    let world = World::new(json!({}), json!({})).await;
    let mut request = world.request(
        r#"if(invokeConnector("pets.get", {}).get("status_code") == 400) { half = 1 / 0; } return name;"#,
    );
    request.args = vec![("name".into(), "Rex the third".into())];
    world.plan.answer(&[(400, &[], "")]);
    let end = world.engine.run(request, &mut Unobserved).await.unwrap();
    assert_eq!(value(&again(&world, &end.run.id).await), "\"Rex the third\"");
}
