//! PostgreSQL as Debian installs it, on a unix socket in a folder that goes away. Also part of the
//! tests of `runtime/store`, which may use nothing of this crate: hence the standard library alone.

use std::ffi::OsStr;
use std::fs;
use std::io::{self, BufRead as _, BufReader, Write as _};
use std::os::unix::fs::{MetadataExt as _, chown};
use std::os::unix::process::CommandExt as _;
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Mutex, OnceLock, PoisonError};

/// Runs the server until its standard input ends, which the death of the test process brings about
/// however that dies. Databases sort by the rules of a language, so that code which forgets to ask for
/// the order of bytes is found out.
const SUPERVISOR: &str = r#"
set -eu
bin=$1; folder=$2; cd "$folder"
"$bin/initdb" -D data -A trust -U sluis -E UTF8 --locale=C.UTF-8 --locale-provider=icu --icu-locale=en-US \
    --no-sync >initdb.log 2>&1 || { cat initdb.log; exit 1; }
start() { "$bin/pg_ctl" -D data -w -t 60 -l log start </dev/null >>ctl.log 2>&1 || { cat log; exit 1; }; }
stop() { "$bin/pg_ctl" -D data -w -m immediate stop </dev/null >>ctl.log 2>&1 || true; }
echo "listen_addresses = ''
unix_socket_directories = '$folder'
max_connections = 200" >>data/postgresql.conf
if [ -n "$3" ]; then
    openssl req -x509 -newkey rsa:2048 -nodes -days 2 -subj /CN=sluis-test -addext "subjectAltName=IP:$3" \
        -addext basicConstraints=critical,CA:FALSE -keyout data/server.key -out data/server.crt >ssl.log 2>&1 \
        || { cat ssl.log; exit 1; }
    chmod 755 . ; cp data/server.crt server.crt; chmod 644 server.crt
    echo "ssl = on
listen_addresses = '$3'" >>data/postgresql.conf
    echo "hostssl all all all trust" >>data/pg_hba.conf
fi
trap 'stop; rm -rf "$folder"' EXIT
start; echo ready
while read -r word; do "$word"; echo ready; done
"#;

/// A running server.
pub struct Postgres {
    folder: PathBuf,
    bin: PathBuf,
    control: Mutex<(ChildStdin, BufReader<ChildStdout>)>,
    made: AtomicU32,
    _supervisor: Child,
}

impl Postgres {
    /// The one server of this process.
    ///
    /// # Panics
    /// When it cannot be started; the message says what is missing.
    pub fn shared() -> &'static Postgres {
        static SHARED: OnceLock<Postgres> = OnceLock::new();
        SHARED.get_or_init(|| Postgres::start().unwrap_or_else(|error| panic!("PostgreSQL: {error}")))
    }

    /// A server of one's own, which may be stopped without harm to other tests.
    ///
    /// # Errors
    /// When PostgreSQL is not installed or does not start; the message holds what it said.
    pub fn start() -> io::Result<Self> {
        Self::start_at("")
    }

    /// One that also listens for TLS, on an address of this process's own, so that no port must be
    /// found; [`Postgres::certificate`] signs itself.
    ///
    /// # Errors
    /// As for [`Postgres::start`], and when `openssl` is missing.
    pub fn start_with_tls() -> io::Result<(Self, String)> {
        let [_, high, middle, low] = std::process::id().to_be_bytes();
        let address = format!("127.{}.{middle}.{low}", 64 + high % 64);
        Ok((Self::start_at(&address)?, address))
    }

    fn start_at(address: &str) -> io::Result<Self> {
        let bin = programs()?;
        let folder = new_folder()?;
        let mut command = Command::new("sh");
        command.args(["-c", SUPERVISOR, "sh"]).arg(&bin).arg(&folder).arg(address);
        // The server refuses to run as root.
        if fs::metadata("/proc/self")?.uid() == 0 {
            let (uid, gid) = unprivileged()?;
            chown(&folder, Some(uid), Some(gid))?;
            command.uid(uid).gid(gid);
        }
        command.current_dir("/").stdin(Stdio::piped()).stdout(Stdio::piped());
        let mut supervisor = command.spawn()?;
        let (Some(to), Some(from)) = (supervisor.stdin.take(), supervisor.stdout.take()) else {
            return Err(io::Error::other("the supervisor has no pipes"));
        };
        let control = Mutex::new((to, BufReader::new(from)));
        let server = Self { folder, bin, control, made: AtomicU32::new(0), _supervisor: supervisor };
        server.wait()?;
        Ok(server)
    }

    /// Stops it as a crash of the machine would, without a checkpoint.
    pub fn crash(&self) {
        self.say("stop");
    }

    /// Starts it again after [`Postgres::crash`].
    pub fn come_back(&self) {
        self.say("start");
    }

    /// The unix socket.
    pub fn socket(&self) -> PathBuf {
        self.folder.join(".s.PGSQL.5432")
    }

    /// The certificate of the server, in PEM.
    pub fn certificate(&self) -> PathBuf {
        self.folder.join("server.crt")
    }

    /// A new empty database; further words of `CREATE DATABASE` may follow.
    pub fn database(&self, how: &str) -> Database<'_> {
        let name = format!("d{}", self.made.fetch_add(1, Ordering::Relaxed));
        self.sql("postgres", &format!("CREATE DATABASE {name} {how}"));
        Database { server: self, name }
    }

    fn sql(&self, database: &str, statement: &str) -> String {
        let output = Command::new(self.bin.join("psql"))
            .args(["-X", "-q", "-A", "-t", "-v", "ON_ERROR_STOP=1", "-U", "sluis", "-d", database, "-h"])
            .arg(&self.folder)
            .args(["-c", statement])
            .stdin(Stdio::null())
            .output()
            .unwrap_or_else(|error| panic!("psql: {error}"));
        let said = String::from_utf8_lossy(&output.stderr);
        assert!(output.status.success(), "psql refuses `{statement}`: {said}");
        String::from_utf8_lossy(&output.stdout).trim().to_owned()
    }

    fn say(&self, word: &str) {
        {
            let mut control = self.control.lock().unwrap_or_else(PoisonError::into_inner);
            writeln!(control.0, "{word}").unwrap_or_else(|error| panic!("the supervisor: {error}"));
        }
        self.wait().unwrap_or_else(|error| panic!("PostgreSQL: {error}"));
    }

    fn wait(&self) -> io::Result<()> {
        let mut control = self.control.lock().unwrap_or_else(PoisonError::into_inner);
        let mut said = String::new();
        loop {
            let from = said.len();
            if control.1.read_line(&mut said)? == 0 {
                return Err(io::Error::other(format!("it does not start:\n{said}")));
            }
            if &said[from..] == "ready\n" {
                return Ok(());
            }
        }
    }
}

