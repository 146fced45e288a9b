//! Revocation at the provider and here.

use crate::harness::{World, items};
use serde_json::json;
use sluis_engine::{MassRevoked, OutboxStep, OutboxWorked, RevokedAtProvider};
use sluis_model::credential::{Credential, TokenSet};
use sluis_model::error::Reason;
use sluis_model::id::OrgId;
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
    world.provider.set_faults(&[deaf(1)]).await.unwrap();
    let revocation = world.engine.revoke(&world.org, &items()).await.unwrap();
    assert!(matches!(revocation.provider, RevokedAtProvider::Later { .. }), "{revocation:?}");
    assert!(!world.engine.is_authorized(&world.org, &items()).await.unwrap());
    assert!(world.engine.connections(&world.org).await.unwrap().is_empty());
    let failure = world.engine.invoke(&world.org, &"items.get".parse().unwrap(), &Default::default()).await;
    assert_eq!(failure.unwrap_err().reason, Reason::InvalidInput, "the id is missing, and nothing is sent");
}

/// The provider's revocation endpoint is out of order for so many requests.
fn deaf(count: u32) -> Fault {
    Fault { path: "/token/revocation".into(), count, mode: FaultMode::Status { status: 503, body: None } }
}

#[tokio::test]
async fn what_the_provider_could_not_be_told_is_told_later_from_the_outbox() {
    let mut world = World::authorized().await;
    world.provider.set_faults(&[deaf(2)]).await.unwrap();
    let out = world.engine.revoke(&world.org, &items()).await.unwrap().outbox.unwrap();
    // Not due yet.
    assert_eq!(world.engine.work_outbox().await.unwrap(), OutboxWorked::default());
    world.clock.advance(40);
    assert_eq!(world.engine.work_outbox().await.unwrap(), OutboxWorked { later: 1, ..Default::default() });
    let listed = world.engine.outbox(&world.org).await.unwrap();
    assert_eq!((&listed[0].id, listed[0].attempts), (&out, 2));
    assert!(listed[0].last_failure.as_ref().unwrap().contains("503"), "{listed:?}");
    // It survives a restart, and the pause has grown.
    world.restart().await;
    world.engine.recover().await.unwrap();
    world.clock.advance(40);
    assert_eq!(world.engine.work_outbox().await.unwrap(), OutboxWorked::default());
    world.clock.advance(40);
    assert_eq!(world.engine.work_outbox().await.unwrap(), OutboxWorked { done: 1, ..Default::default() });
    assert!(world.engine.outbox(&world.org).await.unwrap().is_empty());
    assert_eq!(world.provider.stats().await.unwrap().revocations, 3, "refused twice");
}

#[tokio::test]
async fn after_seven_days_the_tokens_are_thrown_away_and_a_record_stays() {
    let world = World::authorized().await;
    world.provider.set_faults(&[deaf(9)]).await.unwrap();
    let out = world.engine.revoke(&world.org, &items()).await.unwrap().outbox.unwrap();
    world.clock.advance(7 * 86_400);
    assert_eq!(world.engine.work_outbox().await.unwrap(), OutboxWorked { given_up: 1, ..Default::default() });
    let listed = world.engine.outbox(&world.org).await.unwrap();
    assert!(
        matches!(&listed[0].step, OutboxStep::GivenUp { reason } if reason.contains("503")),
        "{listed:?}"
    );
    world.clock.advance(86_400);
    assert_eq!(world.engine.work_outbox().await.unwrap(), OutboxWorked::default());
    world.engine.drop_from_outbox(&world.org, &out).await.unwrap();
    assert!(world.engine.outbox(&world.org).await.unwrap().is_empty());
}

#[tokio::test]
async fn everything_is_revoked_in_one_command_and_the_report_names_what_could_not_be() {
    let world = World::authorized().await;
    let orgs: Vec<OrgId> = ["bee", "sea"].map(|org| org.parse().unwrap()).to_vec();
    for org in &orgs {
        world.engine.ensure_org(org).await.unwrap();
        world.authorize_for(org).await;
    }
    world.provider.set_faults(&[deaf(1)]).await.unwrap();
    let report = world.engine.revoke_all(None, Some(&items())).await.unwrap();
    let told = |line: &&MassRevoked| {
        line.outcome.as_ref().is_ok_and(|revoked| revoked.provider == RevokedAtProvider::Revoked)
    };
    assert_eq!((report.len(), report.iter().filter(told).count()), (3, 2), "{report:?}");
    assert_eq!(world.provider.stats().await.unwrap().revocations, 3, "refused once");
    for org in orgs.iter().chain([&world.org]) {
        assert!(world.engine.connections(org).await.unwrap().is_empty(), "{org}");
    }
}

#[tokio::test]
async fn tokens_handed_over_are_revoked_without_a_hook() {
    let world = World::with(json!({"on_revoke": "throw \"never\";"})).await;
    world.authorize().await;
    let connection = world.engine.connections(&world.org).await.unwrap().remove(0);
    let token = world.token().await;
    let mut tokens = TokenSet::of(token, world.engine.now());
    tokens.refresh_token = None;
    let credential = Credential::of_tokens(tokens);
    world.engine.hand_to_outbox(&connection, &credential, "came home late").await.unwrap();
    assert_eq!(world.engine.work_outbox().await.unwrap(), OutboxWorked { done: 1, ..Default::default() });
    assert_eq!(world.provider.stats().await.unwrap().revocations, 1);
    assert!(world.engine.is_authorized(&world.org, &items()).await.unwrap(), "the connection stays");
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
