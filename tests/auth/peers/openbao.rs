//! `oauth2_authorization_code` and `two_step_token` against OpenBao: an authorization server in Go, found
//! by an issuer with a path, which gives no refresh tokens and names nobody in its answers; and its own log-in.

use serde_json::{Value, json};
use sluis_model::error::Reason;
use sluis_model::grant::GrantOutcome;
use sluis_tests::peers::ServerPeer;
use sluis_tests::place::Place;
use url::Url;

const PASSWORD: &str = "canary-password";
const REDIRECT_URI: &str = "http://127.0.0.1:8080/oauth/callback/acme/peer";

async fn peer() -> ServerPeer {
    ServerPeer::python("openbao", &[("PASSWORD", PASSWORD), ("REDIRECT_URI", REDIRECT_URI)]).await.unwrap()
}

/// Sends what no connector does: to be alice in front of the browser, or the operator.
async fn ask(method: &str, url: Url, token: Option<&str>, body: Value) -> Value {
    let client = reqwest::Client::builder().no_proxy().build().unwrap();
    let mut request = client.request(method.parse().unwrap(), url);
    if let Some(token) = token {
        request = request.header("X-Vault-Token", token);
    }
    if !body.is_null() {
        request = request.body(body.to_string());
    }
    let answer = request.send().await.unwrap();
    let (status, text) = (answer.status(), answer.text().await.unwrap());
    assert!(status.is_success(), "{status}: {text}");
    serde_json::from_str(&text).unwrap_or_default()
}

/// Consents as alice, whose browser runs the server's page: it asks for the code and goes on with it.
async fn consent(peer: &ServerPeer, url: Url) -> String {
    let at = |path: &str| Url::parse(&format!("http://{}/v1/{path}", peer.host())).unwrap();
    let login = ask("POST", at("auth/userpass/login/alice"), None, json!({"password": PASSWORD})).await;
    let token = login["auth"]["client_token"].as_str().unwrap().to_owned();
    assert!(url.path().ends_with("/identity/oidc/provider/default/authorize"), "{url}");
    let mut asked = at("identity/oidc/provider/default/authorize");
    asked.set_query(url.query());
    let code = ask("GET", asked, Some(&token), Value::Null).await;
    let pairs = ["code", "state"].map(|name| (name, code[name].as_str().unwrap().to_owned()));
    url::form_urlencoded::Serializer::new(String::new()).extend_pairs(pairs).finish()
}

async fn provider() -> (Place, ServerPeer) {
    let peer = peer().await;
    let issuer = format!("http://{}/v1/identity/oidc/provider/default", peer.host());
    let auth = json!({
        "scheme": "oauth2_authorization_code", "client": "vault:peer", "issuer": issuer, "scopes": ["openid"],
    });
    let apis = json!({"get": {"method": "GET", "url": format!("{issuer}/userinfo")}});
    (Place::new(&[peer.host()], auth, apis).await, peer)
}

#[tokio::test]
async fn a_grant_is_found_by_its_issuer_and_lasts_as_long_as_its_token() {
    let (place, peer) = provider().await;
    place.client(peer.text("client_id"), peer.text("client_secret")).await;
    let grant = place.authorize(async |url| consent(&peer, url).await).await.unwrap();
    assert_eq!(grant.outcome, GrantOutcome::Authorized);
    let (status, body) = place.call("get", json!({})).await;
    assert_eq!(status, 200, "{body}");
    assert!(body.contains("\"sub\""), "{body}");
}

#[tokio::test]
async fn a_wrong_client_secret_is_told_and_nothing_is_connected() {
    let (place, peer) = provider().await;
    place.client(peer.text("client_id"), "canary-wrong").await;
    let grant = place.authorize(async |url| consent(&peer, url).await).await.unwrap();
    let GrantOutcome::Failed { reason } = &grant.outcome else { panic!("{grant:?}") };
    assert!(reason.contains("invalid_client") && !reason.contains("canary"), "{reason}");
    assert!(place.is_empty().await);
}

#[tokio::test]
async fn a_token_of_its_own_kind_is_got_again_when_the_server_forgets_it() {
    let peer = peer().await;
    let base = format!("http://{}/v1", peer.host());
    let auth = json!({
        "scheme": "two_step_token",
        "fields": [{"name": "user", "label": "User", "secret": false}, {"name": "password", "label": "Password"}],
        "calls": [{"url": format!("{base}/auth/userpass/login/${{user}}"),
                   "body": {"json": {"password": "${password}"}}}],
        "token": "$.auth.client_token",
        "expires": {"at": "$.auth.lease_duration"},
        "name": "X-Vault-Token",
        "refused": [403],
        "revoke": {"url": format!("{base}/auth/token/revoke-self"), "headers": {"X-Vault-Token": "${token}"}},
    });
    let apis = json!({
        "test": {"method": "GET", "url": format!("{base}/auth/token/lookup-self")},
        "get": {"method": "GET", "url": format!("{base}/secret/data/things")},
    });
    let place = Place::new(&[peer.host()], auth, apis).await;
    let failure = place.refused(&[("user", "alice"), ("password", "canary-wrong")], "canary-wrong").await;
    assert!(matches!(failure.reason, Reason::NeedsReauthorization | Reason::Denied), "{failure:?}");
    assert!(place.is_empty().await);
    place.connect(&[("user", "alice"), ("password", PASSWORD)]).await.unwrap();
    let (status, body) = place.call("get", json!({})).await;
    assert_eq!(status, 200, "{body}");
    assert!(body.contains("blue"), "{body}");
    place.clock.pass(60);
    let all = Url::parse(&format!("{base}/sys/leases/revoke-force/auth/userpass/login/alice")).unwrap();
    ask("PUT", all, Some(peer.text("root")), Value::Null).await;
    let (status, body) = place.call("get", json!({})).await;
    assert_eq!(status, 200, "{body}");
    place.engine.revoke(&place.org, &sluis_tests::place::namespace()).await.unwrap();
    assert!(place.is_empty().await);
}

#[tokio::test]
async fn a_token_that_somebody_pastes_goes_as_a_key_or_as_a_bearer() {
    let peer = peer().await;
    let url = format!("http://{}/v1/secret/data/things", peer.host());
    let apis = json!({"test": {"method": "GET", "url": url}, "get": {"method": "GET", "url": url}});
    let key = json!({"scheme": "api_key", "in": "header", "name": "X-Vault-Token"});
    for (auth, field) in [(key, "api_key"), (json!({"scheme": "bearer"}), "token")] {
        let place = Place::new(&[peer.host()], auth.clone(), apis.clone()).await;
        let failure = place.refused(&[(field, "canary-wrong")], "canary-wrong").await;
        assert_eq!(failure.reason, Reason::Denied, "{auth}: {failure:?}");
        assert!(place.is_empty().await);
        place.connect(&[(field, peer.text("root"))]).await.unwrap();
        let (status, body) = place.call("get", json!({})).await;
        assert_eq!(status, 200, "{auth}: {body}");
        assert!(body.contains("blue"), "{body}");
    }
}
