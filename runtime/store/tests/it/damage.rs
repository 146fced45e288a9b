//! Bit rot: what is read is right or a typed error, never wrong data and never a missing row.

use crate::conformance::{org, put};
use sluis_store::{Expect, Key, Store, StoreError, Table, open};
use std::collections::BTreeSet;
use std::fs;
use std::path::Path;
use std::sync::Arc;

const ROWS: usize = 300;
const FLIPS: usize = 200;

fn key(n: usize) -> Key {
    Key::new(Table::Credentials, &org("acme"), format!("con_{n:05}"))
}

fn content(n: usize) -> Vec<u8> {
    format!("content of row {n} ").repeat(3 + n % 20).into_bytes()
}

async fn filled(path: &Path) -> Vec<u8> {
    let store = open(path).await.unwrap();
    for chunk in (0..ROWS).collect::<Vec<_>>().chunks(50) {
        let changes = chunk.iter().map(|n| put(&key(*n), content(*n), Expect::Absent)).collect();
        store.apply(changes).await.unwrap();
    }
    store.close().await.unwrap();
    fs::read(path).unwrap()
}

/// Pseudo-random and repeatable (xorshift64).
fn next(state: &mut u64) -> u64 {
    *state ^= *state << 13;
    *state ^= *state >> 7;
    *state ^= *state << 17;
    *state
}

struct Seen {
    right: usize,
    refused: usize,
}

async fn read_all(store: &Arc<dyn Store>, flip: &str) -> Seen {
    let mut seen = Seen { right: 0, refused: 0 };
    for n in 0..ROWS {
        match store.get(&key(n)).await {
            Ok(Some(record)) if record.bytes == content(n) => seen.right += 1,
            Ok(wrong) => panic!("{flip}: row {n} was read as {wrong:?}"),
            Err(StoreError::Damaged { .. } | StoreError::Broken { .. } | StoreError::Io { .. }) => {
                seen.refused += 1
            }
            Err(other) => panic!("{flip}: {other}"),
        }
    }
    match store.list(Table::Credentials, &org("acme"), "", None, ROWS + 10).await {
        Ok(rows) => assert!(
            rows.len() == ROWS
                && rows.iter().enumerate().all(|(n, (id, row))| *id == key(n).id && row.bytes == content(n)),
            "{flip}: the list has {} rows",
            rows.len()
        ),
        Err(StoreError::Damaged { .. } | StoreError::Broken { .. } | StoreError::Io { .. }) => {
            seen.refused += 1
        }
        Err(other) => panic!("{flip}: {other}"),
    }
    if let Ok(page) = store.list_all(Table::Credentials, None, ROWS * 3).await {
        let named: BTreeSet<_> =
            page.records.iter().map(|(key, _)| key.clone()).chain(page.damaged.iter().cloned()).collect();
        assert!(
            (0..ROWS).all(|n| named.contains(&key(n))),
            "{flip}: a row is neither listed nor named as damaged"
        );
        assert!(page.records.iter().all(|(key, row)| {
            key.id.strip_prefix("con_").and_then(|n| n.parse().ok()).is_some_and(|n| row.bytes == content(n))
        }));
    }
    seen
}

#[tokio::test]
async fn flipped_bits_are_noticed_and_other_rows_go_on() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("sluis.redb");
    let whole = filled(&path).await;
    let used = whole.iter().rposition(|byte| *byte != 0).unwrap();
    let (mut state, mut damaged, mut lost) = (0x9E37_79B9_7F4A_7C15, 0, 0);
    for _ in 0..FLIPS {
        // Behind the header, whose bits choose between whole states of the file.
        let at = 4096 + (next(&mut state) as usize) % (used - 4096);
        let bit = next(&mut state) % 8;
        let mut bytes = whole.clone();
        bytes[at] ^= 1 << bit;
        fs::write(&path, &bytes).unwrap();
        let flip = format!("bit {bit} of byte {at}");
        match open(&path).await {
            Ok(store) => {
                let seen = read_all(&store, &flip).await;
                damaged += usize::from(seen.refused > 0);
                lost += usize::from(seen.right < ROWS / 2);
                let _ = store.close().await;
            }
            Err(StoreError::Unusable { .. } | StoreError::Broken { .. }) => lost += 1,
            Err(other) => panic!("{flip}: {other}"),
        }
    }
    println!("{FLIPS} flips: {damaged} noticed while reading, {lost} took most of the file with them");
    assert!(damaged > FLIPS / 10, "the flips must hit rows for this test to mean something: {damaged}");
    assert!(lost < FLIPS / 4, "one bit must not cost the whole store: {lost}");
}

#[tokio::test]
async fn a_damaged_row_is_mended_by_writing_it_anew() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("sluis.redb");
    let mut bytes = filled(&path).await;
    let mark = b"content of row 77 ";
    // Old pages may hold copies of the row; all of them are hit.
    let places: Vec<_> =
        bytes.windows(mark.len()).enumerate().filter(|(_, w)| w == mark).map(|(at, _)| at).collect();
    for at in &places {
        bytes[*at] ^= 1;
    }
    fs::write(&path, &bytes).unwrap();
    let store = open(&path).await.unwrap();
    let error = store.get(&key(77)).await.unwrap_err();
    assert!(matches!(&error, StoreError::Damaged { key: named, .. } if *named == key(77)), "{error}");
    assert_eq!(store.list_all(Table::Credentials, None, 1000).await.unwrap().damaged, [key(77)]);
    let refused = store.apply(vec![put(&key(77), "x", Expect::Absent)]).await;
    assert!(matches!(refused, Err(StoreError::Damaged { .. })), "{refused:?}");
    store.apply(vec![put(&key(77), content(77), Expect::Any)]).await.unwrap();
    assert_eq!(store.get(&key(77)).await.unwrap().unwrap().bytes, content(77));
    assert_eq!(read_all(&store, "mended").await.right, ROWS);
    store.close().await.unwrap();
}
