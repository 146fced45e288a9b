//! Every code of the register has a page in `spec/errors`, and every page has its code.

use crate::none;
use crate::workspace::{files, read};
use std::collections::BTreeSet;

const REGISTER: &str = "lang/src/codes.rs";
const PAGES: &str = "spec/errors/";

/// The codes in quotes, such as `"E0101"`.
fn codes(register: &str) -> BTreeSet<String> {
    let quoted = register.split('"').skip(1).step_by(2);
    let is_code = |text: &&str| {
        text.len() == 5 && text.starts_with(['E', 'W']) && text[1..].chars().all(|c| c.is_ascii_digit())
    };
    quoted.filter(is_code).map(str::to_owned).collect()
}

fn problems(codes: &BTreeSet<String>, pages: &BTreeSet<String>) -> Vec<String> {
    let missing =
        codes.difference(pages).map(|code| format!("{PAGES}{code}.md is missing: {code} needs its page"));
    let stale =
        pages.difference(codes).map(|page| format!("{PAGES}{page}.md: no code of {REGISTER} is called so"));
    missing.chain(stale).collect()
}

#[test]
fn every_code_has_its_page() {
    let files = files();
    let page = |path: &String| path.strip_prefix(PAGES)?.strip_suffix(".md").map(str::to_owned);
    let named_after_a_code = |page: &String| page.starts_with(['E', 'W']);
    let pages: BTreeSet<_> = files.iter().filter_map(page).filter(named_after_a_code).collect();
    let codes = codes(&read(REGISTER));
    assert!(codes.len() > 30, "the register was not understood: {codes:?}");
    // The pages come as a whole. The first one that is there makes all of them due.
    if !pages.is_empty() {
        none(&problems(&codes, &pages));
    }
}

#[test]
fn a_missing_and_a_stale_page_are_noticed() {
    let codes = codes("A = \"E0101\", \"A title\"; B = \"W0301\", \"Another, E0999\";");
    let pages = BTreeSet::from(["E0101".to_owned(), "E0102".to_owned()]);
    let found = problems(&codes, &pages);
    assert_eq!(found.len(), 2, "{found:?}");
    assert!(found[0].contains("W0301") && found[1].contains("E0102"));
}
