//! `sluis vault export FILE`: everything that gives access, for another store or machine.

use super::counted;
use crate::args::Global;
use crate::outcome::{Exit, Outcome, Problem};
use crate::{local_engine, runtime, secret_input, terminal};
use clap::Args;
use sluis_lang::vm::Limits;
use std::io::Write as _;
use std::path::{Path, PathBuf};

/// Arguments of `sluis vault export`.
#[derive(Debug, Args)]
#[command(after_help = "\
The passphrase (12 characters or more) is asked for, or read from standard input. Do not go on using both stores: a
token that renews itself in one of them is soon dead in the other.

Examples:
  sluis vault export sluis-vault.slx
  pass show sluis-export | sluis vault export sluis-vault.slx")]
pub struct ExportArgs {
    /// File to write; it must not be there yet
    #[arg(value_name = "FILE")]
    file: PathBuf,
}

/// Runs the verb.
pub fn run(global: &Global, args: &ExportArgs) -> Outcome {
    let unwritable = |error: std::io::Error| {
        Problem::environment(format!("{} cannot be written: {error}", args.file.display()))
            .help("name another file; nothing is overwritten")
    };
    if args.file.exists() {
        return Err(unwritable(std::io::ErrorKind::AlreadyExists.into()));
    }
    let passphrase = secret_input::choose("Passphrase of the export (not shown): ")?;
    let engine = local_engine::build(global, Limits::local())?;
    runtime::on_this_thread(async {
        let exported = engine.export_sealed(&passphrase).await;
        engine.close().await?;
        let exported = exported?;
        write_private(&args.file, &exported.file).map_err(unwritable)?;
        terminal::success(format!(
            "{} holds {} and {} of {}, sealed by the passphrase",
            args.file.display(),
            counted(exported.connections, "connection"),
            counted(exported.clients, "client"),
            counted(exported.orgs, "org"),
        ));
        for key in &exported.damaged {
            terminal::heed(format!("`{key}` opens with no key; it is not in the file"));
        }
        Ok(Exit::Done)
    })
}

fn write_private(path: &Path, bytes: &[u8]) -> std::io::Result<()> {
    let mut options = std::fs::OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    let mut file = options.open(path)?;
    file.write_all(bytes)?;
    file.sync_all()
}
