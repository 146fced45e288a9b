//! Answers that a service brings by itself: late, twice, to a process that began after the call, with a wrong
//! signature, for another call, and never.

use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use axum::routing::any;
use axum::{Json, Router};
use bytes::Bytes;
use http::{HeaderMap, Method};
use serde_json::{Value, json};
use sluis_engine::{
    BroughtRequest, DeliveryState, Engine, EngineBuilder, EntryPoint, NewConnection, Opened, RunEnd,
    RunRequest, Through, Unobserved,
};
use sluis_invoke::{EgressPolicy, HostPort, Transport};
use sluis_model::connection::ConnectionKey;
use sluis_model::error::{Failure, Reason};
use sluis_model::id::{DeliveryId, OrgId, RunId};
use sluis_model::ports::Clock;
use sluis_model::run::RunStatus;
use sluis_model::secret::SecretText;
use sluis_model::time::Timestamp;
use sluis_vault::{KeyRing, SystemRandomness, Vault};
use std::collections::BTreeMap;
use std::sync::atomic::{AtomicI64, Ordering};
use std::sync::{Arc, Mutex, OnceLock};

const KEY: &str = "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=";

struct Steered(AtomicI64);

impl Clock for Steered {
    fn now(&self) -> Timestamp {
        Timestamp(self.0.load(Ordering::SeqCst))
    }
}

/// A service that takes jobs and remembers where it is to bring their answers.
#[derive(Default)]
struct Service {
    webhooks: Mutex<Vec<String>>,
    /// Through which it brings an answer before it has given the first one.
    engine: OnceLock<Engine>,
}

async fn take(State(service): State<Arc<Service>>, Path(how): Path<String>, body: String) -> Response {
    let body: Value = serde_json::from_str(&body).unwrap();
    let webhook = body["webhook"].as_str().unwrap().to_owned();
    service.webhooks.lock().unwrap().push(webhook.clone());
    if how == "fast" {
        let engine = service.engine.get().unwrap();
        for job in [8, 7] {
            let brought = posted(&json!({"job": job, "url": "u"}).to_string());
            engine.receive_callback(token(&webhook), &brought).await.unwrap();
        }
    }
    match how.as_str() {
        "at_once" => Json(json!({"id": 7, "url": "now"})).into_response(),
        _ => (StatusCode::ACCEPTED, Json(json!({"id": 7}))).into_response(),
    }
}

const FILE: &str = r#"
sluis: 1
namespace: render
service: { name: Render }
auth:
  scheme: api_keys
  fields:
    - { name: token, label: API token, secret: true }
    - { name: signing_key, label: Signing key, secret: true, unsent: true }
  headers: { X-Token: "${token}" }
hosts: ["HOST", far.example.com]
apis:
  pdf:
    method: POST
    url: http://HOST/plain
    body: { json: { source: "${Source}", webhook: "${callback_url()}" } }
    inputs: { Source: { type: text, required: false } }
    errors: [ { when: body.get("error") != null, code: no_ink, who: provider } ]
    async:
      callback:
        at_most_s: 600
        match: { answer: body.get("id"), callback: body.get("job") }
        done_when: body.get("url") != null || body.get("error") != null
        result: body.get("url")
  fast:
    method: POST
    url: http://HOST/fast
    body: { json: { webhook: "${callback_url()}" } }
    async: { callback: { match: { answer: body.get("id"), callback: body.get("job") }, result: body.get("url") } }
  at_once:
    method: POST
    url: http://HOST/at_once
    body: { json: { webhook: "${callback_url()}" } }
    async: { callback: {} }
  signed:
    method: POST
    url: http://HOST/plain
    body: { json: { webhook: "${callback_url()}" } }
    async: { callback: { signature: { header: X-Signature, prefix: "sha256=", key: signing_key } } }
  query:
    method: POST
    url: http://HOST/plain
    body: { json: { webhook: "${callback_url()}" } }
    async: { callback: { method: GET, result: body.get("state") } }
  far:
    method: POST
    url: https://far.example.com/jobs
    body: { json: { webhook: "${callback_url()}" } }
    async: { callback: {} }
"#;

struct World {
    engine: Engine,
    service: Arc<Service>,
    clock: Arc<Steered>,
    org: OrgId,
    opened: Opened,
    host: String,
}

