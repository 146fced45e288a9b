//! `sluis demo --once`, from the first line to the last.

use crate::home::{Home, ended};
use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::TcpStream;
use std::process::Stdio;
use url::{Position, Url};

/// Sends a request and answers head and page.
fn send(method: &str, url: &Url, headers: &str, body: &str) -> String {
    let mut socket = TcpStream::connect(url.authority()).unwrap();
    let (path, length) = (&url[Position::BeforePath..], body.len());
    let head = format!("{method} {path} HTTP/1.1\r\nHost: {}\r\nConnection: close\r\n", url.authority());
    write!(socket, "{head}{headers}Content-Length: {length}\r\n\r\n{body}").unwrap();
    let mut answer = String::new();
    socket.read_to_string(&mut answer).unwrap();
    answer
}

fn header<'a>(answer: &'a str, name: &str) -> &'a str {
    let line = |line: &'a str| line.split_once(": ").filter(|(key, _)| key.eq_ignore_ascii_case(name));
    answer.lines().find_map(line).unwrap().1
}

/// Opens the link, reads the consent page that it leads to, presses a button, and goes back to where
/// the answer leads.
fn press(link: &str, button: &str) {
    let opened = send("GET", &Url::parse(link).unwrap(), "", "");
    let ours = header(&opened, "set-cookie").split(';').next().unwrap();
    let link = Url::parse(header(&opened, "location")).unwrap();
    let page = send("GET", &link, "", "");
    let cookie = header(&page, "set-cookie").split(';').next().unwrap();
    let ticket = page.split("name=\"ticket\" value=\"").nth(1).unwrap().split('"').next().unwrap();
    let headers = format!("Cookie: {cookie}\r\nContent-Type: application/x-www-form-urlencoded\r\n");
    let form = format!("ticket={ticket}&answer={button}");
    let decided = send("POST", &link.join("/oauth/decide").unwrap(), &headers, &form);
    let back = Url::parse(header(&decided, "location")).unwrap();
    let landed = send("GET", &back, &format!("Cookie: {ours}\r\n"), "");
    assert!(landed.starts_with("HTTP/1.1 303"), "{landed}");
}

/// Runs the demo, lets a person press a button, and answers its exit code and what it printed.
fn demo_with_a_person(button: &str) -> (i32, String) {
    let home = Home::new();
    let folder = home.path("demo");
    let mut child = home
        .command(&["demo", "--no-browser", "--dir", folder.to_str().unwrap()])
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let mut out = BufReader::new(child.stdout.take().unwrap());
    let mut said = String::new();
    while !said.contains("/connect/") {
        assert_ne!(out.read_line(&mut said).unwrap(), 0, "{said}");
    }
    press(said.lines().last().unwrap().trim(), button);
    out.read_to_string(&mut said).unwrap();
    (ended(child.wait_with_output().unwrap()).code, said)
}

#[test]
fn the_demo_goes_on_when_a_person_allows_it() {
    let (code, said) = demo_with_a_person("allow");
    assert_eq!(code, 0, "{said}");
    assert!(said.contains("Authorized gcontacts") && said.contains("Finished"), "{said}");
}

#[test]
fn the_demo_ends_with_1_when_a_person_says_no() {
    let (code, said) = demo_with_a_person("deny");
    assert_eq!(code, 1, "{said}");
    assert!(said.contains("Failed") && !said.contains("Authorized gcontacts"), "{said}");
}

#[test]
fn the_demo_tells_its_whole_story_without_a_person() {
    let home = Home::new();
    let folder = home.path("demo");
    let ended = home.run(&["demo", "--once", "--dir", folder.to_str().unwrap()]);
    assert_eq!(ended.code, 0, "{}\n{}", ended.out, ended.err);
    let verbs: Vec<&str> = ended
        .out
        .lines()
        .filter(|line| line.len() > 13 && !line[..12].trim().is_empty() && line.as_bytes()[12] == b' ')
        .map(|line| line[..12].trim())
        .filter(|verb| verb.chars().next().is_some_and(char::is_uppercase) && !verb.contains(' '))
        .collect();
    let story = [
        "Opened",
        "Started",
        "Released",
        "Asked",
        "Authorized",
        "Ran",
        "Sent",
        "Expired",
        "Renewed",
        "Revoked",
        "Refused",
        "Served",
        "Finished",
    ];
    assert_eq!(verbs, story, "{}", ended.out);
    assert!(ended.out.contains("added contacts/1"), "{}", ended.out);
    assert!(ended.out.contains("***"), "{}", ended.out);
    assert!(ended.out.contains("/oauth/revoke"), "{}", ended.out);
    assert!(folder.join("sluis.redb").exists());
    assert!(!home.has_store());
}

#[test]
fn a_demo_in_a_folder_that_cannot_be_made_fails_visibly() {
    let home = Home::new();
    let file = home.file("taken", "a file");
    let ended = home.run(&["demo", "--once", "--dir", &file]);
    assert_ne!(ended.code, 0);
    assert!(ended.err.contains("taken"), "{}", ended.err);
}
