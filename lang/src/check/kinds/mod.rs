//! The kinds that values may be of, as far as a script tells before it runs.
//!
//! The way through a script in the order in which it runs: every expression gives a set of
//! kinds ([`set`]), fed by literals, operators ([`operators`]) and the registers of built-ins
//! ([`tables`]); branches are joined, loops repeated until nothing new comes ([`flow`], [`state`]);
//! conditions that ask for null tell of what follows ([`narrow`]). Of maps that the script builds
//! itself the keys are known as well. Where nothing is known the set holds every kind, so that what
//! is said to be certain is certain.
//!
//! [`infer`] answers for every expression, [`variables_at`] for the variables at one byte.

mod eval;
mod flow;
mod lookup;
mod narrow;
pub(crate) mod operators;
mod set;
mod state;
pub(crate) mod tables;

pub use lookup::{Inferred, Known, infer, variables_at};
pub use set::KindSet;
pub(crate) use state::{Fact, State};

use crate::check::Environment;
use crate::check::scope::Scope;
use crate::resolve::Callee;
use crate::syntax::ast::{Expr, Function, Ident, Program, Stmt};
use flow::Flow;
use std::collections::HashMap;

/// An expression where it is worked out.
pub(crate) struct At<'p, 'a> {
    /// The expression.
    pub expr: &'a Expr,
    /// Its operands: both sides; the receiver and the arguments; the arguments.
    pub parts: &'p [Fact],
    /// What a call means.
    pub callee: Option<&'p Callee>,
    /// What it gives.
    pub fact: Fact,
    /// What else is known here.
    pub state: &'p State<'a>,
}

/// Whoever follows the way through a script.
pub(crate) trait Watch<'a> {
    /// An expression was worked out; its parts came before it.
    fn expression(&mut self, at: &At<'_, 'a>);
    /// A condition of a statement or of `if(c, a, b)`.
    fn condition(&mut self, _cond: &'a Expr, _fact: Fact) {}
    /// What a `for each` walks over.
    fn walked(&mut self, _over: &'a Expr, _fact: Fact) {}
    /// A variable is read that has a value on some ways only.
    fn maybe_unset(&mut self, _name: &'a Ident) {}
    /// A block whose header ends at a byte is about to run.
    fn entered(&mut self, _header_end: u32, _names: &HashMap<&'a str, u32>, _state: &State<'a>) {}
    /// A statement is about to run.
    fn before(&mut self, _stmt: &'a Stmt, _names: &HashMap<&'a str, u32>, _state: &State<'a>) {}
    /// A statement has run.
    fn after(&mut self, _stmt: &'a Stmt, _names: &HashMap<&'a str, u32>, _state: &State<'a>) {}
}

/// Goes through one function, or the top level, and tells `watch` what is known. `believed` says
/// whether parameters are of their declared types.
pub(crate) fn follow<'a>(
    program: &'a Program,
    env: &'a Environment,
    function: Option<&'a Function>,
    believed: bool,
    watch: &mut impl Watch<'a>,
) {
    let body = function.map_or(&program.body, |function| &function.body);
    let params = function.map_or(&[][..], |function| &function.params);
    let outer: &[String] = if function.is_none() { &env.variables } else { &[] };
    let given =
        || params.iter().map(|param| param.name.text.as_str()).chain(outer.iter().map(String::as_str));
    let scope = Scope::new(given(), body);
    let mut names: Vec<&str> = scope.names().collect();
    names.sort_unstable();
    let names = names.into_iter().zip(0..).collect();
    let mut flow = Flow::new(program, env, names, watch);
    for name in outer {
        flow.give(name, KindSet::ANY);
    }
    for param in params {
        flow.give(&param.name.text, flow::of_parameter(param.ty.as_ref(), believed));
    }
    flow.block(body);
}
