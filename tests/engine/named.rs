//! Several connections of one connector, and connections that each user has for themselves, as scripts
//! reach them; what is looked at before a consent takes effect.

use crate::harness::{World, definition, items};
use serde_json::{Value, json};
use sluis_engine::{RunEnd, RunRequest, Through, Unobserved};
use sluis_model::connection::Connection;
use sluis_model::error::Reason;
use sluis_model::grant::GrantOutcome;
use sluis_model::id::UserId;
use sluis_model::run::RunStatus;
use sluis_tests::peers::{Fault, FaultMode};

/// A world whose connector says this of its connections.
async fn world(connection: Value) -> World {
    let world = World::new().await;
    let mut definition = definition(&world.provider, json!({}));
    definition.connection = serde_json::from_value(connection).unwrap();
    world.engine.release(definition, Default::default()).await.unwrap();
    world
}

async fn run_for(world: &World, user: &str, source: &str) -> RunEnd {
    let request = RunRequest { user: Some(user.parse().unwrap()), ..world.request(source) };
    world.engine.run(request, &mut Unobserved).await.unwrap()
}

/// Consents to what a run waits for, and lets the run go on.
async fn consent_to(world: &World, waiting: RunEnd) -> RunEnd {
    let RunStatus::Waiting { authorize_url, .. } = &waiting.run.status else { panic!("{:?}", waiting.run) };
    let grant = world.consent(&authorize_url.parse().unwrap()).await;
    assert_eq!(grant.outcome, GrantOutcome::Authorized);
    world.engine.resume(&world.org, &waiting.run.id, &mut Unobserved).await.unwrap()
}

async fn connections(world: &World) -> Vec<(String, Connection)> {
    let all = world.engine.connections(&world.org).await.unwrap();
    all.into_iter().map(|connection| (connection.key().to_string(), connection)).collect()
}

#[tokio::test]
async fn a_script_authorizes_uses_and_revokes_one_of_several_connections() {
    let world = World::new().await;
    let script = r#"
        info authorize("items/sales");
        info isAuthorized("items/sales") + " " + isAuthorized("items");
        named = invokeConnector("items.get", {"id": "7"}, {"connection": "sales"});
        info named.get("status_code");
        info invokeConnector("items.get", {"id": "7"}, {"connection": "items/sales"}).get("status_code");
        got = invokeurl [ url: "URL/items/8" type: GET connection: "items/sales" ];
        info got.get("path");
        try { invokeConnector("items.get", {"id": "7"}); } catch (e) { info e.message; }
    "#;
    let end = consent_to(&world, world.run(&script.replace("URL", &world.provider.api)).await).await;
    let told = "connector `items` is not authorized for organisation `acme`";
    assert_eq!(end.run.output, ["true", "true false", "200", "200", "/api/items/8", told]);
    // A second consent, for the main one, leaves the named one alone.
    world.authorize().await;
    let names: Vec<String> = connections(&world).await.into_iter().map(|(name, _)| name).collect();
    assert_eq!(names, ["items", "items/sales"]);
    let end = world
        .run("info revoke(\"items/sales\"); info revoke(\"items/sales\"); info isAuthorized(\"items\");")
        .await;
    assert_eq!(end.run.output, ["true", "false", "true"]);
    let unknown =
        world.run("invokeConnector(\"items.get\", {\"id\": \"7\"}, {\"connection\": \"sales\"});").await;
    let fault = unknown.fault.unwrap();
    let help = fault.help.unwrap();
    assert!(help.contains("sluis authorize items --name sales"), "{help}");
    assert!(help.contains("authorize(\"items/sales\")"), "{help}");
}

