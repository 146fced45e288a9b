//! A service that answers in all ways that matter, its connector, and the part of a backend that is
//! called back.

use super::backend::Backend;
use crate::world::{TOKEN, World};
use axum::Router;
use axum::body::Bytes;
use axum::extract::{Path, Query, State};
use axum::http::{HeaderMap, StatusCode};
use axum::routing::{any, get, put};
use serde_json::{Value, json};
use sluis_example_provider::Settings;
use std::collections::{BTreeMap, VecDeque};
use std::sync::{Arc, Mutex};
use std::time::Duration;
use tokio::net::TcpListener;
use tokio::sync::{Notify, mpsc};

/// Serves a router on a free port; its host and port.
pub async fn serve(router: Router) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let host = listener.local_addr().unwrap().to_string();
    tokio::spawn(async move { axum::serve(listener, router).await });
    host
}

/// What a called-back backend knows.
#[derive(Clone)]
pub struct Told {
    /// What it answers to the next callbacks; 200 when there is nothing.
    pub answers: Arc<Mutex<VecDeque<u16>>>,
    /// `Authorization` that it demands, if any.
    pub demands: Arc<Mutex<Option<String>>>,
    heard: mpsc::UnboundedSender<(u16, Value)>,
}

/// A server with `probe` released, its service, and a backend with a key that was made for `acme`.
pub struct Stage {
    pub world: World,
    pub backend: Backend,
    pub told: Told,
    /// Status that was answered and body of each callback.
    pub callbacks: mpsc::UnboundedReceiver<(u16, Value)>,
    /// Lets the slow API answer.
    pub go_on: Arc<Notify>,
}

impl Stage {
    pub async fn new() -> Self {
        let go_on = Arc::new(Notify::new());
        let service = serve(service(go_on.clone())).await;
        let (heard, callbacks) = mpsc::unbounded_channel();
        let told = Told { answers: Arc::default(), demands: Arc::default(), heard };
        let own = serve(called_back(told.clone())).await;
        let hosts = [service.clone(), own.clone()];
        let settings = Settings { ask_person: false, ..Settings::default() };
        let world = World::allowing(settings, true, &hosts).await;
        world.set_up().await;
        for file in [probe(&service), arena(&own)] {
            let released = world.post("/api/v1/connectors", json!({ "definition": file })).await;
            assert_eq!(released.status, 200, "{}", released.text);
        }
        let made = world.post("/api/v1/tokens", json!({ "name": "backend", "org": "acme" })).await.json();
        let backend = Backend::new(&world.base, made["secret"].as_str(), &format!("http://{own}"));
        Self { world, backend, told, callbacks, go_on }
    }

    /// Says whom `acme` serves.
    pub async fn allow(&self, settings: Value) {
        let answer = self.world.put("/api/v1/orgs/acme/connector-proxy", settings).await;
        assert_eq!(answer.status, 200, "{}", answer.text);
    }

    /// The same, with this backend.
    pub async fn allow_backend(&self, accepted: &str, connection: Option<&str>) {
        let backend = json!({ "origin": self.backend.own_url, "connection": connection });
        self.allow(json!({ "backends": [backend], "accepted": accepted })).await;
    }

    /// The operator's own key at the address of an org.
    pub fn operator_at(&self, org: &str) -> Backend {
        Backend::new(&format!("{}/proxy/{org}", self.world.base), Some(TOKEN), &self.backend.own_url)
    }
}

impl Stage {
    /// The next callback: what was answered to it, and what it said.
    pub async fn next_callback(&mut self) -> (u16, Value) {
        let next = tokio::time::timeout(Duration::from_secs(20), self.callbacks.recv()).await;
        next.expect("no callback came").unwrap()
    }
}

