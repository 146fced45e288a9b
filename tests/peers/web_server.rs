//! nginx and Apache httpd as Debian has them, with a configuration that a test writes, on a free port of
//! loopback. Each ends with its supervisor's standard input, however the test's process dies.

use anyhow::{Context as _, Result, bail};
use std::fs::{self, Permissions};
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::time::Duration;
use tempfile::TempDir;
use tokio::io::{AsyncBufReadExt as _, BufReader};
use tokio::net::TcpSocket;
use tokio::process::{Child, Command};

/// How long a server may take to start.
const TIMEOUT: Duration = Duration::from_secs(60);
/// Runs the server until there is nothing more to read, and goes when it is gone. Apache tells its whole
/// process group to end, hence the trap; only the server holds on to where its messages go.
const SUPERVISOR: &str = r#"
trap : TERM
"$@" </dev/null & server=$!
exec 2>/dev/null
cat >/dev/null
kill "$server"
while kill -0 "$server"; do wait "$server"; done"#;
/// Where Debian has Apache's modules.
const MODULES: &str = "/usr/lib/apache2/modules";

/// Which server.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum WebServerKind {
    /// nginx; the text goes into a `server` that has its `listen`, with `ssl` after it.
    NginxWithTls,
    /// Apache httpd; the text goes to the end of a configuration with the modules for digests of files.
    Httpd,
}

/// A running server. It ends when this is dropped.
pub struct WebServer {
    kind: WebServerKind,
    port: u16,
    folder: TempDir,
    process: Child,
    /// Bound and never listening: so the port stays ours, also while the server restarts.
    _reserved: TcpSocket,
}

impl WebServer {
    /// Starts a server with these files in its folder, which stands in for `{folder}` in the text.
    ///
    /// # Errors
    /// When it is not installed or does not start; the message holds what it said.
    pub async fn start(kind: WebServerKind, files: &[(&str, &str)], text: &str) -> Result<Self> {
        let reserved = TcpSocket::new_v4()?;
        reserved.set_reuseport(true)?;
        reserved.bind(([127, 0, 0, 1], 0).into())?;
        let port = reserved.local_addr()?.port();
        let folder = tempfile::tempdir()?;
        // What answers runs as another user than what starts.
        fs::set_permissions(folder.path(), Permissions::from_mode(0o755))?;
        for (name, content) in files {
            fs::write(folder.path().join(name), content)?;
        }
        let path = folder.path().to_str().context("the folder's name")?;
        let whole = match kind {
            WebServerKind::NginxWithTls => nginx(port, text),
            WebServerKind::Httpd => httpd(port, text),
        };
        fs::write(folder.path().join("server.conf"), whole.replace("{folder}", path))?;
        let process = spawn(kind, folder.path()).await?;
        Ok(Self { kind, port, folder, process, _reserved: reserved })
    }

    /// Host and port, as URLs write them.
    pub fn host(&self) -> String {
        format!("127.0.0.1:{}", self.port)
    }

    /// Ends the server and starts it again: it forgets whatever it held in memory.
    ///
    /// # Errors
    /// As for [`WebServer::start`].
    pub async fn restart(&mut self) -> Result<()> {
        drop(self.process.stdin.take());
        self.process.wait().await?;
        self.process = spawn(self.kind, self.folder.path()).await?;
        Ok(())
    }
}

fn nginx(port: u16, text: &str) -> String {
    let kinds = ["client_body", "proxy", "fastcgi", "uwsgi", "scgi"];
    let folders: String = kinds.map(|kind| format!("    {kind}_temp_path {{folder}}/{kind};\n")).concat();
    format!(
        "daemon off;\npid {{folder}}/pid;\nerror_log stderr notice;\nevents {{}}\nhttp {{\n    access_log off;\n\
         {folders}    server {{\n        listen 127.0.0.1:{port} ssl reuseport;\n{text}\n    }}\n}}\n"
    )
}

fn httpd(port: u16, text: &str) -> String {
    let modules = ["mpm_event", "authn_core", "authn_file", "authz_core", "authz_user", "auth_digest", "dir"];
    let modules = modules.map(|name| format!("LoadModule {name}_module {MODULES}/mod_{name}.so\n")).concat();
    // The setting lets it listen beside the socket that keeps the port; more cores than any machine has
    // to a bucket make one bucket, for a bucket whose process is busy answers nobody.
    format!(
        "ServerRoot {{folder}}\nServerName 127.0.0.1\nListen 127.0.0.1:{port}\nListenCoresBucketsRatio 4096\n\
         PidFile {{folder}}/pid\nDefaultRuntimeDir {{folder}}\nErrorLog /dev/stderr\nLogLevel notice\n\
         {modules}User www-data\nGroup www-data\nStartServers 1\nThreadsPerChild 16\nMaxRequestWorkers 16\n{text}\n"
    )
}

async fn spawn(kind: WebServerKind, folder: &Path) -> Result<Child> {
    let (name, package, arguments, ready): (_, _, &[&str], _) = match kind {
        WebServerKind::NginxWithTls => ("nginx", "nginx", &["-e", "stderr", "-c"], "start worker process "),
        WebServerKind::Httpd => {
            ("apache2", "apache2-bin", &["-D", "FOREGROUND", "-f"], "resuming normal operations")
        }
    };
    let how =
        || format!("{name} is needed: `cargo xtask ci` installs it, or `apt-get install {package}` does");
    let mut process = Command::new("sh")
        .args(["-c", SUPERVISOR, "sh"])
        .arg(program(name).with_context(how)?)
        .args(arguments)
        .arg(folder.join("server.conf"))
        .stdin(Stdio::piped())
        .stdout(Stdio::null())
        .stderr(Stdio::piped())
        .process_group(0)
        .spawn()?;
    let mut lines = BufReader::new(process.stderr.take().context("the server's messages")?).lines();
    let mut said = String::new();
    let come_up = async {
        while let Some(line) = lines.next_line().await? {
            if line.contains(ready) {
                return Ok(());
            }
            said.push_str(&line);
            said.push('\n');
        }
        bail!("{name} did not start")
    };
    let came: Result<()> = tokio::time::timeout(TIMEOUT, come_up).await.unwrap_or_else(|_| bail!("too late"));
    came.with_context(|| format!("{name} said:\n{said}"))?;
    // Nobody reads on; a full pipe must not stop the server.
    tokio::spawn(async move { while let Ok(Some(_)) = lines.next_line().await {} });
    Ok(process)
}

/// Where the program is: Debian has servers where not everybody looks.
fn program(name: &str) -> Option<PathBuf> {
    let path = std::env::var_os("PATH").unwrap_or_default();
    let folders = std::env::split_paths(&path).chain(["/usr/sbin".into(), "/sbin".into()]);
    folders.map(|folder| folder.join(name)).find(|file| file.is_file())
}
