//! One world for a test: a server on a free port, the sample provider, and a client for both.

use serde_json::{Value, json};
use sluis_engine::{Engine, EngineBuilder, Opened};
use sluis_example_provider::{Provider, Settings};
use sluis_invoke::{EgressPolicy, HostPort, Transport};
use sluis_server::{ServerOptions, serve};
use sluis_vault::{SystemRandomness, Vault, load_or_create_key_file};
use std::sync::{Arc, Mutex};
use std::time::Duration;
use tempfile::TempDir;
use tokio::net::TcpListener;
use tokio::sync::oneshot;
use tokio::task::JoinHandle;

/// The server's API token in tests.
pub const TOKEN: &str = "tok_0123456789abcdefghijklmnopqrstuv";

/// A server and the provider that its connector talks to.
pub struct World {
    pub engine: Engine,
    pub base: String,
    pub provider: Provider,
    pub client: reqwest::Client,
    pub stop: Option<oneshot::Sender<()>>,
    pub server: JoinHandle<std::io::Result<()>>,
    pub client_secret: String,
    /// The cookie of the person's browser.
    pub cookie: Mutex<String>,
    folder: TempDir,
}

/// An answer, read to its end.
#[derive(Debug)]
pub struct Answer {
    pub status: u16,
    pub headers: reqwest::header::HeaderMap,
    pub text: String,
}

impl Answer {
    pub fn json(&self) -> Value {
        serde_json::from_str(&self.text).unwrap_or_else(|error| panic!("{error} in {}", self.text))
    }

    pub fn header(&self, name: &str) -> &str {
        self.headers.get(name).map_or("", |value| value.to_str().unwrap())
    }

    /// The problem document, checked for what every one must hold.
    pub fn problem(&self, status: u16, code: &str) -> Value {
        assert_eq!(self.status, status, "{}", self.text);
        assert_eq!(self.header("content-type"), "application/problem+json");
        let document = self.json();
        assert_eq!(document["status"], status);
        assert_eq!(document["code"], code, "{document}");
        assert_eq!(document["type"], format!("urn:sluis:problem:{code}"));
        assert_eq!(document["request_id"], self.header("x-request-id"));
        for text in ["title", "detail"] {
            assert!(document[text].as_str().is_some_and(|text| !text.is_empty()), "{text} in {document}");
        }
        document
    }
}

impl World {
    /// A world whose provider consents by itself.
    pub async fn new() -> Self {
        Self::with(Settings { ask_person: false, ..Settings::default() }, true).await
    }

    pub async fn with(settings: Settings, token: bool) -> Self {
        Self::allowing(settings, token, &[]).await
    }

    /// The same, with further hosts on this machine that may be called.
    pub async fn allowing(settings: Settings, token: bool, hosts: &[String]) -> Self {
        Self::built(settings, token, hosts, ServerOptions::default()).await
    }

    /// A world whose provider consents by itself, with a server as its operator wants it.
    pub async fn operated(options: ServerOptions) -> Self {
        Self::built(Settings { ask_person: false, ..Settings::default() }, true, &[], options).await
    }

