//! Drives a script to its end as a test wants it: in slices of any size, through bytes at every
//! stop, with answers that are the same in every run.

use sluis_lang::compile::compile;
use sluis_lang::syntax::parse;
use sluis_lang::value::data::Data;
use sluis_lang::vm::{Entry, FaultReport, HostCall, HostFault, Limits, Program, Settings, Step, Vm};
use std::sync::Arc;

/// What can be seen of a run from outside.
#[derive(Debug, PartialEq)]
pub struct Seen {
    /// Host calls in order: name, and what was printed.
    pub lines: Vec<String>,
    /// How it ended.
    pub end: Result<Data, FaultReport>,
    /// What it paid.
    pub fuel: u64,
}

/// A run, and how often it came back before its end.
#[derive(Debug)]
pub struct Outcome {
    /// What must not depend on the stops.
    pub seen: Seen,
    /// Slices and host calls.
    pub stops: usize,
}

/// The program; none if it does not compile.
pub fn program(text: &str) -> Option<Arc<Program>> {
    let (tree, diagnostics) = parse(text);
    if diagnostics.iter().any(sluis_lang::diagnostic::Diagnostic::is_error) {
        return None;
    }
    compile(text, &tree, &[], &[]).ok().map(Arc::new)
}

/// Runs to the end; with `through_bytes` another machine goes on after every stop.
pub fn drive(
    program: Arc<Program>,
    limits: Limits,
    settings: &Settings,
    slice: u64,
    through_bytes: bool,
) -> Outcome {
    let start = Vm::new(Arc::clone(&program), Entry::Body, vec![], limits, settings.clone());
    let mut vm = start.unwrap_or_else(|error| panic!("{error}"));
    let (mut lines, mut stops) = (Vec::new(), 0);
    loop {
        let end = match vm.step(slice) {
            Step::OutOfFuel => None,
            Step::Host(call) => {
                lines.push(format!("{} {}", call.name, call.text.as_deref().unwrap_or_default()));
                vm.resume(answer(&call));
                None
            }
            Step::Done(value) => Some(Ok(value)),
            Step::Fault(report) => Some(Err(report)),
        };
        if let Some(end) = end {
            return Outcome { seen: Seen { lines, end, fuel: vm.fuel_used() }, stops };
        }
        stops += 1;
        if through_bytes {
            let bytes = vm.snapshot();
            let restored = Vm::restore(Arc::clone(&program), &bytes, settings.clone());
            vm = restored.unwrap_or_else(|error| panic!("{error}"));
        }
    }
}

fn answer(call: &HostCall) -> Result<Data, HostFault> {
    match call.name {
        "info" => Ok(Data::Null),
        "currentdate" => Ok(Data::Date(19_900)),
        "currenttime" => Ok(Data::DateTime(1_720_000_000_000)),
        "randomNumber" => Ok(call.args.first().cloned().unwrap_or_default()),
        "invokeurl" => Ok(Data::map([
            ("status", Data::Int(200)),
            ("list", Data::List(vec![Data::from("one"), Data::Null])),
        ])),
        _ => Err(HostFault { reason: "refused".into(), message: "not in a test".into(), help: None }),
    }
}
