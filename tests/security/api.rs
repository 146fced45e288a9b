//! What the HTTP API answers about a connection, over a socket.

use super::surfaces::Surfaces;
use super::world::World;
use reqwest::Method;
use serde_json::{Value, json};
use sluis_engine::Engine;
use sluis_server::{ServerOptions, serve};
use tokio::sync::oneshot;
use tokio::task::JoinHandle;

pub const TOKEN: &str = "tok_0123456789abcdefghijklmnopqrstuv";

/// A server on the engine of a world.
pub struct Api {
    base: String,
    client: reqwest::Client,
    stop: oneshot::Sender<()>,
    server: JoinHandle<std::io::Result<()>>,
}

impl Api {
    /// Serves on a free port.
    pub async fn start(engine: Engine) -> Self {
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let base = format!("http://{}/api/v1/orgs/acme", listener.local_addr().unwrap());
        let (stop, stopped) = oneshot::channel::<()>();
        let options = ServerOptions {
            api_token: Some(TOKEN.into()),
            resume_runs: true,
            jobs: 2,
            ..ServerOptions::default()
        };
        let server = tokio::spawn(serve(listener, engine, options, async move { drop(stopped.await) }));
        Self { base, client: reqwest::Client::builder().no_proxy().build().unwrap(), stop, server }
    }

    /// Where the server is reached.
    pub fn base(&self) -> &str {
        self.base.strip_suffix("/api/v1/orgs/acme").unwrap_or(&self.base)
    }

    /// Serves no more.
    pub async fn end(self) {
        drop(self.stop);
        self.server.await.unwrap().unwrap();
    }

    async fn ask(&self, method: Method, path: &str, body: Option<Value>, seen: &mut Surfaces) -> u16 {
        let request = self.client.request(method.clone(), format!("{}{path}", self.base)).bearer_auth(TOKEN);
        let request = match body {
            Some(body) => request.header("content-type", "application/json").body(body.to_string()),
            None => request,
        };
        let answer = request.send().await.unwrap();
        let (status, headers) = (answer.status().as_u16(), format!("{:?}", answer.headers()));
        let route = path.split('?').next().unwrap_or(path).split('/').nth(1).unwrap_or(path);
        seen.add(&format!("API {method} {route}"), format!("{headers} {}", answer.text().await.unwrap()));
        status
    }

    /// Everything that may be asked about a connector and its connection.
    pub async fn walk(&self, world: &World, namespace: &str, seen: &mut Surfaces) {
        let data = json!({"data": {"name": "Ada"}});
        for query in ["", "?explain=true"] {
            let path = format!("/invoke/{namespace}.write{query}");
            let status = self.ask(Method::POST, &path, Some(data.clone()), seen).await;
            assert!(status < 500, "{path}: {status}");
        }
        assert_eq!(self.ask(Method::GET, "/connections", None, seen).await, 200);
        assert_eq!(self.ask(Method::GET, &format!("/connections/{namespace}/form"), None, seen).await, 200);
        self.ask(Method::POST, &format!("/connections/{namespace}/test"), Some(json!({})), seen).await;
        let unfit = json!({"fields": {"canary-field": world.marks.secret("a field that nobody asked for")}});
        self.ask(Method::PUT, &format!("/connections/{namespace}"), Some(unfit), seen).await;
        let source = format!(
            "info invokeConnector(\"{namespace}.fail\", {{}}); \
             info invokeurl [ url: \"http://{}/refuse\" connection: \"{namespace}\" ];",
            world.service.host
        );
        let function = format!("/functions/f_{namespace}");
        let stored = self.ask(Method::PUT, &function, Some(json!({"source": source})), seen).await;
        assert_eq!(stored, 200);
        self.ask(Method::POST, &format!("{function}/run"), Some(json!({})), seen).await;
    }

    /// A request of somebody who has the secret of an address and no token.
    pub async fn knock(&self, token: &str, headers: &[(&str, &str)], body: &str, seen: &mut Surfaces) {
        let mut request = self.client.post(format!("{}/hooks/{token}", self.base())).body(body.to_owned());
        request = request.header("content-type", "application/json");
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        let answer = request.send().await.unwrap();
        let said = format!("{} {:?} ", answer.status(), answer.headers());
        seen.add("an answer to a webhook", said + &answer.text().await.unwrap());
    }

    /// Everything that may be asked about a trigger.
    pub async fn look_at_trigger(&self, name: &str, seen: &mut Surfaces) {
        let path = format!("/triggers/{name}");
        for asked in ["/triggers", path.as_str(), format!("{path}/history").as_str()] {
            assert_eq!(self.ask(Method::GET, asked, None, seen).await, 200);
        }
        self.ask(Method::POST, &format!("{path}/test"), Some(json!({})), seen).await;
    }

    /// Gives a connection back.
    pub async fn revoke(&self, namespace: &str, seen: &mut Surfaces) {
        self.ask(Method::DELETE, &format!("/connections/{namespace}"), None, seen).await;
    }
}