fn service(go_on: Arc<Notify>) -> Router {
    let typed =
        |kind: &'static str, text: &'static str| any(move || async move { ([("content-type", kind)], text) });
    Router::new()
        .route("/echo", any(|body: Bytes| async move { (StatusCode::CREATED, [("content-type", "application/json")], body) }))
        .route("/text", typed("text/plain; charset=utf-8", "plain words"))
        .route("/channels", typed("application/json", r#"{"list": [{"id": 1, "name": "ops"}, {"id": 2, "name": "hr"}]}"#))
        .route("/list", typed("application/json", "[1, 2]"))
        .route("/lies", typed("application/json", "not json"))
        .route("/empty", any(|| async { StatusCode::NO_CONTENT }))
        .route(
            "/fail/{status}",
            any(|Path(status): Path<u16>| async move {
                (StatusCode::from_u16(status).unwrap(), axum::Json(json!({"why": "because"})))
            }),
        )
        .route(
            "/slow",
            any(move || {
                let go_on = go_on.clone();
                async move {
                    go_on.notified().await;
                    axum::Json(json!({"late": true}))
                }
            }),
        )
}

fn called_back(told: Told) -> Router {
    Router::new()
        .route("/v1.0/tasks/{instance}/{task}/callback", put(callback))
        .route("/v1.0/authentication_callback/{service}/{auth}", get(|| async { "thanks" }))
        .with_state(told)
}

/// As the backend reads it: who, then the body's form, then what it makes of it.
async fn callback(
    State(told): State<Told>,
    Path((instance, _task)): Path<(String, String)>,
    Query(_): Query<BTreeMap<String, String>>,
    headers: HeaderMap,
    body: Bytes,
) -> (StatusCode, axum::Json<Value>) {
    let shown = headers.get("authorization").map(|value| value.to_str().unwrap().to_owned());
    let demanded = told.demands.lock().unwrap().clone();
    let envelope: Value = serde_json::from_slice(&body).unwrap_or_default();
    let has_body = envelope.pointer("/command_response/body").is_some();
    let is_json = headers.get("content-type").is_some_and(|kind| kind == "application/json");
    let (status, answer) = match told.answers.lock().unwrap().pop_front() {
        _ if demanded.is_some() && demanded != shown => (401, json!({"error_code": "not_authenticated"})),
        _ if !is_json || !has_body => (400, json!({"error_code": "invalid_callback_body"})),
        Some(status) => (status, json!({"error_code": "not_now"})),
        None => (200, json!({"ok": true, "status": "completed", "process_instance_id": instance})),
    };
    told.heard.send((status, envelope)).unwrap();
    (StatusCode::from_u16(status).unwrap(), axum::Json(answer))
}

fn probe(host: &str) -> String {
    format!(
        r#"sluis: 1
namespace: probe
service: {{ name: Probe, base_url: "http://{host}" }}
auth: {{ scheme: none }}
hosts: ["{host}"]
apis:
  create:
    method: POST
    url: http://{host}/echo
    body:
      json: {{ name: "${{name}}", count: "${{count}}", urgent: "${{urgent}}", note: "${{note}}", on: "${{on}}", more: "${{more}}" }}
    inputs:
      urgent: {{ type: boolean, required: false }}
      name: {{ type: text, required: true, example: Ada }}
      count: {{ type: number, default: 1 }}
      note: {{ type: map, required: false }}
      on: {{ type: date, required: false }}
  status:
    method: GET
    effect: read
    url: http://{host}/fail/${{code}}
  text: {{ method: GET, effect: read, url: "http://{host}/text" }}
  list: {{ method: GET, effect: read, url: "http://{host}/list" }}
  lies: {{ method: GET, effect: read, url: "http://{host}/lies" }}
  empty: {{ method: GET, effect: read, url: "http://{host}/empty" }}
  pick:
    method: POST
    url: http://{host}/echo
    body: {{ json: {{ channel: "${{channel}}", tone: "${{tone}}", size: "${{size}}" }} }}
    inputs:
      channel: {{ type: text, options_from: {{ api: channels, items: list, value: id, label: name }} }}
      tone: {{ type: text, enum: [calm, cross, glad] }}
      size: {{ type: number, schema: {{ type: integer }} }}
    errors:
      - {{ when: 'body.get("tone") == "cross"', code: too_cross, message: "be kind" }}
  channels:
    method: GET
    effect: read
    url: http://{host}/channels
  slow_read: {{ method: GET, effect: read, url: "http://{host}/slow" }}
  slow: {{ method: POST, url: "http://{host}/slow", timeout_s: 120 }}
  upload:
    method: POST
    url: http://{host}/echo
    body: {{ multipart: {{ title: "${{title}}", file: "${{file}}" }} }}
    inputs: {{ title: {{ type: text }}, file: {{ type: file }} }}
"#
    )
}

fn arena(host: &str) -> String {
    format!(
        r#"sluis: 1
namespace: arena
service: {{ name: The backend, base_url: "http://{host}" }}
auth: {{ scheme: bearer }}
hosts: ["{host}"]
apis:
  status: {{ method: GET, effect: read, url: "http://{host}/v1.0/status" }}
"#
    )
}
