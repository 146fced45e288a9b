//! Packages, from a pair of keys to an upgrade; and the minisign that distributions ship, both ways.

use crate::home::{Home, example};
use std::path::Path;
use std::process::Command;

const CONNECTOR: &str = "connectors/gcontacts/connector.yaml";

/// The released example, packed by one home and carried to another.
struct Packed {
    author: Home,
    admin: Home,
}

impl Packed {
    fn new() -> Self {
        let (author, admin) = (Home::new(), Home::new());
        let keys = author.run(&["package", "keygen", "mine", "--no-passphrase"]);
        assert_eq!(keys.code, 0, "{}", keys.err);
        assert_eq!(author.run(&["connector", "release", &example(CONNECTOR)]).code, 0);
        let packed = Self { author, admin };
        packed.pack(&["gcontacts"], "g.sluis");
        std::fs::copy(packed.author.path("mine.pub"), packed.admin.path("mine.pub")).unwrap();
        packed
    }

    fn pack(&self, what: &[&str], name: &str) {
        let args: Vec<&str> = ["connector", "package"]
            .into_iter()
            .chain(what.iter().copied())
            .chain(["--sign", "mine.key", "-o", name])
            .collect();
        let ended = self.author.run(&args);
        assert_eq!(ended.code, 0, "{}", ended.err);
        std::fs::copy(self.author.path(name), self.admin.path(name)).unwrap();
    }
}

#[test]
fn a_package_is_installed_once_its_key_is_trusted_and_not_before() {
    let Packed { admin, .. } = Packed::new();
    let refused = admin.run(&["package", "install", "g.sluis"]);
    assert_eq!(refused.code, 2, "{}", refused.err);
    assert!(refused.err.contains("is not trusted here") && !admin.has_store(), "{}", refused.err);
    assert_eq!(admin.run(&["package", "trust", "mine.pub"]).code, 0);
    assert_eq!(admin.run(&["package", "keys"]).out.lines().count(), 1);
    let verified = admin.run(&["package", "verify", "g.sluis"]);
    assert_eq!(verified.out, "connector gcontacts 1\n", "{}", verified.err);
    let installed = admin.run(&["package", "install", "g.sluis"]);
    assert_eq!(installed.code, 0, "{}", installed.err);
    assert!(admin.run(&["connector", "list"]).out.starts_with("gcontacts 1 "));
    let again = admin.run(&["package", "install", "g.sluis"]);
    assert!(again.err.contains("is here already"), "{}", again.err);
}

#[test]
fn an_upgrade_shows_what_changes_asks_for_agreement_and_refuses_to_go_back() {
    let packed = Packed::new();
    assert_eq!(packed.admin.run(&["package", "trust", "mine.pub"]).code, 0);
    assert_eq!(packed.admin.run(&["package", "install", "g.sluis"]).code, 0);
    assert_eq!(packed.author.run(&["connector", "export", "gcontacts", "--out", "next.yaml"]).code, 0);
    let text = std::fs::read_to_string(packed.author.path("next.yaml")).unwrap();
    let at = text.find("hosts: [").unwrap() + "hosts: [".len();
    packed.author.file("next.yaml", &format!("{}more.example.com, {}", &text[..at], &text[at..]));
    packed.pack(&["next.yaml", "--release", "2"], "g2.sluis");
    let nobody = packed.admin.run(&["package", "upgrade", "g2.sluis"]);
    assert_eq!(nobody.code, 2, "{}", nobody.err);
    assert!(nobody.out.contains("may go to the host more.example.com"), "{}", nobody.out);
    let dry = packed.admin.run(&["package", "upgrade", "g2.sluis", "--dry-run"]);
    assert_eq!(dry.code, 0, "{}", dry.err);
    assert!(packed.admin.run(&["connector", "list"]).out.starts_with("gcontacts 1 "), "nothing was changed");
    let upgraded = packed.admin.run(&["package", "upgrade", "g2.sluis", "--yes"]);
    assert_eq!(upgraded.code, 0, "{}", upgraded.err);
    assert!(packed.admin.run(&["connector", "list"]).out.starts_with("gcontacts 2 "));
    let back = packed.admin.run(&["package", "upgrade", "g.sluis", "--yes"]);
    assert!(back.code != 0 && back.err.contains("release 2 is installed"), "{}", back.err);
    let wanted = packed.admin.run(&["package", "upgrade", "g.sluis", "--yes", "--downgrade"]);
    assert_eq!(wanted.code, 0, "{}", wanted.err);
    assert!(
        packed.admin.run(&["connector", "list"]).out.starts_with("gcontacts 3 "),
        "releases here are counted on"
    );
}

