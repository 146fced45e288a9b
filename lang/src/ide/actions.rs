//! Changes that an editor offers: the fixes of diagnostics.

use super::Document;
use crate::diagnostic::{Diagnostic, Edit};
use crate::source::Span;
use serde::Serialize;

/// A change on offer.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Action {
    /// What it does.
    pub title: String,
    /// The changes; they do not overlap.
    pub edits: Vec<Edit>,
    /// The diagnostic that it mends: position in [`Document::diagnostics`].
    pub diagnostic: usize,
    /// Whether it is the one to take unless another is chosen.
    pub preferred: bool,
}

/// The fixes of the diagnostics that touch a span.
pub fn actions(document: &Document, within: Span) -> Vec<Action> {
    let touches = |span: Span| span.start <= within.end && within.start <= span.end;
    let near = document.diagnostics().iter().enumerate().filter(|(_, found)| touches(found.span));
    near.flat_map(|(diagnostic, found)| {
        found.fixes.iter().enumerate().map(move |(at, fix)| Action {
            title: fix.title.clone(),
            edits: fix.edits.clone(),
            diagnostic,
            preferred: at == 0 && fix.safe,
        })
    })
    .collect()
}

/// The changes of all safe fixes, in the order of the text. A fix that touches one taken before is
/// left for the next time.
pub fn all_safe_fixes(diagnostics: &[Diagnostic]) -> Vec<Edit> {
    let mut taken: Vec<Edit> = Vec::new();
    let overlap = |a: Span, b: Span| a == b || (a.start < b.end && b.start < a.end);
    for fix in diagnostics.iter().filter_map(|found| found.fixes.first()).filter(|fix| fix.safe) {
        let free = fix.edits.iter().all(|edit| !taken.iter().any(|other| overlap(edit.span, other.span)));
        if free {
            taken.extend(fix.edits.iter().cloned());
        }
    }
    taken.sort_by_key(|edit| (edit.span.start, edit.span.end));
    taken
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::codes;
    use crate::diagnostic::Fix;

    fn with_fix(start: u32, end: u32, safe: bool) -> Diagnostic {
        let edits = vec![Edit { span: Span::new(start, end), text: "x".into() }];
        Diagnostic::error(codes::UNEXPECTED, Span::new(start, end), "wrong").fix(Fix {
            title: "write `x`".into(),
            edits,
            safe,
        })
    }

    #[test]
    fn safe_fixes_are_taken_together_unless_they_overlap() {
        let diagnostics =
            [with_fix(8, 9, true), with_fix(0, 4, true), with_fix(3, 5, true), with_fix(6, 7, false)];
        let starts: Vec<u32> = all_safe_fixes(&diagnostics).iter().map(|edit| edit.span.start).collect();
        assert_eq!(starts, [0, 8]);
    }
}
