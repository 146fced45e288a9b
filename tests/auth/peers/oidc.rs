//! OAuth 2.0 against oidc-provider, which is certified and strict: every way in which a client proves who
//! it is, pushed requests, discovery with `iss`, token exchange.

use super::keys::rsa_key;
use serde_json::{Value, json};
use sluis_model::credential::ClientCredentials;
use sluis_model::grant::GrantOutcome;
use sluis_tests::peers::oidc_provider::clients;
use sluis_tests::peers::{OidcOptions, OidcProvider};
use sluis_tests::place::{Place, consent};

const KEY_ID: &str = "k-1";

async fn provider(options: OidcOptions) -> OidcProvider {
    let redirect_uris = vec!["http://127.0.0.1:8080/oauth/callback/acme/peer".to_owned()];
    OidcProvider::start(OidcOptions { redirect_uris, ..options }).await.unwrap()
}

async fn place(provider: &OidcProvider, scheme: &str, more: Value) -> Place {
    let mut auth = json!({"scheme": scheme, "client": "vault:peer", "scopes": ["items:read"]});
    auth.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
    let at = |path: &str| json!({"method": "GET", "url": format!("{}/{path}", provider.api)});
    let apis = json!({"test": at("test"), "get": at("things")});
    Place::new(&[provider.issuer.strip_prefix("http://").unwrap()], auth, apis).await
}

#[tokio::test]
async fn a_client_proves_who_it_is_in_each_of_the_ways() {
    let ((private, public), (other, _)) = (rsa_key(), rsa_key());
    let client_key = Some((public, KEY_ID.to_owned()));
    let provider = provider(OidcOptions { client_key, ..OidcOptions::default() }).await;
    let by_secret = |client: sluis_tests::peers::Client, secret: &str| ClientCredentials {
        id: client.id.to_owned(),
        secret: Some(secret.into()),
        ..Default::default()
    };
    let by_key = |pem: &str, key_id: &str| ClientCredentials {
        id: clients::KEY.id.to_owned(),
        private_key: Some(pem.into()),
        key_id: Some(key_id.to_owned()),
        ..Default::default()
    };
    let wrong = "canary-wrong-and-as-long-as-hs256-wants-its-keys";
    let ways = [
        ("basic", by_secret(clients::BASIC, clients::BASIC.secret), by_secret(clients::BASIC, wrong)),
        ("basic", by_secret(clients::ODD, clients::ODD.secret), by_secret(clients::ODD, wrong)),
        ("body", by_secret(clients::POST, clients::POST.secret), by_secret(clients::POST, wrong)),
        ("client_secret_jwt", by_secret(clients::MAC, clients::MAC.secret), by_secret(clients::MAC, wrong)),
        ("private_key_jwt", by_key(&private, KEY_ID), by_key(&other, KEY_ID)),
        ("private_key_jwt", by_key(&private, KEY_ID), by_key(&private, "another")),
    ];
    for (way, good, bad) in ways {
        let more = json!({"token_url": provider.token_url(), "client_auth": way});
        let place = place(&provider, "oauth2_client_credentials", more).await;
        place.register(&bad).await;
        let failure = place.refused(&[], "canary-wrong").await;
        let whole = format!("{failure:?}");
        assert!(whole.contains("invalid_client"), "{way}: {whole}");
        assert!(!private.lines().chain(other.lines()).skip(1).any(|line| whole.contains(line)), "{way}");
        assert!(place.is_empty().await);
        place.register(&good).await;
        place.connect(&[]).await.unwrap();
        let (status, body) = place.call("get", json!({})).await;
        assert_eq!(status, 200, "{way}: {body}");
        let saw: Value = serde_json::from_str(&body).unwrap();
        assert_eq!((&saw["client"], &saw["scope"]), (&json!(good.id), &json!("items:read")), "{way}");
        place.clock.pass(60);
        assert!(provider.expire_access_tokens().await.unwrap() > 0);
        assert_eq!(place.call("get", json!({})).await.0, 200, "{way}: another token is got");
    }
}

