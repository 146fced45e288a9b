//! `oauth1` against Authlib, which builds every signature base string anew and takes a nonce once.

use serde_json::{Value, json};
use sluis_model::grant::GrantOutcome;
use sluis_tests::peers::{Browser, ServerPeer};
use sluis_tests::place::{Place, consent};
use url::Url;

const SECRET: &str = "s3cret & of+one";

async fn world(more: Value) -> (Place, ServerPeer) {
    let peer = ServerPeer::python("authlib", &[]).await.unwrap();
    let base = format!("http://{}", peer.host());
    let mut auth = json!({
        "scheme": "oauth1", "client": "vault:peer",
        "request_token_url": format!("{base}/oauth1/request"),
        "authorize_url": format!("{base}/oauth1/authorize"),
        "access_token_url": format!("{base}/oauth1/access"),
    });
    auth.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
    let get =
        json!({"method": "GET", "url": format!("{base}/signed/${{path}}"), "query": {"q": "${q}", "b": "1"}});
    (Place::new(&[peer.host()], auth, json!({"get": get})).await, peer)
}

#[tokio::test]
async fn a_person_consents_and_every_request_is_signed() {
    for more in [json!({}), json!({"signature": "plaintext"}), json!({"realm": "Things"})] {
        let (place, _peer) = world(more.clone()).await;
        place.client("one", SECRET).await;
        let grant = place.authorize(consent).await.unwrap();
        assert_eq!(grant.outcome, GrantOutcome::Authorized, "{more}");
        for (path, q) in [("a", "b"), ("a b+c/\u{e9}", "x y+z=&%\u{e9}"), ("~*'()", "~*'()!")] {
            let (status, body) = place.call("get", json!({"path": path, "q": q})).await;
            assert_eq!(status, 200, "{more} {path}: {body}");
            let saw: Value = serde_json::from_str(&body).unwrap();
            assert_eq!(saw, json!({"path": path, "user": "alice", "query": {"q": [q], "b": ["1"]}}));
        }
    }
}

#[tokio::test]
async fn a_wrong_client_secret_is_told_before_anybody_is_asked() {
    let (place, _peer) = world(json!({})).await;
    place.client("one", "canary-wrong").await;
    let failure = place.authorize(consent).await.unwrap_err();
    let whole = format!("{failure:?}");
    assert!(whole.contains("invalid_signature") && !whole.contains("canary"), "{whole}");
    assert!(place.is_empty().await);
}

#[tokio::test]
async fn a_token_that_the_service_ended_is_told() {
    let (place, peer) = world(json!({})).await;
    place.client("one", SECRET).await;
    place.authorize(consent).await.unwrap();
    let url = Url::parse(&format!("http://{}/test/forget-signed", peer.host())).unwrap();
    Browser::new().unwrap().submit(url, &[], "").await.unwrap();
    let (status, body) = place.call("get", json!({"path": "a", "q": "b"})).await;
    assert_eq!(status, 401, "{body}");
}
