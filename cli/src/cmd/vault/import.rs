//! `sluis vault import FILE`: takes an export in, all of it or nothing.

use super::counted;
use crate::args::Global;
use crate::outcome::{Exit, Outcome, Problem};
use crate::{local_engine, runtime, secret_input, terminal};
use clap::Args;
use sluis_lang::vm::Limits;
use sluis_model::error::Reason;
use sluis_vault::bundle::Overwrite;
use std::path::PathBuf;

/// Arguments of `sluis vault import`.
#[derive(Debug, Args)]
#[command(after_help = "\
The passphrase is asked for, or read from standard input. Connectors are not in the file: release them from their files.

Examples:
  sluis vault import sluis-vault.slx
  pass show sluis-export | sluis vault import sluis-vault.slx --overwrite")]
pub struct ImportArgs {
    /// File that `sluis vault export` has written
    #[arg(value_name = "FILE")]
    file: PathBuf,
    /// Replace connections and clients that are there already
    #[arg(long)]
    overwrite: bool,
}

/// Runs the verb.
pub fn run(global: &Global, args: &ImportArgs) -> Outcome {
    let file = std::fs::read(&args.file).map_err(|error| {
        Problem::environment(format!("{} cannot be read: {error}", args.file.display()))
            .help("name the file that `sluis vault export` has written")
    })?;
    let passphrase = secret_input::read("Passphrase of the export (not shown): ")?;
    let overwrite = if args.overwrite { Overwrite::Replace } else { Overwrite::Refuse };
    let engine = local_engine::build(global, Limits::local())?;
    runtime::on_this_thread(async {
        let imported = engine.import_sealed(&passphrase, &file, overwrite).await;
        engine.close().await?;
        let imported = imported.map_err(|failure| match failure.reason {
            Reason::Conflict => Problem::refused(failure.message).help("--overwrite replaces them"),
            Reason::InvalidInput => Problem::refused(failure.message),
            _ => failure.into(),
        })?;
        let replaced = match imported.replaced {
            0 => String::new(),
            count => format!("; {} replaced", counted(count, "row")),
        };
        terminal::success(format!(
            "{} and {} of {} were imported{replaced}",
            counted(imported.connections, "connection"),
            counted(imported.clients, "client"),
            counted(imported.orgs, "org"),
        ));
        Ok(Exit::Done)
    })
}
