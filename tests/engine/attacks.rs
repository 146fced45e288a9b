//! Known attacks on clients of authorization servers, against a certified server and a hostile one:
//! cross-toolkit account takeover (COAT), cross-toolkit request forgery (CORF), session fixation
//! (COSF), mix-up, replay (draft-ietf-oauth-security-topics-update §2.2 and §2.3, RFC 9700 §4).

use crate::harness::{PUBLIC_URL, World, definition, follow, items};
use serde_json::json;
use sluis_engine::{Arrival, LinkOpened, NewConnection, ReleaseNotes};
use sluis_model::connection::ConnectionKey;
use sluis_model::credential::ClientCredentials;
use sluis_model::error::Reason;
use sluis_model::grant::GrantOutcome;
use sluis_model::id::{Namespace, OrgId};
use sluis_model::secret::SecretText;
use sluis_tests::peers::browser::{Arrival as Landed, Browser};
use sluis_tests::peers::evil_as::{Bounce, EvilAs};
use sluis_tests::peers::oidc_provider::clients;
use url::Url;

/// Releases the honest connector once more under another name.
async fn release_as(world: &World, namespace: &str, change: impl FnOnce(&mut serde_json::Value)) {
    let mut definition = serde_json::to_value(definition(&world.provider, json!({}))).unwrap();
    definition["namespace"] = namespace.into();
    change(&mut definition);
    let definition = serde_json::from_value(definition).unwrap();
    world.engine.release(definition, Default::default()).await.unwrap();
}

async fn begin(world: &World, namespace: &str) -> Url {
    let namespace: Namespace = namespace.parse().unwrap();
    let started = world.engine.start_authorization(&world.org, &namespace).await.unwrap();
    world.follow(&started.authorize_url).await
}

/// Brings what came back to the address of a connector, in some browser.
async fn arrive(world: &World, namespace: &str, back: &Url, browser: Option<&SecretText>) -> Reason {
    let namespace: Namespace = namespace.parse().unwrap();
    let (org, query) = (&world.org, back.query().unwrap());
    let arrival = Arrival { org, namespace: &namespace, query, browser };
    world.engine.finish_authorization(arrival).await.unwrap_err().reason
}

async fn nothing_was_exchanged(world: &World) {
    assert_eq!(world.provider.stats().await.unwrap().token_requests, 0);
    assert!(world.engine.connections(&world.org).await.unwrap().is_empty());
}

#[tokio::test]
async fn coat_an_honest_code_never_reaches_the_server_of_a_malicious_connector() {
    let world = World::new().await;
    let honest = format!("{PUBLIC_URL}/oauth/callback/acme/items");
    let evil = EvilAs::start(Bounce {
        authorize_url: world.provider.authorize_url(),
        client_id: clients::ODD.id.to_owned(),
        redirect_uri: honest.clone(),
        scope: "openid items:read".to_owned(),
    })
    .await
    .unwrap();
    release_as(&world, "evil", |definition| {
        definition["auth"]["authorize_url"] = format!("{}/authorize", evil.issuer).into();
        definition["auth"]["token_url"] = format!("{}/token", evil.issuer).into();
        definition["auth"].as_object_mut().unwrap().remove("issuer");
        definition["auth"].as_object_mut().unwrap().remove("revoke_url");
    })
    .await;
    let bounced = begin(&world, "evil").await;
    assert!(bounced.as_str().starts_with(&evil.issuer), "{bounced}");
    let browser = Browser::new().unwrap();
    let Landed::Awaited(at_honest) = browser.open(bounced, &world.provider.issuer).await.unwrap() else {
        panic!("the evil server does not send on")
    };
    let back = world.provider.consent_with(&browser, at_honest.as_str()).await.unwrap();
    assert!(back.as_str().starts_with(&honest) && back.as_str().contains("code="), "{back}");
    // The browser arrives where the honest server sent it, with a state that is ours and alive.
    assert_eq!(arrive(&world, "items", &back, Some(&world.browser)).await, Reason::InvalidGrantState);
    assert_eq!(evil.loot(), Vec::<String>::new());
    nothing_was_exchanged(&world).await;
    // The trap does work: at the address of its own connector the same answer would be handed over.
    world.arrive("evil", back.query().unwrap()).await.unwrap();
    assert!(evil.loot()[0].contains("code_verifier="), "{:?}", evil.loot());
}

