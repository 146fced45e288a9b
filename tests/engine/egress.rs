//! Outgoing requests through the engine: a credential that stays with the origins it was given for,
//! redirects of calls and of `invokeurl`, and what odd JSON becomes.

use crate::harness::Seen;
use serde_json::{Value, json};
use sluis_engine::{Engine, EngineBuilder, EntryPoint, NewConnection, Opened, RunEnd, RunRequest};
use sluis_invoke::{EgressPolicy, Transport};
use sluis_lang::value::data::Data;
use sluis_model::connection::ConnectionKey;
use sluis_model::connector::ConnectorDefinition;
use sluis_model::error::Reason;
use sluis_model::id::{ApiId, Namespace, OrgId};
use sluis_vault::{KeyRing, SystemRandomness, Vault};
use std::sync::{Arc, Mutex};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpListener;

const KEY: &str = "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=";
const SECRET: &str = "canary-api-key";

/// A server that answers by path and keeps what it was sent, in lower case.
struct Server {
    host: String,
    seen: Arc<Mutex<Vec<String>>>,
}

impl Server {
    /// `answer` makes status and location out of the path.
    async fn start(answer: impl Fn(&str) -> (u16, String) + Send + Sync + 'static) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let host = listener.local_addr().unwrap().to_string();
        let seen: Arc<Mutex<Vec<String>>> = Arc::default();
        let kept = seen.clone();
        tokio::spawn(async move {
            while let Ok((mut stream, _)) = listener.accept().await {
                let mut bytes = Vec::new();
                while !bytes.windows(4).any(|window| window == b"\r\n\r\n") {
                    let mut buffer = [0; 4096];
                    match stream.read(&mut buffer).await {
                        Ok(count @ 1..) => bytes.extend_from_slice(&buffer[..count]),
                        _ => break,
                    }
                }
                let request = String::from_utf8_lossy(&bytes).to_lowercase();
                let path = request.split(' ').nth(1).unwrap_or_default();
                let (status, location) = answer(path);
                let location = match location.is_empty() {
                    true => location,
                    false => format!("location: {location}\r\n"),
                };
                let body = format!("at {path}");
                let head = format!("HTTP/1.1 {status} X\r\n{location}content-length: {}\r\n", body.len());
                kept.lock().unwrap().push(request.clone());
                let _ = stream.write_all(format!("{head}connection: close\r\n\r\n{body}").as_bytes()).await;
            }
        });
        Self { host, seen }
    }

    async fn plain() -> Self {
        Self::start(|_| (200, String::new())).await
    }

    fn seen(&self) -> Vec<String> {
        self.seen.lock().unwrap().clone()
    }
}

fn org() -> OrgId {
    "acme".parse().unwrap()
}

fn namespace() -> Namespace {
    "keyed".parse().unwrap()
}

async fn engine() -> Engine {
    let store = sluis_store::open_in_memory().await.unwrap();
    let ring = KeyRing::from_text(KEY, "the test").unwrap();
    let vault = Arc::new(Vault::new(ring, Arc::new(SystemRandomness)));
    let transport = Transport::new(EgressPolicy::opening(&["127.0.0.0/8"]).unwrap());
    let public_url = "http://127.0.0.1:1".parse().unwrap();
    let engine =
        EngineBuilder::new(Arc::new(Opened { store, vault }), Arc::new(transport), public_url).build();
    engine.ensure_org(&org()).await.unwrap();
    engine
}

/// Releases a connector whose API is on one host while it declares several.
async fn release(engine: &Engine, api_at: &str, hosts: &[&str], more: Value) {
    engine.release(definition(api_at, hosts, more), Default::default()).await.unwrap();
}

fn definition(api_at: &str, hosts: &[&str], more: Value) -> ConnectorDefinition {
    let mut api = json!({"method": "GET", "url": format!("http://{api_at}/start"), "effect": "read"});
    api.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
    serde_json::from_value(json!({
        "sluis": 1,
        "namespace": "keyed",
        "service": {"name": "Keyed"},
        "hosts": hosts,
        "auth": {"scheme": "api_key", "in": "header", "name": "X-Api-Key"},
        "apis": {"get": api},
    }))
    .unwrap()
}

