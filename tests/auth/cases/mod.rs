//! The literate cases of `spec/auth`: what a scheme sends, what it is answered, what it makes of it.
//! `spec/auth/README.md` says how one is written. With `UPDATE_EXPECT=1` the expectations are
//! rewritten in place.

mod document;
mod given;
mod http_text;
mod play;
mod show;

use document::{Document, Fence};
use std::fmt::Write as _;
use std::path::{Path, PathBuf};

#[test]
fn every_case_of_the_schemes_holds() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../spec/auth");
    let (mut failures, mut count) = (String::new(), 0);
    for file in files(&folder) {
        let text = std::fs::read_to_string(&file).unwrap();
        let name = file.file_name().unwrap_or_default().to_string_lossy().into_owned();
        let document = Document::read(&name, &text).unwrap_or_else(|malformed| panic!("{malformed}"));
        count += document.cases.len();
        check(&document, &file, &text, &mut failures);
    }
    assert!(failures.is_empty(), "\n{failures}");
    assert!(count >= 3, "only {count} cases were found in spec/auth");
}

/// Plays the cases of a file; compares, or rewrites the file.
fn check(document: &Document, file: &Path, text: &str, failures: &mut String) {
    let mut played = Vec::new();
    for case in &document.cases {
        let place = format!("{}:{}: {}", document.name, case.line, case.title);
        match play::play(&document.defaults, case) {
            Ok(actual) => played.push((case, actual)),
            Err(why) => {
                let _ = writeln!(failures, "{place}\n  {why}\n");
            }
        }
    }
    if std::env::var_os("UPDATE_EXPECT").is_some_and(|value| value == "1") {
        std::fs::write(file, document::rewritten(text, &played)).unwrap();
        return;
    }
    for (case, actual) in played {
        let expected: Vec<&Fence> = case.fences.iter().filter(|fence| !fence.is_set_up()).collect();
        let same = expected.len() == actual.len()
            && expected.iter().zip(&actual).all(|(e, a)| e.info == a.info && e.text == a.text);
        if !same {
            let shown =
                |fences: &[&Fence]| -> String { fences.iter().map(|fence| fence.to_string()).collect() };
            let _ = writeln!(
                failures,
                "{}:{}: {}\nexpected:\n{}actual:\n{}",
                document.name,
                case.line,
                case.title,
                shown(&expected),
                shown(&actual.iter().collect::<Vec<_>>())
            );
        }
    }
}

fn files(folder: &Path) -> Vec<PathBuf> {
    let entries = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
    let mut files: Vec<PathBuf> = entries
        .filter(|path| path.extension().is_some_and(|extension| extension == "md"))
        .filter(|path| path.file_name().is_some_and(|name| name != "README.md"))
        .collect();
    files.sort();
    files
}
