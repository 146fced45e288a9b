//! `spec/compat.md`: what it links to is there, and what it says of a construct is one of four words.

use crate::spec;
use std::collections::BTreeMap;

const WORDS: &[&str] = &["same", "differs", "not yet", "never"];

#[test]
fn every_row_says_how_it_compares_and_leads_to_a_case_that_exists() {
    let text = std::fs::read_to_string(spec("compat.md")).unwrap();
    let mut anchors: BTreeMap<String, Vec<String>> = BTreeMap::new();
    let mut problems = Vec::new();
    let mut rows = 0;
    for line in text.lines().filter(|line| line.starts_with("| ") && !line.starts_with("| construct |")) {
        rows += 1;
        let unescaped = line.replace("\\|", "/");
        let cells: Vec<&str> = unescaped.split('|').map(str::trim).collect();
        let ["", _, word, reason, case, ""] = cells[..] else {
            problems.push(format!("not four cells: {line}"));
            continue;
        };
        if !WORDS.contains(&word) {
            problems.push(format!("`{word}` is none of {WORDS:?}: {line}"));
        }
        if word == "differs" && reason.is_empty() {
            problems.push(format!("a difference wants a reason: {line}"));
        }
        let Some((_, target)) = case.split_once("](") else { continue };
        let target = target.trim_end_matches(')');
        let (file, anchor) = target.split_once('#').unwrap_or((target, ""));
        let known = anchors.entry(file.to_owned()).or_insert_with(|| headings(file));
        if known.is_empty() || (!anchor.is_empty() && !known.iter().any(|known| known == anchor)) {
            problems.push(format!("{file} has no `#{anchor}`; it has {known:#?}"));
        }
    }
    assert!(rows > 40, "the table was not understood: {rows} rows");
    assert!(problems.is_empty(), "{}", problems.join("\n"));
}

/// Anchors of the headings of a file, as GitHub makes them.
fn headings(file: &str) -> Vec<String> {
    let text = std::fs::read_to_string(spec(file)).unwrap_or_default();
    let titles = text.lines().filter_map(|line| line.strip_prefix("## ").or_else(|| line.strip_prefix("# ")));
    titles.map(anchor).collect()
}

fn anchor(title: &str) -> String {
    let kept = title.to_lowercase();
    let kept = kept.chars().filter(|c| c.is_alphanumeric() || matches!(c, ' ' | '-' | '_'));
    kept.map(|c| if c == ' ' { '-' } else { c }).collect()
}
