//! OAuth 2.0 against Authlib: consent with rotation, client credentials, JWT bearer.

use super::keys::rsa_key;
use serde_json::{Value, json};
use sluis_model::error::Reason;
use sluis_model::grant::GrantOutcome;
use sluis_tests::peers::{Browser, ServerPeer, browser};
use sluis_tests::place::{Place, consent, namespace};
use url::Url;

const SECRET: &str = "s3cret/of+the=client";

async fn world(scheme: &str, more: Value) -> (Place, ServerPeer, String) {
    world_with(scheme, more, &[]).await
}

async fn world_with(scheme: &str, more: Value, with: &[(&str, &str)]) -> (Place, ServerPeer, String) {
    let (private, public) = rsa_key();
    let environment = [&[("SERVICE_KEY", public.as_str())], with].concat();
    let peer = ServerPeer::python("authlib", &environment).await.unwrap();
    let base = format!("http://{}", peer.host());
    let mut auth = json!({
        "scheme": scheme, "token_url": format!("{base}/token"), "revoke_url": format!("{base}/revoke"),
        "scopes": ["items:read"],
    });
    auth.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
    if scheme == "oauth2_authorization_code" {
        auth["authorize_url"] = format!("{base}/authorize").into();
    }
    let at = |path: &str| json!({"method": "GET", "url": format!("{base}/api/{path}")});
    let place = Place::new(&[peer.host()], auth, json!({"test": at("test"), "get": at("things")})).await;
    (place, peer, private)
}

/// The peer loses every access token, long enough after the last renewal for another; what it says of all.
async fn forget(place: &Place, peer: &ServerPeer) -> Value {
    place.clock.pass(60);
    let url = Url::parse(&format!("http://{}/test/forget", peer.host())).unwrap();
    let said = Browser::new().unwrap().submit(url, &[], "").await.unwrap();
    let browser::Arrival::Page(page) = said else { panic!("{said:?}") };
    serde_json::from_str(&page.body).unwrap()
}

#[tokio::test]
async fn consent_is_exchanged_and_refresh_tokens_that_rotate_are_followed() {
    let (place, peer, _) = world("oauth2_authorization_code", json!({"client": "vault:peer"})).await;
    place.client("conn", SECRET).await;
    let grant = place.authorize(consent).await.unwrap();
    assert_eq!(grant.outcome, GrantOutcome::Authorized);
    for _ in 0..3 {
        let (status, body) = place.call("get", json!({})).await;
        assert_eq!(status, 200, "{body}");
        assert!(body.contains("alice"), "{body}");
        // The peer revokes the whole family when a refresh token is used twice.
        forget(&place, &peer).await;
    }
    assert_eq!(place.call("get", json!({})).await.0, 200);
    place.engine.revoke(&place.org, &namespace()).await.unwrap();
    assert!(place.is_empty().await);
    assert_eq!(forget(&place, &peer).await["revoked"], 1, "the provider was told");
}

#[tokio::test]
async fn a_wrong_client_secret_is_told_and_nothing_is_connected() {
    let (place, _peer, _) = world("oauth2_authorization_code", json!({"client": "vault:peer"})).await;
    place.client("conn", "canary-wrong").await;
    let grant = place.authorize(consent).await.unwrap();
    let GrantOutcome::Failed { reason } = &grant.outcome else { panic!("{grant:?}") };
    assert!(reason.contains("client") && !reason.contains("canary"), "{reason}");
    assert!(place.is_empty().await);
}

#[tokio::test]
async fn a_client_acts_for_itself_with_its_credentials() {
    for client_auth in ["basic", "body"] {
        let (place, peer, _) = world("oauth2_client_credentials", json!({"client_auth": client_auth})).await;
        let wrong = [("client_id", "conn"), ("client_secret", "canary-wrong")];
        let failure = place.refused(&wrong, "canary-wrong").await;
        assert!(failure.message.contains("client"), "{failure:?}");
        place.connect(&[("client_id", "conn"), ("client_secret", SECRET)]).await.unwrap();
        let (status, body) = place.call("get", json!({})).await;
        assert_eq!(status, 200, "{body}");
        assert!(body.contains("items:read"), "{body}");
        forget(&place, &peer).await;
        assert_eq!(place.call("get", json!({})).await.0, 200, "another token is got");
    }
}

#[tokio::test]
async fn a_service_account_is_believed_by_its_signature() {
    let (place, peer, private) = world("oauth2_jwt_bearer", json!({})).await;
    let account = [("private_key", private.as_str()), ("service_account", "robot@example.test")];
    place.connect(&account).await.unwrap();
    for _ in 0..2 {
        let (status, body) = place.call("get", json!({})).await;
        assert_eq!(status, 200, "{body}");
        assert!(body.contains("robot@example.test"), "{body}");
        // The peer refuses a `jti` that it has seen (A28); each assertion must bring its own.
        forget(&place, &peer).await;
    }
    let other = rsa_key().0;
    let wrong = [("private_key", other.as_str()), ("service_account", "robot@example.test")];
    let failure = place.refused(&wrong, other.lines().nth(3).unwrap()).await;
    assert!(matches!(failure.reason, Reason::Denied | Reason::NeedsReauthorization), "{failure:?}");
    assert!(failure.to_string().contains("invalid_grant"), "{failure:?}");
}

#[tokio::test]
async fn an_assertion_for_somebody_else_is_refused_and_told() {
    let elsewhere = json!({"assertion": {"audience": "https://elsewhere.example"}});
    let (place, _peer, private) = world("oauth2_jwt_bearer", elsewhere).await;
    let account = [("private_key", private.as_str()), ("service_account", "robot@example.test")];
    let failure = place.refused(&account, private.lines().nth(3).unwrap()).await;
    assert!(failure.to_string().contains("invalid_grant"), "{failure:?}");
    let stranger = [("private_key", private.as_str()), ("service_account", "stranger@example.test")];
    let failure = place.refused(&stranger, private.lines().nth(3).unwrap()).await;
    assert!(failure.to_string().contains("invalid_grant"), "{failure:?}");
}

#[tokio::test]
async fn a_token_that_does_not_say_how_long_it_lives_is_asked_about() {
    let silent = [("SILENT", "1")];
    for asks in [true, false] {
        let (_, peer, _) = world_with("oauth2_client_credentials", json!({}), &silent).await;
        let base = format!("http://{}", peer.host());
        let mut auth = json!({"scheme": "oauth2_client_credentials", "token_url": format!("{base}/token")});
        if asks {
            auth["introspect_url"] = format!("{base}/introspect").into();
        }
        let get = json!({"method": "GET", "url": format!("{base}/api/things")});
        let place = Place::new(&[peer.host()], auth, json!({"get": get})).await;
        place.connect(&[("client_id", "conn"), ("client_secret", SECRET)]).await.unwrap();
        place.clock.pass(601);
        assert_eq!(place.call("get", json!({})).await.0, 200);
        // Ten minutes, as introspection says; without it a token is believed to live longer.
        assert_eq!(forget(&place, &peer).await["tokens"], if asks { 2 } else { 1 });
    }
}
