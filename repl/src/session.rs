//! What stays between inputs — variables, functions, the last request — and running one input.

use crate::Consent;
use crate::Options;
use crate::functions::{Functions, Origin};
use crate::output;
use crate::show;
use sluis_engine::{Engine, RunObserver, SessionRun, SessionStep};
use sluis_lang::check::{self, Environment};
use sluis_lang::compile;
use sluis_lang::diagnostic::Diagnostic;
use sluis_lang::render;
use sluis_lang::syntax::ast::{Expr, ExprKind, Program, StmtKind};
use sluis_lang::syntax::{ParseOptions, parse_with};
use sluis_lang::value::data::Data;
use sluis_lang::vm::{FaultReport, Session as Kept};
use sluis_model::error::Failure;
use sluis_model::run::CallRecord;
use std::io::IsTerminal as _;
use std::sync::Arc;

/// The state of a prompt.
pub struct Session {
    /// What everything is asked of.
    pub engine: Engine,
    /// What the caller chose.
    pub options: Options,
    /// The last request, secrets starred.
    pub wire: Option<String>,
    kept: Kept,
    functions: Functions,
    number: usize,
}

/// What the value of an input is shown for.
enum Shown {
    /// The input does not end with an expression.
    Nothing,
    /// It ends with a call, whose `null` says nothing.
    Call,
    /// It ends with another expression.
    Value,
}

impl Session {
    /// An empty one.
    pub fn new(engine: Engine, options: Options) -> Self {
        Self {
            engine,
            options,
            wire: None,
            kept: Kept::default(),
            functions: Functions::default(),
            number: 1,
        }
    }

    /// Number of the next input.
    pub fn number(&self) -> usize {
        self.number
    }

    /// Variables with their values, in the order of their first appearance.
    pub fn variables(&self) -> Vec<(String, Data)> {
        self.kept.variables()
    }

    /// Names of the variables.
    pub fn variable_names(&self) -> Vec<String> {
        self.kept.names()
    }

    /// Names of the declared functions.
    pub fn function_names(&self) -> Vec<String> {
        self.functions.names().map(str::to_owned).collect()
    }

    /// Forgets variables and functions.
    pub fn reset(&mut self) {
        self.kept = Kept::default();
        self.functions = Functions::default();
    }

    /// Runs what was typed.
    pub async fn run_typed(&mut self, text: &str, consent: &dyn Consent) {
        let name = format!("repl:{}", self.number);
        self.number += 1;
        self.run_text(Origin { name, text: text.to_owned() }, consent).await;
    }

    /// Runs a text; everything that comes of it is printed.
    pub async fn run_text(&mut self, input: Origin, consent: &dyn Consent) {
        let Some((program, functions, start, shown)) = self.compile(&input) else { return };
        self.functions = functions;
        let kept = std::mem::take(&mut self.kept);
        let mut run = self.engine.begin_in_session(
            &self.options.org,
            self.options.user.clone(),
            &input.name,
            program,
            kept,
        );
        let ended = self.drive(&mut run, consent).await;
        self.kept = run.into_session();
        match ended {
            Ok(Ended::Value(value)) => print_value(&shown, &value),
            Ok(Ended::Fault(report)) => self.draw(vec![report.to_diagnostic()], &input, start),
            Ok(Ended::Stopped) => output::problem("stopped; what was assigned before stays", None),
            Err(failure) => output::problem(&failure.message, failure.help.as_deref()),
        }
    }

