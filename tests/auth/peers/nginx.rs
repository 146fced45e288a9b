//! `mutual_tls` against nginx, which asks for a certificate of its own authority.

use super::keys::Authority;
use serde_json::{Value, json};
use sluis_invoke::{EgressPolicy, PrivateRoots, Transport};
use sluis_tests::peers::web_server::{WebServer, WebServerKind};
use sluis_tests::place::Place;

/// `plain` wants the certificate only, `both` a password as well.
const SERVER: &str = r#"
        ssl_certificate {folder}/server.pem;
        ssl_certificate_key {folder}/server.key;
        ssl_client_certificate {folder}/authority.pem;
        ssl_verify_client on;
        default_type application/json;
        location /plain/ { try_files /none @echo; }
        location /both/ { auth_basic "both"; auth_basic_user_file {folder}/users; try_files /none @echo; }
        location @echo { return 200 '{"subject": "$ssl_client_s_dn", "user": "$remote_user"}'; }"#;

struct World {
    place: Place,
    authority: Authority,
    _server: WebServer,
}

async fn world(path: &str, auth: Value) -> World {
    let authority = Authority::new();
    let (certificate, key) = authority.certify("server", "127.0.0.1");
    let users = "anna:{PLAIN}canary-password\n";
    let files = [
        ("server.pem", certificate.as_str()),
        ("server.key", key.as_str()),
        ("authority.pem", authority.certificate.as_str()),
        ("users", users),
    ];
    let server = WebServer::start(WebServerKind::NginxWithTls, &files, SERVER).await.unwrap();
    let roots = PrivateRoots::from_pem(authority.certificate.as_bytes()).unwrap();
    let transport = Transport::new(EgressPolicy::opening(&["127.0.0.0/8"]).unwrap()).trusting(roots);
    let host = server.host();
    let at = |rest: &str| json!({"method": "GET", "url": format!("https://{host}/{path}/{rest}")});
    let apis = json!({"test": at("test"), "get": at("things")});
    let place = Place::sending(transport, &[&host], auth, apis).await;
    World { place, authority, _server: server }
}

#[tokio::test]
async fn a_certificate_is_shown_and_one_of_strangers_is_refused() {
    let world = world("plain", json!({"scheme": "mutual_tls"})).await;
    let (certificate, key) = Authority::new().certify("stranger", "client.example");
    let secret = key.lines().nth(1).unwrap();
    let failure = world.place.refused(&[("certificate", &certificate), ("private_key", &key)], secret).await;
    assert!(failure.message.contains("400"), "{failure:?}");
    assert!(world.place.is_empty().await);
    let (certificate, key) = world.authority.certify("robot-7", "client.example");
    world.place.connect(&[("certificate", &certificate), ("private_key", &key)]).await.unwrap();
    let (status, body) = world.place.call("get", json!({})).await;
    assert_eq!(status, 200, "{body}");
    assert!(body.contains("CN=robot-7"), "{body}");
}

#[tokio::test]
async fn a_key_that_is_not_of_the_certificate_is_told_before_anything_is_sent() {
    let world = world("plain", json!({"scheme": "mutual_tls"})).await;
    let (certificate, _) = world.authority.certify("robot-7", "client.example");
    let (_, key) = world.authority.certify("robot-8", "client.example");
    let secret = key.lines().nth(1).unwrap();
    let failure = world.place.refused(&[("certificate", &certificate), ("private_key", &key)], secret).await;
    assert!(failure.to_string().contains("key"), "{failure:?}");
    assert!(world.place.is_empty().await);
}

#[tokio::test]
async fn a_password_stands_beside_the_certificate() {
    let world = world("both", json!({"scheme": "mutual_tls", "with": {"scheme": "basic"}})).await;
    let (certificate, key) = world.authority.certify("robot-7", "client.example");
    let with = |password| {
        [
            ("certificate", certificate.as_str()),
            ("private_key", &key),
            ("user", "anna"),
            ("password", password),
        ]
    };
    let failure = world.place.refused(&with("canary-wrong"), "canary-wrong").await;
    assert!(failure.message.contains("401"), "{failure:?}");
    assert!(world.place.is_empty().await);
    world.place.connect(&with("canary-password")).await.unwrap();
    let (status, body) = world.place.call("get", json!({})).await;
    assert_eq!(status, 200, "{body}");
    assert!(body.contains("CN=robot-7") && body.contains("anna"), "{body}");
}
