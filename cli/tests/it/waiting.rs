//! Scripts and verbs that wait for consent, against the sample provider on real sockets.

use crate::home::{Ended, Home, ended, example, free_port};
use sluis_example_provider::{Provider, Settings, start};
use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::TcpStream;
use std::process::{Child, Stdio};
use tokio::runtime::Runtime;

/// A home with `gcontacts` released and its client kept, and the provider it talks to.
struct World {
    home: Home,
    provider: Provider,
    port: u16,
    // Last, so that the provider can still stop itself on it.
    _runtime: Runtime,
}

impl World {
    fn new() -> Self {
        let (home, port) = (Home::new(), free_port());
        let runtime = Runtime::new().unwrap();
        let redirect = format!("http://127.0.0.1:{port}/oauth/callback/local/gcontacts");
        let settings = Settings { ask_person: false, ..Settings::with_redirect_uris([redirect]) };
        let secret = settings.client_secret.clone();
        let provider = runtime.block_on(async {
            let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
            start(listener, settings).await.unwrap()
        });
        let world = Self { home, provider, port, _runtime: runtime };
        let folder = world.home.path("connector");
        std::fs::create_dir(&folder).unwrap();
        for name in ["connector.yaml", "logo.svg", "on_authorize.dg", "on_revoke.dg"] {
            let text = std::fs::read_to_string(example(&format!("connectors/gcontacts/{name}"))).unwrap();
            std::fs::write(folder.join(name), text.replace("127.0.0.1:7880", world.host())).unwrap();
        }
        let file = folder.join("connector.yaml");
        assert_eq!(world.run(&["connector", "release", file.to_str().unwrap()]).code, 0);
        let kept = world.home.pipe(&["connector", "client", "gcontacts", "--id", "sluis-demo"], &secret);
        assert_eq!(kept.code, 0, "{}", kept.err);
        world
    }

    fn host(&self) -> &str {
        self.provider.issuer.trim_start_matches("http://")
    }

    fn command(&self, args: &[&str]) -> std::process::Command {
        let mut command = self.home.command(args);
        command.env("SLUIS_PUBLIC_URL", format!("http://127.0.0.1:{}", self.port));
        command.env("SLUIS_ALLOW_HOSTS", self.host());
        command
    }

    fn run(&self, args: &[&str]) -> Ended {
        ended(self.command(args).stdin(Stdio::null()).output().unwrap())
    }

    /// Starts something that will wait, and answers when it does.
    fn start(&self, args: &[&str]) -> Waiting {
        let mut child = self
            .command(args)
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        let mut err = BufReader::new(child.stderr.take().unwrap());
        let mut said = String::new();
        while !said.lines().any(|line| line.trim_start().starts_with("http://")) {
            assert_ne!(err.read_line(&mut said).unwrap(), 0, "it ended without waiting: {said}");
        }
        Waiting { child, err, said }
    }
}

/// A process that waits for consent.
struct Waiting {
    child: Child,
    err: BufReader<std::process::ChildStderr>,
    said: String,
}

impl Waiting {
    fn link(&self) -> &str {
        self.said.lines().map(str::trim).find(|line| line.starts_with("http://")).unwrap()
    }

    fn run_id(&self) -> &str {
        let at = self.said.find("--resume run_").unwrap() + "--resume ".len();
        self.said[at..].split_whitespace().next().unwrap()
    }

    fn kill(mut self) {
        self.child.kill().unwrap();
        self.child.wait().unwrap();
    }

    fn end(mut self) -> Ended {
        self.err.read_to_string(&mut self.said).unwrap();
        let mut ended = ended(self.child.wait_with_output().unwrap());
        ended.err = self.said;
        ended
    }
}

/// A browser: follows a link and its redirects, keeps a cookie, goes on where it is asked; answers the
/// last page.
fn visit(link: &str) -> String {
    let mut link = url::Url::parse(link).unwrap();
    let mut cookie = String::new();
    let mut form: Option<String> = None;
    for _ in 0..6 {
        let host = link.authority().to_owned();
        let path = &link[url::Position::BeforePath..];
        let mut socket = TcpStream::connect(&host).unwrap();
        let (method, body) = form.take().map_or(("GET", String::new()), |body| ("POST", body));
        write!(
            socket,
            "{method} {path} HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\nCookie: {cookie}\r\n\
             Content-Type: application/x-www-form-urlencoded\r\nContent-Length: {}\r\n\r\n{body}",
            body.len()
        )
        .unwrap();
        let mut page = String::new();
        socket.read_to_string(&mut page).unwrap();
        let header = |wanted: &str| {
            page.lines().find_map(|line| {
                let (name, value) = line.split_once(": ")?;
                name.eq_ignore_ascii_case(wanted).then(|| value.trim().to_owned())
            })
        };
        if let Some(set) = header("set-cookie") {
            cookie = set.split(';').next().unwrap().to_owned();
        }
        form = page
            .split("name=\"confirmation\" value=\"")
            .nth(1)
            .map(|rest| format!("confirmation={}", rest.split('"').next().unwrap()));
        match header("location") {
            Some(next) => link = link.join(&next).unwrap(),
            None if form.is_some() => {}
            None => return page,
        }
    }
    panic!("sent around in circles");
}