/// A database of a server.
pub struct Database<'a> {
    server: &'a Postgres,
    name: String,
}

impl Database<'_> {
    /// Its URL, by unix socket.
    pub fn url(&self) -> String {
        format!("postgres:///{}?host={}&user=sluis", self.name, self.server.folder.display())
    }

    /// Its name.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Runs statements behind everybody's back; what they answer, one line a row.
    ///
    /// # Panics
    /// When the server refuses one.
    pub fn sql(&self, statement: &str) -> String {
        self.server.sql(&self.name, statement)
    }
}

/// The folder of the newest PostgreSQL's programs.
fn programs() -> io::Result<PathBuf> {
    let by_version = |path: &PathBuf| {
        path.parent()
            .and_then(Path::file_name)
            .and_then(OsStr::to_str)
            .and_then(|name| name.parse::<u32>().ok())
    };
    let debian = fs::read_dir("/usr/lib/postgresql").into_iter().flatten().flatten();
    let debian = debian.map(|entry| entry.path().join("bin"));
    let path = std::env::var_os("PATH").unwrap_or_default();
    let others = std::env::split_paths(&path).collect::<Vec<_>>();
    debian.chain(others).filter(|bin| bin.join("initdb").is_file()).max_by_key(by_version).ok_or_else(|| {
        io::Error::other(
            "its programs are needed for this test; `cargo xtask ci` installs them or says how \
             (Debian: apt-get install postgresql)",
        )
    })
}

/// Short, because the path of a socket has 107 bytes at most.
fn new_folder() -> io::Result<PathBuf> {
    static COUNT: AtomicU32 = AtomicU32::new(0);
    let count = COUNT.fetch_add(1, Ordering::Relaxed);
    let folder = std::env::temp_dir().join(format!("sluis-pg-{}-{count}", std::process::id()));
    fs::create_dir(&folder)?;
    Ok(folder)
}

/// User and group that the server runs as.
fn unprivileged() -> io::Result<(u32, u32)> {
    let users = fs::read_to_string("/etc/passwd")?;
    let find = |wanted: &str| {
        users.lines().find_map(|line| {
            let mut fields = line.split(':');
            (fields.next()? == wanted).then_some(())?;
            Some((fields.nth(1)?.parse().ok()?, fields.next()?.parse().ok()?))
        })
    };
    find("postgres").or_else(|| find("nobody")).ok_or_else(|| io::Error::other("no user to run it as"))
}
