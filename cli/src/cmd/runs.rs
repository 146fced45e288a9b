//! `sluis runs`: what has run, what runs, and what is to run.

use crate::args::Global;
use crate::outcome::{Exit, Outcome, Problem};
use crate::{local_engine, runtime, terminal};
use clap::{Args, Subcommand};
use sluis_engine::{Engine, RunSummary, RunsWanted, TailEvent, TailPlace, Unobserved};
use sluis_lang::vm::Limits;
use sluis_model::id::{FunctionName, OrgId, RunId};
use sluis_model::run::{CallRecord, Run, RunStatus};
use sluis_model::run_state::RunState;
use sluis_model::time::Timestamp;

/// What `sluis runs` can do.
#[derive(Debug, Subcommand)]
#[command(after_help = "\
Examples:
  sluis runs list --state failed
  sluis runs tail run_0123")]
pub enum RunsVerb {
    /// List runs, newest first
    #[command(after_help = "\
Examples:
  sluis runs list --function billing.total
  sluis runs list --dead --org acme --json")]
    List(ListArgs),
    /// Show a run: how it stands, what it has printed and called
    #[command(after_help = "\
Examples:
  sluis runs show run_0123
  sluis runs show run_0123 --org acme --json")]
    Show(OneArgs),
    /// Look on while a run goes on, until it ends
    #[command(after_help = "\
Examples:
  sluis runs tail run_0123
  sluis runs tail run_0123 --org acme --json")]
    Tail(OneArgs),
    /// End a run, wherever it stands
    #[command(after_help = "\
Examples:
  sluis runs cancel run_0123
  sluis runs cancel run_0123 --org acme")]
    Cancel(OneArgs),
    /// Run a run again that has failed; what it has done is not done twice
    #[command(after_help = "\
Examples:
  sluis runs again run_0123
  sluis runs again run_0123 --org acme")]
    Again(OneArgs),
    /// Take a run that has failed for good off the dead letters; its record stays
    #[command(after_help = "\
Examples:
  sluis runs drop run_0123
  sluis runs drop run_0123 --org acme")]
    Drop(OneArgs),
}

/// Arguments of `sluis runs list`.
#[derive(Debug, Args)]
pub struct ListArgs {
    /// The organisation
    #[arg(long, default_value = local_engine::DEFAULT_ORG)]
    org: String,
    /// Those that stand so: queued, running, waiting, awaiting_callback, done, failed, interrupted, cancelled
    #[arg(long)]
    state: Option<RunState>,
    /// Those of this function
    #[arg(long, value_name = "NAME")]
    function: Option<FunctionName>,
    /// Those that have failed for good and lie among the dead letters
    #[arg(long)]
    dead: bool,
    /// This many at most
    #[arg(long, value_name = "N", default_value_t = 50)]
    limit: usize,
    /// JSON instead of lines
    #[arg(long)]
    json: bool,
}

/// Arguments of the verbs that are about one run.
#[derive(Debug, Args)]
pub struct OneArgs {
    /// The run
    #[arg(value_name = "RUN_ID")]
    run: RunId,
    /// The organisation
    #[arg(long, default_value = local_engine::DEFAULT_ORG)]
    org: String,
    /// JSON instead of lines
    #[arg(long)]
    json: bool,
}

/// Runs the verb.
pub fn run(global: &Global, verb: &RunsVerb) -> Outcome {
    let engine = local_engine::build(global, Limits::server())?;
    let org = match verb {
        RunsVerb::List(args) => &args.org,
        RunsVerb::Show(args)
        | RunsVerb::Tail(args)
        | RunsVerb::Cancel(args)
        | RunsVerb::Again(args)
        | RunsVerb::Drop(args) => &args.org,
    };
    let org = local_engine::org(org)?;
    runtime::on_this_thread(async {
        let outcome = match verb {
            RunsVerb::List(args) => list(&engine, &org, args).await,
            RunsVerb::Show(args) => show(&engine, &org, args).await,
            RunsVerb::Tail(args) => tail(&engine, &org, args).await,
            RunsVerb::Cancel(args) => cancel(&engine, &org, args).await,
            RunsVerb::Again(args) => again(&engine, &org, args).await,
            RunsVerb::Drop(args) => drop_dead_letter(&engine, &org, args).await,
        };
        engine.close().await?;
        outcome
    })
}

async fn list(engine: &Engine, org: &OrgId, args: &ListArgs) -> Outcome {
    let wanted = RunsWanted {
        function: args.function.clone(),
        state: args.state,
        dead: args.dead,
        at_most: args.limit.max(1),
        ..RunsWanted::default()
    };
    let runs = engine.runs(org, &wanted).await?;
    if args.json {
        terminal::out(serde_json::json!(runs).to_string());
        return Ok(Exit::Done);
    }
    runs.iter().for_each(|run| terminal::out(line(run)));
    if runs.is_empty() {
        terminal::note(format!("no such run of org {org} is kept"));
    }
    Ok(Exit::Done)
}

