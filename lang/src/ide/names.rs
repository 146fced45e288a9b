//! What every name of a script means and where it stands. The tree tells; in places that could not be
//! read, the neighbours of a name do.

use super::Document;
use crate::resolve::{self, Callee};
use crate::source::Span;
use crate::syntax::ast::{Arg, Expr, ExprKind, Ident, Stmt, StmtKind, Target};
use crate::syntax::highlight::{TokenClass, classify};
use crate::syntax::token::{Op, TokenKind};
use std::collections::HashSet;

/// What a name is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Role {
    /// A variable; whether it gets a value here.
    Variable { writes: bool },
    /// A parameter where it is declared.
    Parameter,
    /// The last segment of a declared function: position in `Program::functions`.
    Declaration(usize),
    /// The last segment of a call of a function of the file.
    Call(usize),
    /// A segment before the last of a function's name.
    Namespace,
    /// Any segment of a host call or system variable: position in `HOST_CALLS`.
    Host(usize),
    /// A function stored outside the file.
    Stored,
    /// A built-in in free form.
    Builtin,
    /// After a dot and called.
    Method,
    /// After a dot and not called.
    Member,
    /// `invokeurl` …
    Task,
    /// A key of a task.
    Key,
    /// A type in a header.
    Type,
    /// A called name without a meaning.
    Unknown,
}

impl Role {
    /// Whether it is a variable, however used.
    pub fn is_variable(self) -> bool {
        matches!(self, Role::Variable { .. } | Role::Parameter)
    }

    /// Whether a variable gets its value here.
    pub fn writes(self) -> bool {
        matches!(self, Role::Variable { writes: true } | Role::Parameter)
    }
}

/// A name in the text.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Name {
    pub span: Span,
    pub role: Role,
    /// See [`Document::scope_at`].
    pub scope: usize,
}

/// All names, in the order of the text, and the variables of every scope.
#[derive(Debug, Default)]
pub(super) struct Names {
    all: Vec<Name>,
    variables: Vec<HashSet<String>>,
}

impl Names {
    pub fn of(document: &Document) -> Self {
        let count = document.program.functions.len();
        let mut variables: Vec<HashSet<String>> = (0..count).map(|s| variables_of(document, s)).collect();
        let mut top = variables_of(document, count);
        top.extend(document.environment().variables.iter().cloned());
        variables.push(top);
        let mut walk = Walk { document, scope: 0, names: Names { all: vec![], variables } };
        for scope in 0..count {
            walk.scope = scope;
            walk.header(scope);
            walk.block(document.body(scope));
        }
        walk.scope = count;
        walk.block(document.body(count));
        walk.names.all.sort_by_key(|name| name.span.start);
        if !document.is_sound() {
            walk.unread();
        }
        walk.names
    }

    pub fn all(&self) -> &[Name] {
        &self.all
    }

    /// The name that holds an offset, or that ends there.
    pub fn at(&self, offset: u32) -> Option<&Name> {
        let after = self.all.partition_point(|name| name.span.start <= offset);
        self.all[..after].iter().rev().take(2).find(|name| offset <= name.span.end)
    }

    /// Names of the variables of a scope, in the order of their names.
    pub fn variables(&self, scope: usize) -> Vec<&str> {
        let mut found: Vec<&str> =
            self.variables.get(scope).into_iter().flatten().map(String::as_str).collect();
        found.sort_unstable();
        found
    }

    pub fn is_variable(&self, scope: usize, name: &str) -> bool {
        self.variables.get(scope).is_some_and(|known| known.contains(name))
    }

    /// Where a variable stands in a scope.
    pub fn of_variable<'a>(
        &'a self,
        document: &'a Document,
        scope: usize,
        name: &'a str,
    ) -> impl Iterator<Item = &'a Name> {
        self.all.iter().filter(move |found| {
            found.scope == scope && found.role.is_variable() && document.slice(found.span) == name
        })
    }
}

/// Parameters and what the statements assign.
fn variables_of(document: &Document, scope: usize) -> HashSet<String> {
    let mut found = HashSet::new();
    if let Some(function) = document.program.functions.get(scope) {
        found.extend(function.params.iter().map(|param| param.name.text.clone()));
    }
    assigned(document.body(scope), &mut found);
    found
}

fn assigned(body: &[Stmt], found: &mut HashSet<String>) {
    for stmt in body {
        match &stmt.kind {
            StmtKind::Assign { target: Target::Var(name), .. } => {
                found.insert(name.text.clone());
            }
            StmtKind::ForEach { var, .. } => {
                found.insert(var.text.clone());
            }
            StmtKind::Try { var: Some(var), .. } => {
                found.insert(var.text.clone());
            }
            _ => {}
        }
        for block in blocks(stmt) {
            assigned(block, found);
        }
    }
}

/// The blocks directly inside a statement.
pub(super) fn blocks(stmt: &Stmt) -> Vec<&[Stmt]> {
    match &stmt.kind {
        StmtKind::If { arms, otherwise } => {
            arms.iter().map(|(_, body)| body.as_slice()).chain(otherwise.as_deref()).collect()
        }
        StmtKind::ForEach { body, .. } | StmtKind::While { body, .. } => vec![body],
        StmtKind::Try { body, handler, .. } => vec![body, handler],
        _ => vec![],
    }
}

