//! `digest` against Apache httpd (MD5, as it is the only one there) and httpbin (SHA-256, and digests of
//! the body).

use super::keys::md5;
use serde_json::json;
use sluis_model::error::Reason;
use sluis_tests::peers::ServerPeer;
use sluis_tests::peers::web_server::{WebServer, WebServerKind};
use sluis_tests::place::Place;

const USER: &str = "anna b";
const PASSWORD: &str = "canary: \"p\u{e4}ss\"";
const REALM: &str = "The Things, all of them";
const SERVER: &str = r#"
DocumentRoot {folder}
<Location "/">
    AuthType Digest
    AuthName "The Things, all of them"
    AuthUserFile {folder}/users
    Require valid-user
</Location>"#;

async fn httpd() -> (Place, WebServer) {
    let users = format!("{USER}:{REALM}:{}\n", md5(&format!("{USER}:{REALM}:{PASSWORD}")));
    let files = [("users", users.as_str()), ("things", "all of them")];
    let server = WebServer::start(WebServerKind::Httpd, &files, SERVER).await.unwrap();
    let host = server.host();
    let apis = json!({
        "test": {"method": "GET", "url": format!("http://{host}/things")},
        "get": {"method": "GET", "url": format!("http://{host}/things"), "query": {"q": "${q}"}},
        "post": {"method": "POST", "url": format!("http://{host}/things"), "body": {"json": {"q": "${q}"}}},
    });
    (Place::new(&[&host], json!({"scheme": "digest"}), apis).await, server)
}

#[tokio::test]
async fn httpd_takes_the_digest_of_each_request() {
    let (place, mut server) = httpd().await;
    let failure = place.refused(&[("user", USER), ("password", "canary-wrong")], "canary-wrong").await;
    assert_eq!(failure.reason, Reason::Denied, "{failure:?}");
    assert!(place.is_empty().await);
    place.connect(&[("user", USER), ("password", PASSWORD)]).await.unwrap();
    for q in ["plain", "a b+c/\u{e9}&=?#%", "\"quoted\\\", and more"] {
        let (status, body) = place.call("get", json!({"q": q})).await;
        assert_eq!((status, body.as_str()), (200, "all of them"), "{q}");
    }
    assert_eq!(place.call("post", json!({"q": "x"})).await.0, 200, "the method is part of the digest");
    server.restart().await.unwrap();
    let (status, _) = place.call("get", json!({"q": "after"})).await;
    assert_eq!(status, 200, "a challenge that the server has forgotten is replaced");
}

#[tokio::test]
async fn httpbin_takes_newer_digests_and_those_of_the_body() {
    let peer = ServerPeer::python("httpbin", &[]).await.unwrap();
    for (quality, algorithm) in [("auth", "MD5"), ("auth", "SHA-256"), ("auth-int", "SHA-256")] {
        let url = format!("http://{}/digest-auth/{quality}/anna/canary-password/{algorithm}", peer.host());
        let apis = json!({"test": {"method": "GET", "url": url}, "get": {"method": "GET", "url": url}});
        let place = Place::new(&[peer.host()], json!({"scheme": "digest"}), apis).await;
        let failure = place.refused(&[("user", "anna"), ("password", "canary-wrong")], "canary-wrong").await;
        assert_eq!(failure.reason, Reason::Denied, "{quality} {algorithm}: {failure:?}");
        assert!(place.is_empty().await);
        place.connect(&[("user", "anna"), ("password", "canary-password")]).await.unwrap();
        let (status, body) = place.call("get", json!({})).await;
        assert_eq!(status, 200, "{quality} {algorithm}: {body}");
        assert!(body.contains("\"authenticated\": true"), "{body}");
    }
}
