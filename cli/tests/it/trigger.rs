//! `sluis trigger`, and what it leads to when a server is there: a webhook as GitHub sends it.

use crate::home::{Home, free_port};
use crate::serve::{answer, ask, serving, stop, store_function};
use std::io::{Read as _, Write as _};
use std::net::TcpStream;

/// Posts a body as GitHub does; the answer.
fn deliver(port: u16, path: &str, signature: &str, body: &str) -> String {
    let mut socket = TcpStream::connect(("127.0.0.1", port)).unwrap();
    let head = format!("POST {path} HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\nConnection: close\r\n");
    let own =
        format!("X-GitHub-Event: push\r\nX-GitHub-Delivery: d-1\r\nX-Hub-Signature-256: {signature}\r\n");
    write!(socket, "{head}{own}Content-Length: {}\r\n\r\n{body}", body.len()).unwrap();
    let mut said = String::new();
    socket.read_to_string(&mut said).unwrap();
    said
}

#[test]
fn a_webhook_is_added_gets_its_secret_and_starts_its_function() {
    let home = Home::new();
    store_function(&home, "local", "greet", "return \"hello \" + name;");
    let add = ["trigger", "add", "push", "--function", "greet", "--webhook", "github", "--arg", "name=text"];
    let port = free_port();
    let url = format!("http://127.0.0.1:{port}");
    let added = home.run(&[&add[..], &["--public-url", &url]].concat());
    assert_eq!(added.code, 0, "{}", added.err);
    let address = added.out.lines().find(|line| line.contains("/hooks/")).unwrap().to_owned();
    assert!(added.err.contains("sluis trigger secret push"), "{}", added.err);
    // The example of GitHub's own guide.
    let secret = home.pipe(&["trigger", "secret", "push"], "It's a Secret to Everybody\n");
    assert_eq!(secret.code, 0, "{}", secret.err);
    let signature = "sha256=757107ea0eb2509fc211221cce984b8a37570b6d7586c22c46f4379c8b043e17";

    let (child, err, mut said) = serving(&home, port);
    let token = std::fs::read_to_string(home.path(".local/share/sluis/api-token")).unwrap();
    let path = address.strip_prefix(&url).unwrap();
    let taken = deliver(port, path, signature, "Hello, World!");
    assert!(taken.starts_with("HTTP/1.1 202"), "{taken}");
    assert!(deliver(port, path, signature, "Hello, Mallory!").starts_with("HTTP/1.1 403"));
    let done = (0..2_000).any(|_| {
        let runs = answer(port, "/api/v1/orgs/local/runs?state=done&by=webhook", token.trim());
        runs.contains("\"by\":\"webhook\"")
    });
    assert!(done, "{}", answer(port, "/api/v1/orgs/local/runs", token.trim()));
    let tried = ask(port, "POST /api/v1/orgs/local/triggers/push/test", token.trim(), "{}");
    assert!(tried.contains("\"counts\":true"), "{tried}");
    stop(child, err, &mut said);
    assert!(!said.contains(path), "the log holds no address");

    let shown = home.run(&["trigger", "show", "push"]);
    assert!(shown.out.contains("started 1, repeated 0, skipped 0, refused 1"), "{}", shown.out);
    assert!(!shown.out.contains("Everybody"));
    let gone = home.run(&["trigger", "remove", "push"]);
    assert_eq!(gone.code, 0, "{}", gone.err);
}

#[test]
fn a_schedule_is_shown_before_it_is_stored_and_slips_are_answered() {
    let home = Home::new();
    store_function(&home, "local", "greet", "return 1;");
    let add =
        |more: &[&str]| home.run(&[&["trigger", "add", "nightly", "--function", "greet"][..], more].concat());
    let shown = add(&["--cron", "0 3 * * *", "--zone", "Europe/Amsterdam", "--preview"]);
    assert_eq!(shown.out.lines().filter(|line| line.starts_with("fires ")).count(), 10, "{}", shown.out);
    assert!(home.run(&["trigger", "list"]).out.is_empty());
    assert_eq!(add(&["--cron", "0 3 * * *"]).code, 0);
    let listed = home.run(&["trigger", "list"]).out;
    assert!(listed.contains("nightly") && listed.contains("schedule"), "{listed}");
    let slip = add(&["--cron", "0 25 * * *"]);
    assert!(slip.code != 0 && slip.err.contains("five fields"), "{}", slip.err);
    let slip = home.run(&["trigger", "show", "nigthly"]);
    assert!(slip.err.contains("did you mean `nightly`"), "{}", slip.err);
    assert!(add(&[]).err.contains("--webhook"));
    home.file("t.yaml", "name: other\nfunction: greet\non:\n  schedule:\n    every: 1h\n");
    assert_eq!(home.run(&["trigger", "add", "--file", "t.yaml"]).code, 0);
    assert!(home.run(&["trigger", "presets"]).out.contains("zoho"));
}
