//! Connecting by entered values, against a service that looks at every credential: Basic, a two-step
//! token that ends, and variables that say where the service is.

use axum::extract::State;
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use axum::{Json, Router};
use serde_json::{Value, json};
use sluis_engine::{Engine, EngineBuilder, NewConnection, Opened, Through};
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

/// An engine with an org `acme` that may reach one host.
async fn engine_reaching(host: &str) -> (Engine, tempfile::TempDir) {
    let folder = tempfile::tempdir().unwrap();
    let store = sluis_store::open(&folder.path().join("sluis.redb")).await.unwrap();
    let key = KeySource::File(folder.path().join("master.key"));
    let (vault, _) = Vault::unlock(store.as_ref(), &key, Arc::new(SystemRandomness)).await.unwrap();
    let transport = Transport::new(EgressPolicy::allowing(vec![HostPort::parse(host).unwrap()]));
    let opened = Opened { store, vault: Arc::new(vault) };
    let url = Url::parse("http://127.0.0.1:8080").unwrap();
    let engine = EngineBuilder::new(Arc::new(opened), Arc::new(transport), url).build();
    engine.ensure_org(&"acme".parse().unwrap()).await.unwrap();
    (engine, folder)
}

impl Shop {
    async fn new() -> Self {
        let tokens = Tokens::default();
        let router =
            Router::new().route("/me", get(me)).route("/login", post(log_in)).with_state(tokens.clone());
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let host = listener.local_addr().unwrap().to_string();
        tokio::spawn(async move { axum::serve(listener, router).await });
        let (engine, folder) = engine_reaching(&host).await;
        let org: OrgId = "acme".parse().unwrap();
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

#[tokio::test]
async fn connecting_again_means_the_same_place_in_the_same_way() {
    let shop = Shop::new().await;
    shop.engine
        .connect(&shop.wanted("password"), entered([("user", "ada"), ("password", "canary-pw")]))
        .await
        .unwrap();
    let again = NewConnection::of(shop.key());
    let form = shop.engine.connect_form(&again).await.unwrap();
    assert_eq!(form.auth.as_deref(), Some("password"));
    assert_eq!(form.values.get("host"), Some(&shop.host));
    let connection =
        shop.engine.connect(&again, entered([("user", "ada"), ("password", "canary-pw")])).await.unwrap();
    assert_eq!(
        (connection.auth.as_deref(), connection.variables.get("host")),
        (Some("password"), Some(&shop.host))
    );
    assert_eq!(shop.call().await.status_code, 200);
    // What is said anew wins.
    let other = NewConnection { auth: Some("token".to_owned()), ..again };
    let connection = shop.engine.connect(&other, entered([("password", "canary-pw")])).await.unwrap();
    assert_eq!(connection.auth.as_deref(), Some("token"));
}

/// A service whose token endpoint grants less than it is asked for, and whose API says so.
async fn stingy() -> (Engine, String, tempfile::TempDir) {
    let granted = || async {
        Json(json!({"access_token": "canary-at", "token_type": "Bearer", "scope": "orders.read"}))
    };
    let refuse = || async {
        let challenge =
            "Bearer realm=\"orders, and more\", error=\"insufficient_scope\", scope=\"orders.write\"";
        (StatusCode::FORBIDDEN, [("www-authenticate", challenge)], Json(json!({"error": {"code": 403}})))
    };
    let router = Router::new().route("/token", post(granted)).route("/orders", post(refuse));
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let host = listener.local_addr().unwrap().to_string();
    tokio::spawn(async move { axum::serve(listener, router).await });
    let (engine, folder) = engine_reaching(&host).await;
    let definition = json!({
        "sluis": 1, "namespace": "orders", "service": {"name": "Orders"}, "hosts": [host],
        "auth": {
            "scheme": "oauth2_client_credentials", "token_url": format!("http://{host}/token"),
            "scopes": ["orders.read", "orders.write"],
        },
        "connection": {"owner": "user"},
        "apis": {"add": {"method": "POST", "url": format!("http://{host}/orders")}},
    });
    engine.release(serde_json::from_value(definition).unwrap(), Default::default()).await.unwrap();
    (engine, host, folder)
}

#[tokio::test]
async fn a_call_refused_for_a_scope_that_was_not_granted_names_it_and_the_user_who_grants_it() {
    let (engine, _host, _folder) = stingy().await;
    let org: OrgId = "acme".parse().unwrap();
    let user = Some("ada@example.com".parse().unwrap());
    let key = ConnectionKey { user: user.clone(), ..ConnectionKey::named(&org, "orders/main2").unwrap() };
    let fields = entered([("client_id", "c"), ("client_secret", "canary-cs")]);
    let connection = engine.connect(&NewConnection::of(key.clone()), fields).await.unwrap();
    assert_eq!(connection.missing_scopes, ["orders.write"]);
    let through = Through { name: key.name, user };
    let api = "orders.add".parse().unwrap();
    let answer = engine.invoke_through(&org, &api, &serde_json::Map::new(), &through).await.unwrap();
    assert_eq!(answer.status_code, 403);
    let note = answer.record.note.unwrap();
    assert!(note.contains("not granted: orders.write"), "{note}");
    assert!(note.contains("`ada@example.com` authorizes it again"), "{note}");
    assert!(note.contains("sluis authorize orders --name main2 --user ada@example.com"), "{note}");
}

#[tokio::test]
async fn no_endpoint_of_an_authorization_server_leads_inside() {
    let asked = Arc::new(AtomicU32::new(0));
    let counted = asked.clone();
    let router = Router::new().fallback(move || {
        counted.fetch_add(1, Ordering::SeqCst);
        async { Json(json!({"access_token": "a", "token_type": "Bearer"})) }
    });
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = listener.local_addr().unwrap().port();
    tokio::spawn(async move { axum::serve(listener, router).await });
    let (engine, _folder) = engine_reaching("allowed.example").await;
    let key = ConnectionKey::named(&"acme".parse().unwrap(), "inside").unwrap();
    let here = format!("http://127.0.0.1:{port}");
    for base in [&here, "https://169.254.169.254", "https://10.0.0.1", "https://[::ffff:10.0.0.1]"] {
        for auth in [
            json!({"scheme": "oauth2_client_credentials", "token_url": format!("{base}/token")}),
            json!({"scheme": "oauth2_client_credentials", "issuer": base}),
        ] {
            let definition = json!({
                "sluis": 1, "namespace": "inside", "service": {"name": "Inside"}, "hosts": ["allowed.example"],
                "auth": auth, "apis": {"me": {"method": "GET", "url": "https://allowed.example/me"}},
            });
            let definition = serde_json::from_value(definition).unwrap();
            engine.release(definition, Default::default()).await.unwrap();
            let fields = entered([("client_id", "c"), ("client_secret", "canary-cs")]);
            let refused = engine.connect(&NewConnection::of(key.clone()), fields).await.unwrap_err();
            assert!(refused.message.contains("is not a public address"), "{auth}: {refused:?}");
            assert!(!format!("{refused:?}").contains("canary"), "{refused:?}");
        }
    }
    assert_eq!(asked.load(Ordering::SeqCst), 0);
}

#[tokio::test]
async fn a_way_that_asks_for_nothing_is_chosen_like_any_other() {
    let shop = Shop::new().await;
    let definition = json!({
        "sluis": 1, "namespace": "pdf", "service": {"name": "PDF"}, "hosts": [shop.host],
        "auth": {"scheme": "choice", "configs": {"open": {"scheme": "none"}, "guarded": {"scheme": "basic"}}},
        "apis": {"me": {"method": "GET", "url": format!("http://{}/me", shop.host)}},
    });
    shop.engine.release(serde_json::from_value(definition).unwrap(), Default::default()).await.unwrap();
    let key = ConnectionKey::main(&shop.org, &"pdf".parse().unwrap());
    let call = || async {
        let api = "pdf.me".parse().unwrap();
        shop.engine.invoke(&shop.org, &api, &serde_json::Map::new()).await
    };
    assert_eq!(call().await.unwrap_err().reason, Reason::NotAuthorized, "nothing is chosen yet");
    let wanted = NewConnection { auth: Some("open".to_owned()), ..NewConnection::of(key.clone()) };
    assert!(shop.engine.connect(&wanted, BTreeMap::new()).await.unwrap().is_active());
    assert!(shop.engine.is_connected(&key).await.unwrap());
    assert_eq!(call().await.unwrap().status_code, 401, "it is called, without a credential");
}

#[tokio::test]
async fn the_default_way_is_used_where_none_is_named_and_brings_its_variables() {
    let shop = Shop::new().await;
    let definition = json!({
        "sluis": 1, "namespace": "pets", "service": {"name": "Pets"}, "hosts": ["${host}"],
        "auth": {
            "scheme": "choice", "default": "people", "titles": {"people": "Your password"},
            "variables": {"people": {"host": shop.host}, "machines": {"host": "127.0.0.1:1"}},
            "configs": {"people": {"scheme": "basic"}, "machines": {"scheme": "bearer"}},
        },
        "connection": {"variables": [
            {"name": "host", "format": "host", "within": ["*"], "automatic": true, "example": shop.host},
        ]},
        "apis": {"me": {"method": "GET", "url": "http://${host}/me"}},
    });
    shop.engine.release(serde_json::from_value(definition).unwrap(), Default::default()).await.unwrap();
    let key = ConnectionKey::main(&shop.org, &"pets".parse().unwrap());
    let wanted = NewConnection::of(key.clone());
    let form = shop.engine.connect_form(&wanted).await.unwrap();
    assert_eq!((form.auth.as_deref(), form.titles["people"].as_str()), (Some("people"), "Your password"));
    assert!(form.variables.is_empty(), "nobody is asked for what goes with the way");
    let given = entered([("user", "ada"), ("password", "canary-pw")]);
    let connection = shop.engine.connect(&wanted, given).await.unwrap();
    assert_eq!(connection.auth.as_deref(), Some("people"), "a later release may have another default");
    let answer = shop.engine.invoke(&shop.org, &"pets.me".parse().unwrap(), &Default::default()).await;
    assert_eq!(answer.unwrap().status_code, 200);
    let other = NewConnection { auth: Some("machines".to_owned()), ..wanted };
    let moved = shop.engine.connect(&other, entered([("token", "t")])).await.unwrap();
    assert_eq!(moved.variables["host"], "127.0.0.1:1");
}