#[tokio::test]
async fn a_request_is_pushed_where_the_server_takes_no_other() {
    let (private, public) = rsa_key();
    let client_key = Some((public, KEY_ID.to_owned()));
    let provider = provider(OidcOptions { client_key, par_required: true, ..OidcOptions::default() }).await;
    let endpoints = json!({
        "authorize_url": provider.authorize_url(),
        "token_url": provider.token_url(),
        "par_url": format!("{}/request", provider.issuer),
        "client_auth": "private_key_jwt",
    });
    let place = place(&provider, "oauth2_authorization_code", endpoints).await;
    place
        .register(&ClientCredentials {
            id: clients::KEY.id.to_owned(),
            private_key: Some(private.as_str().into()),
            ..Default::default()
        })
        .await;
    let grant = place
        .authorize(async |url| {
            let names: Vec<String> = url.query_pairs().map(|(name, _)| name.into_owned()).collect();
            assert_eq!(names, ["client_id", "request_uri"], "the browser carries nothing else");
            consent(url).await
        })
        .await
        .unwrap();
    assert_eq!(grant.outcome, GrantOutcome::Authorized);
    let (status, body) = place.call("get", json!({})).await;
    assert_eq!(status, 200, "{body}");
    // The refresh is signed as well.
    place.clock.pass(60);
    provider.expire_access_tokens().await.unwrap();
    assert_eq!(place.call("get", json!({})).await.0, 200);
}

/// A connector that knows the issuer only, and a client of it.
async fn discovering(provider: &OidcProvider) -> Place {
    let place = place(provider, "oauth2_authorization_code", json!({"issuer": provider.issuer})).await;
    place.client(clients::ODD.id, clients::ODD.secret).await;
    place
}

#[tokio::test]
async fn endpoints_are_found_by_the_issuer() {
    let provider = provider(OidcOptions::default()).await;
    let place = discovering(&provider).await;
    let grant = place.authorize(consent).await.unwrap();
    assert_eq!(grant.outcome, GrantOutcome::Authorized);
    let (status, body) = place.call("get", json!({})).await;
    assert_eq!(status, 200, "{body}");
    place.engine.revoke(&place.org, &sluis_tests::place::namespace()).await.unwrap();
    assert!(place.is_empty().await);
    assert_eq!(provider.stats().await.unwrap().revocations, 1);
}

#[tokio::test]
async fn an_answer_without_the_issuer_that_was_announced_is_refused() {
    let provider = provider(OidcOptions::default()).await;
    let place = discovering(&provider).await;
    for said in [None, Some("http://127.0.0.1:9"), Some("")] {
        let come_back = async |url| {
            let query = consent(url).await;
            let pairs = url::form_urlencoded::parse(query.as_bytes()).filter(|(name, _)| name != "iss");
            let issuer = said.map(|said| ("iss".into(), said.into()));
            url::form_urlencoded::Serializer::new(String::new()).extend_pairs(pairs.chain(issuer)).finish()
        };
        let text = match place.authorize(come_back).await {
            Ok(grant) => {
                assert_ne!(grant.outcome, GrantOutcome::Authorized, "{said:?}");
                format!("{grant:?}")
            }
            Err(failure) => format!("{failure:?}"),
        };
        assert!(text.contains(&provider.issuer), "{said:?}: {text}");
        assert!(place.is_empty().await, "{said:?}");
    }
    assert_eq!(provider.stats().await.unwrap().token_requests, 0, "no code is shown to anybody");
}

#[tokio::test]
async fn a_token_is_exchanged_for_one_that_may_less() {
    let provider = provider(OidcOptions::default()).await;
    let place = place(&provider, "oauth2_token_exchange", json!({"token_url": provider.token_url()})).await;
    place.client(clients::BASIC.id, clients::BASIC.secret).await;
    let failure = place.refused(&[("subject_token", "canary-wrong")], "canary-wrong").await;
    assert!(format!("{failure:?}").contains("invalid_request"), "{failure:?}");
    assert!(place.is_empty().await);
    let subject = provider.issue_token(clients::POST.id, "alice", "items:read items:write").await.unwrap();
    place.connect(&[("subject_token", &subject)]).await.unwrap();
    let (status, body) = place.call("get", json!({})).await;
    assert_eq!(status, 200, "{body}");
    let saw: Value = serde_json::from_str(&body).unwrap();
    assert_eq!((&saw["account"], &saw["scope"]), (&json!("alice"), &json!("items:read")));
    assert_eq!(saw["client"], clients::BASIC.id);
}
