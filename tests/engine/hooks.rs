//! Scripts at both ends of an authorization.

use crate::harness::{World, items};
use serde_json::json;
use sluis_engine::{ReleaseRefused, RevokedAtProvider};
use sluis_model::grant::GrantOutcome;
use sluis_tests::peers::{Fault, FaultMode};

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
async fn a_failed_on_revoke_hook_is_tried_again_with_a_working_token_before_that_is_given_up() {
    let world = World::with(json!({"on_revoke":
        r#"resp = invokeConnector("items.create", {"name": event});
           if(resp.get("status_code") != 200) { throw "not yet: " + resp.get("status_code"); }"#}))
    .await;
    world.authorize().await;
    let busy =
        Fault { path: "/api/items".into(), count: 1, mode: FaultMode::Status { status: 503, body: None } };
    world.provider.set_faults(&[busy]).await.unwrap();
    let revocation = world.engine.revoke(&world.org, &items()).await.unwrap();
    assert!(revocation.hook_failure.unwrap().contains("not yet: 503"));
    assert!(matches!(revocation.provider, RevokedAtProvider::Later { .. }));
    assert_eq!(world.provider.stats().await.unwrap().revocations, 0, "the token lives as long as the hook");
    let script = r#"info isAuthorized("items"); info revoke("items");"#;
    assert_eq!(world.run(script).await.run.output, ["false", "false"], "scripts have it no more");
    world.clock.advance(40);
    assert_eq!(world.engine.work_outbox().await.unwrap().done, 1);
    let stats = world.provider.stats().await.unwrap();
    assert_eq!((stats.api_calls, stats.revocations), (1, 1));
}

#[tokio::test]
async fn a_hook_that_fails_for_an_hour_does_not_keep_the_token_alive() {
    let world = World::with(json!({"on_revoke": "info 1 / 0;"})).await;
    world.authorize().await;
    world.engine.revoke(&world.org, &items()).await.unwrap();
    world.clock.advance(3_500);
    assert_eq!(world.engine.work_outbox().await.unwrap().later, 1);
    assert_eq!(world.provider.stats().await.unwrap().revocations, 0);
    world.clock.advance(100);
    assert_eq!(world.engine.work_outbox().await.unwrap().done, 1, "its last try is at its deadline");
    assert_eq!(world.provider.stats().await.unwrap().revocations, 1);
}

#[tokio::test]
async fn the_on_authorize_hook_adds_variables_to_the_connection() {
    let world = World::with(json!({"on_authorize":
        r#"return {"variables": {"tenant": "t-" + connector, "level": 7}};"#}))
    .await;
    assert_eq!(world.authorize().await.outcome, GrantOutcome::Authorized);
    let connection = world.engine.connections(&world.org).await.unwrap().remove(0);
    assert_eq!(connection.variables["tenant"], "t-items");
    assert_eq!(connection.variables["level"], "7");
}

#[tokio::test]
async fn variables_that_are_none_veto_and_say_so() {
    let world = World::with(json!({"on_authorize": r#"return {"variables": {"tenant": {1, 2}}};"#})).await;
    let GrantOutcome::Denied { reason } = world.authorize().await.outcome else { panic!("not denied") };
    assert!(reason.contains("`tenant`"), "{reason}");
    assert_eq!(world.provider.stats().await.unwrap().revocations, 1);
}

#[tokio::test]
async fn the_tokens_of_a_vetoed_authorization_are_given_back_even_if_the_provider_is_busy() {
    let world = World::with(json!({"on_authorize": "return false;"})).await;
    let deaf = Fault {
        path: "/token/revocation".into(),
        count: 1,
        mode: FaultMode::Status { status: 503, body: None },
    };
    world.provider.set_faults(&[deaf]).await.unwrap();
    assert!(matches!(world.authorize().await.outcome, GrantOutcome::Denied { .. }));
    assert_eq!(world.engine.work_outbox().await.unwrap().done, 1);
    assert_eq!(world.provider.stats().await.unwrap().revocations, 2, "refused once");
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
