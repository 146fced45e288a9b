//! `sluis demo --once`, from the first line to the last.

use crate::home::Home;

#[test]
fn the_demo_tells_its_whole_story_without_a_person() {
    let home = Home::new();
    let folder = home.path("demo");
    let ended = home.run(&["demo", "--once", "--dir", folder.to_str().unwrap()]);
    assert_eq!(ended.code, 0, "{}\n{}", ended.out, ended.err);
    let verbs: Vec<&str> = ended
        .out
        .lines()
        .filter(|line| line.len() > 13 && !line[..12].trim().is_empty() && line.as_bytes()[12] == b' ')
        .map(|line| line[..12].trim())
        .filter(|verb| verb.chars().next().is_some_and(char::is_uppercase) && !verb.contains(' '))
        .collect();
    let story = [
        "Opened",
        "Started",
        "Released",
        "Asked",
        "Authorized",
        "Ran",
        "Sent",
        "Expired",
        "Renewed",
        "Revoked",
        "Refused",
        "Served",
        "Finished",
    ];
    assert_eq!(verbs, story, "{}", ended.out);
    assert!(ended.out.contains("added contacts/1"), "{}", ended.out);
    assert!(ended.out.contains("***"), "{}", ended.out);
    assert!(ended.out.contains("/oauth/revoke"), "{}", ended.out);
    assert!(folder.join("sluis.redb").exists());
    assert!(!home.has_store());
}

#[test]
fn a_demo_in_a_folder_that_cannot_be_made_fails_visibly() {
    let home = Home::new();
    let file = home.file("taken", "a file");
    let ended = home.run(&["demo", "--once", "--dir", &file]);
    assert_ne!(ended.code, 0);
    assert!(ended.err.contains("taken"), "{}", ended.err);
}
