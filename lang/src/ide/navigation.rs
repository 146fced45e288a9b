//! Where a name is declared and where it is used.

use super::Document;
use super::names::{Name, Role};
use crate::source::Span;
use serde::Serialize;

/// A place where a name stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct Reference {
    /// Where.
    pub span: Span,
    /// Whether it gets its value or is declared here.
    pub writes: bool,
    /// Whether it is the declaration: of a variable, its first assignment.
    pub declares: bool,
}

/// What a name stands for, over all of its places.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Symbol<'d> {
    /// A variable of a scope.
    Variable(usize, &'d str),
    /// A function of the file.
    Function(usize),
}

/// What stands at a place, if it is declared in this file.
pub(super) fn symbol_at(document: &Document, offset: u32) -> Option<(Symbol<'_>, &Name)> {
    let name = document.names().at(offset)?;
    let symbol = match name.role {
        Role::Variable { .. } | Role::Parameter => Symbol::Variable(name.scope, document.slice(name.span)),
        Role::Declaration(index) | Role::Call(index) => Symbol::Function(index),
        _ => return None,
    };
    Some((symbol, name))
}

/// Where the name at a byte offset is declared; for a variable, where it first gets its value.
pub fn definition(document: &Document, offset: u32) -> Option<Span> {
    references(document, offset).into_iter().find(|reference| reference.declares).map(|r| r.span)
}

/// All places of what stands at a byte offset, in the order of the text, the declaration included.
pub fn references(document: &Document, offset: u32) -> Vec<Reference> {
    symbol_at(document, offset).map_or(vec![], |(symbol, _)| places(document, &symbol))
}

pub(super) fn places(document: &Document, symbol: &Symbol<'_>) -> Vec<Reference> {
    match symbol {
        Symbol::Variable(scope, name) => {
            let mut declared = false;
            let all = document.names().of_variable(document, *scope, name);
            all.map(|name| {
                let writes = name.role.writes();
                let declares = writes && !declared;
                declared |= writes;
                Reference { span: name.span, writes, declares }
            })
            .collect()
        }
        Symbol::Function(index) => {
            let all = document.names().all().iter();
            all.filter_map(|name| match name.role {
                Role::Declaration(found) if found == *index => {
                    Some(Reference { span: name.span, writes: true, declares: true })
                }
                Role::Call(found) if found == *index => {
                    Some(Reference { span: name.span, writes: false, declares: false })
                }
                _ => None,
            })
            .collect()
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::marked::at_cursor;
    use super::*;

    fn lines_of(text: &str) -> Vec<(usize, bool)> {
        let (document, offset) = at_cursor(text);
        let line = |at: u32| document.text()[..at as usize].matches('\n').count();
        references(&document, offset).iter().map(|r| (line(r.span.start), r.writes)).collect()
    }

    #[test]
    fn a_variable_belongs_to_its_function() {
        let text = "void f(int a)\n{ info a; }\nvoid g(int a)\n{ info ‸a; }\na = 1;";
        assert_eq!(lines_of(text), [(2, true), (3, false)]);
        assert_eq!(lines_of(&text.replace('‸', "").replace("a = 1", "‸a = 1")), [(4, true)]);
    }

    #[test]
    fn names_that_differ_in_case_are_different_variables() {
        assert_eq!(lines_of("‸ab = 1;\nAb = 2;\ninfo ab + Ab;"), [(0, true), (2, false)]);
    }

    #[test]
    fn a_function_is_found_under_all_of_its_spellings() {
        let text =
            "string a.gre‸et(string n)\n{ return n; }\ninfo greet(\"x\");\ninfo thisapp.a.Greet(\"y\");";
        assert_eq!(lines_of(text), [(0, true), (2, false), (3, false)]);
    }

    #[test]
    fn the_definition_of_a_variable_is_its_first_value() {
        let (document, offset) = at_cursor("x = 1;\nx = 2;\ninfo ‸x;");
        assert_eq!(definition(&document, offset), Some(Span::new(0, 1)));
        let (document, offset) = at_cursor("info ‸x;");
        assert_eq!(definition(&document, offset), None);
    }

    #[test]
    fn places_are_found_in_what_cannot_be_read() {
        assert_eq!(lines_of("‸x = 1;\ny = f(x, ;\nz = x"), [(0, true), (1, false), (2, false)]);
    }
}
