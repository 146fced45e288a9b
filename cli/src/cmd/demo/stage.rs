//! What the story plays on: a folder with an embedded store, the sample provider, an engine, and a
//! server that browsers come back to.

use super::person;
use crate::data_dir::DataDir;
use crate::local_engine::{self, Notices};
use crate::outcome::Problem;
use sluis_engine::Engine;
use sluis_engine::builder::SystemClock;
use sluis_example_provider::{Provider, Settings};
use sluis_invoke::{EgressPolicy, HostPort, Transport};
use sluis_model::credential::ClientCredentials;
use sluis_model::id::{Namespace, OrgId};
use sluis_model::ports::Clock;
use sluis_model::time::Timestamp;
use sluis_server::ServerOptions;
use sluis_store::StoreAddress;
use std::io;
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};
use std::time::Duration;
use tokio::net::TcpListener;
use tokio::sync::oneshot;
use tokio::task::JoinHandle;
use url::Url;

/// Where the connector file in `examples` expects the sample provider. The demo takes a free port.
const PROVIDER_IN_FILE: &str = "127.0.0.1:7880";
/// How long the callback server may take to stop.
const GRACE: Duration = Duration::from_secs(2);

/// Everything on stage.
pub struct Stage {
    /// The folder of the store.
    pub folder: PathBuf,
    /// The engine, on a store of its own.
    pub engine: Engine,
    /// The engine's clock.
    pub clock: Arc<StageClock>,
    /// The sample provider.
    pub provider: Provider,
    /// For whom it is played.
    pub org: OrgId,
    /// The connector it is about.
    pub connector: Namespace,
    /// Who clicks when nobody does.
    pub person: person::Person,
    server: JoinHandle<io::Result<()>>,
    stop: oneshot::Sender<()>,
}

impl Stage {
    /// Builds everything; `ask_person` says whether the provider shows its consent page.
    pub async fn build(dir: Option<PathBuf>, ask_person: bool) -> Result<Self, Problem> {
        let folder = dir.unwrap_or_else(new_folder);
        let (public, public_listener) = listen().await?;
        let (_, provider_listener) = listen().await?;
        let connector: Namespace = "gcontacts".parse()?;
        let callback = format!("{public}oauth/callback/{}/{connector}", local_engine::DEFAULT_ORG);
        let settings = Settings { ask_person, ..Settings::with_redirect_uris([callback]) };
        let client = ClientCredentials {
            id: settings.client_id.clone(),
            secret: Some(settings.client_secret.as_str().into()),
            ..Default::default()
        };
        let provider =
            sluis_example_provider::start(provider_listener, settings).await.map_err(no_network)?;
        let transport = Transport::new(EgressPolicy::allowing(vec![host_of(&provider.issuer)?]));
        let clock = Arc::new(StageClock::default());
        let dir = DataDir::at(&folder);
        let store = StoreAddress::file(&dir.store());
        let ports = local_engine::builder(dir, store, transport, public.clone(), Notices::Silent);
        let engine = ports.clock(clock.clone()).build();
        engine.set_client(connector.as_str(), &client).await?;
        let person = person::Person::allowed(vec![host_of(&provider.issuer)?, host_of(public.as_str())?]);
        let (stop, stopped) = oneshot::channel::<()>();
        let options = ServerOptions::default();
        let server = tokio::spawn(sluis_server::serve(public_listener, engine.clone(), options, async {
            let _ = stopped.await;
        }));
        let org = local_engine::org(local_engine::DEFAULT_ORG)?;
        Ok(Self { folder, engine, clock, provider, org, connector, person, server, stop })
    }

    /// A text from `examples`, with the provider of this stage in the place of the one in the file.
    pub fn with_provider(&self, text: &str) -> String {
        text.replace(PROVIDER_IN_FILE, self.provider.issuer.trim_start_matches("http://"))
    }

    /// Stops everything and closes the store.
    pub async fn clear(self) -> Result<(), Problem> {
        let _ = self.stop.send(());
        let _ = tokio::time::timeout(GRACE, self.server).await;
        self.provider.shutdown().await;
        self.engine.close().await?;
        Ok(())
    }
}

/// The clock of the machine, which can be put forward.
#[derive(Debug, Default)]
pub struct StageClock {
    ahead_ms: AtomicI64,
}

impl StageClock {
    /// Lets time pass.
    pub fn put_forward(&self, by: Duration) {
        let millis = i64::try_from(by.as_millis()).unwrap_or(i64::MAX);
        self.ahead_ms.fetch_add(millis, Ordering::Relaxed);
    }
}

impl Clock for StageClock {
    fn now(&self) -> Timestamp {
        Timestamp(SystemClock.now().0.saturating_add(self.ahead_ms.load(Ordering::Relaxed)))
    }
}

/// A folder that nobody else has.
fn new_folder() -> PathBuf {
    let moment = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).unwrap_or_default();
    std::env::temp_dir().join(format!("sluis-demo-{}-{}", std::process::id(), moment.as_millis()))
}

async fn listen() -> Result<(Url, TcpListener), Problem> {
    let listener = TcpListener::bind("127.0.0.1:0").await.map_err(no_network)?;
    let address = listener.local_addr().map_err(no_network)?;
    let url = Url::parse(&format!("http://{address}/"))
        .map_err(|error| Problem::environment(format!("{address} is no address: {error}")))?;
    Ok((url, listener))
}

fn host_of(url: &str) -> Result<HostPort, Problem> {
    let host = url.trim_start_matches("http://").trim_end_matches('/');
    HostPort::parse(host).map_err(|error| Problem::environment(error.to_string()))
}

fn no_network(error: io::Error) -> Problem {
    Problem::environment(format!("this machine gives no port on its loopback address: {error}"))
}
