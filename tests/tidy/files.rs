//! How files open and what they are called.

use crate::none;
use crate::workspace::{files, read, rust_files};

/// Names that say nothing about what is inside.
const VAGUE: &[&str] = &["util", "utils", "helper", "helpers", "common", "misc", "manager"];

fn vague(path: &str) -> bool {
    let (folder, name) = path.rsplit_once('/').unwrap_or(("", path));
    let stem = name.split('.').next().unwrap_or_default();
    folder.split('/').chain([stem]).any(|part| VAGUE.contains(&part.to_ascii_lowercase().as_str()))
}

#[test]
fn every_rust_file_opens_by_saying_what_is_in_it() {
    let silent = rust_files().into_iter().filter(|path| !read(path).starts_with("//! "));
    none(&silent.map(|path| format!("{path}: open it with `//!` and what is here")).collect::<Vec<_>>());
}

#[test]
fn no_file_or_folder_has_a_vague_name() {
    let found = files().into_iter().filter(|path| vague(path));
    none(&found.map(|path| format!("{path}: call it by what is in it")).collect::<Vec<_>>());
}

#[test]
fn a_vague_name_is_noticed() {
    assert!(vague("lang/src/util.rs") && vague("runtime/common/src/lib.rs") && vague("Misc.md"));
    assert!(!vague("lang/src/manager_role.rs") && !vague("docs/utilities.md"));
}

#[test]
fn ci_runs_what_the_readme_says_and_nothing_else() {
    let commands: Vec<_> = read(".ci/run").lines().map(str::to_owned).collect();
    let does: Vec<_> = commands.iter().filter(|line| line.contains("xtask")).collect();
    assert_eq!(does.len(), 1, "{commands:?}");
    assert!(does[0].ends_with("cargo xtask ci"), "{commands:?}");
}
