//! Answers for editors: what an expression gives, what the variables hold at one byte.

use super::state::{Fact, State};
use super::{At, KindSet, Watch, flow, follow};
use crate::check::Environment;
use crate::source::Span;
use crate::syntax::ast::{Expr, ExprKind, Program, Stmt, StmtKind, Target};
use std::collections::{BTreeMap, BTreeSet, HashMap};

/// What is known of a value.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Known {
    /// The kinds it may be of; [`KindSet::ANY`] if nothing is known.
    pub kinds: KindSet,
    /// Keys that the script put into it, if it is a map that the script built, with their kinds, in
    /// the order of the alphabet.
    pub keys: Vec<(String, KindSet)>,
}

impl Known {
    fn new(fact: Fact, state: &State<'_>) -> Self {
        let shape = fact.site.and_then(|site| state.shape(site));
        let keys =
            shape.map(|shape| shape.keys.iter().map(|(name, key)| ((*name).to_owned(), key.kinds)).collect());
        Self { kinds: fact.kinds, keys: keys.unwrap_or_default() }
    }
}

/// What [`infer`] found.
#[derive(Debug, Clone, Default)]
pub struct Inferred {
    exprs: HashMap<Span, Known>,
    keys: BTreeMap<String, BTreeSet<String>>,
}

impl Inferred {
    /// What the expression with these bytes gives; `None` if there is none or it is never reached.
    pub fn expression(&self, span: Span) -> Option<&Known> {
        self.exprs.get(&span)
    }

    /// What the expression gives that ends at a byte, such as the one before a dot; the longest of
    /// several.
    pub fn ending_at(&self, offset: u32) -> Option<&Known> {
        let ending = self.exprs.iter().filter(|(span, _)| span.end == offset);
        ending.min_by_key(|(span, _)| span.start).map(|(_, known)| known)
    }

    /// Every key that the script reads from or puts into a variable of this name, wherever it does.
    pub fn keys_of(&self, variable: &str) -> impl Iterator<Item = &str> {
        self.keys.get(variable).into_iter().flatten().map(String::as_str)
    }

    /// Every key that the script reads from or puts into any map.
    pub fn all_keys(&self) -> impl Iterator<Item = &str> {
        let all: BTreeSet<&str> = self.keys.values().flatten().map(String::as_str).collect();
        all.into_iter()
    }
}

/// Works out what every expression of a script gives. Parameters are believed to be of their
/// declared types.
pub fn infer(program: &Program, env: &Environment) -> Inferred {
    let mut found = Inferred::default();
    everywhere(program, env, &mut found);
    found
}

fn everywhere<'a>(program: &'a Program, env: &'a Environment, watch: &mut impl Watch<'a>) {
    for function in &program.functions {
        follow(program, env, Some(function), true, watch);
    }
    follow(program, env, None, true, watch);
}

/// Methods whose first argument is a key.
const KEYED: &[&str] = &["get", "put", "containKey", "containsKey", "remove", "getJSON"];

impl<'a> Watch<'a> for Inferred {
    fn expression(&mut self, at: &At<'_, 'a>) {
        self.exprs.insert(at.expr.span, Known::new(at.fact, at.state));
        let (object, key) = match &at.expr.kind {
            ExprKind::MethodCall { object, name, args } if KEYED.iter().any(|keyed| name.is(keyed)) => {
                (&**object, args.first().map(|arg| &arg.value))
            }
            ExprKind::Index { object, index } => (&**object, Some(&**index)),
            _ => return,
        };
        let (ExprKind::Var(name), Some(key)) = (&object.kind, key.and_then(super::eval::constant)) else {
            return;
        };
        self.keys.entry(name.text.clone()).or_default().insert(key.to_owned());
    }

    fn after(&mut self, stmt: &'a Stmt, _: &HashMap<&'a str, u32>, _: &State<'a>) {
        let StmtKind::Assign { target: Target::Var(name), value, .. } = &stmt.kind else {
            return;
        };
        let ExprKind::Map(entries) = &value.kind else { return };
        let keys = entries.iter().filter_map(|(key, _): &(Expr, Expr)| super::eval::constant(key));
        self.keys.entry(name.text.clone()).or_default().extend(keys.map(str::to_owned));
    }
}

/// The variables that may have a value at a byte, with what is known of them there.
pub fn variables_at(program: &Program, env: &Environment, offset: u32) -> BTreeMap<String, Known> {
    let function =
        program.functions.iter().find(|function| (function.span.start..=function.span.end).contains(&offset));
    let body = function.map_or(&program.body, |function| &function.body);
    let mut snapshot = Snapshot { target: None, offset, found: BTreeMap::new() };
    snapshot.target = innermost(body, offset);
    if snapshot.target.is_none() {
        // Before the first statement: what is given.
        let given = function.map_or_else(
            || env.variables.iter().map(|name| (name.clone(), KindSet::ANY)).collect::<Vec<_>>(),
            |function| {
                let of = flow::of_parameter;
                function.params.iter().map(|p| (p.name.text.clone(), of(p.ty.as_ref(), true))).collect()
            },
        );
        return given.into_iter().map(|(name, kinds)| (name, Known { kinds, keys: Vec::new() })).collect();
    }
    follow(program, env, function, true, &mut snapshot);
    snapshot.found
}

/// Where a byte stands among the statements.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Place {
    /// In a statement, or behind it with nothing in between.
    Statement(Span),
    /// At the beginning of a block, by the byte at which its header ends.
    Block(u32),
}

/// The last statement or block that begins at or before a byte, as deep as possible.
fn innermost(body: &[Stmt], offset: u32) -> Option<Place> {
    let mut found = None;
    let mut at = body;
    while let Some(stmt) = at.iter().rev().find(|stmt| stmt.span.start <= offset) {
        found = Some(Place::Statement(stmt.span));
        if stmt.span.end <= offset {
            break;
        }
        let blocks = flow::blocks(stmt);
        let Some((header_end, _, inner)) = blocks.iter().rev().find(|(_, first, _)| *first <= offset) else {
            break;
        };
        found = Some(Place::Block(*header_end));
        at = inner;
    }
    found
}

struct Snapshot {
    target: Option<Place>,
    offset: u32,
    found: BTreeMap<String, Known>,
}

impl Snapshot {
    fn take(&mut self, names: &HashMap<&str, u32>, state: &State<'_>) {
        let known = |(name, var): (&&str, &u32)| {
            let fact = state.fact(*var);
            (!fact.kinds.is_empty()).then(|| ((*name).to_owned(), Known::new(fact, state)))
        };
        self.found = names.iter().filter_map(known).collect();
    }
}

impl<'a> Watch<'a> for Snapshot {
    fn expression(&mut self, _: &At<'_, 'a>) {}

    fn entered(&mut self, header_end: u32, names: &HashMap<&'a str, u32>, state: &State<'a>) {
        if self.target == Some(Place::Block(header_end)) {
            self.take(names, state);
        }
    }

    fn before(&mut self, stmt: &'a Stmt, names: &HashMap<&'a str, u32>, state: &State<'a>) {
        if self.target == Some(Place::Statement(stmt.span)) {
            self.take(names, state);
        }
    }

    fn after(&mut self, stmt: &'a Stmt, names: &HashMap<&'a str, u32>, state: &State<'a>) {
        if self.target == Some(Place::Statement(stmt.span)) && self.offset >= stmt.span.end {
            self.take(names, state);
        }
    }
}
