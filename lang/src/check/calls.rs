//! Calls: what the name means, and whether the number of arguments fits.

use super::Checker;
use super::builtins::{Fit, Form, fit};
use super::{connectors, gathered, hints};
use crate::codes;
use crate::diagnostic::Diagnostic;
use crate::host::HOST_CALLS;
use crate::resolve::{self, Callee};
use crate::source::Span;
use crate::stdlib;
use crate::suggest::closest;
use crate::syntax::ast::{Arg, Expr, ExprKind, Ident};

impl<'a> Checker<'a> {
    /// `name(args)`
    pub(super) fn call(&mut self, node: &'a Expr, name: &'a Ident, args: &'a [Arg]) {
        self.args(args);
        let callee = self.resolve(&[&name.text]);
        if name.is("if")
            && let Some(cond) = args.first()
        {
            self.known_condition(&cond.value);
        }
        self.called(&callee, node, name, &name.text, args);
    }

    /// `object.name(args)`; the object is already walked through if it is a value.
    pub(super) fn method_call(&mut self, node: &'a Expr, object: &'a Expr, name: &'a Ident, args: &'a [Arg]) {
        self.args(args);
        if !self.is_outer_name(object) {
            return self.method(node, name, args);
        }
        let Some(mut path) = resolve::dotted(object) else { return };
        path.push(name);
        let parts: Vec<&str> = path.iter().map(|part| part.text.as_str()).collect();
        let callee = self.resolve(&parts);
        let full = parts.join(".");
        match callee {
            Callee::Method => self.method(node, name, args),
            Callee::Unknown | Callee::Task if self.is_value_name(&path, &full) => {
                self.value_name(object, path[0]);
                self.method(node, name, args);
            }
            _ => self.called(&callee, node, name, &full, args),
        }
    }

    /// Whether `a.b.f()` looks like a method of a misspelt or unset variable `a`, rather than like
    /// an unknown function.
    fn is_value_name(&self, path: &[&Ident], full: &str) -> bool {
        let method =
            path.last().is_some_and(|name| stdlib::find(&name.text).any(|builtin| !builtin.on.is_empty()));
        method && hints::foreign(full).is_none() && !path[0].is("zoho")
    }

    fn value_name(&mut self, object: &'a Expr, first: &'a Ident) {
        match &object.kind {
            ExprKind::Member { object: inner, name } => self.member(object, inner, name),
            _ => self.read(first),
        }
    }

    fn resolve(&self, path: &[&str]) -> Callee {
        resolve::resolve_call(self.program, path, |name| self.scope.is_variable(name), &self.env.functions)
    }

    fn args(&mut self, args: &'a [Arg]) {
        for arg in args {
            if let Some(key) = &arg.key {
                self.expr(key);
            }
            self.expr(&arg.value);
        }
    }

    fn called(&mut self, callee: &Callee, node: &'a Expr, name: &'a Ident, full: &str, args: &'a [Arg]) {
        match callee {
            Callee::File(index) => {
                let function = &self.program.functions[*index];
                let wanted = function.params.len();
                if wanted != args.len() {
                    let params: Vec<&str> =
                        function.params.iter().map(|param| param.name.text.as_str()).collect();
                    let written = format!("`{}({})`", function.full_name(), params.join(", "));
                    let place = function.name.last().map(|name| name.span);
                    self.wrong_count(node, full, args, &written, place);
                }
            }
            Callee::Host(index) => {
                let call = &HOST_CALLS[*index];
                if !(call.required..=call.params.len()).contains(&args.len()) {
                    let written = format!("`{}`", crate::manual::host_signature(call));
                    self.wrong_count(node, full, args, &written, None);
                }
                self.task_as_call(call.name, node, args);
                connectors::host_call(self, call.name, args);
            }
            Callee::Builtin if gathered::arguments(self, name, args, usize::from(!name.is("collection"))) => {
            }
            Callee::Builtin => match fit(full, Form::Free, args.len()) {
                Fit::WrongCount(written) => self.wrong_count(node, full, args, &written, None),
                Fit::Fits | Fit::Unknown => {
                    self.no_keys(args);
                    self.date_function(name, args);
                }
            },
            Callee::Task => self.integration_task(node, name, full, args),
            Callee::Unknown => self.unknown_function(node, name, full),
            Callee::Stored(_) | Callee::Method => {}
        }
    }

