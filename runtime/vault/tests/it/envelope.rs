//! Sealing and opening.

use crate::{KEY, OTHER_KEY, org, vault};
use sluis_store::{Change, Expect, Key, Table, open_in_memory};
use sluis_vault::{SealContext, VaultError, field};
use std::collections::HashSet;

const CANARY: &[u8] = b"canary-7f3a-swordfish";

#[test]
fn a_value_opens_for_its_context_only() {
    let vault = vault(KEY);
    let (acme, beta, acm) = (org("acme"), org("beta"), org("acm"));
    let context = SealContext { org: &acme, subject: "con_1", field: field::TOKENS };
    let sealed = vault.seal(&context, CANARY);
    assert_eq!(vault.open(&context, &sealed).unwrap().expose(), CANARY);
    for wrong in [
        SealContext { org: &beta, ..context },
        SealContext { subject: "con_2", ..context },
        SealContext { field: field::VERIFIER, ..context },
        // The same letters, parted elsewhere.
        SealContext { org: &acm, subject: "econ_1", ..context },
    ] {
        let error = vault.open(&wrong, &sealed).unwrap_err();
        assert!(matches!(error, VaultError::Damaged { .. }), "{wrong:?}: {error}");
    }
}

#[test]
fn every_flipped_bit_and_every_cut_is_noticed() {
    let vault = vault(KEY);
    let acme = org("acme");
    let context = SealContext { org: &acme, subject: "con_1", field: field::TOKENS };
    let sealed = vault.seal(&context, CANARY);
    for bit in 0..sealed.len() * 8 {
        let mut flipped = sealed.clone();
        flipped[bit / 8] ^= 1 << (bit % 8);
        assert!(vault.open(&context, &flipped).is_err(), "bit {bit}");
    }
    for length in 0..sealed.len() {
        assert!(vault.open(&context, &sealed[..length]).is_err(), "{length} bytes");
    }
    let longer = [sealed.as_slice(), &[0]].concat();
    assert!(vault.open(&context, &longer).is_err());
    assert!(vault.open(&context, b"plain text of another time").is_err());
}

#[test]
fn an_old_key_opens_and_a_foreign_one_is_named() {
    let acme = org("acme");
    let context = SealContext { org: &acme, subject: "con_1", field: field::TOKENS };
    let sealed = vault(KEY).seal(&context, CANARY);
    let rotated = vault(&format!("{OTHER_KEY} {KEY}"));
    assert_eq!(rotated.open(&context, &sealed).unwrap().expose(), CANARY);
    let id = vault(KEY).keys().primary_id();
    assert_eq!(vault(OTHER_KEY).open(&context, &sealed).unwrap_err(), VaultError::UnknownKey { key: id });
    let anew = rotated.seal(&context, CANARY);
    assert!(vault(OTHER_KEY).open(&context, &anew).is_ok(), "the first key of the ring seals");
}

#[test]
fn nonces_do_not_repeat_and_sealed_bytes_hold_no_plain_text() {
    let vault = vault(KEY);
    let acme = org("acme");
    let context = SealContext { org: &acme, subject: "con_1", field: field::TOKENS };
    let mut nonces = HashSet::new();
    for _ in 0..100_000 {
        let sealed = vault.seal(&context, CANARY);
        assert!(nonces.insert(sealed[12..36].to_vec()));
        assert!(!sealed.windows(6).any(|part| CANARY.windows(6).any(|canary| canary == part)));
    }
}

#[test]
fn debug_of_a_vault_shows_no_key() {
    let shown = format!("{:?}", vault(KEY));
    assert!(shown.starts_with("Vault { ring: KeyRing { primary: "), "{shown}");
    assert!(!shown.contains(&KEY[..8]) && !shown.contains("1, 2, 3"), "{shown}");
}

#[test]
fn an_envelope_of_today_opens_in_ten_years() {
    // Made by another implementation of the algorithm, after the description in `seal.rs`.
    let sealed = from_hex(include_str!("envelope_v1.hex"));
    let acme = org("acme");
    let context = SealContext { org: &acme, subject: "con_1", field: field::TOKENS };
    assert_eq!(vault(KEY).open(&context, &sealed).unwrap().expose(), CANARY);
}

#[tokio::test]
async fn a_store_of_today_opens_in_ten_years() {
    // The rows of an org's key and what it sealed, made by another implementation of the algorithm,
    // after the descriptions in `envelope.rs` and `org/rows.rs`.
    let rows: Vec<Vec<u8>> = include_str!("envelope_v2.hex").lines().map(from_hex).collect();
    let (store, acme) = (open_in_memory().await.unwrap(), org("acme"));
    for (id, bytes) in [("key/0000000001", &rows[0]), ("head", &rows[1])] {
        let key = Key::new(Table::OrgKeys, &acme, id);
        store.apply(vec![Change::Put { key, bytes: bytes.clone(), expect: Expect::Absent }]).await.unwrap();
    }
    let own = vault(KEY).of(&*store, &acme).await.unwrap();
    assert_eq!(own.open("con_1", field::TOKENS, &rows[2]).unwrap().expose(), CANARY);
}

fn from_hex(text: &str) -> Vec<u8> {
    let digits: Vec<u8> = text.trim().chars().map(|c| c.to_digit(16).unwrap() as u8).collect();
    digits.chunks(2).map(|pair| pair[0] << 4 | pair[1]).collect()
}
