//! `sluis connections`: what is authorized. `sluis connections renew`: renew one now.

use super::authorize::{lacking, lifetime};
use crate::args::Global;
use crate::outcome::{Exit, Outcome, Problem};
use crate::{local_engine, runtime, terminal};
use clap::{Args, Subcommand};
use sluis_engine::Engine;
use sluis_lang::vm::Limits;
use sluis_model::connection::{ConnectionKey, ConnectionState};
use sluis_model::id::UserId;

/// Arguments of `sluis connections`.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  sluis connections
  sluis connections --org acme --json
  sluis connections renew gcontacts
  sluis connections test shop/sales")]
pub struct ConnectionsArgs {
    /// What to do; without it they are listed
    #[command(subcommand)]
    action: Option<ConnectionsAction>,
    /// The organisation
    #[arg(long, global = true, default_value = local_engine::DEFAULT_ORG)]
    org: String,
    /// JSON instead of lines
    #[arg(long)]
    json: bool,
}

/// What can be done with connections.
#[derive(Debug, Subcommand)]
enum ConnectionsAction {
    /// Renew the tokens of a connection now, also of one whose renewal was given up
    #[command(after_help = "\
Examples:
  sluis connections renew gcontacts
  sluis connections renew shop/sales --user ada@example.com")]
    Renew {
        /// Connector, and name of the connection if it is not the main one: gcontacts, gcontacts/sales
        #[arg(value_name = "NS[/NAME]")]
        connection: String,
        /// The user to whom alone the connection belongs
        #[arg(long)]
        user: Option<UserId>,
    },
    /// Make the connector's test call: does the service accept the connection, and whose account is it
    #[command(after_help = "\
Examples:
  sluis connections test gcontacts
  sluis connections test shop/sales --org acme")]
    Test {
        /// Connector, and name of the connection if it is not the main one: gcontacts, gcontacts/sales
        #[arg(value_name = "NS[/NAME]")]
        connection: String,
        /// The user to whom alone the connection belongs
        #[arg(long)]
        user: Option<UserId>,
    },
}

async fn test(engine: &Engine, key: &ConnectionKey) -> Outcome {
    let tried = engine.test_connection(key).await?;
    if !tried.ok {
        let help = format!("connect it again: {}", key.authorize_command());
        return Err(Problem::failed(tried.message).help(help));
    }
    let account = tried.account.map(|account| format!("; the account is {account}")).unwrap_or_default();
    terminal::success(format!("{}{account}", tried.message));
    Ok(Exit::Done)
}

/// Runs the verb.
pub fn run(global: &Global, args: &ConnectionsArgs) -> Outcome {
    let engine = local_engine::build(global, Limits::local())?;
    let org = local_engine::org(&args.org)?;
    if let Some(ConnectionsAction::Renew { connection, user }) = &args.action {
        let key = ConnectionKey { user: user.clone(), ..ConnectionKey::named(&org, connection)? };
        return runtime::on_this_thread(async {
            let renewed = engine.renew_now(&key).await;
            engine.close().await?;
            let renewed = renewed?;
            terminal::out(format!("● {}  renewed{}", renewed.key(), lifetime(&engine, &renewed)));
            Ok(Exit::Done)
        });
    }
    if let Some(ConnectionsAction::Test { connection, user }) = &args.action {
        let key = ConnectionKey { user: user.clone(), ..ConnectionKey::named(&org, connection)? };
        return runtime::on_this_thread(async {
            let outcome = test(&engine, &key).await;
            engine.close().await?;
            outcome
        });
    }
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
                    format!("must be authorized again ({reason}): {}", connection.key().authorize_command()),
                ),
                ConnectionState::Exhausted { reason } => (
                    "○",
                    format!(
                        "cannot be renewed ({reason}); when that is mended: {}",
                        connection.key().renew_command()
                    ),
                ),
                ConnectionState::Revoking => ("○", "is being revoked".to_owned()),
            };
            // What is not there takes no room.
            let account = connection.account.clone().unwrap_or_default();
            let place = connection.environment.clone().unwrap_or_default();
            let shown = [connection.key().to_string(), place, account, connection.scopes.join(", "), state];
            let shown: Vec<&str> = shown.iter().map(String::as_str).filter(|part| !part.is_empty()).collect();
            terminal::out(format!("{mark} {}", shown.join("  ")));
        }
        if connections.is_empty() {
            terminal::note(format!("nothing is authorized for org {org}; begin with: sluis authorize NS"));
        }
        Ok(Exit::Done)
    })
}
