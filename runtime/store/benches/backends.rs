//! Reads and writes a second of both backends in one run: `cargo bench -p sluis-store`. Rows hold
//! 2 KB, as a sealed credential does. What counts is the ratio; a busy machine halves all figures.

#![allow(clippy::unwrap_used)] // a bench that cannot go on has failed

#[allow(dead_code, reason = "the tests of the store crash it; this does not")]
#[path = "../../../tests/peers/postgres.rs"]
mod postgres_server;

use postgres_server::Postgres;
use sluis_store::{
    Change, Expect, Key, PostgresLimits, Store, StoreAddress, Table, open_address, system_org,
};
use std::sync::Arc;
use std::time::{Duration, Instant};

const ROWS: usize = 1000;
const TIME: Duration = Duration::from_secs(2);

fn key(n: usize) -> Key {
    Key::new(Table::Credentials, &system_org(), format!("con_{n:06}"))
}

fn put(n: usize) -> Vec<Change> {
    vec![Change::Put { key: key(n), bytes: vec![n as u8; 2048], expect: Expect::Any }]
}

/// Does it again and again in so many tasks; how many a second, and the median of one.
async fn measure(store: &Arc<dyn Store>, tasks: usize, writes: bool) -> (f64, Duration) {
    let begun = Instant::now();
    let running: Vec<_> = (0..tasks)
        .map(|task| {
            let store = Arc::clone(store);
            tokio::spawn(async move {
                let mut took = Vec::new();
                let mut n = task;
                while begun.elapsed() < TIME {
                    let start = Instant::now();
                    if writes {
                        store.apply(put(n % ROWS)).await.unwrap();
                    } else {
                        store.get(&key(n % ROWS)).await.unwrap().unwrap();
                    }
                    took.push(start.elapsed());
                    n += tasks;
                }
                took
            })
        })
        .collect();
    let mut all = Vec::new();
    for task in running {
        all.extend(task.await.unwrap());
    }
    let rate = all.len() as f64 / begun.elapsed().as_secs_f64();
    all.sort_unstable();
    (rate, all[all.len() / 2])
}

#[tokio::main]
async fn main() {
    let folder = tempfile::tempdir().unwrap();
    let file = StoreAddress::file(&folder.path().join("sluis.redb"));
    let database = Postgres::shared().database("");
    let server = StoreAddress::parse(&database.url().as_str().into()).unwrap();
    let mut stores = Vec::new();
    for (name, address) in [("redb", file), ("PostgreSQL", server)] {
        let store = open_address(&address, PostgresLimits::default()).await.unwrap();
        store.apply((0..ROWS).flat_map(put).collect()).await.unwrap();
        stores.push((name, store));
    }
    for writes in [false, true] {
        for tasks in [1, 64] {
            for (name, store) in &stores {
                let (rate, median) = measure(store, tasks, writes).await;
                let what = if writes { "apply" } else { "get" };
                println!("{what:>5}, {tasks:>2} at a time, {name:<10} {rate:>9.0}/s, median {median:?}");
            }
        }
    }
    for (_, store) in stores {
        store.close().await.unwrap();
    }
}
