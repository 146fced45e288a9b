//! Tokens, clients and verifiers in sealed form.

use crate::{KEY, connection, org, vault};
use sluis_model::credential::{ClientCredentials, TokenSet};
use sluis_model::id::GrantId;
use sluis_model::time::Timestamp;
use sluis_vault::{SealContext, SystemRandomness, VaultError, field};

fn tokens(full: bool) -> TokenSet {
    TokenSet {
        access_token: "access-canary-ä".into(),
        refresh_token: full.then(|| "refresh-canary".into()),
        expires_at: full.then_some(Timestamp(-5)),
        issued_at: Timestamp(i64::MAX),
        scopes: if full { vec!["contacts.read".into(), String::new()] } else { vec![] },
    }
}

#[test]
fn tokens_come_back_as_they_went_in() {
    let (vault, acme, connection) = (vault(KEY), org("acme"), connection());
    for full in [true, false] {
        let before = tokens(full);
        let sealed = vault.seal_tokens(&acme, &connection, &before);
        let after = vault.open_tokens(&acme, &connection, &sealed).unwrap();
        assert_eq!(after.access_token.expose(), before.access_token.expose());
        let refresh = |tokens: &TokenSet| tokens.refresh_token.as_ref().map(|token| token.expose().clone());
        assert_eq!(refresh(&after), refresh(&before));
        assert_eq!(
            (after.expires_at, after.issued_at, after.scopes),
            (before.expires_at, before.issued_at, before.scopes)
        );
        assert!(!sealed.windows(6).any(|part| part == b"canary"));
    }
}

#[test]
fn tokens_swapped_between_orgs_or_connections_do_not_open() {
    let vault = vault(KEY);
    let (acme, beta, first, second) = (org("acme"), org("beta"), connection(), connection());
    let of_acme = vault.seal_tokens(&acme, &first, &tokens(true));
    let of_beta = vault.seal_tokens(&beta, &second, &tokens(true));
    assert!(vault.open_tokens(&acme, &first, &of_acme).is_ok());
    for (org, connection, sealed) in [
        (&acme, &first, &of_beta),
        (&beta, &first, &of_acme),
        (&acme, &second, &of_acme),
        (&beta, &second, &of_acme),
    ] {
        let error = vault.open_tokens(org, connection, sealed).unwrap_err();
        assert!(matches!(error, VaultError::Damaged { .. }), "{error}");
    }
}

#[test]
fn a_client_and_a_verifier_come_back_and_are_bound_to_their_place() {
    let vault = vault(KEY);
    let client = ClientCredentials { id: "id-1".into(), secret: Some("secret-canary".into()) };
    let sealed = vault.seal_client("gcontacts", &client);
    let opened = vault.open_client("gcontacts", &sealed).unwrap();
    assert_eq!((opened.id.as_str(), opened.secret.unwrap().expose().as_str()), ("id-1", "secret-canary"));
    assert!(vault.open_client("other", &sealed).is_err());
    let public = vault.seal_client("public", &ClientCredentials { id: "id-2".into(), secret: None });
    assert!(vault.open_client("public", &public).unwrap().secret.is_none());

    let (acme, grant) = (org("acme"), GrantId::generate(&SystemRandomness));
    let sealed = vault.seal_verifier(&acme, &grant, &"verifier-canary".into());
    assert_eq!(vault.open_verifier(&acme, &grant, &sealed).unwrap().expose(), "verifier-canary");
    assert!(vault.open_verifier(&org("beta"), &grant, &sealed).is_err());
    assert!(vault.open_verifier(&acme, &GrantId::generate(&SystemRandomness), &sealed).is_err());
}

#[test]
fn content_that_is_not_understood_is_an_error_not_a_guess() {
    let (vault, acme, connection) = (vault(KEY), org("acme"), connection());
    let context = SealContext { org: &acme, subject: connection.as_str(), field: field::TOKENS };
    let whole = {
        let sealed = vault.seal_tokens(&acme, &connection, &tokens(true));
        vault.open(&context, &sealed).unwrap().expose().clone()
    };
    let mut wrong: Vec<Vec<u8>> = (0..whole.len()).map(|length| whole[..length].to_vec()).collect();
    wrong.push([whole.as_slice(), &[0]].concat());
    wrong.push([&[2], &whole[1..]].concat());
    wrong.push([&[1, 0xFF, 0xFF, 0xFF, 0xFF], &whole[5..]].concat());
    for plain in wrong {
        let sealed = vault.seal(&context, &plain);
        let error = vault.open_tokens(&acme, &connection, &sealed).unwrap_err();
        let shown = format!("{error} {error:?}");
        assert!(matches!(error, VaultError::Damaged { .. }) && !shown.contains("canary"), "{shown}");
    }
}
