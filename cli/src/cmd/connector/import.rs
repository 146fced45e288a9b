//! `sluis connector import …`: a connector file out of OpenAPI, a Postman collection or a line of cURL.

use super::new_file::write_new;
use crate::outcome::{Exit, Outcome, Problem};
use crate::terminal;
use clap::{Args, Subcommand};
use sluis_import::{Draft, ImportError, Imported, Operation, Options, Selection};
use sluis_model::id::Namespace;
use std::io::Read as _;
use std::path::{Path, PathBuf};

/// Reasons that are listed before the rest is counted.
const SHOWN: usize = 20;

/// What is imported.
#[derive(Debug, Subcommand)]
#[command(after_help = "\
The file goes to standard output, what is said about it to standard error.

Examples:
  sluis connector import openapi petstore.yaml --scan
  sluis connector import openapi petstore.yaml --only listPets,tag:store --out connector.yaml")]
pub enum ImportVerb {
    /// An OpenAPI 3.0 or 3.1 description, or Swagger 2.0; JSON or YAML
    #[command(after_help = "\
Examples:
  sluis connector import openapi petstore.yaml --scan
  sluis connector import openapi github.json --only 'issues/*,tag:repos' --out connector.yaml")]
    Openapi(FileArgs),
    /// A Postman collection, exported as v2.1
    #[command(after_help = "\
Examples:
  sluis connector import postman shop.postman_collection.json --scan
  sluis connector import postman shop.postman_collection.json --server https://shop.example.com")]
    Postman(FileArgs),
    /// One line of cURL
    #[command(after_help = "\
Keys and tokens of the line are not taken over.

Examples:
  sluis connector import curl \"curl https://api.example.com/pets -H 'Authorization: Bearer x'\"
  pbpaste | sluis connector import curl - --out connector.yaml")]
    Curl(LineArgs),
}

/// Arguments of an import from a file.
#[derive(Debug, Args)]
pub struct FileArgs {
    /// The file; `-` reads standard input
    #[arg(value_name = "FILE")]
    file: PathBuf,
    /// List the operations, which can be imported and why others cannot, and write nothing
    #[arg(long)]
    scan: bool,
    /// Operations to import, by id or name; `tag:NAME` and `PREFIX*` name several [default: all]
    #[arg(long, value_name = "OP", value_delimiter = ',')]
    only: Vec<String>,
    #[command(flatten)]
    common: Common,
}

/// Arguments of an import of a line.
#[derive(Debug, Args)]
pub struct LineArgs {
    /// The line in quotes; `-` reads standard input
    #[arg(value_name = "LINE")]
    line: String,
    #[command(flatten)]
    common: Common,
}

/// What every import takes.
#[derive(Debug, Args)]
struct Common {
    /// Namespace of the connector [default: made from the title]
    #[arg(long, value_name = "NAME")]
    namespace: Option<Namespace>,
    /// Address of the service, in place of what the file says
    #[arg(long, value_name = "URL")]
    server: Option<String>,
    /// Write the connector file there, which must be new [default: standard output]
    #[arg(long, value_name = "FILE")]
    out: Option<PathBuf>,
}

/// Runs the verb.
pub fn run(verb: &ImportVerb) -> Outcome {
    match verb {
        ImportVerb::Openapi(args) => from_file(args, sluis_import::openapi),
        ImportVerb::Postman(args) => from_file(args, sluis_import::postman),
        ImportVerb::Curl(args) => {
            let line = if args.line == "-" { read(Path::new("-"))? } else { args.line.clone() };
            let draft = sluis_import::curl(&line, &args.common.options()).map_err(problem)?;
            write(&draft, &Selection::default(), &args.common)
        }
    }
}

fn from_file(args: &FileArgs, reader: fn(&str, &Options) -> Result<Draft, ImportError>) -> Outcome {
    let draft = reader(&read(&args.file)?, &args.common.options()).map_err(problem)?;
    let selection = Selection { only: args.only.clone() };
    if args.scan {
        return scan(&draft, &selection);
    }
    write(&draft, &selection, &args.common)
}

fn read(file: &Path) -> Result<String, Problem> {
    let read = || {
        let mut bytes = Vec::new();
        match file == Path::new("-") {
            true => std::io::stdin().lock().read_to_end(&mut bytes).map(drop)?,
            false => bytes = std::fs::read(file)?,
        }
        Ok(String::from_utf8_lossy(&bytes).into_owned())
    };
    read().map_err(|error: std::io::Error| {
        Problem::environment(format!("{} cannot be read: {error}", file.display()))
            .help("name a file that is here; addresses are not fetched: download it first")
    })
}

impl Common {
    fn options(&self) -> Options {
        Options { namespace: self.namespace.as_ref().map(ToString::to_string), server: self.server.clone() }
    }
}

fn problem(error: ImportError) -> Problem {
    let refused = Problem::refused(error.to_string());
    match error.help() {
        Some(help) => refused.help(help),
        None => refused,
    }
}

/// Lists the operations.
fn scan(draft: &Draft, selection: &Selection) -> Outcome {
    let operations = draft.select(selection).map_err(problem)?;
    let width = operations.iter().map(|operation| operation.name.len()).max().unwrap_or_default();
    for operation in &operations {
        terminal::out(scanned(operation, width));
        for note in operation.api.iter().flat_map(|api| &api.notes) {
            terminal::out(format!("      {note}"));
        }
    }
    for note in &draft.notes {
        terminal::note(note);
    }
    let good = operations.iter().filter(|operation| operation.api.is_ok()).count();
    terminal::note(format!(
        "{} of {} operations of {} can be imported",
        good,
        operations.len(),
        draft.origin
    ));
    Ok(Exit::Done)
}

fn scanned(operation: &Operation, width: usize) -> String {
    let Operation { name, method, path, api, .. } = operation;
    let id = operation.id.as_ref().filter(|id| *id != name).map(|id| format!("  ({id})")).unwrap_or_default();
    match api {
        Ok(_) => format!("yes  {name:width$}  {method:7} {path}{id}"),
        Err(why) => format!("no   {name:width$}  {method:7} {path}{id}\n      {why}"),
    }
}

/// Writes the connector file.
fn write(draft: &Draft, selection: &Selection, common: &Common) -> Outcome {
    let made = draft.connector(selection).map_err(problem)?;
    sluis_engine::check_definition(&made.definition)?;
    write_new(common.out.as_deref(), &made.text)?;
    tell(&made);
    Ok(Exit::Done)
}

fn tell(made: &Imported) {
    for (name, why) in made.left_out.iter().take(SHOWN) {
        terminal::heed(format!("{name} is left out: {why}"));
    }
    if made.left_out.len() > SHOWN {
        terminal::heed(format!("{} more are left out; --scan lists them", made.left_out.len() - SHOWN));
    }
    terminal::success(format!(
        "{}: {} of {} operations are imported",
        made.definition.namespace,
        made.definition.apis.len(),
        made.wanted
    ));
}
