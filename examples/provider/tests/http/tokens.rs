//! The token and revocation endpoints, and the metadata.

use crate::client::*;
use reqwest::header::{AUTHORIZATION, CACHE_CONTROL, CONTENT_TYPE, WWW_AUTHENTICATE};
use sluis_example_provider::Settings;

#[tokio::test]
async fn a_code_becomes_tokens_that_must_not_be_stored_on_the_way() {
    let world = world().await;
    let code = world.code(BOTH_SCOPES).await;
    let pairs = [
        ("grant_type", "authorization_code"),
        ("code", code.as_str()),
        ("redirect_uri", REDIRECT_URI),
        ("code_verifier", VERIFIER),
        ("client_id", CLIENT_ID),
        ("client_secret", CLIENT_SECRET),
    ];
    let response = world.form(world.provider.token_url(), &pairs).send().await.unwrap();
    assert_eq!(response.headers()[CACHE_CONTROL], "no-store");
    let (status, body) = answer(response).await;
    assert_eq!(status, 200, "credentials in the body work too: {body}");
    assert_eq!((body["token_type"].as_str(), body["expires_in"].as_u64()), (Some("Bearer"), Some(3600)));
    assert_eq!(text(&body, "scope"), BOTH_SCOPES);
    assert_eq!(world.account_status(&text(&body, "access_token")).await, 200);
}

#[tokio::test]
async fn a_replayed_code_takes_its_tokens_with_it() {
    let world = world().await;
    let code = world.code(BOTH_SCOPES).await;
    let (_, first) = world.exchange(&code).await;
    let (status, body) = world.exchange(&code).await;
    assert_eq!((status, text(&body, "error").as_str()), (400, "invalid_grant"));
    assert_eq!(world.account_status(&text(&first, "access_token")).await, 401);
    assert_eq!(world.provider.counts().code_exchanges, 1);
}

#[tokio::test]
async fn an_expired_access_token_is_renewed_and_the_old_refresh_token_ends_the_grant() {
    let world = world().await;
    let (access, refresh) = world.tokens(BOTH_SCOPES).await;
    world.provider.expire_access_tokens();
    assert_eq!(world.account_status(&access).await, 401);
    let (status, renewed) = world.refresh(&refresh).await;
    assert_eq!(status, 200);
    let access = text(&renewed, "access_token");
    assert_eq!(world.account_status(&access).await, 200);
    let (status, body) = world.refresh(&refresh).await;
    assert_eq!((status, text(&body, "error").as_str()), (400, "invalid_grant"));
    assert_eq!(world.account_status(&access).await, 401, "reuse killed the family");
    assert_eq!(world.refresh(&text(&renewed, "refresh_token")).await.0, 400);
    assert_eq!(world.provider.counts().refreshes, 1);
}

#[tokio::test]
async fn a_lifetime_of_zero_makes_tokens_that_are_dead_on_arrival() {
    let world = world_with(Settings { ask_person: false, access_token_lifetime_s: 0, ..settings() }).await;
    let (access, _) = world.tokens(BOTH_SCOPES).await;
    assert_eq!(world.account_status(&access).await, 401);
}

#[tokio::test]
async fn a_revoked_token_ends_the_grant_and_an_unknown_one_is_no_error() {
    let world = world().await;
    let (access, refresh) = world.tokens(BOTH_SCOPES).await;
    for (token, hint) in [("never seen", "access_token"), (refresh.as_str(), "refresh_token")] {
        let pairs = [("token", token), ("token_type_hint", hint)];
        let request = world.form(world.provider.revoke_url(), &pairs).header(AUTHORIZATION, basic());
        assert_eq!(request.send().await.unwrap().status(), 200);
    }
    assert_eq!(world.account_status(&access).await, 401);
    assert_eq!(world.refresh(&refresh).await.0, 400);
    assert_eq!(world.provider.counts().revocations, 2);
}

#[tokio::test]
async fn a_stranger_can_neither_exchange_nor_revoke() {
    let world = world().await;
    let (access, _) = world.tokens(BOTH_SCOPES).await;
    let pairs = [("token", access.as_str()), ("client_id", CLIENT_ID), ("client_secret", "guessed")];
    for url in [world.provider.revoke_url(), world.provider.token_url()] {
        let response = world.form(url, &pairs).send().await.unwrap();
        assert!(response.headers()[WWW_AUTHENTICATE].to_str().unwrap().starts_with("Basic "));
        let (status, body) = answer(response).await;
        assert_eq!((status, text(&body, "error").as_str()), (401, "invalid_client"));
    }
    assert_eq!(world.account_status(&access).await, 200);
    assert_eq!(world.provider.counts().refused, 2);
}

#[tokio::test]
async fn malformed_requests_get_the_errors_of_rfc_6749() {
    let world = world().await;
    let cases: &[(&[(&str, &str)], &str)] = &[
        (&[("grant_type", "password")], "unsupported_grant_type"),
        (&[("x", "y")], "invalid_request"),
        (&[("grant_type", "refresh_token")], "invalid_request"),
        (&[("grant_type", "refresh_token"), ("refresh_token", "unknown")], "invalid_grant"),
        (&[("grant_type", "refresh_token"), ("grant_type", "refresh_token")], "invalid_request"),
    ];
    for (pairs, error) in cases {
        let (status, body) = world.token(pairs).await;
        assert_eq!((status, text(&body, "error").as_str()), (400, *error), "{pairs:?}");
    }
    let request = world.http.post(world.provider.token_url()).header(AUTHORIZATION, basic());
    let json = request.header(CONTENT_TYPE, "application/json").body("{}").send().await.unwrap();
    assert_eq!(answer(json).await.0, 400);
}

#[tokio::test]
async fn consent_withdrawn_at_the_provider_ends_every_token() {
    let world = world().await;
    let (access, refresh) = world.tokens(BOTH_SCOPES).await;
    world.provider.revoke_everything();
    assert_eq!(world.account_status(&access).await, 401);
    assert_eq!(world.refresh(&refresh).await.0, 400);
}

#[tokio::test]
async fn the_metadata_tells_where_everything_is() {
    let world = world().await;
    let url = format!("{}/.well-known/oauth-authorization-server", world.provider.issuer);
    let (_, body) = answer(world.http.get(url).send().await.unwrap()).await;
    assert_eq!(text(&body, "issuer"), world.provider.issuer);
    assert_eq!(text(&body, "authorization_endpoint"), world.provider.authorize_url());
    assert_eq!(text(&body, "token_endpoint"), world.provider.token_url());
    assert_eq!(text(&body, "revocation_endpoint"), world.provider.revoke_url());
    assert_eq!(body["authorization_response_iss_parameter_supported"], true);
}
