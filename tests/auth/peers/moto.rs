//! `aws_sigv4` against moto, which computes every signature anew and looks up every permission.

use serde_json::json;
use sluis_tests::peers::ServerPeer;
use sluis_tests::place::Place;

async fn world(service: &str) -> (Place, ServerPeer) {
    let peer = ServerPeer::python("moto", &[]).await.unwrap();
    let host = peer.host();
    let object = format!("http://{host}/b-1/${{key}}");
    let test = match service {
        "s3" => json!({"method": "GET", "url": format!("http://{host}/b-1?list-type=2")}),
        _ => json!({"method": "POST", "url": format!("http://{host}/"), "body": {"json": {}},
                    "headers": {"X-Amz-Target": "AmazonSQS.ListQueues", "Content-Type": "application/x-amz-json-1.0"}}),
    };
    let apis = json!({
        "test": test,
        "get": {"method": "GET", "url": object},
        "put": {"method": "PUT", "url": object, "body": {"json": {"text": "${text}"}}},
        "list": {"method": "GET", "url": format!("http://{host}/b-1"),
                 "query": {"list-type": "2", "prefix": "${prefix}"}},
        "remove": {"method": "DELETE", "url": object},
    });
    let auth = json!({"scheme": "aws_sigv4", "region": "us-east-1", "service": service});
    (Place::new(&[host], auth, apis).await, peer)
}

fn key(peer: &ServerPeer) -> [(&str, &str); 2] {
    ["access_key_id", "secret_access_key"].map(|name| (name, peer.text(name)))
}

#[tokio::test]
async fn odd_keys_of_objects_are_signed_as_s3_signs_them() {
    let (place, peer) = world("s3").await;
    place.connect(&key(&peer)).await.unwrap();
    for odd in ["plain.txt", "a b+c/\u{e9}", "~x*y'(z)!", "100% of=it&more;", "double//slash", "\u{1f600}"] {
        let (status, body) = place.call("put", json!({"key": odd, "text": odd})).await;
        assert_eq!(status, 200, "{odd}: {body}");
        let (status, body) = place.call("get", json!({"key": odd})).await;
        assert_eq!(status, 200, "{odd}: {body}");
        assert_eq!(serde_json::from_str::<serde_json::Value>(&body).unwrap(), json!({"text": odd}));
    }
    let (status, body) = place.call("list", json!({"prefix": "a b+c"})).await;
    assert_eq!(status, 200, "{body}");
    assert!(body.contains("<KeyCount>1</KeyCount>"), "{body}");
}

#[tokio::test]
async fn a_service_other_than_s3_is_signed_by_its_own_rules() {
    let (place, peer) = world("sqs").await;
    place.connect(&key(&peer)).await.unwrap();
    let (status, body) = place.call("test", json!({})).await;
    assert_eq!(status, 200, "{body}");
    assert!(body.contains("/q-1"), "{body}");
}

#[tokio::test]
async fn a_wrong_secret_and_a_missing_permission_are_told_apart() {
    let (place, peer) = world("s3").await;
    let id = peer.text("access_key_id");
    let wrong = [("access_key_id", id), ("secret_access_key", "canary-wrong-secret")];
    let failure = place.refused(&wrong, "canary-wrong-secret").await;
    assert!(
        failure.to_string().contains("SignatureDoesNotMatch") || failure.message.contains("403"),
        "{failure:?}"
    );
    place.connect(&key(&peer)).await.unwrap();
    let (status, body) = place.call("remove", json!({"key": "kept"})).await;
    assert_eq!(status, 403, "{body}");
    assert!(body.contains("AccessDenied"), "{body}");
}
