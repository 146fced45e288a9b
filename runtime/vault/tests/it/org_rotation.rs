//! New keys for an org while it is being served.

use crate::failing_store::Dying;
use crate::seeded::{Place, all_open, open, places, seed, write};
use crate::{KEY, Turned, org, vault};
use sluis_model::id::OrgId;
use sluis_store::{Change, Expect, Store, StoreError, open_in_memory};
use sluis_vault::rotation::{OrgRotation, Phase, Step};
use sluis_vault::{Vault, VaultError};
use std::sync::Arc;

fn of_acme(places: &[Place]) -> Vec<Place> {
    places.iter().filter(|place| place.key.org == org("acme")).cloned().collect()
}

async fn to_the_end(store: &dyn Store, vault: &Vault, org: &OrgId) -> Result<OrgRotation, VaultError> {
    match vault.advance_rotation(store, org, 0, &mut |_| {}).await? {
        Step::Done(rotation) => Ok(rotation),
        Step::Wait { .. } => panic!("nothing is to be waited for"),
    }
}

#[tokio::test]
async fn everything_is_sealed_anew_and_the_old_key_is_refused() {
    let (store, vault, places) = (open_in_memory().await.unwrap(), vault(KEY), places(120));
    seed(&*store, &vault, &places).await;
    let acme = of_acme(&places);
    let (old_root, old_org) = (&acme[0], &acme[1]);
    let (root_bytes, org_bytes) = (
        store.get(&old_root.key).await.unwrap().unwrap().bytes,
        store.get(&old_org.key).await.unwrap().unwrap().bytes,
    );
    let begun = vault.start_rotation(&*store, &org("acme")).await.unwrap();
    assert_eq!((begun.target, begun.phase), (2, Phase::Announced));
    assert_eq!(vault.start_rotation(&*store, &org("acme")).await.unwrap(), begun, "it is under way");
    let mut seen = Vec::new();
    let step =
        vault.advance_rotation(&*store, &org("acme"), 0, &mut |r| seen.push(r.resealed)).await.unwrap();
    let Step::Done(done) = step else { panic!("{step:?}") };
    assert_eq!((done.phase, done.resealed, done.damaged), (Phase::Done, 480, 0));
    assert!(seen.len() > 4 && seen.is_sorted(), "{seen:?}");
    all_open(&*store, &vault, &places).await;
    let status = vault.status(&*store).await.unwrap();
    let acme = status.orgs.iter().find(|status| status.org == org("acme")).unwrap();
    assert_eq!((acme.primary, acme.floor, acme.rows.current), (2, 2, 480));
    assert_eq!((acme.rows.older, acme.rows.root, acme.rows.unreadable), (0, 0, 0));
    let beta = status.orgs.iter().find(|status| status.org == org("beta")).unwrap();
    assert_eq!((beta.primary, beta.rows.current, beta.rows.root), (1, 240, 240));
    // What was sealed before is not taken any more, wherever it comes from.
    for (place, bytes, number) in [(old_org, org_bytes, 1), (old_root, root_bytes, 0)] {
        store.apply(vec![Change::Put { key: place.key.clone(), bytes, expect: Expect::Any }]).await.unwrap();
        let error = open(&*store, &vault, place).await.unwrap_err();
        assert_eq!(error, VaultError::Retired { org: org("acme"), number, floor: 2 });
    }
}

#[tokio::test]
async fn stopped_after_every_write_it_goes_on_and_nothing_is_lost() {
    let places = places(3);
    for writes in 0.. {
        let (store, vault) = (open_in_memory().await.unwrap(), vault(KEY));
        seed(&*store, &vault, &places).await;
        let dying = Dying::after(&*store, writes);
        let first = async {
            vault.start_rotation(&dying, &org("acme")).await?;
            to_the_end(&dying, &vault, &org("acme")).await
        };
        let first = first.await;
        // The next process.
        let vault = crate::vault(KEY);
        vault.verify(&*store).await.unwrap();
        all_open(&*store, &vault, &places).await;
        vault.start_rotation(&*store, &org("acme")).await.unwrap();
        let done = to_the_end(&*store, &vault, &org("acme")).await.unwrap();
        all_open(&*store, &vault, &places).await;
        assert_eq!(vault.status(&*store).await.unwrap().orgs[0].rows.current, 12);
        if let Ok(first) = first {
            assert_eq!((first.target, done.target), (2, 3), "the first was done, the second is another");
            assert!(writes > 4, "{writes}");
            return;
        }
        assert_eq!(done.target, 2, "{writes}: it went on");
    }
}

