//! XPath 1.0 over a parsed document, as far as scripts use it: all axes but `namespace`, predicates,
//! unions and the functions of the core library that need no id.
//!
//! It is our own evaluator, small on purpose, because every node that is looked at has to be counted:
//! a path such as `//*[count(//*) > 0]` grows with the square of its document. Numbers are exact
//! decimals, as everywhere in the language.

mod eval;
mod function;
mod parse;

pub(crate) use eval::{Answer, Item, evaluate};
pub(crate) use parse::parse;

use rust_decimal::Decimal;

/// An expression.
#[derive(Debug)]
pub(crate) enum Expr {
    /// `a or b`, `a and b`
    Logic { or: bool, left: Box<Expr>, right: Box<Expr> },
    /// `a = b` and its kin.
    Compare { op: Compare, left: Box<Expr>, right: Box<Expr> },
    /// `+ - * div mod`
    Arith { op: Arith, left: Box<Expr>, right: Box<Expr> },
    /// `-a`
    Negative(Box<Expr>),
    /// `a | b`
    Union(Vec<Expr>),
    /// A path; `from` is what it starts at.
    Path { from: Start, steps: Vec<Step> },
    /// `'text'`
    Literal(String),
    /// `1.5`
    Number(Decimal),
    /// `name(arguments)`
    Call { name: String, args: Vec<Expr> },
}

/// Where a path starts.
#[derive(Debug)]
pub(crate) enum Start {
    /// `/…`
    Root,
    /// The context node.
    Here,
    /// `(expr)[…]/…`, `f(x)/…`
    Value(Box<Expr>, Vec<Expr>),
}

/// `axis::test[predicate]…`
#[derive(Debug)]
pub(crate) struct Step {
    pub axis: Axis,
    pub test: Test,
    pub predicates: Vec<Expr>,
}

/// Which way a step goes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Axis {
    Child,
    Descendant,
    DescendantOrSelf,
    Itself,
    Parent,
    Ancestor,
    AncestorOrSelf,
    Attribute,
    FollowingSibling,
    PrecedingSibling,
    Following,
    Preceding,
}

/// Which nodes a step takes.
#[derive(Debug)]
pub(crate) enum Test {
    /// `*`
    Any,
    /// `name` of any namespace
    Name(String),
    /// `prefix:name`; no name is `prefix:*`
    Prefixed(String, Option<String>),
    /// `text()`
    Text,
    /// `node()`
    Node,
    /// `comment()`
    Comment,
}

/// How two values are compared.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Compare {
    Eq,
    Ne,
    Lt,
    Le,
    Gt,
    Ge,
}

/// How two numbers are combined.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Arith {
    Add,
    Sub,
    Mul,
    Div,
    Mod,
}

/// Why a path cannot be read or followed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Refusal {
    /// It is not XPath: what was expected, and at which character.
    Syntax(String, usize),
    /// It does something that has no meaning.
    Meaning(String),
    /// It looks at more nodes than one call may.
    TooLong,
}
