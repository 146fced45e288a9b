//! Another root key takes over.

use crate::failing_store::Dying;
use crate::seeded::{all_open, places, seed};
use crate::{KEY, OTHER_KEY, org, vault};
use sluis_store::open_in_memory;
use sluis_vault::{Vault, VaultError, field};

fn both() -> String {
    format!("{OTHER_KEY} {KEY}")
}

#[tokio::test]
async fn afterwards_the_new_key_alone_opens_everything_and_the_old_one_nothing() {
    let (store, places) = (open_in_memory().await.unwrap(), places(70));
    seed(&*store, &vault(KEY), &places).await;
    let turning = vault(&both());
    let before = turning.status(&*store).await.unwrap();
    assert_eq!(
        (before.ring[0], before.root),
        (turning.keys().primary_id(), Some(vault(KEY).keys().primary_id()))
    );
    let mut seen = 0;
    let done = turning.rotate_root(&*store, &mut |_| seen += 1).await.unwrap();
    // Two rows for each of two orgs and the system; every other one of 630 rows is of older times.
    assert_eq!((done.rewrapped, done.upgraded, done.damaged.len()), (6, 315, 0));
    assert!(seen > 6);
    assert_eq!(turning.rotate_root(&*store, &mut |_| {}).await.unwrap().rewrapped, 0);
    let new = vault(OTHER_KEY);
    new.verify(&*store).await.unwrap();
    all_open(&*store, &new, &places).await;
    assert_eq!(new.status(&*store).await.unwrap().root, Some(new.keys().primary_id()));
    let error = vault(KEY).verify(&*store).await.unwrap_err();
    let wanted = new.keys().primary_id();
    assert!(matches!(error, VaultError::RootKeyMissing { key, orgs: 3, .. } if key == wanted), "{error}");
}

#[tokio::test]
async fn stopped_after_every_write_it_goes_on_and_nothing_is_lost() {
    let places = places(2);
    for writes in 0.. {
        let store = open_in_memory().await.unwrap();
        seed(&*store, &vault(KEY), &places).await;
        let first = vault(&both()).rotate_root(&Dying::after(&*store, writes), &mut |_| {}).await;
        // Whatever came of it, both keys together open the store, in whichever order.
        for ring in [both(), format!("{KEY} {OTHER_KEY}")] {
            let vault = vault(&ring);
            vault.verify(&*store).await.unwrap();
            all_open(&*store, &vault, &places).await;
        }
        // The new one alone does, or is refused at start: never later.
        match vault(OTHER_KEY).verify(&*store).await {
            Ok(()) => all_open(&*store, &vault(OTHER_KEY), &places).await,
            Err(VaultError::RootKeyMissing { .. } | VaultError::WrongKey { .. }) => assert!(first.is_err()),
            Err(error) => panic!("{error}"),
        }
        vault(&both()).rotate_root(&*store, &mut |_| {}).await.unwrap();
        let new = vault(OTHER_KEY);
        new.verify(&*store).await.unwrap();
        all_open(&*store, &new, &places).await;
        if first.is_ok() {
            assert!(writes > 5, "{writes}");
            return;
        }
    }
}

#[tokio::test]
async fn two_processes_that_rotate_at_once_and_makers_of_keys_do_not_disturb_each_other() {
    let (store, places) = (open_in_memory().await.unwrap(), places(20));
    seed(&*store, &vault(KEY), &places).await;
    let (a, b, c) = (vault(&both()), vault(&both()), vault(&format!("{KEY} {OTHER_KEY}")));
    let makes = async {
        for n in 0..20 {
            let vault = c.of(&*store, &org(&format!("new{n}"))).await.unwrap();
            let sealed = vault.seal("con_1", field::TOKENS, b"canary");
            vault.open("con_1", field::TOKENS, &sealed).unwrap();
        }
    };
    let rotates = async |vault: &Vault| drop(vault.rotate_root(&*store, &mut |_| {}).await.unwrap());
    tokio::join!(rotates(&a), rotates(&b), makes);
    // Keys that were made with the old key first after the last look are found by the next call.
    a.rotate_root(&*store, &mut |_| {}).await.unwrap();
    vault(OTHER_KEY).verify(&*store).await.unwrap();
    all_open(&*store, &vault(OTHER_KEY), &places).await;
}

#[tokio::test]
async fn a_process_that_has_only_the_old_key_makes_no_keys_that_others_cannot_unwrap() {
    let store = open_in_memory().await.unwrap();
    let old = vault(KEY);
    old.verify(&*store).await.unwrap();
    vault(&both()).rotate_root(&*store, &mut |_| {}).await.unwrap();
    let error = old.of(&*store, &org("late")).await.unwrap_err();
    let wanted = vault(OTHER_KEY).keys().primary_id();
    assert_eq!(error, VaultError::WrongKey { given: old.keys().primary_id(), wanted });
    vault(OTHER_KEY).verify(&*store).await.unwrap();
}
