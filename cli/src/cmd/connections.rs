//! `sluis connections`: what is authorized.

use super::authorize::{lacking, lifetime};
use crate::args::Global;
use crate::outcome::{Exit, Outcome};
use crate::{local_engine, runtime, terminal};
use clap::Args;
use sluis_lang::vm::Limits;
use sluis_model::connection::ConnectionState;

/// Arguments of `sluis connections`.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  sluis connections
  sluis connections --org acme --json")]
pub struct ConnectionsArgs {
    /// The organisation
    #[arg(long, default_value = local_engine::DEFAULT_ORG)]
    org: String,
    /// JSON instead of lines
    #[arg(long)]
    json: bool,
}

/// Runs the verb.
pub fn run(global: &Global, args: &ConnectionsArgs) -> Outcome {
    let engine = local_engine::build(global, Limits::local())?;
    let org = local_engine::org(&args.org)?;
    runtime::on_this_thread(async {
        let connections = engine.connections(&org).await;
        engine.close().await?;
        let connections = connections?;
        if args.json {
            terminal::out(serde_json::json!(connections).to_string());
            return Ok(Exit::Done);
        }
        for connection in &connections {
            let (mark, state) = match &connection.state {
                ConnectionState::Active => {
                    ("●", format!("authorized{}{}", lifetime(&engine, connection), lacking(connection)))
                }
                ConnectionState::Pending => ("○", "not finished".to_owned()),
                ConnectionState::NeedsReauthorization { reason } => (
                    "○",
                    format!("must be authorized again ({reason}): sluis authorize {}", connection.connector),
                ),
                ConnectionState::Exhausted { reason } => ("○", format!("cannot be renewed ({reason})")),
                ConnectionState::Revoking => ("○", "is being revoked".to_owned()),
            };
            terminal::out(format!("{mark} {}  {}  {state}", connection.key(), connection.scopes.join(", ")));
        }
        if connections.is_empty() {
            terminal::note(format!("nothing is authorized for org {org}; begin with: sluis authorize NS"));
        }
        Ok(Exit::Done)
    })
}