#[test]
fn an_altered_package_changes_nothing() {
    let Packed { admin, .. } = Packed::new();
    assert_eq!(admin.run(&["package", "trust", "mine.pub"]).code, 0);
    let mut bytes = std::fs::read(admin.path("g.sluis")).unwrap();
    let middle = bytes.len() / 2;
    bytes[middle] ^= 0x40;
    std::fs::write(admin.path("g.sluis"), bytes).unwrap();
    let refused = admin.run(&["package", "install", "g.sluis"]);
    assert_eq!(refused.code, 2, "{}", refused.err);
    assert!(!admin.has_store() || admin.run(&["connector", "list"]).out.is_empty());
}

#[test]
fn a_solution_holds_functions_and_is_not_installed_without_them() {
    let packed = Packed::new();
    packed.author.file("greet.dg", "info \"hello\";\n");
    packed.pack(&["gcontacts", "--solution", "shop", "--function", "greet=greet.dg"], "shop.sluis");
    assert_eq!(packed.admin.run(&["package", "trust", "mine.pub"]).code, 0);
    let verified = packed.admin.run(&["package", "verify", "shop.sluis"]);
    assert_eq!(verified.out, "connector gcontacts 1\nfunction greet\n", "{}", verified.err);
    let refused = packed.admin.run(&["package", "install", "shop.sluis"]);
    assert!(
        refused.code != 0 && refused.err.contains("functions belong to an organisation"),
        "{}",
        refused.err
    );
    assert!(packed.admin.run(&["connector", "list"]).out.is_empty(), "nothing half done");
}

/// Runs a program in a folder; what it wrote to standard error if it failed.
fn run(folder: &Path, program: &str, args: &[&str]) -> Result<(), String> {
    let output = Command::new(program).args(args).current_dir(folder).output().unwrap();
    match output.status.success() {
        true => Ok(()),
        false => Err(String::from_utf8_lossy(&output.stderr).into_owned()),
    }
}

#[test]
fn the_minisign_of_the_distribution_verifies_our_packages_and_its_keys_sign_them() {
    let packed = Packed::new();
    let folder = packed.admin.path("unpacked");
    std::fs::create_dir(&folder).unwrap();
    run(&folder, "tar", &["xzf", "../g.sluis"]).unwrap();
    run(&folder, "minisign", &["-Vm", "manifest.json", "-p", "../mine.pub"]).unwrap();
    let author = packed.author.path("");
    run(&author, "minisign", &["-G", "-W", "-p", "theirs.pub", "-s", "theirs.key"]).unwrap();
    let signed =
        packed.author.run(&["connector", "package", "gcontacts", "--sign", "theirs.key", "-o", "t.sluis"]);
    assert_eq!(signed.code, 0, "{}", signed.err);
    let verified = packed.author.run(&["package", "verify", "t.sluis", "--key", "theirs.pub"]);
    assert_eq!(verified.code, 0, "{}", verified.err);
    let another = packed.author.run(&["package", "verify", "t.sluis", "--key", "mine.pub"]);
    assert_eq!(another.code, 2, "{}", another.err);
}

#[test]
fn a_key_under_a_passphrase_takes_it_from_standard_input() {
    let home = Home::new();
    assert_eq!(home.pipe(&["package", "keygen", "locked"], "correct horse\n").code, 0);
    assert_eq!(home.run(&["connector", "release", &example(CONNECTOR)]).code, 0);
    let pack = |passphrase: &str, out: &str| {
        home.pipe(&["connector", "package", "gcontacts", "--sign", "locked.key", "-o", out], passphrase)
    };
    let wrong = pack("battery\n", "a.sluis");
    assert!(wrong.code == 2 && !home.path("a.sluis").exists(), "{}", wrong.err);
    let right = pack("correct horse\n", "b.sluis");
    assert_eq!(right.code, 0, "{}", right.err);
}
