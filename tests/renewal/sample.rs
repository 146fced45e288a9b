//! An engine whose connector `contacts` is authorized at the sample provider.

use serde_json::json;
use sluis_engine::{Engine, EngineBuilder, LinkOpened, Opened};
use sluis_example_provider::{Provider, Rotation, Settings};
use sluis_invoke::{EgressPolicy, Http, Transport};
use sluis_model::connection::ConnectionKey;
use sluis_model::connector::ConnectorDefinition;
use sluis_model::credential::ClientCredentials;
use sluis_model::error::Failure;
use sluis_model::id::{ApiId, Namespace, OrgId};
use sluis_store::Store;
use sluis_tests::peers::browser::{Arrival, Browser};
use sluis_vault::{KeySource, SystemRandomness, Vault};
use std::path::Path;
use std::sync::Arc;
use url::Url;

/// Where browsers would reach the engine; nothing listens there.
pub const PUBLIC_URL: &str = "http://127.0.0.1:8080";
const CALLBACK: &str = "http://127.0.0.1:8080/oauth/callback/acme/contacts";
const CLIENT_SECRET: &str = "the secret of the test";

/// The org.
pub fn org() -> OrgId {
    "acme".parse().unwrap()
}

/// The connector.
pub fn contacts() -> Namespace {
    "contacts".parse().unwrap()
}

/// Its one connection.
pub fn connection() -> ConnectionKey {
    ConnectionKey::main(&org(), &contacts())
}

/// A provider that consents by itself.
pub async fn provider(rotation: Rotation) -> Provider {
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let settings = Settings {
        ask_person: false,
        client_secret: CLIENT_SECRET.to_owned(),
        rotation,
        ..Settings::with_redirect_uris([CALLBACK])
    };
    sluis_example_provider::start(listener, settings).await.unwrap()
}

/// The transport of the product, which may reach this machine.
pub fn transport() -> Transport {
    Transport::new(EgressPolicy::opening(&["127.0.0.0/8"]).unwrap())
}

/// An engine over a store.
pub async fn builder(store: Arc<dyn Store>, key: &Path, http: Arc<dyn Http>) -> EngineBuilder {
    let key = KeySource::File(key.to_owned());
    let (vault, _) = Vault::unlock(store.as_ref(), &key, Arc::new(SystemRandomness)).await.unwrap();
    let opened = Opened { store, vault: Arc::new(vault) };
    EngineBuilder::new(Arc::new(opened), http, Url::parse(PUBLIC_URL).unwrap())
}

/// Releases the connector and registers the client.
pub async fn set_up(engine: &Engine, issuer: &str) {
    set_up_behind(engine, issuer, issuer).await;
}

/// The same with a token endpoint at another address, such as that of a proxy before the provider.
pub async fn set_up_behind(engine: &Engine, issuer: &str, tokens_at: &str) {
    engine.ensure_org(&org()).await.unwrap();
    let client = ClientCredentials {
        id: "sluis-demo".to_owned(),
        secret: Some(CLIENT_SECRET.into()),
        ..Default::default()
    };
    engine.set_client("contacts", &client).await.unwrap();
    engine.release(definition(issuer, tokens_at), Default::default()).await.unwrap();
}

/// Goes through a consent.
pub async fn authorize(engine: &Engine) {
    let (org, namespace) = (org(), contacts());
    let started = engine.start_authorization(&org, &namespace).await.unwrap();
    engine.let_straight_on(&org, &started.grant.id).await.unwrap();
    let token = started.authorize_url.path_segments().unwrap().next_back().unwrap().to_owned();
    let browser = engine.new_browser();
    let opened = engine.open_link(&token.as_str().into(), &browser).await.unwrap();
    let LinkOpened::GoOn(url) = opened else { panic!("{opened:?}") };
    let arrival = Browser::new().unwrap().open(url, CALLBACK).await.unwrap();
    let Arrival::Awaited(back) = arrival else { panic!("{arrival:?}") };
    let query = back.query().unwrap();
    let arrival = sluis_engine::Arrival { org: &org, namespace: &namespace, query, browser: Some(&browser) };
    engine.finish_authorization(arrival).await.unwrap();
}

/// Calls the API with the connection's token; the status.
pub async fn call(engine: &Engine) -> Result<u16, Failure> {
    let api: ApiId = "contacts.list".parse().unwrap();
    engine.invoke(&org(), &api, &serde_json::Map::new()).await.map(|answer| answer.status_code)
}

fn definition(issuer: &str, tokens_at: &str) -> ConnectorDefinition {
    let mut hosts = [issuer, tokens_at].map(|url| url.trim_start_matches("http://")).to_vec();
    hosts.dedup();
    serde_json::from_value(json!({
        "sluis": 1,
        "namespace": "contacts",
        "service": {"name": "Sample contacts"},
        "hosts": hosts,
        "auth": {
            "scheme": "oauth2_authorization_code",
            "authorize_url": format!("{issuer}/oauth/authorize"),
            "token_url": format!("{tokens_at}/oauth/token"),
            "revoke_url": format!("{issuer}/oauth/revoke"),
            "scopes": ["contacts.read"],
            "client": "vault:contacts",
        },
        "apis": {"list": {"method": "GET", "url": format!("{issuer}/people/v1/contacts"), "effect": "read"}},
    }))
    .unwrap()
}
