//! What a name in call position means. Checker and compiler both ask here, so that they can never
//! disagree.
//!
//! The order for `a.b.f()`: a variable `a` makes it a method call; else the file's function of that
//! full name; else the file's function whose last segment is `f`; else a stored function, in the same
//! two steps; else a host call; else a built-in; else, by its shape
//! alone, an integration task that a connector may offer (`zoho.crm.getRecordById`). `zoho.…` is reserved for host calls and built-ins:
//! only a function with that very full name can take it over. Exact spelling is tried before
//! spelling without case.

use crate::host::{self, HOST_CALLS};
use crate::syntax::ast::{Expr, ExprKind, Ident, Program};
use crate::vm::methods;
use std::collections::HashMap;

/// What a call means.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Callee {
    /// Position in [`Program::functions`].
    File(usize),
    /// A function that is stored outside the file, by the name under which it was given.
    Stored(String),
    /// Position in [`HOST_CALLS`].
    Host(usize),
    /// A built-in in free form: `trim(x)`, `Map()`, `if(c, a, b)`, `zoho.encryption.md5(x)`.
    Builtin,
    /// A method on the value of everything before the last dot.
    Method,
    /// An integration task by its dotted name. Which connector offers it is known when it runs.
    Task,
    /// Nothing of that name.
    Unknown,
}

/// Calls whose arguments the compiler evaluates only when needed, with their number of arguments.
pub const LAZY: &[(&str, usize)] = &[("if", 3), ("ifnull", 2)];

/// Calls that take any number of values, or of `key: value` entries, which the compiler gathers into
/// one list or map.
pub const GATHERED: &[&str] = &["collection", "insert"];

/// Whether the arguments of a built-in of this name are gathered.
pub fn gathers(name: &str) -> bool {
    GATHERED.iter().any(|gathered| gathered.eq_ignore_ascii_case(name))
}

/// The names of a chain of names: `zoho.crm.invokeConnector` gives three. `None` if something else
/// (a call, an index, a literal) stands in the chain.
pub fn dotted(expr: &Expr) -> Option<Vec<&Ident>> {
    let mut names = Vec::new();
    let mut at = expr;
    loop {
        match &at.kind {
            ExprKind::Member { object, name } => {
                names.push(name);
                at = object;
            }
            ExprKind::Var(name) => {
                names.push(name);
                names.reverse();
                return Some(names);
            }
            _ => return None,
        }
    }
}

/// What the call of a path means. `path` holds all segments, the called name last; one segment for
/// `f(…)`. `is_local_variable` says whether a name may hold a value in this function; `stored` are
/// the functions that exist outside the file. Who asks for many calls of one file asks
/// [`Functions`], which answers the same.
pub fn resolve_call(
    program: &Program,
    path: &[&str],
    is_local_variable: impl Fn(&str) -> bool,
    stored: &[String],
) -> Callee {
    resolve_among(program, stored, path, is_local_variable, 0..program.functions.len(), 0..stored.len())
}

/// The functions of a file and those stored outside it, by what every spelling of a call must agree
/// on: the last segment without case.
#[derive(Debug)]
pub struct Functions<'a> {
    program: &'a Program,
    stored: &'a [String],
    own_by_last: ByLast,
    stored_by_last: ByLast,
}

impl<'a> Functions<'a> {
    /// Reads the names once.
    pub fn new(program: &'a Program, stored: &'a [String]) -> Self {
        let own = program.functions.iter().map(|f| f.name.last().map_or("", |part| part.text.as_str()));
        let stored_last = stored.iter().map(|name| name.rsplit('.').next().unwrap_or_default());
        Self { program, stored, own_by_last: by_last(own), stored_by_last: by_last(stored_last) }
    }

    /// As [`resolve_call`].
    pub fn resolve(&self, path: &[&str], is_local_variable: impl Fn(&str) -> bool) -> Callee {
        // Most calls are methods of variables.
        if path.len() > 1 && is_local_variable(path[0]) {
            return Callee::Method;
        }
        let none: &[usize] = &[];
        let (mut own, mut stored) = (none, none);
        if !(self.own_by_last.is_empty() && self.stored_by_last.is_empty()) {
            let last = path.last().map(|last| last.to_ascii_lowercase()).unwrap_or_default();
            own = self.own_by_last.get(&last).map_or(none, Vec::as_slice);
            stored = self.stored_by_last.get(&last).map_or(none, Vec::as_slice);
        }
        let (own, stored) = (own.iter().copied(), stored.iter().copied());
        resolve_among(self.program, self.stored, path, is_local_variable, own, stored)
    }
}

