//! `sluis explain`.

use crate::home::Home;

#[test]
fn a_code_is_explained_by_its_page_whatever_its_case() {
    for code in ["E0204", "e0204"] {
        let ended = Home::new().run(&["explain", code]);
        assert_eq!(ended.code, 0, "{}", ended.err);
        assert!(ended.out.starts_with("# E0204: ") && ended.out.contains("## The mend"), "{}", ended.out);
    }
}

#[test]
fn without_a_code_all_are_listed_and_each_has_its_page() {
    let home = Home::new();
    let listed = home.run(&["explain"]).out;
    let codes: Vec<&str> = listed.lines().filter_map(|line| line.split("  ").next()).collect();
    assert!(codes.len() > 60 && codes.contains(&"E0216") && codes.contains(&"W0317"), "{listed}");
    let last = codes.last().unwrap();
    assert_eq!(home.run(&["explain", last]).code, 0);
}

#[test]
fn an_unknown_code_is_answered_with_the_nearest() {
    let ended = Home::new().run(&["explain", "E204"]);
    assert_eq!(ended.code, 2);
    assert!(
        ended.err.contains("no code `E204`") && ended.err.contains("did you mean E0204?"),
        "{}",
        ended.err
    );
}
