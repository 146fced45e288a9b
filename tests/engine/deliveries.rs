//! Calls that are handed over: written down before the script goes on, made once, also after a restart.

use crate::resilience::{Planned, World, fault, value};
use serde_json::{Value, json};
use sluis_engine::{DeliveryState, HandedOver, RunEnd, Unobserved};

const HAND_OVER: &str = r#"return invokeConnector("pets.make", {"name": "Rex"}, {"wait": false});"#;

/// What has become of the only call that was handed over, once all that is under way has ended.
async fn only(world: &World) -> HandedOver {
    world.engine.settle_deliveries().await;
    let mut all = world.engine.handed_over(&world.org).await.unwrap();
    assert_eq!(all.len(), 1, "{all:?}");
    all.remove(0)
}

fn accepted(end: &RunEnd) -> String {
    let told: Value = serde_json::from_str(&value(end)).unwrap();
    assert_eq!(told["accepted"], json!(true));
    told["call"].as_str().unwrap().to_owned()
}

#[tokio::test]
async fn a_script_goes_on_and_the_call_is_made() {
    let world = World::new(json!({}), json!({})).await;
    let end = world.run(HAND_OVER).await;
    let call = only(&world).await;
    assert_eq!(call.call.as_str(), accepted(&end));
    assert_eq!((call.state, call.tries), (DeliveryState::Answered { status: 200, response: None }, 1));
    assert_eq!(world.plan.bodies(), [json!({"name": "Rex"})]);
}

#[tokio::test]
async fn the_definition_may_say_it_and_a_call_may_want_it_otherwise() {
    let world = World::new(json!({}), json!({"wait": false})).await;
    accepted(&world.run(r#"return invokeConnector("pets.make", {"name": "Rex"});"#).await);
    only(&world).await;
    let waits = r#"return invokeConnector("pets.make", {"name": "Rex"}, {"wait": true}).get("status_code");"#;
    assert_eq!(value(&world.run(waits).await), "200");
}

#[tokio::test]
async fn a_refused_call_is_tried_again_and_one_that_may_have_been_done_is_not() {
    let world = World::new(json!({}), json!({})).await;
    let refused: Planned = (429, &[], "");
    world.plan.answer(&[refused]);
    world.run(HAND_OVER).await;
    let call = only(&world).await;
    assert!(
        matches!(&call.state, DeliveryState::Waiting { why: Some(why) } if why.contains("429")),
        "{call:?}"
    );
    world.time.advance(60);
    world.engine.work_deliveries().await.unwrap();
    assert_eq!(only(&world).await.state, DeliveryState::Answered { status: 200, response: None });
    assert_eq!(world.plan.count(), 2);
    let world = World::new(json!({}), json!({})).await;
    let broken: Planned = (500, &[], "");
    world.plan.answer(&[broken]);
    world.run(HAND_OVER).await;
    let call = only(&world).await;
    assert!(matches!(&call.state, DeliveryState::GivenUp { why } if why.contains("may have been done")));
    world.time.advance(3600);
    world.engine.work_deliveries().await.unwrap();
    assert_eq!(world.plan.count(), 1);
}

#[tokio::test]
async fn a_key_stays_the_same_through_all_tries() {
    let world = World::new(json!({}), json!({"idempotency": {"header": "Idempotency-Key"}})).await;
    let broken: Planned = (500, &[], "");
    world.plan.answer(&[broken]);
    world.run(HAND_OVER).await;
    only(&world).await;
    world.time.advance(60);
    world.engine.work_deliveries().await.unwrap();
    assert_eq!(only(&world).await.state, DeliveryState::Answered { status: 200, response: None });
    let keys = world.plan.headers("idempotency-key");
    assert!(keys.len() == 2 && keys[0] == keys[1] && keys[0].len() == 36, "{keys:?}");
}

#[tokio::test]
async fn a_run_that_is_run_again_does_not_hand_over_twice() {
    let world = World::new(json!({}), json!({})).await;
    let script = r#"
        told = invokeConnector("pets.make", {"name": "Rex"}, {"wait": false});
        if(invokeConnector("pets.get", {}).get("status_code") == 400) { half = 1 / 0; }
        return told;"#;
    let bad: Planned = (400, &[], "");
    // Whichever of the two comes first gets it; the read fails the run only where it is the read.
    world.plan.answer_to("GET", &[bad]);
    let end = world.run(script).await;
    fault(&end);
    let first = only(&world).await;
    let end = world.engine.run_again(&world.org, &end.run.id, &mut Unobserved).await.unwrap();
    assert_eq!(accepted(&end), first.call.as_str());
    assert_eq!(only(&world).await, first);
}