fn line(run: &RunSummary) -> String {
    let why = run.why.as_ref().map(|why| format!(": {why}")).unwrap_or_default();
    format!("{}  {}  {}  {} (by {}){why}", run.id, moment(run.started_at), run.state, run.label, run.by)
}

/// RFC 3339 in UTC, to the second.
fn moment(at: Timestamp) -> String {
    let at = jiff::Timestamp::from_millisecond(at.0).unwrap_or_default();
    at.strftime("%Y-%m-%dT%H:%M:%SZ").to_string()
}

async fn show(engine: &Engine, org: &OrgId, args: &OneArgs) -> Outcome {
    let run = engine.run_record(org, &args.run).await?;
    if args.json {
        terminal::out(super::run::record(&run).to_string());
        return Ok(Exit::Done);
    }
    terminal::out(format!("{}  {}  {}", run.id, moment(run.started_at), run.label));
    terminal::out(format!("started by {}, begun {} times, {} fuel", run.by, run.attempts, run.fuel));
    run.output.iter().for_each(|line| terminal::out(format!("info  {line}")));
    run.calls.iter().for_each(|made| terminal::out(call(made)));
    terminal::out(state(&run));
    Ok(Exit::Done)
}

fn call(made: &CallRecord) -> String {
    let answer = made.status.map_or_else(|| "no answer".to_owned(), |status| status.to_string());
    format!("call  {} {}  {answer} in {} ms", made.method, made.url, made.millis)
}

/// How a run stands, in a line.
fn state(run: &Run) -> String {
    match &run.status {
        RunStatus::Done { value } => format!("done  {value}"),
        RunStatus::Failed { message, line, .. } => format!("failed in line {line}: {message}"),
        RunStatus::Cancelled { by: Some(by) } => format!("cancelled by {by}"),
        status => match run.queue.as_ref().and_then(|queue| queue.not_before) {
            Some(at) if *status == RunStatus::Queued => format!("queued until {}", moment(at)),
            _ => RunState::from(status).to_string(),
        },
    }
}

async fn tail(engine: &Engine, org: &OrgId, args: &OneArgs) -> Outcome {
    let mut tail = engine.tail_run(org, &args.run, TailPlace::default()).await?;
    while let Some((_, event)) = tail.next().await? {
        let shown = match &event {
            TailEvent::State(state) => ("state", serde_json::json!(state), format!("…     {state}")),
            TailEvent::Anew => ("anew", serde_json::Value::Null, "…     begins again".to_owned()),
            TailEvent::Line(line) => ("line", serde_json::json!(line), format!("info  {line}")),
            TailEvent::Call(made) => ("call", serde_json::json!(made), call(made)),
            TailEvent::End(run) => ("end", super::run::record(run), state(run)),
        };
        let (name, data, text) = shown;
        match args.json {
            true => terminal::out(serde_json::json!({ "event": name, "data": data }).to_string()),
            false => terminal::out(text),
        }
        if let TailEvent::End(run) = event {
            return Ok(exit(&run));
        }
    }
    Ok(Exit::Done)
}

fn exit(run: &Run) -> Exit {
    match run.status {
        RunStatus::Done { .. } => Exit::Done,
        _ => Exit::Failed,
    }
}

async fn cancel(engine: &Engine, org: &OrgId, args: &OneArgs) -> Outcome {
    let run = engine.cancel_run(org, &args.run, None).await?;
    if args.json {
        terminal::out(super::run::record(&run).to_string());
    } else if run.status.has_ended() {
        terminal::success(format!("{} has ended: {}", run.id, state(&run)));
    } else {
        terminal::note(format!("{} was told to end; look on with: sluis runs tail {}", run.id, run.id));
    }
    Ok(Exit::Done)
}

async fn again(engine: &Engine, org: &OrgId, args: &OneArgs) -> Outcome {
    let end = engine.run_again(org, &args.run, &mut Unobserved).await.map_err(refused)?;
    if args.json {
        terminal::out(super::run::record(&end.run).to_string());
    } else {
        end.run.output.iter().for_each(terminal::out);
        terminal::note(state(&end.run));
    }
    Ok(if end.run.status.is_parked() { Exit::Done } else { exit(&end.run) })
}

fn refused(refused: sluis_engine::RunRefused) -> Problem {
    match refused {
        sluis_engine::RunRefused::Failure(failure) => failure.into(),
        other => {
            Problem::refused(other.to_string()).help("store the function again: what is wrong is shown then")
        }
    }
}

async fn drop_dead_letter(engine: &Engine, org: &OrgId, args: &OneArgs) -> Outcome {
    engine.drop_dead_letter(org, &args.run).await?;
    terminal::success(format!("{} is no longer among the dead letters", args.run));
    Ok(Exit::Done)
}