async fn connect(engine: &Engine) {
    let wanted = NewConnection::of(ConnectionKey::main(&org(), &namespace()));
    engine.connect(&wanted, [("api_key".to_owned(), SECRET.into())].into()).await.unwrap();
}

async fn invoke(engine: &Engine) -> Result<String, sluis_model::error::Failure> {
    let api: ApiId = "keyed.get".parse().unwrap();
    engine.invoke(&org(), &api, &serde_json::Map::new()).await.map(|answer| answer.response)
}

async fn run(engine: &Engine, source: String) -> RunEnd {
    let request = RunRequest {
        org: org(),
        user: None,
        label: "test.dg".to_owned(),
        function: None,
        source,
        entry: EntryPoint::Default,
        args: Vec::new(),
        keep: false,
    };
    engine.run(request, &mut Seen::default()).await.unwrap()
}

#[tokio::test]
async fn a_release_that_sends_the_credential_elsewhere_waits_for_an_admin() {
    let (own, other) = (Server::plain().await, Server::plain().await);
    let engine = engine().await;
    release(&engine, &own.host, &[&own.host], json!({})).await;
    connect(&engine).await;
    assert_eq!(invoke(&engine).await.unwrap(), "at /start");
    assert!(own.seen()[0].contains(&format!("x-api-key: {SECRET}")));

    // Another description, the same origins: nobody is asked.
    release(&engine, &own.host, &[&own.host], json!({"description": "Gets it."})).await;
    assert_eq!(invoke(&engine).await.unwrap(), "at /start");

    // Another port is another origin.
    release(&engine, &other.host, &[&own.host, &other.host], json!({})).await;
    let failure = invoke(&engine).await.unwrap_err();
    assert_eq!(failure.reason, Reason::NeedsReauthorization);
    assert!(failure.message.contains(&other.host) && failure.message.contains("release 3"), "{failure}");
    assert!(failure.help.unwrap().contains("an admin of `acme`"));
    assert!(!engine.is_authorized(&org(), &namespace()).await.unwrap());
    let script = format!(
        "try {{ info invokeurl [ url: \"http://{}/x\" connection: \"keyed\" ]; }} catch (e) {{ info e.code; }}",
        other.host
    );
    assert_eq!(run(&engine, script).await.run.output, ["needs_reauthorization"]);
    assert_eq!(other.seen().len(), 0, "nothing was sent there");

    // Back to the origins that were agreed to, and on with consent.
    release(&engine, &own.host, &[&own.host], json!({})).await;
    assert_eq!(invoke(&engine).await.unwrap(), "at /start");
    release(&engine, &other.host, &[&own.host, &other.host], json!({})).await;
    connect(&engine).await;
    assert_eq!(invoke(&engine).await.unwrap(), "at /start");
    assert!(other.seen()[0].contains(SECRET));
}

#[tokio::test]
async fn a_call_is_redirected_to_declared_hosts_without_its_credential() {
    let storage = Server::plain().await;
    let to_storage = format!("http://{}/file", storage.host);
    let own = Server::start(move |path| match path {
        "/start" => (302, to_storage.clone()),
        _ => (200, String::new()),
    })
    .await;
    let engine = engine().await;
    release(&engine, &own.host, &[&own.host], json!({})).await;
    connect(&engine).await;
    let failure = invoke(&engine).await.unwrap_err();
    assert_eq!(failure.reason, Reason::Forbidden);
    assert!(failure.message.contains(&storage.host) && failure.help.unwrap().contains("`hosts`"));
    assert_eq!(storage.seen().len(), 0);

    release(&engine, &own.host, &[&own.host, &storage.host], json!({})).await;
    connect(&engine).await;
    assert_eq!(invoke(&engine).await.unwrap(), "at /file");
    assert!(!storage.seen()[0].contains(SECRET) && !storage.seen()[0].contains("x-api-key"));

    release(&engine, &own.host, &[&own.host, &storage.host], json!({"follow_redirects": false})).await;
    assert_eq!(invoke(&engine).await.unwrap(), "at /start");
}

