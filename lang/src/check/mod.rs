//! Checks a tree before it runs: names, numbers of arguments, variables that never have a value,
//! tasks, connector calls, and what cannot be reached; if asked to be [thorough](Environment::thorough)
//! also kinds of values, and what is likely to be a mistake.
//!
//! Read in this order: [`walk`] (the way through statements and expressions), [`scope`] (variables),
//! [`calls`], [`tasks`], [`conditions`]; [`kinds`] (what values may be) with [`certain`], [`equality`],
//! [`inputs`] and [`parameters`] that judge by them; then one trap a file: [`unused`], [`constant`],
//! [`loops`], [`recursion`], [`secrets`], [`dates`], [`patterns`]. [`hints`] and
//! [`suggest`](crate::suggest) help to mend.

mod builtins;
mod calls;
mod certain;
mod conditions;
mod connectors;
mod constant;
mod dates;
mod dialect;
mod equality;
mod gathered;
mod hints;
mod inputs;
mod integration;
pub mod kinds;
mod loops;
mod names;
mod parameters;
mod patterns;
mod recursion;
mod scope;
mod secret_shape;
mod secrets;
mod task_table;
mod tasks;
mod unused;
pub(crate) mod visit;
mod walk;

use crate::catalog::Catalog;
use crate::codes;
use crate::diagnostic::{Diagnostic, MAX_DIAGNOSTICS};
use crate::source::Span;
use crate::syntax::ast::{Function, Program, Stmt};
use scope::Scope;

/// What a script is checked against besides itself.
#[derive(Debug, Clone, Default)]
pub struct Environment {
    /// Variables that the top level is given from outside.
    pub variables: Vec<String>,
    /// Functions that can be called besides those of the file.
    pub functions: Vec<String>,
    /// The connectors that are released. `None` if that is not known; then nothing is said about them.
    pub catalog: Option<Catalog>,
    /// Which platform the script is written for.
    pub dialect: Dialect,
    /// Whether to look also for what will go wrong while the script runs, or is likely to: kinds of
    /// values that do not fit, variables that are never read, secrets, traps. Editors and checks want
    /// it; a run finds out by itself.
    pub thorough: bool,
    /// Whether the program is to count the statements it executes, for limits that ask for it.
    pub count_statements: bool,
}

/// The platform a script is written for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Dialect {
    /// This one.
    #[default]
    Sluis,
    /// Warns about what functions in Zoho CRM refuse.
    Crm,
}

/// Everything that is wrong or doubtful, in the order of the text. Warnings never stop a script.
pub fn check(program: &Program, env: &Environment) -> Vec<Diagnostic> {
    let mut found = duplicates(&program.functions);
    for function in &program.functions {
        let params = function.params.iter().map(|param| param.name.text.as_str());
        let scope = Scope::new(params, &function.body);
        found.append(&mut body(program, env, Some(function), scope, &function.body));
    }
    let scope = Scope::new(env.variables.iter().map(String::as_str), &program.body);
    found.append(&mut body(program, env, None, scope, &program.body));
    found.append(&mut judged(program, env));
    if env.thorough {
        found.append(&mut recursion::check(program, env));
    }
    found.sort_by_key(|diagnostic| (diagnostic.span.start, diagnostic.span.end));
    found
}

/// What follows from the kinds of values.
fn judged<'a>(program: &'a Program, env: &'a Environment) -> Vec<Diagnostic> {
    if !env.thorough && env.catalog.is_none() {
        return Vec::new();
    }
    let mut judge = certain::Judge { program, env, found: Vec::new(), unsettled: Vec::new() };
    let bodies = program.functions.iter().map(Some).chain([None]);
    for function in bodies {
        judge.unsettled.clear();
        kinds::follow(program, env, function, false, &mut judge);
    }
    judge.found
}

fn body<'a>(
    program: &'a Program,
    env: &'a Environment,
    function: Option<&'a Function>,
    scope: Scope<'a>,
    stmts: &'a [Stmt],
) -> Vec<Diagnostic> {
    let mut checker = Checker { program, env, function, scope, loops: 0, found: Vec::new() };
    checker.block(stmts);
    if env.thorough {
        let outer = if function.is_none() { env.variables.as_slice() } else { &[] };
        checker.found.append(&mut unused::check(stmts, outer, program));
    }
    checker.found
}

/// One function, or the top level, while it is checked.
struct Checker<'a> {
    program: &'a Program,
    env: &'a Environment,
    /// `None` at the top level.
    function: Option<&'a Function>,
    scope: Scope<'a>,
    /// Loops around the present statement.
    loops: usize,
    found: Vec<Diagnostic>,
}

impl Checker<'_> {
    fn report(&mut self, diagnostic: Diagnostic) {
        // Warnings leave room for errors, which alone keep the script from running.
        let room = if diagnostic.is_error() { 2 * MAX_DIAGNOSTICS } else { MAX_DIAGNOSTICS };
        if self.found.len() < room {
            self.found.push(diagnostic);
        }
    }
}

fn duplicates(functions: &[Function]) -> Vec<Diagnostic> {
    let mut seen = std::collections::HashMap::<String, Span>::new();
    let mut found = Vec::new();
    for function in functions {
        let (Some(first), Some(last)) = (function.name.first(), function.name.last()) else { continue };
        let place = first.span.to(last.span);
        let name = function.full_name();
        match seen.entry(name.to_ascii_lowercase()) {
            std::collections::hash_map::Entry::Occupied(other) => found.push(
                Diagnostic::error(
                    codes::DUPLICATE_FUNCTION,
                    place,
                    format!("there are two functions called `{name}`"),
                )
                .label("declared again here")
                .also(*other.get(), "first declared here")
                .help("give one of them another name; names of functions are compared without case"),
            ),
            std::collections::hash_map::Entry::Vacant(free) => {
                free.insert(place);
            }
        }
    }
    found
}
