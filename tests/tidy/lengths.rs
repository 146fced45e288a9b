//! Long files: the list of them may only shrink.

use crate::none;
use crate::workspace::{read, rust_files};
use std::collections::BTreeMap;

/// Lines that a file may have without a reason.
const LIMIT: usize = 500;
/// Lines by which a listed file may be shorter than its number before the number must follow.
const SLACK: usize = 40;
const LIST: &str = "tests/tidy/long-files.txt";

/// Path and allowed lines of the listed files.
fn parse(list: &str) -> BTreeMap<String, usize> {
    let entries = list.lines().map(str::trim).filter(|line| !line.is_empty() && !line.starts_with('#'));
    let entry = |line: &str| {
        let (lines, path) =
            line.split_once(' ').unwrap_or_else(|| panic!("`{line}` is not `<lines> <path>`"));
        (path.trim().to_owned(), lines.parse().unwrap_or_else(|_| panic!("`{lines}` is not a number")))
    };
    entries.map(entry).collect()
}

fn problems(lengths: &BTreeMap<String, usize>, listed: &BTreeMap<String, usize>) -> Vec<String> {
    let mut problems = Vec::new();
    for (path, &length) in lengths.iter().filter(|(_, length)| **length > LIMIT) {
        match listed.get(path) {
            None => problems.push(format!(
                "{path} has {length} lines, more than {LIMIT}: split it by what it is about; if there is a \
                 reason not to, add `{length} {path}` to {LIST} with the reason as a comment"
            )),
            Some(&allowed) if length > allowed => problems.push(format!(
                "{path} grew from {allowed} to {length} lines: take something out; the list only shrinks"
            )),
            Some(&allowed) if length + SLACK < allowed => {
                problems.push(format!("{path} shrank: write `{length} {path}` in {LIST}"));
            }
            Some(_) => {}
        }
    }
    for path in listed.keys().filter(|path| lengths.get(*path).is_none_or(|length| *length <= LIMIT)) {
        problems.push(format!("{path} is no longer a long file: take it out of {LIST}"));
    }
    problems
}

#[test]
fn long_files_only_shrink() {
    let lengths = rust_files().into_iter().map(|path| (path.clone(), read(&path).lines().count())).collect();
    none(&problems(&lengths, &parse(&read(LIST))));
}

#[test]
fn growth_and_stale_entries_are_noticed() {
    let map = |entries: &[(&str, usize)]| entries.iter().map(|(path, n)| ((*path).to_owned(), *n)).collect();
    let lengths =
        map(&[("new", 501), ("grown", 700), ("same", 600), ("shrunk", 550), ("short", 10), ("fine", 500)]);
    let listed = parse("# why\n600 grown\n600 same\n600 shrunk\n600 short\n600 gone\n");
    let found = problems(&lengths, &listed);
    for path in ["new", "grown", "shrunk", "short", "gone"] {
        assert_eq!(
            found.iter().filter(|problem| problem.starts_with(&format!("{path} "))).count(),
            1,
            "{path}"
        );
    }
    assert_eq!(found.len(), 5, "{found:?}");
}
