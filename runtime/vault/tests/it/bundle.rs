//! Moving what is sealed to another store.

use crate::failing_store::Dying;
use crate::seeded::{Place, all_open, open, places, seed};
use crate::{KEY, OTHER_KEY, vault};
use sluis_model::secret::SecretText;
use sluis_store::{Change, Expect, Key, Store, Table, open_in_memory};
use sluis_vault::VaultError;
use sluis_vault::bundle::Overwrite;

fn passphrase() -> SecretText {
    "correct horse battery".into()
}

fn travelling(places: &[Place]) -> Vec<Place> {
    let moves = |place: &&Place| matches!(place.key.table, Table::Credentials | Table::Clients);
    places.iter().filter(moves).cloned().collect()
}

async fn rows(store: &dyn Store) -> usize {
    let mut count = 0;
    for table in [Table::Orgs, Table::Connections, Table::Credentials] {
        count += store.list_all(table, None, 1_000).await.unwrap().records.len();
    }
    count
}

#[tokio::test]
async fn an_export_opens_in_a_store_with_another_root_key() {
    let (store, other, places) =
        (open_in_memory().await.unwrap(), open_in_memory().await.unwrap(), places(5));
    let (from, to) = (vault(KEY), vault(OTHER_KEY));
    seed(&*store, &from, &places).await;
    to.verify(&*other).await.unwrap();
    let exported = from.export(&*store, &passphrase()).await.unwrap();
    assert_eq!((exported.connections, exported.clients, exported.damaged.len()), (10, 5, 0));
    for hidden in [&b"canary"[..], b"acme", b"gcontacts", b"con_"] {
        assert!(!exported.file.windows(hidden.len()).any(|part| part == hidden));
    }
    let done = to.import(&*other, &passphrase(), &exported.file, Overwrite::Refuse).await.unwrap();
    assert_eq!((done.connections, done.clients, done.replaced), (10, 5, 0));
    all_open(&*other, &to, &travelling(&places)).await;
    let key = Key::new(Table::Connections, &crate::org("acme"), "gcontacts0");
    assert_eq!(other.get(&key).await.unwrap().unwrap().bytes, b"{\"id\":\"con_acme0\"}");
    assert!(other.list_all(Table::Snapshots, None, 10).await.unwrap().records.is_empty());
}

#[tokio::test]
async fn an_import_replaces_nothing_unless_told_so_and_does_all_or_nothing() {
    let (store, other, places) =
        (open_in_memory().await.unwrap(), open_in_memory().await.unwrap(), places(3));
    let (from, to) = (vault(KEY), vault(OTHER_KEY));
    seed(&*store, &from, &places).await;
    to.verify(&*other).await.unwrap();
    let file = from.export(&*store, &passphrase()).await.unwrap().file;
    let taken = &travelling(&places)[2];
    let put = Change::Put { key: taken.key.clone(), bytes: b"mine".to_vec(), expect: Expect::Any };
    other.apply(vec![put]).await.unwrap();
    let error = to.import(&*other, &passphrase(), &file, Overwrite::Refuse).await.unwrap_err();
    assert_eq!(error, VaultError::Occupied { count: 1, example: taken.key.clone() });
    assert_eq!(rows(&*other).await, 1, "nothing was imported");
    // The process dies at any write: nothing of the rows is there then.
    for writes in 0.. {
        let other = open_in_memory().await.unwrap();
        to.verify(&*other).await.unwrap();
        let to = vault(OTHER_KEY);
        let dying = Dying::after(&*other, writes);
        match to.import(&dying, &passphrase(), &file, Overwrite::Refuse).await {
            Err(_) => assert_eq!(rows(&*other).await, 0, "{writes}"),
            Ok(_) => {
                assert!(writes > 2, "{writes}");
                break;
            }
        }
    }
    let done = to.import(&*other, &passphrase(), &file, Overwrite::Replace).await.unwrap();
    assert_eq!(done.replaced, 1);
    assert_eq!(open(&*other, &to, taken).await.unwrap(), taken.plain());
}

#[tokio::test]
async fn a_wrong_passphrase_a_damaged_file_and_a_foreign_file_are_refused() {
    let (store, places) = (open_in_memory().await.unwrap(), places(1));
    let vault = vault(KEY);
    seed(&*store, &vault, &places).await;
    let error = vault.export(&*store, &"too short".into()).await.err().unwrap();
    assert_eq!(error, VaultError::ShortPassphrase);
    let file = vault.export(&*store, &passphrase()).await.unwrap().file;
    let import = async |phrase: &str, file: &[u8]| {
        vault.import(&*store, &phrase.into(), file, Overwrite::Replace).await.unwrap_err()
    };
    let error = import("correct horse batterz", &file).await;
    assert_eq!(error, VaultError::WrongPassphrase);
    assert!(!error.to_string().contains("horse"));
    // In the salt, the nonce, the content, the tag.
    for place in [20, 40, 90, file.len() - 1] {
        let mut flipped = file.clone();
        flipped[place] ^= 1;
        assert_eq!(import("correct horse battery", &flipped).await, VaultError::WrongPassphrase, "{place}");
    }
    let mut greedy = file.clone();
    greedy[4] = 0xFF;
    for wrong in
        [&b""[..], b"PK\x03\x04 some other file of more than a few bytes, long enough", &file[..50], &greedy]
    {
        let error = import("correct horse battery", wrong).await;
        assert!(matches!(error, VaultError::NotAnExport { .. }), "{error}");
    }
}

#[tokio::test]
async fn a_row_that_does_not_open_stays_behind_and_is_named() {
    let (store, places) = (open_in_memory().await.unwrap(), places(2));
    let vault = vault(KEY);
    seed(&*store, &vault, &places).await;
    let broken = &travelling(&places)[1];
    let mut bytes = store.get(&broken.key).await.unwrap().unwrap().bytes;
    *bytes.last_mut().unwrap() ^= 1;
    store.apply(vec![Change::Put { key: broken.key.clone(), bytes, expect: Expect::Any }]).await.unwrap();
    let exported = vault.export(&*store, &passphrase()).await.unwrap();
    assert_eq!((exported.connections, exported.damaged), (3, vec![broken.key.clone()]));
}
