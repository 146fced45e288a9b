//! Each org seals with keys of its own.

use crate::seeded::{all_open, open, places, seed};
use crate::{KEY, OTHER_KEY, Turned, org, vault};
use sluis_model::ports::Randomness as _;
use sluis_store::{Change, Expect, Table, open_in_memory};
use sluis_vault::{SystemRandomness, VaultError, field};
use std::collections::HashSet;
use std::sync::Arc;

const CANARY: &[u8] = b"canary-7f3a-swordfish";

#[tokio::test]
async fn a_value_opens_for_its_org_subject_and_field_only() {
    let (store, vault) = (open_in_memory().await.unwrap(), vault(KEY));
    let acme = vault.of(&*store, &org("acme")).await.unwrap();
    let beta = vault.of(&*store, &org("beta")).await.unwrap();
    assert_ne!(acme.primary().1, beta.primary().1, "two orgs share no key");
    let sealed = acme.seal("con_1", field::TOKENS, CANARY);
    assert_eq!(acme.open("con_1", field::TOKENS, &sealed).unwrap().expose(), CANARY);
    assert!(!sealed.windows(6).any(|part| CANARY.windows(6).any(|canary| canary == part)));
    for (subject, field) in
        [("con_2", field::TOKENS), ("con_1", field::VERIFIER), ("con_", "1connection/tokens")]
    {
        let error = acme.open(subject, field, &sealed).unwrap_err();
        assert!(matches!(error, VaultError::Damaged { .. }), "{subject} {field}: {error}");
    }
    let error = beta.open("con_1", field::TOKENS, &sealed).unwrap_err();
    assert_eq!(error, VaultError::UnknownOrgKey { org: org("beta"), key: acme.primary().1 });
    // The place that a value names is part of what is sealed.
    let mut renamed = sealed.clone();
    let at = renamed.windows(5).position(|part| part == b"con_1").unwrap();
    renamed[at + 4] = b'2';
    let error = acme.open("con_2", field::TOKENS, &renamed).unwrap_err();
    assert_eq!(error, VaultError::Damaged { why: "it fails authentication" });
}

#[tokio::test]
async fn every_flipped_bit_and_every_cut_is_noticed() {
    let (store, vault) = (open_in_memory().await.unwrap(), vault(KEY));
    let acme = vault.of(&*store, &org("acme")).await.unwrap();
    let sealed = acme.seal("con_1", field::TOKENS, CANARY);
    for bit in 0..sealed.len() * 8 {
        let mut flipped = sealed.clone();
        flipped[bit / 8] ^= 1 << (bit % 8);
        let error = acme.open("con_1", field::TOKENS, &flipped).unwrap_err();
        let typed = matches!(error, VaultError::Damaged { .. } | VaultError::UnknownOrgKey { .. });
        assert!(typed, "bit {bit}: {error}");
    }
    for length in 0..sealed.len() {
        assert!(acme.open("con_1", field::TOKENS, &sealed[..length]).is_err(), "{length} bytes");
    }
    assert!(acme.open("con_1", field::TOKENS, &[sealed.as_slice(), &[0]].concat()).is_err());
}

#[tokio::test]
async fn three_hundred_flipped_bits_in_sealed_rows_are_typed_errors_and_the_others_go_on() {
    let (store, vault, places) = (open_in_memory().await.unwrap(), vault(KEY), places(4));
    seed(&*store, &vault, &places).await;
    for round in 0..300_usize {
        let place = &places[round % places.len()];
        let whole = store.get(&place.key).await.unwrap().unwrap().bytes;
        let mut flipped = whole.clone();
        // Odd steps, so that all bytes and bits have their turn.
        let bit = (round * 7919) % (whole.len() * 8);
        flipped[bit / 8] ^= 1 << (bit % 8);
        let put = |bytes| vec![Change::Put { key: place.key.clone(), bytes, expect: Expect::Any }];
        store.apply(put(flipped)).await.unwrap();
        let error = open(&*store, &vault, place).await.unwrap_err();
        let typed = matches!(
            error,
            VaultError::Damaged { .. } | VaultError::UnknownOrgKey { .. } | VaultError::UnknownKey { .. }
        );
        assert!(typed && !format!("{error} {error:?}").contains("canary"), "round {round}: {error}");
        let other = &places[(round + 1) % places.len()];
        assert_eq!(open(&*store, &vault, other).await.unwrap(), other.plain());
        store.apply(put(whole)).await.unwrap();
    }
    all_open(&*store, &vault, &places).await;
}

#[tokio::test]
async fn values_swapped_between_any_two_rows_do_not_open() {
    let (store, vault, places) = (open_in_memory().await.unwrap(), vault(KEY), places(2));
    seed(&*store, &vault, &places).await;
    let mut tried = 0;
    for a in &places {
        for b in places.iter().filter(|b| b.key != a.key) {
            let (own, foreign) = (
                store.get(&a.key).await.unwrap().unwrap().bytes,
                store.get(&b.key).await.unwrap().unwrap().bytes,
            );
            let put = |bytes| vec![Change::Put { key: a.key.clone(), bytes, expect: Expect::Any }];
            store.apply(put(foreign)).await.unwrap();
            assert!(open(&*store, &vault, a).await.is_err(), "{} in the place of {}", b.key, a.key);
            store.apply(put(own)).await.unwrap();
            tried += 1;
        }
    }
    assert_eq!(tried, 18 * 17);
}

