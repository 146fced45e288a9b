//! Renewals that are cut off, lost or met by a second engine on the same store.

use crate::harness::{PUBLIC_URL, SteeredClock, World, items, transport};
use async_trait::async_trait;
use sluis_engine::invoke::Inputs;
use sluis_engine::{Engine, EngineBuilder, Opened};
use sluis_invoke::{Http, HttpAnswer, OutgoingRequest, SendLimits, Transport, TransportError};
use sluis_model::connection::{ConnectionKey, ConnectionState};
use sluis_model::error::Reason;
use sluis_model::id::{ApiId, OrgId};
use sluis_store::{
    Change, JobHandler, Key, Page, QueuedJob, Record, StopSignal, Store, StoreError, Table, WorkOptions,
};
use sluis_tests::peers::{Fault, FaultMode};
use sluis_vault::{KeySource, SystemRandomness, Vault};
use std::sync::Arc;
use tokio::sync::Notify;
use url::Url;

fn get() -> ApiId {
    "items.get".parse().unwrap()
}

fn inputs() -> Inputs {
    serde_json::from_str(r#"{"id":"7"}"#).unwrap()
}

/// Where a process dies.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Dies {
    /// The provider has answered, and nobody has heard it.
    BeforeTheAnswerIsKept,
    /// Not at all, but the answer of the provider is held back until the test goes on.
    NotButWaits,
    /// The answer is in the store, the new tokens are not in their place.
    BeforeTheSwap,
    Never,
}

/// Stops for good at its moment, and says so.
struct Grave {
    dies: Dies,
    dead: Notify,
    goes_on: Notify,
}

impl Grave {
    async fn lie(&self) {
        self.dead.notify_one();
        std::future::pending().await
    }
}

struct MortalHttp(Transport, Arc<Grave>);

#[async_trait]
impl Http for MortalHttp {
    async fn send(&self, request: OutgoingRequest, limits: SendLimits) -> Result<HttpAnswer, TransportError> {
        let of_tokens = request.url.path() == "/token";
        let answer = self.0.send(request, limits).await;
        if of_tokens && self.1.dies == Dies::BeforeTheAnswerIsKept {
            self.1.lie().await;
        }
        if of_tokens && self.1.dies == Dies::NotButWaits {
            self.1.dead.notify_one();
            self.1.goes_on.notified().await;
        }
        answer
    }
}

struct MortalStore(Arc<dyn Store>, Arc<Grave>);

#[async_trait]
impl Store for MortalStore {
    fn is_ours_alone(&self) -> bool {
        self.0.is_ours_alone()
    }
    async fn get(&self, key: &Key) -> Result<Option<Record>, StoreError> {
        self.0.get(key).await
    }
    async fn list(
        &self,
        table: Table,
        org: &OrgId,
        prefix: &str,
        after: Option<&str>,
        limit: usize,
    ) -> Result<Vec<(String, Record)>, StoreError> {
        self.0.list(table, org, prefix, after, limit).await
    }
    async fn list_all(&self, table: Table, after: Option<&Key>, limit: usize) -> Result<Page, StoreError> {
        self.0.list_all(table, after, limit).await
    }
    async fn apply(&self, changes: Vec<Change>) -> Result<Vec<u64>, StoreError> {
        let swaps =
            changes.iter().any(|change| change.key().is_some_and(|key| key.table == Table::Credentials));
        if swaps && self.1.dies == Dies::BeforeTheSwap {
            self.1.lie().await;
        }
        self.0.apply(changes).await
    }
    async fn work_jobs(
        &self,
        handler: Arc<dyn JobHandler>,
        options: WorkOptions,
        stop: StopSignal,
    ) -> Result<(), StoreError> {
        self.0.work_jobs(handler, options, stop).await
    }
    async fn list_jobs(&self, after: Option<u64>, limit: usize) -> Result<Vec<QueuedJob>, StoreError> {
        self.0.list_jobs(after, limit).await
    }
    async fn close(&self) -> Result<(), StoreError> {
        self.0.close().await
    }
}

/// The store of a world whose own engine has been closed, with a vault.
struct Disk {
    store: Arc<dyn Store>,
    vault: Arc<Vault>,
    clock: Arc<SteeredClock>,
}

impl Disk {
    async fn of(world: &World) -> Self {
        world.engine.close().await.unwrap();
        let store = sluis_store::open(&world.folder.path().join("sluis.redb")).await.unwrap();
        let key = KeySource::File(world.folder.path().join("master.key"));
        let (vault, _) = Vault::unlock(store.as_ref(), &key, Arc::new(SystemRandomness)).await.unwrap();
        Self { store, vault: Arc::new(vault), clock: world.clock.clone() }
    }

