//! Changes that an editor offers: the fixes of diagnostics.

use super::Document;
use crate::diagnostic::Edit;
use crate::fixes;
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

/// The changes of all safe fixes that do not touch each other, in the order of the text.
pub fn all_safe_fixes(document: &Document) -> Vec<Edit> {
    fixes::safe_edits(document.text(), document.diagnostics()).0
}

#[cfg(test)]
mod tests {
    use super::super::marked::document;
    use super::*;

    #[test]
    fn the_fixes_near_a_place_are_offered_and_the_safe_ones_all_together() {
        let document = document("x = 1\ninfo x\ny = x.tirm();\n");
        let near = actions(&document, Span::new(0, 5));
        assert_eq!(near.len(), 1);
        assert_eq!((near[0].title.as_str(), near[0].preferred), ("write `;`", true));
        assert_eq!(near[0].edits, [Edit { span: Span::new(5, 5), text: ";".into() }]);
        let slip = actions(&document, Span::new(20, 20));
        assert!(slip.iter().any(|action| action.title == "write `trim`" && !action.preferred), "{slip:?}");
        let all = all_safe_fixes(&document);
        assert_eq!(
            all.iter().map(|edit| edit.span.start).collect::<Vec<_>>(),
            [5, 12],
            "not the guessed name"
        );
    }
}