type ByLast = HashMap<String, Vec<usize>, foldhash::fast::RandomState>;

fn by_last<'n>(names: impl Iterator<Item = &'n str>) -> ByLast {
    let mut table = ByLast::default();
    for (index, last) in names.enumerate() {
        table.entry(last.to_ascii_lowercase()).or_default().push(index);
    }
    table
}

fn resolve_among(
    program: &Program,
    stored: &[String],
    path: &[&str],
    is_local_variable: impl Fn(&str) -> bool,
    own_candidates: impl Iterator<Item = usize> + Clone,
    stored_candidates: impl Iterator<Item = usize> + Clone,
) -> Callee {
    if path.is_empty() {
        return Callee::Unknown;
    }
    if path.len() > 1 && is_local_variable(path[0]) {
        return Callee::Method;
    }
    let functions = &program.functions;
    let own = |index: usize| functions[index].name.iter().map(|part| part.text.as_str());
    if let Some(index) = by_name(own_candidates, own, path) {
        return Callee::File(index);
    }
    if let Some(index) = by_name(stored_candidates, |index| stored[index].split('.'), path) {
        return Callee::Stored(stored[index].clone());
    }
    let full = path.join(".");
    if let Some(index) = host::find(&full) {
        return Callee::Host(index);
    }
    if is_free_builtin(&full) {
        return Callee::Builtin;
    }
    if path.len() > 1 && resolve_system_variable(&path[..path.len() - 1], &is_local_variable).is_some() {
        return Callee::Method;
    }
    if is_integration_task(path) { Callee::Task } else { Callee::Unknown }
}

/// Whether a path has the shape of an integration task: `zoho.` and something that is not a library
/// of functions, or `vendor.service.call`.
fn is_integration_task(path: &[&str]) -> bool {
    let Some((first, rest)) = path.split_first() else { return false };
    let is = |word: &str| first.eq_ignore_ascii_case(word);
    match rest {
        [] => false,
        [second, ..] if is("zoho") => !second.eq_ignore_ascii_case("encryption"),
        [_, _, ..] => !is("thisapp"),
        [_] => false,
    }
}

/// Position in [`HOST_CALLS`] of a system variable such as `zoho.currentdate` or `today`; a script's
/// own variable of that name hides it.
pub fn resolve_system_variable(path: &[&str], is_local_variable: impl Fn(&str) -> bool) -> Option<usize> {
    let first = path.first()?;
    if is_local_variable(first) {
        return None;
    }
    host::find(&path.join(".")).filter(|index| HOST_CALLS[*index].variable)
}

fn is_free_builtin(full: &str) -> bool {
    LAZY.iter().any(|(name, _)| name.eq_ignore_ascii_case(full)) || methods::id(full).is_some()
}

