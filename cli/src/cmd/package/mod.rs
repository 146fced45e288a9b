//! `sluis package …`: keys, and what others have packed.

mod install;
mod keys;
mod verify;

use crate::args::Global;
use crate::outcome::{Outcome, Problem};
use clap::Subcommand;
use sluis_package::PackageError;
use std::path::Path;

/// The verbs about packages.
#[derive(Debug, Subcommand)]
#[command(after_help = "\
A package is made with: sluis connector package NS --sign KEY --out FILE

Examples:
  sluis package trust pets.pub && sluis package install pets-3.sluis
  sluis package verify pets-3.sluis")]
pub enum PackageVerb {
    /// Make a pair of keys to sign packages with
    Keygen(keys::KeygenArgs),
    /// Believe what a key has signed, from now on
    Trust(keys::TrustArgs),
    /// List the keys that are trusted
    #[command(after_help = "\
Examples:
  sluis package keys
  sluis package keys | wc -l")]
    Keys,
    /// Say whether a package can be believed, and what is in it
    Verify(verify::VerifyArgs),
    /// Release what is in a package here
    Install(install::InstallArgs),
    /// Replace what was installed from an older package, after showing what changes
    Upgrade(install::UpgradeArgs),
}

/// Runs the verb.
pub fn run(global: &Global, verb: &PackageVerb) -> Outcome {
    match verb {
        PackageVerb::Keygen(args) => keys::keygen(args),
        PackageVerb::Trust(args) => keys::trust(global, args),
        PackageVerb::Keys => keys::list(global),
        PackageVerb::Verify(args) => verify::run(global, args),
        PackageVerb::Install(args) => install::install(global, args),
        PackageVerb::Upgrade(args) => install::upgrade(global, args),
    }
}

/// What is in the way, as the person at the terminal reads it.
pub fn problem(error: PackageError) -> Problem {
    let help = error.help();
    Problem::refused(error.to_string()).help(help)
}

fn read(file: &Path) -> Result<Vec<u8>, Problem> {
    std::fs::read(file)
        .map_err(|error| Problem::environment(format!("{} cannot be read: {error}", file.display())))
}
