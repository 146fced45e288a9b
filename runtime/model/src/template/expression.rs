//! What a placeholder holds: a name, or one of the pure functions over names and texts.

use super::functions::Function;
use std::fmt;

/// What a placeholder holds.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Expression {
    /// The value of a name.
    Name(String),
    /// A text, `'…'`.
    Text(String),
    /// A whole number.
    Number(u32),
    /// `f(x, …)`, with as many arguments as the function takes.
    Call(Function, Vec<Expression>),
    /// `a || b`: the first that is there.
    First(Vec<Expression>),
}

/// Whether a name must have a value.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Need {
    /// It must: nothing takes its place.
    Must,
    /// Something else stands beside it in `a || b`.
    May,
}

impl Expression {
    /// The name, if it is one and nothing more.
    pub fn as_name(&self) -> Option<&str> {
        match self {
            Self::Name(name) => Some(name),
            _ => None,
        }
    }

    /// Tells every name and whether its value is needed.
    pub fn visit_names<'a>(&'a self, visit: &mut dyn FnMut(&'a str, Need)) {
        self.visit_within(Need::Must, visit);
    }

    fn visit_within<'a>(&'a self, need: Need, visit: &mut dyn FnMut(&'a str, Need)) {
        match self {
            Self::Name(name) => visit(name, need),
            Self::Text(_) | Self::Number(_) => {}
            Self::Call(_, arguments) => arguments.iter().for_each(|item| item.visit_within(need, visit)),
            Self::First(choices) => choices.iter().for_each(|item| item.visit_within(Need::May, visit)),
        }
    }

    /// The same with texts in place of names that have one.
    #[must_use]
    pub fn with(&self, text_of: &dyn Fn(&str) -> Option<String>) -> Self {
        let all = |items: &[Self]| items.iter().map(|item| item.with(text_of)).collect();
        match self {
            Self::Name(name) => text_of(name).map_or_else(|| self.clone(), Self::Text),
            Self::Call(function, arguments) => Self::Call(*function, all(arguments)),
            Self::First(choices) => Self::First(all(choices)),
            Self::Text(_) | Self::Number(_) => self.clone(),
        }
    }
}

impl fmt::Display for Expression {
    /// As it is written between `${` and `}`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let list = |f: &mut fmt::Formatter<'_>, items: &[Self], between: &str| {
            items.iter().enumerate().try_for_each(|(at, item)| {
                if at > 0 {
                    f.write_str(between)?;
                }
                item.fmt(f)
            })
        };
        match self {
            Self::Name(name) => f.write_str(name),
            Self::Text(text) => write!(f, "'{}'", text.replace('\'', "''")),
            Self::Number(number) => number.fmt(f),
            Self::Call(function, arguments) => {
                write!(f, "{}(", function.name())?;
                list(f, arguments, ", ")?;
                f.write_str(")")
            }
            Self::First(choices) => list(f, choices, " || "),
        }
    }
}
