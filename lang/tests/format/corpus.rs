//! Every script of the repository: formatted as it stands, and with its white space made anew.

use proptest::prelude::*;
use sluis_lang::format::{format, same_meaning};
use sluis_lang::syntax::lexer::lex;
use std::path::{Path, PathBuf};
use std::sync::LazyLock;

/// Scripts that can be read, with where they stand.
static SCRIPTS: LazyLock<Vec<(String, String)>> = LazyLock::new(|| {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
    let mut files = Vec::new();
    for folder in ["spec", "examples", "docs", "lang/benches", "tests"] {
        collect(&root.join(folder), &mut files);
    }
    files.push(root.join("README.md"));
    let mut scripts = Vec::new();
    for file in files {
        let text = std::fs::read_to_string(&file).expect("a file of the repository can be read");
        let name = file.display().to_string();
        if file.extension().is_some_and(|extension| extension == "dg") {
            scripts.push((name, text));
        } else {
            scripts.extend(fences(&text).map(|(line, script)| (format!("{name}:{line}"), script)));
        }
    }
    scripts.retain(|(_, script)| format(script).is_ok());
    scripts
});

fn collect(folder: &Path, files: &mut Vec<PathBuf>) {
    for entry in std::fs::read_dir(folder).expect("a folder of the repository") {
        let path = entry.expect("an entry").path();
        if path.is_dir() {
            collect(&path, files);
        } else if path.extension().is_some_and(|extension| extension == "dg" || extension == "md") {
            files.push(path);
        }
    }
}

/// The scripts in the fences of a Markdown page, with their lines.
fn fences(page: &str) -> impl Iterator<Item = (usize, String)> + '_ {
    let mut lines = page.lines().enumerate();
    std::iter::from_fn(move || {
        let (at, _) = lines.find(|(_, line)| line.starts_with("```deluge"))?;
        let script = lines.by_ref().map(|(_, line)| line).take_while(|line| !line.starts_with("```"));
        Some((at + 1, script.map(|line| format!("{line}\n")).collect()))
    })
}

/// Asserts what holds for every script.
pub fn check(name: &str, script: &str) {
    let once = format(script).unwrap_or_else(|errors| panic!("{name}: {errors:?}"));
    assert!(same_meaning(script, &once), "{name}: the meaning changed\n{script}\n{once}");
    let twice = format(&once).unwrap_or_else(|errors| panic!("{name}: {errors:?}\n{once}"));
    if let Some((a, b)) = once.lines().zip(twice.lines()).find(|(a, b)| a != b) {
        panic!("{name}: formatting again made\n{a}\nto\n{b}\nin\n{once}\nfrom\n{script}");
    }
    assert_eq!(once.len(), twice.len(), "{name}: formatting again changed\n{once}");
    let blanks = once.lines().filter(|line| line.ends_with([' ', '\t'])).count();
    let in_source = script.lines().filter(|line| line.trim_end().len() < line.len()).count();
    assert!(blanks <= in_source, "{name}: lines end with blanks\n{once}");
}

#[test]
fn every_script_of_the_repository_keeps_its_meaning_and_is_formatted_once() {
    assert!(SCRIPTS.len() > 200, "only {} scripts were found", SCRIPTS.len());
    for (name, script) in SCRIPTS.iter() {
        check(name, script);
    }
}

const GAPS: &[&str] = &[
    " ",
    " ",
    " ",
    "\n",
    "\n\n\n",
    "\t",
    " // c\n",
    "\n// c d\n",
    "/* e */",
    "\n\n/* f\n * g\n h */\n",
    "\r\n",
    " /* i */ // j\n",
];

/// A script with other white space and comments between its tokens.
fn respaced(script: &str, choices: &[usize]) -> String {
    let lexed = lex(script);
    let mut out = String::new();
    for (at, token) in lexed.tokens.iter().enumerate() {
        out.push_str(&script[token.span.range()]);
        let choice = choices[(at * 7 + at / choices.len()) % choices.len()];
        out.push_str(GAPS[choice]);
    }
    out
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 400, max_shrink_iters: 400, ..ProptestConfig::default() })]

    #[test]
    fn the_white_space_of_the_author_does_not_matter(
        number in any::<prop::sample::Index>(),
        choices in prop::collection::vec(0..GAPS.len(), 5..40),
    ) {
        let (name, script) = &SCRIPTS[number.index(SCRIPTS.len())];
        let script = respaced(script, &choices);
        prop_assume!(format(&script).is_ok());
        check(name, &script);
    }
}
