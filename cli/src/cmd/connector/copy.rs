//! `sluis connector copy NS NEW`: a file of another namespace that says the same.

use super::new_file::write_new;
use super::source::Source;
use crate::args::Global;
use crate::outcome::{Exit, Outcome, Problem};
use crate::terminal;
use clap::Args;
use sluis_model::id::Namespace;
use std::path::PathBuf;

/// Arguments of `sluis connector copy`.
#[derive(Debug, Args)]
#[command(after_help = "\
Connections are not copied: who uses the copy authorizes it.

Examples:
  sluis connector copy gcontacts mycontacts --out mycontacts.yaml
  sluis connector copy gcontacts@1 oldcontacts")]
pub struct CopyArgs {
    /// What is copied: a namespace, a release NS@N, or a file
    #[arg(value_name = "NS")]
    from: String,
    /// Namespace of the copy
    #[arg(value_name = "NEW")]
    namespace: Namespace,
    /// Write it there, which must be new [default: standard output]
    #[arg(long, value_name = "FILE")]
    out: Option<PathBuf>,
}

/// Runs the verb.
pub fn run(global: &Global, args: &CopyArgs) -> Outcome {
    let Some(mut definition) = Source::named(&args.from)?.load(global)? else { return Ok(Exit::Refused) };
    if definition.namespace == args.namespace {
        return Err(Problem::refused(format!("`{}` is its namespace already", args.namespace))
            .help("choose another one for the copy"));
    }
    definition.namespace = args.namespace.clone();
    // Two connectors with one task would leave it to chance which of them answers.
    let mut tasks = Vec::new();
    for api in definition.apis.values_mut() {
        tasks.extend(api.task.take().map(|task| task.name));
    }
    let text =
        sluis_import::connector_file(&definition).map_err(|error| Problem::refused(error.to_string()))?;
    write_new(args.out.as_deref(), &text)?;
    if !tasks.is_empty() {
        terminal::note(format!(
            "the integration tasks stay with the original: {}; the copy's APIs are called by their ids",
            tasks.join(", ")
        ));
    }
    terminal::success(format!("{} is a copy of {}", args.namespace, args.from));
    Ok(Exit::Done)
}
