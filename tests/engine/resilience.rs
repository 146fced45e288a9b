//! Calls that are made again, wait for their turn or are refused: with a real server that fails as told,
//! and time that jumps where a call would wait.

use async_trait::async_trait;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode};
use serde_json::{Value, json};
use sluis_engine::{Engine, EngineBuilder, EntryPoint, Opened, RunEnd, RunRequest, RunRules, Through};
use sluis_invoke::{EgressPolicy, Http, Timer, Transport};
use sluis_model::id::OrgId;
use sluis_model::ports::Clock;
use sluis_model::run::RunStatus;
use sluis_model::time::Timestamp;
use sluis_store::Store;
use sluis_vault::{KeySource, SystemRandomness, Vault};
use std::collections::VecDeque;
use std::path::Path;
use std::sync::atomic::{AtomicI64, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;
use url::Url;

/// Time that jumps ahead where somebody waits.
pub struct Jumping {
    now: AtomicI64,
    pauses: Mutex<Vec<u64>>,
}

impl Jumping {
    /// Begins on a day in 2026.
    pub fn new() -> Arc<Self> {
        Arc::new(Self { now: AtomicI64::new(1_795_392_000_000), pauses: Mutex::default() })
    }

    /// Lets time pass.
    pub fn advance(&self, seconds: i64) {
        self.now.fetch_add(seconds * 1000, Ordering::SeqCst);
    }

    /// What was waited so far, in milliseconds.
    pub fn waited(&self) -> Vec<u64> {
        self.pauses.lock().unwrap().clone()
    }
}

impl Clock for Jumping {
    fn now(&self) -> Timestamp {
        Timestamp(self.now.load(Ordering::SeqCst))
    }
}

#[async_trait]
impl Timer for Jumping {
    async fn sleep(&self, pause: Duration) {
        let millis = u64::try_from(pause.as_millis()).unwrap();
        self.now.fetch_add(i64::try_from(millis).unwrap(), Ordering::SeqCst);
        self.pauses.lock().unwrap().push(millis);
    }
}

/// One answer: status, headers, body.
pub type Planned = (u16, &'static [(&'static str, &'static str)], &'static str);

/// What a service does and has seen.
#[derive(Default)]
pub struct Plan {
    answers: Mutex<VecDeque<Planned>>,
    /// For requests of one method only.
    to: Mutex<Vec<(&'static str, Planned)>>,
    seen: Mutex<Vec<(HeaderMap, String)>>,
}

impl Plan {
    /// Answers these in order, then 200 with `{"ok":true}`.
    pub fn answer(&self, answers: &[Planned]) {
        self.answers.lock().unwrap().extend(answers);
    }

    /// Answers these to requests of this method first.
    pub fn answer_to(&self, method: &'static str, answers: &[Planned]) {
        self.to.lock().unwrap().extend(answers.iter().map(|answer| (method, *answer)));
    }

    fn next(&self, method: &str) -> Planned {
        let mut to = self.to.lock().unwrap();
        if let Some(at) = to.iter().position(|(wanted, _)| *wanted == method) {
            return to.remove(at).1;
        }
        self.answers.lock().unwrap().pop_front().unwrap_or((200, &[], "{\"ok\":true}"))
    }

    /// How many requests came.
    pub fn count(&self) -> usize {
        self.seen.lock().unwrap().len()
    }

    /// The body of each write.
    pub fn bodies(&self) -> Vec<Value> {
        let seen = self.seen.lock().unwrap();
        seen.iter().filter_map(|(_, body)| serde_json::from_str(body).ok()).collect()
    }

    /// A header of each request.
    pub fn headers(&self, name: &str) -> Vec<String> {
        let seen = self.seen.lock().unwrap();
        let text = |value: &axum::http::HeaderValue| value.to_str().unwrap().to_owned();
        seen.iter().map(|(headers, _)| headers.get(name).map(text).unwrap_or_default()).collect()
    }
}

async fn serve(
    State(plan): State<Arc<Plan>>,
    method: axum::http::Method,
    headers: HeaderMap,
    body: String,
) -> impl axum::response::IntoResponse {
    plan.seen.lock().unwrap().push((headers, body));
    let (status, headers, body) = plan.next(method.as_str());
    let mut map = HeaderMap::new();
    for (name, value) in headers {
        map.insert(*name, value.parse().unwrap());
    }
    (StatusCode::from_u16(status).unwrap(), map, body)
}

/// An engine, a service, and a connector `pets` for it.
pub struct World {
    pub engine: Engine,
    pub time: Arc<Jumping>,
    pub plan: Arc<Plan>,
    pub org: OrgId,
    pub store: Arc<dyn Store>,
    _folder: tempfile::TempDir,
}

impl World {
    /// A connector with these further fields, and these in its API `make`, which writes; `get` reads.
    pub async fn new(shared: Value, apis: Value) -> Self {
        let transport = Transport::new(EgressPolicy::opening(&["127.0.0.0/8"]).unwrap());
        Self::sending(shared, apis, Arc::new(transport)).await
    }

    /// The same with another transport.
    pub async fn sending(shared: Value, apis: Value, http: Arc<dyn Http>) -> Self {
        Self::ruled(shared, apis, http, RunRules::default()).await
    }

    /// The same with other times of runs.
    pub async fn ruled(shared: Value, apis: Value, http: Arc<dyn Http>, rules: RunRules) -> Self {
        let plan = Arc::new(Plan::default());
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let app = axum::Router::new().fallback(serve).with_state(plan.clone());
        tokio::spawn(async move { axum::serve(listener, app).await.unwrap() });
        let folder = tempfile::tempdir().unwrap();
        let time = Jumping::new();
        let (engine, store) = ruled(folder.path(), &time, http, rules).await;
        let org: OrgId = "acme".parse().unwrap();
        engine.ensure_org(&org).await.unwrap();
        let mut definition = json!({
            "sluis": 1, "namespace": "pets", "service": {"name": "Pets"}, "auth": {"scheme": "none"},
            "hosts": [address.to_string()],
            "apis": {
                "get": {"method": "GET", "url": format!("http://{address}/pets"), "effect": "read"},
                "make": {"method": "POST", "url": format!("http://{address}/pets"), "body": {"json": {"name": "${name}"}}},
            },
        });
        merge(&mut definition, shared);
        merge(&mut definition["apis"]["make"], apis);
        engine.release(serde_json::from_value(definition).unwrap(), Default::default()).await.unwrap();
        Self { engine, time, plan, org, store, _folder: folder }
    }

    /// Runs a script that is kept.
    pub async fn run(&self, source: &str) -> RunEnd {
        self.engine.run(self.request(source), &mut sluis_engine::Unobserved).await.unwrap()
    }

    /// A run of a script that is kept.
    pub fn request(&self, source: &str) -> RunRequest {
        RunRequest {
            org: self.org.clone(),
            user: None,
            label: "test.dg".to_owned(),
            function: None,
            source: source.to_owned(),
            entry: EntryPoint::Default,
            args: Vec::new(),
            keep: true,
        }
    }
}

/// An engine on the store in a folder.
pub async fn engine(folder: &Path, time: &Arc<Jumping>, http: Arc<dyn Http>) -> Engine {
    ruled(folder, time, http, RunRules::default()).await.0
}

/// The same with other times of runs, and its store.
async fn ruled(
    folder: &Path,
    time: &Arc<Jumping>,
    http: Arc<dyn Http>,
    rules: RunRules,
) -> (Engine, Arc<dyn Store>) {
    let store = sluis_store::open(&folder.join("sluis.redb")).await.unwrap();
    let key = KeySource::File(folder.join("master.key"));
    let (vault, _) = Vault::unlock(store.as_ref(), &key, Arc::new(SystemRandomness)).await.unwrap();
    let opened = Opened { store: store.clone(), vault: Arc::new(vault) };
    let public_url = Url::parse("http://127.0.0.1:8080").unwrap();
    let builder = EngineBuilder::new(Arc::new(opened), http, public_url);
    (builder.clock(time.clone()).timer(time.clone()).run_rules(rules).build(), store)
}

fn merge(into: &mut Value, more: Value) {
    if let (Value::Object(into), Value::Object(more)) = (into, more) {
        into.extend(more);
    }
}

/// What a run that ended well has given.
pub fn value(end: &RunEnd) -> String {
    match &end.run.status {
        RunStatus::Done { value } => value.clone(),
        other => panic!("{other:?}"),
    }
}

/// Reason and message of a run that failed.
pub fn fault(end: &RunEnd) -> (String, String) {
    match &end.run.status {
        RunStatus::Failed { reason, message, .. } => (reason.clone().unwrap_or_default(), message.clone()),
        other => panic!("{other:?}"),
    }
}

const GET: &str = r#"return invokeConnector("pets.get", {}).get("status_code");"#;
const MAKE: &str = r#"return invokeConnector("pets.make", {"name": "Rex"}).get("status_code");"#;
const STEADY: &str = r#"{"jitter": "none"}"#;

fn steady() -> Value {
    json!({"retry": serde_json::from_str::<Value>(STEADY).unwrap()})
}

#[tokio::test]
async fn a_read_is_tried_again_with_growing_pauses_and_each_try_is_recorded() {
    let world = World::new(steady(), json!({})).await;
    world.plan.answer(&[(503, &[], "busy"), (500, &[], "oh")]);
    let end = world.run(GET).await;
    assert_eq!((value(&end).as_str(), world.plan.count()), ("200", 3));
    assert_eq!(world.time.waited(), [500, 1000]);
    let [call] = end.run.calls.as_slice() else { panic!("{:?}", end.run.calls) };
    let tries: Vec<_> = call.wire.attempts.iter().map(|one| (one.status.unwrap(), one.waited_ms)).collect();
    assert_eq!(tries, [(503, 0), (500, 500), (200, 1000)]);
    assert_eq!(call.wire.bytes_received, 4 + 2 + 11);
}

#[tokio::test]
async fn without_a_rule_nothing_is_repeated() {
    let world = World::new(json!({}), json!({})).await;
    world.plan.answer(&[(503, &[], "")]);
    assert_eq!((value(&world.run(GET).await).as_str(), world.plan.count()), ("503", 1));
}

#[tokio::test]
async fn a_write_without_a_key_is_repeated_only_where_it_was_refused() {
    let world = World::new(steady(), json!({})).await;
    world.plan.answer(&[(503, &[], "")]);
    assert_eq!((value(&world.run(MAKE).await).as_str(), world.plan.count()), ("503", 1));
    world.plan.answer(&[(429, &[("retry-after", "7")], "")]);
    assert_eq!((value(&world.run(MAKE).await).as_str(), world.plan.count()), ("200", 3));
    assert_eq!(world.time.waited().iter().sum::<u64>(), 7050);
}

#[tokio::test]
async fn a_wait_that_does_not_fit_is_an_honest_failure_and_holds_for_the_next_call() {
    let world = World::new(steady(), json!({})).await;
    world.plan.answer(&[(429, &[("retry-after", "43")], "")]);
    let (reason, message) = fault(&world.run(GET).await);
    assert_eq!(reason, "rate_limited");
    assert!(message.contains("would wait 43 s"), "{message}");
    world.time.advance(3);
    let (_, message) = fault(&world.run(GET).await);
    assert!(message.contains("would wait 40 s"), "{message}");
    assert_eq!(world.plan.count(), 1);
    // With more time the call waits for its turn.
    let patient = r#"return invokeConnector("pets.get", {}, {"timeout": 60}).get("status_code");"#;
    let end = world.run(patient).await;
    assert_eq!(value(&end), "200");
    assert_eq!(end.run.calls[0].wire.queued_ms, 40_000);
}

#[tokio::test]
async fn one_call_may_want_it_otherwise() {
    let world = World::new(steady(), json!({})).await;
    world.plan.answer(&[(503, &[], "")]);
    let once = r#"return invokeConnector("pets.get", {}, {"retry": 0}).get("status_code");"#;
    assert_eq!((value(&world.run(once).await).as_str(), world.plan.count()), ("503", 1));
    world.plan.answer(&[(418, &[], "")]);
    let odd = r#"return invokeConnector("pets.get", {}, {"retry": {"on": [418]}}).get("status_code");"#;
    assert_eq!((value(&world.run(odd).await).as_str(), world.plan.count()), ("200", 3));
    let (reason, message) = fault(&world.run(r#"invokeConnector("pets.get", {}, {"retires": 2});"#).await);
    assert_eq!(reason, "invalid_input");
    assert!(message.contains("retires"), "{message}");
}

#[tokio::test]
async fn a_declared_budget_is_kept_and_can_be_read() {
    let world = World::new(json!({"rate": {"requests": 2, "per_s": 60}}), json!({})).await;
    let script = r#"
        invokeConnector("pets.get", {});
        left = budget("pets.get");
        return left.get("remaining") + " of " + left.get("limit") + " by " + left.get("learned_from");"#;
    assert_eq!(value(&world.run(script).await), "\"1 of 2 by definition\"");
    world.run(GET).await;
    let (reason, message) = fault(&world.run(GET).await);
    assert_eq!(reason, "rate_limited");
    assert!(message.contains("would wait 60 s"), "{message}");
    let through = Through::default();
    let budget = world.engine.budget(&world.org, &"pets.get".parse().unwrap(), &through).await.unwrap();
    assert_eq!((budget.remaining, budget.resets_in), (Some(0), Some(60)));
}

#[tokio::test]
async fn a_budget_that_answers_tell_of_is_learnt() {
    let world = World::new(json!({}), json!({})).await;
    let headers: &[(&str, &str)] =
        &[("x-ratelimit-limit", "5"), ("x-ratelimit-remaining", "0"), ("x-ratelimit-reset", "90")];
    world.plan.answer(&[(200, headers, "{}")]);
    assert_eq!(value(&world.run(GET).await), "200");
    let (_, message) = fault(&world.run(GET).await);
    assert!(message.contains("would wait 90 s"), "{message}");
    let told = world.run(r#"return budget("pets.get");"#).await;
    let told: Value = serde_json::from_str(&value(&told)).unwrap();
    let expected = json!({
        "remaining": 0, "limit": 5, "resets_in": 90, "waiting": 0, "learned_from": "x-ratelimit-remaining",
    });
    assert_eq!(told, expected);
}

#[tokio::test]
async fn a_host_that_fails_again_and_again_is_left_alone_for_a_while() {
    let world = World::new(json!({}), json!({})).await;
    let busy: Planned = (503, &[], "");
    world.plan.answer(&[busy; 5]);
    for _ in 0..5 {
        world.run(GET).await;
    }
    let (reason, message) = fault(&world.run(GET).await);
    assert_eq!(reason, "circuit_open");
    assert!(message.contains("tried again in 10 s"), "{message}");
    assert_eq!(world.plan.count(), 5);
    world.time.advance(10);
    assert_eq!(value(&world.run(GET).await), "200");
    assert_eq!(value(&world.run(GET).await), "200");
}
