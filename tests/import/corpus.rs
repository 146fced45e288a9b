//! How much of real files is imported: every operation counts, and an operation counts as imported
//! when a connector file with it has been checked and compiled.

use serde_json::{Map, Value};
use sluis_import::{Draft, ImportError, Options, Selection, openapi};
use sluis_tests::packages::Packaged;
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::OnceLock;
use std::sync::atomic::{AtomicUsize, Ordering};

/// Operations that are written into one connector file at most; a file has at most 20,000 values.
const AT_ONCE: usize = 64;
/// What has to be imported of all operations of all files, in per cent.
const GOAL: f64 = 95.0;

/// The files: registry, package, and the path inside of it.
const LIST: &str = include_str!("corpus.txt");

/// The files of the list.
fn listed() -> Vec<Packaged> {
    let lines = LIST.lines().filter(|line| !line.is_empty() && !line.starts_with('#'));
    lines.map(|line| Packaged::parse(line).unwrap()).collect()
}

/// What became of one file.
#[derive(Default)]
struct Tally {
    operations: usize,
    imported: usize,
    noted: usize,
    reasons: BTreeMap<String, usize>,
    /// What is said of the operations, and of how many.
    said: BTreeMap<&'static str, usize>,
    /// What should never happen.
    failures: Vec<String>,
}

impl Tally {
    fn refused(&mut self, why: &str) {
        // Names differ from case to case; the kind of reason is what is counted.
        let kind: Vec<&str> = why.split('`').step_by(2).collect();
        *self.reasons.entry(kind.join("…")).or_default() += 1;
    }
}

/// What a connector file says of an API besides its request.
fn said(fields: &Map<String, Value>) -> Vec<&'static str> {
    let styled = |part: &str| {
        let of = fields.get(part).or_else(|| fields.get("body")?.get(part)).and_then(Value::as_object);
        of.is_some_and(|of| of.values().any(|value| value.get("style").is_some()))
    };
    let body = |form: &str| fields.get("body").is_some_and(|body| body.get(form).is_some());
    let inputs = |names: &[&str]| {
        let inputs = fields.get("inputs").and_then(Value::as_object).into_iter().flat_map(Map::values);
        inputs.into_iter().any(|input| names.iter().any(|name| input.get(*name).is_some()))
    };
    let all = [
        ("how the answer is read", fields.contains_key("answer")),
        ("what scripts get", fields.contains_key("outputs")),
        ("pages", fields.contains_key("pagination")),
        ("an effect", fields.contains_key("effect")),
        ("choices of an input", inputs(&["enum"])),
        ("bounds of an input", inputs(&["min", "max"])),
        ("entries of a list", inputs(&["schema"])),
        ("lists or maps in a style", styled("query") || styled("form")),
        ("a body of text", body("text")),
        ("a body of bytes", body("bytes")),
        ("cookies", fields.contains_key("cookies")),
    ];
    all.into_iter().filter_map(|(what, is_said)| is_said.then_some(what)).collect()
}

fn import(draft: &Draft, only: &[String], tally: &mut Tally) {
    match draft.connector(&Selection { only: only.to_vec() }) {
        Ok(made) => {
            if let Err(failure) = sluis_engine::check_definition(&made.definition) {
                return tally.failures.push(format!("{}: {}", draft.title, failure.message));
            }
            tally.imported += made.definition.apis.len();
            made.left_out.iter().for_each(|(_, why)| tally.refused(why));
        }
        Err(ImportError::TooLarge { .. }) if only.len() > 1 => {
            let (left, right) = only.split_at(only.len() / 2);
            import(draft, left, tally);
            import(draft, right, tally);
        }
        Err(ImportError::Nothing { .. }) if only.len() > 1 => {
            for one in only {
                import(draft, std::slice::from_ref(one), tally);
            }
        }
        Err(ImportError::Nothing { why, .. }) => tally.refused(&why),
        Err(error) => tally.failures.push(format!("{}: {error}", draft.title)),
    }
}

/// Reads a file as a person would: where it names no address, one is given.
fn draft(text: &str) -> Result<Draft, ImportError> {
    openapi(text, &Options::default()).or_else(|error| match error {
        ImportError::NoServer { .. } => {
            let server = Some("https://api.example.com".to_owned());
            openapi(text, &Options { server, ..Options::default() })
        }
        other => Err(other),
    })
}

fn tally(path: &Path) -> Result<Tally, ImportError> {
    let text = std::fs::read_to_string(path).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
    let draft = draft(&text)?;
    let mut tally = Tally { operations: draft.operations.len(), ..Tally::default() };
    let noted = |api: &sluis_import::draft::Api| !api.notes.is_empty();
    tally.noted = draft.operations.iter().filter(|operation| operation.api.as_ref().is_ok_and(noted)).count();
    for api in draft.operations.iter().filter_map(|operation| operation.api.as_ref().ok()) {
        said(&api.fields).into_iter().for_each(|what| *tally.said.entry(what).or_default() += 1);
    }
    let names: Vec<String> = draft.operations.iter().map(|operation| operation.name.clone()).collect();
    names.chunks(AT_ONCE).for_each(|names| import(&draft, names, &mut tally));
    Ok(tally)
}

