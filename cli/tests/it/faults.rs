//! What a server meets in operation: slow and silent callers, too few file descriptors, a log that nobody
//! reads, requests that are none, little memory.
#![cfg(unix)]

use crate::home::{Home, free_port};
use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::TcpStream;
use std::process::{Child, Command, Stdio};

const TOKEN: &str = "slt_a-token-for-these-tests";

/// A server, under limits that `prlimit` sets.
struct Limited {
    child: Child,
    err: BufReader<std::process::ChildStderr>,
    port: u16,
}

impl Limited {
    fn start(home: &Home, limits: &[&str]) -> Self {
        let port = free_port();
        let plain = home.command(&["serve", "--public-url", &format!("http://127.0.0.1:{port}")]);
        let mut command = Command::new("prlimit");
        command.args(limits).arg("--").arg(plain.get_program()).args(plain.get_args());
        for (name, value) in plain.get_envs() {
            match value {
                Some(value) => command.env(name, value),
                None => command.env_remove(name),
            };
        }
        command.env("SLUIS_API_TOKEN", TOKEN);
        let child =
            command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::piped()).spawn().unwrap();
        Self::listening(child, port)
    }

    /// Waits until it says that it listens.
    fn listening(mut child: Child, port: u16) -> Self {
        let mut err = BufReader::new(child.stderr.take().unwrap());
        let mut said = String::new();
        while !said.contains("listening on") {
            assert_ne!(err.read_line(&mut said).unwrap(), 0, "{said}");
        }
        Self { child, err, port }
    }

    fn connect(&self) -> TcpStream {
        TcpStream::connect(("127.0.0.1", self.port)).unwrap()
    }

    /// What is answered to bytes as they are, until the server closes the connection.
    fn raw(&self, bytes: &[u8]) -> String {
        let mut socket = self.connect();
        // A server that has heard enough may close before all is sent.
        let _ = socket.write_all(bytes);
        let mut answer = Vec::new();
        let _ = socket.read_to_end(&mut answer);
        String::from_utf8_lossy(&answer).into_owned()
    }

    fn ask(&self, method: &str, path: &str, body: &str) -> String {
        self.raw(
            format!(
                "{method} {path} HTTP/1.1\r\nHost: x\r\nConnection: close\r\nAuthorization: Bearer {TOKEN}\r\n\
                 Content-Type: application/json\r\nContent-Length: {}\r\n\r\n{body}",
                body.len()
            )
            .as_bytes(),
        )
    }

    /// Ends it with SIGTERM; what it has said since it listened.
    fn stop(mut self) -> String {
        let killed = Command::new("kill").arg(self.child.id().to_string()).status().unwrap();
        assert!(killed.success());
        let mut said = String::new();
        self.err.read_to_string(&mut said).unwrap();
        assert!(self.child.wait().unwrap().success(), "{said}");
        said
    }
}

fn status(answer: &str) -> &str {
    answer.split_whitespace().nth(1).unwrap_or_default()
}

#[test]
fn a_server_without_free_file_descriptors_serves_again_when_there_are_some() {
    let home = Home::new();
    let server = Limited::start(&home, &["--nofile=64:64"]);
    assert_eq!(status(&server.ask("GET", "/healthz", "")), "200");
    let crowd: Vec<TcpStream> = (0..100).map(|_| server.connect()).collect();
    drop(crowd);
    assert_eq!(status(&server.ask("GET", "/healthz", "")), "200");
    assert_eq!(status(&server.ask("GET", "/api/v1/orgs", "")), "200");
    server.stop();
}

/// A file system of so many bytes in the place of the data folder, a file in it that takes most of them, and a server
/// on it, all in a mount namespace of its own. A line of input takes the file away, the end of input ends the server.
const SMALL_DISK: &str = "folder=$1; shift
mount -t tmpfs -o size=4m tmpfs \"$folder\" && head -c 1500000 /dev/zero >\"$folder/ballast\" || exit 9
 \"$@\" & server=$!
read -r line && rm \"$folder/ballast\" && echo freed
cat; kill $server; wait $server";

