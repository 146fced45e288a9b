//! The process that is killed: this test program once more, with a task. It uses the real engine, the
//! real transport and the real store.

use crate::mortal::{Fate, MortalHttp, MortalStore, say};
use crate::sample::{self, call, connection, org};
use crate::step::{Said, TASK, Task};
use sluis_engine::{Engine, RenewalRules};
use sluis_model::connection::Connection;
use sluis_store::{PostgresLimits, StoreAddress};
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

/// Not a test: what the tests of this program start and kill. Without a task there is nothing to do.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
#[ignore = "the tests here start it themselves, as a process of its own"]
async fn a_process_that_renews_until_it_is_killed() {
    let Ok(task) = std::env::var(TASK) else { return };
    live(serde_json::from_str(&task).unwrap()).await;
}

async fn live(task: Task) {
    let fate = Fate::new(task.step);
    fate.arm(task.from_the_start);
    let address = StoreAddress::parse(&task.store.as_str().into()).unwrap();
    let store = sluis_store::open_address(&address, PostgresLimits::default()).await.unwrap();
    let http = Arc::new(MortalHttp(sample::transport(), fate.clone()));
    let store = Arc::new(MortalStore(store, fate.clone()));
    let mut rules = RenewalRules::default();
    if let Some(request_s) = task.request_s {
        rules.request = Duration::from_secs(request_s);
        rules.lease = Duration::ZERO;
    }
    let engine = sample::builder(store, Path::new(&task.key), http).await.renewal_rules(rules).build();

    let renewed = see_to_what_is_there(&engine, &fate, &task).await;
    say(&Said::Ready { renewed });
    let calls = next_line().await.trim().parse().unwrap();
    fate.arm(true);
    let (ok, failures) = renew(&engine, calls).await;
    say(&Said::Done { ok, failures });
    // Whoever started this process kills it, now or when what goes on off the path of the calls has
    // reached its step; or is gone, and closes the standard input.
    next_line().await;
}

async fn next_line() -> String {
    let read = || std::io::stdin().lines().next().map_or(Ok(String::new()), |line| line);
    tokio::task::spawn_blocking(read).await.unwrap().unwrap()
}

/// What a server does when it starts; and a consent where there is none or none any more. Whether
/// anything was renewed.
async fn see_to_what_is_there(engine: &Engine, fate: &Fate, task: &Task) -> bool {
    let began = engine.now();
    engine.recover().await.unwrap();
    engine.renew_due().await.unwrap();
    if stored(engine).await.is_none() {
        fate.arm(false);
        sample::set_up(engine, &task.issuer).await;
        sample::authorize(engine).await;
        say(&Said::FoundActive);
        return false;
    }
    let called = call(engine).await;
    let Connection { state, refreshed_at, .. } = stored(engine).await.unwrap();
    match called {
        Ok(200) => say(&Said::FoundActive),
        Ok(status) => panic!("the API answers {status}: {state:?}"),
        Err(failure) => {
            fate.arm(false);
            say(&Said::FoundLost(format!("{failure}; {state:?}")));
            sample::authorize(engine).await;
        }
    }
    refreshed_at.is_some_and(|at| at >= began)
}

async fn stored(engine: &Engine) -> Option<Connection> {
    let orgs = engine.orgs().await.unwrap();
    if !orgs.iter().any(|known| known.id == org()) {
        return None;
    }
    engine.connections(&org()).await.unwrap().into_iter().find(|found| found.key() == connection())
}

/// Renews by so many calls at a time that are refused, or because a person asks where it is none.
async fn renew(engine: &Engine, calls: usize) -> (usize, Vec<String>) {
    let (mut ok, mut failures) = (0, Vec::new());
    if calls == 0 {
        failures.extend(engine.renew_now(&connection()).await.err().map(|failure| failure.to_string()));
    }
    let calls: Vec<_> = (0..calls.max(1))
        .map(|_| {
            let engine = engine.clone();
            tokio::spawn(async move { call(&engine).await })
        })
        .collect();
    for call in calls {
        match call.await.unwrap() {
            Ok(200) => ok += 1,
            Ok(status) => failures.push(status.to_string()),
            Err(failure) => failures.push(failure.to_string()),
        }
    }
    (ok, failures)
}
