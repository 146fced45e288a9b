//! What the functions of Zoho CRM refuse and this runtime takes.

use super::{Checker, Dialect};
use crate::codes;
use crate::diagnostic::Diagnostic;
use crate::source::Span;
use crate::syntax::ast::{Expr, Stmt};

impl<'a> Checker<'a> {
    /// `while`
    pub(super) fn dialect_while(&mut self, stmt: &'a Stmt, cond: &'a Expr) {
        if self.env.dialect == Dialect::Crm {
            let span = Span::new(stmt.span.start, cond.span.start.max(stmt.span.start + 1));
            self.report(
                Diagnostic::warning(codes::WHILE_DIALECT, span, "Zoho CRM does not know `while`")
                    .label("refused there")
                    .help("walk over a list of the needed length: `for each i in list { if(done) { break; } … }`"),
            );
        }
    }

    /// `throw`
    pub(super) fn dialect_throw(&mut self, stmt: &'a Stmt, value: &'a Expr) {
        if self.env.dialect == Dialect::Crm {
            let span = Span::new(stmt.span.start, value.span.start.max(stmt.span.start + 1));
            self.report(
                Diagnostic::warning(codes::DIALECT, span, "functions in Zoho CRM refuse `throw`")
                    .label("refused there")
                    .help("end the function with `return`, and tell the caller by what is returned"),
            );
        }
    }
}