    fn compile(&mut self, input: &Origin) -> Option<(Arc<sluis_lang::vm::Program>, Functions, u32, Shown)> {
        let declared = parse_with(&input.text, PROMPT).0.functions;
        let names: Vec<String> = declared.iter().map(|function| function.full_name()).collect();
        let known = self.functions.without(&names);
        let (text, start) = known.before(&input.text);
        let (mut tree, mut diagnostics) = parse_with(&text, PROMPT);
        let shown = answer_with_last_expression(&mut tree, start);
        let environment = Environment { variables: self.kept.names(), ..Environment::default() };
        diagnostics.extend(check::check(&tree, &environment));
        let program = if diagnostics.iter().any(Diagnostic::is_error) {
            None
        } else {
            match compile::compile(&text, &tree, &environment.variables, &[]) {
                Ok(program) => Some(Arc::new(program)),
                Err(more) => {
                    diagnostics.extend(more);
                    None
                }
            }
        };
        // What was said of a function when it was declared is not said again.
        diagnostics.retain(|diagnostic| diagnostic.is_error() || diagnostic.span.start >= start);
        let before = std::mem::replace(&mut self.functions, known.clone());
        self.draw(diagnostics, input, start);
        self.functions = before;
        let program = program?;
        let mut functions = known;
        functions.add(&declared, input);
        Some((program, functions, start, shown))
    }

    /// Draws diagnostics of the joined text, each over the input it is about.
    fn draw(&self, diagnostics: Vec<Diagnostic>, input: &Origin, start: u32) {
        for diagnostic in diagnostics {
            let (origin, diagnostic) = self.functions.lead_back(diagnostic, input, start);
            let drawn =
                render::render(&origin.name, &origin.text, &[diagnostic], self.options.colored_errors);
            output::drawing(&drawn);
        }
    }

    async fn drive(&mut self, run: &mut SessionRun, consent: &dyn Consent) -> Result<Ended, Failure> {
        loop {
            let mut watch = Watch { wire: &mut self.wire };
            let step = tokio::select! {
                step = self.engine.go_on_in_session(run, &mut watch) => Some(step),
                () = interrupted() => None,
            };
            match step {
                None => return Ok(Ended::Stopped),
                Some(SessionStep::Done(value)) => return Ok(Ended::Value(value)),
                Some(SessionStep::Fault(fault)) => return Ok(Ended::Fault(fault)),
                Some(SessionStep::Waiting { grant, authorize_url }) => {
                    let waited = tokio::select! {
                        waited = consent.wait(&grant.id, &authorize_url) => waited,
                        () = interrupted() => return Ok(Ended::Stopped),
                    };
                    if let Err(why) = waited {
                        output::problem(&why, None);
                        return Ok(Ended::Stopped);
                    }
                    self.engine.decide_in_session(run, &grant.id).await?;
                }
            }
        }
    }
}

/// The last statement at a prompt needs no semicolon.
const PROMPT: ParseOptions = ParseOptions { last_semicolon_optional: true };

enum Ended {
    Value(Data),
    Fault(FaultReport),
    Stopped,
}

/// Ctrl-C, where there is a terminal to press it in.
async fn interrupted() {
    let heard = std::io::stdin().is_terminal() && tokio::signal::ctrl_c().await.is_ok();
    if !heard {
        std::future::pending::<()>().await;
    }
}

/// Makes an expression at the end of the input its answer.
fn answer_with_last_expression(tree: &mut Program, start: u32) -> Shown {
    let Some(last) = tree.body.last_mut().filter(|stmt| stmt.span.start >= start) else {
        return Shown::Nothing;
    };
    let StmtKind::Expr(expr) = &last.kind else { return Shown::Nothing };
    let shown = if is_call(expr) { Shown::Call } else { Shown::Value };
    last.kind = StmtKind::Return(Some(expr.clone()));
    shown
}

fn is_call(expr: &Expr) -> bool {
    matches!(expr.kind, ExprKind::Call { .. } | ExprKind::MethodCall { .. })
}

fn print_value(shown: &Shown, value: &Data) {
    match (shown, value) {
        (Shown::Nothing, _) | (Shown::Call, Data::Null) => {}
        _ => output::out(show::value(value)),
    }
}

struct Watch<'a> {
    wire: &'a mut Option<String>,
}

impl RunObserver for Watch<'_> {
    fn info(&mut self, line: &str) {
        output::out(line);
    }

    fn call(&mut self, record: &CallRecord, wire: &str) {
        *self.wire = Some(wire.to_owned());
        if let Some(note) = &record.note {
            output::problem(note, None);
        }
    }
}
