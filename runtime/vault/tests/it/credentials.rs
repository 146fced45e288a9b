//! Tokens, clients and verifiers in sealed form.

use crate::{KEY, connection, org, vault};
use sluis_model::credential::{ClientCredentials, Credential, TokenSet};
use sluis_model::id::GrantId;
use sluis_model::time::Timestamp;
use sluis_store::open_in_memory;
use sluis_vault::{OrgVault, SealContext, SystemRandomness, VaultError, field};

/// The vault of an org in a new store.
async fn of(name: &str) -> OrgVault {
    vault(KEY).of(&*open_in_memory().await.unwrap(), &org(name)).await.unwrap()
}

fn tokens(full: bool) -> TokenSet {
    TokenSet {
        refresh_token: full.then(|| "refresh-canary".into()),
        token_secret: full.then(|| "token-secret-canary".into()),
        expires_at: full.then_some(Timestamp(-5)),
        refresh_expires_at: full.then_some(Timestamp(7)),
        scopes: if full { vec!["contacts.read".into(), String::new()] } else { vec![] },
        ..TokenSet::of("access-canary-ä", Timestamp(i64::MAX))
    }
}

fn credential(full: bool) -> Credential {
    let fields =
        [("api_key", "key-canary"), ("user", "")].map(|(name, value)| (name.to_owned(), value.into()));
    Credential {
        fields: if full { fields.into() } else { Default::default() },
        tokens: Some(tokens(full)),
        previous: full.then(|| tokens(false)),
    }
}

/// Everything in a credential, told apart by place.
fn contents(credential: &Credential) -> Vec<String> {
    let of = |tokens: &TokenSet| {
        let secrets: Vec<&String> = tokens.secrets().map(|secret| secret.expose()).collect();
        format!(
            "{secrets:?} {:?} {:?} {:?} {:?}",
            tokens.expires_at, tokens.refresh_expires_at, tokens.issued_at, tokens.scopes
        )
    };
    let fields = credential.fields.iter().map(|(name, value)| format!("{name}={}", value.expose()));
    fields
        .chain([&credential.tokens, &credential.previous].map(|t| format!("{:?}", t.as_ref().map(of))))
        .collect()
}

#[tokio::test]
async fn a_credential_comes_back_as_it_went_in() {
    let (vault, connection) = (of("acme").await, connection());
    for full in [true, false] {
        let before = credential(full);
        let sealed = vault.seal_credential(&connection, &before);
        let after = vault.open_credential(&connection, &sealed).unwrap();
        assert_eq!(contents(&after), contents(&before));
        assert!(!sealed.windows(6).any(|part| part == b"canary"));
    }
}

#[tokio::test]
async fn tokens_of_the_first_format_are_still_understood() {
    let (own, acme, connection) = (of("acme").await, org("acme"), connection());
    let text = |text: &str| [&(text.len() as u32).to_be_bytes(), text.as_bytes()].concat();
    let number = |number: i64| number.to_be_bytes().to_vec();
    let plain = [
        vec![1],
        text("access"),
        vec![1],
        text("refresh"),
        vec![1],
        number(9),
        number(8),
        number(1),
        text("contacts.read"),
    ]
    .concat();
    let context = SealContext { org: &acme, subject: connection.as_str(), field: field::TOKENS };
    // Such a store sealed with the root key.
    let opened = own.open_credential(&connection, &vault(KEY).seal(&context, &plain)).unwrap();
    let expected = TokenSet {
        refresh_token: Some("refresh".into()),
        expires_at: Some(Timestamp(9)),
        scopes: vec!["contacts.read".into()],
        ..TokenSet::of("access", Timestamp(8))
    };
    assert_eq!(contents(&opened), contents(&Credential::of_tokens(expected)));
}

#[tokio::test]
async fn tokens_swapped_between_orgs_or_connections_do_not_open() {
    let (acme, beta, first, second) = (of("acme").await, of("beta").await, connection(), connection());
    let of_acme = acme.seal_credential(&first, &credential(true));
    let of_beta = beta.seal_credential(&second, &credential(true));
    assert!(acme.open_credential(&first, &of_acme).is_ok());
    for (vault, connection, sealed) in [
        (&acme, &first, &of_beta),
        (&beta, &first, &of_acme),
        (&acme, &second, &of_acme),
        (&beta, &second, &of_acme),
    ] {
        assert!(vault.open_credential(connection, sealed).is_err());
    }
}

#[tokio::test]
async fn a_client_and_a_verifier_come_back_and_are_bound_to_their_place() {
    let vault = of("sluis-system").await;
    let client =
        ClientCredentials { id: "id-1".into(), secret: Some("secret-canary".into()), ..Default::default() };
    let sealed = vault.seal_client("gcontacts", &client);
    let opened = vault.open_client("gcontacts", &sealed).unwrap();
    assert_eq!((opened.id.as_str(), opened.secret.unwrap().expose().as_str()), ("id-1", "secret-canary"));
    assert!(vault.open_client("other", &sealed).is_err());
    let signing = ClientCredentials {
        id: "id-3".into(),
        private_key: Some("key-canary".into()),
        key_id: Some("k-7".into()),
        ..Default::default()
    };
    let opened = vault.open_client("signing", &vault.seal_client("signing", &signing)).unwrap();
    assert_eq!(opened.key_id.as_deref(), Some("k-7"));
    assert_eq!(opened.private_key.unwrap().expose(), "key-canary");
    let public = vault.seal_client("public", &ClientCredentials { id: "id-2".into(), ..Default::default() });
    assert!(vault.open_client("public", &public).unwrap().secret.is_none());

    let (acme, grant) = (of("acme").await, GrantId::generate(&SystemRandomness));
    let sealed = acme.seal_verifier(&grant, &"verifier-canary".into());
    assert_eq!(acme.open_verifier(&grant, &sealed).unwrap().expose(), "verifier-canary");
    assert!(of("beta").await.open_verifier(&grant, &sealed).is_err());
    assert!(acme.open_verifier(&GrantId::generate(&SystemRandomness), &sealed).is_err());
}

#[tokio::test]
async fn content_that_is_not_understood_is_an_error_not_a_guess() {
    let (vault, connection) = (of("acme").await, connection());
    let whole = {
        let sealed = vault.seal_credential(&connection, &credential(true));
        vault.open(connection.as_str(), field::TOKENS, &sealed).unwrap().expose().clone()
    };
    let mut wrong: Vec<Vec<u8>> = (0..whole.len()).map(|length| whole[..length].to_vec()).collect();
    wrong.push([whole.as_slice(), &[0]].concat());
    wrong.push([&[3], &whole[1..]].concat());
    wrong.push([&[1, 0xFF, 0xFF, 0xFF, 0xFF], &whole[5..]].concat());
    for plain in wrong {
        let sealed = vault.seal(connection.as_str(), field::TOKENS, &plain);
        let error = vault.open_credential(&connection, &sealed).unwrap_err();
        let shown = format!("{error} {error:?}");
        assert!(matches!(error, VaultError::Damaged { .. }) && !shown.contains("canary"), "{shown}");
    }
}
