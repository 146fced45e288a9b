//! What every backend must do. A new backend gets one more line at the end of this file.

use sluis_model::id::OrgId;
use sluis_store::{Change, Expect, Key, Page, Store, StoreError, Table, get_json, list_json, put_json};
use std::sync::Arc;

pub(crate) fn org(name: &str) -> OrgId {
    name.parse().unwrap()
}

pub(crate) fn key(id: &str) -> Key {
    Key::new(Table::Connections, &org("acme"), id)
}

pub(crate) fn put(key: &Key, bytes: impl AsRef<[u8]>, expect: Expect) -> Change {
    Change::Put { key: key.clone(), bytes: bytes.as_ref().to_vec(), expect }
}

fn delete(key: &Key, expect: Expect) -> Change {
    Change::Delete { key: key.clone(), expect }
}

async fn text(store: &dyn Store, key: &Key) -> Option<String> {
    store.get(key).await.unwrap().map(|record| String::from_utf8(record.bytes).unwrap())
}

async fn ids(store: &dyn Store, prefix: &str, after: Option<&str>, limit: usize) -> Vec<String> {
    let rows = store.list(Table::Connections, &org("acme"), prefix, after, limit).await.unwrap();
    rows.into_iter().map(|(id, _)| id).collect()
}

pub(crate) async fn a_row_is_read_as_it_was_written(store: Arc<dyn Store>) {
    assert_eq!(store.get(&key("a")).await.unwrap(), None);
    let versions = store.apply(vec![put(&key("a"), b"\0\xFF", Expect::Absent)]).await.unwrap();
    let record = store.get(&key("a")).await.unwrap().unwrap();
    assert_eq!((record.bytes.as_slice(), vec![record.version]), (&b"\0\xFF"[..], versions));
    store.apply(vec![put(&key("empty"), b"", Expect::Any)]).await.unwrap();
    assert_eq!(text(&*store, &key("empty")).await.as_deref(), Some(""));
    assert_eq!(store.apply(vec![]).await.unwrap(), Vec::<u64>::new());
}

pub(crate) async fn a_version_is_never_used_twice(store: Arc<dyn Store>) {
    let first = store.apply(vec![put(&key("a"), "1", Expect::Any)]).await.unwrap()[0];
    let second = store.apply(vec![put(&key("a"), "2", Expect::Version(first))]).await.unwrap()[0];
    assert!(second > first);
    assert_eq!(store.apply(vec![delete(&key("a"), Expect::Version(second))]).await.unwrap(), [0]);
    let third = store.apply(vec![put(&key("a"), "3", Expect::Absent)]).await.unwrap()[0];
    assert!(third > second, "a row made anew must not look like the old one");
}

pub(crate) async fn an_expectation_that_fails_is_a_conflict(store: Arc<dyn Store>) {
    let version = store.apply(vec![put(&key("a"), "1", Expect::Any)]).await.unwrap()[0];
    for change in [
        put(&key("a"), "2", Expect::Absent),
        put(&key("a"), "2", Expect::Version(version + 1)),
        put(&key("b"), "2", Expect::Version(version)),
        delete(&key("a"), Expect::Version(version + 1)),
        delete(&key("a"), Expect::Absent),
        delete(&key("b"), Expect::Version(version)),
    ] {
        let wanted = StoreError::Conflict { key: change.key().unwrap().clone() };
        assert_eq!(store.apply(vec![change.clone()]).await, Err(wanted), "{change:?}");
    }
    assert_eq!(text(&*store, &key("a")).await.as_deref(), Some("1"));
    assert_eq!(
        store.apply(vec![delete(&key("b"), Expect::Any), delete(&key("b"), Expect::Absent)]).await,
        Ok(vec![0, 0])
    );
}

pub(crate) async fn a_batch_happens_whole_or_not_at_all(store: Arc<dyn Store>) {
    store.apply(vec![put(&key("old"), "1", Expect::Any)]).await.unwrap();
    let refused = store
        .apply(vec![
            put(&key("new"), "1", Expect::Absent),
            delete(&key("old"), Expect::Any),
            put(&key("x"), "1", Expect::Version(77)),
        ])
        .await;
    assert_eq!(refused, Err(StoreError::Conflict { key: key("x") }));
    assert_eq!(text(&*store, &key("new")).await, None);
    assert_eq!(text(&*store, &key("old")).await.as_deref(), Some("1"));
}

