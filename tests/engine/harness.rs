//! An engine on a store of its own, wired to a real authorization server on loopback. Time is
//! steered, everything else is real.

use async_trait::async_trait;
use serde_json::{Value, json};
use sluis_engine::{
    Arrival, Engine, EngineBuilder, EntryPoint, LinkOpened, Opened, RunEnd, RunObserver, RunRefused,
    RunRequest,
};
use sluis_invoke::{EgressPolicy, Http, HttpAnswer, OutgoingRequest, SendLimits, Transport, TransportError};
use sluis_model::connector::ConnectorDefinition;
use sluis_model::credential::ClientCredentials;
use sluis_model::error::Failure;
use sluis_model::grant::Grant;
use sluis_model::id::{Namespace, OrgId};
use sluis_model::ports::Clock;
use sluis_model::secret::SecretText;
use sluis_model::time::Timestamp;
use sluis_tests::peers::oidc_provider::clients;
use sluis_tests::peers::{OidcOptions, OidcProvider};
use sluis_vault::{KeySource, SystemRandomness, Vault};
use std::path::Path;
use std::sync::atomic::{AtomicI64, Ordering};
use std::sync::{Arc, Mutex};
use url::Url;

/// Where browsers would reach the engine; nothing listens there, the tests carry callbacks over.
pub const PUBLIC_URL: &str = "http://127.0.0.1:8080";

/// A clock that moves when told.
pub struct SteeredClock(AtomicI64);

impl Clock for SteeredClock {
    fn now(&self) -> Timestamp {
        Timestamp(self.0.load(Ordering::SeqCst))
    }
}

impl SteeredClock {
    /// Lets time pass.
    pub fn advance(&self, seconds: i64) {
        self.0.fetch_add(seconds * 1000, Ordering::SeqCst);
    }
}

/// Sends through the real transport and remembers every credential that went out, so that a test
/// can look for it elsewhere.
pub struct Remembering {
    transport: Transport,
    pub credentials: Arc<Mutex<Vec<String>>>,
}

#[async_trait]
impl Http for Remembering {
    async fn send(&self, request: OutgoingRequest, limits: SendLimits) -> Result<HttpAnswer, TransportError> {
        if let Some(value) = request.headers.get("authorization") {
            self.credentials.lock().unwrap().push(value.to_str().unwrap().to_owned());
        }
        self.transport.send(request, limits).await
    }
}

/// Everything a test needs.
pub struct World {
    pub credentials: Arc<Mutex<Vec<String>>>,
    pub engine: Engine,
    pub provider: OidcProvider,
    pub clock: Arc<SteeredClock>,
    pub org: OrgId,
    pub folder: tempfile::TempDir,
    /// The cookie of the person's browser.
    pub browser: SecretText,
}

/// The connector's namespace in these tests.
pub fn items() -> Namespace {
    "items".parse().unwrap()
}

impl World {
    /// An org, a released connector `items`, nothing authorized yet.
    pub async fn new() -> Self {
        Self::with(json!({})).await
    }

    /// The same with hooks.
    pub async fn with(hooks: Value) -> Self {
        Self::at_provider(hooks, true).await
    }

    /// A world whose connector is authorized at a provider that takes a refresh token many times.
    pub async fn authorized_at_a_lenient_provider() -> Self {
        let world = Self::at_provider(json!({}), false).await;
        world.authorize().await;
        world
    }

    async fn at_provider(hooks: Value, rotate: bool) -> Self {
        let options = OidcOptions {
            rotate,
            redirect_uris: ["acme/items", "bee/items", "sea/items", "acme/honest", "acme/evil"]
                .map(|at| format!("{PUBLIC_URL}/oauth/callback/{at}"))
                .to_vec(),
            access_token_ttl_s: 3600,
            ..OidcOptions::default()
        };
        let provider = OidcProvider::start(options).await.unwrap();
        let clock = Arc::new(SteeredClock(AtomicI64::new(1_800_000_000_000)));
        let folder = tempfile::tempdir().unwrap();
        let credentials = Arc::default();
        let engine = engine(folder.path(), clock.clone(), &credentials).await;
        let org: OrgId = "acme".parse().unwrap();
        engine.ensure_org(&org).await.unwrap();
        let client = ClientCredentials {
            id: clients::ODD.id.to_owned(),
            secret: Some(clients::ODD.secret.into()),
            ..Default::default()
        };
        engine.set_client("items", &client).await.unwrap();
        engine.release(definition(&provider, hooks), Default::default()).await.unwrap();
        let browser = engine.new_browser();
        Self { credentials, engine, provider, clock, org, folder, browser }
    }

    /// A world whose connector is authorized.
    pub async fn authorized() -> Self {
        let world = Self::new().await;
        world.authorize().await;
        world
    }

    /// Begins an authorization, consents as the person, finishes it.
    pub async fn authorize(&self) -> Grant {
        let started = self.engine.start_authorization(&self.org, &items()).await.unwrap();
        self.consent(&started.authorize_url).await
    }

    /// Opens the link that was given out, consents and brings the browser back.
    pub async fn consent(&self, link: &Url) -> Grant {
        self.consent_at(&self.follow(link).await).await
    }

    /// The same for another org.
    pub async fn authorize_for(&self, org: &OrgId) -> Grant {
        let started = self.engine.start_authorization(org, &items()).await.unwrap();
        let url = self.follow(&started.authorize_url).await;
        let back = self.provider.consent(url.as_str()).await.unwrap();
        let (namespace, query) = (&items(), back.query().unwrap());
        let arrival = Arrival { org, namespace, query, browser: Some(&self.browser) };
        self.engine.finish_authorization(arrival).await.unwrap()
    }

