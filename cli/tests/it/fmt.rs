//! `sluis fmt`.

use crate::home::Home;
use std::fs;

const UGLY: &str = "x=1;\nif(x==1){info x;}\n";
const GOOD: &str = "x = 1;\nif(x == 1)\n{\n\tinfo x;\n}\n";

#[test]
fn files_and_folders_are_formatted_in_place_and_then_left_alone() {
    let home = Home::new();
    let one = home.file("one.dg", UGLY);
    for folder in ["sub/deep", "sub/.hidden"] {
        fs::create_dir_all(home.path(folder)).unwrap();
    }
    home.file("sub/deep/two.dg", UGLY);
    let others = [home.file("sub/notes.txt", UGLY), home.file("sub/.hidden/three.dg", UGLY)];
    let ended = home.run(&["fmt", &one, "sub"]);
    assert_eq!((ended.code, ended.out.as_str()), (0, ""), "{}", ended.err);
    assert!(ended.err.contains("formatted") && ended.err.contains("two.dg"), "{}", ended.err);
    assert_eq!(fs::read_to_string(&one).unwrap(), GOOD);
    assert_eq!(fs::read_to_string(home.path("sub/deep/two.dg")).unwrap(), GOOD);
    others.iter().for_each(|file| assert_eq!(fs::read_to_string(file).unwrap(), UGLY));
    let again = home.run(&["fmt", &one, "sub"]);
    assert_eq!((again.code, again.out.as_str(), again.err.as_str()), (0, "", ""));
    let left: Vec<_> = fs::read_dir(home.path("sub/deep")).unwrap().collect();
    assert_eq!(left.len(), 1, "something was left beside the script: {left:?}");
}

#[test]
fn check_names_what_would_change_and_writes_nothing() {
    let home = Home::new();
    let (ugly, good) = (home.file("ugly.dg", UGLY), home.file("good.dg", GOOD));
    let ended = home.run(&["fmt", "--check", &ugly, &good]);
    assert_eq!((ended.code, ended.out.trim_end()), (1, ugly.as_str()), "{}", ended.err);
    assert_eq!(fs::read_to_string(&ugly).unwrap(), UGLY);
    assert_eq!(home.run(&["fmt", "--check", &good]).code, 0);
}

#[test]
fn diff_shows_what_would_change_and_writes_nothing() {
    let home = Home::new();
    let ugly = home.file("ugly.dg", UGLY);
    let ended = home.run(&["fmt", "--diff", &ugly]);
    assert_eq!(ended.code, 1, "{}", ended.err);
    assert!(
        ended.out.contains("--- ") && ended.out.contains("\n-x=1;\n") && ended.out.contains("\n+x = 1;\n"),
        "{}",
        ended.out
    );
    assert_eq!(fs::read_to_string(&ugly).unwrap(), UGLY);
}

#[test]
fn standard_input_goes_to_standard_output() {
    let ended = Home::new().pipe(&["fmt", "-"], UGLY);
    assert_eq!((ended.code, ended.out.as_str(), ended.err.as_str()), (0, GOOD, ""));
    let mark = Home::new().pipe(&["fmt", "-"], &format!("\u{feff}{}", UGLY.replace('\n', "\r\n")));
    assert_eq!(mark.out, format!("\u{feff}{}", GOOD.replace('\n', "\r\n")));
}

#[test]
fn a_script_with_errors_is_left_alone_and_the_others_are_formatted() {
    let home = Home::new();
    let (broken, ugly) = (home.file("broken.dg", "x = ;\n"), home.file("ugly.dg", UGLY));
    let ended = home.run(&["fmt", &broken, &ugly]);
    assert_eq!(ended.code, 2, "{}", ended.err);
    assert!(ended.err.contains("E0101") && ended.err.contains("left alone"), "{}", ended.err);
    assert_eq!(fs::read_to_string(&broken).unwrap(), "x = ;\n");
    assert_eq!(fs::read_to_string(&ugly).unwrap(), GOOD);
    assert_eq!(home.pipe(&["fmt", "-"], "x = ;").out, "");
}

#[test]
fn a_file_that_is_not_there_does_not_stop_the_others() {
    let home = Home::new();
    let ugly = home.file("ugly.dg", UGLY);
    let ended = home.run(&["fmt", "nowhere.dg", &ugly]);
    assert_eq!(ended.code, 3, "{}", ended.err);
    assert!(ended.err.contains("nowhere.dg"), "{}", ended.err);
    assert_eq!(fs::read_to_string(&ugly).unwrap(), GOOD);
}

#[cfg(unix)]
#[test]
fn a_link_stays_a_link_and_rights_stay_as_they_are() {
    use std::os::unix::fs::{PermissionsExt as _, symlink};
    let home = Home::new();
    let file = home.file("real.dg", UGLY);
    fs::set_permissions(&file, fs::Permissions::from_mode(0o640)).unwrap();
    symlink(&file, home.path("link.dg")).unwrap();
    assert_eq!(home.run(&["fmt", "link.dg"]).code, 0);
    assert!(fs::symlink_metadata(home.path("link.dg")).unwrap().is_symlink());
    assert_eq!(fs::read_to_string(&file).unwrap(), GOOD);
    assert_eq!(fs::metadata(&file).unwrap().permissions().mode() & 0o777, 0o640);
    fs::write(&file, UGLY).unwrap();
    fs::set_permissions(&file, fs::Permissions::from_mode(0o440)).unwrap();
    assert_eq!(home.run(&["fmt", "link.dg"]).code, 3);
    assert_eq!(fs::read_to_string(&file).unwrap(), UGLY);
}
