//! Placeholders in a text: where they stand and whether they are well formed. What they may hold is read
//! by the model; filling them is `invoke`'s.

use sluis_model::template::{self, Segment, name_fault};
pub(crate) use sluis_model::template::{Braces, Need, Piece};

/// Cuts a text into its pieces.
pub(crate) fn pieces(text: &str) -> Vec<Piece> {
    template::pieces(text, Braces::Dollar)
}

/// The rule that a placeholder's name breaks.
pub(crate) fn fault(name: &str) -> Option<&'static str> {
    name_fault(name)
}

/// The names in the well-formed placeholders of a text, and whether nothing takes the place of each.
pub(crate) fn names_with(text: &str, braces: Braces) -> Vec<(String, Need)> {
    let mut names = Vec::new();
    for piece in template::pieces(text, braces) {
        if let Piece::Good(Segment::Slot(expression)) = piece {
            expression.visit_names(&mut |name, need| names.push((name.to_owned(), need)));
        }
    }
    names
}

/// The names in the well-formed placeholders of a text.
pub(crate) fn names(text: &str) -> impl Iterator<Item = String> {
    names_with(text, Braces::Dollar).into_iter().map(|(name, _)| name)
}
