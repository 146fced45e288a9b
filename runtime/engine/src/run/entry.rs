//! Where a script begins.

use super::RunRefused;
use sluis_lang::vm::{Entry, Program};

/// Where a script is asked to begin.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum EntryPoint {
    /// Its top-level statements; without any, its only function if that takes no arguments.
    Default,
    /// A function of the file, by its full or last name.
    Function(String),
}

/// Finds the entry in the program, or says what there is.
pub fn choose(program: &Program, wanted: &EntryPoint) -> Result<Entry, RunRefused> {
    let functions = program.declared();
    let names: Vec<String> = functions.iter().map(|f| f.name.clone()).collect();
    match wanted {
        EntryPoint::Function(name) => {
            program.find(name).map(Entry::Function).ok_or_else(|| RunRefused::Entry {
                message: format!("the script has no function `{name}`"),
                help: Some(sluis_model::suggest::help(name, &names, "functions")),
            })
        }
        EntryPoint::Default if program.has_body() || functions.is_empty() => Ok(Entry::Body),
        EntryPoint::Default if functions.len() == 1 && functions[0].parameters.is_empty() => {
            Ok(Entry::Function(0))
        }
        EntryPoint::Default => Err(RunRefused::Entry {
            message: "the script holds functions only; say which one to call".to_owned(),
            help: Some(format!("for example: --call {}    functions here: {}", names[0], names.join(", "))),
        }),
    }
}

/// Name of the function that is entered; none for top-level statements.
pub fn name(program: &Program, entry: &Entry) -> Option<String> {
    match entry {
        Entry::Body => None,
        Entry::Function(index) => program.declared().get(*index).map(|f| f.name.clone()),
        Entry::Named(name) => Some(name.clone()),
    }
}
