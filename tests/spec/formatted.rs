//! The formatter in the cases: those about it, and every other script once more after formatting.

use crate::case::Case;
use crate::lang_alone;
use crate::outcome::Outcome;
use sluis_lang::format::{format, same_meaning};

/// Whether the case says how its script is formatted.
pub fn is_the_subject(case: &Case) -> bool {
    case.part("formatted").is_some()
}

/// What becomes of the script of such a case.
pub fn outcome(case: &Case) -> Outcome {
    let source = &case.part("deluge").expect("a case has a script").text;
    match format(source) {
        Ok(script) => {
            assert!(same_meaning(source, &script), "{}: the meaning changed", case.title);
            assert_eq!(format(&script).as_ref(), Ok(&script), "{}: not stable", case.title);
            Outcome { formatted: Some(script), ..Outcome::default() }
        }
        Err(errors) => Outcome::refused(source, &errors),
    }
}

/// Runs the formatted script. It has the same diagnostics and prints, ends in the same fault, and returns the
/// same; only the places differ.
pub fn does_the_same(case: &Case, before: &Outcome) -> Result<(), String> {
    let source = &case.part("deluge").expect("a case has a script").text;
    let Ok(script) = format(source) else {
        return Ok(());
    };
    let after = lang_alone::run_text(case, &script).map_err(|call| format!("it calls `{call}`"))?;
    let (before, after) = (placeless(before, source), placeless(&after, &script));
    if before == after { Ok(()) } else { Err(format!("{after:?}\n  instead of        {before:?}\n{script}")) }
}

/// The outcome without lines and columns. Where a script prints the line of a fault, numbers in what it
/// prints count as equal.
fn placeless(outcome: &Outcome, source: &str) -> Outcome {
    let mut outcome = outcome.clone();
    for diagnostic in &mut outcome.diagnostics {
        diagnostic.truncate(diagnostic.find(' ').unwrap_or(diagnostic.len()));
    }
    outcome.diagnostics.sort();
    if let Some(fault) = &mut outcome.fault {
        *fault = without_numbers(fault);
    }
    if source.contains("catch") {
        outcome.prints = outcome.prints.iter().map(|line| without_numbers(line)).collect();
        outcome.returns = outcome.returns.map(|value| without_numbers(&value));
    }
    outcome
}

fn without_numbers(text: &str) -> String {
    text.chars().filter(|c| !c.is_ascii_digit()).collect()
}
