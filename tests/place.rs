//! An engine with one org on a store of its own, which may reach this machine. Most tests release the
//! connector `peer` on it, which may reach one peer.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

use crate::peers::{Browser, browser};
use serde_json::{Value, json};
use sluis_engine::{
    Arrival, Engine, EngineBuilder, EntryPoint, LinkOpened, NewConnection, Opened, RunRequest,
};
use sluis_invoke::{EgressPolicy, Http, Transport};
use sluis_model::connection::{Connection, ConnectionKey};
use sluis_model::credential::ClientCredentials;
use sluis_model::error::Failure;
use sluis_model::grant::Grant;
use sluis_model::id::{Namespace, OrgId};
use sluis_model::ports::Clock;
use sluis_model::secret::SecretText;
use sluis_model::time::Timestamp;
use sluis_vault::{KeySource, SystemClock, SystemRandomness, Vault};
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};
use url::Url;

/// The time of day, which the servers look at as well, and as many milliseconds ahead as a test says.
#[derive(Default)]
pub struct Ahead(AtomicI64);

impl Ahead {
    /// Lets seconds pass.
    pub fn pass(&self, seconds: i64) {
        self.0.fetch_add(seconds * 1000, Ordering::Relaxed);
    }
}

impl Clock for Ahead {
    fn now(&self) -> Timestamp {
        Timestamp(SystemClock.now().0 + self.0.load(Ordering::Relaxed))
    }
}

/// The engine, and what it stands on.
pub struct Place {
    /// The engine.
    pub engine: Engine,
    /// The org.
    pub org: OrgId,
    /// What the engine takes for the time.
    pub clock: Arc<Ahead>,
    _folder: tempfile::TempDir,
}

impl Place {
    /// The connector `peer` with these hosts, this auth config and these APIs.
    pub async fn new(hosts: &[&str], auth: Value, apis: Value) -> Self {
        let transport = Transport::new(EgressPolicy::opening(&["127.0.0.0/8"]).unwrap());
        Self::sending(transport, hosts, auth, apis).await
    }

    /// The same with a transport of one's own.
    pub async fn sending(transport: Transport, hosts: &[&str], auth: Value, apis: Value) -> Self {
        let place = Self::empty(Arc::new(transport)).await;
        let mut definition = json!({
            "sluis": 1, "namespace": "peer", "service": {"name": "Peer"}, "hosts": hosts, "auth": auth, "apis": apis,
        });
        if definition["apis"].get("test").is_some() {
            definition["connection"] = json!({"test": {"api": "test"}});
        }
        place.release(definition).await;
        place
    }

    /// A place without a connector, which may reach this machine.
    pub async fn on_this_machine() -> Self {
        Self::empty(Arc::new(Transport::new(EgressPolicy::opening(&["127.0.0.0/8"]).unwrap()))).await
    }

    /// A place without a connector, which sends by this.
    pub async fn empty(http: Arc<dyn Http>) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let store = sluis_store::open(&folder.path().join("sluis.redb")).await.unwrap();
        let key = KeySource::File(folder.path().join("master.key"));
        let (vault, _) = Vault::unlock(store.as_ref(), &key, Arc::new(SystemRandomness)).await.unwrap();
        let opened = Opened { store, vault: Arc::new(vault) };
        let url = Url::parse("http://127.0.0.1:8080").unwrap();
        let engine = EngineBuilder::new(Arc::new(opened), http, url);
        let clock = Arc::new(Ahead::default());
        let engine = engine.clock(clock.clone()).build();
        let org: OrgId = "acme".parse().unwrap();
        engine.ensure_org(&org).await.unwrap();
        Self { engine, org, clock, _folder: folder }
    }

    /// Releases a definition, which must be a good one.
    pub async fn release(&self, definition: Value) {
        let definition = serde_json::from_value(definition).unwrap();
        self.engine.release(definition, Default::default()).await.unwrap();
    }

    /// Registers the client that connectors name `vault:peer`.
    pub async fn client(&self, id: &str, secret: &str) {
        let secret = (!secret.is_empty()).then(|| secret.into());
        let client = ClientCredentials { id: id.to_owned(), secret, ..Default::default() };
        self.register(&client).await;
    }

    /// The same, whatever the client proves itself with.
    pub async fn register(&self, client: &ClientCredentials) {
        self.engine.set_client("peer", client).await.unwrap();
    }

    /// Whether nothing is connected.
    pub async fn is_empty(&self) -> bool {
        self.engine.connections(&self.org).await.unwrap().is_empty()
    }

    /// The org's connection.
    pub fn key(&self) -> ConnectionKey {
        ConnectionKey::main(&self.org, &namespace())
    }

    /// Connects with what somebody enters.
    pub async fn connect(&self, fields: &[(&str, &str)]) -> Result<Connection, Failure> {
        let entered = fields.iter().map(|(name, value)| ((*name).to_owned(), SecretText::from(*value)));
        self.engine.connect(&NewConnection::of(self.key()), entered.collect()).await
    }

    /// Connects with what the peer must refuse, and looks whether the secret got into the error.
    pub async fn refused(&self, fields: &[(&str, &str)], secret: &str) -> Failure {
        let failure = self.connect(fields).await.unwrap_err();
        let whole = format!("{failure:?} {failure}");
        assert!(!whole.contains(secret), "the secret stands in the error");
        failure
    }

    /// Calls an API; status and body.
    pub async fn call(&self, api: &str, inputs: Value) -> (u16, String) {
        let api = format!("peer.{api}").parse().unwrap();
        let Value::Object(inputs) = inputs else { panic!("inputs are an object") };
        let answer = self.engine.invoke(&self.org, &api, &inputs).await.unwrap();
        (answer.status_code, answer.response)
    }

    /// Runs a script; what it shows, one line each.
    pub async fn run(&self, source: &str) -> String {
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
        let end = self.engine.run(request, &mut sluis_engine::Unobserved).await.unwrap();
        format!("{end:?}")
    }

    /// Begins an authorization, has the person consent by `consent`, which answers the query of the
    /// callback, and finishes it.
    pub async fn authorize<F: Future<Output = String>>(
        &self,
        consent: impl FnOnce(Url) -> F,
    ) -> Result<Grant, Failure> {
        self.authorize_at(&namespace(), consent).await
    }

    /// The same for another connector.
    pub async fn authorize_at<F: Future<Output = String>>(
        &self,
        namespace: &Namespace,
        consent: impl FnOnce(Url) -> F,
    ) -> Result<Grant, Failure> {
        let started = self.engine.start_authorization(&self.org, namespace).await?;
        let token: SecretText = started.authorize_url.path_segments().unwrap().next_back().unwrap().into();
        let browser = self.engine.new_browser();
        let url = match self.engine.open_link(&token, &browser).await? {
            LinkOpened::Ask(question) => {
                self.engine.follow_link(&token, &browser, &question.confirmation).await?
            }
            other => panic!("{other:?}"),
        };
        let query = consent(url).await;
        let arrival = Arrival { org: &self.org, namespace, query: &query, browser: Some(&browser) };
        self.engine.finish_authorization(arrival).await
    }
}

/// The connector of these tests.
pub fn namespace() -> Namespace {
    "peer".parse().unwrap()
}

/// Consents in a new browser; the query with which it comes back.
pub async fn consent(url: Url) -> String {
    let came = Browser::new().unwrap().open(url, "http://127.0.0.1:8080/oauth/callback").await.unwrap();
    let browser::Arrival::Awaited(back) = came else { panic!("{came:?}") };
    back.query().unwrap().to_owned()
}
