//! Runs the cases of a folder, and shows every one that does not hold.

use crate::case::{Case, read_cases};
use crate::outcome::Outcome;
use crate::{formatted, lang_alone, rewrite, through_engine};
use std::fmt::Write as _;
use std::path::{Path, PathBuf};

/// Checks every case of a folder; answers how many there were.
///
/// # Panics
/// With all cases that do not hold, or if a file is malformed.
pub async fn check_folder(folder: &Path) -> usize {
    let mut failures = String::new();
    let mut count = 0;
    for file in files(folder) {
        let text = std::fs::read_to_string(&file).unwrap();
        let shown = shown(&file);
        let cases = read_cases(&shown, &text).unwrap_or_else(|malformed| panic!("{malformed}"));
        let mut outcomes = Vec::new();
        for case in cases {
            count += 1;
            let outcome = run(&case, &mut failures).await;
            outcomes.push((case, outcome));
        }
        if rewrite::wanted() {
            let after = rewrite::rewritten(&text, &outcomes);
            if after != text {
                std::fs::write(&file, after).unwrap();
            }
        } else {
            compare(&outcomes, &mut failures);
        }
    }
    assert!(failures.is_empty(), "\n{failures}");
    count
}

/// Runs a case in both ways, and once more after formatting. If they differ, that is a failure whatever is
/// expected.
async fn run(case: &Case, failures: &mut String) -> Outcome {
    if formatted::is_the_subject(case) {
        return formatted::outcome(case);
    }
    let alone = lang_alone::run(case);
    if let Ok(alone) = &alone
        && let Err(difference) = formatted::does_the_same(case, alone)
    {
        let place = format!("{}:{}", case.file.display(), case.line);
        let _ = writeln!(failures, "{place}: {}\n  after formatting: {difference}\n", case.title);
    }
    // What a case asks of the host, on the other hand, only an engine can answer.
    if lang_alone::is_needed(case) {
        return alone.unwrap_or_else(|call| {
            let place = format!("{}:{}", case.file.display(), case.line);
            let _ = writeln!(failures, "{place}: {}\n  it got as far as calling `{call}`\n", case.title);
            Outcome::default()
        });
    }
    let engine = through_engine::run(case).await;
    match alone {
        Ok(alone) if alone != engine => {
            let _ = writeln!(
                failures,
                "{}:{}: {}\n  alone:      {alone:?}\n  in engine:  {engine:?}\n",
                case.file.display(),
                case.line,
                case.title
            );
            alone
        }
        _ => engine,
    }
}

fn compare(outcomes: &[(Case, Outcome)], failures: &mut String) {
    for (case, outcome) in outcomes {
        let (expected, actual) = (case.expected(), outcome.fences());
        if expected != actual {
            let _ = writeln!(
                failures,
                "{}:{}: {}\nexpected:\n{}actual:\n{}",
                case.file.display(),
                case.line,
                case.title,
                indented(&expected),
                indented(&actual)
            );
        }
    }
}

fn indented(fences: &[(&str, String)]) -> String {
    let mut text = String::new();
    for (name, body) in fences {
        let _ = writeln!(text, "  {name}");
        for line in body.lines() {
            let _ = writeln!(text, "    {line}");
        }
    }
    text
}

/// The Markdown files of a folder, by name.
pub fn files(folder: &Path) -> Vec<PathBuf> {
    let entries = std::fs::read_dir(folder).unwrap_or_else(|error| panic!("{}: {error}", folder.display()));
    let mut files: Vec<PathBuf> = entries.map(|entry| entry.unwrap().path()).collect();
    files.retain(|file| file.extension().is_some_and(|extension| extension == "md"));
    files.sort();
    files
}

/// A file's path from the workspace's root.
fn shown(file: &Path) -> PathBuf {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
    file.strip_prefix(root).unwrap_or(file).to_owned()
}