struct Walk<'d> {
    document: &'d Document,
    scope: usize,
    names: Names,
}

impl Walk<'_> {
    fn mark(&mut self, name: &Ident, role: Role) {
        self.names.all.push(Name { span: name.span, role, scope: self.scope });
    }

    fn is_local(&self, name: &str) -> bool {
        self.names.is_variable(self.scope, name)
    }

    fn header(&mut self, index: usize) {
        let function = &self.document.program.functions[index];
        if let Some(ty) = &function.returns {
            self.mark(ty, Role::Type);
        }
        if let Some((last, before)) = function.name.split_last() {
            before.iter().for_each(|part| self.mark(part, Role::Namespace));
            self.mark(last, Role::Declaration(index));
        }
        for param in &function.params {
            if let Some(ty) = &param.ty {
                self.mark(ty, Role::Type);
            }
            self.mark(&param.name, Role::Parameter);
        }
    }

    fn block(&mut self, body: &[Stmt]) {
        for stmt in body {
            match &stmt.kind {
                StmtKind::Assign { target, value, .. } => {
                    match target {
                        Target::Var(name) => self.mark(name, Role::Variable { writes: true }),
                        Target::Member { object, name } => {
                            self.expr(object);
                            self.mark(name, Role::Member);
                        }
                        Target::Index { object, index } => {
                            self.expr(object);
                            self.expr(index);
                        }
                    }
                    self.expr(value);
                }
                StmtKind::Expr(expr) | StmtKind::Info(expr) | StmtKind::Throw(expr) => self.expr(expr),
                StmtKind::Return(Some(expr)) => self.expr(expr),
                StmtKind::If { arms, .. } => arms.iter().for_each(|(condition, _)| self.expr(condition)),
                StmtKind::ForEach { var, over, .. } => {
                    self.mark(var, Role::Variable { writes: true });
                    self.expr(over);
                }
                StmtKind::While { cond, .. } => self.expr(cond),
                StmtKind::Try { var: Some(var), .. } => self.mark(var, Role::Variable { writes: true }),
                _ => {}
            }
            blocks(stmt).into_iter().for_each(|block| self.block(block));
        }
    }

    fn expr(&mut self, expr: &Expr) {
        match &expr.kind {
            ExprKind::List(items) => items.iter().for_each(|item| self.expr(item)),
            ExprKind::Map(entries) => {
                for (key, value) in entries {
                    self.expr(key);
                    self.expr(value);
                }
            }
            ExprKind::Var(name) => {
                let role = match resolve::resolve_system_variable(&[&name.text], |n| self.is_local(n)) {
                    Some(host) => Role::Host(host),
                    None => Role::Variable { writes: false },
                };
                self.mark(name, role);
            }
            ExprKind::Member { object, name } => self.member(expr, object, name),
            ExprKind::Index { object, index } => {
                self.expr(object);
                self.expr(index);
            }
            ExprKind::Call { name, args } => {
                let role = self.callee(&[name]);
                self.mark(name, role);
                self.args(args);
            }
            ExprKind::MethodCall { object, name, args } => {
                self.method(object, name);
                self.args(args);
            }
            ExprKind::Unary { operand, .. } | ExprKind::IsNull { operand, .. } => self.expr(operand),
            ExprKind::Binary { left, right, .. } => {
                self.expr(left);
                self.expr(right);
            }
            ExprKind::Task(task) => {
                self.mark(&task.name, Role::Task);
                for entry in &task.entries {
                    self.mark(&entry.key, Role::Key);
                    self.expr(&entry.value);
                }
            }
            _ => {}
        }
    }

    fn args(&mut self, args: &[Arg]) {
        for arg in args {
            arg.key.iter().for_each(|key| self.expr(key));
            self.expr(&arg.value);
        }
    }

    /// `zoho.currentdate`, or a member of a value.
    fn member(&mut self, whole: &Expr, object: &Expr, name: &Ident) {
        if let Some(path) = resolve::dotted(whole) {
            let parts: Vec<&str> = path.iter().map(|part| part.text.as_str()).collect();
            let host = resolve::resolve_system_variable(&parts, |n| self.is_local(n));
            if let Some(host) = host {
                return path.into_iter().for_each(|part| self.mark(part, Role::Host(host)));
            }
        }
        self.expr(object);
        self.mark(name, Role::Member);
    }

    fn method(&mut self, object: &Expr, name: &Ident) {
        let path = resolve::dotted(object);
        let role = path.as_ref().map_or(Role::Method, |path| {
            let whole: Vec<&Ident> = path.iter().copied().chain([name]).collect();
            self.callee(&whole)
        });
        self.mark(name, if role == Role::Unknown { Role::Method } else { role });
        match (role, path) {
            (Role::Call(_) | Role::Stored, Some(path)) => {
                path.into_iter().for_each(|part| self.mark(part, Role::Namespace));
            }
            (Role::Host(_) | Role::Builtin, Some(path)) => {
                path.into_iter().for_each(|part| self.mark(part, role));
            }
            _ => self.expr(object),
        }
    }

    fn callee(&self, path: &[&Ident]) -> Role {
        let parts: Vec<&str> = path.iter().map(|part| part.text.as_str()).collect();
        self.role_of_call(&parts)
    }

    fn role_of_call(&self, parts: &[&str]) -> Role {
        let stored = &self.document.environment().functions;
        match resolve::resolve_call(&self.document.program, parts, |n| self.is_local(n), stored) {
            Callee::File(index) => Role::Call(index),
            Callee::Stored(_) => Role::Stored,
            Callee::Host(index) => Role::Host(index),
            Callee::Builtin => Role::Builtin,
            Callee::Method => Role::Method,
            _ => Role::Unknown,
        }
    }

    /// Adds the names that stand where the text could not be read, by their neighbours.
    fn unread(&mut self) {
        let document = self.document;
        let known: HashSet<u32> = self.names.all.iter().map(|name| name.span.start).collect();
        let inside_known = |names: &Names, at: u32| names.at(at).is_some_and(|name| at < name.span.end);
        let mut found = Vec::new();
        for (span, class) in classify(document.text()) {
            if known.contains(&span.start) || inside_known(&self.names, span.start) {
                continue;
            }
            let at = document.tokens_before(span.start);
            if document.tokens.get(at).is_none_or(|token| token.kind != TokenKind::Ident) {
                continue;
            }
            self.scope = document.scope_at(span.start);
            let after_dot = at.checked_sub(1).and_then(|before| document.op(before)) == Some(Op::Dot);
            let role = match class {
                TokenClass::Variable if after_dot => Role::Member,
                TokenClass::Variable => {
                    Role::Variable { writes: document.op(at + 1).is_some_and(Op::is_assignment) }
                }
                TokenClass::Function => self.role_of_call(&[document.slice(span)]),
                TokenClass::Method => match self.role_of_call(&path_to(document, at)) {
                    Role::Unknown => Role::Method,
                    role => role,
                },
                TokenClass::Key => Role::Key,
                _ => continue,
            };
            if role == (Role::Variable { writes: true }) {
                self.names.variables[self.scope].insert(document.slice(span).to_owned());
            }
            found.push(Name { span, role, scope: self.scope });
        }
        self.names.all.append(&mut found);
        self.names.all.sort_by_key(|name| name.span.start);
    }
}

