//! `oauth2_password` and `two_step_token` against Node-RED, whose admin API knows the password grant and
//! no refresh tokens, and whose tokens hold `+`, `/` and `=`.

use serde_json::{Value, json};
use sluis_model::error::Reason;
use sluis_tests::peers::ServerPeer;
use sluis_tests::place::Place;

const PASSWORD: &str = "canary: p+\u{e4}ss&word=";

async fn world(auth: impl FnOnce(&str) -> Value) -> (Place, ServerPeer) {
    let peer = ServerPeer::node("node-red", &[("PASSWORD", PASSWORD)]).await.unwrap();
    let base = format!("http://{}", peer.host());
    let apis = json!({
        "test": {"method": "GET", "url": format!("{base}/settings")},
        "get": {"method": "GET", "url": format!("{base}/settings/user")},
        "flows": {"method": "GET", "url": format!("{base}/flows")},
    });
    (Place::new(&[peer.host()], auth(&base), apis).await, peer)
}

/// A wrong password, the right one, and one more token after the first has run out.
async fn told_and_called(place: &Place, user: &str) {
    let failure = place.refused(&[(user, "anna"), ("password", "canary-wrong")], "canary-wrong").await;
    assert!(matches!(failure.reason, Reason::NeedsReauthorization | Reason::Denied), "{failure:?}");
    assert!(place.is_empty().await);
    place.connect(&[(user, "anna"), ("password", PASSWORD)]).await.unwrap();
    let (status, body) = place.call("flows", json!({})).await;
    assert_eq!(status, 200, "{body}");
    place.clock.pass(700);
    let (status, body) = place.call("flows", json!({})).await;
    assert_eq!(status, 200, "{body}");
}

#[tokio::test]
async fn a_password_is_turned_into_tokens_that_hold_odd_characters() {
    let auth = |base: &str| {
        json!({
            "scheme": "oauth2_password", "client": "vault:peer", "client_auth": "none",
            "token_url": format!("{base}/auth/token"), "scopes": ["*"],
            "revoke_call": {
                "url": format!("{base}/auth/revoke"),
                "headers": {"Authorization": "Bearer ${access_token}"},
                "form": {"token": "${access_token}"},
            },
        })
    };
    let (place, _peer) = world(auth).await;
    place.client("node-red-admin", "").await;
    told_and_called(&place, "username").await;
    let ended = place.engine.revoke(&place.org, &sluis_tests::place::namespace()).await.unwrap();
    assert!(format!("{ended:?}").to_lowercase().contains("revoked"), "{ended:?}");
    assert!(place.is_empty().await);
}

#[tokio::test]
async fn the_same_token_is_got_by_a_call_that_the_connector_describes() {
    let auth = |base: &str| {
        json!({
            "scheme": "two_step_token",
            "fields": [
                {"name": "user", "label": "User", "secret": false},
                {"name": "password", "label": "Password"},
            ],
            "calls": [{
                "url": format!("{base}/auth/token"),
                "body": {"form": {
                    "client_id": "node-red-admin", "grant_type": "password", "scope": "*",
                    "username": "${user}", "password": "${password}",
                }},
            }],
            "token": "$.access_token",
            "expires": {"at": "$.expires_in"},
        })
    };
    let (place, _peer) = world(auth).await;
    told_and_called(&place, "user").await;
}
