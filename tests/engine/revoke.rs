//! Revocation at the provider and here.

use crate::harness::{World, items};
use sluis_engine::RevokedAtProvider;
use sluis_model::error::Reason;
use sluis_tests::peers::{Fault, FaultMode};

#[tokio::test]
async fn a_script_revokes_and_the_provider_forgets_the_grant() {
    let world = World::authorized().await;
    let end = world.run(r#"info revoke("items"); info isAuthorized("items"); info revoke("items");"#).await;
    assert_eq!(end.run.output, ["true", "false", "false"]);
    assert_eq!(world.provider.stats().await.unwrap().revocations, 1);
    assert!(world.engine.connections(&world.org).await.unwrap().is_empty());
}

#[tokio::test]
async fn a_provider_that_cannot_be_told_does_not_keep_the_connection_here() {
    let world = World::authorized().await;
    let fault = Fault {
        path: "/token/revocation".into(),
        count: 1,
        mode: FaultMode::Status { status: 503, body: None },
    };
    world.provider.set_faults(&[fault]).await.unwrap();
    let revocation = world.engine.revoke(&world.org, &items()).await.unwrap();
    assert!(matches!(revocation.provider, RevokedAtProvider::Failed { .. }), "{revocation:?}");
    assert!(!world.engine.is_authorized(&world.org, &items()).await.unwrap());
}

#[tokio::test]
async fn after_revocation_a_call_says_who_can_authorize_and_how() {
    let world = World::authorized().await;
    world.engine.revoke(&world.org, &items()).await.unwrap();
    let end = world
        .run(
            r#"try { invokeConnector("items.get", {"id":"1"}); }
               catch (e) { info e.code; info e.message; }"#,
        )
        .await;
    assert_eq!(end.run.output[0], "not_authorized");
    assert!(end.run.output[1].contains("items"), "{}", end.run.output[1]);
}

#[tokio::test]
async fn there_is_nothing_to_revoke_twice() {
    let world = World::authorized().await;
    world.engine.revoke(&world.org, &items()).await.unwrap();
    let failure = world.engine.revoke(&world.org, &items()).await.unwrap_err();
    assert_eq!(failure.reason, Reason::NotAuthorized);
}
