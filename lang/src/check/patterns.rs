//! Regular expressions that are none: the replacing methods take such a text literally, as scripts
//! that write `replaceAll("(", "")` expect, but their author should know.

use super::Checker;
use crate::codes;
use crate::diagnostic::Diagnostic;
use crate::stdlib;
use crate::syntax::ast::{Arg, ExprKind, Ident};

const REPLACING: [&str; 4] = ["replaceAll", "replaceAllIgnoreCase", "replaceFirst", "replaceFirstIgnoreCase"];

impl Checker<'_> {
    /// Warns about `x.replaceAll("(", "")`, not about `x.replaceAll("(", "", true)`.
    pub(super) fn literal_pattern(&mut self, name: &Ident, args: &[Arg]) {
        let [pattern, _] = args else { return };
        if !REPLACING.iter().any(|method| name.is(method)) {
            return;
        }
        let ExprKind::Text { value, .. } = &pattern.value.kind else { return };
        let Some(reason) = stdlib::pattern_fault(value) else { return };
        self.report(
            Diagnostic::warning(
                codes::LITERAL_PATTERN,
                pattern.value.span,
                format!("this is no regular expression and is taken literally: {reason}"),
            )
            .label("read as a regular expression")
            .help(format!("say that it is meant literally: `{}(…, …, true)`", name.text)),
        );
    }
}
