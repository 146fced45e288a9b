//! `sluis check FILE…`: what is wrong with scripts, without running them.

use super::run::read_source;
use crate::args::Global;
use crate::outcome::{Exit, Outcome, Problem};
use crate::{local_engine, runtime, terminal};
use clap::{Args, ValueEnum};
use serde_json::{Value, json};
use sluis_lang::catalog::Catalog;
use sluis_lang::check::{Dialect, Environment};
use sluis_lang::diagnostic::{Diagnostic, Label};
use sluis_lang::render;
use sluis_lang::source::{LineIndex, Span};
use sluis_lang::vm::Limits;
use std::path::PathBuf;

/// Arguments of `sluis check`.
#[derive(Debug, Args)]
#[command(after_help = "\
Connector ids are checked as well if there is a store. Exit code 2 if a script has errors.

Examples:
  sluis check hello.dg functions.dg
  sluis check hello.dg --format json --dialect crm")]
pub struct CheckArgs {
    /// The scripts; `-` reads standard input
    #[arg(value_name = "FILE", required = true)]
    files: Vec<PathBuf>,
    /// For a person, or one JSON array for a tool
    #[arg(long, value_enum, default_value = "human")]
    format: Format,
    /// Which dialect to warn about
    #[arg(long, value_enum, default_value = "sluis")]
    dialect: DialectName,
    /// A variable that the top-level statements are given; may be repeated
    #[arg(long = "var", value_name = "NAME")]
    variables: Vec<String>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Format {
    /// Drawn, with colours in a terminal
    Human,
    /// `[{"file": …, "diagnostics": […]}]`
    Json,
}

/// Dialects by their names on the command line.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum DialectName {
    /// What this runtime runs
    Sluis,
    /// What scripts in Zoho CRM may use
    Crm,
}

impl From<DialectName> for Dialect {
    fn from(name: DialectName) -> Dialect {
        match name {
            DialectName::Sluis => Dialect::Sluis,
            DialectName::Crm => Dialect::Crm,
        }
    }
}

/// Runs the verb.
pub fn run(global: &Global, args: &CheckArgs) -> Outcome {
    let environment = Environment {
        variables: args.variables.clone(),
        catalog: known_connectors(global),
        dialect: args.dialect.into(),
        ..Environment::default()
    };
    let mut errors = 0;
    let mut reports = Vec::new();
    for file in &args.files {
        let source = read_source(file)?;
        let name = file.display().to_string();
        let diagnostics = sluis_lang::build(&source, &environment).diagnostics;
        errors += diagnostics.iter().filter(|diagnostic| diagnostic.is_error()).count();
        match args.format {
            Format::Human if diagnostics.is_empty() => {}
            Format::Human => {
                terminal::err(render::render(&name, &source, &diagnostics, terminal::colored_errors()));
            }
            Format::Json => {
                reports.push(json!({"file": name, "diagnostics": as_json(&source, &diagnostics)}))
            }
        }
    }
    match args.format {
        Format::Json => terminal::out(Value::Array(reports).to_string()),
        Format::Human if errors > 0 => {
            let s = if errors == 1 { "" } else { "s" };
            terminal::err(format!("sluis: {errors} error{s}\n"));
        }
        Format::Human => {}
    }
    Ok(if errors > 0 { Exit::Refused } else { Exit::Done })
}

/// The connectors of the store, if there is one that can be opened: a check needs no store.
fn known_connectors(global: &Global) -> Option<Catalog> {
    if !local_engine::store_exists(global) {
        return None;
    }
    let known = local_engine::build(global, Limits::local()).and_then(|engine| {
        runtime::on_this_thread(async {
            let known = engine.catalog().await;
            engine.close().await?;
            known.map_err(Problem::from)
        })
    });
    match known {
        Ok(known) => Some(known),
        Err(problem) => {
            terminal::note(format!("connector ids are not checked: {}", problem.message));
            None
        }
    }
}

fn as_json(source: &str, diagnostics: &[Diagnostic]) -> Value {
    let lines = LineIndex::new(source);
    let place = |span: Span| {
        let (line, column) = lines.line_column(source, span.start);
        let (end_line, end_column) = lines.line_column(source, span.end);
        json!({
            "start": span.start, "end": span.end,
            "line": line, "column": column, "end_line": end_line, "end_column": end_column,
        })
    };
    let label = |label: &Label| json!({"span": place(label.span), "message": label.message});
    let one = |diagnostic: &Diagnostic| {
        json!({
            "code": diagnostic.code, "severity": diagnostic.severity, "message": diagnostic.message,
            "span": place(diagnostic.span), "label": diagnostic.label,
            "labels": diagnostic.labels.iter().map(label).collect::<Vec<_>>(),
            "help": diagnostic.help, "note": diagnostic.note,
        })
    };
    diagnostics.iter().map(one).collect()
}