#[test]
fn a_script_waits_for_consent_and_goes_on_when_it_comes() {
    let world = World::new();
    let waiting = world.start(&["run", &example("scripts/authorize_and_list.dg"), "--no-browser"]);
    assert!(
        waiting.said.contains("gcontacts asks for your consent: contacts.read, contacts.write"),
        "{}",
        waiting.said
    );
    let page = visit(waiting.link());
    assert!(page.starts_with("HTTP/1.1 200"), "{page}");
    let ended = waiting.end();
    assert_eq!((ended.code, ended.out.as_str()), (0, "0 contacts\n"), "{}", ended.err);
    // Authorized now: the next run does not wait.
    let again = world.run(&["run", &example("scripts/authorize_and_list.dg")]);
    assert_eq!((again.code, again.out.as_str()), (0, "0 contacts\n"), "{}", again.err);
}

#[test]
fn a_script_that_was_killed_while_it_waited_goes_on_in_another_process() {
    let world = World::new();
    let script = world.home.file(
        "wait.dg",
        "n = 41;\ninfo \"before\";\nok = authorize(\"gcontacts\");\ninfo n + 1;\ninfo ok;\n",
    );
    let waiting = world.start(&["run", &script, "--no-browser"]);
    let (id, link) = (waiting.run_id().to_owned(), waiting.link().to_owned());
    waiting.kill();
    // The text it began with is what goes on, not what the file says now.
    world.home.file("wait.dg", "info \"another script\";");
    let resumed = world.start(&["run", "--resume", &id, "--no-browser"]);
    assert_eq!(resumed.link(), link);
    visit(resumed.link());
    let ended = resumed.end();
    assert_eq!((ended.code, ended.out.as_str()), (0, "42\ntrue\n"), "{}", ended.err);
    // A run goes on once.
    let again = world.run(&["run", "--resume", &id]);
    assert_eq!((again.code, again.out.as_str()), (0, ""), "{}", again.err);
    assert!(again.err.contains("already ended"), "{}", again.err);
}

#[test]
fn a_connector_is_authorized_listed_called_and_revoked_from_the_terminal() {
    let world = World::new();
    let waiting = world.start(&["authorize", "gcontacts", "--no-browser"]);
    visit(waiting.link());
    let ended = waiting.end();
    assert_eq!(ended.code, 0, "{}", ended.err);
    assert!(ended.err.contains("✓ gcontacts is authorized for org local"), "{}", ended.err);
    let listed = world.run(&["connections"]);
    assert!(listed.out.starts_with("● gcontacts"), "{}", listed.out);
    let explained = world.run(&["call", "gcontacts.listcontacts", "Page_Size=5", "--explain"]);
    assert!(explained.out.contains("pageSize=5") && explained.out.contains("***"), "{}", explained.out);
    let called = world.run(&["call", "gcontacts.listcontacts", "Page_Size=5"]);
    assert_eq!(called.code, 0, "{}", called.err);
    assert!(called.out.contains("\"contacts\""), "{}", called.out);
    let revoked = world.run(&["revoke", "gcontacts"]);
    assert_eq!(revoked.code, 0, "{}", revoked.err);
    assert_eq!(world.provider.counts().revocations, 1);
    assert_eq!(world.run(&["call", "gcontacts.listcontacts"]).code, 3);
}

#[test]
fn a_taken_port_is_said_before_anyone_is_sent_to_the_provider() {
    let world = World::new();
    let _taken = std::net::TcpListener::bind(("127.0.0.1", world.port)).unwrap();
    let ended = world.run(&["authorize", "gcontacts", "--no-browser"]);
    assert_eq!(ended.code, 3);
    assert!(ended.err.contains(&format!("127.0.0.1:{} cannot be listened on", world.port)), "{}", ended.err);
    assert!(ended.err.contains("--public-url"), "{}", ended.err);
}

