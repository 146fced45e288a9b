//! Consent: given, refused, forged, replayed, late.

use crate::harness::{World, items};
use sluis_engine::Arrival;
use sluis_model::error::Reason;
use sluis_model::grant::GrantOutcome;
use sluis_tests::peers::oidc_provider::clients;
use sluis_tests::peers::{Fault, FaultMode};

#[tokio::test]
async fn consent_makes_the_connection_active() {
    let world = World::new().await;
    assert!(!world.engine.is_authorized(&world.org, &items()).await.unwrap());
    let grant = world.authorize().await;
    assert_eq!(grant.outcome, GrantOutcome::Authorized);
    assert!(world.engine.is_authorized(&world.org, &items()).await.unwrap());
    let connections = world.engine.connections(&world.org).await.unwrap();
    assert_eq!(connections.len(), 1);
    assert!(connections[0].refreshable);
    assert!(connections[0].scopes.contains(&"items:read".to_owned()));
}

#[tokio::test]
async fn the_authorization_request_carries_pkce_state_and_the_exact_redirect_uri() {
    let world = World::new().await;
    let url = world.begin().await;
    let query: std::collections::HashMap<_, _> = url.query_pairs().into_owned().collect();
    assert_eq!(query["code_challenge_method"], "S256");
    assert_eq!(query["code_challenge"].len(), 43);
    assert!(query["state"].len() >= 22, "at least 128 bits");
    assert_eq!(query["redirect_uri"], "http://127.0.0.1:8080/oauth/callback/acme/items");
    assert_eq!(query["response_type"], "code");
}

#[tokio::test]
async fn a_denied_consent_leaves_no_connection_and_says_why() {
    let world = World::new().await;
    let mut url = world.begin().await;
    url.query_pairs_mut().append_pair("login_hint", "deny");
    let grant = world.consent_at(&url).await;
    let GrantOutcome::Denied { reason } = &grant.outcome else { panic!("{grant:?}") };
    assert!(reason.contains("refused"), "{reason}");
    assert!(world.engine.connections(&world.org).await.unwrap().is_empty());
    assert_eq!(world.provider.stats().await.unwrap().token_requests, 0);
}

#[tokio::test]
async fn a_wrong_state_changes_nothing() {
    let world = World::new().await;
    let started = world.engine.start_authorization(&world.org, &items()).await.unwrap();
    let failure = world.arrive("items", "code=abc&state=wrong").await.unwrap_err();
    assert_eq!(failure.reason, Reason::InvalidGrantState);
    assert_eq!(world.provider.stats().await.unwrap().token_requests, 0);
    // The honest callback still works afterwards.
    assert_eq!(world.consent(&started.authorize_url).await.outcome, GrantOutcome::Authorized);
}

