//! `sluis connector …`, `connections`, `org`.

use crate::home::{Home, example};

const CONNECTOR: &str = "connectors/gcontacts/connector.yaml";

#[test]
fn the_example_connector_can_be_released_once_and_is_listed() {
    let home = Home::new();
    let file = example(CONNECTOR);
    assert_eq!(home.run(&["connector", "check", &file]).code, 0);
    let ended = home.run(&["connector", "release", &file, "--notes", "First"]);
    assert_eq!(ended.code, 0, "{}", ended.err);
    assert!(ended.err.contains("gcontacts 1 is released"), "{}", ended.err);
    assert!(ended.err.contains("http://127.0.0.1:7878/oauth/callback/local/gcontacts"), "{}", ended.err);
    let again = home.run(&["connector", "release", &file]);
    assert!(again.err.contains("gcontacts 1 is released"), "{}", again.err);
    let listed = home.run(&["connector", "list"]);
    assert!(listed.out.starts_with("gcontacts 1 "), "{}", listed.out);
    assert!(listed.out.contains("pushcontact"), "{}", listed.out);
}

#[test]
fn every_problem_of_a_bad_connector_file_is_drawn_and_ends_with_2() {
    let home = Home::new();
    let good = std::fs::read_to_string(example(CONNECTOR)).unwrap();
    let bad =
        good.replace("method: POST", "method: PSOT").replace("namespace: gcontacts", "namespace: g-contacts");
    let ended = home.run(&["connector", "check", &home.file("connector.yaml", &bad)]);
    assert_eq!(ended.code, 2, "{}", ended.err);
    assert!(ended.err.contains("PSOT") && ended.err.contains("g-contacts"), "{}", ended.err);
    assert!(ended.err.contains("connector.yaml:"), "{}", ended.err);
}

#[test]
fn a_header_that_the_scheme_supplies_is_refused_when_the_file_is_checked() {
    let home = Home::new();
    let file = home.file(
        "connector.yaml",
        "sluis: 1\nnamespace: shop\nservice: {name: Shop}\nauth: {scheme: api_key, name: X-Api-Key}\n\
         hosts: [shop.example.com]\napis:\n  me:\n    method: GET\n    url: https://shop.example.com/me\n    \
         headers: {x-api-key: mine}\n",
    );
    let ended = home.run(&["connector", "check", &file]);
    assert_ne!(ended.code, 0, "{}", ended.out);
    assert!(ended.err.contains("`x-api-key` is set by"), "{}", ended.err);
}

#[test]
fn a_connector_file_that_is_not_there_ends_with_3() {
    assert_eq!(Home::new().run(&["connector", "check", "nowhere.yaml"]).code, 3);
}

#[test]
fn a_client_secret_comes_from_standard_input_and_is_sealed_in_the_store() {
    let home = Home::new();
    let ended = home.pipe(&["connector", "client", "gcontacts", "--id", "an-id"], "swordfish-4711\n");
    assert_eq!(ended.code, 0, "{}", ended.err);
    let store = std::fs::read(home.path(".local/share/sluis/sluis.redb")).unwrap();
    assert!(!store.windows(9).any(|bytes| bytes == b"swordfish"));
    assert!(!ended.err.contains("swordfish") && !ended.out.contains("swordfish"));
    let none = home.run(&["connector", "client", "gcontacts", "--id", "an-id"]);
    assert_eq!(none.code, 2, "{}", none.err);
}

#[test]
fn a_client_that_signs_is_kept_with_its_key_and_needs_no_secret() {
    let home = Home::new();
    let key = include_str!("../../../spec/auth/keys/test-rsa.pem");
    let file = home.file("bank.pem", key);
    let register = |file: &str| {
        home.run(&["connector", "client", "bank", "--id", "an-id", "--private-key", file, "--key-id", "k-1"])
    };
    let ended = register(&file);
    assert_eq!(ended.code, 0, "{}", ended.err);
    let line = key.lines().nth(2).unwrap();
    let store = std::fs::read(home.path(".local/share/sluis/sluis.redb")).unwrap();
    assert!(!store.windows(line.len()).any(|bytes| bytes == line.as_bytes()));
    for (text, words) in [
        ("-----BEGIN ENCRYPTED PRIVATE KEY-----\nMIIx\n", "passphrase"),
        ("-----BEGIN PUBLIC KEY-----\nMIIx\n", "something else than a private RSA key"),
        ("-----BEGIN EC PRIVATE KEY-----\nMIIx\n", "something else than a private RSA key"),
        ("MIIx", "holds no key in PEM"),
    ] {
        let ended = register(&home.file("other.pem", text));
        assert_eq!(ended.code, 2, "{text}: {}", ended.err);
        assert!(ended.err.contains(words) && !ended.err.contains("MIIx"), "{}", ended.err);
    }
    assert_eq!(register("nowhere.pem").code, 3);
}

#[test]
fn the_first_use_of_the_store_says_where_its_key_is_and_the_second_does_not() {
    let home = Home::new();
    let first = home.run(&["connector", "list"]);
    assert!(first.err.contains("master.key"), "{}", first.err);
    assert!(!home.run(&["connector", "list"]).err.contains("master.key"));
}

#[test]
fn an_organisation_that_is_not_there_is_not_made_by_a_slip() {
    let home = Home::new();
    assert_eq!(home.run(&["org", "create", "acme"]).code, 0);
    assert_eq!(home.run(&["org", "list"]).out, "acme\nlocal\n");
    let ended = home.run(&["connections", "--org", "acne"]);
    assert_eq!(ended.code, 3);
    assert!(ended.err.contains("did you mean `acme`?"), "{}", ended.err);
}

#[test]
fn authorizing_a_connector_that_is_not_there_ends_with_3_and_says_what_there_is() {
    let ended = Home::new().run(&["authorize", "gcontacts", "--no-browser"]);
    assert_eq!(ended.code, 3);
    assert!(ended.err.contains("there is no connector called `gcontacts`"), "{}", ended.err);
}
