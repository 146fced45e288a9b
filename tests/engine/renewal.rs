//! Tokens renew unseen: ahead of time, on 401, once for everybody.

use crate::harness::{World, items};
use sluis_model::connection::ConnectionState;
use sluis_model::error::Reason;
use sluis_model::id::ApiId;
use sluis_tests::peers::{Fault, FaultMode};

const GET: &str = r#"info invokeConnector("items.get", {"id":"7"}).get("status_code");"#;

fn get() -> ApiId {
    "items.get".parse().unwrap()
}

fn inputs() -> sluis_engine::invoke::Inputs {
    serde_json::from_str(r#"{"id":"7"}"#).unwrap()
}

#[tokio::test]
async fn a_token_near_its_end_is_renewed_before_the_call() {
    let world = World::authorized().await;
    world.clock.advance(3600 - 20);
    assert_eq!(world.run(GET).await.run.output, ["200"]);
    let stats = world.provider.stats().await.unwrap();
    assert_eq!(stats.count("refresh_token", "ok"), 1);
    assert_eq!(stats.api_calls, 1, "no call with the old token");
    // The rotated refresh token was kept: a second renewal works too.
    world.clock.advance(3600);
    assert_eq!(world.run(GET).await.run.output, ["200"]);
    assert_eq!(world.provider.stats().await.unwrap().count("refresh_token", "ok"), 2);
    let connection = &world.engine.connections(&world.org).await.unwrap()[0];
    assert!(connection.refreshed_at.is_some());
}

#[tokio::test]
async fn a_401_renews_once_and_the_call_is_made_again() {
    let world = World::authorized().await;
    world.provider.expire_access_tokens().await.unwrap();
    assert_eq!(world.run(GET).await.run.output, ["200"]);
    let stats = world.provider.stats().await.unwrap();
    assert_eq!((stats.count("refresh_token", "ok"), stats.api_calls), (1, 2));
}

#[tokio::test]
async fn a_thousand_calls_on_an_expired_token_renew_it_exactly_once() {
    let world = World::authorized().await;
    world.clock.advance(3600);
    let calls: Vec<_> = (0..1000)
        .map(|_| {
            let (engine, org) = (world.engine.clone(), world.org.clone());
            tokio::spawn(async move { engine.invoke(&org, &get(), &inputs()).await })
        })
        .collect();
    for call in calls {
        assert_eq!(call.await.unwrap().unwrap().status_code, 200);
    }
    let stats = world.provider.stats().await.unwrap();
    assert_eq!(stats.count("refresh_token", "ok"), 1, "{:?}", stats.tokens);
    assert_eq!(stats.token_requests, 2, "one code exchange, one renewal");
    assert_eq!(stats.api_calls, 1000, "no call was wasted on the old token");
}

#[tokio::test]
async fn a_hundred_calls_that_all_meet_a_401_renew_exactly_once() {
    let world = World::authorized().await;
    world.provider.expire_access_tokens().await.unwrap();
    let calls: Vec<_> = (0..100)
        .map(|_| {
            let (engine, org) = (world.engine.clone(), world.org.clone());
            tokio::spawn(async move { engine.invoke(&org, &get(), &inputs()).await })
        })
        .collect();
    for call in calls {
        assert_eq!(call.await.unwrap().unwrap().status_code, 200);
    }
    assert_eq!(world.provider.stats().await.unwrap().count("refresh_token", "ok"), 1);
}

#[tokio::test]
async fn a_grant_revoked_behind_our_back_needs_a_person_and_is_told_so() {
    let world = World::authorized().await;
    world.provider.revoke_grants().await.unwrap();
    let failure = world.engine.invoke(&world.org, &get(), &inputs()).await.unwrap_err();
    assert_eq!(failure.reason, Reason::NeedsReauthorization);
    assert!(failure.help.unwrap().contains("sluis authorize items"));
    let connection = world.engine.connections(&world.org).await.unwrap().remove(0);
    assert!(matches!(connection.state, ConnectionState::NeedsReauthorization { .. }));
    // No further request is wasted on it.
    let before = world.provider.stats().await.unwrap().token_requests;
    let failure = world.engine.invoke(&world.org, &get(), &inputs()).await.unwrap_err();
    assert_eq!(failure.reason, Reason::NeedsReauthorization);
    assert_eq!(world.provider.stats().await.unwrap().token_requests, before);
    // A new consent heals it.
    world.authorize().await;
    assert_eq!(world.run(GET).await.run.output, ["200"]);
}

#[tokio::test]
async fn a_busy_token_endpoint_is_not_taken_for_a_revoked_grant() {
    let world = World::authorized().await;
    world.clock.advance(3600);
    for mode in [FaultMode::Status { status: 503, body: None }, FaultMode::Html200, FaultMode::Garbage] {
        // A success that cannot be read is tried once more, at once: hence two.
        world.provider.set_faults(&[Fault::token(2, mode.clone())]).await.unwrap();
        let failure = world.engine.invoke(&world.org, &get(), &inputs()).await.unwrap_err();
        assert_ne!(failure.reason, Reason::NeedsReauthorization, "{mode:?}: {failure}");
        assert!(world.engine.is_authorized(&world.org, &items()).await.unwrap(), "{mode:?}");
        // A failed renewal is not tried again at once by everybody.
        world.clock.advance(60);
    }
    world.provider.set_faults(&[]).await.unwrap();
    assert_eq!(world.run(GET).await.run.output, ["200"]);
}
