//! `sluis run --keep` and `--again`, `sluis calls` and `sluis call --all`, with a service that once hangs up
//! before it answers.

use crate::home::Home;
use std::io::{Read as _, Write as _};
use std::net::TcpListener;

/// Answers three rows to GET, hangs up on the first POST, and answers 201 to others.
fn service() -> u16 {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = listener.local_addr().unwrap().port();
    std::thread::spawn(move || {
        let mut posts = 0;
        for stream in listener.incoming() {
            let (mut stream, mut request) = (stream.unwrap(), [0; 8192]);
            let length = stream.read(&mut request).unwrap_or_default();
            let body = if request[..length].starts_with(b"POST") {
                posts += 1;
                if posts == 1 {
                    continue;
                }
                "201 Created\r\ncontent-length: 8\r\n\r\n{\"id\":7}"
            } else {
                "200 OK\r\ncontent-length: 30\r\n\r\n[{\"a\":1},{\"a\":2},{\"a\":\"last\"}]"
            };
            let _ = stream.write_all(format!("HTTP/1.1 {body}").as_bytes());
        }
    });
    port
}

fn home() -> Home {
    let (home, port) = (Home::new(), service());
    let file = home.file(
        "things.yaml",
        &format!(
            "sluis: 1\nnamespace: things\nservice: {{ name: Things }}\nauth: {{ scheme: none }}\n\
             hosts: [\"127.0.0.1:{port}\"]\napis:\n  make:\n    method: POST\n    url: http://127.0.0.1:{port}/things\n    \
             body: {{ json: {{ name: \"${{name}}\" }} }}\n  list:\n    method: GET\n    url: http://127.0.0.1:{port}/things\n    \
             effect: read\n    pagination: {{ link: {{}} }}\n"
        ),
    );
    let released = home.run(&["connector", "release", &file]);
    assert_eq!(released.code, 0, "{}", released.err);
    home
}

/// Of what was said, the id of a run.
fn run_id(text: &str) -> &str {
    let at = text.find("run_").unwrap_or_else(|| panic!("no run in {text}"));
    &text[at..at + 30]
}

const OPEN: [&str; 2] = ["--allow-host", "127.0.0.0/8"];

#[test]
fn a_write_that_nobody_knows_of_is_settled_and_the_run_goes_on() {
    let home = home();
    let script = home.file(
        "make.dg",
        "made = invokeConnector(\"things.make\", {\"name\": \"Rex\"});\ninfo made.get(\"response\");\n",
    );
    let cut = home.run(&[&["run", "--keep", &script][..], &OPEN].concat());
    assert_eq!(cut.code, 1, "{}", cut.err);
    assert!(cut.err.contains("sluis run --again run_"), "{}", cut.err);
    let run = run_id(&cut.err).to_owned();

    let again = home.run(&[&["run", "--again", &run][..], &OPEN].concat());
    assert!(again.code == 1 && again.err.contains("sluis calls"), "a write is not repeated: {}", again.err);
    let open = home.run(&["calls", "open", &run]);
    assert!(open.out.contains("things.make in line 1"), "{} {}", open.out, open.err);
    let call = open.out.split_whitespace().next().unwrap();
    let json: serde_json::Value =
        serde_json::from_str(&home.run(&["calls", "open", &run, "--json"]).out).unwrap();
    assert_eq!(json[0]["call"], call);
    let unsaid = home.run(&["calls", "settle", &run, call]);
    assert!(unsaid.code == 2 && unsaid.err.contains("--answer"), "{}", unsaid.err);
    let settled = home.run(&["calls", "settle", &run, call, "--send-again"]);
    assert_eq!(settled.code, 0, "{}", settled.err);
    let ended = home.run(&[&["run", "--again", &run][..], &OPEN].concat());
    assert_eq!((ended.code, ended.out.trim()), (0, "{\"id\":7}"), "{}", ended.err);
    let over = home.run(&["calls", "open", &run]);
    assert!(over.code == 0 && over.out.is_empty() && over.err.contains("is known"), "{}", over.err);
}

#[test]
fn all_rows_of_a_list_are_printed_one_a_line() {
    let home = home();
    let rows = home.run(&[&["call", "things.list", "--all"][..], &OPEN].concat());
    assert_eq!(rows.code, 0, "{}", rows.err);
    let printed: Vec<serde_json::Value> =
        rows.out.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    assert_eq!(printed.len(), 3, "{}", rows.out);
    assert_eq!(printed[2]["a"], "last");
    let few = home.run(&[&["call", "things.list", "--all", "--max-rows", "2"][..], &OPEN].concat());
    assert_eq!(few.out.lines().count(), 2, "{}{}", few.out, few.err);
}