#[tokio::test]
async fn what_a_script_fetches_is_followed_unless_it_says_no() {
    let server = Server::start(|path| match path {
        "/start" => (302, "/end".to_owned()),
        _ => (200, String::new()),
    })
    .await;
    let engine = engine().await;
    let fetch = async |rest: &str| {
        let script = format!("info invokeurl [ url: \"http://{}/start\" {rest} ];", server.host);
        run(&engine, script).await.run.output.join("")
    };
    assert_eq!(fetch("type: GET").await, "at /end");
    assert_eq!(fetch("type: GET follow-redirects: false").await, "at /start");
    assert_eq!(fetch("type: POST").await, "at /start");
    assert_eq!(fetch("type: POST follow-redirects: true").await, "at /end");
    let end = run(
        &engine,
        format!("invokeurl [ url: \"http://{}/\" follow-redirects: \"perhaps\" ];", server.host),
    )
    .await;
    assert!(end.fault.is_some());
}

#[tokio::test]
async fn a_header_that_the_connection_supplies_is_not_the_scripts_to_set() {
    let own = Server::plain().await;
    let engine = engine().await;
    release(&engine, &own.host, &[&own.host], json!({})).await;
    connect(&engine).await;
    for name in ["X-Api-Key", "x-api-key", "X-API-KEY"] {
        let script = format!(
            "try {{ invokeurl [ url: \"http://{}/x\" headers: {{\"{name}\": \"mine\"}} connection: \"keyed\" ]; }}
             catch (e) {{ info e.code; info e.message; }}",
            own.host
        );
        let output = run(&engine, script).await.run.output;
        assert!(output[0] == "invalid_input" && output[1].contains("`x-api-key`"), "{output:?}");
    }
    assert_eq!(own.seen().len(), 0);
    // Nor its author's: the release is refused.
    let definition = definition(&own.host, &[&own.host], json!({"headers": {"x-API-key": "${mine}"}}));
    let refused = engine.release(definition, Default::default()).await.unwrap_err();
    assert!(format!("{refused:?}").contains("`x-API-key` is set by Sluis"), "{refused:?}");
}

#[test]
fn odd_json_of_a_service_is_exact_or_an_error() {
    for exact in [
        "[9007199254740993]",
        "[18446744073709551616]",
        "[0.1]",
        "[\"\\ud83d\\ude00\"]",
        "{\"\":null}",
        "[12345678901234567890.123]",
    ] {
        let read = Data::from_json(exact).unwrap();
        let written = read.to_json().replace("😀", "\\ud83d\\ude00");
        assert_eq!(written, exact);
    }
    // As the language reads it everywhere: the last of two like keys, U+FFFD for half a character.
    for (odd, becomes) in [
        ("{\"a\":1,\"a\":2}", "{\"a\":2}"),
        ("[\"\\ud800\"]", "[\"\u{fffd}\"]"),
        ("[-0]", "[0]"),
        ("[1e2]", "[100]"),
    ] {
        assert_eq!(Data::from_json(odd).unwrap().to_json(), becomes);
    }
    let deep = |levels: usize| "[".repeat(levels) + &"]".repeat(levels);
    assert!(Data::from_json(&deep(100)).is_ok());
    for bad in [
        "[NaN]",
        "[Infinity]",
        "[1e400]",
        "[1e-400]",
        "[-]",
        "[01]",
        "[1,]",
        "{\"a\":1,}",
        "['a']",
        "[1] 2",
        "{a:1}",
        "\u{feff}x",
        &deep(100_000),
    ] {
        assert!(Data::from_json(bad).is_err(), "{}", &bad[..bad.len().min(40)]);
    }
}
