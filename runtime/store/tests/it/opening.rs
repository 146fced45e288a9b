//! Opening: what is made, what is refused, what is said.

use crate::conformance::{key, put};
use sluis_store::{Expect, StoreError, open};
use std::fs;
use std::path::Path;

/// Opens what must not open, and gives the message.
async fn refused(path: &Path) -> String {
    let before = fs::read(path).ok();
    let error = match open(path).await {
        Ok(_) => panic!("{} was opened", path.display()),
        Err(error) => error.to_string(),
    };
    assert_eq!(fs::read(path).ok(), before, "the file must stay as it was");
    assert!(!error.contains('\n') && error.contains(path.to_str().unwrap()), "{error}");
    error
}

#[tokio::test]
async fn closing_and_opening_keeps_everything() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("deep/er/sluis.redb");
    let mut versions = Vec::new();
    for round in 0..3u8 {
        let store = open(&path).await.unwrap();
        for (n, version) in versions.iter().enumerate() {
            assert_eq!(store.get(&key(&n.to_string())).await.unwrap().unwrap().version, *version);
        }
        versions.extend(store.apply(vec![put(&key(&round.to_string()), "x", Expect::Absent)]).await.unwrap());
        store.close().await.unwrap();
    }
    assert!(versions.is_sorted_by(|a, b| a < b), "versions go on over restarts: {versions:?}");
    let left: Vec<_> =
        fs::read_dir(path.parent().unwrap()).unwrap().map(|e| e.unwrap().file_name()).collect();
    assert_eq!(left, ["sluis.redb"]);
}

#[cfg(unix)]
#[tokio::test]
async fn file_and_folder_are_private() {
    use std::os::unix::fs::PermissionsExt;
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("data/sluis.redb");
    open(&path).await.unwrap().close().await.unwrap();
    let mode = |path: &Path| fs::metadata(path).unwrap().permissions().mode() & 0o777;
    assert_eq!((mode(&path), mode(path.parent().unwrap())), (0o600, 0o700));
}

#[tokio::test]
async fn a_second_opening_is_refused_and_the_first_goes_on() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("sluis.redb");
    let store = open(&path).await.unwrap();
    let error = open(&path).await.err().unwrap();
    assert_eq!(error, StoreError::InUse { path: path.clone() });
    assert!(error.to_string().contains("in use by another sluis process"), "{error}");
    store.apply(vec![put(&key("a"), "1", Expect::Any)]).await.unwrap();
    store.close().await.unwrap();
    open(&path).await.unwrap().close().await.unwrap();
}

#[tokio::test]
async fn a_file_that_is_no_store_is_named_for_what_it_is() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("sluis.redb");
    for (content, wanted) in [
        (&b""[..], "the file is empty"),
        (b"hello", "not a store of sluis"),
        (b"SQLite format 3\0...", "an SQLite database"),
        (b"{\"a\":1}", "JSON text"),
        (b"redb\x1A\x0A\xA9\x0D\x0A", "cut short"),
        (&[0u8; 100_000], "not a store of sluis"),
    ] {
        fs::write(&path, content).unwrap();
        let error = refused(&path).await;
        assert!(error.contains(wanted), "{content:?} -> {error}");
        assert!(error.contains("restore it from a backup"), "{error}");
    }
    fs::remove_file(&path).unwrap();
    let error = refused(folder.path()).await;
    assert!(error.contains("it is a folder"), "{error}");
}

#[tokio::test]
async fn a_truncated_store_is_refused_and_left_alone() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("sluis.redb");
    let store = open(&path).await.unwrap();
    let many = (0..500).map(|n| put(&key(&n.to_string()), [7; 2000], Expect::Any)).collect();
    store.apply(many).await.unwrap();
    store.close().await.unwrap();
    let whole = fs::read(&path).unwrap();
    for part in [1, 8, 100, 320, 4096, 5000, whole.len() / 2, whole.len() - 1] {
        fs::write(&path, &whole[..part]).unwrap();
        refused(&path).await;
    }
}

#[tokio::test]
async fn a_redb_file_of_something_else_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("sluis.redb");
    redb::Database::create(&path).unwrap().close().unwrap();
    let error = open(&path).await.err().unwrap().to_string();
    assert!(error.contains("not one of sluis"), "{error}");
}

#[tokio::test]
async fn a_store_of_a_newer_sluis_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("sluis.redb");
    open(&path).await.unwrap().close().await.unwrap();
    let database = redb::Database::open(&path).unwrap();
    let transaction = database.begin_write().unwrap();
    {
        // Format 2 with its checksum: the first 8 bytes of SHA-256(length of name, name, number).
        use sha2::{Digest, Sha256};
        let mut digest = Sha256::new();
        digest.update(6u64.to_be_bytes());
        digest.update(b"format");
        digest.update(2u64.to_be_bytes());
        let value = [&2u64.to_be_bytes()[..], &digest.finalize()[..8]].concat();
        let mut meta = transaction.open_table(redb::TableDefinition::<&str, &[u8]>::new("meta")).unwrap();
        meta.insert("format", value.as_slice()).unwrap();
    }
    transaction.commit().unwrap();
    database.close().unwrap();
    let error = open(&path).await.err().unwrap().to_string();
    assert!(error.contains("format 2") && error.contains("newer"), "{error}");
}
