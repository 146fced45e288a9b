//! `sluis vault …`, and what a start demands of keys.

use crate::home::Home;
use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};

const OTHER_KEY: &str = "IAIDBAUGBwgJCgsMDQ4PEBESExQVFhcYGRobHB0eHyA=";
const PASSPHRASE: &str = "correct horse battery\n";

fn with_client(home: &Home, secret: &str) {
    let ended = home.pipe(&["connector", "client", "gcontacts", "--id", "an-id"], secret);
    assert_eq!(ended.code, 0, "{}", ended.err);
}

fn store(home: &Home) -> Vec<u8> {
    std::fs::read(home.path(".local/share/sluis/sluis.redb")).unwrap()
}

fn key_file(home: &Home) -> std::path::PathBuf {
    home.path(".local/share/sluis/master.key")
}

fn keys(home: &Home) -> Vec<String> {
    let text = std::fs::read_to_string(key_file(home)).unwrap();
    text.lines().filter(|line| !line.starts_with('#')).map(str::to_owned).collect()
}

/// As it stands, and as the encodings of the web write it.
fn forms(bytes: &[u8]) -> Vec<Vec<u8>> {
    let text = String::from_utf8_lossy(bytes);
    let hex: String = bytes.iter().map(|byte| format!("{byte:02x}")).collect();
    let percent: String = bytes.iter().map(|byte| format!("%{byte:02X}")).collect();
    let json = serde_json::json!(text).to_string();
    let forms = [
        STANDARD.encode(bytes).trim_end_matches('=').to_owned(),
        URL_SAFE_NO_PAD.encode(bytes),
        hex,
        percent,
        json.trim_matches('"').to_owned(),
    ];
    std::iter::once(bytes.to_vec()).chain(forms.map(String::into_bytes)).collect()
}

fn holds(haystack: &[u8], needle: &[u8]) -> bool {
    haystack.windows(needle.len()).any(|part| part == needle)
}

#[test]
fn the_store_file_holds_no_secret_in_any_encoding() {
    let home = Home::new();
    let mut secrets = Vec::new();
    for n in 0..10 {
        let secret = format!("canary-{n}-\"sw\\ordfish\"/+&");
        let name = format!("client{n}");
        let ended = home.pipe(&["connector", "client", &name, "--id", "an-id"], &format!("{secret}\n"));
        assert_eq!(ended.code, 0, "{}", ended.err);
        secrets.push(secret);
        let made = home.run(&["token", "create", "canary"]).out.trim().to_owned();
        secrets.push(made.rsplit_once('_').unwrap().1.to_owned());
    }
    let store = store(&home);
    assert!(holds(&store, b"client7"), "names are there: we look in the right place");
    for secret in &secrets {
        for form in forms(secret.as_bytes()) {
            assert!(!holds(&store, &form), "{}", String::from_utf8_lossy(&form));
        }
    }
}

#[test]
fn a_backup_of_the_store_holds_no_key() {
    let home = Home::new();
    with_client(&home, "swordfish");
    let [key] = keys(&home).try_into().unwrap();
    let bytes = STANDARD.decode(key).unwrap();
    forms(&bytes).iter().for_each(|form| assert!(!holds(&store(&home), form)));
    // A folder whose key is elsewhere has none in it.
    let apart = Home::new();
    let elsewhere = apart.path("safe/root.key");
    let mut command = apart.command(&["connector", "list"]);
    let made = crate::home::ended(command.env("SLUIS_ROOT_KEY_FILE", &elsewhere).output().unwrap());
    assert!(made.code == 0 && made.err.contains("safe/root.key"), "{}", made.err);
    assert!(elsewhere.exists() && !key_file(&apart).exists());
}

#[test]
fn a_start_without_the_right_key_is_one_line_that_names_it() {
    let home = Home::new();
    with_client(&home, "swordfish");
    let id = home.run(&["vault", "status"]).out.split_whitespace().nth(2).unwrap().to_owned();
    let with = |name: &str, value: &str| {
        crate::home::ended(home.command(&["vault", "status"]).env(name, value).output().unwrap())
    };
    let wrong = with("SLUIS_MASTER_KEY", OTHER_KEY);
    assert!(wrong.code == 3 && wrong.err.contains(&id) && wrong.err.lines().count() == 1, "{}", wrong.err);
    let [key] = keys(&home).try_into().unwrap();
    let right = with("SLUIS_ROOT_KEY_COMMAND", &format!("echo {key}"));
    assert_eq!(right.code, 0, "{}", right.err);
    let failing = with("SLUIS_ROOT_KEY_COMMAND", "sh -c 'echo the safe is locked >&2; exit 4'");
    assert!(failing.code == 3 && failing.err.contains("the safe is locked"), "{}", failing.err);
    let mut both = home.command(&["vault", "status"]);
    both.env("SLUIS_MASTER_KEY", key).env("SLUIS_ROOT_KEY_COMMAND", "true");
    let both = crate::home::ended(both.output().unwrap());
    assert!(both.code == 3 && both.err.contains("set one"), "{}", both.err);
    std::fs::remove_file(key_file(&home)).unwrap();
    let lost = home.run(&["vault", "status"]);
    assert!(
        lost.code == 3 && lost.err.contains(&id) && lost.err.contains("put the file back"),
        "{}",
        lost.err
    );
    assert!(!key_file(&home).exists());
}