    /// The access token that the connection uses.
    pub async fn token(&self) -> String {
        self.run(r#"invokeConnector("items.get", {"id":"1"});"#).await;
        let sent = self.credentials.lock().unwrap().last().unwrap().clone();
        sent.strip_prefix("Bearer ").unwrap().to_owned()
    }

    /// Begins an authorization and follows its link: where the person consents.
    pub async fn begin(&self) -> Url {
        let started = self.engine.start_authorization(&self.org, &items()).await.unwrap();
        self.follow(&started.authorize_url).await
    }

    /// Opens a link in the person's browser and goes on: the provider's address.
    pub async fn follow(&self, link: &Url) -> Url {
        follow(&self.engine, link, &self.browser).await.unwrap()
    }

    /// Consents at the provider and brings the browser back.
    pub async fn consent_at(&self, authorize_url: &Url) -> Grant {
        let back = self.provider.consent(authorize_url.as_str()).await.unwrap();
        self.arrive("items", back.query().unwrap()).await.unwrap()
    }

    /// The person's browser comes back to the redirect URI of a connector.
    pub async fn arrive(&self, namespace: &str, query: &str) -> Result<Grant, Failure> {
        let namespace = namespace.parse().unwrap();
        let arrival = Arrival { org: &self.org, namespace: &namespace, query, browser: Some(&self.browser) };
        self.engine.finish_authorization(arrival).await
    }

    /// Runs a script for the org.
    pub async fn run(&self, source: &str) -> RunEnd {
        self.try_run(source).await.unwrap()
    }

    /// Runs a script that may be refused.
    pub async fn try_run(&self, source: &str) -> Result<RunEnd, RunRefused> {
        self.engine.run(self.request(source), &mut sluis_engine::Unobserved).await
    }

    /// A request to run a script.
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

    /// Closes the engine and opens another on the same folder, as a restarted process does.
    pub async fn restart(&mut self) {
        self.engine.close().await.unwrap();
        self.engine = engine(self.folder.path(), self.clock.clone(), &self.credentials).await;
    }
}

/// Opens a link and goes on from the page that it shows.
pub async fn follow(engine: &Engine, link: &Url, browser: &SecretText) -> Result<Url, Failure> {
    let token: SecretText = link.path_segments().unwrap().next_back().unwrap().into();
    match engine.open_link(&token, browser).await? {
        LinkOpened::Ask(question) => engine.follow_link(&token, browser, &question.confirmation).await,
        LinkOpened::GoOn(url) => Ok(url),
        LinkOpened::Decided(grant) | LinkOpened::EnterCode(grant) => panic!("{grant:?}"),
    }
}

/// An engine on the store in a folder.
pub async fn engine(
    folder: &Path,
    clock: Arc<SteeredClock>,
    credentials: &Arc<Mutex<Vec<String>>>,
) -> Engine {
    let http = Remembering { transport: transport(), credentials: credentials.clone() };
    engine_sending(folder, clock, Arc::new(http)).await
}

/// The transport of the product, which may reach the provider and whatever else a test starts on this
/// machine.
pub fn transport() -> Transport {
    Transport::new(EgressPolicy::opening(&["127.0.0.0/8"]).unwrap())
}

/// An engine on the store in a folder that sends in its own way.
pub async fn engine_sending(folder: &Path, clock: Arc<SteeredClock>, http: Arc<dyn Http>) -> Engine {
    let store = sluis_store::open(&folder.join("sluis.redb")).await.unwrap();
    let key = KeySource::File(folder.join("master.key"));
    let (vault, _) = Vault::unlock(store.as_ref(), &key, Arc::new(SystemRandomness)).await.unwrap();
    let opened = Opened { store, vault: Arc::new(vault) };
    EngineBuilder::new(Arc::new(opened), http, Url::parse(PUBLIC_URL).unwrap()).clock(clock).build()
}

/// The connector `items` over the test peer's API, which echoes what it is sent.
pub fn definition(provider: &OidcProvider, hooks: Value) -> ConnectorDefinition {
    let issuer = Url::parse(&provider.issuer).unwrap();
    let host = format!("127.0.0.1:{}", issuer.port().unwrap());
    let api = &provider.api;
    serde_json::from_value(json!({
        "sluis": 1,
        "namespace": "items",
        "service": {"name": "Items"},
        "hosts": [host],
        "auth": {
            "scheme": "oauth2_authorization_code",
            "authorize_url": provider.authorize_url(),
            "token_url": provider.token_url(),
            "revoke_url": provider.revoke_url(),
            "issuer": provider.issuer,
            "scopes": ["openid", "offline_access", "items:read"],
            "authorize_params": {"prompt": "consent"},
            "client": "vault:items",
        },
        "apis": {
            "get": {"method": "GET", "url": format!("{api}/items/${{id}}"), "effect": "read",
                    "query": {"q": "${q}"}, "inputs": {"q": {"required": false}}},
            "create": {"method": "POST", "url": format!("{api}/items"), "headers": {"X-Trace": "${trace}"},
                    "body": {"json": {"name": "${name}", "note": "for ${name}", "count": "${count}"}},
                    "inputs": {"trace": {"required": false}, "count": {"required": false, "default": 1}}},
            "things.upload": {"method": "PUT", "url": format!("{api}/things/${{id}}")},
        },
        "hooks": hooks,
    }))
    .unwrap()
}

/// Keeps what a run shows.
#[derive(Default)]
pub struct Seen {
    pub lines: Vec<String>,
    pub wires: Vec<String>,
}

impl RunObserver for Seen {
    fn info(&mut self, line: &str) {
        self.lines.push(line.to_owned());
    }

    fn call(&mut self, _record: &sluis_model::run::CallRecord, wire: &str) {
        self.wires.push(wire.to_owned());
    }
}
