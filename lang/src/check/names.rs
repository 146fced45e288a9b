//! Names that are read: variables, system variables, members.

use super::Checker;
use crate::codes;
use crate::diagnostic::Diagnostic;
use crate::host::HOST_CALLS;
use crate::resolve;
use crate::stdlib;
use crate::suggest::{closest, did_you_mean};
use crate::syntax::ast::{Expr, ExprKind, Ident};

/// System variables of other platforms, and what stands in for them.
pub(super) const ELSEWHERE: &[&str] = &[
    "zoho.appname",
    "zoho.appuri",
    "zoho.ipaddress",
    "zoho.device",
    "zoho.authtoken",
    "zoho.appvariable",
    "thisapp.variables",
];

impl<'a> Checker<'a> {
    /// A variable is read.
    pub(super) fn read(&mut self, name: &'a Ident) {
        let is_variable = |name: &str| self.scope.is_variable(name);
        if self.scope.may_have_value(&name.text)
            || resolve::resolve_system_variable(&[&name.text], is_variable).is_some()
            || !self.scope.complain(&name.text)
        {
            return;
        }
        let diagnostic = match self.scope.first_assignment(&name.text) {
            Some(later) => {
                let message = format!("`{}` has no value here", name.text);
                let says = if later.start > name.span.start {
                    "gets its value only here"
                } else {
                    "gets its value here, on a way that does not lead on"
                };
                Diagnostic::error(codes::UNDEFINED_VARIABLE, name.span, message)
                    .label("read before it gets a value")
                    .also(later, says)
                    .help("give it a value first, e.g. `null`, `\"\"` or `Map()`")
            }
            None => Diagnostic::error(
                codes::UNDEFINED_VARIABLE,
                name.span,
                format!("there is no variable `{}`", name.text),
            )
            .label("never gets a value")
            .help(self.help_for_unknown(name))
            .meant(self.variable_near(&name.text), name.span),
        };
        self.report(diagnostic);
    }

    /// The variable that differs in case alone, or else the nearest.
    fn variable_near(&self, text: &str) -> Option<&'a str> {
        let same = self.scope.names().find(|other| other.eq_ignore_ascii_case(text));
        same.or_else(|| {
            let is_word =
                ["undefined", "none", "nil", "zoho"].iter().any(|word| text.eq_ignore_ascii_case(word));
            if is_word { None } else { closest(text, self.scope.names()) }
        })
    }

    fn help_for_unknown(&self, name: &Ident) -> String {
        let text = name.text.as_str();
        if let Some(other) = self.scope.names().find(|other| other.eq_ignore_ascii_case(text)) {
            return format!("did you mean `{other}`? Names of variables are compared with their case");
        }
        if let Some(function) =
            self.program.functions.iter().find(|f| f.name.last().is_some_and(|n| n.text == text))
        {
            return format!("`{text}` is a function: call it with `{}(…)`", function.full_name());
        }
        match text.to_ascii_lowercase().as_str() {
            "undefined" | "none" | "nil" => return "write `null`".to_string(),
            "zoho" => return "after `zoho` follows a dot: `zoho.currentdate`".to_string(),
            _ => {}
        }
        if let Some(builtin) = stdlib::find(text).find(|builtin| builtin.on.is_empty()) {
            return format!("`{0}` is a function: call it with `{0}()`", builtin.name);
        }
        match self.variable_near(text) {
            Some(other) => format!("did you mean `{other}`?"),
            None => "give it a value first, or put it in double quotes if it is a text".to_string(),
        }
    }

    /// A key of a map literal: names are often written there without quotes.
    pub(super) fn map_key(&mut self, key: &'a Expr) {
        match &key.kind {
            ExprKind::Var(name) if !self.scope.is_variable(&name.text) => {
                if self.scope.complain(&name.text) {
                    self.report(
                        Diagnostic::error(
                            codes::UNDEFINED_VARIABLE,
                            name.span,
                            format!("there is no variable `{}`", name.text),
                        )
                        .label("read as a variable")
                        .help(format!("if this is the key itself, put it in quotes: `\"{}\"`", name.text)),
                    );
                }
            }
            _ => self.expr(key),
        }
    }

    /// `object.name` without a call.
    pub(super) fn member(&mut self, node: &'a Expr, object: &'a Expr, name: &'a Ident) {
        if !self.is_outer_name(node) {
            if name.is("length") {
                self.report(
                    Diagnostic::error(codes::UNKNOWN_METHOD, name.span, "the length is not a property")
                        .label("needs brackets")
                        .help("write `.length()` for a text, `.size()` for a list or map"),
                );
            }
            return;
        }
        let Some(path) = resolve::dotted(node) else { return };
        let parts: Vec<&str> = path.iter().map(|part| part.text.as_str()).collect();
        let known = |len: usize| resolve::resolve_system_variable(&parts[..len], |_| false).is_some();
        if (1..=parts.len()).any(known) {
            return;
        }
        if path[0].is("zoho") || path[0].is("thisapp") {
            return self.unknown_system_variable(node, &parts.join("."));
        }
        match &object.kind {
            ExprKind::Var(first) => self.read(first),
            _ => self.read(path[0]),
        }
    }

    pub(super) fn unknown_system_variable(&mut self, node: &Expr, name: &str) {
        let all =
            || HOST_CALLS.iter().filter(|call| call.variable).flat_map(|call| call.spellings.iter().copied());
        let elsewhere = ELSEWHERE.iter().any(|other| name.to_ascii_lowercase().starts_with(other));
        let help = match closest(name, all()) {
            _ if elsewhere => {
                "it exists on other platforms only; pass the value as an input of the script".to_string()
            }
            found => did_you_mean(found, all().filter(|known| known.starts_with("zoho."))),
        };
        self.report(
            Diagnostic::error(
                codes::UNKNOWN_SYSTEM_VARIABLE,
                node.span,
                format!("there is no system variable `{name}`"),
            )
            .label("not known here")
            .help(help),
        );
    }
}