/// All files, on all cores, in their order.
fn tallies(files: &[Packaged]) -> Vec<Tally> {
    let (next, tallies) = (AtomicUsize::new(0), files.iter().map(|_| OnceLock::new()).collect::<Vec<_>>());
    std::thread::scope(|scope| {
        for _ in 0..std::thread::available_parallelism().map_or(1, usize::from) {
            scope.spawn(|| {
                while let Some((file, place)) = {
                    let at = next.fetch_add(1, Ordering::Relaxed);
                    files.get(at).zip(tallies.get(at))
                } {
                    let found = tally(&file.file().unwrap());
                    let _ = place.set(found.unwrap_or_else(|error| panic!("{file:?}: {error}")));
                }
            });
        }
    });
    tallies.into_iter().map(|tally| tally.into_inner().unwrap()).collect()
}

fn share(part: usize, whole: usize) -> f64 {
    if whole == 0 { 100.0 } else { part as f64 * 100.0 / whole as f64 }
}

#[test]
#[ignore = "a step of CI by itself, so that the shares are shown; it downloads 60 MB once"]
fn nearly_every_operation_of_real_files_is_imported() {
    let mut all = Tally::default();
    let files = listed();
    for (file, tally) in files.iter().zip(tallies(&files)) {
        println!(
            "{:6.1} %  {:5} of {:5}  {:5} with notes  {} {}",
            share(tally.imported, tally.operations),
            tally.imported,
            tally.operations,
            tally.noted,
            file.package,
            file.path
        );
        all.operations += tally.operations;
        all.imported += tally.imported;
        all.noted += tally.noted;
        all.failures.extend(tally.failures);
        for (why, count) in tally.reasons {
            *all.reasons.entry(why).or_default() += count;
        }
        for (what, count) in tally.said {
            *all.said.entry(what).or_default() += count;
        }
    }
    println!(
        "{:6.1} %  {:5} of {:5}  {:5} with notes  in {} files",
        share(all.imported, all.operations),
        all.imported,
        all.operations,
        all.noted,
        files.len()
    );
    for (what, count) in &all.said {
        println!("{:6.1} %  {count:5} say {what}", share(*count, all.imported));
    }
    let mut reasons: Vec<_> = all.reasons.into_iter().collect();
    reasons.sort_by_key(|(_, count)| std::cmp::Reverse(*count));
    reasons.iter().for_each(|(why, count)| println!("{count:6}  {why}"));
    assert!(files.len() >= 50, "{} files are too few to tell", files.len());
    assert!(all.failures.is_empty(), "{:#?}", all.failures);
    assert!(share(all.imported, all.operations) >= GOAL);
}

/// All JSON and YAML files below a folder.
fn files_below(folder: &Path, found: &mut Vec<PathBuf>) {
    for entry in std::fs::read_dir(folder).unwrap().flatten() {
        let path = entry.path();
        let ending = path.extension().and_then(|ending| ending.to_str()).unwrap_or_default();
        match entry.file_type().is_ok_and(|kind| kind.is_dir()) {
            true => files_below(&path, found),
            false if matches!(ending, "json" | "yaml" | "yml") => found.push(path),
            false => {}
        }
    }
}

#[test]
#[ignore = "minutes: `cargo xtask corpus` runs it"]
fn no_file_of_the_packages_makes_the_reader_panic_or_write_what_is_no_connector() {
    let mut files = Vec::new();
    let packages: BTreeMap<String, Packaged> =
        listed().into_iter().map(|file| (file.package.clone(), file)).collect();
    packages.values().for_each(|package| files_below(&package.whole().unwrap(), &mut files));
    let (mut all, mut read) = (Tally::default(), 0_usize);
    for file in &files {
        // What is written twice, with and without references, is counted once.
        let large = file.metadata().is_ok_and(|data| data.len() > 6_000_000);
        if large || std::fs::read_to_string(file).is_err() {
            continue;
        }
        let Ok(tally) = tally(file) else { continue };
        read += 1;
        all.operations += tally.operations;
        all.imported += tally.imported;
        all.failures.extend(tally.failures.iter().map(|failure| format!("{}: {failure}", file.display())));
        for (why, count) in tally.reasons {
            *all.reasons.entry(why).or_default() += count;
        }
    }
    println!(
        "{read} of {} files are descriptions: {} of {} operations",
        files.len(),
        all.imported,
        all.operations
    );
    let mut reasons: Vec<_> = all.reasons.into_iter().collect();
    reasons.sort_by_key(|(_, count)| std::cmp::Reverse(*count));
    reasons.iter().take(40).for_each(|(why, count)| println!("{count:6}  {why}"));
    assert!(all.failures.is_empty(), "{:#?}", all.failures);
    assert!(read > 1_000, "{read}");
}
