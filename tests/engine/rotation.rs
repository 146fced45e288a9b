//! Keys change while grants are used: no renewal, no consent and no waiting run is lost by it.

use crate::harness::{World, engine_sending, items, transport};
use async_trait::async_trait;
use serde_json::json;
use sluis_engine::repeats::Repeatable;
use sluis_engine::{Engine, Unobserved};
use sluis_invoke::{Http, HttpAnswer, OutgoingRequest, SendLimits, Transport, TransportError};
use sluis_model::id::OrgId;
use sluis_model::run::RunStatus;
use sluis_store::Table;
use sluis_vault::api_token::Purpose;
use sluis_vault::places::{Contents, contents};
use std::sync::{Arc, Mutex};

const GET: &str = r#"info invokeConnector("items.get", {"id":"7"}).get("status_code");"#;

pub async fn rotate(engine: &Engine, org: &OrgId) {
    engine.start_org_key_rotation(org).await.unwrap();
    engine.finish_org_key_rotation(org, 0, &mut |_| {}).await.unwrap();
}

/// Gives the org a new key after the provider has answered a token request and before anyone has read
/// the answer.
struct RotatesMeanwhile {
    transport: Transport,
    due: Arc<Mutex<Option<(Engine, OrgId)>>>,
}

#[async_trait]
impl Http for RotatesMeanwhile {
    async fn send(&self, request: OutgoingRequest, limits: SendLimits) -> Result<HttpAnswer, TransportError> {
        let is_token = request.url.path().ends_with("/token");
        let answer = self.transport.send(request, limits).await;
        let due = if is_token { self.due.lock().unwrap().take() } else { None };
        if let Some((engine, org)) = due {
            rotate(&engine, &org).await;
        }
        answer
    }
}

#[tokio::test]
async fn tokens_that_were_renewed_while_the_key_changed_are_kept() {
    let world = World::authorized().await;
    world.engine.close().await.unwrap();
    let due = Arc::default();
    let http = RotatesMeanwhile { transport: transport(), due: Arc::clone(&due) };
    let engine = engine_sending(world.folder.path(), world.clock.clone(), Arc::new(http)).await;
    let call = async || {
        let api = "items.get".parse().unwrap();
        let inputs: sluis_engine::invoke::Inputs = serde_json::from_str(r#"{"id":"7"}"#).unwrap();
        engine.invoke(&world.org, &api, &inputs).await.unwrap().status_code
    };
    for renewals in 1..4 {
        *due.lock().unwrap() = Some((engine.clone(), world.org.clone()));
        world.clock.advance(3600);
        assert_eq!(call().await, 200);
        assert!(due.lock().unwrap().is_none(), "the key has changed in the middle");
        // A strict provider revokes everything when an old refresh token is shown.
        let stats = world.provider.stats().await.unwrap();
        assert_eq!(stats.count("refresh_token", "ok"), renewals);
        assert_eq!(stats.token_requests, renewals + 1, "{:?}", stats.tokens);
    }
    let status = engine.vault_status().await.unwrap();
    let acme = status.orgs.iter().find(|status| status.org == world.org).unwrap();
    assert_eq!((acme.primary, acme.floor, acme.rows.unreadable), (4, 4, 0));
}

#[tokio::test]
async fn a_consent_and_the_run_that_waits_for_it_outlive_a_change_of_keys() {
    let world = World::new().await;
    let script = format!("authorize(\"items\");\n{GET}");
    let waiting = world.run(&script).await.run;
    let RunStatus::Waiting { authorize_url, .. } = &waiting.status else { panic!("{:?}", waiting.status) };
    rotate(&world.engine, &world.org).await;
    world.consent(&authorize_url.parse().unwrap()).await;
    rotate(&world.engine, &world.org).await;
    let ended = world.engine.resume(&world.org, &waiting.id, &mut Unobserved).await.unwrap();
    assert_eq!(ended.run.output, ["200"], "{:?}", ended.run.status);
}

#[tokio::test]
async fn every_table_that_holds_sealed_values_is_in_the_register() {
    let world = World::new().await;
    let script = format!("authorize(\"items\");\n{GET}");
    // One run waits, another consent is under way, a third is done.
    world.run(&script).await;
    world.engine.start_authorization(&world.org, &items()).await.unwrap();
    world.authorize().await;
    world.run(&script).await;
    world.run(r#"invokeConnector("items.get", {"id": "1"}, {"wait": false});"#).await;
    world
        .engine
        .create_api_token(&Purpose { name: "ci".to_owned(), ..Purpose::default() }, None)
        .await
        .unwrap();
    let request = Repeatable {
        org: world.org.clone(),
        caller: "server".to_owned(),
        key: "k".to_owned(),
        fingerprint: "f".to_owned(),
    };
    world.engine.begin_repeatable(&request).await.unwrap();
    let source = "return 1;".to_owned();
    world.engine.store_function(&world.org, &"f".parse().unwrap(), source, Vec::new()).await.unwrap();
    let trigger = json!({ "function": "f", "on": { "webhook": { "preset": "github" } } });
    let trigger = serde_json::from_value(trigger).unwrap();
    let name = "t".parse().unwrap();
    world.engine.put_trigger(&world.org, &name, trigger, &|_| true).await.unwrap().unwrap();
    world.engine.set_trigger_secrets(&world.org, &name, &["s3cret-of-it".into()]).await.unwrap();
    rotate(&world.engine, &world.org).await;
    world.engine.close().await.unwrap();
    let store = sluis_store::open(&world.folder.path().join("sluis.redb")).await.unwrap();
    let mut seen = Vec::new();
    for table in Table::ALL {
        let rows = store.list_all(*table, None, 1_000).await.unwrap().records;
        for (key, record) in rows {
            let sealed = record.bytes.starts_with(b"SLV");
            assert_eq!(
                sealed,
                contents(*table) != Contents::Clear,
                "`{key}`: see runtime/vault/src/places.rs"
            );
            seen.extend(sealed.then_some(*table));
        }
    }
    for table in Table::ALL.iter().filter(|table| contents(**table) != Contents::Clear) {
        // These are there only while a renewal (the test of renewals above has one then), an accepted call or one that waits for its answer
        // is under way.
        if matches!(table, Table::Intents | Table::Accepted | Table::Awaited) {
            continue;
        }
        assert!(seen.contains(table), "this test has put nothing into {table:?}");
    }
}
