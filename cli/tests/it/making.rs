//! From `sluis connector new` to an export: what an author of connectors does at the command line.

use crate::home::{Home, example};
use serde_json::{Value, json};

const CONNECTOR: &str = "connectors/gcontacts/connector.yaml";

/// A connector with a test, and a cassette that answers it.
fn pets(home: &Home, total: &Value) -> (String, String) {
    let file = home.file(
        "pets.yaml",
        "sluis: 1\nnamespace: pets\nservice: { name: Pets }\nauth: { scheme: bearer }\nhosts: [pets.example.com]\n\
         apis:\n  list:\n    method: GET\n    url: https://pets.example.com/pets\n    query: { limit: \"${limit}\" }\n    \
         effect: read\n    tests:\n      - name: two\n        inputs: { limit: 2 }\n        expect: { value: { total: 5 } }\n",
    );
    let cassette = json!({
        "sluis_cassette": 1, "connector": "pets", "recorded_at": "2026-11-23T00:00:00Z",
        "exchanges": [{
            "name": "list: two",
            "request": { "method": "GET", "url": "https://pets.example.com/pets?limit=2" },
            "answer": { "status": 200, "headers": { "content-type": "application/json" }, "body": { "json": { "total": total } } },
        }],
    });
    (file, home.file("pets.cassette.json", &cassette.to_string()))
}

#[test]
fn a_new_file_asks_nothing_when_options_say_all_and_passes_the_check() {
    let home = Home::new();
    let ended = home.run(&[
        "connector",
        "new",
        "pets",
        "--service",
        "Pets",
        "--url",
        "https://api.example.com/v1",
        "--auth",
        "oauth2_authorization_code",
    ]);
    assert_eq!(ended.code, 0, "{}", ended.err);
    assert_eq!(home.run(&["connector", "check", "pets.yaml"]).code, 0);
    let again = home.run(&["connector", "new", "pets"]);
    assert_eq!(again.code, 2, "{}", again.err);
    assert!(again.err.contains("pets.yaml is there already"), "{}", again.err);
    let plain = home.run(&["connector", "new", "others", "--out", "-"]);
    assert!(plain.out.contains("namespace: others\n"), "{}", plain.out);
    let wrong = home.run(&["connector", "new", "x", "--auth", "bearers"]);
    assert!(wrong.err.contains("did you mean `bearer`?"), "{}", wrong.err);
}

#[test]
fn what_is_exported_as_openapi_begins_a_new_connector() {
    let home = Home::new();
    let exported =
        home.run(&["connector", "export", &example(CONNECTOR), "--format", "openapi", "--out", "g.json"]);
    assert_eq!(exported.code, 0, "{}", exported.err);
    let ended = home.run(&["connector", "new", "again", "--from", "openapi", "g.json"]);
    assert_eq!(ended.code, 0, "{}", ended.err);
    assert_eq!(home.run(&["connector", "check", "again.yaml"]).code, 0);
    let tools = home.run(&["connector", "export", "again.yaml", "--format", "tools"]);
    assert!(tools.out.contains("\"readOnlyHint\""), "{}", tools.out);
}

#[test]
fn a_copy_is_a_connector_of_its_own_and_an_export_reads_back() {
    let home = Home::new();
    assert_eq!(home.run(&["connector", "release", &example(CONNECTOR)]).code, 0);
    let copied = home.run(&["connector", "copy", "gcontacts", "mycontacts", "--out", "copy.yaml"]);
    assert_eq!(copied.code, 0, "{}", copied.err);
    assert_eq!(home.run(&["connector", "release", "copy.yaml"]).code, 0);
    assert_eq!(home.run(&["connector", "export", "gcontacts@1", "--out", "back.yaml"]).code, 0);
    let diff = home.run(&["connector", "diff", "gcontacts", "back.yaml", "--check"]);
    assert_eq!(diff.code, 0, "{}", diff.out);
    assert!(diff.err.contains("they say the same"), "{}", diff.err);
    let found = home.run(&["connector", "search", "pushcontact"]);
    assert!(
        found.out.contains("mycontacts.pushcontact") && found.out.contains("(gcontacts@1)"),
        "{}",
        found.out
    );
    assert_eq!(home.run(&["connector", "search", "nothing-like-it"]).code, 1);
    let in_folder = Home::new().run(&["connector", "search", "stripe", "--in", &example("connectors")]);
    assert!(in_folder.out.starts_with("stripe "), "{}", in_folder.out);
}