impl World {
    async fn new() -> Self {
        let service = Arc::new(Service::default());
        let router = Router::new().route("/{how}", any(take)).with_state(service.clone());
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let host = listener.local_addr().unwrap().to_string();
        tokio::spawn(async move { axum::serve(listener, router).await });
        let store = sluis_store::open_in_memory().await.unwrap();
        let ring = KeyRing::from_text(KEY, "the test").unwrap();
        let vault = Arc::new(Vault::new(ring, Arc::new(SystemRandomness)));
        let opened = Opened { store, vault };
        let clock = Arc::new(Steered(AtomicI64::new(1_800_000_000_000)));
        let org: OrgId = "acme".parse().unwrap();
        let engine = engine(&opened, &clock, &host);
        engine.ensure_org(&org).await.unwrap();
        let definition =
            sluis_definition::read("render.yaml", &FILE.replace("HOST", &host), &|_| Err("none".into()))
                .unwrap_or_else(|problems| panic!("{problems:#?}"));
        engine.release(definition, Default::default()).await.unwrap();
        let wanted = NewConnection::of(ConnectionKey::main(&org, &"render".parse().unwrap()));
        let entered = [("token", "canary-token"), ("signing_key", "Jefe")];
        let entered: BTreeMap<String, SecretText> =
            entered.into_iter().map(|(name, value)| (name.to_owned(), value.into())).collect();
        engine.connect(&wanted, entered).await.unwrap();
        service.engine.set(engine.clone()).ok().unwrap();
        Self { engine, service, clock, org, opened, host }
    }

    /// The same store in a process that has just begun.
    fn restarted(&self) -> Engine {
        engine(&self.opened, &self.clock, &self.host)
    }

    async fn run(&self, source: &str) -> RunEnd {
        let request = RunRequest {
            org: self.org.clone(),
            user: None,
            label: "test.dg".to_owned(),
            function: None,
            source: source.to_owned(),
            entry: EntryPoint::Default,
            args: Vec::new(),
            keep: true,
        };
        self.engine.run(request, &mut Unobserved).await.unwrap()
    }

    /// The secret of the address that the service was given last.
    fn token(&self) -> String {
        token(self.service.webhooks.lock().unwrap().last().unwrap()).to_owned()
    }

    fn sent(&self) -> usize {
        self.service.webhooks.lock().unwrap().len()
    }

    async fn brings(&self, text: &str) -> Result<(), Failure> {
        self.engine.receive_callback(&self.token(), &posted(text)).await
    }
}

fn engine(opened: &Opened, clock: &Arc<Steered>, host: &str) -> Engine {
    let policy = EgressPolicy::allowing(vec![HostPort::parse(host).unwrap()]);
    let public_url = "http://127.0.0.1:1/base".parse().unwrap();
    EngineBuilder::new(Arc::new(opened.clone()), Arc::new(Transport::new(policy)), public_url)
        .clock(clock.clone())
        .build()
}

fn token(webhook: &str) -> &str {
    webhook.strip_prefix("http://127.0.0.1:1/base/callbacks/").unwrap()
}

fn posted(text: &str) -> BroughtRequest {
    let mut headers = HeaderMap::new();
    headers.insert("content-type", "application/json".parse().unwrap());
    BroughtRequest { method: Method::POST, query: String::new(), headers, body: Bytes::from(text.to_owned()) }
}

fn parked(end: &RunEnd) -> (RunId, DeliveryId) {
    let RunStatus::AwaitingCallback { call, .. } = &end.run.status else { panic!("{:?}", end.run) };
    (end.run.id.clone(), call.clone())
}

const PDF: &str = r#"
    before = "kept";
    answer = invokeConnector("render.pdf", {"Source": "x"});
    info before + " " + answer.get("status_code") + " " + answer.get("response");"#;