pub(crate) async fn changes_of_a_batch_see_the_ones_before(store: Arc<dyn Store>) {
    let versions = store
        .apply(vec![
            put(&key("a"), "1", Expect::Absent),
            delete(&key("a"), Expect::Any),
            put(&key("a"), "2", Expect::Absent),
        ])
        .await
        .unwrap();
    let record = store.get(&key("a")).await.unwrap().unwrap();
    assert_eq!((record.bytes, record.version), (b"2".to_vec(), versions[2]));
    let twice = vec![put(&key("b"), "1", Expect::Absent), put(&key("b"), "2", Expect::Absent)];
    assert_eq!(store.apply(twice).await, Err(StoreError::Conflict { key: key("b") }));
}

pub(crate) async fn one_of_many_writers_wins_a_version(store: Arc<dyn Store>) {
    let version = store.apply(vec![put(&key("a"), "0", Expect::Any)]).await.unwrap()[0];
    let writers: Vec<_> = (0..200)
        .map(|n| {
            let store = Arc::clone(&store);
            let own = key(&format!("own-{n}"));
            tokio::spawn(async move {
                let swap = put(&key("a"), n.to_string(), Expect::Version(version));
                let (won, wrote) =
                    (store.apply(vec![swap]).await, store.apply(vec![put(&own, "x", Expect::Absent)]).await);
                assert!(wrote.is_ok(), "a loser must not hinder others: {wrote:?}");
                won.is_ok()
            })
        })
        .collect();
    let mut won = 0;
    for writer in writers {
        won += usize::from(writer.await.unwrap());
    }
    assert_eq!(won, 1);
    assert_eq!(ids(&*store, "own-", None, 1000).await.len(), 200);
}

pub(crate) async fn a_list_is_ordered_and_can_be_paged(store: Arc<dyn Store>) {
    let all = ["B", "a", "a/1", "a/10", "a/2", "b", "ä"];
    for id in all.iter().rev() {
        store.apply(vec![put(&key(id), id, Expect::Any)]).await.unwrap();
    }
    assert_eq!(ids(&*store, "", None, 100).await, all);
    assert_eq!(ids(&*store, "a/", None, 100).await, ["a/1", "a/10", "a/2"]);
    assert_eq!(ids(&*store, "a/", Some("a/1"), 100).await, ["a/10", "a/2"]);
    assert_eq!(ids(&*store, "a/", Some("a/1"), 1).await, ["a/10"]);
    assert_eq!(
        ids(&*store, "a/", Some("B"), 1).await,
        ["a/1"],
        "an `after` before the prefix takes nothing away"
    );
    assert!(ids(&*store, "a/", Some("b"), 100).await.is_empty());
    assert!(ids(&*store, "", None, 0).await.is_empty());
    assert!(ids(&*store, "zz", None, 100).await.is_empty());
}

pub(crate) async fn tenants_and_tables_are_apart(store: Arc<dyn Store>) {
    // Ids that would run into each other if a key were glued together carelessly.
    let keys = [
        Key::new(Table::Connections, &org("a"), "b-c"),
        Key::new(Table::Connections, &org("a-b"), "c"),
        Key::new(Table::Credentials, &org("a"), "b-c"),
        Key::new(Table::Connections, &org("ab"), "-c"),
        Key::system(Table::Connections, "c"),
    ];
    for key in &keys {
        store.apply(vec![put(key, key.to_string(), Expect::Absent)]).await.unwrap();
    }
    for key in &keys {
        assert_eq!(text(&*store, key).await, Some(key.to_string()));
        let own = store.list(key.table, &key.org, "", None, 100).await.unwrap();
        assert_eq!(own.len(), 1, "{key}");
        assert_eq!(own[0].0, key.id);
    }
}

pub(crate) async fn all_orgs_are_listed_page_by_page(store: Arc<dyn Store>) {
    let wanted: Vec<Key> = ["acme", "beta", "gamma"]
        .iter()
        .flat_map(|name| (0..3).map(|n| Key::new(Table::Runs, &org(name), n.to_string())))
        .collect();
    let changes = wanted.iter().map(|key| put(key, "x", Expect::Absent)).collect();
    store.apply(changes).await.unwrap();
    store.apply(vec![put(&key("other table"), "x", Expect::Any)]).await.unwrap();
    let (mut seen, mut after) = (Vec::new(), None);
    loop {
        let Page { records, damaged, next } = store.list_all(Table::Runs, after.as_ref(), 4).await.unwrap();
        assert!(damaged.is_empty() && records.len() <= 4);
        seen.extend(records.into_iter().map(|(key, _)| key));
        match next {
            Some(key) => after = Some(key),
            None => break,
        }
    }
    assert_eq!(seen, wanted);
}

