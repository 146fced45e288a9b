//! `sluis package verify FILE`: whether a package can be believed, and what is in it.

use super::keys::{read_key, trusted};
use super::{problem, read};
use crate::args::Global;
use crate::definition_file;
use crate::outcome::{Exit, Outcome, Problem};
use crate::terminal;
use clap::Args;
use serde_json::json;
use sluis_package::{Content, Opened, TrustedKey, open};
use std::path::{Path, PathBuf};

/// Arguments of `sluis package verify`.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  sluis package verify pets-3.sluis
  sluis package verify pets-3.sluis --key pets.pub --json")]
pub struct VerifyArgs {
    /// The package
    #[arg(value_name = "FILE")]
    file: PathBuf,
    /// Believe this key alone, and not those that are trusted here
    #[arg(long, value_name = "KEY")]
    key: Option<String>,
    /// JSON instead of lines
    #[arg(long)]
    json: bool,
}

/// Runs the verb.
pub fn run(global: &Global, args: &VerifyArgs) -> Outcome {
    let keys = match &args.key {
        Some(key) => vec![read_key(key)?],
        None => trusted(global)?,
    };
    let Some(opened) = opened(&args.file, &keys)? else { return Ok(Exit::Refused) };
    let manifest = &opened.manifest;
    if args.json {
        terminal::out(
            json!({ "key": opened.key.id(), "digest": opened.digest, "manifest": manifest }).to_string(),
        );
        return Ok(Exit::Done);
    }
    for content in &manifest.contents {
        terminal::out(match content {
            Content::Connector { namespace, release, .. } => format!("connector {namespace} {release}"),
            Content::Function { name, .. } => format!("function {name}"),
        });
    }
    terminal::success(format!("{} {} is signed with {}", manifest.name, manifest.release, opened.key.id()));
    Ok(Exit::Done)
}

/// Opens a package. Its connectors are held to what connector files are; what is wrong with one is drawn,
/// and none answered.
pub fn opened(file: &Path, keys: &[TrustedKey]) -> Result<Option<Opened>, Problem> {
    let opened = open(&read(file)?, keys).map_err(problem)?;
    for (_, connector) in &opened.contents.connectors {
        let text = serde_json::to_string_pretty(&connector.definition)
            .map_err(|error| Problem::refused(format!("{}: {error}", file.display())))?;
        let name = format!("{} in {}", connector.definition.namespace, file.display());
        if !definition_file::is_sound(&name, &text) || !definition_file::check_hooks(&connector.definition) {
            return Ok(None);
        }
        sluis_engine::check_definition(&connector.definition)?;
    }
    Ok(Some(opened))
}
