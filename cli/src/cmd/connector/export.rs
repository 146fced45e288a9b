//! `sluis connector export NS`: the connector in the words of others.

use super::new_file::write_new;
use super::source::Source;
use crate::args::Global;
use crate::outcome::{Exit, Outcome, Problem};
use crate::terminal;
use clap::{Args, ValueEnum};
use sluis_engine::export;
use sluis_model::connector::ConnectorDefinition;
use std::path::PathBuf;

/// Arguments of `sluis connector export`.
#[derive(Debug, Args)]
#[command(after_help = "\
One call as cURL: sluis call NS.API … --curl

Examples:
  sluis connector export gcontacts --out gcontacts.yaml
  sluis connector export gcontacts --format openapi > gcontacts.openapi.json
  sluis connector export connector.yaml --format tools")]
pub struct ExportArgs {
    /// A namespace, a release NS@N, or a file
    #[arg(value_name = "NS")]
    from: String,
    /// In which words
    #[arg(long, value_enum, default_value = "yaml")]
    format: Format,
    /// Write it there, which must be new [default: standard output]
    #[arg(long, value_name = "FILE")]
    out: Option<PathBuf>,
}

/// What an export looks like.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Format {
    /// A connector file, with its hooks in it
    Yaml,
    /// OpenAPI 3.1, as JSON
    Openapi,
    /// One JSON tool schema for each API, as agents read them
    Tools,
}

/// Runs the verb.
pub fn run(global: &Global, args: &ExportArgs) -> Outcome {
    let Some(definition) = Source::named(&args.from)?.load(global)? else { return Ok(Exit::Refused) };
    write_new(args.out.as_deref(), &text(&definition, args.format)?)?;
    Ok(Exit::Done)
}

fn text(definition: &ConnectorDefinition, format: Format) -> Result<String, Problem> {
    match format {
        Format::Yaml => {
            sluis_import::connector_file(definition).map_err(|error| Problem::refused(error.to_string()))
        }
        Format::Openapi => {
            let exported = export::openapi(definition)?;
            for (api, why) in &exported.left_out {
                terminal::heed(format!("{api} is left out: {why}"));
            }
            Ok(format!("{:#}\n", exported.document))
        }
        Format::Tools => Ok(format!("{:#}\n", serde_json::Value::from(export::tools(definition)?))),
    }
}
