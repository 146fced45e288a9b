//! Connecting by entered values, against a service that looks at every credential: Basic, a two-step
//! token that ends, and variables that say where the service is.

use axum::extract::State;
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use axum::{Json, Router};
use serde_json::{Value, json};
use sluis_engine::{Engine, EngineBuilder, NewConnection, Opened};
use sluis_invoke::{EgressPolicy, HostPort, Transport};
use sluis_model::connection::ConnectionKey;
use sluis_model::error::Reason;
use sluis_model::id::OrgId;
use sluis_model::secret::SecretText;
use sluis_vault::{KeySource, SystemRandomness, Vault};
use std::collections::BTreeMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};
use url::Url;

/// Tokens given out so far; only the last one is good.
type Tokens = Arc<AtomicU32>;

async fn me(State(tokens): State<Tokens>, headers: HeaderMap) -> Response {
    let given = headers.get("authorization").and_then(|value| value.to_str().ok()).unwrap_or_default();
    let token = format!("Bearer token-{}", tokens.load(Ordering::SeqCst));
    // ada:canary-pw
    match given == "Basic YWRhOmNhbmFyeS1wdw==" || given == token {
        true => Json(json!({"email": "ada@example.com", "saw": given})).into_response(),
        false => StatusCode::UNAUTHORIZED.into_response(),
    }
}

async fn log_in(State(tokens): State<Tokens>, Json(body): Json<Value>) -> Response {
    match body["password"] == "canary-pw" {
        true => {
            let number = tokens.fetch_add(1, Ordering::SeqCst) + 1;
            Json(json!({"data": {"token": format!("token-{number}"), "ttl": 600}})).into_response()
        }
        false => StatusCode::FORBIDDEN.into_response(),
    }
}

struct Shop {
    engine: Engine,
    org: OrgId,
    host: String,
    tokens: Tokens,
    _folder: tempfile::TempDir,
}

impl Shop {
    async fn new() -> Self {
        let tokens = Tokens::default();
        let router =
            Router::new().route("/me", get(me)).route("/login", post(log_in)).with_state(tokens.clone());
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let host = listener.local_addr().unwrap().to_string();
        tokio::spawn(async move { axum::serve(listener, router).await });
        let folder = tempfile::tempdir().unwrap();
        let store = sluis_store::open(&folder.path().join("sluis.redb")).await.unwrap();
        let key = KeySource::File(folder.path().join("master.key"));
        let (vault, _) = Vault::unlock(store.as_ref(), &key, Arc::new(SystemRandomness)).await.unwrap();
        let transport = Transport::new(EgressPolicy::allowing(vec![HostPort::parse(&host).unwrap()]));
        let opened = Opened { store, vault: Arc::new(vault) };
        let url = Url::parse("http://127.0.0.1:8080").unwrap();
        let engine = EngineBuilder::new(Arc::new(opened), Arc::new(transport), url).build();
        let org: OrgId = "acme".parse().unwrap();
        engine.ensure_org(&org).await.unwrap();
        let definition = json!({
            "sluis": 1, "namespace": "shop", "service": {"name": "Shop"}, "hosts": ["${host}"],
            "auth": {"scheme": "choice", "configs": {
                "password": {"scheme": "basic"},
                "token": {
                    "scheme": "two_step_token", "token": "$.data.token", "expires": {"at": "$.data.ttl"},
                    "fields": [{"name": "password", "label": "Password"}],
                    "calls": [{"url": "http://${host}/login", "body": {"json": {"password": "${password}"}}}],
                },
            }},
            "connection": {
                "variables": [{"name": "host", "format": "host", "within": ["127.0.0.1"]}],
                "identity": {"api": "me", "path": "$.email"},
                "test": {"api": "me"},
            },
            "apis": {"me": {"method": "GET", "url": "http://${host}/me"}},
        });
        engine.release(serde_json::from_value(definition).unwrap(), Default::default()).await.unwrap();
        Self { engine, org, host, tokens, _folder: folder }
    }

