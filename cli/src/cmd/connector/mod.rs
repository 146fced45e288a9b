//! `sluis connector …`: imports, checks, releases and lists connectors, and keeps their clients.

mod check;
mod client;
mod import;
mod list;
mod release;

use crate::args::Global;
use crate::outcome::Outcome;
use clap::Subcommand;

/// The verbs about connectors.
#[derive(Debug, Subcommand)]
#[command(after_help = "\
Examples:
  sluis connector check connector.yaml
  sluis connector release connector.yaml --notes 'First release'")]
pub enum ConnectorVerb {
    /// Make a connector file of what others have described
    #[command(subcommand)]
    Import(import::ImportVerb),
    /// Say what is wrong with a connector file
    Check(check::CheckArgs),
    /// Publish a connector: immutable and numbered
    Release(release::ReleaseArgs),
    /// List the newest release of every connector
    List(list::ListArgs),
    /// Keep the client registered at a provider, sealed; the secret is asked for
    Client(client::ClientArgs),
}

/// Runs the verb.
pub fn run(global: &Global, verb: ConnectorVerb) -> Outcome {
    match verb {
        ConnectorVerb::Import(verb) => import::run(&verb),
        ConnectorVerb::Check(args) => check::run(&args),
        ConnectorVerb::Release(args) => release::run(global, args),
        ConnectorVerb::List(args) => list::run(global, &args),
        ConnectorVerb::Client(args) => client::run(global, args),
    }
}
