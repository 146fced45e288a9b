//! The grant from consent to revocation, for each way of client authentication.

use crate::walk::{Walk, text};
use sluis_tests::peers::oidc_provider::clients;
use sluis_tests::peers::{Browser, OidcOptions};

#[tokio::test]
async fn every_registered_client_gets_tokens_that_the_api_takes() {
    for client in [clients::BASIC, clients::POST, clients::ODD, clients::PUBLIC] {
        let walk = Walk::new(client, OidcOptions::default()).await;
        let back = walk.consent(&[]).await;
        assert_eq!((back["state"].as_str(), back["iss"].as_str()), ("some state", walk.peer.issuer.as_str()));
        let (status, body) = walk.exchange(&back["code"]).await;
        assert_eq!(status, 200, "{}: {body}", client.id);
        let (status, echo) = walk.call_api(&text(&body, "access_token")).await;
        assert_eq!((status, text(&echo, "client").as_str()), (200, client.id));
        assert_eq!((text(&echo, "method").as_str(), text(&echo, "path").as_str()), ("PUT", "/api/items"));
        assert_eq!(echo["query"], serde_json::json!([["a", "1"], ["a", "2"]]));
        assert_eq!(
            (text(&echo, "body").as_str(), text(&echo["headers"], "x-test").as_str()),
            ("hello", "yes")
        );
    }
}

#[tokio::test]
async fn a_refresh_rotates_and_reuse_ends_the_grant() {
    let walk = Walk::new(clients::BASIC, OidcOptions::default()).await;
    let (access, refresh) = walk.tokens().await;
    assert_eq!(walk.peer.expire_access_tokens().await.unwrap(), 1);
    assert_eq!(walk.call_api(&access).await.0, 401);
    let (status, renewed) = walk.refresh(&refresh).await;
    assert_eq!(status, 200, "{renewed}");
    let access = text(&renewed, "access_token");
    assert_eq!(walk.call_api(&access).await.0, 200);
    assert_eq!(walk.refresh(&refresh).await.0, 400);
    assert_eq!(walk.call_api(&access).await.0, 401, "reuse ended the grant");
    let stats = walk.peer.stats().await.unwrap();
    assert_eq!((stats.count("refresh_token", "ok"), stats.count("refresh_token", "invalid_grant")), (1, 1));
    assert_eq!((stats.token_requests, stats.api_calls), (3, 3));
}

#[tokio::test]
async fn without_rotation_a_refresh_token_works_twice() {
    let walk = Walk::new(clients::BASIC, OidcOptions { rotate: false, ..OidcOptions::default() }).await;
    let (_, refresh) = walk.tokens().await;
    assert_eq!((walk.refresh(&refresh).await.0, walk.refresh(&refresh).await.0), (200, 200));
}

#[tokio::test]
async fn a_revoked_refresh_token_ends_the_grant() {
    let walk = Walk::new(clients::POST, OidcOptions::default()).await;
    let (access, refresh) = walk.tokens().await;
    let answer = walk.post(walk.peer.revoke_url(), &[("token", &refresh)]).await.unwrap();
    assert_eq!(answer.status(), 200);
    assert_eq!((walk.call_api(&access).await.0, walk.refresh(&refresh).await.0), (401, 400));
    assert_eq!(walk.peer.stats().await.unwrap().revocations, 1);
}

#[tokio::test]
async fn consent_withdrawn_behind_the_clients_back_ends_the_grant() {
    let walk = Walk::new(clients::BASIC, OidcOptions::default()).await;
    let (access, refresh) = walk.tokens().await;
    assert_eq!(walk.peer.revoke_grants().await.unwrap(), 1);
    assert_eq!((walk.call_api(&access).await.0, walk.refresh(&refresh).await.0), (401, 400));
}

#[tokio::test]
async fn a_person_who_refuses_sends_access_denied() {
    let walk = Walk::new(clients::BASIC, OidcOptions::default()).await;
    let back = walk.consent(&[("login_hint", "deny")]).await;
    assert_eq!((back["error"].as_str(), back["state"].as_str()), ("access_denied", "some state"));
}

#[tokio::test]
async fn the_server_insists_on_pkce_and_on_the_exact_redirect_uri() {
    let walk = Walk::new(clients::BASIC, OidcOptions::default()).await;
    let back = walk.consent(&[("code_challenge", ""), ("code_challenge_method", "")]).await;
    assert_eq!(back["error"], "invalid_request");
    let elsewhere = walk.authorize_url(&[("redirect_uri", "http://127.0.0.1:8080/oauth/callback/")]);
    assert!(walk.peer.consent(&elsewhere).await.is_err());
    let (status, body) = walk.exchange("guessed").await;
    assert_eq!((status, text(&body, "error").as_str()), (400, "invalid_grant"));
}

#[tokio::test]
async fn a_browser_that_was_here_before_can_consent_again() {
    let walk = Walk::new(clients::BASIC, OidcOptions::default()).await;
    let browser = Browser::new().unwrap();
    for _ in 0..2 {
        let back = walk.peer.consent_with(&browser, &walk.authorize_url(&[])).await.unwrap();
        let code = back.query_pairs().find(|(name, _)| name == "code").unwrap().1.into_owned();
        assert_eq!(walk.exchange(&code).await.0, 200);
    }
}
