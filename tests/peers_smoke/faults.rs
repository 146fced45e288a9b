//! The faults that a test can ask for hit as often as asked and in the way asked.

use crate::walk::{Walk, text};
use sluis_tests::peers::oidc_provider::clients;
use sluis_tests::peers::{Fault, FaultMode, OidcOptions};
use std::time::{Duration, Instant};

async fn walk_with(fault: Fault) -> (Walk, String) {
    let walk = Walk::new(clients::BASIC, OidcOptions::default()).await;
    let (_, refresh) = walk.tokens().await;
    walk.peer.set_faults(&[fault]).await.unwrap();
    (walk, refresh)
}

fn refresh(token: &str) -> [(&str, &str); 2] {
    [("grant_type", "refresh_token"), ("refresh_token", token)]
}

#[tokio::test]
async fn a_status_fault_hits_as_often_as_asked() {
    let mode = FaultMode::Status { status: 503, body: None };
    let (walk, token) = walk_with(Fault::token(2, mode)).await;
    let tries = [walk.refresh(&token).await.0, walk.refresh(&token).await.0, walk.refresh(&token).await.0];
    assert_eq!(tries, [503, 503, 200]);
    assert_eq!(walk.peer.stats().await.unwrap().token_requests, 4);
}

#[tokio::test]
async fn garbage_and_a_page_come_with_status_200() {
    for (mode, start) in [
        (FaultMode::Garbage, "{\"access_token\": \"cut"),
        (FaultMode::Html200, "<!doctype html>"),
        (FaultMode::Raw { body: "[]".to_owned() }, "[]"),
    ] {
        let (walk, token) = walk_with(Fault::token(1, mode)).await;
        let answer = walk.post(walk.peer.token_url(), &refresh(&token)).await.unwrap();
        assert_eq!(answer.status(), 200);
        let body = answer.text().await.unwrap();
        assert!(body.starts_with(start), "{body}");
        assert_eq!(walk.refresh(&token).await.0, 200, "the server did nothing with the first try");
    }
}

#[tokio::test]
async fn a_reset_comes_before_the_server_does_anything() {
    let (walk, token) = walk_with(Fault::token(1, FaultMode::Reset)).await;
    assert!(walk.post(walk.peer.token_url(), &refresh(&token)).await.is_err());
    assert_eq!(walk.refresh(&token).await.0, 200);
}

#[tokio::test]
async fn a_lost_answer_leaves_the_refresh_token_used_up() {
    let (walk, token) = walk_with(Fault::token(1, FaultMode::LostAnswer)).await;
    assert!(walk.post(walk.peer.token_url(), &refresh(&token)).await.is_err());
    let (status, body) = walk.refresh(&token).await;
    assert_eq!((status, text(&body, "error").as_str()), (400, "invalid_grant"));
    assert_eq!(walk.peer.stats().await.unwrap().count("refresh_token", "ok"), 1);
}

#[tokio::test]
async fn a_delay_is_late_and_right() {
    let (walk, token) = walk_with(Fault::token(1, FaultMode::Delay { delay_ms: 300 })).await;
    let start = Instant::now();
    assert_eq!(walk.refresh(&token).await.0, 200);
    assert!(start.elapsed() >= Duration::from_millis(290));
}

#[tokio::test]
async fn a_hang_never_answers() {
    let (walk, token) = walk_with(Fault::token(1, FaultMode::Hang)).await;
    let pairs = refresh(&token);
    let answer = walk.post(walk.peer.token_url(), &pairs);
    assert!(tokio::time::timeout(Duration::from_millis(500), answer).await.is_err());
}

#[tokio::test]
async fn a_stopped_server_is_down() {
    let walk = Walk::new(clients::BASIC, OidcOptions::default()).await;
    let url = format!("{}/control/stats", walk.peer.issuer);
    walk.peer.stop().await.unwrap();
    assert!(reqwest::get(url).await.is_err());
}