    fn key(&self) -> ConnectionKey {
        ConnectionKey::main(&self.org, &"shop".parse().unwrap())
    }

    fn wanted(&self, auth: &str) -> NewConnection {
        NewConnection {
            auth: Some(auth.to_owned()),
            variables: [("host".to_owned(), self.host.clone())].into(),
            ..NewConnection::of(self.key())
        }
    }

    async fn call(&self) -> sluis_engine::Invocation {
        let api = "shop.me".parse().unwrap();
        self.engine.invoke(&self.org, &api, &serde_json::Map::new()).await.unwrap()
    }
}

fn entered<const N: usize>(fields: [(&str, &str); N]) -> BTreeMap<String, SecretText> {
    fields.into_iter().map(|(name, value)| (name.to_owned(), value.into())).collect()
}

#[tokio::test]
async fn what_is_entered_is_tried_before_it_replaces_what_works() {
    let shop = Shop::new().await;
    let good = entered([("user", "ada"), ("password", "canary-pw")]);
    let connection = shop.engine.connect(&shop.wanted("password"), good).await.unwrap();
    assert!(connection.is_active());
    assert_eq!(connection.account.as_deref(), Some("ada@example.com"));
    let wrong = entered([("user", "ada"), ("password", "canary-wrong")]);
    let refused = shop.engine.connect(&shop.wanted("password"), wrong).await.unwrap_err();
    assert_eq!(refused.reason, Reason::Denied);
    assert!(refused.message.contains("does not accept"), "{}", refused.message);
    assert!(!format!("{refused:?}").contains("canary"));
    let answer = shop.call().await;
    assert_eq!(answer.status_code, 200, "the good one is still there");
    assert!(!answer.response.contains("YWRhOmNhbmFyeS1wdw"), "{}", answer.response);
    assert!(!answer.wire.contains("canary") && !answer.wire.contains("YWRh"), "{}", answer.wire);
    let tried = shop.engine.test_connection(&shop.key()).await.unwrap();
    assert!(tried.ok && tried.account.as_deref() == Some("ada@example.com"), "{tried:?}");
}

#[tokio::test]
async fn a_token_that_the_service_forgot_is_got_anew_with_what_was_entered() {
    let shop = Shop::new().await;
    shop.engine.connect(&shop.wanted("token"), entered([("password", "canary-pw")])).await.unwrap();
    assert_eq!(shop.call().await.status_code, 200);
    let given = shop.tokens.fetch_add(1, Ordering::SeqCst);
    assert_eq!(shop.call().await.status_code, 200);
    assert_eq!(shop.tokens.load(Ordering::SeqCst), given + 2, "one more log-in");
    let wrong = entered([("password", "canary-wrong")]);
    let refused = shop.engine.connect(&shop.wanted("token"), wrong).await.unwrap_err();
    assert!(!format!("{refused:?}").contains("canary"), "{refused:?}");
}

#[tokio::test]
async fn a_form_asks_for_the_choice_first_and_a_host_elsewhere_is_refused() {
    let shop = Shop::new().await;
    let form = shop.engine.connect_form(&NewConnection::of(shop.key())).await.unwrap();
    assert_eq!(
        (form.choices.as_slice(), form.fields.len()),
        (["password", "token"].map(String::from).as_slice(), 0)
    );
    let form = shop.engine.connect_form(&shop.wanted("password")).await.unwrap();
    let names: Vec<&str> = form.fields.iter().map(|field| field.name.as_str()).collect();
    assert_eq!(names, ["user", "password"]);
    let mut elsewhere = shop.wanted("password");
    elsewhere.variables.insert("host".to_owned(), "evil.example".to_owned());
    let good = entered([("user", "ada"), ("password", "canary-pw")]);
    let refused = shop.engine.connect(&elsewhere, good).await.unwrap_err();
    assert!(refused.message.contains("a host under 127.0.0.1"), "{}", refused.message);
}
