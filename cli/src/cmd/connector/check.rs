//! `sluis connector check FILE`: what is wrong with a connector file, its hooks included.

use crate::definition_file;
use crate::outcome::{Exit, Outcome};
use crate::terminal;
use clap::Args;
use std::path::PathBuf;

/// Arguments of `sluis connector check`.
#[derive(Debug, Args)]
#[command(after_help = "\
Exit code 2 if the file cannot be released.

Examples:
  sluis connector check connector.yaml
  sluis connector check examples/connectors/gcontacts/connector.yaml")]
pub struct CheckArgs {
    /// The connector file
    #[arg(value_name = "FILE")]
    file: PathBuf,
}

/// Runs the verb.
pub fn run(args: &CheckArgs) -> Outcome {
    let Some(definition) = definition_file::read(&args.file)? else { return Ok(Exit::Refused) };
    if !definition_file::check_hooks(&definition) {
        return Ok(Exit::Refused);
    }
    sluis_engine::check_definition(&definition)?;
    terminal::success(format!(
        "{} can be released: {}, {} APIs",
        definition.namespace,
        definition.service.name,
        definition.apis.len()
    ));
    Ok(Exit::Done)
}
