//! Copying a store into another.

use crate::conformance::{key, org, put};
use sluis_store::copy::{CopyError, copy};
use sluis_store::{Change, Expect, Key, Store, Table, open_in_memory};

/// More rows than a page has, in several tables and orgs, one of them large.
pub(crate) async fn fill(store: &dyn Store) -> u64 {
    let mut changes: Vec<Change> = (0..450)
        .map(|n| {
            put(&Key::new(Table::Runs, &org("acme"), format!("run_{n}")), vec![n as u8; n], Expect::Absent)
        })
        .collect();
    changes.push(put(&Key::system(Table::Orgs, "acme"), "{}", Expect::Absent));
    changes.push(put(&Key::new(Table::Credentials, &org("beta"), "ä"), vec![7; 9_000_000], Expect::Absent));
    changes.push(put(&key("empty"), "", Expect::Absent));
    let count = changes.len() as u64;
    store.apply(changes).await.unwrap();
    count
}

#[tokio::test]
async fn every_row_arrives_and_a_target_that_holds_something_is_refused() {
    let (from, to) = (open_in_memory().await.unwrap(), open_in_memory().await.unwrap());
    let count = fill(&*from).await;
    let copied = copy(&*from, &*to).await.unwrap();
    assert_eq!(copied.rows.iter().map(|(_, rows)| rows).sum::<u64>(), count);
    let large = to.get(&Key::new(Table::Credentials, &org("beta"), "ä")).await.unwrap().unwrap();
    assert_eq!(large.bytes.len(), 9_000_000);
    let refused = copy(&*from, &*to).await.unwrap_err();
    assert!(matches!(&refused, CopyError::NotEmpty { .. }), "{refused}");
}

#[cfg(unix)]
#[tokio::test]
async fn rows_go_to_postgresql_and_come_back_the_same() {
    let first = open_in_memory().await.unwrap();
    let (database, middle) = crate::postgres::fresh().await;
    let last = open_in_memory().await.unwrap();
    fill(&*first).await;
    let there = copy(&*first, &*middle).await.unwrap();
    assert_eq!(copy(&*middle, &*last).await.unwrap(), there);
    // Damage on the way is not carried on.
    database.sql("UPDATE sluis.record SET content = 'x' WHERE id = 'run_7'");
    let refused = copy(&*middle, &*open_in_memory().await.unwrap()).await.unwrap_err();
    assert!(matches!(&refused, CopyError::Damaged { key } if key.id == "run_7"), "{refused}");
}