#[tokio::test]
async fn no_process_meets_a_key_it_does_not_know_and_late_writers_are_waited_for() {
    let (store, clock) = (open_in_memory().await.unwrap(), Arc::new(Turned::default()));
    let (a, b) = (vault(KEY).with_clock(clock.clone()), vault(KEY).with_clock(clock.clone()));
    let (places, settle) = (places(2), 2 * sluis_vault::org::FRESH_MS);
    seed(&*store, &a, &places).await;
    let (acme, of_acme) = (org("acme"), of_acme(&places));
    let late = b.of(&*store, &acme).await.unwrap();
    assert_eq!(late.primary().0, 1);
    a.start_rotation(&*store, &acme).await.unwrap();
    let advance = async || a.advance_rotation(&*store, &acme, settle, &mut |_| {}).await.unwrap();
    assert!(matches!(advance().await, Step::Wait { rotation, .. } if rotation.phase == Phase::Announced));
    clock.forward(settle);
    let step = advance().await;
    let Step::Wait { rotation, .. } = step else { panic!("{step:?}") };
    assert_eq!((rotation.phase, rotation.resealed), (Phase::Draining, 8));
    all_open(&*store, &b, &places).await;
    // A task of the other process that began before writes now.
    write(&*store, &late, &of_acme[3], &of_acme[3].plain(), Expect::Any).await.unwrap();
    all_open(&*store, &a, &places).await;
    assert!(matches!(advance().await, Step::Wait { .. }), "too early to retire the old key");
    write(&*store, &late, &of_acme[5], &of_acme[5].plain(), Expect::Any).await.unwrap();
    clock.forward(settle);
    let step = advance().await;
    let Step::Done(rotation) = step else { panic!("{step:?}") };
    assert_eq!(rotation.resealed, 10);
    all_open(&*store, &a, &places).await;
    all_open(&*store, &b, &places).await;
}

#[tokio::test]
async fn two_processes_that_rotate_at_once_end_with_one_new_key() {
    let (store, places) = (open_in_memory().await.unwrap(), places(30));
    let (a, b) = (vault(KEY), vault(KEY));
    seed(&*store, &a, &places).await;
    let acme = org("acme");
    let (one, other) = tokio::join!(a.start_rotation(&*store, &acme), b.start_rotation(&*store, &acme));
    assert_eq!((one.unwrap().target, other.unwrap().target), (2, 2));
    let (one, other) = tokio::join!(to_the_end(&*store, &a, &acme), to_the_end(&*store, &b, &acme));
    assert_eq!((one.unwrap().phase, other.unwrap().phase), (Phase::Done, Phase::Done));
    all_open(&*store, &vault(KEY), &places).await;
    assert_eq!(vault(KEY).status(&*store).await.unwrap().orgs[0].rows.current, 120);
}

#[tokio::test(flavor = "multi_thread")]
async fn writers_in_the_middle_of_it_lose_nothing() {
    let (store, vault, places) = (open_in_memory().await.unwrap(), vault(KEY), places(20));
    seed(&*store, &vault, &places).await;
    let (acme, of_acme) = (org("acme"), of_acme(&places));
    vault.start_rotation(&*store, &acme).await.unwrap();
    let mut writers = tokio::task::JoinSet::new();
    for place in of_acme.iter().take(8).cloned() {
        let (store, vault, acme) = (Arc::clone(&store), vault.clone(), acme.clone());
        writers.spawn(async move {
            let mut written = 0;
            for n in 0..40 {
                // As a renewal does: read, work, replace exactly what was read; again if it changed.
                loop {
                    let version = store.get(&place.key).await.unwrap().unwrap().version;
                    let vault = vault.of(&*store, &acme).await.unwrap();
                    match write(&*store, &vault, &place, &format!("value {n}"), Expect::Version(version))
                        .await
                    {
                        Ok(()) => break written += 1,
                        Err(StoreError::Conflict { .. }) => {}
                        Err(error) => panic!("{error}"),
                    }
                }
            }
            (place, written)
        });
    }
    let settle = 200;
    loop {
        match vault.advance_rotation(&*store, &acme, settle, &mut |_| {}).await.unwrap() {
            Step::Done(_) => break,
            Step::Wait { .. } => tokio::task::yield_now().await,
        }
    }
    for (place, written) in writers.join_all().await {
        assert_eq!(written, 40);
        assert_eq!(open(&*store, &vault, &place).await.unwrap(), "value 39");
    }
    all_open(&*store, &vault, &of_acme[8..]).await;
}

#[tokio::test]
async fn a_row_that_does_not_open_is_counted_and_does_not_stop_the_others() {
    let (store, vault, places) = (open_in_memory().await.unwrap(), vault(KEY), places(3));
    seed(&*store, &vault, &places).await;
    let acme = of_acme(&places);
    for (n, place) in acme.iter().take(3).enumerate() {
        let mut bytes = store.get(&place.key).await.unwrap().unwrap().bytes;
        if n == 2 {
            bytes = b"no envelope".to_vec()
        } else {
            *bytes.last_mut().unwrap() ^= 1
        }
        store.apply(vec![Change::Put { key: place.key.clone(), bytes, expect: Expect::Any }]).await.unwrap();
    }
    vault.start_rotation(&*store, &org("acme")).await.unwrap();
    let done = to_the_end(&*store, &vault, &org("acme")).await.unwrap();
    assert_eq!((done.resealed, done.damaged), (9, 3));
    all_open(&*store, &vault, &acme[3..]).await;
    assert_eq!(vault.status(&*store).await.unwrap().orgs[0].rows.unreadable, 3);
}
