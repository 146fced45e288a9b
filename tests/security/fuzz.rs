//! A fuzzer reads the description of the API and holds the server against it: what is forbidden is refused,
//! what is answered has the shape, status, media type and headers that were described, and nothing fails.

use super::api::{Api, TOKEN};
use super::world::World;
use serde_json::Value;
use sluis_tests::peers::schemathesis;

#[tokio::test(flavor = "multi_thread")]
async fn a_fuzzer_that_knows_the_description_finds_no_failure() {
    let world = World::new().await;
    let api = Api::start(world.engine.clone()).await;
    let base = api.base().to_owned();
    let run = tokio::task::spawn_blocking(move || schemathesis::run(&base, TOKEN)).await.unwrap().unwrap();
    assert!(run.passed, "{}", run.report);
    let document: Value = serde_json::from_str(&sluis_server::OPENAPI).unwrap();
    let items = document["paths"].as_object().unwrap().values();
    let operations: usize = items.map(|item| item.as_object().unwrap().len()).sum();
    assert!(run.report.contains(&format!("Tested: {operations}")), "{}", run.report);
    api.end().await;
}
