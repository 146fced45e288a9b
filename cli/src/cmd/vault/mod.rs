//! `sluis vault …`: keys, and what they seal. One file per verb.

mod export;
mod import;
mod rotate_org;
mod rotate_root;
mod status;

use crate::args::Global;
use crate::outcome::Outcome;
use clap::Subcommand;

/// The verbs about keys.
#[derive(Debug, Subcommand)]
#[command(after_help = "\
Examples:
  sluis vault status
  sluis vault rotate-org --all")]
pub enum VaultVerb {
    /// Show keys and what they seal
    Status(status::StatusArgs),
    /// Wrap the keys of all orgs with a new root key
    RotateRoot(rotate_root::RotateRootArgs),
    /// Give an org a new key and seal everything anew with it
    RotateOrg(rotate_org::RotateOrgArgs),
    /// Write everything that gives access into one file under a passphrase
    Export(export::ExportArgs),
    /// Take such a file in
    Import(import::ImportArgs),
}

/// Runs the verb.
pub fn run(global: &Global, verb: &VaultVerb) -> Outcome {
    match verb {
        VaultVerb::Status(args) => status::run(global, args),
        VaultVerb::RotateRoot(args) => rotate_root::run(global, args),
        VaultVerb::RotateOrg(args) => rotate_org::run(global, args),
        VaultVerb::Export(args) => export::run(global, args),
        VaultVerb::Import(args) => import::run(global, args),
    }
}

/// `1 connection`, `2 connections`.
fn counted(count: usize, one: &str) -> String {
    format!("{count} {one}{}", if count == 1 { "" } else { "s" })
}
