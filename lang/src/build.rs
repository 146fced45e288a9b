//! The front door: text in, a program or the reasons against it out.

use crate::check::{self, Environment};
use crate::compile;
use crate::diagnostic::Diagnostic;
use crate::syntax;
use crate::vm::Program;
use std::sync::Arc;

/// What became of a text.
#[derive(Debug, Clone)]
pub struct Built {
    /// The program; none if any diagnostic is an error.
    pub program: Option<Arc<Program>>,
    /// Errors and warnings in the order of the text.
    pub diagnostics: Vec<Diagnostic>,
}

/// Reads, checks and translates a script.
pub fn build(text: &str, environment: &Environment) -> Built {
    let (tree, mut diagnostics) = syntax::parse(text);
    diagnostics.extend(check::check(&tree, environment));
    let mut program = None;
    if !diagnostics.iter().any(Diagnostic::is_error) {
        let compile = if environment.count_statements { compile::compile_counted } else { compile::compile };
        match compile(text, &tree, &environment.variables, &environment.functions) {
            Ok(compiled) => program = Some(Arc::new(compiled)),
            Err(more) => diagnostics.extend(more),
        }
    }
    diagnostics.sort_by_key(|diagnostic| diagnostic.span.start);
    Built { program, diagnostics }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::value::data::Data;
    use crate::vm::{Entry, Limits, Settings, Step, Vm};

    #[test]
    fn a_sound_script_becomes_a_program_that_knows_its_inputs() {
        let environment = Environment { variables: vec!["amount".into()], ..Environment::default() };
        let built = build("return amount * 2;", &environment);
        assert!(built.diagnostics.is_empty(), "{:?}", built.diagnostics);
        let args = vec![("amount".to_owned(), Data::Int(21))];
        let mut vm =
            Vm::new(built.program.unwrap(), Entry::Body, args, Limits::local(), Settings::default()).unwrap();
        assert!(matches!(vm.step(u64::MAX), Step::Done(Data::Int(42))));
    }

    #[test]
    fn errors_of_reader_and_checker_come_together_and_there_is_no_program() {
        let built = build("x = 1\ny = nope(x);\nz = ;", &Environment::default());
        assert!(built.program.is_none());
        let starts: Vec<u32> = built.diagnostics.iter().map(|d| d.span.start).collect();
        assert!(starts.len() >= 3 && starts.is_sorted(), "{:?}", built.diagnostics);
    }
}
