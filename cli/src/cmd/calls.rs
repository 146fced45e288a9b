//! `sluis calls`: the writes of a run of which nobody knows what has become, and what somebody says of them;
//! calls that scripts have handed over.

use crate::args::Global;
use crate::outcome::{Exit, Outcome};
use crate::{local_engine, runtime, terminal};
use clap::{Args, Subcommand};
use sluis_engine::{DeliveryState, Engine, OpenCall, Settlement};
use sluis_lang::vm::Limits;
use sluis_model::id::{OrgId, RunId};

/// What `sluis calls` can do.
#[derive(Debug, Subcommand)]
#[command(after_help = "\
A run that was cut off or has failed is run again with `sluis run --again RUN`. It stops at a write that was
sent before and of which nobody knows whether it was done; here somebody says so.

Examples:
  sluis calls open run_0123
  sluis calls settle run_0123 812.1 --send-again")]
pub enum CallsVerb {
    /// List the writes of a run of which nobody knows what has become
    #[command(after_help = "\
Examples:
  sluis calls open run_0123
  sluis calls open run_0123 --org acme --json")]
    Open(OpenArgs),
    /// Say what has become of one
    #[command(after_help = "\
Examples:
  sluis calls settle run_0123 812.1 --answer '{\"id\": 7}' --status 201
  sluis calls settle run_0123 812.1 --send-again")]
    Settle(SettleArgs),
    /// List calls that scripts have handed over, and make those that are due
    #[command(after_help = "\
Examples:
  sluis calls handed-over
  sluis calls handed-over --org acme --json")]
    HandedOver(HandedOverArgs),
}

/// Arguments of `sluis calls handed-over`.
#[derive(Debug, Args)]
pub struct HandedOverArgs {
    /// The organisation
    #[arg(long, default_value = local_engine::DEFAULT_ORG)]
    org: String,
    /// JSON instead of lines
    #[arg(long)]
    json: bool,
}

/// Arguments of `sluis calls open`.
#[derive(Debug, Args)]
pub struct OpenArgs {
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

/// Arguments of `sluis calls settle`.
#[derive(Debug, Args)]
pub struct SettleArgs {
    /// The run
    #[arg(value_name = "RUN_ID")]
    run: RunId,
    /// The call's place in the run, as `sluis calls open` shows it
    #[arg(value_name = "CALL")]
    call: String,
    /// It was done; the script gets this body as its answer
    #[arg(long, value_name = "TEXT", required_unless_present = "send_again")]
    answer: Option<String>,
    /// Status of that answer
    #[arg(long, value_name = "N", default_value_t = 200)]
    status: u16,
    /// It was not done, or may be done twice: send it when the run is run again
    #[arg(long, conflicts_with = "answer")]
    send_again: bool,
    /// The organisation
    #[arg(long, default_value = local_engine::DEFAULT_ORG)]
    org: String,
}

/// Runs the verb.
pub fn run(global: &Global, verb: &CallsVerb) -> Outcome {
    let engine = local_engine::build(global, Limits::local())?;
    let (CallsVerb::Open(OpenArgs { org, .. })
    | CallsVerb::Settle(SettleArgs { org, .. })
    | CallsVerb::HandedOver(HandedOverArgs { org, .. })) = verb;
    let org = local_engine::org(org)?;
    runtime::on_this_thread(async {
        let outcome = match verb {
            CallsVerb::Open(args) => open(&engine, &org, args).await,
            CallsVerb::Settle(args) => settle(&engine, &org, args).await,
            CallsVerb::HandedOver(args) => handed_over(&engine, &org, args.json).await,
        };
        engine.close().await?;
        outcome
    })
}

async fn open(engine: &Engine, org: &OrgId, args: &OpenArgs) -> Outcome {
    let calls = engine.open_calls(org, &args.run).await?;
    if args.json {
        terminal::out(serde_json::json!(calls).to_string());
        return Ok(Exit::Done);
    }
    for call in &calls {
        terminal::out(line(call));
    }
    if calls.is_empty() {
        terminal::note(format!("of all that {} has sent it is known what has become of it", args.run));
    }
    Ok(Exit::Done)
}

fn line(call: &OpenCall) -> String {
    let why = call.why.as_ref().map(|why| format!(": {why}")).unwrap_or_default();
    format!("{}  {} in line {}{why}", call.call, call.api, call.line)
}

async fn handed_over(engine: &Engine, org: &OrgId, json: bool) -> Outcome {
    engine.work_deliveries().await?;
    engine.work_awaited().await?;
    let calls = engine.handed_over(org).await?;
    if json {
        terminal::out(serde_json::json!(calls).to_string());
        return Ok(Exit::Done);
    }
    for call in &calls {
        let state = match &call.state {
            DeliveryState::Waiting { why: None } => "waits".to_owned(),
            DeliveryState::Waiting { why: Some(why) } => format!("waits for another try: {why}"),
            DeliveryState::Sending => "is being made".to_owned(),
            DeliveryState::AwaitingCallback => "waits for its service to bring the answer".to_owned(),
            DeliveryState::Answered { status, response: None } => format!("answered with status {status}"),
            DeliveryState::Answered { response: Some(response), .. } => format!("answered: {response}"),
            DeliveryState::Failed { why, .. } => format!("failed: {why}"),
            DeliveryState::GivenUp { why } => format!("given up: {why}"),
        };
        terminal::out(format!("{}  {}  {state}", call.call, call.api));
    }
    if calls.is_empty() {
        terminal::note(format!("no call of org {org} was handed over in the last week"));
    }
    Ok(Exit::Done)
}

async fn settle(engine: &Engine, org: &OrgId, args: &SettleArgs) -> Outcome {
    let settlement = match &args.answer {
        Some(body) => Settlement::Done { status: args.status, body: body.clone() },
        None => Settlement::SendAgain,
    };
    engine.settle_call(org, &args.run, &args.call, &settlement).await?;
    terminal::success(format!("settled; go on with: sluis run --again {}", args.run));
    Ok(Exit::Done)
}