    async fn built(mut settings: Settings, token: bool, hosts: &[String], options: ServerOptions) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let base = format!("http://{}", listener.local_addr().unwrap());
        settings.redirect_uris = ["acme/gcontacts", "acme/other", "rival/gcontacts"]
            .map(|at| format!("{base}/oauth/callback/{at}"))
            .to_vec();
        let client_secret = settings.client_secret.clone();
        let provider_socket = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let provider_host = provider_socket.local_addr().unwrap().to_string();
        let provider = sluis_example_provider::start(provider_socket, settings).await.unwrap();
        let engine = engine(&folder, &base, [&provider_host].into_iter().chain(hosts)).await;
        let same = engine.clone();
        let (stop, stopped) = oneshot::channel::<()>();
        let options =
            ServerOptions { api_token: token.then(|| TOKEN.into()), resume_runs: true, jobs: 4, ..options };
        let server = tokio::spawn(serve(listener, engine, options, async move { drop(stopped.await) }));
        let client = reqwest::Client::builder()
            .redirect(reqwest::redirect::Policy::none())
            .no_proxy()
            .build()
            .unwrap();
        Self {
            engine: same,
            base,
            provider,
            client,
            stop: Some(stop),
            server,
            client_secret,
            cookie: Mutex::default(),
            folder,
        }
    }

    /// A world in which `gcontacts` is released, its client is registered, and there is an org `acme`.
    pub async fn ready() -> Self {
        let world = Self::new().await;
        world.set_up().await;
        world
    }

    pub async fn set_up(&self) {
        let client = json!({ "id": "sluis-demo", "secret": self.client_secret });
        assert_eq!(self.put("/api/v1/clients/gcontacts", client).await.status, 200);
        let released =
            self.post("/api/v1/connectors", json!({ "definition": self.definition("gcontacts") })).await;
        assert_eq!(released.status, 200, "{}", released.text);
        assert_eq!(self.put("/api/v1/orgs/acme", json!({})).await.status, 200);
    }

    /// A connector file for the provider.
    pub fn definition(&self, namespace: &str) -> String {
        let issuer = &self.provider.issuer;
        let host = issuer.strip_prefix("http://").unwrap();
        format!(
            r#"sluis: 1
namespace: {namespace}
service:
  name: Sample Contacts
auth:
  scheme: oauth2_authorization_code
  authorize_url: {authorize}
  token_url: {token}
  revoke_url: {revoke}
  scopes: [contacts.read, contacts.write]
  client: vault:gcontacts
hosts:
  - {host}
apis:
  pushcontact:
    description: Adds a contact.
    method: POST
    url: {issuer}/people/v1/contacts
    body:
      json:
        names:
          - givenName: ${{first}}
            familyName: ${{last}}
  contacts:
    method: GET
    url: {issuer}/people/v1/contacts
    effect: read
"#,
            authorize = self.provider.authorize_url(),
            token = self.provider.token_url(),
            revoke = self.provider.revoke_url(),
        )
    }

    /// Lets `acme` authorize the connector, as a browser would; answers the page's address.
    pub async fn authorize(&self, org: &str, namespace: &str) -> Answer {
        let started =
            self.post(&format!("/api/v1/orgs/{org}/connections/{namespace}/authorize"), json!({})).await;
        assert_eq!(started.status, 201, "{}", started.text);
        let url = started.json()["authorize_url"].as_str().unwrap().to_owned();
        self.browse(&self.callback_of(&url).await).await
    }

    /// Opens the link that was given out and goes on from its page: the provider's address.
    pub async fn follow(&self, link: &str) -> String {
        let page = self.browse(link).await;
        if page.status == 303 {
            return page.header("location").to_owned();
        }
        let confirmation =
            page.text.split("name=\"confirmation\" value=\"").nth(1).unwrap_or_else(|| panic!("{page:?}"));
        let form = format!("confirmation={}", confirmation.split('"').next().unwrap());
        let request = self.client.post(link).header("content-type", "application/x-www-form-urlencoded");
        let gone_on = read(self.with_cookies(request).body(form).send().await.unwrap()).await;
        assert_eq!(gone_on.status, 303, "{gone_on:?}");
        gone_on.header("location").to_owned()
    }

    /// Follows a link to a provider that consents by itself; answers where it sends the browser.
    pub async fn callback_of(&self, link: &str) -> String {
        let answer = self.browse(&self.follow(link).await).await;
        assert!(answer.header("location").starts_with(&self.base), "{answer:?}");
        answer.header("location").to_owned()
    }

    /// A browser's request, which carries cookies but no token and follows nothing.
    pub async fn browse(&self, url: &str) -> Answer {
        let answer = read(self.with_cookies(self.client.get(url)).send().await.unwrap()).await;
        if let Some(line) = answer.headers.get("set-cookie") {
            let cookie = line.to_str().unwrap().split(';').next().unwrap();
            *self.cookie.lock().unwrap() = cookie.to_owned();
        }
        answer
    }

    /// A request of the person's browser.
    pub fn with_cookies(&self, request: reqwest::RequestBuilder) -> reqwest::RequestBuilder {
        request.header("cookie", self.cookie.lock().unwrap().clone())
    }

    /// All that lies in the folder of the store.
    pub fn stored_bytes(&self) -> Vec<u8> {
        let files = std::fs::read_dir(self.folder.path()).unwrap();
        files.flat_map(|file| std::fs::read(file.unwrap().path()).unwrap_or_default()).collect()
    }

    pub async fn get(&self, path: &str) -> Answer {
        self.send(self.client.get(format!("{}{path}", self.base))).await
    }

    /// As somebody who shows another token.
    pub async fn get_with(&self, path: &str, token: &str) -> Answer {
        read(self.client.get(format!("{}{path}", self.base)).bearer_auth(token).send().await.unwrap()).await
    }

    pub async fn delete(&self, path: &str) -> Answer {
        self.send(self.client.delete(format!("{}{path}", self.base))).await
    }

    pub async fn put(&self, path: &str, body: Value) -> Answer {
        self.send_json(self.client.put(format!("{}{path}", self.base)), body).await
    }

    pub async fn post(&self, path: &str, body: Value) -> Answer {
        self.send_json(self.client.post(format!("{}{path}", self.base)), body).await
    }

    pub async fn send_json(&self, request: reqwest::RequestBuilder, body: Value) -> Answer {
        self.send(request.header("content-type", "application/json").body(body.to_string())).await
    }

    pub async fn send(&self, request: reqwest::RequestBuilder) -> Answer {
        read(request.bearer_auth(TOKEN).send().await.unwrap()).await
    }

    /// Asks again until the run is in another state than `waiting` and `running`.
    pub async fn run_ended(&self, org: &str, run: &str) -> Value {
        let ended = async {
            loop {
                let run = self.get(&format!("/api/v1/orgs/{org}/runs/{run}")).await.json();
                if !matches!(
                    run["status"].as_str(),
                    Some("queued" | "waiting" | "awaiting_callback" | "running")
                ) {
                    return run;
                }
            }
        };
        tokio::time::timeout(Duration::from_secs(20), ended).await.expect("the run did not end")
    }
}

pub async fn read(response: reqwest::Response) -> Answer {
    let (status, headers) = (response.status().as_u16(), response.headers().clone());
    Answer { status, headers, text: response.text().await.unwrap() }
}

async fn engine<'a>(folder: &TempDir, public_url: &str, hosts: impl Iterator<Item = &'a String>) -> Engine {
    let store = sluis_store::open(&folder.path().join("sluis.redb")).await.unwrap();
    let (ring, _) =
        load_or_create_key_file(&folder.path().join("keys/master.key"), &SystemRandomness).unwrap();
    let vault = Arc::new(Vault::new(ring, Arc::new(SystemRandomness)));
    let hosts = hosts.map(|host| HostPort::parse(host).unwrap()).collect();
    let transport = Transport::new(EgressPolicy::allowing(hosts));
    EngineBuilder::new(Arc::new(Opened { store, vault }), Arc::new(transport), public_url.parse().unwrap())
        .build()
}
