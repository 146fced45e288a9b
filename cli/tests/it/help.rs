//! What is said of the command line itself.

use crate::home::Home;

#[test]
fn a_misspelt_verb_is_answered_with_the_one_that_was_meant() {
    let ended = Home::new().run(&["authorise", "gcontacts"]);
    assert_eq!(ended.code, 2);
    assert!(ended.err.contains("authorize"), "{}", ended.err);
}

#[test]
fn help_names_the_exit_codes_and_ends_with_0() {
    let ended = Home::new().run(&["--help"]);
    assert_eq!(ended.code, 0);
    assert!(ended.out.contains("Exit codes: 0 done"), "{}", ended.out);
}
