//! Puts what happened into the files, for `UPDATE_EXPECT=1`.

use crate::case::Case;
use crate::outcome::Outcome;

/// Whether expectations are to be rewritten.
pub fn wanted() -> bool {
    std::env::var_os("UPDATE_EXPECT").is_some_and(|value| value == "1")
}

/// The text of a file with the expectations of its cases replaced. Prose and scripts stay as they are.
pub fn rewritten(text: &str, outcomes: &[(Case, Outcome)]) -> String {
    let mut lines: Vec<String> = text.lines().map(str::to_owned).collect();
    // From the last to the first, so that line numbers before stay true.
    for (case, outcome) in outcomes.iter().rev() {
        if case.expected() == outcome.fences() {
            continue;
        }
        for fence in case.fences.iter().rev().filter(|fence| Case::is_expectation(fence)) {
            lines.drain(fence.lines.clone());
            // The blank line that stood before it goes with it.
            let before = fence.lines.start.wrapping_sub(1);
            if lines.get(before).is_some_and(String::is_empty) {
                lines.remove(before);
            }
        }
        let given = case.fences.iter().filter(|fence| !Case::is_expectation(fence));
        let mut after = given.map(|fence| fence.lines.end).max().unwrap_or(case.line);
        after -= removed_before(case, after);
        for (name, body) in outcome.fences().iter().rev() {
            let fence = format!("\n```{name}\n{body}```");
            lines.splice(after..after, fence.lines().map(str::to_owned));
        }
    }
    lines.join("\n") + "\n"
}

/// Lines taken out above a line, where an expectation stood before a given part.
fn removed_before(case: &Case, line: usize) -> usize {
    let above = case.fences.iter().filter(|fence| Case::is_expectation(fence) && fence.lines.end <= line);
    above.map(|fence| fence.lines.len() + 1).sum()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::case::read_cases;
    use std::path::Path;

    #[test]
    fn an_expectation_is_replaced_and_prose_stays() {
        let text = "# T\n\n## A\n\nProse.\n\n```deluge\ninfo 1;\n```\n\n```prints\n2\n```\n\nMore.\n\n## B\n\n```deluge\ninfo 2;\n```\n\n```prints\n2\n```\n";
        let cases = read_cases(Path::new("x.md"), text).unwrap();
        let did = |line: &str| Outcome { prints: vec![line.to_owned()], ..Outcome::default() };
        let outcomes: Vec<_> = cases.into_iter().zip([did("1"), did("2")]).collect();
        let after = rewritten(text, &outcomes);
        assert_eq!(after, text.replacen("```prints\n2\n", "```prints\n1\n", 1));
    }
}
