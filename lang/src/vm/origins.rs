//! Where a variable got its value, for faults about null: the last assignment in the text before the
//! place that faulted. Made once per program, when the first such fault asks.
//!
//! Nothing is said where the text cannot tell: if a loop around the place assigns the variable after
//! it, the value may come from there.

use crate::source::Span;
use crate::syntax::ast::{Ident, Stmt, StmtKind, Target};
use crate::syntax::parse;

/// How a variable got its value.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Origin {
    /// By an assignment; the place of its value.
    Value(Span),
    /// By `for each`; the place of what is walked over.
    Element(Span),
    /// As a parameter, declared there.
    Parameter(Span),
}

/// One function, or the top level.
#[derive(Debug, Default)]
struct Scope {
    /// Variable, how it is written and from where in the text on, in the order of the text.
    writes: Vec<(String, Origin, u32)>,
    loops: Vec<Span>,
}

/// All assignments of a program.
#[derive(Debug)]
pub(super) struct Origins(Vec<Scope>);

impl Origins {
    /// Reads a source, whose functions come first and whose top level comes last.
    pub(super) fn of(source: &str) -> Self {
        let (program, _) = parse(source);
        let mut scopes = Vec::with_capacity(program.functions.len() + 1);
        for function in &program.functions {
            let mut scope = Scope::default();
            for param in &function.params {
                scope.write(&param.name, Origin::Parameter(param.name.span));
            }
            scope.read(&function.body);
            scopes.push(scope);
        }
        let mut top = Scope::default();
        top.read(&program.body);
        scopes.push(top);
        Self(scopes)
    }

    /// How the variable got what it holds at a place of a function.
    pub(super) fn find(&self, function: usize, name: &str, used: Span) -> Option<Origin> {
        let scope = self.0.get(function)?;
        let mut writes = scope.writes.iter().filter(|(written, ..)| written == name);
        let around = |turn: &Span| turn.start <= used.start && used.end <= turn.end;
        let again = |from: u32| from > used.start && scope.loops.iter().any(|l| around(l) && from <= l.end);
        if writes.clone().any(|(.., from)| again(*from)) {
            return None;
        }
        writes.rfind(|(.., from)| *from <= used.start).map(|(_, origin, _)| *origin)
    }
}

impl Scope {
    fn write(&mut self, name: &Ident, origin: Origin) {
        let (Origin::Value(place) | Origin::Element(place) | Origin::Parameter(place)) = origin;
        self.writes.push((name.text.clone(), origin, place.end));
    }

    fn read(&mut self, body: &[Stmt]) {
        for stmt in body {
            match &stmt.kind {
                StmtKind::Assign { target: Target::Var(name), value, .. } => {
                    self.write(name, Origin::Value(value.span));
                }
                StmtKind::If { arms, otherwise } => {
                    arms.iter().for_each(|(_, body)| self.read(body));
                    self.read(otherwise.as_deref().unwrap_or_default());
                }
                StmtKind::ForEach { var, over, body, .. } => {
                    self.write(var, Origin::Element(over.span));
                    self.loops.push(stmt.span);
                    self.read(body);
                }
                StmtKind::While { body, .. } => {
                    self.loops.push(stmt.span);
                    self.read(body);
                }
                StmtKind::Try { body, handler, .. } => {
                    self.read(body);
                    self.read(handler);
                }
                _ => {}
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// How the variable got its value where `<x>` stands, as the words of the script.
    fn origin(marked: &str) -> Option<String> {
        let at = marked.find("<x>").unwrap() as u32;
        let source = marked.replacen("<x>", "x", 1);
        let function = usize::from(source.contains("void") && at > source.rfind('}').unwrap() as u32);
        let found = Origins::of(&source).find(function, "x", Span::new(at, at + 1))?;
        let (Origin::Value(span) | Origin::Element(span) | Origin::Parameter(span)) = found;
        Some(source[span.range()].to_owned())
    }

    #[test]
    fn the_last_assignment_before_the_place_counts() {
        assert_eq!(origin("x = 1; x = null; info <x>; x = 3;").as_deref(), Some("null"));
        assert_eq!(origin("if(true) { x = 1; } else { x = m; } info <x>;").as_deref(), Some("m"));
        assert_eq!(origin("for each x in list { info <x>; }").as_deref(), Some("list"));
        assert_eq!(origin("x = 1; x = <x>.get(0);").as_deref(), Some("1"));
        assert_eq!(origin("info <x>; x = 1;"), None);
    }

    #[test]
    fn functions_have_variables_of_their_own() {
        assert_eq!(origin("void f(text x) { info <x>; } x = 1;").as_deref(), Some("x"));
        assert_eq!(origin("void f() { x = 2; } x = 1; info <x>;").as_deref(), Some("1"));
        assert_eq!(origin("void f() { info 1; } x = 1; info <x>;").as_deref(), Some("1"));
    }

    #[test]
    fn nothing_is_said_where_a_later_turn_of_a_loop_may_have_set_it() {
        assert_eq!(origin("x = 1; for each y in l { info <x>; x = y; }"), None);
        assert_eq!(origin("x = 1; for each y in l { x = <x>.get(0); }"), None);
        assert_eq!(origin("x = 1; while(true) { x = 2; info <x>; }").as_deref(), Some("2"));
        assert_eq!(origin("for each y in l { x = y; } info <x>;").as_deref(), Some("y"));
    }
}
