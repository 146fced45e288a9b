//! Tokens of the HTTP API.

use crate::org;
use sluis_model::time::Timestamp;
use sluis_store::{Store, Table, open_in_memory};
use sluis_vault::api_token::{Purpose, TokenRefusal, create, list, revoke, verify};
use sluis_vault::{SystemRandomness, VaultError};

fn ci() -> Purpose {
    Purpose { name: "ci".to_owned(), ..Purpose::default() }
}

const NOW: Timestamp = Timestamp(1_700_000_000_000);

async fn made(store: &dyn Store, expires_at: Option<Timestamp>) -> String {
    create(store, &SystemRandomness, &ci(), NOW, expires_at).await.unwrap().0.expose().clone()
}

#[tokio::test]
async fn a_token_is_recognised_and_the_store_does_not_hold_it() {
    let store = open_in_memory().await.unwrap();
    let text = made(&*store, None).await;
    let parts: Vec<&str> = text.split('_').collect();
    assert_eq!((parts[0], parts[1].len(), parts[2].len()), ("slu", 8, 52), "52 characters of 5 bits");
    let token = verify(&*store, &text, NOW).await.unwrap().unwrap();
    assert_eq!((token.prefix.as_str(), token.name.as_str()), (parts[1], "ci"));
    let page = store.list_all(Table::ApiTokens, None, 10).await.unwrap();
    let row = String::from_utf8(page.records[0].1.bytes.clone()).unwrap();
    assert!(row.contains(parts[1]) && !row.contains(parts[2]) && !format!("{token:?}").contains(parts[2]));
}

#[tokio::test]
async fn what_is_not_exactly_the_token_is_refused() {
    let store = open_in_memory().await.unwrap();
    let text = made(&*store, None).await;
    let other = made(&*store, None).await;
    let mixed = format!("{}{}", &text[..13], &other[13..]);
    let cut = &text[..text.len() - 1];
    let upper = text.to_uppercase();
    for wrong in
        ["", "slu_", "slu__", &mixed, cut, &upper, &format!("{text}0"), &format!(" {text}"), "slt_abc"]
    {
        assert_eq!(verify(&*store, wrong, NOW).await.unwrap(), Err(TokenRefusal::Unknown), "{wrong}");
    }
    let hash = sluis_vault::hash_token(&text);
    assert_eq!(verify(&*store, &hash, NOW).await.unwrap(), Err(TokenRefusal::Unknown));
}

#[tokio::test]
async fn a_revoked_token_and_an_expired_one_are_refused_at_once() {
    let store = open_in_memory().await.unwrap();
    let (text, ending) = (made(&*store, None).await, made(&*store, Some(NOW.plus_seconds(60))).await);
    assert!(verify(&*store, &ending, NOW.plus_seconds(59)).await.unwrap().is_ok());
    assert_eq!(verify(&*store, &ending, NOW.plus_seconds(60)).await.unwrap(), Err(TokenRefusal::Expired));
    // Pasted whole, as people do.
    let revoked = revoke(&*store, &text, NOW).await.unwrap();
    assert_eq!(verify(&*store, &text, NOW).await.unwrap(), Err(TokenRefusal::Revoked));
    let again = revoke(&*store, &revoked.prefix, NOW.plus_seconds(9)).await.unwrap();
    assert_eq!(again.revoked_at, Some(NOW));
    assert_eq!(list(&*store).await.unwrap().len(), 2);
    let error = revoke(&*store, &format!("slu_zzzzzzzz_{}", "s".repeat(52)), NOW).await.unwrap_err();
    assert_eq!(error, VaultError::TokenNotFound { prefix: "zzzzzzzz".into() });
    assert!(!error.to_string().contains("ssss"));
}

#[tokio::test]
async fn the_last_use_is_noted_by_the_hour() {
    let store = open_in_memory().await.unwrap();
    let text = made(&*store, None).await;
    let used = async |seconds| {
        verify(&*store, &text, NOW.plus_seconds(seconds)).await.unwrap().unwrap();
        list(&*store).await.unwrap()[0].last_used_at.unwrap()
    };
    assert_eq!(used(10).await, NOW.plus_seconds(10));
    assert_eq!(used(3_000).await, NOW.plus_seconds(10));
    assert_eq!(used(3_610).await, NOW.plus_seconds(3_610));
}

#[tokio::test]
async fn a_token_needs_a_name() {
    let store = open_in_memory().await.unwrap();
    for name in ["", "  ", "a\nb", &"x".repeat(101)] {
        let error = create(&*store, &SystemRandomness, &Purpose { name: name.to_owned(), ..ci() }, NOW, None)
            .await
            .unwrap_err();
        assert_eq!(error, VaultError::TokenName);
    }
    assert!(store.list(Table::ApiTokens, &org("acme"), "", None, 1).await.unwrap().is_empty());
}
