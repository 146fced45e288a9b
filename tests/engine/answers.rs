//! What a connector says that answers mean: values, typed errors, answers that come later, pick lists.

use axum::extract::{Query, State};
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Response};
use axum::routing::{any, get};
use axum::{Json, Router};
use serde_json::{Value, json};
use sluis_engine::{
    CallOptions, Engine, EngineBuilder, EntryPoint, Opened, RunEnd, RunRequest, Through, Unobserved,
    WantedOptions,
};
use sluis_invoke::{EgressPolicy, HostPort, Transport};
use sluis_model::id::OrgId;
use sluis_vault::{KeyRing, SystemRandomness, Vault};
use std::collections::BTreeMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

const KEY: &str = "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=";

struct World {
    engine: Engine,
    org: OrgId,
    /// How often the report was asked for.
    asked: Arc<AtomicU32>,
}

/// A chat that hides its errors in answers with status 200, and makes reports that take a while.
async fn service(asked: Arc<AtomicU32>) -> String {
    let router = Router::new()
        .route("/channels", get(channels))
        .route("/post", any(post))
        .route("/table", get(|| async { ([("content-type", "text/csv")], "id,name\n1,\"A, B\"\n") }))
        .route("/pets", get(pets))
        .route("/broken", get(|| async { (StatusCode::BAD_GATEWAY, "<html>oops") }))
        .route("/reports", any(|| async { (StatusCode::ACCEPTED, [("location", "/reports/7")], "") }))
        .route("/reports/7", get(report))
        .route(
            "/away",
            any(|| async { (StatusCode::ACCEPTED, [("location", "https://elsewhere.example/x")], "") }),
        )
        .with_state(asked);
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let host = listener.local_addr().unwrap().to_string();
    tokio::spawn(async move { axum::serve(listener, router).await });
    host
}

async fn channels(Query(query): Query<BTreeMap<String, String>>) -> Json<Value> {
    let wanted = query.get("q").cloned().unwrap_or_default();
    let all = [("C1", "general"), ("C2", "random")];
    let found = all.into_iter().filter(|(_, name)| name.contains(&wanted));
    Json(
        json!({ "ok": true, "channels": found.map(|(id, name)| json!({"id": id, "name": name})).collect::<Vec<_>>() }),
    )
}

async fn post(headers: HeaderMap, body: String) -> Response {
    let body: Value = serde_json::from_str(&body).unwrap();
    assert!(headers.contains_key("content-type"));
    match body["channel"].as_str() {
        Some("C1") => Json(json!({ "ok": true, "ts": body["count"] })).into_response(),
        Some("C2") => Json(json!({ "ok": false, "error": "is_archived" })).into_response(),
        _ => (StatusCode::TOO_MANY_REQUESTS, Json(json!({ "message": "slow down" }))).into_response(),
    }
}

/// Pets in XML, as many as are wanted, and another animal beside them.
async fn pets(Query(query): Query<BTreeMap<String, String>>) -> Response {
    let pets = ["Rex", "Tom"].into_iter().take(query["n"].parse().unwrap_or_default());
    let pets: String = pets.map(|name| format!("<pet id=\"1\"><name>{name}</name></pet>")).collect();
    let wild = if query["n"] == "2" { "<pet wild=\"yes\"/>" } else { "" };
    let body = match query["n"].as_str() {
        "9" => "<error>too_many</error>".to_owned(),
        _ => format!("<pets>{pets}{wild}</pets>"),
    };
    ([("content-type", "application/xml")], body).into_response()
}

async fn report(State(asked): State<Arc<AtomicU32>>) -> Response {
    match asked.fetch_add(1, Ordering::SeqCst) {
        0 => (StatusCode::ACCEPTED, [("retry-after", "1")], "").into_response(),
        _ => Json(json!({ "rows": [1, 2] })).into_response(),
    }
}

const FILE: &str = r#"
sluis: 1
namespace: chat
service: { name: Chat }
auth: { scheme: none }
hosts: ["HOST"]
error_when: text.startsWith("<error>")
errors:
  - { when: 'text.contains("too_many")', code: too_many, who: author }
  - { when: [502, 429], code: trouble, who: provider, retry: true }
