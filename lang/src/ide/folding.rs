//! What can be folded away: brackets and comments over several lines.

use super::Document;
use crate::source::Span;
use serde::Serialize;

/// A piece that can be folded.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct Fold {
    /// From the bracket or the beginning of the comment to its other end.
    pub span: Span,
    /// What it is.
    pub kind: FoldKind,
}

/// What a fold is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum FoldKind {
    /// What stands between brackets.
    Block,
    /// A comment, or comments in lines one below the other.
    Comment,
}

/// All folds, in the order of the text.
pub fn folds(document: &Document) -> Vec<Fold> {
    let several_lines = |span: &Span| document.slice(*span).contains('\n');
    let brackets = (0..document.tokens.len()).filter_map(|open| {
        let close = document.brackets.mate(open).filter(|close| *close > open)?;
        Some(document.tokens[open].span.to(document.tokens[close].span))
    });
    let block = |span| Fold { span, kind: FoldKind::Block };
    let comment = |span| Fold { span, kind: FoldKind::Comment };
    let mut found: Vec<Fold> = brackets.filter(several_lines).map(block).collect();
    found.extend(comments(document).into_iter().filter(several_lines).map(comment));
    found.sort_by_key(|fold| (fold.span.start, fold.span.end));
    found
}

/// Comments, those with nothing but one line's end between them joined.
fn comments(document: &Document) -> Vec<Span> {
    let mut found: Vec<Span> = vec![];
    for span in &document.comments {
        if let Some(last) = found.last_mut() {
            let between = document.slice(Span::new(last.end, span.start));
            if between.trim().is_empty() && between.matches('\n').count() == 1 {
                *last = last.to(*span);
                continue;
            }
        }
        found.push(*span);
    }
    found
}

#[cfg(test)]
mod tests {
    use super::super::marked::document;
    use super::*;

    #[test]
    fn blocks_and_runs_of_comments_fold() {
        let document = document("// a\n// b\n\n// c\nif (x)\n{\n\tf(1);\n}\nm = {\n\"a\": 1};");
        let found: Vec<_> = folds(&document).iter().map(|f| (document.slice(f.span), f.kind)).collect();
        let expected = [
            ("// a\n// b", FoldKind::Comment),
            ("{\n\tf(1);\n}", FoldKind::Block),
            ("{\n\"a\": 1}", FoldKind::Block),
        ];
        assert_eq!(found, expected);
    }
}