#[test]
fn a_release_tells_what_an_admin_must_look_at_and_diff_tells_it_again() {
    let home = Home::new();
    let text = std::fs::read_to_string(example(CONNECTOR)).unwrap();
    let file = example(CONNECTOR);
    assert_eq!(home.run(&["connector", "release", &file]).code, 0);
    let folder = home.path("wider");
    std::fs::create_dir(&folder).unwrap();
    for entry in std::fs::read_dir(example("connectors/gcontacts")).unwrap() {
        let entry = entry.unwrap();
        if entry.path().is_file() {
            std::fs::copy(entry.path(), folder.join(entry.file_name())).unwrap();
        }
    }
    let at = text.find("hosts: [").unwrap() + "hosts: [".len();
    let wider = format!("{}more.example.com, {}", &text[..at], &text[at..]);
    std::fs::write(folder.join("connector.yaml"), wider).unwrap();
    let released = home.run(&["connector", "release", "wider/connector.yaml"]);
    assert_eq!(released.code, 0, "{}", released.err);
    assert!(
        released.err.contains(
            "For an admin to look at:\n  + requests, and the credential, may go to the host more.example.com"
        ),
        "{}",
        released.err
    );
    let diff = home.run(&["connector", "diff", "gcontacts@1", "gcontacts@2", "--json", "--check"]);
    assert_eq!(diff.code, 1, "{}", diff.err);
    let said: Value = serde_json::from_str(&diff.out).unwrap();
    assert_eq!((&said["admin"], &said["changes"][0]["kind"]), (&json!(1), &json!("host_added")));
}

#[test]
fn tests_are_replayed_without_a_store_and_fail_with_what_was_expected() {
    let home = Home::new();
    let (file, cassette) = pets(&home, &json!(5));
    let good = home.run(&["connector", "test", &file, "--replay", &cassette]);
    assert_eq!(good.code, 0, "{}{}", good.out, good.err);
    assert!(good.out.contains("passed pets.list: two  200"), "{}", good.out);
    assert!(!home.has_store(), "a replay needs none");
    let (file, cassette) = pets(&home, &json!("5"));
    let bad = home.run(&["connector", "test", &file, "--replay", &cassette]);
    assert_eq!(bad.code, 1, "{}", bad.err);
    assert!(bad.out.contains("total: expected 5, actual \"5\""), "{}", bad.out);
    let changed = std::fs::read_to_string(&file).unwrap().replace("{ limit: 2 }", "{ limit: 3 }");
    std::fs::write(&file, changed).unwrap();
    let missing = home.run(&["connector", "test", &file, "--replay", &cassette]);
    assert!(missing.out.contains("query: recorded with limit=2, sent without"), "{}", missing.out);
    let unreleased = home.run(&["connector", "test", &file]);
    assert_eq!(unreleased.code, 3, "{}", unreleased.err);
    assert!(unreleased.err.contains("it is not released"), "{}", unreleased.err);
}

#[test]
fn a_call_is_written_as_curl_with_stars_for_the_credential() {
    let home = Home::new();
    let (file, _) = pets(&home, &json!(5));
    assert_eq!(home.run(&["connector", "release", &file]).code, 0);
    let ended = home.run(&["call", "pets.list", "limit=2", "--curl"]);
    assert_eq!(ended.code, 0, "{}", ended.err);
    assert!(
        ended.out.starts_with("curl --request GET 'https://pets.example.com/pets?limit=2'"),
        "{}",
        ended.out
    );
    assert!(ended.out.contains("'Authorization: Bearer ***'"), "{}", ended.out);
}
