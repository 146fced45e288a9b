//! `sluis user …`.

use crate::home::Home;

#[test]
fn somebody_is_invited_once_and_what_does_not_exist_is_named() {
    let home = Home::new();
    let invited = home.run(&["user", "invite", "Ada@example.com", "--office", "operator"]);
    assert_eq!(invited.code, 0, "{}", invited.err);
    let text = invited.out.trim();
    assert_eq!(text.len(), 43, "256 bits");
    assert!(invited.err.contains("ada@example.com accepts it"), "{}", invited.err);
    let store = std::fs::read(home.path(".local/share/sluis/sluis.redb")).unwrap();
    assert!(!store.windows(text.len()).any(|part| part == text.as_bytes()));
    let nobody = home.run(&["user", "list"]);
    assert!(nobody.code == 0 && nobody.err.contains("sluis user invite"), "{}", nobody.err);
    let slip = home.run(&["user", "invite", "ada@example.com", "--office", "operater"]);
    assert!(slip.code == 2 && slip.err.contains("did you mean `operator`"), "{}", slip.err);
    let missing = home.run(&["user", "invite", "ada@example.com", "--org", "acme", "--role", "admin"]);
    assert!(missing.code != 0 && missing.err.contains("there is no organisation `acme`"), "{}", missing.err);
    let unknown = home.run(&["user", "end", "bob@example.com"]);
    assert!(unknown.code != 0 && unknown.err.contains("bob@example.com"), "{}", unknown.err);
    let scoped = home.run(&["token", "create", "ci", "--scope", "invok"]);
    assert!(scoped.code == 2 && scoped.err.contains("did you mean `invoke`"), "{}", scoped.err);
}
