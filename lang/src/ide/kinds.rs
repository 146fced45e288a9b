//! Which kinds of values there may be at a place: what `check::kinds` says, asked of scripts whose
//! present statement is seldom whole.

use super::Document;
use super::cursor::operand_start;
use super::names::blocks;
use crate::check::kinds::{self, KindSet, Known};
use crate::source::Span;
use crate::syntax::ast::{Function, Program, Stmt, StmtKind};
use crate::syntax::parser::{ParseOptions, parse_with};
use crate::value::Kind;
use std::collections::BTreeMap;

/// What is known of the variables that may have a value at an offset.
pub(super) fn variables(document: &Document, offset: u32) -> BTreeMap<String, Known> {
    kinds::variables_at(&document.program, document.environment(), offset)
}

/// The words for kinds: `text or number`; `None` if nothing is known.
pub(super) fn words(kinds: KindSet) -> Option<String> {
    if kinds.is_any() || kinds.is_empty() {
        return None;
    }
    let names: Vec<&str> = kinds.iter().map(|kind| kind.name()).collect();
    Some(names.join(" or "))
}

/// What the value before the dot at a token may be. Null is left out, because nothing can be asked of
/// it; what may only be null may be anything.
pub(super) fn of_receiver(document: &Document, dot: usize) -> KindSet {
    let kinds = receiver(document, dot).unwrap_or(KindSet::ANY).without(Kind::Null);
    if kinds.is_empty() { KindSet::ANY } else { kinds }
}

fn receiver(document: &Document, dot: usize) -> Option<KindSet> {
    let last = dot.checked_sub(1)?;
    let start = document.tokens[operand_start(document, last)].span.start;
    let end = document.tokens[last].span.end;
    // It is read on its own and put where it stands, as a statement, so that what is known there
    // counts although the real statement cannot be read yet. Blanks keep its places.
    let text = " ".repeat(start as usize) + document.slice(Span::new(start, end));
    let (alone, _) = parse_with(&text, ParseOptions { last_semicolon_optional: true });
    let stmt = alone.body.into_iter().next().filter(|stmt| matches!(stmt.kind, StmtKind::Expr(_)))?;
    let scope = document.scope_at(start);
    let mut program = headers(&document.program);
    let body = match program.functions.get_mut(scope) {
        Some(function) => &mut function.body,
        None => &mut program.body,
    };
    *body = document.body(scope).to_vec();
    insert(body, stmt, start);
    let found = kinds::infer(&program, document.environment());
    found.ending_at(end).map(|known| known.kinds)
}

/// The functions without what they do, so that calls of them keep their meaning.
fn headers(program: &Program) -> Program {
    let functions = program.functions.iter();
    let header = |f: &Function| Function {
        name: f.name.clone(),
        returns: f.returns.clone(),
        params: f.params.clone(),
        body: vec![],
        span: f.span,
    };
    Program { functions: functions.map(header).collect(), body: vec![] }
}

/// Puts a statement where an offset stands: before the one that holds the offset, in its innermost
/// block. That one is what is being written; it goes, lest its parts answer instead.
fn insert(body: &mut Vec<Stmt>, stmt: Stmt, offset: u32) {
    let Some(at) = body.iter().rposition(|other| other.span.start <= offset) else {
        return body.insert(0, stmt);
    };
    if body[at].span.end <= offset && body[at].kind != StmtKind::Bad {
        return body.insert(at + 1, stmt);
    }
    let holds = |block: &[Stmt]| block.first().is_some_and(|first| first.span.start <= offset);
    let Some(index) = blocks(&body[at]).iter().rposition(|block| holds(block)) else {
        body.insert(at, stmt);
        body.truncate(at + 1);
        return;
    };
    if let Some(block) = blocks_mut(&mut body[at]).into_iter().nth(index) {
        insert(block, stmt, offset);
    }
}

/// As [`blocks`], to change them.
fn blocks_mut(stmt: &mut Stmt) -> Vec<&mut Vec<Stmt>> {
    match &mut stmt.kind {
        StmtKind::If { arms, otherwise } => arms.iter_mut().map(|(_, body)| body).chain(otherwise).collect(),
        StmtKind::ForEach { body, .. } | StmtKind::While { body, .. } => vec![body],
        StmtKind::Try { body, handler, .. } => vec![body, handler],
        _ => vec![],
    }
}
