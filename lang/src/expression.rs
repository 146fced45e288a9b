//! One expression of the language by itself: for definitions that say in a line what an answer means.
//!
//! It is what could stand behind `return`: values, operators, built-ins. It has no statements and asks
//! nothing of the outside, so the same values give the same result, in bounded time and memory.

use crate::check::visit::{self, Node};
use crate::check::{self, Environment};
use crate::codes;
use crate::compile::{self, op::Instr};
use crate::diagnostic::Diagnostic;
use crate::host::HOST_CALLS;
use crate::source::Span;
use crate::syntax;
use crate::syntax::ast::{Expr, ExprKind, StmtKind};
use crate::value::data::Data;
use crate::vm::{Entry, FaultReport, Limits, Program, Settings, Step, Vm};
use std::sync::Arc;

/// What stands before an expression to make it a script.
const BEFORE: &str = "return ";
/// What stands behind it; on a line of its own, because the last may be a comment.
const BEHIND: &str = "\n;";

/// An expression, compiled once.
#[derive(Debug, Clone)]
pub struct Expression {
    program: Arc<Program>,
    /// The variables by name, and whether the expression reads them.
    variables: Vec<(String, bool)>,
}

impl Expression {
    /// Compiles a text in which these variables may be read.
    ///
    /// # Errors
    /// What is wrong with it; the places are bytes of `text`.
    pub fn compile(text: &str, variables: &[&str]) -> Result<Self, Vec<Diagnostic>> {
        let script = format!("{BEFORE}{text}{BEHIND}");
        let (tree, mut found) = syntax::parse(&script);
        found.retain(Diagnostic::is_error);
        if !found.is_empty() {
            return Err(within(found, text));
        }
        let expr = sole(&tree).map_err(|diagnostic| within(vec![*diagnostic], text))?;
        let environment = Environment {
            variables: variables.iter().map(|name| (*name).to_owned()).collect(),
            thorough: true,
            ..Environment::default()
        };
        found.extend(check::check(&tree, &environment).into_iter().filter(Diagnostic::is_error));
        if !found.is_empty() {
            return Err(within(found, text));
        }
        let program = compile::compile(&script, &tree, &environment.variables, &[])
            .map_err(|diagnostics| within(diagnostics, text))?;
        let asking = asking(&program);
        if !asking.is_empty() {
            return Err(within(asking, text));
        }
        let mut variables: Vec<(String, bool)> =
            environment.variables.into_iter().map(|name| (name, false)).collect();
        visit::expr(expr, &mut |node| {
            if let Node::Expr(Expr { kind: ExprKind::Var(name), .. }) = node {
                let read = variables.iter_mut().find(|(known, _)| *known == name.text);
                read.into_iter().for_each(|(_, is_read)| *is_read = true);
            }
        });
        Ok(Self { program: Arc::new(program), variables })
    }

    /// Whether it reads a variable. One that it does not read need not be given.
    pub fn reads(&self, variable: &str) -> bool {
        self.variables.iter().any(|(name, is_read)| *is_read && name == variable)
    }

    /// Its value. Variables that are not given are null.
    ///
    /// # Errors
    /// The fault of the expression, or the limit that it reached; the place is in the text that was
    /// compiled.
    pub fn evaluate(
        &self,
        mut values: Vec<(String, Data)>,
        limits: Limits,
    ) -> Result<Data, Box<FaultReport>> {
        values.retain(|(name, _)| self.variables.iter().any(|(known, _)| known == name));
        for (name, _) in &self.variables {
            if !values.iter().any(|(given, _)| given == name) {
                values.push((name.clone(), Data::Null));
            }
        }
        let mut vm = Vm::new(self.program.clone(), Entry::Body, values, limits, Settings::default())
            .map_err(|error| Box::new(ended(codes::TOO_NESTED, error.to_string())))?;
        let end = vm.step(limits.fuel);
        // A built-in may use more than was left, and no loop turns here to notice it.
        if vm.fuel_used() > limits.fuel {
            let text = format!("the expression used up its {} units of fuel", limits.fuel);
            return Err(Box::new(ended(codes::OUT_OF_FUEL, text)));
        }
        match end {
            Step::Done(value) => Ok(value),
            Step::Fault(report) => Err(Box::new(moved(report))),
            // Neither can be: there are no host calls in it, and all of its fuel was given at once.
            Step::OutOfFuel | Step::Host(_) => {
                Err(Box::new(ended(codes::CANCELLED, "the expression did not come to an end".to_owned())))
            }
        }
    }
}

