//! A stored function as part of the run that calls it: a machine of its own, the same record, what is
//! left of the same fuel.

use super::{EntryPoint, RunRefused, entry};
use crate::functions::StoredFunction;
use crate::host::{HostContext, arguments};
use sluis_lang::check::Environment;
use sluis_lang::value::data::Data;
use sluis_lang::vm::{Entry, FaultReport, Limits, Program, Settings, Vm};
use sluis_model::error::{Failure, Reason};
use sluis_model::id::{FunctionName, IdError};
use std::sync::Arc;

/// Calls within calls; the same as on other platforms.
const DEPTH_AT_MOST: usize = 75;

/// A stored function that is being run.
pub(super) struct Called {
    /// Its machine.
    pub vm: Vm,
    name: String,
}

/// What is called.
struct Nested<'a> {
    name: &'a str,
    function: &'a StoredFunction,
    values: &'a [Data],
}

/// Makes the machine for `callFunction(name, [values])`; `live` is the fuel that the machines below it
/// have used.
pub(super) async fn called(context: &HostContext<'_>, args: &[Data], live: u64) -> Result<Called, Failure> {
    let name = arguments::text(args, 0, "callFunction", "a name", "callFunction(\"billing.total\", {1})")?;
    let values = args.get(1).and_then(Data::as_list).unwrap_or_default();
    if context.depth >= DEPTH_AT_MOST {
        return Err(Failure::new(
            Reason::TooLarge,
            format!("stored functions call each other more than {DEPTH_AT_MOST} deep"),
        )
        .help("look for a function that calls itself without an end"));
    }
    let engine = context.engine;
    let id: FunctionName =
        name.parse().map_err(|error: IdError| Failure::new(Reason::FunctionNotFound, error.to_string()))?;
    let function = engine.function(&context.run.org, &id).await?;
    let known = engine.function_names(&context.run.org).await?;
    let nested = Nested { name, function: &function, values };
    let program = build(&nested, known, engine.limits().counts_statements())?;
    let entry = choose(&nested, &program)?;
    let args = named(&nested, &program, &entry)?;
    let limits = engine.limits();
    let left = limits.fuel.saturating_sub(live.saturating_add(context.nested_fuel));
    let settings = Settings { zone: engine.zone().clone(), ..Settings::default() };
    let vm = Vm::new(program, entry, args, Limits { fuel: left, ..limits }, settings)
        .map_err(|error| Failure::new(Reason::InvalidInput, error.to_string()))?;
    Ok(Called { vm, name: name.to_owned() })
}

impl Called {
    /// What the caller sees of a fault.
    pub(super) fn failure(&self, report: &FaultReport) -> Failure {
        let known = report.reason.as_deref().and_then(reason_of);
        let failure = Failure::new(
            known.unwrap_or(Reason::FunctionFailed),
            format!("`{}` ended with {} in line {}: {}", self.name, report.code, report.line, report.message),
        );
        match &report.help {
            Some(help) => failure.help(help.clone()),
            None => failure,
        }
    }
}

fn reason_of(text: &str) -> Option<Reason> {
    Reason::ALL.iter().copied().find(|reason| reason.as_str() == text)
}

fn build(
    nested: &Nested<'_>,
    functions: Vec<String>,
    count_statements: bool,
) -> Result<Arc<Program>, Failure> {
    let environment = Environment {
        variables: nested.function.inputs.clone(),
        functions,
        count_statements,
        ..Environment::default()
    };
    let built = sluis_lang::build(&nested.function.source, &environment);
    built.program.ok_or_else(|| {
        let first = built.diagnostics.iter().find(|diagnostic| diagnostic.is_error());
        let why = first.map(|diagnostic| diagnostic.message.clone()).unwrap_or_default();
        Failure::new(
            Reason::InvalidDefinition,
            format!("the stored function `{}` does not compile: {why}", nested.name),
        )
        .help("store it again; it is checked then")
    })
}

/// The function of the file that bears the stored name or its last part; else as for any script.
fn choose(nested: &Nested<'_>, program: &Program) -> Result<Entry, Failure> {
    let name = nested.function.name.as_str();
    let last = name.rsplit('.').next().unwrap_or(name);
    if let Some(index) = program.find(name).or_else(|| program.find(last)) {
        return Ok(Entry::Function(index));
    }
    match program.declared() {
        [_] if !program.has_body() => Ok(Entry::Function(0)),
        _ => entry::choose(program, &EntryPoint::Default).map_err(|refused| match refused {
            RunRefused::Entry { message, help } => {
                let failure =
                    Failure::new(Reason::InvalidDefinition, format!("`{}`: {message}", nested.name));
                match help {
                    Some(help) => failure.help(help),
                    None => failure,
                }
            }
            other => Failure::new(Reason::Internal, other.to_string()),
        }),
    }
}

/// The values under the names of the parameters.
fn named(nested: &Nested<'_>, program: &Program, entry: &Entry) -> Result<Vec<(String, Data)>, Failure> {
    let names: Vec<String> = match entry {
        Entry::Function(index) => program
            .declared()
            .get(*index)
            .map(|function| function.parameters.iter().map(|parameter| parameter.name.clone()).collect())
            .unwrap_or_default(),
        _ => nested.function.inputs.clone(),
    };
    if names.len() != nested.values.len() {
        return Err(Failure::new(
            Reason::InvalidInput,
            format!("`{}` takes {} values, not {}", nested.name, names.len(), nested.values.len()),
        )
        .help(format!("it is written {}({})", nested.name, names.join(", "))));
    }
    Ok(names.into_iter().zip(nested.values.iter().cloned()).collect())
}