#[tokio::test]
async fn where_each_user_has_their_own_a_run_uses_that_of_its_user_only() {
    let world = world(json!({"owner": "user"})).await;
    let script = "info authorize(\"items\"); info invokeConnector(\"items.get\", {\"id\": \"1\"}).get(\"status_code\");";
    let end = consent_to(&world, run_for(&world, "ada@example.com", script).await).await;
    assert_eq!(end.run.output, ["true", "200"], "{:?}", end.fault);
    assert_eq!(end.run.user.unwrap().as_str(), "ada@example.com");
    let found = connections(&world).await;
    assert_eq!(found.len(), 1);
    assert_eq!(found[0].0, "items@ada@example.com");
    let asked = "info isAuthorized(\"items\"); info zoho.loginuserid;";
    assert_eq!(run_for(&world, "ada@example.com", asked).await.run.output, ["true", "ada@example.com"]);
    assert_eq!(run_for(&world, "bob@example.com", asked).await.run.output, ["false", "bob@example.com"]);
    let refused =
        run_for(&world, "bob@example.com", "invokeConnector(\"items.get\", {\"id\": \"1\"});").await;
    let fault = refused.fault.unwrap();
    assert!(fault.help.as_deref().unwrap().contains("--user bob@example.com"), "{fault:?}");
    // Bob's revoking takes nothing of Ada's.
    assert_eq!(run_for(&world, "bob@example.com", "info revoke(\"items\");").await.run.output, ["false"]);
    assert_eq!(run_for(&world, "ada@example.com", "info revoke(\"items\");").await.run.output, ["true"]);
    assert!(connections(&world).await.is_empty());
}

#[tokio::test]
async fn a_run_on_behalf_of_no_user_is_told_that_it_needs_one() {
    let world = world(json!({"owner": "user"})).await;
    let calls = [
        "authorize(\"items\");".to_owned(),
        "isAuthorized(\"items/sales\");".to_owned(),
        "revoke(\"items\");".to_owned(),
        "invokeConnector(\"items.get\", {\"id\": \"1\"});".to_owned(),
        format!("invokeurl [ url: \"{}/items/8\" type: GET connection: \"items\" ];", world.provider.api),
    ];
    for call in calls {
        let end = world.run(&call).await;
        let fault = end.fault.unwrap_or_else(|| panic!("{call}"));
        assert!(fault.message.contains("each user connects `items` for themselves"), "{call}: {fault:?}");
        assert!(fault.help.as_deref().unwrap().contains("--user"), "{call}: {fault:?}");
    }
    let through = Through { user: Some("ada@example.com".parse::<UserId>().unwrap()), ..Through::default() };
    let (org, api) = (&world.org, "items.get".parse().unwrap());
    let inputs = json!({"id": "1"}).as_object().unwrap().clone();
    let nobody = world.engine.invoke(org, &api, &inputs).await.unwrap_err();
    assert_eq!(nobody.reason, Reason::InvalidInput);
    let not_yet = world.engine.invoke_through(org, &api, &inputs, &through).await.unwrap_err();
    assert_eq!(not_yet.reason, Reason::NotAuthorized);
}

#[tokio::test]
async fn after_consent_the_account_is_asked_for_and_the_connection_tried() {
    let settings = json!({
        "identity": {"api": "get_me", "path": "$.account"},
        "test": {"api": "get", "inputs": {"id": "me"}},
    });
    let world = World::new().await;
    let mut definition = definition(&world.provider, json!({}));
    definition.connection = serde_json::from_value(settings).unwrap();
    let me = json!({"method": "GET", "url": format!("{}/me", world.provider.api)});
    definition.apis.insert("get_me".to_owned(), serde_json::from_value(me).unwrap());
    world.engine.release(definition, Default::default()).await.unwrap();
    assert_eq!(world.authorize().await.outcome, GrantOutcome::Authorized);
    let (_, first) = connections(&world).await.remove(0);
    let account = first.account.clone().unwrap();
    assert!(!account.is_empty());

    // The service does not accept the next one: the good one stays, and why is told.
    let refusal = FaultMode::Status { status: 403, body: Some(json!({"error": "no_seat"}).to_string()) };
    let fault = |count, mode| Fault { path: "/api/items/me".to_owned(), count, mode };
    world.provider.set_faults(&[fault(1, refusal)]).await.unwrap();
    let grant = world.authorize().await;
    let GrantOutcome::Failed { reason } = &grant.outcome else { panic!("{grant:?}") };
    assert!(reason.contains("the service does not accept what `items` holds (status 403)"), "{reason}");
    assert_eq!(connections(&world).await.remove(0).1.id, first.id);

    // A service that is broken at that moment has refused nothing.
    world.provider.set_faults(&[fault(9, FaultMode::Status { status: 503, body: None })]).await.unwrap();
    assert_eq!(world.authorize().await.outcome, GrantOutcome::Authorized);
    let (_, second) = connections(&world).await.remove(0);
    assert_ne!(second.id, first.id);
    assert_eq!(second.account, Some(account));
    assert!(world.engine.is_authorized(&world.org, &items()).await.unwrap());
}

