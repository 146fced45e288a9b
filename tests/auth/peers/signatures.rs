//! `hmac_signature` against the packages with which Slack's apps and receivers of Standard Webhooks verify, and webhooks
//! that those packages sign against our presets.

use http::{HeaderMap, HeaderName};
use serde_json::{Value, json};
use sluis_auth::signed_request::{Arrived, SignatureFault, verify};
use sluis_model::error::Reason;
use sluis_model::time::Timestamp;
use sluis_tests::peers::ServerPeer;
use sluis_tests::place::Place;

const SLACK_KEY: &str = "8f742231b10e8888abcd99yyyzzz85a5";
/// In base64; the package wants `whsec_` before it.
const STANDARD_KEY: &str = "c2x1aXMgc2lnbnMgd2l0aCB0aGlzICsgdGhhdC8=";

async fn signed(path: &str, auth: Value, key: &str) {
    let standard = format!("whsec_{STANDARD_KEY}");
    let environment = [("SLACK_KEY", SLACK_KEY), ("STANDARD_KEY", standard.as_str())];
    let peer = ServerPeer::python("signatures", &environment).await.unwrap();
    let post = |text: &str| json!({"method": "POST", "url": format!("http://{}/{path}", peer.host()), "body": {"json": {"text": text}}});
    let apis = json!({"test": post("a test"), "post": post("${text}")});
    let place = Place::new(&[peer.host()], auth, apis).await;
    let wrong = "Y2FuYXJ5LXdyb25nLWtleS1vZi1ub2JvZHk=";
    let failure = place.refused(&[("key", wrong)], wrong).await;
    assert_eq!(failure.reason, Reason::Denied, "{failure:?}");
    assert!(place.is_empty().await);
    place.connect(&[("key", key)]).await.unwrap();
    for text in ["plain", "a \"b\" + c/\u{e9} & \u{1f600}", ""] {
        let (status, body) = place.call("post", json!({"text": text})).await;
        assert_eq!(status, 200, "{text}: {body}");
        let answer: Value = serde_json::from_str(&body).unwrap();
        let read: Value = serde_json::from_str(answer["read"].as_str().unwrap()).unwrap();
        assert_eq!(read, json!({"text": text}));
    }
    place.clock.pass(3600);
    assert_eq!(place.call("post", json!({"text": "late"})).await.0, 401, "the time is signed as well");
}

#[tokio::test]
async fn slack_takes_version_time_and_body() {
    let auth = json!({
        "scheme": "hmac_signature",
        "sign": ["v0", "${timestamp}", "${body}"],
        "separator": ":",
        "headers": {"X-Slack-Request-Timestamp": "${timestamp}", "X-Slack-Signature": "v0=${signature}"},
    });
    signed("slack", auth, SLACK_KEY).await;
}

#[tokio::test]
async fn standard_webhooks_take_an_identifier_of_each_request() {
    let auth = json!({
        "scheme": "hmac_signature",
        "sign": ["${nonce}", "${timestamp}", "${body}"],
        "separator": ".",
        "encoding": "base64",
        "key_encoding": "base64",
        "headers": {
            "webhook-id": "${nonce}", "webhook-timestamp": "${timestamp}", "webhook-signature": "v1,${signature}",
        },
    });
    signed("standard", auth, STANDARD_KEY).await;
}

/// What a service would send, checked by the preset of that name.
async fn verified(preset: &str, key: &str) {
    let standard = format!("whsec_{STANDARD_KEY}");
    let environment = [("SLACK_KEY", SLACK_KEY), ("STANDARD_KEY", standard.as_str())];
    let peer = ServerPeer::python("signatures", &environment).await.unwrap();
    let body = "{\"type\": \"event\", \"text\": \"\u{e9} & +\"}";
    let answer = reqwest::Client::builder().no_proxy().build().unwrap();
    let answer = answer.post(format!("http://{}/sign/{preset}", peer.host())).header("x-at", "1700000000");
    let signed: Value =
        serde_json::from_str(&answer.body(body).send().await.unwrap().text().await.unwrap()).unwrap();
    let mut headers = HeaderMap::new();
    for (name, value) in signed.as_object().unwrap() {
        headers.insert(name.parse::<HeaderName>().unwrap(), value.as_str().unwrap().parse().unwrap());
    }
    let rule = sluis_definition::webhooks::preset(preset).unwrap().signature.as_ref().unwrap();
    let url = "https://sluis.example.com/hooks/x".parse().unwrap();
    let checked = |key: &str, body: &str, at: i64| {
        let at = Timestamp(at * 1000);
        let arrived = Arrived { method: "POST", url: &url, headers: &headers, body: body.as_bytes(), at };
        verify(rule, &["b3RoZXItc2VjcmV0".into(), key.into()], arrived)
    };
    assert_eq!(checked(key, body, 1_700_000_200), Ok(()));
    assert_eq!(checked(key, body, 1_700_000_400), Err(SignatureFault::OutOfTime(400)));
    assert_eq!(checked(key, "{}", 1_700_000_000), Err(SignatureFault::Wrong));
    assert_eq!(checked("c2x1aXM", body, 1_700_000_000), Err(SignatureFault::Wrong));
}

#[tokio::test]
async fn what_slack_sends_is_known_by_its_preset() {
    verified("slack", SLACK_KEY).await;
}

#[tokio::test]
async fn what_senders_of_standard_webhooks_send_is_known_by_its_preset() {
    verified("standard", &format!("whsec_{STANDARD_KEY}")).await;
}
