//! A text that may be laid out in more than one way: pieces, places where a line may end, and groups that
//! stand on one line if they fit.

use super::comments::Comment;

/// A piece of a text to lay out.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Doc<'t> {
    /// Characters, written as they are.
    Text(&'t str),
    /// A blank, unless a line ends here for another reason.
    Blank,
    /// A place where a line ends if the group around it does not fit on one.
    Line {
        /// What stands there otherwise.
        flat: &'static str,
        /// An empty line follows if the line ends.
        blank: bool,
    },
    /// A place where a line always ends.
    Hard {
        /// An empty line follows.
        blank: bool,
    },
    /// A comment before what comes next on the line.
    Inline(Comment<'t>),
    /// A comment behind what is on the line.
    Trailing(Comment<'t>),
    /// A comment on lines of its own.
    OwnLine(Comment<'t>),
    /// Pieces whose lines begin one tab further in.
    Indent(Group<'t>),
    /// Pieces that stand on one line if they fit.
    Group(Group<'t>),
}

/// Pieces in a row.
pub type Docs<'t> = Vec<Doc<'t>>;

/// Pieces, and whether they can stand on one line at all.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Group<'t> {
    /// The pieces.
    pub docs: Docs<'t>,
    /// A line ends inside whatever the width.
    pub broken: bool,
}

/// A place where a line may end, a blank otherwise.
pub const SPACE: Doc<'static> = Doc::Line { flat: " ", blank: false };

/// A place where a line may end.
pub const SOFT: Doc<'static> = Doc::Line { flat: "", blank: false };

/// The end of a line.
pub const NEWLINE: Doc<'static> = Doc::Hard { blank: false };

impl<'t> Doc<'t> {
    /// Pieces that stand on one line if they fit.
    pub fn group(docs: Docs<'t>) -> Self {
        Doc::Group(Group::new(docs))
    }

    /// Pieces that are laid out on several lines.
    pub fn broken(docs: Docs<'t>) -> Self {
        Doc::Group(Group { docs, broken: true })
    }

    /// Pieces one tab further in.
    pub fn indent(docs: Docs<'t>) -> Self {
        Doc::Indent(Group::new(docs))
    }

    fn breaks(&self) -> bool {
        match self {
            Doc::Hard { .. } | Doc::OwnLine(_) => true,
            Doc::Group(group) | Doc::Indent(group) => group.broken,
            Doc::Text(_) | Doc::Blank | Doc::Line { .. } | Doc::Inline(_) | Doc::Trailing(_) => false,
        }
    }

    /// Whether nothing may follow it on its line.
    fn ends_line(&self) -> bool {
        match self {
            Doc::Trailing(comment) => comment.ends_line(),
            Doc::Group(group) | Doc::Indent(group) => group.docs.last().is_some_and(Doc::ends_line),
            _ => false,
        }
    }
}

impl<'t> Group<'t> {
    fn new(docs: Docs<'t>) -> Self {
        let before_last = &docs[..docs.len().saturating_sub(1)];
        let broken = docs.iter().any(Doc::breaks) || before_last.iter().any(Doc::ends_line);
        Self { docs, broken }
    }
}
