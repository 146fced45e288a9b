//! Regular expressions that are none, or that hardly mean what they say. The replacing methods take
//! a text that is no regular expression literally, as scripts that write `replaceAll("(", "")`
//! expect, but their author should know.

use super::Checker;
use crate::codes;
use crate::diagnostic::{Diagnostic, Fix};
use crate::source::Span;
use crate::stdlib;
use crate::syntax::ast::{Arg, Expr, ExprKind, Ident};

const REPLACING: [&str; 4] = ["replaceAll", "replaceAllIgnoreCase", "replaceFirst", "replaceFirstIgnoreCase"];

impl Checker<'_> {
    /// Warns about `x.replaceAll("(", "")` and `x.replaceAll(".", "")`, not about
    /// `x.replaceAll("(", "", true)`.
    pub(super) fn literal_pattern(&mut self, node: &Expr, name: &Ident, args: &[Arg]) {
        let [pattern, _] = args else { return };
        if !REPLACING.iter().any(|method| name.is(method)) {
            return;
        }
        let ExprKind::Text { value, .. } = &pattern.value.kind else { return };
        let end = node.span.end.saturating_sub(1);
        let fix = |safe| Fix::replace("say that it is meant literally", Span::new(end, end), ", true", safe);
        let help = format!("say that it is meant literally: `{}(…, …, true)`", name.text);
        if let Some(reason) = stdlib::pattern_fault(value) {
            return self.report(
                Diagnostic::warning(
                    codes::LITERAL_PATTERN,
                    pattern.value.span,
                    format!("this is no regular expression and is taken literally: {reason}"),
                )
                .label("read as a regular expression")
                .help(help)
                .fix(fix(true)),
            );
        }
        let Some(means) = surprising(value).filter(|_| self.env.thorough) else { return };
        self.report(
            Diagnostic::warning(
                codes::REGEX_MEANT_LITERALLY,
                pattern.value.span,
                format!("as a regular expression, `{value}` {means}"),
            )
            .label("read as a regular expression")
            .help(help)
            .fix(fix(false)),
        );
    }
}

/// What a text that looks literal means as a regular expression.
fn surprising(pattern: &str) -> Option<&'static str> {
    match pattern {
        "." => Some("is any character: all of the text is replaced"),
        "|" => Some("is nothing or nothing: it matches between all characters"),
        "^" => Some("is the beginning of the text, not a sign in it"),
        "$" => Some("is the end of the text, not a sign in it"),
        _ if pattern.starts_with('$') && pattern[1..].starts_with(|c: char| c.is_alphanumeric()) => {
            Some("never matches: nothing stands behind the end of a text")
        }
        _ if !pattern.is_empty() && pattern.chars().all(|c| c == '.') => {
            Some("is that many characters, whatever they are")
        }
        _ => None,
    }
}
