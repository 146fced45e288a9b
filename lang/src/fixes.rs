//! Mending a script by the fixes that diagnostics carry.

use crate::diagnostic::{Diagnostic, Edit, Fix};

/// A text after some fixes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Mended {
    /// The text.
    pub text: String,
    /// How many fixes it took; none if it is as before.
    pub fixes: usize,
}

/// Makes the first safe fix of each diagnostic, in the order of the text. A fix that touches what
/// another changes is left for the next time; so is one that does not lie within the text.
pub fn apply_safe(text: &str, diagnostics: &[Diagnostic]) -> Mended {
    let (edits, fixes) = safe_edits(text, diagnostics);
    Mended { text: edited(text, &edits), fixes }
}

/// The changes of those fixes in the order of the text, and how many fixes they are.
pub fn safe_edits(text: &str, diagnostics: &[Diagnostic]) -> (Vec<Edit>, usize) {
    let mut chosen: Vec<&Fix> = diagnostics
        .iter()
        .filter_map(|diagnostic| diagnostic.fixes.iter().find(|fix| fix.safe && fits(text, fix)))
        .collect();
    chosen.sort_by_key(|fix| fix.edits.iter().map(|edit| edit.span.start).min());
    let mut edits: Vec<Edit> = Vec::new();
    let mut fixes = 0;
    for fix in chosen {
        if fix.edits.iter().all(|edit| edits.iter().all(|other| are_apart(edit, other))) {
            edits.extend(fix.edits.iter().cloned());
            fixes += 1;
        }
    }
    edits.sort_by_key(|edit| edit.span.start);
    (edits, fixes)
}

/// A text with changes made that are in order and do not overlap.
pub(crate) fn edited(text: &str, edits: &[Edit]) -> String {
    let mut out = String::with_capacity(text.len() + 16 * edits.len());
    let mut at = 0;
    for edit in edits {
        let range = edit.span.range();
        out.push_str(text.get(at..range.start).unwrap_or_default());
        out.push_str(&edit.text);
        at = range.end;
    }
    out.push_str(text.get(at..).unwrap_or_default());
    out
}

fn fits(text: &str, fix: &Fix) -> bool {
    let inside = |edit: &Edit| text.get(edit.span.range()).is_some();
    let apart = |at: usize| fix.edits[at + 1..].iter().all(|other| are_apart(&fix.edits[at], other));
    !fix.edits.is_empty() && fix.edits.iter().all(inside) && (0..fix.edits.len()).all(apart)
}

/// Two insertions at one place are not apart: their order would be a guess.
fn are_apart(a: &Edit, b: &Edit) -> bool {
    a.span.end < b.span.start || b.span.end < a.span.start
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::codes;
    use crate::source::Span;

    fn with(start: u32, end: u32, text: &str, safe: bool) -> Diagnostic {
        let span = Span::new(start, end);
        Diagnostic::error(codes::UNEXPECTED, span, "m").fix(Fix::replace("f", span, text, safe))
    }

    #[test]
    fn safe_fixes_are_made_together_and_others_are_not() {
        let found = [with(6, 7, "C", true), with(0, 1, "A", true), with(3, 4, "B", false)];
        assert_eq!(apply_safe("a  b  c", &found), Mended { text: "A  b  C".into(), fixes: 2 });
    }

    #[test]
    fn of_fixes_that_overlap_the_first_is_made() {
        let found = [with(0, 3, "x", true), with(2, 5, "y", true), with(3, 3, "z", true)];
        assert_eq!(apply_safe("abcdefg", &found), Mended { text: "xdefg".into(), fixes: 1 });
    }

    #[test]
    fn a_fix_outside_the_text_or_within_a_character_is_not_made() {
        for (start, end) in [(5, 9), (1, 1), (2, 1), (0, u32::MAX)] {
            let mended = apply_safe("é", &[with(start, end, "x", true)]);
            assert_eq!(mended, Mended { text: "é".into(), fixes: 0 }, "{start}..{end}");
        }
    }
}
