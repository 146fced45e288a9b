//! Servers of Python packages: `<name>/server.py` with the packages of `<name>/requirements.txt`. Each
//! listens on a port that the system chooses, prints one line of JSON when it does, and ends with its
//! standard input.

use super::install;
use anyhow::{Context as _, Result, bail};
use serde_json::Value;
use std::path::Path;
use std::process::Stdio;
use std::time::Duration;
use tokio::io::{AsyncBufReadExt as _, AsyncReadExt as _, BufReader};
use tokio::process::{Child, Command};
use tokio::task::spawn_blocking;

/// How long a server may take to start once it is installed.
const TIMEOUT: Duration = Duration::from_secs(60);

/// A running server. It ends when this is dropped.
pub struct PythonPeer {
    /// The line that it printed.
    pub told: Value,
    _process: Child,
}

impl PythonPeer {
    /// Starts a server; installs its packages first when nobody has.
    ///
    /// # Errors
    /// When Python is missing or the server does not start; the message holds what it said.
    pub async fn start(name: &str, environment: &[(&str, &str)]) -> Result<Self> {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("peers").join(name);
        let of_pip = folder.clone();
        let python = spawn_blocking(move || install::python_venv(&of_pip)).await??;
        let mut process = Command::new(python)
            .arg("server.py")
            .current_dir(folder)
            .envs(environment.iter().copied())
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .kill_on_drop(true)
            .spawn()
            .with_context(|| format!("python3 is needed to start {name}"))?;
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
