//! Sluis as its operator starts it, with a connector for the service.

use crate::arguments::Product;
use anyhow::{Context as _, Result, ensure};
use reqwest::{Client, Method};
use serde_json::{Value, json};
use std::path::PathBuf;
use std::process::Stdio;
use std::time::{Duration, Instant};
use tokio::process::{Child, Command};

/// The server's API token in these measurements.
pub const TOKEN: &str = "slt_0123456789abcdef0123456789abcdef";

/// A folder for its store and keys, and how to start it there.
pub struct Place {
    folder: tempfile::TempDir,
    binary: PathBuf,
    store: Option<String>,
    service: String,
    port: u16,
}

/// A process that serves.
pub struct Sluis {
    /// Killed when this is dropped.
    pub child: Child,
    /// Its address.
    pub base: String,
    client: Client,
}

impl Place {
    /// An empty folder; with `store` only the key is in it.
    pub async fn new(product: &Product, store: Option<&str>, service: &str) -> Result<Self> {
        let binary = product.sluis.canonicalize().with_context(|| {
            format!(
                "there is no {}; make it with: cargo build --release -p sluis-cli",
                product.sluis.display()
            )
        })?;
        // Freed at once: an address must be known before the process is there.
        let port = tokio::net::TcpListener::bind("127.0.0.1:0").await?.local_addr()?.port();
        let store = store.map(str::to_owned);
        Ok(Self { folder: tempfile::tempdir()?, binary, store, service: service.to_owned(), port })
    }

    /// Starts it, and waits until it answers; how long that took.
    pub async fn start(&self) -> Result<(Sluis, Duration)> {
        let base = format!("http://127.0.0.1:{}", self.port);
        let mut command = Command::new(&self.binary);
        command
            .arg("--data-dir")
            .arg(self.folder.path())
            .args(["--allow-host", &self.service, "--public-url", &base])
            .args(["serve", "--rate-limit", "0"])
            .env("SLUIS_API_TOKEN", TOKEN)
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .kill_on_drop(true);
        if let Some(store) = &self.store {
            command.env("SLUIS_STORE", store);
        }
        let client = Client::builder().no_proxy().build()?;
        let begun = Instant::now();
        let mut child = command.spawn()?;
        let ready = format!("{base}/readyz");
        loop {
            match client.get(&ready).send().await {
                Ok(answer) if answer.status().is_success() => break,
                _ => tokio::time::sleep(Duration::from_millis(1)).await,
            }
            ensure!(
                child.try_wait()?.is_none(),
                "sluis has ended; see what it says when you start it yourself"
            );
            ensure!(begun.elapsed() < Duration::from_secs(120), "sluis does not answer");
        }
        Ok((Sluis { child, base, client }, begun.elapsed()))
    }
}

impl Sluis {
    /// Asks the API for something; anything but a success is an error.
    pub async fn ask(&self, method: Method, path: &str, body: Value) -> Result<Value> {
        let request = self.client.request(method, format!("{}/api/v1{path}", self.base)).bearer_auth(TOKEN);
        let answer = request.json(&body).send().await?;
        let (status, text) = (answer.status(), answer.text().await?);
        ensure!(status.is_success(), "{path}: {status} {text}");
        Ok(serde_json::from_str(&text).unwrap_or(Value::Null))
    }

    /// Releases the connector.
    pub async fn release(&self, service: &str) -> Result<()> {
        let definition = json!({
            "sluis": 1,
            "namespace": "bench",
            "service": { "name": "Bench" },
            "auth": { "scheme": "bearer" },
            "hosts": [service],
            "apis": {
                "get": {
                    "method": "GET",
                    "url": format!("http://{service}/contacts/${{id}}"),
                    "effect": "read",
                    "inputs": { "id": { "type": "text" } },
                },
            },
        });
        self.ask(Method::POST, "/connectors", json!({ "definition": definition })).await?;
        Ok(())
    }

    /// Makes an org.
    pub async fn make_org(&self, org: &str) -> Result<()> {
        self.ask(Method::PUT, &format!("/orgs/{org}"), json!({})).await?;
        Ok(())
    }

    /// Connects an org; with a name, if it is one of several.
    pub async fn connect(&self, org: &str, name: Option<&str>) -> Result<()> {
        let mut given = json!({ "fields": { "token": crate::service::TOKEN } });
        if let Some(name) = name {
            given["name"] = json!(name);
        }
        self.ask(Method::PUT, &format!("/orgs/{org}/connections/bench"), given).await?;
        Ok(())
    }

    /// Stops it as its operator would, and waits for that.
    pub async fn stop(mut self) -> Result<()> {
        let id = self.child.id().context("it has ended")?.to_string();
        Command::new("kill").args(["-TERM", &id]).status().await?;
        self.child.wait().await?;
        Ok(())
    }

    /// Ends it at once.
    pub async fn kill(mut self) -> Result<()> {
        self.child.kill().await?;
        Ok(())
    }
}