#[tokio::test]
async fn a_run_goes_on_in_another_process_when_its_answer_is_brought() {
    let world = World::new().await;
    let (run, _) = parked(&world.run(PDF).await);
    let engine = world.restarted();
    assert_eq!(engine.recover().await.unwrap().waiting, 1);
    let mut settled = engine.settled_calls();
    let token = world.token();
    engine.receive_callback(&token, &posted(r#"{"job":"7","state":"running"}"#)).await.unwrap();
    let end = engine.resume(&world.org, &run, &mut Unobserved).await.unwrap();
    parked(&end);
    let last = posted(r#"{"job":"7","url":"https://x/7.pdf"}"#);
    engine.receive_callback(&token, &last).await.unwrap();
    assert_eq!(settled.recv().await.unwrap().run, Some(run.clone()));
    // Brought again it is the same answer; anything else comes too late.
    engine.receive_callback(&token, &last).await.unwrap();
    let other = engine.receive_callback(&token, &posted(r#"{"job":"7","url":"evil"}"#)).await;
    assert_eq!(other.unwrap_err().reason, Reason::Conflict);
    let end = engine.resume(&world.org, &run, &mut Unobserved).await.unwrap();
    assert_eq!(end.run.output, ["kept 200 https://x/7.pdf"]);
    assert!(matches!(end.run.status, RunStatus::Done { .. }), "{:?}", end.run.status);
    engine.receive_callback(&token, &last).await.unwrap();
    assert_eq!(world.sent(), 1);
}

#[tokio::test]
async fn a_restart_finds_the_run_whose_answer_came_while_nobody_listened_for_runs() {
    let world = World::new().await;
    let (run, _) = parked(&world.run(PDF).await);
    world.brings(r#"{"job":7,"url":"u"}"#).await.unwrap();
    let ready = world.restarted().recover().await.unwrap().ready;
    assert_eq!(ready, [(world.org.clone(), run.clone())]);
    let mut settled = world.engine.settled_calls();
    world.engine.work_awaited().await.unwrap();
    assert_eq!(settled.recv().await.unwrap().run, Some(run));
}

#[tokio::test]
async fn an_answer_that_is_an_error_is_one_to_the_script() {
    let world = World::new().await;
    let source = r#"try { invokeConnector("render.pdf", {}); } catch (e) { info e.code + " " + e.who; }"#;
    let (run, _) = parked(&world.run(source).await);
    world.brings(r#"{"job":7,"error":"empty"}"#).await.unwrap();
    let end = world.engine.resume(&world.org, &run, &mut Unobserved).await.unwrap();
    assert_eq!(end.run.output, ["no_ink provider"]);
}

#[tokio::test]
async fn a_script_can_catch_that_no_answer_came_in_time() {
    let world = World::new().await;
    let source =
        r#"try { invokeConnector("render.pdf", {}); } catch (e) { info e.code + ": " + e.message; }"#;
    let (run, call) = parked(&world.run(source).await);
    world.clock.0.fetch_add(599_000, Ordering::SeqCst);
    world.engine.work_awaited().await.unwrap();
    parked(&world.engine.resume(&world.org, &run, &mut Unobserved).await.unwrap());
    world.clock.0.fetch_add(2_000, Ordering::SeqCst);
    let late = world.brings(r#"{"job":7,"url":"u"}"#).await.unwrap_err();
    assert_eq!(late.reason, Reason::NotFound);
    let mut settled = world.engine.settled_calls();
    world.engine.work_awaited().await.unwrap();
    assert_eq!(settled.recv().await.unwrap().run, Some(run.clone()));
    let end = world.engine.resume(&world.org, &run, &mut Unobserved).await.unwrap();
    assert_eq!(end.run.output, ["timeout: render.pdf: the service has brought no answer within 600 s"]);
    let stands = world.engine.handed_over_call(&world.org, &call).await.unwrap();
    assert!(matches!(&stands.state, DeliveryState::Failed { code, .. } if code == "timeout"), "{stands:?}");
    // A week later nothing is left of it.
    world.clock.0.fetch_add(8 * 86_400_000, Ordering::SeqCst);
    world.engine.work_awaited().await.unwrap();
    let gone = world.engine.handed_over_call(&world.org, &call).await.unwrap_err();
    assert_eq!(gone.reason, Reason::NotFound);
}

#[tokio::test]
async fn a_signature_is_that_of_the_connections_key() {
    let world = World::new().await;
    let (run, _) = parked(&world.run(r#"info invokeConnector("render.signed", {}).get("response");"#).await);
    // RFC 4231, test case 2.
    let body = "what do ya want for nothing?";
    let right = "sha256=5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843";
    let brings = |signature: Option<&'static str>, body: &'static str| {
        let mut request = posted(body);
        if let Some(signature) = signature {
            request.headers.insert("x-signature", signature.parse().unwrap());
        }
        let (engine, token) = (world.engine.clone(), world.token());
        async move { engine.receive_callback(&token, &request).await.map_err(|failure| failure.reason) }
    };
    for (signature, body) in [(None, body), (Some("sha256=00"), body), (Some(right), "something else")] {
        assert_eq!(brings(signature, body).await, Err(Reason::Denied));
    }
    parked(&world.engine.resume(&world.org, &run, &mut Unobserved).await.unwrap());
    assert_eq!(brings(Some(right), body).await, Ok(()));
    let end = world.engine.resume(&world.org, &run, &mut Unobserved).await.unwrap();
    assert_eq!(end.run.output, [body]);
}

#[tokio::test]
async fn an_address_is_good_for_its_own_call_and_method_and_nothing_else() {
    let world = World::new().await;
    parked(&world.run(PDF).await);
    let other = world.brings(r#"{"job":8,"url":"u"}"#).await.unwrap_err();
    assert_eq!(other.reason, Reason::Conflict, "{other}");
    let got = BroughtRequest { method: Method::GET, ..posted("") };
    let refused = world.engine.receive_callback(&world.token(), &got).await.unwrap_err();
    assert_eq!(refused.reason, Reason::NotFound);
    for wrong in ["", "x", &format!("{}x", world.token()), &"x".repeat(10_000)] {
        let refused = world.engine.receive_callback(wrong, &posted("{}")).await.unwrap_err();
        assert_eq!(refused.reason, Reason::NotFound);
    }
}

#[tokio::test]
async fn what_a_service_brings_before_its_first_answer_is_compared_with_it() {
    let world = World::new().await;
    let end = world.run(r#"info invokeConnector("render.fast", {}).get("response");"#).await;
    assert_eq!(end.run.output, ["u"], "{:?}", end.run.status);
}

#[tokio::test]
async fn an_answer_that_comes_at_once_is_the_answer_and_its_address_ends() {
    let world = World::new().await;
    let end = world.run(r#"info invokeConnector("render.at_once", {}).get("status_code");"#).await;
    assert_eq!(end.run.output, ["200"]);
    assert_eq!(world.brings("{}").await.unwrap_err().reason, Reason::NotFound);
}

#[tokio::test]
async fn a_query_is_read_as_a_form_where_the_service_only_gets() {
    let world = World::new().await;
    let (run, _) = parked(&world.run(r#"info invokeConnector("render.query", {}).get("response");"#).await);
    let request =
        BroughtRequest { method: Method::GET, query: "state=delivered+now&id=7".into(), ..posted("") };
    world.engine.receive_callback(&world.token(), &request).await.unwrap();
    let end = world.engine.resume(&world.org, &run, &mut Unobserved).await.unwrap();
    assert_eq!(end.run.output, ["delivered now"]);
}

#[tokio::test]
async fn whoever_does_not_wait_gets_an_id_and_asks_with_it() {
    let world = World::new().await;
    let end = world.run(r#"info invokeConnector("render.pdf", {}, {"wait": false}).get("accepted");"#).await;
    assert_eq!((end.run.output.as_slice(), world.sent()), (["true".to_owned()].as_slice(), 1));
    let api = "render.pdf".parse().unwrap();
    let (data, through) = (Default::default(), Through::default());
    let call = world.engine.invoke_through(&world.org, &api, &data, &through);
    let id = call.await.unwrap().accepted.unwrap();
    let stands = async || world.engine.handed_over_call(&world.org, &id).await.unwrap().state;
    assert_eq!(stands().await, DeliveryState::AwaitingCallback);
    world.brings(r#"{"job":7,"url":"u"}"#).await.unwrap();
    assert_eq!(stands().await, DeliveryState::Answered { status: 200, response: Some(json!("u")) });
    assert_eq!(world.engine.handed_over(&world.org).await.unwrap().len(), 2);
}

#[tokio::test]
async fn a_run_that_is_run_again_does_not_send_what_was_answered() {
    let world = World::new().await;
    let source = r#"info invokeConnector("render.pdf", {}).get("response"); half = 1 / 0;"#;
    let (run, _) = parked(&world.run(source).await);
    world.brings(r#"{"job":7,"url":"u"}"#).await.unwrap();
    let end = world.engine.resume(&world.org, &run, &mut Unobserved).await.unwrap();
    assert!(matches!(end.run.status, RunStatus::Failed { .. }), "{:?}", end.run.status);
    let end = world.engine.run_again(&world.org, &run, &mut Unobserved).await.unwrap();
    assert_eq!((end.run.output.as_slice(), world.sent()), (["u".to_owned()].as_slice(), 1));
}

#[tokio::test]
async fn what_could_not_be_brought_or_waited_for_is_refused_before_anything_is_sent() {
    let world = World::new().await;
    let told = r#"try { invokeConnector("render.far", {}); } catch (e) { info e.message; }"#;
    let end = world.run(told).await;
    assert!(end.run.output[0].contains("nobody reaches `127.0.0.1` from outside"), "{:?}", end.run.output);
    let function = r#"invokeConnector("render.pdf", {}); return 1;"#;
    world
        .engine
        .store_function(&world.org, &"inner".parse().unwrap(), function.to_owned(), Vec::new())
        .await
        .unwrap();
    let end = world.run(r#"try { x = inner(); } catch (e) { info e.message; }"#).await;
    assert!(end.run.output[0].contains("only the script of a run itself can wait"), "{:?}", end.run.output);
    assert_eq!(world.sent(), 0);
}

#[tokio::test]
async fn the_secret_of_an_address_stands_in_no_record() {
    let world = World::new().await;
    let (run, _) = parked(&world.run(PDF).await);
    let secret = world.token();
    world.brings(&json!({"job": 7, "url": format!("echo {secret} canary-token")}).to_string()).await.unwrap();
    let end = world.engine.resume(&world.org, &run, &mut Unobserved).await.unwrap();
    assert_eq!(end.run.output, ["kept 200 echo *** ***"]);
    let told = format!("{:?}{:?}", end.run, world.engine.handed_over(&world.org).await.unwrap());
    assert!(!told.contains(&secret) && !told.contains("canary-token"), "{told}");
    assert_eq!(end.run.calls.len(), 2, "the request, and what was brought");
}