/// Finds a function by its full name (also without a leading `thisapp.`), then by its last segment;
/// each exactly, then without case, among some candidates in their order. Compares part by part and builds no texts: scripts may have many
/// functions and many calls.
fn by_name<'n, P>(
    candidates: impl Iterator<Item = usize> + Clone,
    parts: impl Fn(usize) -> P,
    path: &[&str],
) -> Option<usize>
where
    P: DoubleEndedIterator<Item = &'n str>,
{
    let exactly = |a: &str, b: &str| a == b;
    let without_case = |a: &str, b: &str| a.eq_ignore_ascii_case(b);
    let same = |index: usize, wanted: &[&str], equal: &dyn Fn(&str, &str) -> bool| {
        let mut wanted = wanted.iter();
        parts(index).all(|part| wanted.next().is_some_and(|other| equal(part, other)))
            && wanted.next().is_none()
    };
    candidates.clone().next()?;
    let find = |holds: &dyn Fn(usize) -> bool| candidates.clone().find(|index| holds(*index));
    let short = match path {
        [first, .., _] if first.eq_ignore_ascii_case("thisapp") => &path[1..],
        _ => path,
    };
    let whole = find(&|index| same(index, path, &exactly))
        .or_else(|| find(&|index| same(index, short, &exactly)))
        .or_else(|| find(&|index| same(index, path, &without_case) || same(index, short, &without_case)));
    let reserved = path.len() > 1 && path[0].eq_ignore_ascii_case("zoho");
    if whole.is_some() || reserved {
        return whole;
    }
    let last = path.last().copied()?;
    find(&|index| parts(index).next_back() == Some(last)).or_else(|| {
        find(&|index| parts(index).next_back().is_some_and(|part| part.eq_ignore_ascii_case(last)))
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::source::Span;
    use crate::syntax::ast::Function;

    fn file(names: &[&str]) -> Program {
        let ident = |text: &str| Ident { text: text.to_string(), span: Span::default() };
        let functions = names
            .iter()
            .map(|name| Function {
                name: name.split('.').map(ident).collect(),
                returns: None,
                params: vec![],
                body: vec![],
                span: Span::default(),
            })
            .collect();
        Program { functions, body: vec![] }
    }

    fn resolve(program: &Program, path: &str) -> Callee {
        let path: Vec<&str> = path.split('.').collect();
        let (is_local, stored) = (|name: &str| name == "x", ["billing.total".to_string()]);
        let found = resolve_call(program, &path, is_local, &stored);
        assert_eq!(Functions::new(program, &stored).resolve(&path, is_local), found);
        found
    }

    #[test]
    fn a_call_finds_the_function_of_its_full_name_before_that_of_its_last_segment() {
        let program = file(&["automation.sync", "standalone.sync", "greet"]);
        assert_eq!(resolve(&program, "standalone.sync"), Callee::File(1));
        assert_eq!(resolve(&program, "automation.sync"), Callee::File(0));
        assert_eq!(resolve(&program, "thisapp.standalone.sync"), Callee::File(1));
        assert_eq!(resolve(&program, "sync"), Callee::File(0));
        assert_eq!(resolve(&program, "button.greet"), Callee::File(2));
        assert_eq!(resolve(&program, "thisapp.greet"), Callee::File(2));
    }

    #[test]
    fn a_method_of_a_variable_is_never_a_dotted_function() {
        let program = file(&["get"]);
        assert_eq!(resolve(&program, "x.get"), Callee::Method);
        assert_eq!(resolve(&program, "y.get"), Callee::File(0));
        assert_eq!(resolve(&program, "x.a.get"), Callee::Method);
    }

    #[test]
    fn stored_functions_come_after_those_of_the_file_and_before_the_host() {
        let program = file(&["greet"]);
        assert_eq!(resolve(&program, "billing.total"), Callee::Stored("billing.total".into()));
        assert_eq!(resolve(&program, "total"), Callee::Stored("billing.total".into()));
        assert_eq!(resolve(&program, "zoho.crm.invokeConnector"), host_call("invokeConnector"));
        assert_eq!(resolve(&program, "INVOKECONNECTOR"), host_call("invokeConnector"));
    }

    #[test]
    fn zoho_names_are_not_taken_over_by_a_last_segment() {
        let program = file(&["authorize"]);
        assert_eq!(resolve(&program, "zoho.crm.authorize"), host_call("authorize"));
        assert_eq!(resolve(&program, "authorize"), Callee::File(0));
        assert_eq!(resolve(&program, "zoho.nothing.here"), Callee::Task);
    }

    #[test]
    fn a_call_on_a_system_variable_is_a_method() {
        let program = file(&[]);
        assert_eq!(resolve(&program, "zoho.currentdate.anything"), Callee::Method);
        assert_eq!(resolve(&program, "today.anything"), Callee::Method);
        assert_eq!(resolve(&program, "zoho.crm.anything"), Callee::Task);
        assert_eq!(resolve(&program, "if"), Callee::Builtin);
    }

    #[test]
    fn a_vendor_a_service_and_a_call_are_an_integration_task() {
        let program = file(&["create"]);
        assert_eq!(resolve(&program, "zoho.crm.v8.createRecord"), Callee::Task);
        assert_eq!(resolve(&program, "zoho.pushNotification"), Callee::Task);
        assert_eq!(resolve(&file(&[]), "intuit.quickbooks.create"), Callee::Task);
        assert_eq!(resolve(&program, "intuit.quickbooks.create"), Callee::File(0));
        assert_eq!(resolve(&program, "billing.nothing"), Callee::Unknown);
        assert_eq!(resolve(&program, "thisapp.billing.nothing"), Callee::Unknown);
        assert_eq!(resolve(&program, "zoho.encryption.nothing"), Callee::Unknown);
    }

    fn host_call(name: &str) -> Callee {
        Callee::Host(host::by_name(name).unwrap())
    }
}