#[tokio::test]
async fn a_callback_at_the_address_of_another_connector_or_org_is_refused() {
    let world = World::new().await;
    release_as(&world, "honest", |_| {}).await;
    world.engine.ensure_org(&"bee".parse().unwrap()).await.unwrap();
    let back = world.provider.consent(begin(&world, "items").await.as_str()).await.unwrap();
    assert_eq!(arrive(&world, "honest", &back, Some(&world.browser)).await, Reason::InvalidGrantState);
    let bee = "bee".parse().unwrap();
    let (namespace, query, browser) = (&items(), back.query().unwrap(), Some(&world.browser));
    let arrival = Arrival { org: &bee, namespace, query, browser };
    assert_eq!(
        world.engine.finish_authorization(arrival).await.unwrap_err().reason,
        Reason::InvalidGrantState
    );
    nothing_was_exchanged(&world).await;
    // The honest way is still open.
    assert_eq!(world.arrive("items", query).await.unwrap().outcome, GrantOutcome::Authorized);
}

#[tokio::test]
async fn a_connector_of_one_org_cannot_use_the_client_of_another_or_of_the_operator() {
    let world = World::new().await;
    let bee: OrgId = "bee".parse().unwrap();
    world.engine.ensure_org(&bee).await.unwrap();
    let registered = ClientCredentials {
        id: clients::ODD.id.to_owned(),
        secret: Some(clients::ODD.secret.into()),
        ..Default::default()
    };
    world.engine.set_client_of(Some(&world.org), "secret", &registered).await.unwrap();
    let wanted = |org: &OrgId, namespace: &str| {
        NewConnection::of(ConnectionKey::main(org, &namespace.parse().unwrap()))
    };
    // `vault:items` is the operator's, `vault:secret` is acme's, `env:…` is the operator's.
    for (namespace, client) in
        [("thief", "vault:items"), ("rival", "vault:secret"), ("sneak", "env:SLUIS_CLIENT_ITEMS")]
    {
        let mut definition = serde_json::to_value(definition(&world.provider, json!({}))).unwrap();
        definition["namespace"] = namespace.into();
        definition["auth"]["client"] = client.into();
        let notes = ReleaseNotes { owner: Some(bee.clone()), ..Default::default() };
        world.engine.release(serde_json::from_value(definition).unwrap(), notes).await.unwrap();
        let refused = world.engine.start_connection(&wanted(&bee, namespace)).await.unwrap_err();
        assert_eq!(refused.reason, Reason::ClientMissing, "{client}: {refused}");
        let unknown = world.engine.start_connection(&wanted(&world.org, namespace)).await.unwrap_err();
        assert_eq!(unknown.reason, Reason::ConnectorNotFound, "another org's connector does not exist");
    }
    // With a registration of its own it works.
    world.engine.set_client_of(Some(&bee), "secret", &registered).await.unwrap();
    world.engine.start_connection(&wanted(&bee, "rival")).await.unwrap();
    // Nobody releases over the connector of somebody else.
    let notes = ReleaseNotes { owner: Some(bee), ..Default::default() };
    let mut changed = definition(&world.provider, json!({}));
    changed.service.name = "Mine now".to_owned();
    assert!(world.engine.release(changed, notes).await.is_err());
}

#[tokio::test]
async fn corf_an_attackers_code_and_state_are_worth_nothing_in_the_victims_browser() {
    let world = World::new().await;
    let victim = world.engine.new_browser();
    let back = world.provider.consent(begin(&world, "items").await.as_str()).await.unwrap();
    for browser in [Some(&victim), None] {
        assert_eq!(arrive(&world, "items", &back, browser).await, Reason::InvalidGrantState);
    }
    nothing_was_exchanged(&world).await;
}

#[tokio::test]
async fn cosf_whoever_did_not_begin_cannot_finish() {
    let world = World::new().await;
    // The attacker begins, stops at the provider's address, and gives that to a victim.
    let url = begin(&world, "items").await;
    let victim = world.engine.new_browser();
    let back = world.provider.consent(url.as_str()).await.unwrap();
    assert_eq!(arrive(&world, "items", &back, Some(&victim)).await, Reason::InvalidGrantState);
    nothing_was_exchanged(&world).await;
}

