//! `sluis connector list`: the newest release of every connector.

use crate::args::Global;
use crate::outcome::{Exit, Outcome};
use crate::{local_engine, runtime, terminal};
use clap::Args;
use sluis_lang::vm::Limits;

/// Arguments of `sluis connector list`.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  sluis connector list
  sluis connector list --json")]
pub struct ListArgs {
    /// JSON instead of lines
    #[arg(long)]
    json: bool,
}

/// Runs the verb.
pub fn run(global: &Global, args: &ListArgs) -> Outcome {
    let engine = local_engine::build(global, Limits::local())?;
    runtime::on_this_thread(async {
        let releases = engine.connectors().await;
        engine.close().await?;
        let releases = releases?;
        if args.json {
            terminal::out(serde_json::json!(releases).to_string());
            return Ok(Exit::Done);
        }
        for release in &releases {
            let definition = &release.definition;
            terminal::out(format!(
                "{} {}  {}  {} APIs: {}",
                definition.namespace,
                release.number,
                definition.service.name,
                definition.apis.len(),
                definition.apis.keys().cloned().collect::<Vec<_>>().join(", ")
            ));
        }
        if releases.is_empty() {
            terminal::note("no connector is released yet; begin with: sluis connector release FILE");
        }
        Ok(Exit::Done)
    })
}
