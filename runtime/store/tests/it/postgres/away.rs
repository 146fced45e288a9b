//! The server crashes and comes back.

use super::{impatient, open};
use crate::conformance::{key, put};
use crate::postgres_server::Postgres;
use sluis_store::{Expect, PostgresLimits, Store, StoreError};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::{Duration, Instant};

/// Writes rows until told to stop; the numbers of those that were acknowledged.
async fn write(
    store: Arc<dyn Store>,
    writer: usize,
    stop: Arc<AtomicBool>,
    done: Arc<AtomicU64>,
) -> Vec<u64> {
    let mut acknowledged = Vec::new();
    for n in 0.. {
        if stop.load(Ordering::SeqCst) {
            break;
        }
        let changes = vec![
            put(&key(&format!("{writer}-{n}")), n.to_string(), Expect::Absent),
            put(&key(&format!("{writer}-{n}-twin")), n.to_string(), Expect::Absent),
        ];
        match store.apply(changes).await {
            Ok(_) => {
                acknowledged.push(n);
                done.fetch_add(1, Ordering::SeqCst);
            }
            Err(StoreError::Unavailable { .. } | StoreError::Unknown { .. }) => {}
            Err(error) => panic!("{error}"),
        }
    }
    acknowledged
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn nothing_acknowledged_is_lost_when_the_server_crashes() {
    const WRITERS: usize = 6;
    let server = Postgres::start().unwrap();
    let database = server.database("");
    let store = open(&database.url(), PostgresLimits::default()).await.unwrap();
    let (stop, done) = (Arc::new(AtomicBool::new(false)), Arc::new(AtomicU64::new(0)));
    let writers: Vec<_> = (0..WRITERS)
        .map(|n| tokio::spawn(write(Arc::clone(&store), n, Arc::clone(&stop), Arc::clone(&done))))
        .collect();
    let mut slowest = Duration::ZERO;
    for round in 1..=4 {
        while done.load(Ordering::SeqCst) < round * 60 {
            tokio::task::yield_now().await;
        }
        server.crash();
        tokio::task::block_in_place(|| server.come_back());
        let begun = Instant::now();
        store.get(&key("0-0")).await.unwrap().unwrap();
        slowest = slowest.max(begun.elapsed());
    }
    let before = done.load(Ordering::SeqCst);
    while done.load(Ordering::SeqCst) < before + 60 {
        tokio::task::yield_now().await;
    }
    stop.store(true, Ordering::SeqCst);
    let mut rows = 0;
    for (writer, task) in writers.into_iter().enumerate() {
        for n in task.await.unwrap() {
            for id in [format!("{writer}-{n}"), format!("{writer}-{n}-twin")] {
                let record = store.get(&key(&id)).await.unwrap();
                assert_eq!(record.unwrap().bytes, n.to_string().into_bytes(), "{id}");
                rows += 1;
            }
        }
    }
    let all = database.sql("SELECT count(*), count(*) FILTER (WHERE id LIKE '%twin') * 2 FROM sluis.record");
    let (all, twins) = all.split_once('|').unwrap();
    assert_eq!(all, twins, "a batch is whole");
    println!("{rows} rows acknowledged over 4 crashes; {all} there; first read {slowest:?} after the start");
    assert!(slowest < Duration::from_secs(5), "{slowest:?}");
    store.close().await.unwrap();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn calls_fail_in_time_while_the_server_is_away_and_go_on_when_it_is_back() {
    let server = Postgres::start().unwrap();
    let database = server.database("");
    let store = open(&database.url(), impatient()).await.unwrap();
    store.apply(vec![put(&key("a"), "1", Expect::Absent)]).await.unwrap();
    server.crash();
    let error = store.get(&key("a")).await.unwrap_err();
    assert!(matches!(&error, StoreError::Unavailable { .. }), "{error}");
    let Err(error) = open(&database.url(), impatient()).await else { panic!("it is away") };
    assert!(error.to_string().contains("does not answer"), "{error}");
    // Opening waits for a server that is about to come.
    let url = database.url();
    let patient = PostgresLimits { start: Duration::from_secs(60), ..PostgresLimits::default() };
    let opening = tokio::spawn(async move { open(&url, patient).await });
    server.come_back();
    assert!(store.get(&key("a")).await.unwrap().is_some());
    assert!(opening.await.unwrap().unwrap().get(&key("a")).await.unwrap().is_some());
}

#[tokio::test]
async fn connections_that_an_operator_ends_are_replaced_without_a_word() {
    let (database, store) = super::fresh().await;
    store.apply(vec![put(&key("a"), "1", Expect::Absent)]).await.unwrap();
    for round in 0..5 {
        database.sql("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = 'sluis' AND datname = current_database()");
        if round % 2 == 0 {
            store.get(&key("a")).await.unwrap().unwrap();
        } else {
            store.apply(vec![put(&key("a"), "2", Expect::Any)]).await.unwrap();
        }
    }
}