/// The expression, if the text is one and nothing else.
fn sole(tree: &syntax::ast::Program) -> Result<&Expr, Box<Diagnostic>> {
    let refuse = |span: Span, message: &str| {
        let help = "write what could stand behind `return`, without a semicolon";
        Err(Box::new(Diagnostic::error(codes::UNEXPECTED, span, message).help(help)))
    };
    if let Some(function) = tree.functions.first() {
        return refuse(function.span, "an expression declares no functions");
    }
    match tree.body.as_slice() {
        [stmt] => match &stmt.kind {
            StmtKind::Return(Some(expr)) => Ok(expr),
            _ => refuse(stmt.span, "an expression is missing"),
        },
        [_, second, ..] => refuse(second.span, "here is one expression; no further statement may follow"),
        [] => refuse(Span::default(), "an expression is missing"),
    }
}

/// The host calls in it, as mistakes.
fn asking(program: &Program) -> Vec<Diagnostic> {
    let mut found = Vec::new();
    for function in program.functions() {
        for (instr, span) in function.code.iter().zip(&function.spans) {
            let Instr::Host { call, .. } = instr else { continue };
            let name = HOST_CALLS.get(usize::from(*call)).map_or("this", |call| call.name);
            let message = format!("`{name}` asks the outside, which an expression cannot");
            let help = "it may use the variables it is given, operators and built-ins";
            found.push(Diagnostic::error(codes::UNKNOWN_FUNCTION, *span, message).help(help));
        }
    }
    found
}

/// Diagnostics of the script as those of the expression in it.
fn within(mut diagnostics: Vec<Diagnostic>, text: &str) -> Vec<Diagnostic> {
    for diagnostic in &mut diagnostics {
        diagnostic.span = place(diagnostic.span, text);
        diagnostic.labels.iter_mut().for_each(|label| label.span = place(label.span, text));
        // They change the script around the expression as well.
        diagnostic.fixes.clear();
    }
    diagnostics.sort_by_key(|diagnostic| diagnostic.span.start);
    diagnostics
}

fn place(span: Span, text: &str) -> Span {
    let end_of_text = u32::try_from(text.len()).unwrap_or(u32::MAX);
    let moved = |at: u32| at.saturating_sub(BEFORE.len() as u32).min(end_of_text);
    Span::new(moved(span.start), moved(span.end))
}

fn moved(mut report: FaultReport) -> FaultReport {
    if report.line == 1 {
        report.column = report.column.saturating_sub(BEFORE.len() as u32).max(1);
    }
    let before = BEFORE.len() as u32;
    report.span = Span::new(report.span.start.saturating_sub(before), report.span.end.saturating_sub(before));
    report
}

/// An end that is about the expression as a whole.
fn ended(code: codes::Code, message: String) -> FaultReport {
    FaultReport {
        code,
        message,
        help: None,
        span: Span::default(),
        line: 1,
        column: 1,
        reason: None,
        thrown: None,
        trace: Vec::new(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const VARIABLES: &[&str] = &["status", "body"];

    fn value(text: &str, body: &str) -> Result<Data, Box<FaultReport>> {
        let expression = Expression::compile(text, VARIABLES).unwrap();
        let values = vec![("body".to_owned(), Data::from_json(body).unwrap())];
        expression.evaluate(values, Limits::server())
    }

    fn refusal(text: &str) -> Diagnostic {
        Expression::compile(text, VARIABLES).unwrap_err().remove(0)
    }

    #[test]
    fn an_expression_reads_what_it_is_given() {
        assert_eq!(value("body.get(\"ok\") == false", r#"{"ok":false}"#).unwrap(), Data::Bool(true));
        let picked = value("{\"id\": body.get(\"a\").get(0)} // the first", r#"{"a":[7]}"#).unwrap();
        assert_eq!(picked.to_json(), r#"{"id":7}"#);
        let expression = Expression::compile("body", VARIABLES).unwrap();
        assert!(expression.reads("body") && !expression.reads("status"));
        assert_eq!(expression.evaluate(vec![], Limits::server()).unwrap(), Data::Null);
    }

    #[test]
    fn nothing_but_an_expression_is_one() {
        assert!(refusal("1; x = 2").message.contains("no further statement"));
        assert!(!refusal("").message.is_empty());
        assert!(!refusal("1 }").message.is_empty());
        assert!(!refusal("x = 2").message.is_empty());
    }

    #[test]
    fn what_is_wrong_stands_at_its_place_in_the_text() {
        let unknown = refusal("status + bdy");
        assert_eq!((unknown.code, unknown.span), (codes::UNDEFINED_VARIABLE, Span::new(9, 12)));
        let asks = refusal("status == getUrl(\"https://x\")");
        assert!(asks.message.contains("asks the outside"), "{}", asks.message);
        assert_eq!(asks.span.start, 10);
    }

    #[test]
    fn a_fault_tells_its_place_and_an_endless_one_its_limit() {
        let report = value("1 + body.get(\"a\").get(\"b\")", "{}").unwrap_err();
        assert!(report.column >= 5 && report.column < 20, "{}", report.column);
        let limits = Limits { fuel: 1_000, ..Limits::server() };
        let long = Expression::compile("\"x\".repeat(100000).length()", VARIABLES).unwrap();
        assert!(long.evaluate(vec![], limits).unwrap_err().is_halt());
    }
}
