//! `sluis revoke NS`: gives an authorization back, at the provider and here.

use crate::args::Global;
use crate::outcome::{Exit, Outcome};
use crate::{local_engine, runtime, terminal};
use clap::Args;
use sluis_engine::{Revocation, RevokedAtProvider};
use sluis_lang::vm::Limits;
use sluis_model::id::Namespace;

/// Arguments of `sluis revoke`.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  sluis revoke gcontacts
  sluis revoke gcontacts --org acme")]
pub struct RevokeArgs {
    /// Namespace of the connector
    #[arg(value_name = "NS")]
    connector: String,
    /// The organisation that gives it back
    #[arg(long, default_value = local_engine::DEFAULT_ORG)]
    org: String,
}

/// Runs the verb.
pub fn run(global: &Global, args: &RevokeArgs) -> Outcome {
    let engine = local_engine::build(global, Limits::local())?;
    let org = local_engine::org(&args.org)?;
    let namespace: Namespace = args.connector.parse()?;
    runtime::on_this_thread(async {
        let revocation = engine.revoke(&org, &namespace).await;
        engine.close().await?;
        let revocation = revocation?;
        terminal::success(format!(
            "{namespace} is no longer authorized for org {org}{}",
            at_provider(&revocation)
        ));
        if let Some(failure) = &revocation.hook_failure {
            terminal::note(failure);
        }
        Ok(Exit::Done)
    })
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