#[test]
fn a_full_disk_refuses_writes_and_frees_itself_when_there_is_space() {
    let home = Home::new();
    let folder = home.path("data");
    std::fs::create_dir(&folder).unwrap();
    let port = free_port();
    let plain = home.command(&["serve", "--public-url", &format!("http://127.0.0.1:{port}")]);
    let mut command = Command::new("unshare");
    command.args(["--mount", "--map-root-user", "sh", "-c", SMALL_DISK, "sh"]).arg(&folder);
    command.arg(plain.get_program()).args(plain.get_args()).env("SLUIS_DATA_DIR", &folder);
    command.env("HOME", home.path("")).env("SLUIS_API_TOKEN", TOKEN);
    let piped = command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut child = piped.spawn().unwrap();
    let (mut input, output) = (child.stdin.take().unwrap(), child.stdout.take().unwrap());
    let mut server = Limited::listening(child, port);
    assert_eq!(status(&server.ask("PUT", "/api/v1/orgs/acme", "{}")), "200");
    let source = format!(r#"{{"source": "return 1; // {}"}}"#, "x".repeat(100_000));
    let store = |server: &Limited, number: usize| {
        server.ask("PUT", &format!("/api/v1/orgs/acme/functions/f{number}"), &source)
    };
    let refused =
        (0..100).map(|number| (number, store(&server, number))).find(|(_, answer)| status(answer) != "200");
    let (number, answer) = refused.expect("a disk of four megabytes is full by now");
    assert_eq!(status(&answer), "503", "{answer}");
    assert!(answer.contains("the disk of the store is full"), "{answer}");
    // What was acknowledged is there, and can be read while nothing can be written.
    let kept = format!("/api/v1/orgs/acme/functions/f{}", number - 1);
    assert_eq!(status(&server.ask("GET", &kept, "")), "200");
    input.write_all(b"free\n").unwrap();
    let mut freed = String::new();
    BufReader::new(output).read_line(&mut freed).unwrap();
    assert_eq!(freed, "freed\n");
    assert_eq!(status(&store(&server, number)), "200");
    assert_eq!(status(&server.ask("GET", &kept, "")), "200");
    drop(input);
    assert!(server.child.wait().unwrap().success());
}

#[test]
fn a_log_that_nobody_reads_holds_up_nothing() {
    let home = Home::new();
    let server = Limited::start(&home, &[]);
    // Each request writes a line of some 400 bytes; a pipe holds 64 KiB.
    for _ in 0..600 {
        assert_eq!(status(&server.ask("GET", "/api/v1/orgs", "")), "200");
    }
    let said = server.stop();
    assert!(said.matches("\"answered\"").count() >= 600, "nothing was lost: the queue holds more than that");
}

#[test]
fn a_script_that_wants_all_memory_is_ended_and_the_server_goes_on() {
    let home = Home::new();
    let server = Limited::start(&home, &["--as=1073741824"]);
    assert_eq!(status(&server.ask("PUT", "/api/v1/orgs/acme", "{}")), "200");
    let bomb = r#"{"source": "t = \"0123456789abcdef\"; l = List(); for each i in {1,2,3,4,5,6,7,8,9,10,11,12,13,14,15,16,17,18,19,20,21,22,23,24,25,26,27,28,29,30,31,32} { t = t + t; l.add(t); } return l;"}"#;
    let stored = server.ask("PUT", "/api/v1/orgs/acme/functions/bomb", bomb);
    assert_eq!(status(&stored), "200", "{stored}");
    for _ in 0..4 {
        let ended = server.ask("POST", "/api/v1/orgs/acme/functions/bomb/run", "{}");
        assert_eq!(status(&ended), "422", "{ended}");
        assert!(ended.contains("script_fault"), "{ended}");
    }
    assert_eq!(status(&server.ask("GET", "/healthz", "")), "200");
    server.stop();
}

#[test]
fn requests_that_are_none_are_refused_and_never_a_failure_of_the_server() {
    let home = Home::new();
    let server = Limited::start(&home, &[]);
    let head = format!("Host: x\r\nConnection: close\r\nAuthorization: Bearer {TOKEN}\r\n");
    let post = |path: &str, body: &str| {
        format!(
            "POST {path} HTTP/1.1\r\n{head}Content-Type: application/json\r\nContent-Length: {}\r\n\r\n{body}",
            body.len()
        )
    };
    let orgs = "/api/v1/orgs/acme/functions/f/run";
    let deep = format!("{{\"args\": {}{}}}", "[".repeat(100_000), "]".repeat(100_000));
    let odd: Vec<(&str, Vec<u8>)> = vec![
        ("no HTTP at all", b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03".to_vec()),
        ("a line of 64 KiB", format!("GET /{} HTTP/1.1\r\n{head}\r\n", "a".repeat(65_536)).into_bytes()),
        (
            "500 headers",
            format!("GET /healthz HTTP/1.1\r\n{head}{}\r\n", "X-A: b\r\n".repeat(500)).into_bytes(),
        ),
        (
            "a header of 1 MiB",
            format!("GET /healthz HTTP/1.1\r\n{head}X-A: {}\r\n\r\n", "b".repeat(1 << 20)).into_bytes(),
        ),
        (
            "two lengths",
            format!("POST {orgs} HTTP/1.1\r\n{head}Content-Length: 2\r\nContent-Length: 3\r\n\r\n{{}}")
                .into_bytes(),
        ),
        (
            "a negative length",
            format!("POST {orgs} HTTP/1.1\r\n{head}Content-Length: -1\r\n\r\n").into_bytes(),
        ),
        (
            "two tokens",
            format!("GET /api/v1/orgs HTTP/1.1\r\n{head}Authorization: Bearer b\r\n\r\n").into_bytes(),
        ),
        (
            "bytes that are no text",
            post(orgs, "\u{0}")
                .replace('\u{0}', "x")
                .into_bytes()
                .into_iter()
                .map(|b| if b == b'x' { 0xff } else { b })
                .collect(),
        ),
        ("JSON that breaks off", post(orgs, "{\"args\": {").into_bytes()),
        ("JSON of depth 100,000", post(orgs, &deep).into_bytes()),
        ("2 MiB", post(orgs, &format!("{{\"args\": \"{}\"}}", "a".repeat(2 << 20))).into_bytes()),
        ("a path that leaves", format!("GET /../../etc/passwd HTTP/1.1\r\n{head}\r\n").into_bytes()),
        ("a broken percent", format!("GET /api/v1/orgs/%zz/functions HTTP/1.1\r\n{head}\r\n").into_bytes()),
        ("a NUL in a path", format!("GET /api/v1/orgs/%00/functions HTTP/1.1\r\n{head}\r\n").into_bytes()),
        ("no UTF-8 in a path", format!("GET /api/v1/orgs/%ff/functions HTTP/1.1\r\n{head}\r\n").into_bytes()),
    ];
    for (what, bytes) in &odd {
        let answer = server.raw(bytes);
        // A connection that is closed without a word is an answer too, to what is no HTTP.
        let refused = answer.is_empty() || status(&answer).starts_with('4');
        assert!(refused, "{what}: {}", answer.chars().take(300).collect::<String>());
    }
    assert_eq!(status(&server.ask("GET", "/healthz", "")), "200");
    let said = server.stop();
    assert!(!said.contains("panicked") && !said.contains("\"ERROR\""), "{said}");
}
