//! `--store` and `sluis store copy`: a database instead of the file, from several processes.

use crate::home::{Home, ended, free_port};
use crate::postgres_server::Postgres;
use crate::serve::answer;
use std::io::{BufRead as _, BufReader};
use std::process::{Child, Command, Stdio};

const KEY: &str = "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=";

fn with_store(home: &Home, url: &str, args: &[&str]) -> Command {
    let mut command = home.command(args);
    command.env("SLUIS_STORE", url).stdin(Stdio::null());
    command
}

#[test]
fn a_shared_store_wants_a_master_key_that_all_have_and_never_makes_one() {
    let (home, database) = (Home::new(), Postgres::shared().database(""));
    let url = database.url();
    let refused = ended(with_store(&home, &url, &["org", "list"]).output().unwrap());
    assert_ne!(refused.code, 0);
    for wanted in ["no root key", "SLUIS_MASTER_KEY", "openssl rand -base64 32", database.name()] {
        assert!(refused.err.contains(wanted), "{wanted}: {}", refused.err);
    }
    assert!(!home.has_store(), "neither key nor folder was made");
}

#[test]
fn processes_with_the_same_key_share_a_store_and_another_key_is_refused() {
    let database = Postgres::shared().database("");
    let url = database.url();
    let (here, there) = (Home::new(), Home::new());
    let made: Vec<_> = [(&here, "acme"), (&there, "beta")]
        .map(|(home, org)| {
            let mut command = with_store(home, &url, &["org", "create", org]);
            command
                .env("SLUIS_MASTER_KEY", KEY)
                .stdout(Stdio::piped())
                .stderr(Stdio::piped())
                .spawn()
                .unwrap()
        })
        .into_iter()
        .map(|child| ended(child.wait_with_output().unwrap()))
        .collect();
    assert!(made.iter().all(|ended| ended.code == 0), "{made:?}");
    let listed =
        ended(with_store(&here, &url, &["org", "list"]).env("SLUIS_MASTER_KEY", KEY).output().unwrap());
    assert_eq!(listed.out.split_whitespace().collect::<Vec<_>>(), ["acme", "beta", "local"]);
    let other = KEY.replace("AAEC", "BBEC");
    let refused =
        ended(with_store(&there, &url, &["org", "list"]).env("SLUIS_MASTER_KEY", other).output().unwrap());
    assert_ne!(refused.code, 0);
    assert!(refused.err.contains("key"), "{}", refused.err);
    assert!(!here.has_store() && !there.has_store(), "nothing is kept on the machines");
}

#[test]
fn a_store_is_copied_to_a_database_and_back() {
    let (home, database) = (Home::new(), Postgres::shared().database(""));
    let url = database.url();
    assert_eq!(home.run(&["org", "create", "acme"]).code, 0);
    let file = home.path(".local/share/sluis/sluis.redb");
    let file = format!("redb:{}", file.display());
    let there = home.run(&["store", "copy", &file, &url]);
    assert_eq!(there.code, 0, "{}", there.err);
    let listed = ended(with_store(&home, &url, &["org", "list"]).output().unwrap());
    assert_eq!(listed.out.split_whitespace().collect::<Vec<_>>(), ["acme", "local"], "{}", listed.err);
    let again = home.run(&["store", "copy", &file, &url]);
    assert!(again.code != 0 && again.err.contains("not empty"), "{}", again.err);
    let back = home.path("back.redb");
    let back = back.to_str().unwrap();
    assert_eq!(home.run(&["store", "copy", &url, back]).code, 0);
    let listed = ended(with_store(&home, back, &["org", "list"]).output().unwrap());
    assert_eq!(listed.out.split_whitespace().collect::<Vec<_>>(), ["acme", "local"], "{}", listed.err);
    let missing = home.run(&["store", "copy", "nowhere.redb", "other.redb"]);
    assert!(missing.code != 0 && missing.err.contains("there is no store nowhere.redb"), "{}", missing.err);
    assert!(!home.path("nowhere.redb").exists() && !home.path("other.redb").exists());
}

#[test]
fn the_password_of_a_store_is_not_shown() {
    let home = Home::new();
    for store in ["postgres://ada:sw0rdfish@127.0.0.1:1/x?sslmod=require", "mysql://ada:sw0rdfish@db/x"] {
        let refused = ended(with_store(&home, store, &["org", "list", "-vv"]).output().unwrap());
        assert_ne!(refused.code, 0);
        assert!(!refused.err.contains("sw0rdfish") && !refused.out.contains("sw0rdfish"), "{}", refused.err);
    }
}

/// A process that ends with the test, also with one that fails.
struct Ending(Child);

impl Drop for Ending {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

#[test]
fn a_server_answers_503_while_its_store_is_away_and_goes_on_afterwards() {
    let (home, port) = (Home::new(), free_port());
    let postgres = Postgres::start().unwrap();
    let database = postgres.database("");
    let url = format!("http://127.0.0.1:{port}");
    let mut command = with_store(&home, &database.url(), &["serve", "--public-url", &url]);
    command.env("SLUIS_MASTER_KEY", KEY).env("SLUIS_API_TOKEN", "token").stderr(Stdio::piped());
    let mut child = Ending(command.spawn().unwrap());
    let mut err = BufReader::new(child.0.stderr.take().unwrap());
    let mut said = String::new();
    while !said.contains("listening on") {
        assert_ne!(err.read_line(&mut said).unwrap(), 0, "{said}");
    }
    let ask = || answer(port, "/api/v1/connectors", "token").to_ascii_lowercase();
    assert!(ask().contains(" 200 "), "{}", ask());
    postgres.crash();
    let away = ask();
    assert!(away.contains(" 503 ") && away.contains("retry-after:"), "{away}");
    assert!(away.contains("\"unavailable\"") && !away.contains(database.name()), "{away}");
    postgres.come_back();
    let back = ask();
    assert!(back.contains(" 200 "), "{back}");
    assert!(!home.has_store(), "nothing is kept on this machine");
}