    fn engine(&self, dies: Dies) -> (Engine, Arc<Grave>) {
        let grave = Arc::new(Grave { dies, dead: Notify::new(), goes_on: Notify::new() });
        let opened = Opened {
            store: Arc::new(MortalStore(self.store.clone(), grave.clone())),
            vault: self.vault.clone(),
        };
        let http = Arc::new(MortalHttp(transport(), grave.clone()));
        let engine = EngineBuilder::new(Arc::new(opened), http, Url::parse(PUBLIC_URL).unwrap())
            .clock(self.clock.clone())
            .build();
        (engine, grave)
    }

    /// A process renews, and dies on the way.
    async fn die(&self, world: &World, dies: Dies) {
        let process =
            tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build().unwrap();
        let (engine, grave) = self.engine(dies);
        let org = world.org.clone();
        process.spawn(async move { engine.invoke(&org, &get(), &inputs()).await });
        grave.dead.notified().await;
        tokio::task::spawn_blocking(move || process.shutdown_timeout(std::time::Duration::from_secs(5)))
            .await
            .unwrap();
    }
}

#[tokio::test]
async fn an_answer_that_was_kept_before_a_crash_is_finished_from_without_the_network() {
    let world = World::authorized().await;
    world.clock.advance(3600);
    let disk = Disk::of(&world).await;
    disk.die(&world, Dies::BeforeTheSwap).await;
    let asked = world.provider.stats().await.unwrap().token_requests;
    let (engine, _) = disk.engine(Dies::Never);
    assert_eq!(engine.recover().await.unwrap().renewals, 1);
    assert_eq!(world.provider.stats().await.unwrap().token_requests, asked, "nobody was asked");
    assert_eq!(engine.invoke(&world.org, &get(), &inputs()).await.unwrap().status_code, 200);
    // The rotated refresh token is there as well: the provider would end the family otherwise.
    world.clock.advance(3600);
    assert_eq!(engine.invoke(&world.org, &get(), &inputs()).await.unwrap().status_code, 200);
}

#[tokio::test]
async fn whoever_calls_after_a_crash_finishes_from_the_kept_answer_too() {
    let world = World::authorized().await;
    world.clock.advance(3600);
    let disk = Disk::of(&world).await;
    disk.die(&world, Dies::BeforeTheSwap).await;
    let asked = world.provider.stats().await.unwrap().token_requests;
    let (engine, _) = disk.engine(Dies::Never);
    assert_eq!(engine.invoke(&world.org, &get(), &inputs()).await.unwrap().status_code, 200);
    assert_eq!(world.provider.stats().await.unwrap().token_requests, asked);
}

#[tokio::test]
async fn an_answer_lost_in_a_crash_is_asked_for_once_more_and_then_told_as_lost() {
    let world = World::authorized().await;
    world.clock.advance(3600);
    let disk = Disk::of(&world).await;
    disk.die(&world, Dies::BeforeTheAnswerIsKept).await;
    let asked = world.provider.stats().await.unwrap().token_requests;
    let (engine, _) = disk.engine(Dies::Never);
    let failure = engine.invoke(&world.org, &get(), &inputs()).await.unwrap_err();
    assert_eq!(failure.reason, Reason::NeedsReauthorization, "{failure}");
    assert!(failure.message.contains("was lost"), "{failure}");
    assert_eq!(world.provider.stats().await.unwrap().token_requests, asked + 1, "once, no loop");
    let connection = engine.connections(&world.org).await.unwrap().remove(0);
    assert!(matches!(connection.state, ConnectionState::NeedsReauthorization { .. }));
    engine.invoke(&world.org, &get(), &inputs()).await.unwrap_err();
    assert_eq!(world.provider.stats().await.unwrap().token_requests, asked + 1);
}

#[tokio::test]
async fn an_answer_lost_on_the_way_is_asked_for_once_more_and_then_told_as_lost() {
    let world = World::authorized().await;
    world.clock.advance(3600);
    world.provider.set_faults(&[Fault::token(1, FaultMode::LostAnswer)]).await.unwrap();
    let before = world.provider.stats().await.unwrap().token_requests;
    let failure = world.engine.invoke(&world.org, &get(), &inputs()).await.unwrap_err();
    assert_eq!(failure.reason, Reason::NeedsReauthorization, "{failure}");
    assert!(failure.message.contains("was lost"), "{failure}");
    assert_eq!(world.provider.stats().await.unwrap().token_requests, before + 2);
}

#[tokio::test]
async fn an_answer_lost_in_a_crash_costs_no_grant_where_a_token_may_be_used_again() {
    let world = World::authorized_at_a_lenient_provider().await;
    let disk = Disk::of(&world).await;
    for round in 0..5 {
        world.clock.advance(3600);
        disk.die(&world, Dies::BeforeTheAnswerIsKept).await;
        let (engine, _) = disk.engine(Dies::Never);
        let answer = engine.invoke(&world.org, &get(), &inputs()).await;
        assert_eq!(answer.unwrap().status_code, 200, "round {round}");
        let connection = engine.connections(&world.org).await.unwrap().remove(0);
        assert!(connection.is_active() && connection.renewal == Default::default());
    }
}

