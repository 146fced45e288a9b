//! `sluis token …`.

use crate::home::Home;

#[test]
fn a_token_is_shown_once_listed_by_its_prefix_and_revoked() {
    let home = Home::new();
    let made = home.run(&["token", "create", "ci", "--expires-in", "90d"]);
    assert_eq!(made.code, 0, "{}", made.err);
    let text = made.out.trim();
    let prefix = text.rsplit_once('_').unwrap().0;
    assert!(text.starts_with("slu_") && text.len() == 65, "{} characters", text.len());
    let listed = home.run(&["token", "list"]);
    assert!(listed.out.starts_with(prefix) && listed.out.contains("ci  good for 8"), "{}", listed.out);
    assert!(!listed.out.contains(text));
    let json: serde_json::Value = serde_json::from_str(&home.run(&["token", "list", "--json"]).out).unwrap();
    assert_eq!((&json[0]["prefix"], &json[0]["revoked_at"]), (&prefix.into(), &serde_json::Value::Null));
    assert_eq!(home.run(&["token", "revoke", prefix]).code, 0);
    assert!(home.run(&["token", "list"]).out.contains("ci  revoked, never used"));
    let unknown = home.run(&["token", "revoke", "slu_zzzzzzzz"]);
    assert!(unknown.code != 0 && unknown.err.contains("slu_zzzzzzzz"), "{}", unknown.err);
    let odd = home.run(&["token", "create", "ci", "--expires-in", "soon"]);
    assert!(odd.code == 2 && odd.err.contains("90d"), "{}", odd.err);
    let store = std::fs::read(home.path(".local/share/sluis/sluis.redb")).unwrap();
    let secret = text.rsplit_once('_').unwrap().1.as_bytes();
    assert!(!store.windows(secret.len()).any(|part| part == secret));
}
