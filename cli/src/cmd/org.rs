//! `sluis org …`: makes and lists organisations.

use crate::args::Global;
use crate::outcome::{Exit, Outcome};
use crate::{local_engine, runtime, terminal};
use clap::Subcommand;
use sluis_lang::vm::Limits;

/// The verbs about organisations.
#[derive(Debug, Subcommand)]
#[command(after_help = "\
Examples:
  sluis org create acme
  sluis org list")]
pub enum OrgVerb {
    /// Make an organisation; nothing happens if it is there
    #[command(after_help = "\
Examples:
  sluis org create acme
  sluis org create acme && sluis authorize gcontacts --org acme")]
    Create {
        /// Lower-case letters, digits and hyphens
        id: String,
    },
    /// List organisations
    #[command(after_help = "\
Examples:
  sluis org list
  sluis org list | wc -l")]
    List,
}

/// Runs the verb.
pub fn run(global: &Global, verb: &OrgVerb) -> Outcome {
    let engine = local_engine::build(global, Limits::local())?;
    runtime::on_this_thread(async {
        match verb {
            OrgVerb::Create { id } => {
                let org = engine.ensure_org(&local_engine::org(id)?).await?;
                terminal::success(format!("org {} is there", org.id));
            }
            OrgVerb::List => engine.orgs().await?.iter().for_each(|org| terminal::out(org.id.as_str())),
        }
        engine.close().await?;
        Ok(Exit::Done)
    })
}
