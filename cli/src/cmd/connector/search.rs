//! `sluis connector search TEXT`: over released connectors and folders of connector files.

use crate::args::Global;
use crate::outcome::{Exit, Outcome, Problem};
use crate::{local_engine, runtime, terminal};
use clap::Args;
use serde_json::json;
use sluis_engine::search::{Hit, search};
use sluis_lang::vm::Limits;
use sluis_model::connector::ConnectorDefinition;
use std::path::{Path, PathBuf};

/// Folders below a named one that are looked into.
const DEPTH_AT_MOST: usize = 3;

/// Arguments of `sluis connector search`.
#[derive(Debug, Args)]
#[command(after_help = "\
Every word must be found: in a namespace, the name of a service, a description, or an API.
Exit code 1 if nothing is found.

Examples:
  sluis connector search contact
  sluis connector search 'create invoice' --in examples/connectors")]
pub struct SearchArgs {
    /// What is looked for
    #[arg(value_name = "TEXT")]
    text: String,
    /// A folder of connector files that is searched as well; may be repeated
    #[arg(long = "in", value_name = "DIR")]
    folders: Vec<PathBuf>,
    /// JSON instead of lines
    #[arg(long)]
    json: bool,
}

/// Runs the verb.
pub fn run(global: &Global, args: &SearchArgs) -> Outcome {
    let mut known: Vec<(String, ConnectorDefinition)> = Vec::new();
    // None is made for a question.
    if local_engine::store_exists(global) {
        let engine = local_engine::build(global, Limits::local())?;
        let releases = runtime::on_this_thread(async {
            let releases = engine.connectors().await;
            engine.close().await?;
            Ok(releases?)
        })
        .map_err(|problem: Problem| problem)?;
        known.extend(releases.into_iter().map(|release| {
            (format!("{}@{}", release.definition.namespace, release.number), release.definition)
        }));
    }
    for folder in &args.folders {
        collect(folder, DEPTH_AT_MOST, &mut known)?;
    }
    let hits = search(known.iter().map(|(from, definition)| (from.as_str(), definition)), &args.text);
    match args.json {
        true => terminal::out(json!(hits).to_string()),
        false => hits.iter().for_each(tell),
    }
    if hits.is_empty() {
        terminal::note(format!("nothing fits among {} connectors", known.len()));
        return Ok(Exit::Failed);
    }
    Ok(Exit::Done)
}

fn tell(hit: &Hit) {
    let description = hit.description.as_ref().map(|text| format!("  {text}")).unwrap_or_default();
    terminal::out(format!("{}  {}{description}  ({})", hit.id, hit.service, hit.from));
}

/// Reads the connector files of a folder. What is no connector file, or not a sound one, is passed over:
/// `sluis connector check` says what is wrong with it.
fn collect(
    folder: &Path,
    depth: usize,
    into: &mut Vec<(String, ConnectorDefinition)>,
) -> Result<(), Problem> {
    let unreadable = |error: std::io::Error| {
        Problem::environment(format!("{} cannot be read: {error}", folder.display()))
            .help("name a folder of connector files")
    };
    let mut paths: Vec<PathBuf> = std::fs::read_dir(folder)
        .map_err(unreadable)?
        .map(|entry| entry.map(|entry| entry.path()))
        .collect::<Result<_, _>>()
        .map_err(unreadable)?;
    paths.sort();
    for path in paths {
        let is_yaml = path.extension().is_some_and(|end| end == "yaml" || end == "yml");
        if path.is_dir() && depth > 0 {
            collect(&path, depth - 1, into)?;
        } else if is_yaml && let Ok(text) = std::fs::read_to_string(&path) {
            // The hooks are not looked at.
            let read = sluis_definition::read_alone(&path.display().to_string(), &text);
            into.extend(read.ok().map(|definition| (path.display().to_string(), definition)));
        }
    }
    Ok(())
}
