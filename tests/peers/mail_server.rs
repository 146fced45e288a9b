//! `aiosmtpd`, an SMTP server, that keeps what it is sent.

use super::install;
use anyhow::{Context as _, Result, bail};
use serde::Deserialize;
use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::time::Duration;
use tokio::io::{AsyncBufReadExt as _, AsyncReadExt as _, BufReader, Lines};
use tokio::process::{Child, ChildStdout, Command};
use tokio::task::spawn_blocking;

/// How long the server may take to start, and a mail to be told of.
const TIMEOUT: Duration = Duration::from_secs(60);

/// How the server behaves.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum MailMode {
    /// Takes everything.
    Normal,
    /// 451 after the content.
    TemporaryFailure,
    /// 451 after the content of the first mail.
    TemporaryFailureOnce,
    /// 550 after the content.
    PermanentFailure,
    /// Never answers the content.
    Silent,
    /// Keeps the mail and hangs up without an answer.
    Drop,
    /// Takes everything, over TLS from the start; wants a certificate.
    Tls,
}

/// A mail that arrived.
#[derive(Clone, Debug, Deserialize)]
pub struct Arrived {
    /// Sender of the envelope.
    pub sender: String,
    /// Recipients of the envelope.
    pub recipients: Vec<String>,
    /// Whether it came over TLS.
    pub tls: bool,
    /// Headers and body.
    pub content: String,
}

/// A running server. It ends when this is dropped. Everyone signs in as `mailer` with `mail-pw`, or for
/// `ada@example.com` with the token `good-token`; recipients that begin with `nobody@` are unknown.
pub struct MailServer {
    /// Port on 127.0.0.1.
    pub port: u16,
    /// The certificate, a PEM file, if the server has one.
    pub certificate: Option<PathBuf>,
    lines: Lines<BufReader<ChildStdout>>,
    _folder: Option<tempfile::TempDir>,
    _process: Child,
}

#[derive(Deserialize)]
struct FirstLine {
    port: u16,
}

impl MailServer {
    /// Starts a server on a free port; installs it first when nobody has.
    ///
    /// # Errors
    /// When Python is missing or the server does not start; the message holds what it said.
    pub async fn start(mode: MailMode, starttls: bool) -> Result<Self> {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("peers/mail");
        let of_pip = folder.clone();
        let python = spawn_blocking(move || install::python_venv(&of_pip)).await??;
        let made = if starttls { Some(certificate()?) } else { None };
        let mut command = Command::new(python);
        command.arg("server.py").arg(match mode {
            MailMode::Normal => "normal",
            MailMode::TemporaryFailure => "tempfail",
            MailMode::TemporaryFailureOnce => "tempfail-once",
            MailMode::PermanentFailure => "permfail",
            MailMode::Silent => "silent",
            MailMode::Drop => "drop",
            MailMode::Tls => "smtps",
        });
        if let Some(folder) = &made {
            command.arg(folder.path().join("cert.pem")).arg(folder.path().join("key.pem"));
        }
        let mut process = command
            .current_dir(folder)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .kill_on_drop(true)
            .spawn()
            .context("python3 is needed to start the mail server")?;
        let out = process.stdout.take().context("the server's output")?;
        let mut lines = BufReader::new(out).lines();
        let Ok(Ok(Some(line))) = tokio::time::timeout(TIMEOUT, lines.next_line()).await else {
            let mut said = String::new();
            if let Some(mut err) = process.stderr.take() {
                let _ = process.start_kill();
                err.read_to_string(&mut said).await?;
            }
            bail!("the mail server did not start:\n{said}");
        };
        let FirstLine { port } = serde_json::from_str(&line)?;
        let certificate = made.as_ref().map(|folder| folder.path().join("cert.pem"));
        Ok(Self { port, certificate, lines, _folder: made, _process: process })
    }

    /// The next mail.
    ///
    /// # Errors
    /// When none comes in time.
    pub async fn next(&mut self) -> Result<Arrived> {
        let line = tokio::time::timeout(TIMEOUT, self.lines.next_line()).await.context("no mail came")??;
        Ok(serde_json::from_str(&line.context("the mail server has ended")?)?)
    }
}

/// A certificate for 127.0.0.1 and localhost that signs itself, made anew for each test.
fn certificate() -> Result<tempfile::TempDir> {
    let folder = tempfile::tempdir()?;
    let output = std::process::Command::new("openssl")
        .args(["req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-subj", "/CN=localhost"])
        .args([
            "-addext",
            "subjectAltName=DNS:localhost,IP:127.0.0.1",
            "-addext",
            "basicConstraints=critical,CA:FALSE",
            "-keyout",
            "key.pem",
            "-out",
            "cert.pem",
        ])
        .current_dir(folder.path())
        .stdin(Stdio::null())
        .output()
        .context("openssl is needed to make a certificate")?;
    if !output.status.success() {
        bail!("openssl failed:\n{}", String::from_utf8_lossy(&output.stderr));
    }
    Ok(folder)
}
