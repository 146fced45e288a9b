//! `sluis check FILE|DIR…`: what is wrong with scripts, without running them.

mod json;
mod mend;
mod sarif;

use super::run::{is_stdin, read_text};
use crate::args::Global;
use crate::local_engine::Known;
use crate::outcome::{Exit, Outcome, Problem};
use crate::{local_engine, script_files, terminal};
use clap::{Args, ValueEnum};
use sluis_lang::check::{Dialect, Environment};
use sluis_lang::diagnostic::Diagnostic;
use sluis_lang::{render, syntax};
use sluis_model::error::Reason;
use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

/// Arguments of `sluis check`.
#[derive(Debug, Args)]
#[command(after_help = "\
Of a folder, the `.dg` files in it and below are checked, but not those in hidden folders. Connector
calls are compared with the releases, and the functions that the organisation has stored are known, if
there is a store. `sluis explain CODE` tells more of a code.

Exit codes: 0 no errors; 2 a script has errors, or warnings with --deny-warnings; 3 a file cannot be read.

Examples:
  sluis check hello.dg functions/
  sluis check --fix --diff .
  sluis check . --format sarif > sluis.sarif
  cat hello.dg | sluis check - --format json --dialect crm")]
pub struct CheckArgs {
    /// Scripts, and folders of scripts; `-` reads standard input
    #[arg(value_name = "FILE|DIR", required = true)]
    files: Vec<PathBuf>,
    /// For a person, or for a tool
    #[arg(long, value_enum, default_value = "human")]
    format: Format,
    /// Which dialect to warn about
    #[arg(long, value_enum, default_value = "sluis")]
    dialect: DialectName,
    /// A variable that the top-level statements are given; may be repeated
    #[arg(long = "var", value_name = "NAME")]
    variables: Vec<String>,
    /// The organisation whose stored functions the scripts may call
    #[arg(long, default_value = local_engine::DEFAULT_ORG)]
    org: String,
    /// Look at syntax alone
    #[arg(long)]
    syntax: bool,
    /// Mend what can be mended without changing what a script means; `-` writes to standard output
    #[arg(long)]
    fix: bool,
    /// With --fix or alone: write nothing, show what would be mended
    #[arg(long)]
    diff: bool,
    /// Take warnings for errors
    #[arg(long)]
    deny_warnings: bool,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Format {
    /// Drawn, with colours in a terminal
    Human,
    /// `[{"file": …, "diagnostics": […]}]`
    Json,
    /// SARIF 2.1.0, as code hosts and editors read it
    Sarif,
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

/// What is said of one file.
struct Report {
    /// As it was given, or found in a folder.
    name: String,
    /// What was checked; empty if it could not be read.
    source: String,
    diagnostics: Vec<Diagnostic>,
    /// Why it could not be read or written.
    problem: Option<Problem>,
}

/// Runs the verb.
pub fn run(global: &Global, args: &CheckArgs) -> Outcome {
    let known = if args.syntax { None } else { known(global, &args.org)? };
    let (catalog, functions) = known.map(|known| (known.connectors, known.functions)).unzip();
    let environment = Environment {
        variables: args.variables.clone(),
        functions: functions.unwrap_or_default(),
        catalog,
        dialect: args.dialect.into(),
        thorough: true,
        ..Environment::default()
    };
    let check = |source: &str| match args.syntax {
        true => syntax::parse(source).1,
        false => sluis_lang::build(source, &environment).diagnostics,
    };
    let (files, mut reports) = all_files(&args.files);
    reports.extend(files.iter().map(|file| one(file, args, &check)));
    tell(args, &reports);
    let all = || reports.iter().flat_map(|report| &report.diagnostics);
    Ok(if all().any(|found| found.is_error() || args.deny_warnings) {
        Exit::Refused
    } else if reports.iter().any(|report| report.problem.is_some()) {
        Exit::Environment
    } else {
        Exit::Done
    })
}

/// The files of all paths, each once, in the order in which they were given; and the folders that
/// could not be read.
fn all_files(paths: &[PathBuf]) -> (Vec<PathBuf>, Vec<Report>) {
    let (mut files, mut unread, mut seen) = (Vec::new(), Vec::new(), BTreeSet::new());
    for path in paths {
        let (found, outcome) = script_files::collect(path);
        if found.is_empty() && outcome.is_ok() {
            terminal::note(format!("there is no `.dg` file in {}", path.display()));
        }
        files.extend(found.into_iter().filter(|file| seen.insert(file.clone())));
        if let Err(problem) = outcome {
            unread.push(Report::unread(path.display().to_string(), problem));
        }
    }
    (files, unread)
}

impl Report {
    fn unread(name: String, problem: Problem) -> Self {
        Self { name, source: String::new(), diagnostics: Vec::new(), problem: Some(problem) }
    }
}

fn one(file: &Path, args: &CheckArgs, check: &dyn Fn(&str) -> Vec<Diagnostic>) -> Report {
    let name = file.display().to_string();
    let text = match read_text(file) {
        Ok(text) => text,
        Err(problem) => return Report::unread(name, problem),
    };
    // A byte order mark is no part of the script, but stays in the file.
    let source = text.strip_prefix('\u{feff}').unwrap_or(&text);
    let diagnostics = check(source);
    if !args.fix && !args.diff {
        return Report { name, source: source.to_owned(), diagnostics, problem: None };
    }
    let mended = mend::mend(source, diagnostics, check);
    let mut problem = None;
    if args.diff {
        terminal::err(mend::diff(&name, source, &check(source), &mended));
    } else if is_stdin(file) {
        if args.format == Format::Human {
            terminal::out_as_is(&mended.source);
        }
    } else if mended.fixes > 0 {
        let mark = &text[..text.len() - source.len()];
        problem = script_files::replace(file, &format!("{mark}{}", mended.source)).err();
        if problem.is_none() {
            let es = if mended.fixes == 1 { "" } else { "es" };
            terminal::err(format!("mended {name}: {} fix{es}\n", mended.fixes));
        }
    }
    // What would be mended is not mended yet.
    if args.diff || problem.is_some() {
        let diagnostics = check(source);
        return Report { name, source: source.to_owned(), diagnostics, problem };
    }
    Report { name, source: mended.source, diagnostics: mended.diagnostics, problem }
}

fn tell(args: &CheckArgs, reports: &[Report]) {
    for problem in reports.iter().filter_map(|report| report.problem.as_ref()) {
        terminal::problem(problem);
    }
    match args.format {
        Format::Json => terminal::out(json::reports(reports).to_string()),
        Format::Sarif => terminal::out(sarif::log(reports)),
        Format::Human => tell_people(reports),
    }
}

fn tell_people(reports: &[Report]) {
    for report in reports.iter().filter(|report| !report.diagnostics.is_empty()) {
        let colored = terminal::colored_errors();
        terminal::err(render::render(&report.name, &report.source, &report.diagnostics, colored));
    }
    let all: Vec<Diagnostic> = reports.iter().flat_map(|report| report.diagnostics.clone()).collect();
    let first = all.iter().find(|found| found.is_error()).or(all.first());
    if let Some(first) = first {
        let count = render::summary(&all);
        terminal::err(format!("sluis: {count}; more about a code: sluis explain {}\n", first.code));
        let safe = all.iter().filter(|found| found.fixes.iter().any(|fix| fix.safe)).count();
        if safe > 0 {
            let (es, them) = if safe == 1 { ("", "it") } else { ("es", "them") };
            terminal::err(format!("       {safe} safe fix{es}: sluis check --fix makes {them}\n"));
        }
    }
}

/// What is released and stored. Without it, because another process uses the store or for whatever reason,
/// the rest is checked all the same.
fn known(global: &Global, org: &str) -> Result<Option<Known>, Problem> {
    match local_engine::known(global, org) {
        Err(problem) if problem.reason != Some(Reason::OrgNotFound.as_str()) => {
            let what = "connector ids and stored functions are not checked";
            terminal::note(format!("{what}: {}", problem.message));
            Ok(None)
        }
        known => known,
    }
}