#[test]
fn a_store_in_use_is_named_and_ends_with_3() {
    let world = World::new();
    let waiting = world.start(&["authorize", "gcontacts", "--no-browser"]);
    let ended = world.run(&["connections"]);
    assert_eq!(ended.code, 3);
    assert!(ended.err.contains("sluis.redb") && ended.err.contains("in use"), "{}", ended.err);
    waiting.kill();
}

#[test]
fn the_example_scripts_do_against_a_real_provider_what_they_say() {
    let world = World::new();
    let waiting = world.start(&["run", &example("scripts/sync_contacts.dg"), "--no-browser"]);
    visit(waiting.link());
    let first = waiting.end();
    let synced = "3 added, 0 there already, 1 without address or name\n";
    assert_eq!((first.code, first.out.as_str()), (0, synced), "{}", first.err);
    let printed = |script: &str| {
        let ended = world.run(&["run", &example(&format!("scripts/{script}.dg"))]);
        assert_eq!(ended.code, 0, "{script}: {}", ended.err);
        ended.out
    };
    assert_eq!(printed("sync_contacts"), "0 added, 3 there already, 1 without address or name\n");
    assert_eq!(printed("batch"), "batch 1 of 3: 2 of 2\nbatch 2 of 3: 2 of 2\nbatch 3 of 3: 1 of 1\n");
    assert_eq!(printed("pagination"), "8 contacts on 4 pages\nexample.com     8\n");
    let tried = printed("retries");
    assert!(tried.ends_with("after 1 tries\nnobody: status 404 after 1 try\n"), "{tried}");
    assert_eq!(world.provider.contacts().len(), 8);
}

#[test]
fn a_users_named_connection_is_authorized_used_and_given_back_from_the_terminal() {
    let world = World::new();
    let file = world.home.path("connector/connector.yaml");
    let text = std::fs::read_to_string(&file).unwrap();
    std::fs::write(&file, format!("{text}\nconnection:\n  owner: user\n")).unwrap();
    assert_eq!(world.run(&["connector", "release", file.to_str().unwrap()]).code, 0);
    let nobody = world.run(&["authorize", "gcontacts", "--no-browser"]);
    assert!(nobody.code != 0 && nobody.err.contains("--user ada@example.com"), "{}", nobody.err);

    let ada = ["--name", "sales", "--user", "ada@example.com"];
    let waiting = world.start(&[&["authorize", "gcontacts", "--no-browser"], &ada[..]].concat());
    visit(waiting.link());
    let told = waiting.end();
    assert!(told.err.contains("✓ gcontacts/sales@ada@example.com is authorized"), "{}", told.err);
    let listed = world.run(&["connections"]);
    assert!(listed.out.starts_with("● gcontacts/sales@ada@example.com  "), "{}", listed.out);
    let call = ["call", "gcontacts.listcontacts", "Page_Size=5"];
    let called = world.run(&[&call[..], &ada].concat());
    assert_eq!(called.code, 0, "{}", called.err);
    let without = world.run(&[&call[..], &ada[2..]].concat());
    assert!(without.err.contains("sluis authorize gcontacts --user ada@example.com"), "{}", without.err);
    let renewed = world.run(&["connections", "renew", "gcontacts/sales", "--user", "ada@example.com"]);
    assert_eq!(renewed.code, 0, "{}", renewed.err);

    let script = "info isAuthorized(\"gcontacts/sales\");\n";
    let script = world.home.file("asks.dg", script);
    assert_eq!(world.run(&["run", &script, "--user", "ada@example.com"]).out, "true\n");
    assert_eq!(world.run(&["run", &script, "--user", "bob@example.com"]).out, "false\n");
    let nobody = world.run(&["run", &script]);
    assert!(nobody.code == 1 && nobody.err.contains("each user connects `gcontacts`"), "{}", nobody.err);
    let asked = ended(
        world
            .command(&["repl", "--user", "ada@example.com"])
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .map(|mut child| {
                child.stdin.take().unwrap().write_all(b"isAuthorized(\"gcontacts/sales\")\n").unwrap();
                child.wait_with_output().unwrap()
            })
            .unwrap(),
    );
    assert_eq!(asked.out.trim(), "true");

    let bob = world.run(&["revoke", "gcontacts/sales", "--user", "bob@example.com"]);
    assert!(bob.code != 0, "{}", bob.out);
    let revoked = world.run(&["revoke", "gcontacts/sales", "--user", "ada@example.com"]);
    assert_eq!(revoked.code, 0, "{}", revoked.err);
    assert_eq!(world.provider.counts().revocations, 1);
    assert_eq!(world.run(&["connections"]).out, "");
}
