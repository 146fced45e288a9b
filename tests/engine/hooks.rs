//! Scripts at both ends of an authorization.

use crate::harness::{World, items};
use serde_json::json;
use sluis_engine::ReleaseRefused;
use sluis_model::grant::GrantOutcome;

#[tokio::test]
async fn the_on_authorize_hook_may_call_the_connector_while_it_is_pending() {
    let world = World::with(json!({"on_authorize":
        r#"resp = invokeConnector("items.create", {"name": connector + " of " + org});
           if(resp.get("status_code") != 200) { return false; }
           info isAuthorized("items");"#}))
    .await;
    assert_eq!(world.authorize().await.outcome, GrantOutcome::Authorized);
    assert_eq!(world.provider.stats().await.unwrap().api_calls, 1);
}

#[tokio::test]
async fn a_hook_that_returns_false_vetoes_and_the_tokens_are_given_back() {
    let world = World::with(json!({"on_authorize": "return false;"})).await;
    let grant = world.authorize().await;
    assert!(matches!(grant.outcome, GrantOutcome::Denied { .. }), "{grant:?}");
    assert!(world.engine.connections(&world.org).await.unwrap().is_empty());
    assert_eq!(world.provider.stats().await.unwrap().revocations, 1);
}

#[tokio::test]
async fn a_hook_that_faults_vetoes_and_its_message_is_the_reason() {
    let world = World::with(json!({"on_authorize": "x = 1;\nthrow \"only gold customers\";"})).await;
    let GrantOutcome::Denied { reason } = world.authorize().await.outcome else { panic!("not denied") };
    assert!(reason.contains("line 2") && reason.contains("only gold customers"), "{reason}");
}

#[tokio::test]
async fn the_on_revoke_hook_runs_before_the_token_dies() {
    let world = World::with(json!({"on_revoke":
        r#"resp = invokeConnector("items.create", {"name":"bye"});
           if(resp.get("status_code") != 200) { throw "too late: " + resp; }"#}))
    .await;
    world.authorize().await;
    let revocation = world.engine.revoke(&world.org, &items()).await.unwrap();
    assert_eq!(revocation.hook_failure, None);
    let stats = world.provider.stats().await.unwrap();
    assert_eq!((stats.api_calls, stats.revocations), (1, 1));
}

#[tokio::test]
async fn a_failing_on_revoke_hook_is_told_but_does_not_stop_the_revocation() {
    let world = World::with(json!({"on_revoke": "info 1 / 0;"})).await;
    world.authorize().await;
    let revocation = world.engine.revoke(&world.org, &items()).await.unwrap();
    assert!(revocation.hook_failure.unwrap().contains("zero"));
    assert!(!world.engine.is_authorized(&world.org, &items()).await.unwrap());
}

#[tokio::test]
async fn a_connector_whose_hook_does_not_compile_is_not_released() {
    let world = World::new().await;
    let broken = crate::harness::definition(&world.provider, json!({"on_authorize": "info (1;"}));
    let refused = world.engine.release(broken, Default::default()).await.unwrap_err();
    let ReleaseRefused::Hook { hook, diagnostics, .. } = refused else { panic!("{refused}") };
    assert_eq!(hook, "on_authorize");
    assert!(!diagnostics.is_empty());
    assert_eq!(world.engine.latest_release(&items()).await.unwrap().number, 1);
}
