//! `sluis lsp`: the language server on standard input and output.

use crate::args::Global;
use crate::local_engine;
use crate::outcome::{Exit, Outcome, Problem};
use clap::Args;
use sluis_engine::connectors::add_to_catalog;
use sluis_lang::catalog::Catalog;
use sluis_lang::check::{Dialect, Environment};
use sluis_lsp::{End, Setup, serve};
use std::io::{BufReader, stdin, stdout};
use std::path::{Path, PathBuf};

/// Arguments of `sluis lsp`.
#[derive(Debug, Args)]
#[command(after_help = "\
An editor starts it; docs/EDITORS.md says how. Connectors are known from the store, if there is one that
no other process uses, and from files called connector.yaml in the folders that are open.

Examples:
  sluis lsp
  sluis lsp --dialect crm")]
pub struct LspArgs {
    /// Which dialect to warn about
    #[arg(long, value_enum, default_value = "sluis")]
    dialect: super::check::DialectName,
    /// A variable that the top-level statements are given; may be repeated
    #[arg(long = "var", value_name = "NAME")]
    variables: Vec<String>,
    /// The organisation whose stored functions the scripts may call
    #[arg(long, default_value = local_engine::DEFAULT_ORG)]
    org: String,
    /// Speak over standard input and output: the only way, so this changes nothing
    #[arg(long, hide = true)]
    stdio: bool,
}

/// Runs the verb.
pub fn run(global: &Global, args: LspArgs) -> Outcome {
    let LspArgs { dialect, variables, org, stdio: _ } = args;
    let (global, dialect) = (global.clone(), Dialect::from(dialect));
    let environment = move |folders: &[String]| {
        let (catalog, functions) = known(&global, &org, folders);
        Environment {
            variables: variables.clone(),
            functions,
            catalog,
            dialect,
            thorough: true,
            ..Environment::default()
        }
    };
    let setup = Setup { environment: Box::new(environment), version: env!("CARGO_PKG_VERSION").to_owned() };
    match serve(BufReader::new(stdin()), stdout().lock(), setup) {
        Ok(End::Orderly) => Ok(Exit::Done),
        Ok(End::Abrupt) => Ok(Exit::Failed),
        Err(error) => Err(Problem::environment(format!("the editor does not read any more: {error}"))),
    }
}

/// The released connectors, and those whose files are being worked on, which come first. `None` if
/// nothing is known for certain: a store that another process uses may hold any connector. And the functions
/// that the organisation has stored.
fn known(global: &Global, org: &str, folders: &[String]) -> (Option<Catalog>, Vec<String>) {
    let mut catalog = Catalog::default();
    let files: Vec<PathBuf> = folders
        .iter()
        .filter_map(|uri| folder_of(uri))
        .flat_map(|folder| connector_files(&folder, 0))
        .collect();
    for file in files {
        let name = file.display().to_string();
        let Ok(text) = std::fs::read_to_string(&file) else { continue };
        // What hooks do does not matter here, and a file that is being written may be wrong at times.
        if let Ok(definition) = sluis_definition::read_alone(&name, &text) {
            add_to_catalog(&mut catalog, &definition);
        }
    }
    match local_engine::known(global, org) {
        Ok(Some(known)) => {
            catalog.join(known.connectors);
            (Some(catalog), known.functions)
        }
        Ok(None) if !catalog.namespaces.is_empty() => (Some(catalog), Vec::new()),
        Ok(None) | Err(_) => (None, Vec::new()),
    }
}

/// The folder of a `file:` URI.
fn folder_of(uri: &str) -> Option<PathBuf> {
    url::Url::parse(uri).ok()?.to_file_path().ok()
}

/// How deep in a folder connector files are looked for.
const DEEPEST: usize = 4;
/// How many entries of one folder are looked at.
const WIDEST: usize = 1_000;

/// Files called `connector.yaml` in a folder and those below it.
fn connector_files(folder: &Path, depth: usize) -> Vec<PathBuf> {
    let Ok(entries) = std::fs::read_dir(folder) else { return vec![] };
    let mut entries: Vec<_> = entries.take(WIDEST).filter_map(Result::ok).collect();
    entries.sort_by_key(std::fs::DirEntry::file_name);
    let mut found = Vec::new();
    for entry in entries {
        let name = entry.file_name();
        let name = name.to_string_lossy();
        // Links are not followed: they may lead in circles.
        let Ok(kind) = entry.file_type() else { continue };
        if kind.is_file() && matches!(name.as_ref(), "connector.yaml" | "connector.yml") {
            found.push(entry.path());
        } else if kind.is_dir() && depth < DEEPEST && !is_skipped(&name) {
            found.extend(connector_files(&entry.path(), depth + 1));
        }
    }
    found
}

fn is_skipped(name: &str) -> bool {
    name.starts_with('.') || matches!(name, "node_modules" | "target")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn connector_files_are_found_below_a_folder_but_not_in_what_was_built() {
        let home = tempfile::tempdir().unwrap();
        for path in ["a/connector.yaml", "connector.yml", "node_modules/x/connector.yaml", "b/other.yaml"] {
            let path = home.path().join(path);
            std::fs::create_dir_all(path.parent().unwrap()).unwrap();
            std::fs::write(path, "").unwrap();
        }
        let found = connector_files(home.path(), 0);
        let names: Vec<_> =
            found.iter().map(|path| path.strip_prefix(home.path()).unwrap().display().to_string()).collect();
        assert_eq!(names, ["a/connector.yaml", "connector.yml"]);
        assert_eq!(folder_of("file:///a%20b/c"), Some(PathBuf::from("/a b/c")));
        assert_eq!(folder_of("untitled:1"), None);
    }
}