/// The dotted name that ends at a token.
pub(super) fn path_to(document: &Document, at: usize) -> Vec<&str> {
    let mut path: Vec<&str> = document.word(at).into_iter().collect();
    let mut at = at;
    while at >= 2
        && document.op(at - 1) == Some(Op::Dot)
        && let Some(word) = document.word(at - 2)
    {
        path.push(word);
        at -= 2;
    }
    path.reverse();
    path
}

#[cfg(test)]
mod tests {
    use super::super::marked::document;
    use super::*;

    fn roles(text: &str) -> Vec<(String, Role)> {
        let document = document(text);
        let names = document.names();
        names.all().iter().map(|name| (document.slice(name.span).to_owned(), name.role)).collect()
    }

    #[test]
    fn names_of_a_sound_script_have_their_roles() {
        let text = "string a.f(int n) { return n.toString() + zoho.currentdate; }\n\
                    m = invokeurl [ url: u ]; x = f(1); x = thisapp.f(trim(m));";
        let found = roles(text);
        let role = |name: &str, nth: usize| {
            found.iter().filter(|(text, _)| text == name).nth(nth).map(|(_, role)| *role)
        };
        assert_eq!(role("string", 0), Some(Role::Type));
        assert_eq!(role("a", 0), Some(Role::Namespace));
        assert_eq!(role("f", 0), Some(Role::Declaration(0)));
        assert_eq!(role("n", 0), Some(Role::Parameter));
        assert_eq!(role("n", 1), Some(Role::Variable { writes: false }));
        assert_eq!(role("toString", 0), Some(Role::Method));
        assert!(matches!(role("zoho", 0), Some(Role::Host(_))));
        assert_eq!(role("m", 0), Some(Role::Variable { writes: true }));
        assert_eq!(role("url", 0), Some(Role::Key));
        assert_eq!(role("f", 1), Some(Role::Call(0)));
        assert_eq!(role("thisapp", 0), Some(Role::Namespace));
        assert_eq!(role("f", 2), Some(Role::Call(0)));
        assert_eq!(role("trim", 0), Some(Role::Builtin));
    }

    #[test]
    fn names_in_what_cannot_be_read_are_found_by_their_neighbours() {
        let found = roles("x = 1;\ny = foo(x, ;\nz = x +");
        let variables: Vec<_> =
            found.iter().filter(|(_, r)| r.is_variable()).map(|(t, _)| t.as_str()).collect();
        assert_eq!(variables, ["x", "y", "x", "z", "x"]);
    }
}
