//! What stands before a dot.

use super::Document;
use super::cursor::operand_start;
use super::kinds::{self, Kinds};
use crate::source::Span;
use crate::syntax::ast::{Expr, StmtKind};
use crate::syntax::parser::{ParseOptions, parse_with};
use crate::value::Kind;

/// The kinds of the value before the dot at a token; empty if nothing is known.
pub(super) fn kinds(document: &Document, scope: usize, dot: usize) -> Kinds {
    expr(document, dot).map_or(vec![], |expr| {
        let mut found = kinds::of(document, scope, &expr);
        // Whole numbers take part wherever numbers do.
        if found.contains(&Kind::Number) && !found.contains(&Kind::Decimal) {
            found.push(Kind::Decimal);
        }
        found
    })
}

/// The value before the dot at a token. It is read on its own, because the statement around it is
/// seldom whole; its places are therefore not those of the document.
fn expr(document: &Document, dot: usize) -> Option<Expr> {
    let last = dot.checked_sub(1)?;
    let start = document.tokens[operand_start(document, last)].span.start;
    let text = document.slice(Span::new(start, document.tokens[last].span.end));
    let (program, _) = parse_with(text, ParseOptions { last_semicolon_optional: true });
    match program.body.into_iter().next()?.kind {
        StmtKind::Expr(expr) => Some(expr),
        _ => None,
    }
}
