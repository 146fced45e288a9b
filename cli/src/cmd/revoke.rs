//! `sluis revoke NS`: gives an authorization back, at the provider and here. `--all` gives back many.

use crate::args::Global;
use crate::outcome::{Exit, Outcome};
use crate::{local_engine, runtime, terminal};
use clap::Args;
use sluis_engine::{Engine, MassRevoked, Revocation, RevokedAtProvider};
use sluis_lang::vm::Limits;
use sluis_model::connection::ConnectionKey;
use sluis_model::id::{Namespace, OrgId, UserId};

/// Arguments of `sluis revoke`.
#[derive(Debug, Args)]
#[command(after_help = "\
With --all, the exit code is 1 if the provider of any could not be told yet; each such line says why,
and `sluis outbox list` shows what goes on by itself.

Examples:
  sluis revoke gcontacts
  sluis revoke gcontacts --org acme
  sluis revoke shop/sales --user ada@example.com
  sluis revoke --all
  sluis revoke --all --org acme
  sluis revoke --all --connector gcontacts")]
pub struct RevokeArgs {
    /// Connector, and name of the connection if it is not the main one: gcontacts, gcontacts/sales
    #[arg(value_name = "NS[/NAME]", required_unless_present = "all", conflicts_with = "all")]
    connector: Option<String>,
    /// The organisation that gives it back [default: local; with --all, every one]
    #[arg(long)]
    org: Option<String>,
    /// The user to whom alone the connection belongs
    #[arg(long, conflicts_with = "all")]
    user: Option<UserId>,
    /// Give back every authorization there is, and report each
    #[arg(long)]
    all: bool,
    /// With --all: those of one connector only
    #[arg(long = "connector", value_name = "NS", requires = "all")]
    only: Option<String>,
}

/// Runs the verb.
pub fn run(global: &Global, args: &RevokeArgs) -> Outcome {
    let engine = local_engine::build(global, Limits::local())?;
    runtime::on_this_thread(async {
        let outcome = match &args.connector {
            Some(connector) => one(&engine, connector, args).await,
            None => all(&engine, args).await,
        };
        engine.close().await?;
        outcome
    })
}

async fn one(engine: &Engine, connection: &str, args: &RevokeArgs) -> Outcome {
    let org = local_engine::org(args.org.as_deref().unwrap_or(local_engine::DEFAULT_ORG))?;
    let key = ConnectionKey { user: args.user.clone(), ..ConnectionKey::named(&org, connection)? };
    let revocation = engine.revoke_connection(&key).await?;
    terminal::success(format!("{key} is no longer authorized for org {org}{}", at_provider(&revocation)));
    if let Some(failure) = &revocation.hook_failure {
        terminal::note(failure);
    }
    Ok(Exit::Done)
}

async fn all(engine: &Engine, args: &RevokeArgs) -> Outcome {
    let org: Option<OrgId> = args.org.as_deref().map(local_engine::org).transpose()?;
    let only: Option<Namespace> = args.only.as_deref().map(str::parse).transpose()?;
    let report = engine.revoke_all(org.as_ref(), only.as_ref()).await?;
    let mut untold = 0;
    for MassRevoked { key, outcome } in &report {
        let (mark, text) = match outcome {
            Ok(revocation) => match revocation.provider {
                RevokedAtProvider::Revoked => ("✓", at_provider(revocation)),
                _ => ("!", at_provider(revocation)),
            },
            Err(failure) => ("!", format!("; it is still here: {failure}")),
        };
        untold += usize::from(mark == "!");
        terminal::out(format!("{mark} {} {key}{text}", key.org));
    }
    terminal::note(format!(
        "{} revoked, of which {untold} could not be revoked at their provider",
        report.iter().filter(|line| line.outcome.is_ok()).count()
    ));
    Ok(if untold == 0 { Exit::Done } else { Exit::Failed })
}

/// What became of it at the provider, as the end of a sentence.
pub fn at_provider(revocation: &Revocation) -> String {
    match &revocation.provider {
        RevokedAtProvider::Revoked => "; the provider has revoked its tokens".to_owned(),
        RevokedAtProvider::NotOffered => {
            "; the provider offers no revocation, so its tokens live until they expire".to_owned()
        }
        RevokedAtProvider::Later { reason } => {
            format!("; the provider is told later ({reason}), see: sluis outbox list")
        }
        RevokedAtProvider::Failed { reason } => {
            format!("; the provider could not be told, so its tokens may live until they expire ({reason})")
        }
    }
}