    fn method(&mut self, node: &'a Expr, name: &'a Ident, args: &'a [Arg]) {
        if name.is("insert") && !args.is_empty() && gathered::arguments(self, name, args, 0) {
            return;
        }
        match fit(&name.text, Form::Method, args.len()) {
            Fit::Fits => {
                self.no_keys(args);
                self.literal_pattern(node, name, args);
                self.date_method(name, args);
                self.put_secret(name, args);
            }
            Fit::WrongCount(written) => self.wrong_count(node, &name.text, args, &written, None),
            Fit::Unknown if self.is_not_yet(name.span, &name.text) => {}
            Fit::Unknown => {
                let names =
                    || stdlib::TABLES.iter().copied().flatten().filter(|b| !b.on.is_empty()).map(|b| b.name);
                let free = resolve::LAZY.iter().any(|(lazy, _)| name.is(lazy));
                let hint = hints::foreign(&name.text);
                let near = if free || hint.is_some() { None } else { closest(&name.text, names()) };
                let help = match (hint, near) {
                    _ if free => format!("write it in front: `{}(x, …)`", name.text),
                    (Some(hint), _) => hint,
                    (None, Some(found)) => format!("did you mean `{found}`?"),
                    (None, None) => "look it up in the reference of built-in functions".to_string(),
                };
                let diagnostic = Diagnostic::error(
                    codes::UNKNOWN_METHOD,
                    name.span,
                    format!("there is no method `{}`", name.text),
                );
                self.report(diagnostic.label("no kind of value has it").help(help).meant(near, name.span));
            }
        }
    }

    /// Keys stand only in `Collection(…)` and `insert(…)`.
    fn no_keys(&mut self, args: &'a [Arg]) {
        if let Some(key) = args.iter().find_map(|arg| arg.key.as_ref()) {
            self.report(
                Diagnostic::error(codes::WRONG_ARGUMENT_COUNT, key.span, "arguments have no keys here")
                    .label("remove the key")
                    .help("to pass several named values, pass a map: `{\"key\": value}`"),
            );
        }
    }

    fn wrong_count(&mut self, node: &Expr, full: &str, args: &[Arg], written: &str, declared: Option<Span>) {
        let given = match args.len() {
            0 => "no arguments".to_string(),
            1 => "1 argument".to_string(),
            n => format!("{n} arguments"),
        };
        let mut diagnostic = Diagnostic::error(
            codes::WRONG_ARGUMENT_COUNT,
            node.span,
            format!("`{full}` does not take {given}"),
        )
        .label(format!("{given} given"))
        .help(format!("it is written {written}"));
        if let Some(span) = declared {
            diagnostic = diagnostic.also(span, "declared here");
        }
        self.report(diagnostic);
    }

    /// Reports what is known and does not run yet.
    fn is_not_yet(&mut self, at: Span, name: &str) -> bool {
        let Some(help) = hints::not_yet(name) else { return false };
        self.report(
            Diagnostic::error(codes::NOT_YET, at, format!("this version does not run `{name}` yet"))
                .label("known, but not there yet")
                .help(help),
        );
        true
    }

    pub(super) fn unknown_function(&mut self, node: &Expr, name: &Ident, full: &str) {
        if let Some(found) = near_host_call(full) {
            return self.report(
                Diagnostic::error(
                    codes::UNKNOWN_FUNCTION,
                    node.span,
                    format!("there is no function `{full}`"),
                )
                .label("not known here")
                .help(format!("did you mean `{found}`?")),
            );
        }
        if self.is_not_yet(node.span, full) {
            return;
        }
        let own: Vec<String> = self.program.functions.iter().map(|f| f.full_name()).collect();
        let mut known: Vec<&str> = Vec::new();
        known.extend(own.iter().chain(&self.env.functions).map(String::as_str));
        let host = HOST_CALLS.iter().filter(|call| !call.variable);
        known.extend(host.flat_map(|call| call.spellings.iter().map(|name| -> &str { name })));
        known.extend(stdlib::names().map(|name| -> &str { name }));
        let mut near = None;
        let help = if self.scope.is_variable(full) {
            format!("`{full}` is a variable; a variable cannot be called")
        } else if let Some(help) = hints::foreign(full) {
            help
        } else if let Some(found) = closest(full, known.into_iter()) {
            near = Some(found);
            format!("did you mean `{found}`?")
        } else {
            match own.len() {
                0 => "declare it in this file, or look it up in the reference of built-in functions"
                    .to_string(),
                1..=8 => format!("functions of this file: {}", own.join(", ")),
                count => format!("functions of this file: {} …", own[..8.min(count)].join(", ")),
            }
        };
        let place = if full.contains('.') { Span::new(node.span.start, name.span.end) } else { name.span };
        let diagnostic =
            Diagnostic::error(codes::UNKNOWN_FUNCTION, place, format!("there is no function `{full}`"))
                .label("not known here")
                .help(help)
                .meant(near, place);
        self.report(diagnostic);
    }
}

/// A dotted host call whose last name differs little from this one.
pub(super) fn near_host_call(full: &str) -> Option<&'static str> {
    let (prefix, last) = full.rsplit_once('.')?;
    let beside = || {
        let spellings = HOST_CALLS.iter().flat_map(|call| call.spellings.iter().copied());
        spellings
            .filter(|name| name.rsplit_once('.').is_some_and(|(other, _)| other.eq_ignore_ascii_case(prefix)))
    };
    let near = closest(last, beside().filter_map(|name| name.rsplit('.').next()))?;
    beside().find(|name| name.ends_with(near))
}
