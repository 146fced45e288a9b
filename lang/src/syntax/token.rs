//! The pieces a script is cut into. A token is a kind and a place; its characters are read from the
//! source text when they are needed.

use crate::source::Span;

/// One piece of a script.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Token {
    /// What it is.
    pub kind: TokenKind,
    /// Where it stands.
    pub span: Span,
    /// Whether only blanks and comments stand before it on its line.
    pub starts_line: bool,
}

/// The kinds of tokens. Keywords are names: which ones are keywords depends on where they stand.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TokenKind {
    /// A name or keyword.
    Ident,
    /// A whole number.
    Int,
    /// A number with a point.
    Decimal,
    /// A text in quotes.
    Text {
        /// Single quotes.
        single: bool,
        /// Whether the closing quote was found; if not, that is already reported.
        closed: bool,
    },
    /// An operator or a bracket.
    Op(Op),
    /// Characters that the language does not use; already reported.
    Junk,
    /// The end of the script; always the last token, and only there.
    End,
}

macro_rules! ops {
    ($($name:ident $text:literal $doc:literal;)*) => {
        /// Operators, separators and brackets, those of other languages included, so that they can
        /// be recognised and explained.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
        pub enum Op { $(#[doc = $doc] $name),* }

        impl Op {
            /// As written.
            pub fn text(self) -> &'static str {
                match self { $(Op::$name => $text),* }
            }
        }

        /// Every operator with its spelling, longer spellings before their own beginnings.
        pub(super) const OPS: &[(&str, Op)] = &[$(($text, Op::$name)),*];
    };
}

ops! {
    StrictEq "===" "Of other languages.";
    StrictNe "!==" "Of other languages.";
    EqEq "==" "Equality.";
    NotEq "!=" "Inequality.";
    Arrow "=>" "Of other languages.";
    ThinArrow "->" "Of other languages.";
    AngleNe "<>" "Of other languages.";
    Le "<=" "Less or equal.";
    Ge ">=" "Greater or equal.";
    AndAnd "&&" "And.";
    OrOr "||" "Or.";
    Coalesce "??" "Of other languages.";
    SafeDot "?." "Of other languages.";
    Power "**" "Of other languages.";
    AddSet "+=" "Adds and assigns.";
    SubSet "-=" "Subtracts and assigns.";
    MulSet "*=" "Multiplies and assigns.";
    DivSet "/=" "Divides and assigns.";
    RemSet "%=" "Takes the remainder and assigns.";
    ParenOpen "(" "Opening bracket.";
    ParenClose ")" "Closing bracket.";
    SquareOpen "[" "Opening bracket.";
    SquareClose "]" "Closing bracket.";
    BraceOpen "{" "Opening bracket.";
    BraceClose "}" "Closing bracket.";
    Comma "," "Separates.";
    Semicolon ";" "Ends a statement.";
    Colon ":" "Between key and value.";
    Dot "." "Before a method.";
    Plus "+" "Adds.";
    Minus "-" "Subtracts.";
    Star "*" "Multiplies.";
    Slash "/" "Divides.";
    Percent "%" "Takes the remainder.";
    Set "=" "Assigns; inside an expression, compares.";
    Lt "<" "Less.";
    Gt ">" "Greater.";
    Not "!" "Not.";
    And "&" "Of other languages.";
    Or "|" "Of other languages.";
    Question "?" "Of other languages.";
}

/// The spelling of every operator, separator and bracket, those of other languages included.
pub fn operators() -> impl Iterator<Item = &'static str> {
    OPS.iter().map(|(text, _)| *text)
}

impl Op {
    /// The bracket that closes this one.
    pub fn closer(self) -> Option<Op> {
        match self {
            Op::ParenOpen => Some(Op::ParenClose),
            Op::SquareOpen => Some(Op::SquareClose),
            Op::BraceOpen => Some(Op::BraceClose),
            _ => None,
        }
    }

    /// Whether it closes a bracket.
    pub fn is_closer(self) -> bool {
        matches!(self, Op::ParenClose | Op::SquareClose | Op::BraceClose)
    }

    /// Whether it assigns, alone or after computing.
    pub fn is_assignment(self) -> bool {
        matches!(self, Op::Set | Op::AddSet | Op::SubSet | Op::MulSet | Op::DivSet | Op::RemSet)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_longer_operator_is_tried_before_its_own_beginning() {
        for (at, (text, _)) in OPS.iter().enumerate() {
            for (earlier, _) in &OPS[..at] {
                assert!(!text.starts_with(earlier), "`{earlier}` hides `{text}`");
            }
        }
    }
}
