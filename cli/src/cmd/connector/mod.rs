//! `sluis connector …`: makes, imports, checks, compares, releases, finds and exports connectors, and keeps
//! their clients.

mod check;
mod client;
mod copy;
mod diff;
mod export;
mod import;
mod list;
mod new;
pub mod new_file;
mod package;
mod release;
mod search;
mod source;
mod test;
mod trial;

use crate::args::Global;
use crate::outcome::Outcome;
use clap::Subcommand;

/// The verbs about connectors.
#[derive(Debug, Subcommand)]
#[command(after_help = "\
Examples:
  sluis connector new pets --url https://api.example.com/v1 --auth bearer
  sluis connector check connector.yaml
  sluis connector release connector.yaml --notes 'First release'")]
pub enum ConnectorVerb {
    /// Begin a connector file
    New(new::NewArgs),
    /// Make a connector file of what others have described
    #[command(subcommand)]
    Import(import::ImportVerb),
    /// Say what is wrong with a connector file
    Check(check::CheckArgs),
    /// Publish a connector: immutable and numbered
    Release(release::ReleaseArgs),
    /// Make the tests of a connector file, or call one of its APIs before it is released
    Test(Box<test::TestArgs>),
    /// Say what differs between two files or releases, and what an admin must look at
    Diff(diff::DiffArgs),
    /// Find connectors and APIs by words
    Search(search::SearchArgs),
    /// Write a connector under another namespace
    Copy(copy::CopyArgs),
    /// Write a connector as a file, as OpenAPI, or as tools for agents
    Export(export::ExportArgs),
    /// Pack and sign a connector for others to install
    Package(package::PackageArgs),
    /// List the newest release of every connector
    List(list::ListArgs),
    /// Keep the client registered at a provider, sealed; the secret is asked for
    Client(client::ClientArgs),
}

/// Runs the verb.
pub fn run(global: &Global, verb: ConnectorVerb) -> Outcome {
    match verb {
        ConnectorVerb::New(args) => new::run(&args),
        ConnectorVerb::Import(verb) => import::run(&verb),
        ConnectorVerb::Check(args) => check::run(&args),
        ConnectorVerb::Release(args) => release::run(global, args),
        ConnectorVerb::Test(args) => test::run(global, &args),
        ConnectorVerb::Diff(args) => diff::run(global, &args),
        ConnectorVerb::Search(args) => search::run(global, &args),
        ConnectorVerb::Copy(args) => copy::run(global, &args),
        ConnectorVerb::Export(args) => export::run(global, &args),
        ConnectorVerb::Package(args) => package::run(global, &args),
        ConnectorVerb::List(args) => list::run(global, &args),
        ConnectorVerb::Client(args) => client::run(global, args),
    }
}
