//! `sluis serve`: starts, says what it made, answers, and stops in order.

use crate::home::{Home, ended, free_port};
use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::TcpStream;
use std::process::{Child, ChildStderr, Stdio};

/// Head and body of the answer.
pub fn answer(port: u16, path: &str, token: &str) -> String {
    ask(port, &format!("GET {path}"), token, "")
}

/// The same for any method and a body in JSON.
pub fn ask(port: u16, what: &str, token: &str, body: &str) -> String {
    let mut socket = TcpStream::connect(("127.0.0.1", port)).unwrap();
    let head = format!("{what} HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\nConnection: close\r\n");
    let length = format!("Content-Type: application/json\r\nContent-Length: {}\r\n", body.len());
    write!(socket, "{head}{length}Authorization: Bearer {token}\r\n\r\n{body}").unwrap();
    let mut answer = String::new();
    socket.read_to_string(&mut answer).unwrap();
    answer
}

fn status(port: u16, path: &str, token: &str) -> String {
    answer(port, path, token).lines().next().unwrap_or_default().to_owned()
}

/// A server that listens, the rest of what it says, and what it has said.
#[cfg(unix)]
pub fn serving(home: &Home, port: u16) -> (Child, BufReader<ChildStderr>, String) {
    let url = format!("http://127.0.0.1:{port}");
    let mut child = home
        .command(&["serve", "--public-url", &url])
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let mut err = BufReader::new(child.stderr.take().unwrap());
    let mut said = String::new();
    while !said.contains("listening on") {
        assert_ne!(err.read_line(&mut said).unwrap(), 0, "{said}");
    }
    (child, err, said)
}

#[cfg(unix)]
pub fn stop(child: Child, mut err: BufReader<ChildStderr>, said: &mut String) {
    assert!(std::process::Command::new("kill").arg(child.id().to_string()).status().unwrap().success());
    err.read_to_string(said).unwrap();
    let ended = ended(child.wait_with_output().unwrap());
    assert_eq!(ended.code, 0, "{said}");
}

/// Stores a function for an organisation, over HTTP as there is no other way.
#[cfg(unix)]
pub fn store_function(home: &Home, org: &str, name: &str, source: &str) {
    let port = free_port();
    let (child, err, mut said) = serving(home, port);
    let token = std::fs::read_to_string(home.path(".local/share/sluis/api-token")).unwrap();
    let body = format!("{{\"source\": {source:?}, \"inputs\": [\"name\"]}}");
    ask(port, &format!("PUT /api/v1/orgs/{org}"), token.trim(), "{}");
    let stored = ask(port, &format!("PUT /api/v1/orgs/{org}/functions/{name}"), token.trim(), &body);
    assert!(stored.contains(" 200 "), "{stored}");
    stop(child, err, &mut said);
}

#[cfg(unix)]
#[test]
fn a_server_makes_its_token_answers_who_shows_it_and_stops_on_sigterm() {
    use std::os::unix::fs::PermissionsExt as _;
    let (home, port) = (Home::new(), free_port());
    let (child, err, mut said) = serving(&home, port);
    let file = home.path(".local/share/sluis/api-token");
    assert_eq!(std::fs::metadata(&file).unwrap().permissions().mode() & 0o777, 0o600);
    let token = std::fs::read_to_string(&file).unwrap();
    assert!(said.contains("api-token") && !said.contains(token.trim()), "{said}");
    assert!(status(port, "/api/v1/connectors", token.trim()).contains(" 200 "));
    assert!(status(port, "/api/v1/connectors", "another").contains(" 401 "));
    stop(child, err, &mut said);
    assert!(said.contains("stopped in order"), "{said}");
}