pub(crate) async fn a_key_that_breaks_the_rules_is_refused(store: Arc<dyn Store>) {
    for id in ["", "a\0b", "a\nb", &"x".repeat(513)] {
        let refused =
            store.apply(vec![put(&key("ok"), "", Expect::Any), put(&key(id), "", Expect::Any)]).await;
        assert!(matches!(refused, Err(StoreError::Refused { .. })), "{id:?}: {refused:?}");
    }
    assert_eq!(text(&*store, &key("ok")).await, None);
}

pub(crate) async fn a_batch_that_is_too_large_is_refused(store: Arc<dyn Store>) {
    let large = vec![0; 32 << 20];
    let all = (0..9).map(|n| put(&key(&n.to_string()), &large, Expect::Any)).collect();
    let refused = store.apply(all).await;
    assert!(matches!(&refused, Err(StoreError::Refused { key: named, .. }) if *named == key("8")));
    assert_eq!(store.get(&key("0")).await.unwrap(), None);
}

pub(crate) async fn ids_that_cannot_be_are_not_there(store: Arc<dyn Store>) {
    store.apply(vec![put(&key("a"), "1", Expect::Any), put(&key("ab"), "2", Expect::Any)]).await.unwrap();
    assert_eq!(store.get(&key("a\0")).await.unwrap(), None);
    assert_eq!(store.get(&key("")).await.unwrap(), None);
    assert!(ids(&*store, "a\0", None, 10).await.is_empty());
    assert_eq!(ids(&*store, "", Some("a\0b"), 10).await, ["ab"]);
    let after = Key::new(Table::Connections, &org("acme"), "a\0b");
    let page = store.list_all(Table::Connections, Some(&after), 10).await.unwrap();
    assert_eq!(page.records.into_iter().map(|(key, _)| key).collect::<Vec<_>>(), [key("ab")]);
}

pub(crate) async fn json_rows_keep_their_shape(store: Arc<dyn Store>) {
    let change = put_json(key("j"), &vec![1, 2], Expect::Absent).unwrap();
    let versions = store.apply(vec![change]).await.unwrap();
    assert_eq!(get_json::<Vec<u32>>(&*store, &key("j")).await.unwrap(), Some((versions[0], vec![1, 2])));
    assert_eq!(get_json::<Vec<u32>>(&*store, &key("none")).await.unwrap(), None);
    let listed = list_json::<Vec<u32>>(&*store, Table::Connections, &org("acme"), "", None, 9).await.unwrap();
    assert_eq!(listed, [("j".to_owned(), versions[0], vec![1, 2])]);
    let error = get_json::<String>(&*store, &key("j")).await.unwrap_err();
    assert!(matches!(&error, StoreError::Undecodable { .. }), "{error}");
    assert!(error.to_string().contains("con/acme/j"), "{error}");
}

pub(crate) async fn a_closed_store_says_so(store: Arc<dyn Store>) {
    store.apply(vec![put(&key("a"), "1", Expect::Any)]).await.unwrap();
    store.close().await.unwrap();
    store.close().await.unwrap();
    assert_eq!(store.get(&key("a")).await, Err(StoreError::Closed));
    assert_eq!(store.apply(vec![put(&key("a"), "1", Expect::Any)]).await, Err(StoreError::Closed));
}

macro_rules! conformance {
    ($backend:ident, $open:expr, [$($case:ident),* $(,)?]) => {
        mod $backend {
            $(
                #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
                async fn $case() {
                    let (_keep, store) = $open.await;
                    super::$case(std::sync::Arc::clone(&store)).await;
                    store.close().await.unwrap();
                }
            )*
        }
    };
}

macro_rules! all_cases {
    ($backend:ident, $open:expr) => {
        conformance!(
            $backend,
            $open,
            [
                a_row_is_read_as_it_was_written,
                a_version_is_never_used_twice,
                an_expectation_that_fails_is_a_conflict,
                a_batch_happens_whole_or_not_at_all,
                changes_of_a_batch_see_the_ones_before,
                one_of_many_writers_wins_a_version,
                a_list_is_ordered_and_can_be_paged,
                tenants_and_tables_are_apart,
                all_orgs_are_listed_page_by_page,
                a_key_that_breaks_the_rules_is_refused,
                a_batch_that_is_too_large_is_refused,
                ids_that_cannot_be_are_not_there,
                json_rows_keep_their_shape,
                a_closed_store_says_so,
            ]
        );
    };
}

all_cases!(redb_in_a_file, async {
    let folder = tempfile::tempdir().unwrap();
    let store = sluis_store::open(&folder.path().join("sluis.redb")).await.unwrap();
    (folder, store)
});
all_cases!(redb_in_memory, async { ((), sluis_store::open_in_memory().await.unwrap()) });
#[cfg(unix)]
all_cases!(postgres, crate::postgres::fresh());