#[tokio::test]
async fn of_five_copies_of_one_callback_one_is_exchanged_and_the_connection_stays() {
    let world = World::new().await;
    let started = world.engine.start_authorization(&world.org, &items()).await.unwrap();
    let url = world.follow(&started.authorize_url).await;
    let back = world.provider.consent(url.as_str()).await.unwrap();
    let query = back.query().unwrap().to_owned();
    let attempts = (0..5).map(|_| {
        let (engine, query, org) = (world.engine.clone(), query.clone(), world.org.clone());
        let browser = world.browser.clone();
        tokio::spawn(async move {
            let (namespace, browser) = (&items(), Some(&browser));
            engine.finish_authorization(Arrival { org: &org, namespace, query: &query, browser }).await
        })
    });
    let mut finished = 0;
    for attempt in attempts.collect::<Vec<_>>() {
        match attempt.await.unwrap() {
            Ok(grant) => {
                assert_eq!(grant.outcome, GrantOutcome::Authorized);
                finished += 1;
            }
            Err(failure) => assert_eq!(failure.reason, Reason::InvalidGrantState),
        }
    }
    assert_eq!(finished, 1);
    assert_eq!(world.provider.stats().await.unwrap().token_requests, 1);
    let end = world.run(r#"info invokeConnector("items.get", {"id":"7"}).get("status_code");"#).await;
    assert_eq!(end.run.output, ["200"]);
}

#[tokio::test]
async fn a_callback_of_another_connector_or_issuer_is_refused() {
    let world = World::new().await;
    let started = world.engine.start_authorization(&world.org, &items()).await.unwrap();
    let url = world.follow(&started.authorize_url).await;
    let back = world.provider.consent(url.as_str()).await.unwrap();
    let query = back.query().unwrap();
    let failure = world.arrive("other", query).await.unwrap_err();
    assert_eq!(failure.reason, Reason::InvalidGrantState);
    let forged = query.replace("iss=http", "iss=https");
    assert_ne!(forged, query, "the peer sends `iss`");
    let grant = world.arrive("items", &forged).await.unwrap();
    assert!(matches!(grant.outcome, GrantOutcome::Failed { .. }), "{grant:?}");
    assert_eq!(world.provider.stats().await.unwrap().token_requests, 0);
}

#[tokio::test]
async fn a_callback_after_ten_minutes_is_too_late() {
    let world = World::new().await;
    let started = world.engine.start_authorization(&world.org, &items()).await.unwrap();
    let url = world.follow(&started.authorize_url).await;
    let back = world.provider.consent(url.as_str()).await.unwrap();
    world.clock.advance(601);
    let failure = world.arrive("items", back.query().unwrap()).await.unwrap_err();
    assert_eq!(failure.reason, Reason::InvalidGrantState);
    let grant = world.engine.grant(&world.org, &started.grant.id).await.unwrap();
    assert_eq!(grant.outcome, GrantOutcome::Expired);
}

#[tokio::test]
async fn an_attempt_that_nobody_answered_is_cleared_away_at_the_next_start() {
    let mut world = World::new().await;
    let started = world.engine.start_authorization(&world.org, &items()).await.unwrap();
    let url = world.follow(&started.authorize_url).await;
    let back = world.provider.consent(url.as_str()).await.unwrap();
    world.clock.advance(601);
    world.restart().await;
    assert_eq!(world.engine.recover().await.unwrap().expired, 1);
    assert_eq!(world.engine.recover().await.unwrap().expired, 0);
    let failure = world.arrive("items", back.query().unwrap()).await.unwrap_err();
    assert_eq!(failure.reason, Reason::InvalidGrantState);
}

#[tokio::test]
async fn no_credential_reaches_a_script_a_record_or_the_store_in_clear() {
    let world = World::authorized().await;
    let script = r#"info invokeConnector("items.create", {"name":"n"}).get("response");"#;
    world.run(script).await;
    // A careless service that sends back what it was sent.
    let token = world.credentials.lock().unwrap()[1].clone();
    let careless = Fault {
        path: "/api/items".into(),
        count: 1,
        mode: FaultMode::Raw { body: format!("{{\"you sent\": \"{token}\"}}") },
    };
    world.provider.set_faults(&[careless]).await.unwrap();
    let end = world.run(script).await;
    assert_eq!(end.run.output, [r#"{"you sent": "Bearer ***"}"#]);
    let record = serde_json::to_string(&end.run).unwrap();
    world.engine.close().await.unwrap();
    let bytes = std::fs::read(world.folder.path().join("sluis.redb")).unwrap();
    let sent = world.credentials.lock().unwrap().clone();
    assert_eq!(sent.len(), 3, "one at the token endpoint, two at the API");
    for credential in sent.iter().map(|value| value.split_once(' ').unwrap().1) {
        assert!(credential.len() > 20);
        assert!(!record.contains(credential));
        assert!(!contains(&bytes, credential.as_bytes()));
    }
    assert!(!contains(&bytes, clients::ODD.secret.as_bytes()));
}

fn contains(bytes: &[u8], needle: &[u8]) -> bool {
    bytes.windows(needle.len()).any(|window| window == needle)
}
