//! Servers with a folder of their own here: `server.py` with the packages of `requirements.txt`, or
//! `server.mjs` with those of `package-lock.json`. Each listens on a port that is nobody else's, prints one
//! line of JSON when it does, and ends with its standard input.

use super::install;
use anyhow::{Context as _, Result, bail};
use serde_json::Value;
use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::time::Duration;
use tokio::io::{AsyncBufReadExt as _, AsyncReadExt as _, BufReader};
use tokio::process::{Child, Command};
use tokio::task::spawn_blocking;

/// How long a server may take to start once it is installed.
const TIMEOUT: Duration = Duration::from_secs(60);

/// A running server. It ends when this is dropped.
pub struct ServerPeer {
    /// The line that it printed.
    pub told: Value,
    _process: Child,
}

impl ServerPeer {
    /// Starts a server in Python; installs its packages first when nobody has.
    ///
    /// # Errors
    /// When Python is missing or the server does not start; the message holds what it said.
    pub async fn python(name: &str, environment: &[(&str, &str)]) -> Result<Self> {
        let folder = folder(name);
        let of_pip = folder.clone();
        let python = spawn_blocking(move || install::python_venv(&of_pip)).await??;
        Self::start(Command::new(python).arg("server.py").current_dir(folder), name, environment).await
    }

    /// Starts a server in JavaScript; installs its packages first when nobody has.
    ///
    /// # Errors
    /// When Node.js is missing or the server does not start; the message holds what it said.
    pub async fn node(name: &str, environment: &[(&str, &str)]) -> Result<Self> {
        let folder = folder(name);
        let of_npm = folder.clone();
        spawn_blocking(move || install::npm_ci(&of_npm)).await??;
        Self::start(Command::new("node").arg("server.mjs").current_dir(folder), name, environment).await
    }

    async fn start(command: &mut Command, name: &str, environment: &[(&str, &str)]) -> Result<Self> {
        let mut process = command
            // What it compiles of its packages is kept for the next start.
            .env_remove("PYTHONDONTWRITEBYTECODE")
            .envs(environment.iter().copied())
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .kill_on_drop(true)
            .spawn()
            .with_context(|| format!("what runs {name} is needed; `cargo xtask ci` installs it"))?;
        let out = process.stdout.take().context("the server's output")?;
        let mut lines = BufReader::new(out).lines();
        let line = tokio::time::timeout(TIMEOUT, lines.next_line()).await;
        let mut err = process.stderr.take().context("the server's complaints")?;
        let Ok(Ok(Some(line))) = line else {
            let _ = process.start_kill();
            let mut said = String::new();
            err.read_to_string(&mut said).await?;
            bail!("{name} did not start:\n{said}");
        };
        // Nobody reads on; a full pipe must not stop the server.
        tokio::spawn(async move { tokio::io::copy(&mut err, &mut tokio::io::sink()).await });
        let told = serde_json::from_str(&line).with_context(|| format!("{name} said: {line}"))?;
        Ok(Self { told, _process: process })
    }

    /// A text of the line that it printed; empty if there is none.
    pub fn text(&self, name: &str) -> &str {
        self.told.get(name).and_then(Value::as_str).unwrap_or_default()
    }

    /// Host and port, as URLs write them.
    pub fn host(&self) -> &str {
        self.text("host")
    }
}

fn folder(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("peers").join(name)
}