#[tokio::test]
async fn a_link_that_one_browser_followed_is_refused_to_a_second() {
    let world = World::new().await;
    let started = world.engine.start_authorization(&world.org, &items()).await.unwrap();
    let second = world.engine.new_browser();
    // Both may look, one may follow.
    let token = started.authorize_url.path_segments().unwrap().next_back().unwrap().into();
    let seen = world.engine.open_link(&token, &second).await.unwrap();
    let LinkOpened::Ask(question) = seen else { panic!("{seen:?}") };
    let first = world.follow(&started.authorize_url).await;
    let refused = follow(&world.engine, &started.authorize_url, &second).await.unwrap_err();
    assert_eq!(refused.reason, Reason::InvalidGrantState);
    let late = world.engine.follow_link(&token, &second, &question.confirmation).await.unwrap_err();
    assert!(late.message.contains("another browser"), "{late}");
    assert_eq!(world.consent_at(&first).await.outcome, GrantOutcome::Authorized);
    // Used up.
    assert!(follow(&world.engine, &started.authorize_url, &second).await.is_err());
}

#[tokio::test]
async fn of_two_browsers_that_follow_a_link_at_once_one_gets_through() {
    let world = World::new().await;
    let started = world.engine.start_authorization(&world.org, &items()).await.unwrap();
    let tries: Vec<_> = (0..4)
        .map(|_| {
            let (engine, link) = (world.engine.clone(), started.authorize_url.clone());
            tokio::spawn(async move { follow(&engine, &link, &engine.new_browser()).await.is_ok() })
        })
        .collect();
    let mut through = 0;
    for attempt in tries {
        through += usize::from(attempt.await.unwrap());
    }
    assert_eq!(through, 1);
}

#[tokio::test]
async fn following_a_link_anew_makes_a_fresh_state_and_kills_the_old_one() {
    let world = World::new().await;
    let started = world.engine.start_authorization(&world.org, &items()).await.unwrap();
    let old = world.follow(&started.authorize_url).await;
    let new = world.follow(&started.authorize_url).await;
    let state = |url: &Url| url.query_pairs().find(|(name, _)| name == "state").unwrap().1.into_owned();
    assert_ne!(state(&old), state(&new));
    let back = world.provider.consent(old.as_str()).await.unwrap();
    assert_eq!(arrive(&world, "items", &back, Some(&world.browser)).await, Reason::InvalidGrantState);
    assert_eq!(world.consent_at(&new).await.outcome, GrantOutcome::Authorized);
}

#[tokio::test]
async fn a_link_is_not_followed_without_the_page_that_belongs_to_browser_and_link() {
    let world = World::new().await;
    let started = world.engine.start_authorization(&world.org, &items()).await.unwrap();
    let other = world.engine.start_authorization(&world.org, &items()).await.unwrap();
    let token = |url: &Url| SecretText::from(url.path_segments().unwrap().next_back().unwrap());
    let opened = world.engine.open_link(&token(&other.authorize_url), &world.browser).await.unwrap();
    let LinkOpened::Ask(of_other) = opened else { panic!("{opened:?}") };
    for confirmation in ["", "x", of_other.confirmation.as_str()] {
        let link = token(&started.authorize_url);
        let refused = world.engine.follow_link(&link, &world.browser, confirmation).await.unwrap_err();
        assert_eq!(refused.reason, Reason::InvalidGrantState, "{confirmation}");
    }
}

#[tokio::test]
async fn links_and_states_are_long_random_and_never_the_same() {
    let world = World::new().await;
    let mut seen = std::collections::BTreeSet::new();
    for _ in 0..20 {
        let started = world.engine.start_authorization(&world.org, &items()).await.unwrap();
        let url = world.follow(&started.authorize_url).await;
        let state = url.query_pairs().find(|(name, _)| name == "state").unwrap().1.into_owned();
        let link = started.authorize_url.path_segments().unwrap().next_back().unwrap().to_owned();
        assert_eq!((state.len(), link.len()), (43, 43), "256 bits each");
        assert!(seen.insert(state) && seen.insert(link));
    }
}

#[tokio::test]
async fn a_link_is_good_for_ten_minutes() {
    let world = World::new().await;
    let started = world.engine.start_authorization(&world.org, &items()).await.unwrap();
    world.clock.advance(601);
    assert!(follow(&world.engine, &started.authorize_url, &world.browser).await.is_err());
}