apis:
  pets:
    method: GET
    url: http://HOST/pets
    query: { n: "${Count}" }
    answer:
      as: xml
      result: body.get("pets").get("pet")
      each:
        when: item.get("@wild") == null
        value: { name: item.get("name"), of: inputs.get("Count"), odd: item.get("name").get("x").get("y") }
  channels:
    method: GET
    url: http://HOST/channels
    query: { q: "${Query}" }
    inputs: { Query: { type: text, required: false } }
    answer: { result: body.get("channels") }
  post:
    method: POST
    url: http://HOST/post
    body: { json: { channel: "${Channel}", count: "${Count}" } }
    inputs:
      Channel: { type: text, options_from: { api: channels, value: id, label: name, search: Query } }
      Count: { type: number, max: 10, default: 1 }
      Mood: { type: text, enum: [glad, sad], required: false }
    headers: { X-Mood: "${Mood}" }
    answer: { result: "body.get(\"ts\")", error_when: body.get("ok") == false }
    errors:
      - when: 429
        code: rate_limited
        who: provider
        retry: body.get("nothing").get("there")
      - code: refused
        message: Chat says ${body.get("error")} of ${inputs.get("Channel")}
        who: author
  table: { method: GET, url: "http://HOST/table", answer: {} }
  broken: { method: GET, url: "http://HOST/broken", answer: { as: json, result: body.get("a") } }
  report: { method: POST, url: "http://HOST/reports", async: { poll: { every_s: 1, result: body.get("rows") } } }
  away: { method: POST, url: "http://HOST/away", async: { poll: { every_s: 1 } } }
"#;

async fn world() -> World {
    let asked = Arc::new(AtomicU32::new(0));
    let host = service(asked.clone()).await;
    let store = sluis_store::open_in_memory().await.unwrap();
    let ring = KeyRing::from_text(KEY, "the test").unwrap();
    let vault = Arc::new(Vault::new(ring, Arc::new(SystemRandomness)));
    let policy = EgressPolicy::allowing(vec![HostPort::parse(&host).unwrap()]);
    let engine = EngineBuilder::new(
        Arc::new(Opened { store, vault }),
        Arc::new(Transport::new(policy)),
        "http://127.0.0.1:1".parse().unwrap(),
    )
    .build();
    let org: OrgId = "acme".parse().unwrap();
    engine.ensure_org(&org).await.unwrap();
    let text = FILE.replace("HOST", &host);
    let definition = sluis_definition::read("chat.yaml", &text, &|_| Err("no files".into()))
        .unwrap_or_else(|problems| panic!("{problems:#?}"));
    engine.release(definition, Default::default()).await.unwrap();
    World { engine, org, asked }
}

impl World {
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

    async fn prints(&self, source: &str) -> Vec<String> {
        let end = self.run(source).await;
        assert!(!end.run.output.is_empty(), "{:?}", end.run.status);
        end.run.output
    }
}

/// A script that tells what it caught.
fn caught(call: &str) -> String {
    format!(
        "try {{ info {call}; }} catch (e) {{ info e.code + \"|\" + e.message; info e.status_code; info e.response; info \
         e.who; info e.retry; }}"
    )
}

#[tokio::test]
async fn a_mapped_answer_is_a_value_and_its_inputs_are_turned_into_what_they_take() {
    let world = world().await;
    let sent = r#"invokeConnector("chat.post", {"Channel": "C1", "Count": "7"})"#;
    assert_eq!(world.prints(&format!("info {sent}.get(\"response\") + 1;")).await, ["8"]);
    let table = r#"info invokeConnector("chat.table", {}).get("response").get(0).get("name");"#;
    assert_eq!(world.prints(table).await, ["A, B"]);
}