#[tokio::test]
async fn a_call_refused_for_a_scope_says_which_one_and_who_mends_that() {
    let world = World::authorized().await;
    let refused = |error: &str| FaultMode::Status { status: 403, body: Some(error.to_owned()) };
    let fault = |mode| [Fault { path: "/api/items/1".to_owned(), count: 1, mode }];
    let body = json!({"error": "insufficient_scope", "scope": "items:write"}).to_string();
    world.provider.set_faults(&fault(refused(&body))).await.unwrap();
    let script = "info invokeConnector(\"items.get\", {\"id\": \"1\"}).get(\"status_code\");";
    let end = world.run(script).await;
    assert_eq!(end.run.output, ["403"], "a refusal is an answer");
    let note = end.run.calls[0].note.clone().unwrap();
    assert!(note.contains("`items` does not ask for the scopes that this call needs: items:write"), "{note}");
    assert!(note.contains("an admin of `acme` authorizes it again: sluis authorize items"), "{note}");
    // Another refusal is not about scopes.
    world.provider.set_faults(&fault(refused("{\"error\": \"no_seat\"}"))).await.unwrap();
    assert_eq!(world.run(script).await.run.calls[0].note, None);
}

#[tokio::test]
async fn a_consent_with_fewer_scopes_than_asked_for_is_told_and_renewed_without_asking_for_more() {
    let world = World::new().await;
    let released = definition(&world.provider, json!({}));
    let mut definition = serde_json::to_value(&released).unwrap();
    // The provider leaves out what it does not know.
    definition["auth"]["scopes"].as_array_mut().unwrap().push("items:admin".into());
    world.engine.release(serde_json::from_value(definition).unwrap(), Default::default()).await.unwrap();
    let grant = world.authorize().await;
    assert_eq!(
        (&grant.outcome, grant.missing_scopes.as_slice()),
        (&GrantOutcome::Authorized, &["items:admin".to_owned()][..])
    );
    let (_, connection) = connections(&world).await.remove(0);
    assert_eq!(connection.missing_scopes, ["items:admin"]);
    assert!(connection.scopes.contains(&"items:read".to_owned()), "{:?}", connection.scopes);
    let renewed = world.engine.renew_now(&connection.key()).await.unwrap();
    assert!(renewed.is_active());
    assert_eq!((&renewed.scopes, &renewed.missing_scopes), (&connection.scopes, &connection.missing_scopes));
    let refused = json!({"error": "insufficient_scope", "scope": "items:admin"}).to_string();
    let mode = FaultMode::Status { status: 403, body: Some(refused) };
    world.provider.set_faults(&[Fault { path: "/api/items/1".to_owned(), count: 1, mode }]).await.unwrap();
    let end = world.run("invokeConnector(\"items.get\", {\"id\": \"1\"});").await;
    let note = end.run.calls[0].note.clone().unwrap();
    assert!(note.contains("asked for and not granted: items:admin"), "{note}");
}
