//! `sluis connector test FILE|NS`: the tests that a definition holds, or one API with values of the moment.

use super::source::Source;
use super::trial;
use crate::args::Global;
use crate::outcome::{Exit, Outcome, Problem};
use crate::{local_engine, runtime, terminal};
use clap::Args;
use serde_json::json;
use sluis_engine::Through;
use sluis_engine::trial::suite::{self, Outcome as Came, Report, Selection};
use sluis_invoke::cassette::Cassette;
use sluis_lang::vm::Limits;
use sluis_model::connector::ConnectorDefinition;
use sluis_model::id::{ConnectionName, UserId};
use std::path::{Path, PathBuf};

/// Arguments of `sluis connector test`.
#[derive(Debug, Args)]
#[command(after_help = "\
Without --replay, calls go through the organisation's connection of that namespace; the file itself need
not be released. Exit code 1 if a test fails.

Examples:
  sluis connector test connector.yaml
  sluis connector test connector.yaml --record pets.cassette.json
  sluis connector test connector.yaml --replay pets.cassette.json
  sluis connector test connector.yaml --api list --set limit=5 --query sort=name")]
pub struct TestArgs {
    /// The connector file, a namespace, or a release NS@N
    #[arg(value_name = "FILE|NS")]
    from: String,
    /// Only this API, by the part of its id after the namespace
    #[arg(long, value_name = "API")]
    api: Option<String>,
    /// Call the service (which is what happens unless there is --replay)
    #[arg(long, conflicts_with = "replay")]
    live: bool,
    /// Call the service, and keep what was sent and answered in a file, without secrets
    #[arg(long, value_name = "FILE", conflicts_with = "replay")]
    record: Option<PathBuf>,
    /// Take the answers from a file that was recorded; nothing is sent
    #[arg(long, value_name = "FILE")]
    replay: Option<PathBuf>,
    /// Also make the tests of APIs that change something at the service
    #[arg(long)]
    writes: bool,
    /// The organisation whose connection is used
    #[arg(long = "as", value_name = "ORG", default_value = local_engine::DEFAULT_ORG)]
    org: String,
    /// Which of several connections of the connector
    #[arg(long, value_name = "NAME")]
    name: Option<ConnectionName>,
    /// The user on whose behalf, where each user has connections of their own
    #[arg(long)]
    user: Option<UserId>,
    /// A value of one of the connection's variables, in place of the one that it has; may be repeated
    #[arg(long = "variable", value_name = "NAME=VALUE")]
    variables: Vec<String>,
    /// JSON instead of lines
    #[arg(long)]
    json: bool,
    #[command(flatten)]
    one: trial::OneCall,
}

/// Runs the verb.
pub fn run(global: &Global, args: &TestArgs) -> Outcome {
    let Some(definition) = Source::named(&args.from)?.load(global)? else { return Ok(Exit::Refused) };
    let variables = super::trial::texts(&args.variables)?;
    let through = Through { name: args.name.clone().unwrap_or_default(), user: args.user.clone() };
    if args.one.is_asked_for() {
        let Some(api) = &args.api else {
            return Err(Problem::refused("which API is to be called?").help("name it: --api list"));
        };
        if args.replay.is_some() || args.record.is_some() {
            return Err(Problem::refused("one call with values of its own is neither recorded nor replayed")
                .help("write it into the file as one of its `tests`"));
        }
        let trial = args.one.trial(definition, api, variables, through)?;
        return trial::run(global, &args.org, trial, args.json);
    }
    let selection = Selection { api: args.api.clone(), writes: args.writes, variables, through };
    let report = match &args.replay {
        Some(file) => {
            let cassette = read(file)?;
            runtime::on_this_thread(async {
                Ok(suite::test_replayed(&definition, &selection, cassette).await?)
            })?
        }
        None => live(global, args, &definition, &selection)?,
    };
    tell(&definition, &report, args.json);
    Ok(if report.count(Came::Failed) == 0 { Exit::Done } else { Exit::Failed })
}

fn live(
    global: &Global,
    args: &TestArgs,
    definition: &ConnectorDefinition,
    selection: &Selection,
) -> Result<Report, Problem> {
    let org = local_engine::org(&args.org)?;
    let engine = local_engine::build(global, Limits::local())?;
    let (report, cassette) = runtime::on_this_thread(async {
        let tested = engine.test_live(&org, definition, selection).await;
        engine.close().await?;
        Ok(tested?)
    })?;
    if let Some(file) = &args.record {
        record(file, &cassette)?;
    }
    Ok(report)
}

fn read(file: &Path) -> Result<Cassette, Problem> {
    let text = std::fs::read_to_string(file).map_err(|error| {
        Problem::environment(format!("{} cannot be read: {error}", file.display()))
            .help("record it first: sluis connector test FILE --record CASSETTE")
    })?;
    Cassette::read(&text).map_err(|error| Problem::refused(format!("{}: {error}", file.display())))
}

/// Writes a cassette over the one before, and tells what the service answers differently by now.
fn record(file: &Path, cassette: &Cassette) -> Result<(), Problem> {
    if file.exists() {
        for change in suite::drift(&read(file)?, cassette) {
            terminal::heed(format!("since {} was recorded: {change}", file.display()));
        }
    }
    let unwritable = |error: std::io::Error| {
        Problem::environment(format!("{} cannot be written: {error}", file.display()))
    };
    let beside = file.with_extension("json.new");
    std::fs::write(&beside, cassette.write()).map_err(unwritable)?;
    std::fs::rename(&beside, file).map_err(unwritable)?;
    terminal::success(format!("{} holds {} calls", file.display(), cassette.exchanges.len()));
    Ok(())
}

fn tell(definition: &ConnectorDefinition, report: &Report, as_json: bool) {
    if as_json {
        terminal::out(json!(report).to_string());
        return;
    }
    for test in &report.tests {
        let status =
            test.status.map(|status| format!("  {status} in {} ms", test.millis)).unwrap_or_default();
        let line = format!("{}.{}: {}{status}", definition.namespace, test.api, test.name);
        match test.outcome {
            Came::Passed => terminal::step("passed", line),
            Came::Failed => terminal::failed_step("failed", line),
            Came::Skipped => terminal::out_colored(format!("{:>12} {line}", "skipped")),
        }
        for fault in &test.faults {
            fault.lines().for_each(terminal::detail);
        }
    }
    if report.tests.is_empty() {
        terminal::note(
            "the definition holds no tests; they stand under `tests` of an API (spec/connector/tests.md)",
        );
        return;
    }
    terminal::note(format!(
        "{} passed, {} failed, {} skipped",
        report.count(Came::Passed),
        report.count(Came::Failed),
        report.count(Came::Skipped)
    ));
}
