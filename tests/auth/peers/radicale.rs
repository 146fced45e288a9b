//! `basic` against Radicale, a CalDAV server.

use serde_json::json;
use sluis_model::error::Reason;
use sluis_tests::peers::ServerPeer;
use sluis_tests::place::Place;

/// A colon, which ends the user name and not the password, and letters beyond ASCII.
const PASSWORD: &str = "canary: p\u{e4}ss";

async fn world() -> (Place, ServerPeer) {
    let peer = ServerPeer::python("radicale", &[("PASSWORD", PASSWORD)]).await.unwrap();
    let host = peer.host();
    let at = format!("http://{host}/anna/${{path}}");
    let apis = json!({
        "test": {"method": "OPTIONS", "url": format!("http://{host}/anna/")},
        "get": {"method": "GET", "url": at},
        "remove": {"method": "DELETE", "url": at},
    });
    let place = Place::new(&[host], json!({"scheme": "basic"}), apis).await;
    (place, peer)
}

#[tokio::test]
async fn a_calendar_is_written_and_read_back_with_basic() {
    let (place, peer) = world().await;
    place.connect(&[("user", "anna"), ("password", PASSWORD)]).await.unwrap();
    // D22: a body without length would be refused, or taken for an empty one.
    let script = format!(
        r#"event = "BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:t\r\nBEGIN:VEVENT\r\nUID:u-1\r\nDTSTAMP:20260101T000000Z\r\nDTSTART:20260102T000000Z\r\nSUMMARY:Café\r\nEND:VEVENT\r\nEND:VCALENDAR\r\n";
        answer = invokeurl [ url: "http://{}/anna/work/" type: PUT parameters: event
            headers: {{"Content-Type": "text/calendar; charset=utf-8"}} connection: "peer" detailed: true ];
        info answer.get("responseCode");"#,
        peer.host()
    );
    let said = place.run(&script).await;
    assert!(said.contains("201"), "{said}");
    let (status, body) = place.call("get", json!({"path": "work/"})).await;
    assert_eq!(status, 200, "{body}");
    assert!(body.contains("SUMMARY:Caf\u{e9}"), "{body}");
}

#[tokio::test]
async fn a_wrong_password_is_told_and_replaces_nothing() {
    let (place, _peer) = world().await;
    place.connect(&[("user", "anna"), ("password", PASSWORD)]).await.unwrap();
    let failure = place.refused(&[("user", "anna"), ("password", "canary-wrong")], "canary-wrong").await;
    assert_eq!(failure.reason, Reason::Denied);
    assert!(failure.message.contains("does not accept"), "{failure}");
    let (status, body) = place.call("test", json!({})).await;
    assert_eq!(status, 200, "the good one is still there: {body}");
}