#[tokio::test]
async fn an_error_hidden_in_a_200_is_caught_with_its_name_and_its_answer() {
    let world = world().await;
    let told = world.prints(&caught(r#"invokeConnector("chat.post", {"Channel": "C2"})"#)).await;
    assert_eq!(told[0], "refused|chat.post: Chat says is_archived of C2");
    assert_eq!(told[1..], ["200", r#"{"ok":false,"error":"is_archived"}"#, "author", "false"]);
}

#[tokio::test]
async fn an_expression_that_fails_hides_no_answer() {
    let world = world().await;
    let told = world.prints(&caught(r#"invokeConnector("chat.post", {"Channel": "C3"})"#)).await;
    assert_eq!(told[0], "rate_limited|chat.post: the service answered 429: slow down");
    assert_eq!(told[4], "false");
    let end = world.run(&caught(r#"invokeConnector("chat.post", {"Channel": "C3"})"#)).await;
    let note = end.run.calls[0].note.clone().unwrap();
    assert!(note.contains("`errors[0].retry` failed at 1:"), "{note}");
}

#[tokio::test]
async fn what_is_said_of_all_apis_holds_where_an_api_says_nothing_of_its_own() {
    let world = world().await;
    let told = world.prints(&caught(r#"invokeConnector("chat.broken", {})"#)).await;
    assert_eq!(told[0], "trouble|chat.broken: the service answered 502");
    assert_eq!((told[3].as_str(), told[4].as_str()), ("provider", "true"));
    let told = world.prints(&caught(r#"invokeConnector("chat.pets", {"Count": 9})"#)).await;
    assert!(told[0].starts_with("too_many|") && told[1] == "200", "an answer that hides its error: {told:?}");
    // Its own rule for 429 comes first.
    let told = world.prints(&caught(r#"invokeConnector("chat.post", {"Channel": "C3"})"#)).await;
    assert!(told[0].starts_with("rate_limited|"), "{told:?}");
}

#[tokio::test]
async fn entries_of_an_answer_become_plain_maps_whether_there_are_none_one_or_many() {
    let world = world().await;
    let names = |count: u8| {
        format!(
            "for each pet in invokeConnector(\"chat.pets\", {{\"Count\": {count}}}).get(\"response\") {{ info \
             pet; }} info \"end\";"
        )
    };
    assert_eq!(world.prints(&names(0)).await, ["end"]);
    let rex = r#"{"name":"Rex","of":1,"odd":null}"#;
    assert_eq!(world.prints(&names(1)).await, [rex, "end"]);
    let many = world.run(&names(2)).await;
    assert_eq!(many.run.output.len(), 3, "the wild one does not count: {:?}", many.run.output);
    let note = many.run.calls[0].note.clone().unwrap_or_default();
    assert_eq!(note.matches("answer.each.value.odd").count(), 1, "told once: {note}");
}

#[tokio::test]
async fn values_that_do_not_fit_are_refused_before_anything_is_sent() {
    let world = world().await;
    let end = world
        .run(
            r#"try { invokeConnector("chat.post", {"Channel": "C1", "Count": 11, "Mood": "gald"}); }
               catch (e) { info e.code + "|" + e.message; }"#,
        )
        .await;
    let told = &end.run.output[0];
    assert!(told.contains("`Count` of chat.post must be at most 10, but is `11`"), "{told}");
    assert!(told.contains("`Mood` of chat.post must be one of `\"glad\"`, `\"sad\"`"), "{told}");
    assert!(told.starts_with("invalid_input|") && end.run.calls.is_empty(), "{told}");
}

#[tokio::test]
async fn an_answer_that_comes_later_is_asked_for_on_declared_hosts() {
    let world = world().await;
    let report = r#"info invokeConnector("chat.report", {}).get("response");"#;
    assert_eq!(world.prints(report).await, ["1,2"]);
    let away = r#"try { invokeConnector("chat.away", {}); } catch (e) { info e.message; }"#;
    let told = world.prints(away).await;
    assert!(told[0].contains("`elsewhere.example`, which the connector does not declare"), "{told:?}");
}

#[tokio::test]
async fn a_run_that_is_run_again_does_not_ask_for_an_answer_that_it_had() {
    let world = world().await;
    let script = r#"info invokeConnector("chat.report", {}).get("response");
                    invokeConnector("chat.post", {"Channel": "C2"});"#;
    let end = world.run(script).await;
    assert_eq!(
        (end.run.output.as_slice(), world.asked.load(Ordering::SeqCst)),
        (["1,2".to_owned()].as_slice(), 2)
    );
    let end = world.engine.run_again(&world.org, &end.run.id, &mut Unobserved).await.unwrap();
    assert_eq!(
        (end.run.output.as_slice(), world.asked.load(Ordering::SeqCst)),
        (["1,2".to_owned()].as_slice(), 2)
    );
}

#[tokio::test]
async fn an_answer_that_comes_later_is_asked_for_within_the_time_of_the_call() {
    let world = world().await;
    let options = CallOptions { timeout: Some(Duration::from_millis(900)), ..CallOptions::default() };
    let api = "chat.report".parse().unwrap();
    let (data, through) = (Default::default(), Through::default());
    let call = world.engine.invoke_with(&world.org, &api, &data, &through, &options);
    let failure = call.await.unwrap_err();
    assert_eq!(failure.message, "chat.report: no answer came within 0.9 s");
    assert!(failure.help.unwrap().contains("the option `timeout`"));
    assert_eq!(world.asked.load(Ordering::SeqCst), 0);
}

#[tokio::test]
async fn a_pick_list_is_fed_by_another_api_or_by_its_choices() {
    let world = world().await;
    let api = "chat.post".parse().unwrap();
    let through = Through::default();
    let options = |input: &'static str, search: Option<&'static str>| {
        let (world, api, through) = (&world, &api, &through);
        async move {
            let wanted = WantedOptions { search, ..WantedOptions::default() };
            world.engine.pick_options(&world.org, api, input, &wanted, through).await
        }
    };
    let found = options("Channel", Some("gen")).await.unwrap();
    assert_eq!(serde_json::to_value(found).unwrap(), json!([{"value": "C1", "label": "general"}]));
    assert_eq!(options("Channel", None).await.unwrap().len(), 2);
    assert_eq!(options("Mood", Some("SA")).await.unwrap()[0].label, "sad");
    assert!(options("Chanel", None).await.unwrap_err().help.unwrap().contains("`Channel`"));
    assert!(options("Count", None).await.unwrap_err().message.contains("nothing lists"));
}