#[tokio::test]
async fn two_nodes_that_need_the_first_key_at_once_agree() {
    let store = open_in_memory().await.unwrap();
    for round in 0..20 {
        let org = org(&format!("org{round}"));
        let nodes: Vec<_> = (0..4).map(|_| vault(KEY)).collect();
        let made = |n: usize| nodes[n].of(&*store, &org);
        let (a, b, c, d) = tokio::join!(made(0), made(1), made(2), made(3));
        let all = [a.unwrap(), b.unwrap(), c.unwrap(), d.unwrap()];
        let keys: HashSet<_> = all.iter().map(|vault| vault.primary().1).collect();
        assert_eq!(keys.len(), 1, "round {round}");
        let sealed = all[0].seal("con_1", field::TOKENS, CANARY);
        assert_eq!(all[3].open("con_1", field::TOKENS, &sealed).unwrap().expose(), CANARY);
    }
}

#[tokio::test]
async fn many_orgs_that_need_their_first_key_at_once_get_one_each() {
    let (store, vault) = (open_in_memory().await.unwrap(), vault(KEY));
    let mut tasks = tokio::task::JoinSet::new();
    for n in 0..60 {
        let (store, vault) = (Arc::clone(&store), vault.clone());
        tasks.spawn(async move { vault.of(&*store, &org(&format!("org{n}"))).await.unwrap().primary().1 });
    }
    let keys: HashSet<_> = tasks.join_all().await.into_iter().collect();
    assert_eq!(keys.len(), 60);
}

#[tokio::test]
async fn keys_are_loaded_once_and_looked_at_again_when_they_are_stale() {
    let (store, clock) = (open_in_memory().await.unwrap(), Arc::new(Turned::default()));
    let vault = vault(KEY).with_clock(clock.clone());
    let before = vault.of(&*store, &org("acme")).await.unwrap().primary();
    let rows = store.list(Table::OrgKeys, &org("acme"), "", None, 10).await.unwrap();
    let gone = rows.iter().map(|(id, _)| Change::Delete {
        key: sluis_store::Key::new(Table::OrgKeys, &org("acme"), id.as_str()),
        expect: Expect::Any,
    });
    store.apply(gone.collect()).await.unwrap();
    assert_eq!(vault.of(&*store, &org("acme")).await.unwrap().primary(), before);
    clock.forward(sluis_vault::org::FRESH_MS);
    assert_ne!(vault.of(&*store, &org("acme")).await.unwrap().primary(), before);
}

#[tokio::test]
async fn an_org_whose_keys_are_half_lost_gets_no_silently_new_ones() {
    let (store, vault) = (open_in_memory().await.unwrap(), vault(KEY));
    vault.of(&*store, &org("acme")).await.unwrap();
    for lost in ["head", "key/0000000001"] {
        let key = sluis_store::Key::new(Table::OrgKeys, &org("acme"), lost);
        let bytes = store.get(&key).await.unwrap().unwrap().bytes;
        store.apply(vec![Change::Delete { key: key.clone(), expect: Expect::Any }]).await.unwrap();
        let error = crate::vault(KEY).of(&*store, &org("acme")).await.unwrap_err();
        assert!(matches!(error, VaultError::Damaged { .. }), "{lost}: {error}");
        store.apply(vec![Change::Put { key, bytes, expect: Expect::Any }]).await.unwrap();
    }
    crate::vault(KEY).of(&*store, &org("acme")).await.unwrap();
}

#[tokio::test]
async fn a_missing_root_key_stops_the_start_and_is_named() {
    let store = open_in_memory().await.unwrap();
    let old = vault(OTHER_KEY);
    old.verify(&*store).await.unwrap();
    for name in ["acme", "beta"] {
        old.of(&*store, &org(name)).await.unwrap();
    }
    let wanted = old.keys().primary_id();
    let error = vault(KEY).verify(&*store).await.unwrap_err();
    assert_eq!(error, VaultError::RootKeyMissing { key: wanted, orgs: 2, example: org("acme") });
    let shown = error.to_string();
    assert!(shown.contains(&wanted.to_string()) && !shown.contains('\n'), "{shown}");
    vault(&format!("{KEY} {OTHER_KEY}")).verify(&*store).await.unwrap();
}

#[tokio::test]
async fn a_million_nonces_are_all_different() {
    let (store, vault) = (open_in_memory().await.unwrap(), vault(KEY));
    let acme = vault.of(&*store, &org("acme")).await.unwrap();
    let mut nonces: HashSet<[u8; 24]> = HashSet::with_capacity(1_000_000);
    for _ in 0..20_000 {
        let sealed = acme.seal("c", "f", b"");
        assert!(nonces.insert(sealed[17..41].try_into().unwrap()));
    }
    // The others straight from where a seal takes them: sealing is slow without optimisation.
    let mut nonce = [0; 24];
    while nonces.len() < 1_000_000 {
        SystemRandomness.fill(&mut nonce);
        assert!(nonces.insert(nonce));
    }
}

#[tokio::test]
async fn debug_shows_names_of_keys_only() {
    let (store, vault) = (open_in_memory().await.unwrap(), vault(KEY));
    let acme = vault.of(&*store, &org("acme")).await.unwrap();
    let shown = format!("{acme:?}");
    assert!(shown.contains(&acme.primary().1.to_string()) && shown.len() < 300, "{shown}");
}
