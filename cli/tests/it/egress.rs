//! What the operator opens with `--allow-host` and whom they trust with `--ca-file`, through the binary.

use crate::home::Home;
use std::io::{Read as _, Write as _};
use std::net::TcpListener;

/// Answers each connection with a text, for as long as the test runs.
fn answering() -> u16 {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = listener.local_addr().unwrap().port();
    std::thread::spawn(move || {
        for stream in listener.incoming() {
            let mut stream = stream.unwrap();
            let _ = stream.read(&mut [0; 4096]);
            let _ = stream.write_all(b"HTTP/1.1 200 OK\r\ncontent-length: 6\r\n\r\ninside");
        }
    });
    port
}

#[test]
fn a_network_is_opened_by_flag_or_environment_and_nothing_is_by_default() {
    let (home, port) = (Home::new(), answering());
    let script = home.path("call.dg");
    std::fs::write(&script, format!("info invokeurl [ url: \"http://127.0.0.1:{port}/\" type: GET ];\n"))
        .unwrap();
    let run = ["run", script.to_str().unwrap()];
    let shut = home.run(&run);
    assert_eq!(shut.code, 1);
    assert!(shut.err.contains("is not a public address"), "{}", shut.err);
    let opened = home.run(&[&run[..], &["--allow-host", "127.0.0.0/8"]].concat());
    assert_eq!((opened.code, opened.out.trim()), (0, "inside"), "{}", opened.err);
    let by_environment =
        home.command(&run).env("SLUIS_ALLOW_HOSTS", "10.0.0.0/8,127.0.0.1/32").output().unwrap();
    assert!(by_environment.status.success());
    let neighbour = home.run(&[&run[..], &["--allow-host", "10.0.0.0/8"]].concat());
    assert!(neighbour.code == 1 && neighbour.err.contains("is not a public address"), "{}", neighbour.err);
}

#[test]
fn what_opens_too_much_or_nothing_is_refused_with_an_example() {
    let home = Home::new();
    for (text, said) in [
        ("0.0.0.0/0", "switch the guard off"),
        ("10.1.2.3/16", "did you mean `10.1.0.0/16`"),
        ("http://127.0.0.1", "neither a host nor a network"),
    ] {
        let ended = home.run(&["connections", "--allow-host", text]);
        assert_eq!(ended.code, 2, "{}", ended.err);
        assert!(ended.err.contains(said) && ended.err.contains("--allow-host 10.20.0.0/16"), "{}", ended.err);
    }
}

#[test]
fn a_file_of_authorities_is_read_at_start() {
    let home = Home::new();
    let missing = home.run(&["connections", "--ca-file", "nowhere.pem"]);
    assert!(missing.code == 3 && missing.err.contains("nowhere.pem"), "{}", missing.err);
    let file = home.path("ca.pem");
    std::fs::write(&file, "no certificate\n").unwrap();
    let bad = home.run(&["connections", "--ca-file", file.to_str().unwrap()]);
    assert!(bad.code == 2 && bad.err.contains("BEGIN CERTIFICATE"), "{}", bad.err);
}
