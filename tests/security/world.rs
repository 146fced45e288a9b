//! An engine on a store of its own whose only neighbour is the service that repeats everything.

use super::marks::Marks;
use super::service::Service;
use serde_json::{Value, json};
use sluis_engine::{Engine, EngineBuilder, NewConnection, Opened, RunObserver};
use sluis_invoke::{EgressPolicy, HostPort, Transport};
use sluis_model::connection::ConnectionKey;
use sluis_model::connector::ConnectorDefinition;
use sluis_model::credential::ClientCredentials;
use sluis_model::id::{Namespace, OrgId};
use sluis_model::ports::Clock;
use sluis_model::time::Timestamp;
use sluis_vault::{KeySource, SystemRandomness, Vault};
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};

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

/// Everything a test needs.
pub struct World {
    pub engine: Engine,
    pub marks: Arc<Marks>,
    pub service: Service,
    pub clock: Arc<SteeredClock>,
    pub org: OrgId,
    pub folder: tempfile::TempDir,
}

impl World {
    /// An org, a marked client, nothing released.
    pub async fn new() -> Self {
        let marks = Arc::new(Marks::default());
        let service = Service::start(marks.clone()).await;
        let folder = tempfile::tempdir().unwrap();
        let store = sluis_store::open(&folder.path().join("sluis.redb")).await.unwrap();
        let key = KeySource::File(folder.path().join("master.key"));
        let (vault, _) = Vault::unlock(store.as_ref(), &key, Arc::new(SystemRandomness)).await.unwrap();
        let transport = Transport::new(EgressPolicy::allowing(vec![HostPort::parse(&service.host).unwrap()]));
        let clock = Arc::new(SteeredClock(AtomicI64::new(1_800_000_000_000)));
        let opened = Opened { store, vault: Arc::new(vault) };
        let public_url = "http://127.0.0.1:8080".parse().unwrap();
        let engine = EngineBuilder::new(Arc::new(opened), Arc::new(transport), public_url)
            .clock(clock.clone())
            .build();
        let org: OrgId = "acme".parse().unwrap();
        engine.ensure_org(&org).await.unwrap();
        let private_key = super::leak::marked_key(&marks, "the client's private key");
        let client = ClientCredentials {
            id: "client".to_owned(),
            secret: Some(marks.secret("client secret").into()),
            private_key: Some(private_key.into()),
            key_id: None,
        };
        engine.set_client("marked", &client).await.unwrap();
        Self { engine, marks, service, clock, org, folder }
    }

    /// Releases a connector that authenticates in this way; `TOKEN` in its texts is the token endpoint.
    pub async fn release(&self, namespace: &str, auth: &Value) -> Result<NewConnection, String> {
        let base = format!("http://{}", self.service.host);
        let auth: Value = serde_json::from_str(&auth.to_string().replace("BASE", &base)).unwrap();
        let api = |method: &str, path: &str| {
            json!({"method": method, "url": format!("{base}/{path}"), "query": {"q": "${q}"},
                   "inputs": {"q": {"required": false}}})
        };
        let mut write = api("POST", "echo");
        write["body"] = json!({"json": {"name": "${name}"}});
        let definition: ConnectorDefinition = serde_json::from_value(json!({
            "sluis": 1, "namespace": namespace, "service": {"name": "Marked"}, "hosts": [self.service.host],
            "auth": auth,
            "apis": {"echo": api("GET", "echo"), "write": write, "fail": api("GET", "fail"),
                     "refuse": api("GET", "refuse")},
            "hooks": {"on_authorize": format!("info invokeConnector(\"{namespace}.echo\", {{}});"),
                      "on_revoke": format!("info invokeConnector(\"{namespace}.echo\", {{}});")},
        }))
        .map_err(|error| error.to_string())?;
        self.engine.release(definition, Default::default()).await.map_err(|error| error.to_string())?;
        let namespace: Namespace = namespace.parse().unwrap();
        Ok(NewConnection::of(ConnectionKey::main(&self.org, &namespace)))
    }
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

    fn call(&mut self, record: &sluis_model::run::CallRecord, wire: &str) {
        self.wires.push(format!("{wire}\n{record:?}"));
    }
}