#[tokio::test]
async fn a_revocation_beats_a_renewal_that_is_under_way() {
    let world = World::authorized().await;
    world.clock.advance(3600);
    let disk = Disk::of(&world).await;
    let (engine, gate) = disk.engine(Dies::NotButWaits);
    let (caller, org) = (engine.clone(), world.org.clone());
    let call = tokio::spawn(async move { caller.invoke(&org, &get(), &inputs()).await });
    gate.dead.notified().await;
    engine.revoke(&world.org, &items()).await.unwrap();
    gate.goes_on.notify_one();
    assert_eq!(call.await.unwrap().unwrap_err().reason, Reason::NotAuthorized);
    assert!(engine.connections(&world.org).await.unwrap().is_empty(), "it stays revoked");
    let stats = world.provider.stats().await.unwrap();
    assert_eq!(stats.count("refresh_token", "ok"), 1, "the provider did give tokens");
    engine.work_outbox().await.unwrap();
    let revocations = world.provider.stats().await.unwrap().revocations;
    assert_eq!(revocations, 2, "the old tokens and the ones that came home late were given back");
}

#[tokio::test]
async fn a_thousand_calls_through_two_engines_on_one_store_renew_exactly_once() {
    let world = World::authorized().await;
    world.clock.advance(3600);
    let disk = Disk::of(&world).await;
    let engines = [disk.engine(Dies::Never).0, disk.engine(Dies::Never).0];
    let calls: Vec<_> = (0..1000)
        .map(|n| {
            let (engine, org) = (engines[n % 2].clone(), world.org.clone());
            tokio::spawn(async move { engine.invoke(&org, &get(), &inputs()).await })
        })
        .collect();
    for call in calls {
        assert_eq!(call.await.unwrap().unwrap().status_code, 200);
    }
    let stats = world.provider.stats().await.unwrap();
    assert_eq!(stats.count("refresh_token", "ok"), 1, "{:?}", stats.tokens);
}

#[tokio::test]
async fn what_only_the_operator_can_mend_exhausts_a_connection_until_it_is_renewed_again() {
    let world = World::authorized().await;
    world.clock.advance(3600);
    let body = Some(r#"{"error":"invalid_client"}"#.to_owned());
    world.provider.set_faults(&[Fault::token(1, FaultMode::Status { status: 401, body })]).await.unwrap();
    world.engine.invoke(&world.org, &get(), &inputs()).await.unwrap_err();
    let connection = world.engine.connections(&world.org).await.unwrap().remove(0);
    let ConnectionState::Exhausted { reason } = &connection.state else { panic!("{:?}", connection.state) };
    assert!(reason.contains("the operator"), "{reason}");
    let failure = world.engine.invoke(&world.org, &get(), &inputs()).await.unwrap_err();
    assert!(failure.help.unwrap().contains("sluis connections renew items"));
    let key = ConnectionKey::main(&world.org, &items());
    let renewed = world.engine.renew_now(&key).await.unwrap();
    assert!(renewed.is_active() && renewed.renewal == Default::default());
    assert_eq!(world.engine.invoke(&world.org, &get(), &inputs()).await.unwrap().status_code, 200);
}

#[tokio::test]
async fn clocks_that_leap_cost_one_renewal_for_each_end_and_no_more() {
    let world = World::authorized().await;
    for (leap_s, renewals) in [(-7200, 0), (3600 + 7200, 1), (10 * 365 * 86_400, 2), (-3600, 2)] {
        world.clock.advance(leap_s);
        for _ in 0..3 {
            assert_eq!(world.engine.invoke(&world.org, &get(), &inputs()).await.unwrap().status_code, 200);
        }
        let stats = world.provider.stats().await.unwrap();
        assert_eq!(stats.count("refresh_token", "ok"), renewals, "after {leap_s} s");
    }
}

#[tokio::test]
async fn a_connection_in_use_is_renewed_before_its_end_without_a_call() {
    let world = World::authorized().await;
    world.engine.invoke(&world.org, &get(), &inputs()).await.unwrap();
    assert_eq!(world.engine.renew_due().await.unwrap().renewed, 0, "not yet");
    world.clock.advance(3600 - 59);
    assert_eq!(world.engine.renew_due().await.unwrap().renewed, 1);
    // Nobody has used the new token: it is left alone when it ends, until it has lain for a week.
    world.clock.advance(3600);
    assert_eq!(world.engine.renew_due().await.unwrap().renewed, 0);
    world.clock.advance(7 * 86_400);
    assert_eq!(world.engine.renew_due().await.unwrap().renewed, 1);
}
