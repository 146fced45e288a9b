//! `sluis connections`: what is authorized.

use super::authorize::{lacking, lifetime};
use crate::args::Global;
use crate::outcome::{Exit, Outcome, Problem};
use crate::{local_engine, runtime, terminal};
use clap::{Args, Subcommand};
use sluis_engine::Engine;
use sluis_lang::vm::Limits;
use sluis_model::connection::{ConnectionKey, ConnectionState};
use sluis_model::id::{ConnectionName, Namespace, UserId};

/// Arguments of `sluis connections`.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  sluis connections
  sluis connections --org acme --json
  sluis connections test shop --name sales")]
pub struct ConnectionsArgs {
    /// The organisation
    #[arg(long, default_value = local_engine::DEFAULT_ORG)]
    org: String,
    /// JSON instead of lines
    #[arg(long)]
    json: bool,
    #[command(subcommand)]
    verb: Option<ConnectionsVerb>,
}

/// What can be done with a connection.
#[derive(Debug, Subcommand)]
enum ConnectionsVerb {
    /// Make the connector's test call: does the service accept the connection, and whose account is it
    Test {
        /// Namespace of the connector
        #[arg(value_name = "NS")]
        connector: Namespace,
        /// Which of several connections of the connector
        #[arg(long, value_name = "NAME")]
        name: Option<ConnectionName>,
        /// The user to whom alone the connection belongs
        #[arg(long)]
        user: Option<UserId>,
    },
}

async fn test(engine: &Engine, key: &ConnectionKey) -> Outcome {
    let tried = engine.test_connection(key).await?;
    if !tried.ok {
        return Err(Problem::failed(tried.message).help(format!("connect it again: sluis authorize {key}")));
    }
    let account = tried.account.map(|account| format!("; the account is {account}")).unwrap_or_default();
    terminal::success(format!("{}{account}", tried.message));
    Ok(Exit::Done)
}

/// Runs the verb.
pub fn run(global: &Global, args: &ConnectionsArgs) -> Outcome {
    let engine = local_engine::build(global, Limits::local())?;
    let org = local_engine::org(&args.org)?;
    runtime::on_this_thread(async {
        if let Some(ConnectionsVerb::Test { connector, name, user }) = &args.verb {
            let key = ConnectionKey {
                name: name.clone().unwrap_or_default(),
                user: user.clone(),
                ..ConnectionKey::main(&org, connector)
            };
            let outcome = test(&engine, &key).await;
            engine.close().await?;
            return outcome;
        }
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
            let account = connection.account.as_deref().unwrap_or_default();
            let scopes = connection.scopes.join(", ");
            terminal::out(format!("{mark} {}  {account}  {scopes}  {state}", connection.key()));
        }
        if connections.is_empty() {
            terminal::note(format!("nothing is authorized for org {org}; begin with: sluis authorize NS"));
        }
        Ok(Exit::Done)
    })
}
