//! Two processes on one PostgreSQL: one renewal for both, and a lease that outlives its owner.

use crate::rounds::Running;
use crate::sample;
use crate::step::{Said, Step, Task};
use sluis_example_provider::{Moment, Provider, Rotation};
use sluis_tests::peers::postgres::{Database, Postgres};
use std::path::Path;
use std::time::{Duration, Instant};

fn task(database: &Database<'_>, folder: &Path, provider: &Provider) -> Task {
    Task {
        store: database.url(),
        key: folder.join("root.key").display().to_string(),
        issuer: provider.issuer.clone(),
        step: None,
        from_the_start: false,
        request_s: None,
    }
}

/// Starts a process and waits until it is ready.
async fn ready(task: &Task) -> Running {
    let mut process = Running::start(task);
    assert_eq!(process.said().await, Said::FoundActive);
    assert_eq!(process.said().await, Said::Ready { renewed: false });
    process
}

/// How its calls have ended.
async fn done(process: &mut Running) -> (usize, Vec<String>) {
    loop {
        if let Said::Done { ok, failures } = process.said().await {
            return (ok, failures);
        }
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_thousand_calls_of_two_processes_on_one_postgresql_renew_exactly_once() {
    let provider = sample::provider(Rotation::Strict).await;
    let folder = tempfile::tempdir().unwrap();
    let database = Postgres::shared().database("");
    let task = task(&database, folder.path(), &provider);
    let mut processes = [ready(&task).await, ready(&task).await];
    provider.expire_access_tokens();
    for process in &mut processes {
        process.go(500).await;
    }
    for process in &mut processes {
        assert_eq!(done(process).await, (500, Vec::new()));
    }
    assert_eq!(provider.counts().refreshes, 1);
    assert_eq!(provider.counts().refused, 0, "nobody showed a token that was used up");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_process_takes_over_from_a_killed_one_when_its_lease_has_passed_and_not_before() {
    let provider = sample::provider(Rotation::Leeway { seconds: 60 }).await;
    let folder = tempfile::tempdir().unwrap();
    let database = Postgres::shared().database("");
    let others = Task { request_s: Some(2), ..task(&database, folder.path(), &provider) };
    let mut dies = ready(&Task { step: Some(Step::ProviderDecided), ..others.clone() }).await;
    let mut lives = ready(&others).await;
    let mut requests = provider.hold_token_requests(Moment::Decided);
    provider.expire_access_tokens();
    dies.go(1).await;
    let first = requests.recv().await.unwrap();
    let decided = Instant::now();
    dies.kill().await;
    lives.go(10).await;
    let second = requests.recv().await.unwrap();
    let waited = decided.elapsed();
    drop((first, second, requests));
    assert_eq!(done(&mut lives).await, (10, Vec::new()));
    assert_eq!(provider.counts().refreshes, 2, "the token was tried once more, by one of the calls");
    // Three seconds; it began when the intent was written, a little before the provider decided.
    assert!((Duration::from_millis(2_500)..Duration::from_secs(30)).contains(&waited), "{waited:?}");
}
