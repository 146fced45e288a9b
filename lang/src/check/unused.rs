//! Variables that get a value which nobody reads. Parameters, loop variables and the names of faults
//! are not among them: their place is given by the platform or by the syntax. Neither is a variable
//! that takes the answer of a call, which is made for its effect.

use super::visit::{self, Node};
use crate::codes;
use crate::diagnostic::Diagnostic;
use crate::suggest::closest;
use crate::syntax::ast::{ExprKind, Ident, Program, Stmt, StmtKind, Target};
use std::collections::{BTreeSet, HashMap};

struct Assigned<'a> {
    first: &'a Ident,
    pure: bool,
}

/// Warns of variables of one function, or of the top level with the variables it is given.
pub(super) fn check(body: &[Stmt], given: &[String], program: &Program) -> Vec<Diagnostic> {
    let mut assigned: HashMap<&str, Assigned<'_>> = HashMap::new();
    let mut read = BTreeSet::new();
    let mut whole = true;
    visit::body(body, &mut |node| match node {
        Node::Expr(expr) => match &expr.kind {
            ExprKind::Var(name) => {
                read.insert(name.text.as_str());
            }
            ExprKind::Bad => whole = false,
            _ => {}
        },
        Node::Stmt(stmt) => match &stmt.kind {
            StmtKind::Assign { target: Target::Var(name), value, .. } => {
                let pure = visit::is_pure(value);
                let entry = assigned.entry(&name.text).or_insert(Assigned { first: name, pure });
                entry.pure &= pure;
                if name.span.start < entry.first.span.start {
                    entry.first = name;
                }
            }
            StmtKind::Bad => whole = false,
            _ => {}
        },
    });
    if !whole {
        return Vec::new();
    }
    let outside = |name: &str| given.iter().any(|given| given == name) || name.starts_with('_');
    assigned.retain(|name, found| found.pure && !read.contains(name) && !outside(name));
    let mut found: Vec<&Assigned<'_>> = assigned.values().collect();
    found.sort_by_key(|assigned| assigned.first.span.start);
    found.into_iter().map(|assigned| warning(assigned.first, &read, program)).collect()
}

fn warning(name: &Ident, read: &BTreeSet<&str>, program: &Program) -> Diagnostic {
    let text = name.text.as_str();
    let is_function = |other: &str| program.functions.iter().any(|f| f.full_name() == other);
    let near = closest(text, read.iter().copied().filter(|other| !is_function(other)));
    let help = match near {
        Some(other) => format!("did you mean `{other}`? If not, remove it"),
        None => "remove it, or begin its name with `_` to keep it".to_owned(),
    };
    Diagnostic::warning(codes::UNUSED, name.span, format!("`{text}` is never read"))
        .label("gets a value that nobody reads")
        .help(help)
}
