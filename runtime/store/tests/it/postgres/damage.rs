//! Rows that are not what was written: noticed, named, mended by writing anew.

use super::fresh;
use crate::conformance::{key, org, put};
use sluis_store::{Change, Expect, Store, StoreError, Table};

async fn is_damaged(store: &dyn Store, id: &str) -> bool {
    match store.get(&key(id)).await {
        Ok(Some(record)) => {
            assert_eq!(record.bytes, format!("content of {id}").into_bytes());
            false
        }
        Err(StoreError::Damaged { key: named, .. }) if named == key(id) => true,
        other => panic!("{id}: {other:?}"),
    }
}

#[tokio::test]
async fn bit_rot_and_moved_rows_are_noticed_and_mended() {
    let (database, store) = fresh().await;
    let ids = ["content", "version", "huge", "checksum", "left", "right", "sound"];
    let all = ids.iter().map(|id| put(&key(id), format!("content of {id}"), Expect::Absent)).collect();
    store.apply(all).await.unwrap();
    for id in ids {
        assert!(!is_damaged(&*store, id).await);
    }
    database.sql(
        "UPDATE sluis.record SET content = set_bit(content, 9, 1 - get_bit(content, 9)) WHERE id = 'content';
         UPDATE sluis.record SET version = version + 1 WHERE id = 'version';
         UPDATE sluis.record SET version = version + 1000000000 WHERE id = 'huge';
         UPDATE sluis.record SET checksum = set_bit(checksum, 0, 1 - get_bit(checksum, 0)) WHERE id = 'checksum';
         UPDATE sluis.record SET id = 'between' WHERE id = 'left';
         UPDATE sluis.record SET id = 'left' WHERE id = 'right';
         UPDATE sluis.record SET id = 'right' WHERE id = 'between';",
    );
    let damaged = ["checksum", "content", "huge", "left", "right", "version"];
    for id in damaged {
        assert!(is_damaged(&*store, id).await, "{id}");
        for expect in [Expect::Absent, Expect::Version(1)] {
            let refused = store.apply(vec![put(&key(id), "x", expect)]).await;
            assert!(matches!(&refused, Err(StoreError::Damaged { .. })), "{id}: {refused:?}");
        }
    }
    assert!(!is_damaged(&*store, "sound").await);
    let listed = store.list(Table::Connections, &org("acme"), "", None, 100).await;
    assert!(
        matches!(&listed, Err(StoreError::Damaged { key: named, .. }) if *named == key("checksum")),
        "{listed:?}"
    );
    let page = store.list_all(Table::Connections, None, 100).await.unwrap();
    assert_eq!(page.damaged, damaged.map(key));
    assert_eq!(page.records.len(), 1);
    for id in &damaged[1..] {
        store.apply(vec![put(&key(id), format!("content of {id}"), Expect::Any)]).await.unwrap();
        assert!(!is_damaged(&*store, id).await, "{id} was written anew");
    }
    store.apply(vec![Change::Delete { key: key("checksum"), expect: Expect::Any }]).await.unwrap();
    assert_eq!(store.get(&key("checksum")).await.unwrap(), None);
}

#[tokio::test]
async fn a_counter_that_was_set_back_gives_no_version_again() {
    let (database, store) = fresh().await;
    let change = || vec![put(&key("a"), "1", Expect::Any)];
    for _ in 0..3 {
        store.apply(change()).await.unwrap();
    }
    database.sql("SELECT setval('sluis.version', 1)");
    let refused = store.apply(change()).await;
    assert!(matches!(&refused, Err(StoreError::Broken { .. })), "{refused:?}");
    database.sql("SELECT setval('sluis.version', (SELECT max(version) FROM sluis.record))");
    store.apply(change()).await.unwrap();
}

#[tokio::test]
async fn a_schema_of_which_a_part_is_gone_is_called_broken() {
    let (database, store) = fresh().await;
    database.sql("DROP FUNCTION sluis.apply");
    let refused = store.apply(vec![put(&key("a"), "1", Expect::Any)]).await;
    assert!(matches!(&refused, Err(StoreError::Broken { .. })), "{refused:?}");
    database.sql("DROP TABLE sluis.record");
    let refused = store.get(&key("a")).await;
    assert!(matches!(&refused, Err(StoreError::Broken { .. })), "{refused:?}");
}
