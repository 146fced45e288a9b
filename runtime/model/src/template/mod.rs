//! Texts with placeholders: `Dear ${name}`, `/v1/people/{id}`, `${base64(key)}`.
//!
//! Here a text is only read; what stands for a placeholder is put in by `invoke`, for each place by its own
//! rules. `$${` is a literal `${`, any other `$` is itself.

mod expression;
mod functions;
mod parse;

pub use expression::{Expression, Need};
pub use functions::{FUNCTIONS, Function, Signature};

use std::fmt;

/// Which placeholders a text has.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Braces {
    /// `${x}` alone; other braces are text.
    #[default]
    Dollar,
    /// `${x}` and, as descriptions of APIs write paths, `{x}`; a brace that is text is doubled.
    Bare,
}

/// Why something that begins like a placeholder is none.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Broken {
    /// It, as it stands in the text.
    pub source: String,
    /// What is wrong, after `` `source` is not a placeholder: ``.
    pub why: String,
    /// How to mend it, where that is known.
    pub help: Option<String>,
}

/// Why a text is not a template.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{}` is not a placeholder: {}{}", .0.source, .0.why, .0.help.as_ref().map(|help| format!("; {help}")).unwrap_or_default())]
pub struct TemplateError(pub Broken);

/// A piece of a template.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Segment {
    /// Text as it is.
    Literal(String),
    /// What a placeholder holds.
    Slot(Expression),
}

/// A piece of a text, good or not.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Piece {
    /// A piece of a template.
    Good(Segment),
    /// No piece of one.
    Broken(Broken),
}

/// A parsed template. Two literals never stand side by side.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Template {
    segments: Vec<Segment>,
}

impl Template {
    /// Reads a text.
    ///
    /// # Errors
    /// The first placeholder that is none.
    pub fn parse(text: &str) -> Result<Self, TemplateError> {
        Self::parse_with(text, Braces::Dollar)
    }

    /// Reads a text with the placeholders of its place.
    ///
    /// # Errors
    /// The first placeholder that is none.
    pub fn parse_with(text: &str, braces: Braces) -> Result<Self, TemplateError> {
        let pieces = pieces(text, braces).into_iter().map(|piece| match piece {
            Piece::Good(segment) => Ok(segment),
            Piece::Broken(broken) => Err(TemplateError(broken)),
        });
        Ok(Self::of(pieces.collect::<Result<Vec<_>, _>>()?))
    }

    /// From segments; literals that come to stand side by side are joined.
    pub fn of(segments: Vec<Segment>) -> Self {
        let mut joined: Vec<Segment> = Vec::with_capacity(segments.len());
        for segment in segments {
            match (joined.last_mut(), segment) {
                (_, Segment::Literal(text)) if text.is_empty() => {}
                (Some(Segment::Literal(before)), Segment::Literal(text)) => before.push_str(&text),
                (_, segment) => joined.push(segment),
            }
        }
        Self { segments: joined }
    }

    /// The pieces in order.
    pub fn segments(&self) -> &[Segment] {
        &self.segments
    }

    /// What the placeholders hold, in order.
    pub fn slots(&self) -> impl Iterator<Item = &Expression> {
        self.segments.iter().filter_map(|segment| match segment {
            Segment::Slot(expression) => Some(expression),
            Segment::Literal(_) => None,
        })
    }

    /// Tells every name that a value is wanted of, and whether nothing else will do.
    pub fn visit_names<'a>(&'a self, visit: &mut dyn FnMut(&'a str, Need)) {
        self.slots().for_each(|slot| slot.visit_names(visit));
    }

    /// What the placeholder holds, if the template is exactly one.
    pub fn sole_slot(&self) -> Option<&Expression> {
        match self.segments.as_slice() {
            [Segment::Slot(expression)] => Some(expression),
            _ => None,
        }
    }

    /// The name, if the template is exactly one placeholder that holds one.
    pub fn sole_name(&self) -> Option<&str> {
        self.sole_slot().and_then(Expression::as_name)
    }

    /// The text, if there is no placeholder.
    pub fn as_literal(&self) -> Option<&str> {
        match self.segments.as_slice() {
            [] => Some(""),
            [Segment::Literal(text)] => Some(text),
            _ => None,
        }
    }

    /// The text that reads as this template.
    pub fn to_source(&self, braces: Braces) -> String {
        let mut out = String::new();
        for segment in &self.segments {
            match segment {
                Segment::Literal(text) => push_literal(&mut out, text, braces),
                Segment::Slot(expression) => out.push_str(&format!("${{{expression}}}")),
            }
        }
        out
    }
}

impl fmt::Display for Template {
    /// As it is written where only `${x}` is a placeholder.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.to_source(Braces::Dollar))
    }
}

/// Writes text that is to be read as such.
pub fn push_literal(out: &mut String, text: &str, braces: Braces) {
    match braces {
        Braces::Dollar => out.push_str(&text.replace("${", "$${")),
        Braces::Bare => {
            for (at, part) in text.split("${").enumerate() {
                if at > 0 {
                    out.push_str("$${");
                }
                out.push_str(&part.replace('{', "{{").replace('}', "}}"));
            }
        }
    }
}

/// Cuts a text into its pieces, the broken ones too.
pub fn pieces(text: &str, braces: Braces) -> Vec<Piece> {
    parse::pieces(text, braces)
}

/// The rule that the name of a placeholder breaks.
pub fn name_fault(name: &str) -> Option<&'static str> {
    let mut chars = name.chars();
    match chars.next() {
        None => Some("it has no name"),
        Some(first) if !first.is_ascii_alphabetic() && first != '_' => {
            Some("a name begins with a letter or _, without spaces")
        }
        _ if !chars.all(|c| c.is_ascii_alphanumeric() || matches!(c, '_' | '-' | '.')) => {
            Some("a name holds letters, digits, _, - and . only")
        }
        _ => None,
    }
}

#[cfg(test)]
mod tests;
