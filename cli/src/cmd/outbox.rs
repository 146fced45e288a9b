//! `sluis outbox`: authorizations that were given back here and of which the provider, or the
//! connector's on-revoke function, has yet to hear.

use crate::args::Global;
use crate::outcome::{Exit, Outcome, Problem};
use crate::{local_engine, runtime, terminal};
use clap::{Args, Subcommand};
use sluis_engine::{Engine, Given, OutboxEntry, OutboxStep};
use sluis_lang::vm::Limits;
use sluis_model::id::{OrgId, OutboxId};

/// What `sluis outbox` can do.
#[derive(Debug, Subcommand)]
#[command(after_help = "\
Examples:
  sluis outbox list
  sluis outbox retry")]
pub enum OutboxVerb {
    /// List what is on its way out, and what was given up
    #[command(after_help = "\
Examples:
  sluis outbox list
  sluis outbox list --org acme --json")]
    List(ListArgs),
    /// Try again now
    #[command(after_help = "\
Examples:
  sluis outbox retry
  sluis outbox retry out_0123 --org acme")]
    Retry(RetryArgs),
    /// Forget an entry and its tokens; they live at the provider until they expire
    #[command(after_help = "\
Examples:
  sluis outbox drop out_0123
  sluis outbox drop out_0123 --org acme")]
    Drop(DropArgs),
}

/// Arguments of `sluis outbox list`.
#[derive(Debug, Args)]
pub struct ListArgs {
    /// The organisation
    #[arg(long, default_value = local_engine::DEFAULT_ORG)]
    org: String,
    /// JSON instead of lines
    #[arg(long)]
    json: bool,
}

/// Arguments of `sluis outbox retry`.
#[derive(Debug, Args)]
pub struct RetryArgs {
    /// One entry [default: all of the organisation]
    #[arg(value_name = "ID")]
    id: Option<String>,
    /// The organisation
    #[arg(long, default_value = local_engine::DEFAULT_ORG)]
    org: String,
}

/// Arguments of `sluis outbox drop`.
#[derive(Debug, Args)]
pub struct DropArgs {
    /// The entry
    #[arg(value_name = "ID")]
    id: String,
    /// The organisation
    #[arg(long, default_value = local_engine::DEFAULT_ORG)]
    org: String,
}

/// Runs the verb.
pub fn run(global: &Global, verb: &OutboxVerb) -> Outcome {
    let engine = local_engine::build(global, Limits::local())?;
    let (OutboxVerb::List(ListArgs { org, .. })
    | OutboxVerb::Retry(RetryArgs { org, .. })
    | OutboxVerb::Drop(DropArgs { org, .. })) = verb;
    let org = local_engine::org(org)?;
    runtime::on_this_thread(async {
        let outcome = match verb {
            OutboxVerb::List(args) => list(&engine, &org, args.json).await,
            OutboxVerb::Retry(args) => retry(&engine, &org, args.id.as_deref()).await,
            OutboxVerb::Drop(args) => forget(&engine, &org, &args.id).await,
        };
        engine.close().await?;
        outcome
    })
}

async fn list(engine: &Engine, org: &OrgId, json: bool) -> Outcome {
    let entries = engine.outbox(org).await?;
    if json {
        terminal::out(serde_json::json!(entries).to_string());
        return Ok(Exit::Done);
    }
    for entry in &entries {
        terminal::out(line(entry));
    }
    if entries.is_empty() {
        terminal::note(format!("nothing of org {org} is on its way out"));
    }
    Ok(Exit::Done)
}

fn line(entry: &OutboxEntry) -> String {
    let waits = match &entry.step {
        OutboxStep::Hook { .. } => "waits for its on-revoke function".to_owned(),
        OutboxStep::Provider => "waits for the provider".to_owned(),
        OutboxStep::GivenUp { reason } => format!("given up: {reason}"),
    };
    let failed = match (&entry.step, &entry.last_failure) {
        (OutboxStep::GivenUp { .. }, _) | (_, None) => String::new(),
        (_, Some(failure)) => format!("; failed {} times, last: {failure}", entry.attempts),
    };
    format!("{}  {}  {}: {waits}{failed}", entry.id, entry.connection.key(), entry.why)
}

async fn retry(engine: &Engine, org: &OrgId, id: Option<&str>) -> Outcome {
    let ids = match id {
        Some(id) => vec![read(id)?],
        None => engine.outbox(org).await?.into_iter().map(|entry| entry.id).collect(),
    };
    let mut exit = Exit::Done;
    for id in ids {
        match engine.retry_from_outbox(org, &id).await? {
            Some(Given::Done { told: true }) => {
                terminal::success(format!("{id}: the provider has been told"))
            }
            Some(Given::Done { told: false }) => {
                terminal::success(format!("{id}: done; the provider offers no revocation"));
            }
            Some(Given::Later(entry) | Given::GivenUp(entry)) => {
                exit = Exit::Failed;
                terminal::heed(line(&entry));
            }
            None => terminal::note(format!("{id} is being tried by another process")),
        }
    }
    Ok(exit)
}

async fn forget(engine: &Engine, org: &OrgId, id: &str) -> Outcome {
    let entry = engine.drop_from_outbox(org, &read(id)?).await?;
    terminal::success(format!("{} of {} is forgotten", entry.id, entry.connection.key()));
    Ok(Exit::Done)
}

fn read(id: &str) -> Result<OutboxId, Problem> {
    id.parse().map_err(|error: sluis_model::id::IdError| {
        Problem::refused(error.to_string()).help("list the ids: sluis outbox list")
    })
}