#[test]
fn both_kinds_of_keys_can_be_changed_and_the_old_ones_are_told_apart() {
    let home = Home::new();
    with_client(&home, "swordfish");
    let before = home.run(&["vault", "status"]).out;
    assert!(before.contains("sluis-system  key 1 ") && before.contains("1 sealed with it"), "{before}");
    let rotated = home.run(&["vault", "rotate-org", "--all"]);
    assert!(rotated.code == 0 && rotated.err.contains("seals with key 2: 1 sealed anew"), "{}", rotated.err);
    let rotated = home.run(&["vault", "rotate-root"]);
    assert!(rotated.code == 0 && rotated.err.contains("a new root key"), "{}", rotated.err);
    let [new, old] = keys(&home).try_into().unwrap();
    let status: serde_json::Value =
        serde_json::from_str(&home.run(&["vault", "status", "--json"]).out).unwrap();
    assert_eq!(status["ring"][0], status["root"]);
    assert_eq!((&status["orgs"][0]["primary"], &status["orgs"][0]["floor"]), (&2.into(), &2.into()));
    let with = |key: &str| {
        crate::home::ended(home.command(&["vault", "status"]).env("SLUIS_MASTER_KEY", key).output().unwrap())
    };
    assert_eq!((with(&new).code, with(&old).code), (0, 3));
    let nobody = home.run(&["vault", "rotate-org", "nobody"]);
    assert!(nobody.code != 0 && nobody.err.contains("nobody"), "{}", nobody.err);
    assert_eq!(home.run(&["vault", "rotate-org"]).code, 2);
}

#[test]
fn what_is_sealed_moves_to_another_home_under_a_passphrase() {
    let (home, other) = (Home::new(), Home::new());
    with_client(&home, "swordfish");
    let file = home.path("move.slx").to_str().unwrap().to_owned();
    let export = |phrase: &str| home.pipe(&["vault", "export", &file], phrase);
    assert!(export("short\n").err.contains("12 characters"));
    let exported = export(PASSPHRASE);
    assert!(exported.code == 0 && exported.err.contains("1 client"), "{}", exported.err);
    assert_eq!(export(PASSPHRASE).code, 3, "nothing is overwritten");
    let sealed = std::fs::read(&file).unwrap();
    assert!(!holds(&sealed, b"swordfish") && !holds(&sealed, b"gcontacts"));
    let import = |extra: &[&str], phrase: &str| {
        let arguments = [&["vault", "import", file.as_str()], extra].concat();
        other.pipe(&arguments, phrase)
    };
    let wrong = import(&[], "correct horse batterz\n");
    assert!(wrong.code == 2 && wrong.err.contains("passphrase"), "{}", wrong.err);
    let imported = import(&[], PASSPHRASE);
    assert!(imported.code == 0 && imported.err.contains("1 client"), "{}", imported.err);
    let again = import(&[], PASSPHRASE);
    assert!(again.code == 2 && again.err.contains("--overwrite"), "{}", again.err);
    assert_eq!(import(&["--overwrite"], PASSPHRASE).code, 0);
    let status = other.run(&["vault", "status"]).out;
    assert!(status.contains("sluis-system  key 1 ") && status.contains("1 sealed with it"), "{status}");
}

#[cfg(target_os = "linux")]
#[test]
fn no_core_is_dumped() {
    use std::io::{BufRead as _, BufReader};
    let home = Home::new();
    let url = format!("http://127.0.0.1:{}", crate::home::free_port());
    let mut child =
        home.command(&["serve", "--public-url", &url]).stderr(std::process::Stdio::piped()).spawn().unwrap();
    let mut said = BufReader::new(child.stderr.take().unwrap()).lines();
    assert!(said.any(|line| line.unwrap().contains("listening on")));
    let limits = std::fs::read_to_string(format!("/proc/{}/limits", child.id())).unwrap();
    child.kill().unwrap();
    child.wait().unwrap();
    let line = limits.lines().find(|line| line.starts_with("Max core file size")).unwrap();
    assert_eq!(line.split_whitespace().nth(4), Some("0"), "{line}");
}
