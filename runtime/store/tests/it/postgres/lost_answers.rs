//! The answer to a commit is lost: nothing is done twice, and nothing is reported wrong.

use super::proxy::{Fault, Proxy};
use super::{impatient, open};
use crate::conformance::{key, put};
use crate::postgres_server::{Database, Postgres};
use sluis_store::{Change, Expect, PostgresLimits, Store, StoreError};
use std::sync::Arc;

struct World {
    database: Database<'static>,
    proxy: Proxy,
    /// Goes through the proxy, over one connection that has its statements prepared.
    store: Arc<dyn Store>,
    /// Version of the row `a`.
    version: u64,
}

async fn world(limits: PostgresLimits) -> World {
    let server = Postgres::shared();
    let database = server.database("");
    let proxy = Proxy::start(server.socket()).await;
    let store = open(&proxy.url(database.name()), limits).await.unwrap();
    store.apply(vec![put(&key("a"), "first", Expect::Absent)]).await.unwrap();
    let version = store.apply(vec![put(&key("a"), "0", Expect::Any)]).await.unwrap()[0];
    World { database, proxy, store, version }
}

fn batches(database: &Database<'_>) -> usize {
    database.sql("SELECT count(*) FROM sluis.batch").parse().unwrap()
}

#[tokio::test]
async fn a_commit_whose_answer_is_lost_is_found_and_not_made_again() {
    let mut world = world(PostgresLimits::default()).await;
    for round in 1..=20 {
        let before = batches(&world.database);
        world.proxy.set(Fault::LoseAnswer);
        let changes = vec![
            put(&key("a"), round.to_string(), Expect::Version(world.version)),
            put(&key(&format!("new-{round}")), "x", Expect::Absent),
            Change::Delete { key: key("nothing"), expect: Expect::Any },
        ];
        let versions = world.store.apply(changes).await.unwrap();
        let record = world.store.get(&key("a")).await.unwrap().unwrap();
        assert_eq!((record.version, record.bytes), (versions[0], round.to_string().into_bytes()));
        assert_eq!(versions.len(), 3);
        assert_eq!(batches(&world.database), before + 1, "it was made once");
        world.version = versions[0];
    }
}

#[tokio::test]
async fn a_batch_that_arrives_after_its_repetition_does_nothing() {
    let world = world(PostgresLimits::default()).await;
    world.proxy.set(Fault::Detain);
    let versions = world.store.apply(vec![put(&key("a"), "mine", Expect::Any)]).await.unwrap();
    let theirs = put(&key("a"), "theirs", Expect::Version(versions[0]));
    let newest = world.store.apply(vec![theirs]).await.unwrap()[0];
    let before = batches(&world.database);
    world.proxy.deliver().await;
    let record = world.store.get(&key("a")).await.unwrap().unwrap();
    assert_eq!((record.version, record.bytes), (newest, b"theirs".to_vec()));
    assert_eq!(batches(&world.database), before);
}

#[tokio::test]
async fn a_batch_that_was_refused_when_repeated_is_not_made_when_it_arrives() {
    let world = world(PostgresLimits::default()).await;
    let direct = open(&world.database.url(), PostgresLimits::default()).await.unwrap();
    let newer = direct.apply(vec![put(&key("a"), "theirs", Expect::Any)]).await.unwrap()[0];
    world.proxy.set(Fault::Detain);
    let mine = put(&key("a"), "mine", Expect::Version(world.version));
    assert_eq!(world.store.apply(vec![mine]).await, Err(StoreError::Conflict { key: key("a") }));
    // Now its expectation would hold again, by the order of things in the network alone.
    world.database.sql(&format!(
        "UPDATE sluis.record SET version = {0}, checksum = sluis.checksum(sluis.digest(kind, org, id, content), {0})",
        world.version
    ));
    world.proxy.deliver().await;
    let record = world.store.get(&key("a")).await.unwrap().unwrap();
    assert_eq!((record.version, record.bytes), (world.version, b"theirs".to_vec()));
    assert!(newer > world.version);
}

#[tokio::test]
async fn a_commit_that_nobody_can_be_asked_about_is_reported_as_unknown() {
    let world = world(impatient()).await;
    world.proxy.set(Fault::LoseAnswer);
    world.proxy.refuse(true);
    let error = world.store.apply(vec![put(&key("a"), "mine", Expect::Any)]).await.unwrap_err();
    assert!(matches!(&error, StoreError::Unknown { .. }), "{error}");
    assert!(error.to_string().contains(&format!("postgres://{}", world.proxy.address)), "{error}");
    // Nothing went out this time, and that is certain.
    let error = world.store.apply(vec![put(&key("a"), "never", Expect::Any)]).await.unwrap_err();
    assert!(matches!(&error, StoreError::Unavailable { .. }), "{error}");
    let error = world.store.get(&key("a")).await.unwrap_err();
    assert!(matches!(&error, StoreError::Unavailable { .. }), "{error}");
    world.proxy.refuse(false);
    let record = world.store.get(&key("a")).await.unwrap().unwrap();
    assert_eq!(record.bytes, b"mine", "the one whose answer was lost was made");
}

#[tokio::test]
async fn a_server_that_falls_silent_costs_a_call_its_deadline_and_no_more() {
    let world = world(impatient()).await;
    world.proxy.set(Fault::Silence);
    let begun = std::time::Instant::now();
    let error = world.store.get(&key("a")).await.unwrap_err();
    assert!(matches!(&error, StoreError::Unavailable { .. }), "{error}");
    let error = world.store.apply(vec![put(&key("a"), "mine", Expect::Any)]).await.unwrap_err();
    assert!(matches!(&error, StoreError::Unknown { .. } | StoreError::Unavailable { .. }), "{error}");
    assert!(begun.elapsed() < impatient().deadline * 2 + impatient().attempt, "{:?}", begun.elapsed());
    world.proxy.set(Fault::None);
    assert!(world.store.get(&key("a")).await.unwrap().is_some());
}
