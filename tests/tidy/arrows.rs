//! A crate may use only crates of a lower rank.

use crate::none;
use crate::workspace::{Package, ours};

/// Folder of each crate with its rank. `tests` may use anything and nobody may use it.
const RANKS: &[(&str, u8)] = &[
    ("lang", 0),
    ("runtime/model", 0),
    ("examples/provider", 0),
    ("xtask", 0),
    ("runtime/store", 1),
    ("runtime/definition", 1),
    ("sdk-js", 1),
    ("runtime/vault", 2),
    ("runtime/import", 2),
    ("runtime/package", 1),
    ("runtime/auth", 3),
    ("runtime/invoke", 4),
    ("runtime/engine", 5),
    ("runtime/mail", 6),
    ("runtime/server", 6),
    ("repl", 6),
    ("lang/lsp", 6),
    ("cli", 7),
    ("tests", u8::MAX),
];

/// Crates that nothing of ours may depend on.
const LEAVES: &[&str] = &["xtask", "tests", "cli"];

fn rank(folder: &str) -> Option<u8> {
    RANKS.iter().find(|(known, _)| *known == folder).map(|(_, rank)| *rank)
}

fn problems(packages: &[Package]) -> Vec<String> {
    let mut problems = Vec::new();
    for package in packages {
        let folder = package.folder();
        let Some(own) = rank(&folder) else {
            problems.push(format!(
                "{folder} has no rank: give it one in tests/tidy/arrows.rs and ARCHITECTURE.md"
            ));
            continue;
        };
        for dependency in &package.dependencies {
            let Some(used) = packages.iter().find(|other| other.name == dependency.name) else { continue };
            let used = used.folder();
            if rank(&used).is_some_and(|rank| rank >= own) {
                problems.push(format!("{folder} must not use {used}: arrows point to a lower rank only"));
            }
            if LEAVES.contains(&used.as_str()) && !(folder == "tests" && used == "cli") {
                problems.push(format!("{folder} must not use {used}: nothing may"));
            }
        }
    }
    problems
}

#[test]
fn crates_use_only_crates_of_a_lower_rank() {
    none(&problems(&ours().packages));
}

#[test]
fn an_arrow_upwards_or_sideways_is_noticed() {
    let lang = Package::made_up("a", "lang", &[("b", None)]);
    let model = Package::made_up("b", "runtime/model", &[("c", Some("dev"))]);
    let server = Package::made_up("c", "runtime/server", &[("b", None)]);
    let tests = Package::made_up("d", "tests", &[("a", None), ("e", None)]);
    let xtask = Package::made_up("e", "xtask", &[]);
    let stranger = Package::made_up("f", "runtime/misc", &[]);
    let found = problems(&[lang, model, server, tests, xtask, stranger]);
    let about = |text: &str| found.iter().filter(|problem| problem.contains(text)).count();
    assert_eq!(found.len(), 4, "{found:?}");
    assert_eq!(about("lang must not use runtime/model"), 1);
    assert_eq!(about("runtime/model must not use runtime/server"), 1);
    assert_eq!(about("tests must not use xtask"), 1);
    assert_eq!(about("runtime/misc has no rank"), 1);
}
