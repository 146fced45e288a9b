//! Many writers, in one process and in several.

use super::{fresh, open};
use crate::conformance::{key, put};
use crate::postgres_server::Postgres;
use sluis_store::{Change, Expect, PostgresLimits, Store, StoreError};
use std::process::{Command, Stdio};
use std::sync::Arc;

const URL: &str = "SLUIS_TEST_POSTGRES_URL";
const STEPS: u64 = 150;

/// Adds one to a row, however often others come first.
async fn count_up(store: &dyn Store, id: &str) {
    loop {
        let (count, expect) = match store.get(&key(id)).await.unwrap() {
            Some(record) => (
                String::from_utf8(record.bytes).unwrap().parse::<u64>().unwrap(),
                Expect::Version(record.version),
            ),
            None => (0, Expect::Absent),
        };
        match store.apply(vec![put(&key(id), (count + 1).to_string(), expect)]).await {
            Ok(_) => return,
            Err(StoreError::Conflict { .. }) => {}
            Err(error) => panic!("{error}"),
        }
    }
}

async fn counted(store: &dyn Store, id: &str) -> u64 {
    String::from_utf8(store.get(&key(id)).await.unwrap().unwrap().bytes).unwrap().parse().unwrap()
}

/// One of the processes; does nothing unless the test below starts it.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn child_that_counts() {
    let Ok(url) = std::env::var(URL) else { return };
    let store = open(&url, PostgresLimits::default()).await.unwrap();
    let tasks: Vec<_> = (0..2)
        .map(|_| {
            let store = Arc::clone(&store);
            tokio::spawn(async move {
                for _ in 0..STEPS {
                    count_up(&*store, "counter").await;
                }
            })
        })
        .collect();
    for task in tasks {
        task.await.unwrap();
    }
    store.close().await.unwrap();
}

#[tokio::test]
async fn two_processes_that_contend_for_a_row_lose_no_step() {
    let database = Postgres::shared().database("");
    let children: Vec<_> = (0..2)
        .map(|_| {
            Command::new(std::env::current_exe().unwrap())
                .args(["--exact", "postgres::contention::child_that_counts"])
                .env(URL, database.url())
                .stdout(Stdio::null())
                .spawn()
                .unwrap()
        })
        .collect();
    for mut child in children {
        assert!(child.wait().unwrap().success());
    }
    let store = open(&database.url(), PostgresLimits::default()).await.unwrap();
    assert_eq!(counted(&*store, "counter").await, 2 * 2 * STEPS);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn settings_of_the_database_do_not_change_what_a_batch_means() {
    let database = Postgres::shared().database("");
    database.sql(&format!(
        "ALTER DATABASE {0} SET default_transaction_isolation = 'serializable';
         ALTER DATABASE {0} SET synchronous_commit = off;
         ALTER DATABASE {0} SET search_path = nowhere;
         ALTER DATABASE {0} SET bytea_output = escape",
        database.name()
    ));
    let store = open(&database.url(), PostgresLimits::default()).await.unwrap();
    let tasks: Vec<_> = (0..8)
        .map(|_| {
            let store = Arc::clone(&store);
            tokio::spawn(async move {
                for _ in 0..10 {
                    count_up(&*store, "a").await;
                }
            })
        })
        .collect();
    for task in tasks {
        task.await.unwrap();
    }
    assert_eq!(counted(&*store, "a").await, 80);
}

/// Batches over the same rows in every order, some so large that they keep everybody else out.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn batches_over_the_same_rows_neither_deadlock_nor_mix() {
    let (_database, store) = fresh().await;
    let tasks: Vec<_> = (0..24usize)
        .map(|writer| {
            let store = Arc::clone(&store);
            tokio::spawn(async move {
                let rows = if writer % 6 == 0 { 400 } else { 12 };
                let mut changes: Vec<Change> = (0..rows)
                    .map(|n| put(&key(&format!("row-{n}")), writer.to_string(), Expect::Any))
                    .collect();
                changes.rotate_left(writer % 12);
                if writer % 2 == 0 {
                    changes.reverse();
                }
                for _ in 0..5 {
                    let versions = store.apply(changes.clone()).await.unwrap();
                    assert!(versions.is_sorted_by(|a, b| a < b), "{versions:?}");
                }
            })
        })
        .collect();
    for task in tasks {
        task.await.unwrap();
    }
    let mut last = Vec::new();
    for n in 0..12 {
        last.push(store.get(&key(&format!("row-{n}"))).await.unwrap().unwrap().bytes);
    }
    last.dedup();
    assert_eq!(last.len(), 1, "all rows are of the batch that came last");
}

#[tokio::test]
async fn no_connection_is_held_between_calls_and_there_are_never_too_many() {
    let database = Postgres::shared().database("");
    let limits = PostgresLimits { connections: 3, ..PostgresLimits::default() };
    let store = open(&database.url(), limits).await.unwrap();
    let calls: Vec<_> = (0..60)
        .map(|n| {
            let store = Arc::clone(&store);
            tokio::spawn(
                async move { store.apply(vec![put(&key(&n.to_string()), "x", Expect::Absent)]).await },
            )
        })
        .collect();
    // A call that is given up half-way takes its connection with it and harms nobody.
    let given_up = tokio::spawn({
        let store = Arc::clone(&store);
        async move { store.get(&key("1")).await }
    });
    given_up.abort();
    for call in calls {
        call.await.unwrap().unwrap();
    }
    let states = database.sql(
        "SELECT state, count(*) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid() \
         AND application_name = 'sluis' GROUP BY state",
    );
    let (state, count) = states.split_once('|').unwrap();
    assert_eq!(state, "idle", "{states}");
    assert!((1..=3).contains(&count.parse::<u32>().unwrap()), "{states}");
    store.close().await.unwrap();
}

#[tokio::test]
async fn the_largest_value_is_kept_and_a_larger_one_is_refused() {
    let (_database, store) = fresh().await;
    let most = sluis_store::store::MAX_VALUE_BYTES;
    let large = vec![7; most];
    store.apply(vec![put(&key("large"), &large, Expect::Absent)]).await.unwrap();
    assert!(store.get(&key("large")).await.unwrap().unwrap().bytes == large);
    let refused = store.apply(vec![put(&key("larger"), vec![7; most + 1], Expect::Any)]).await;
    assert!(matches!(refused, Err(StoreError::Refused { .. })));
}

#[tokio::test]
async fn the_time_is_the_servers() {
    let (database, store) = fresh().await;
    let now =
        || database.sql("SELECT (extract(epoch FROM clock_timestamp()) * 1000)::bigint").parse().unwrap();
    let before: i64 = now();
    let told = store.server_time().await.unwrap().unwrap().0;
    assert!((before..=now()).contains(&told), "{before} {told}");
    assert_eq!(sluis_store::open_in_memory().await.unwrap().server_time().await, Ok(None));
}
