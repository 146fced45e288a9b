//! The pages of `spec/errors`: each has its code's title and an example that produces it. That there
//! is a page for each code is kept by the tidy checks.

use crate::case::{Case, read_cases};
use sluis_lang::codes::CODES;
use std::path::Path;

/// Codes that nothing gives yet. The list only shrinks: a code that is given must leave it.
const NOT_GIVEN: &[&str] = &[];

/// Checks that each page has its title, and that its example produces its code.
pub fn check(folder: &Path) {
    for (code, title) in CODES {
        check_page(&folder.join(format!("{code}.md")), code.0, title);
    }
}

fn check_page(file: &Path, code: &str, title: &str) {
    let text = std::fs::read_to_string(file).unwrap();
    let shown = file.display();
    let heading = format!("# {code}: {title}\n");
    assert!(text.starts_with(&heading), "{shown}: the first line must be `{}`", heading.trim_end());
    let cases = read_cases(file, &text).unwrap_or_else(|malformed| panic!("{malformed}"));
    let produces = |case: &Case| {
        case.fences.iter().any(|fence| {
            matches!(fence.name.as_str(), "error" | "fault")
                && fence.text.lines().any(|line| line.starts_with(&format!("{code} ")))
        })
    };
    let case = |title: &str| {
        cases
            .iter()
            .find(|case| case.title == title)
            .unwrap_or_else(|| panic!("{shown}: it has no `## {title}`"))
    };
    let given = !NOT_GIVEN.contains(&code);
    assert_eq!(produces(case("The mistake")), given, "{shown}: its example must produce {code}: {given}");
    let mend = case("The mend");
    assert!(!produces(mend) && mend.part("prints").is_some(), "{shown}: its mend does not do better");
}
