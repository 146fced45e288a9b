//! What goes wrong, and what the author is told.

use crate::harness::World;
use sluis_engine::RunRefused;
use sluis_model::run::RunStatus;

async fn failed(world: &World, script: &str) -> (String, String, String) {
    let end = world.run(script).await;
    match end.run.status {
        RunStatus::Failed { message, reason, help, .. } => {
            (reason.unwrap_or_default(), message, help.unwrap_or_default())
        }
        other => panic!("{other:?}"),
    }
}

#[tokio::test]
async fn an_unknown_connector_is_answered_with_the_one_that_was_meant() {
    let world = World::authorized().await;
    let (reason, message, help) = failed(&world, r#"invokeConnector("itens.get", {"id":"1"});"#).await;
    assert_eq!(reason, "connector_not_found");
    assert!(message.contains("`itens`") && help.contains("did you mean `items`"), "{message} {help}");
}

#[tokio::test]
async fn an_unknown_api_is_answered_with_the_one_that_was_meant() {
    let world = World::authorized().await;
    let (reason, _, help) = failed(&world, r#"invokeConnector("items.gte", {"id":"1"});"#).await;
    assert_eq!(reason, "api_not_found");
    assert!(help.contains("items.get"), "{help}");
}

#[tokio::test]
async fn missing_variables_are_all_named_before_anything_is_sent() {
    let world = World::authorized().await;
    let (reason, message, help) = failed(&world, r#"invokeConnector("items.create", {"Name":"n"});"#).await;
    assert_eq!(reason, "invalid_input");
    assert!(message.contains("name"), "{message}");
    assert!(help.contains("Name"), "the given key differs only in case: {help}");
    assert_eq!(world.provider.stats().await.unwrap().api_calls, 0);
}

#[tokio::test]
async fn an_unauthorized_connector_says_who_can_authorize_it_and_how() {
    let world = World::new().await;
    let (reason, message, help) = failed(&world, r#"invokeConnector("items.get", {"id":"1"});"#).await;
    assert_eq!(reason, "not_authorized");
    assert!(message.contains("items") && message.contains("acme"), "{message}");
    assert!(help.contains("admin") && help.contains("sluis authorize items"), "{help}");
}

#[tokio::test]
async fn a_provider_that_is_down_is_named() {
    let world = World::authorized().await;
    let World { engine, provider, org, folder: _folder, .. } = world;
    provider.stop().await.unwrap();
    let api = "items.get".parse().unwrap();
    let inputs = serde_json::from_str(r#"{"id":"1"}"#).unwrap();
    let failure = engine.invoke(&org, &api, &inputs).await.unwrap_err();
    assert_eq!(failure.reason.as_str(), "unreachable");
    assert!(failure.message.contains("127.0.0.1"), "{failure}");
    assert!(failure.help.is_some());
}

#[tokio::test]
async fn an_answer_that_is_garbage_reaches_the_script_as_text() {
    let world = World::authorized().await;
    let fault = sluis_tests::peers::Fault {
        path: "/api/items/1".into(),
        count: 1,
        mode: sluis_tests::peers::FaultMode::Raw { body: "{\"half\":".into() },
    };
    world.provider.set_faults(&[fault]).await.unwrap();
    let end = world
        .run(
            r#"resp = invokeConnector("items.get", {"id":"1"});
               info resp.get("status_code");
               try { info resp.get("response").get("half"); } catch (e) { info "not JSON: " + e.code; }"#,
        )
        .await;
    assert_eq!(end.run.output[0], "200");
    assert!(end.run.output[1].starts_with("not JSON: E0407"), "{:?}", end.run.output);
}

#[tokio::test]
async fn five_errors_in_a_script_are_all_reported_at_once() {
    let world = World::new().await;
    let refused = world.try_run("a = ;\nif(x { }\nb = 1 +;\ninfo \"x\"\nc = {1,;\n").await.unwrap_err();
    let RunRefused::Script(diagnostics) = refused else { panic!("{refused}") };
    let errors = diagnostics.iter().filter(|d| d.is_error()).count();
    assert!(errors >= 5, "{diagnostics:#?}");
}
