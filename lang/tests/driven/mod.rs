//! Drives a script to its end as a test wants it: in slices of any size, through bytes at every
//! stop, with answers that are the same in every run.

use sluis_lang::compile::compile;
use sluis_lang::syntax::parse;
use sluis_lang::value::data::Data;
use sluis_lang::vm::{
    Answers, Arguments, Entry, FaultReport, HostFault, Limits, Program, Settings, Step, Vm,
};
use std::sync::Arc;

/// What can be seen of a run from outside.
#[derive(Debug, PartialEq)]
pub struct Seen {
    /// What was printed, line by line.
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

/// How a run is driven.
#[derive(Debug, Clone)]
pub struct How {
    /// Where it runs, and how often it collects or comes back.
    pub settings: Settings,
    /// Fuel between two stops.
    pub slice: u64,
    /// Another machine goes on after every stop.
    pub through_bytes: bool,
    /// Host calls are answered while the machine runs, where that is possible.
    pub at_once: bool,
}

impl Default for How {
    /// Left alone.
    fn default() -> Self {
        Self { settings: Settings::default(), slice: u64::MAX, through_bytes: false, at_once: false }
    }
}

/// Runs to the end.
pub fn drive(program: Arc<Program>, limits: Limits, how: &How) -> Outcome {
    let start = Vm::new(Arc::clone(&program), Entry::Body, vec![], limits, how.settings.clone());
    let mut vm = start.unwrap_or_else(|error| panic!("{error}"));
    let (mut lines, mut stops) = (Vec::new(), 0);
    loop {
        let step = if how.at_once { vm.step_with(how.slice, &mut AtOnce) } else { vm.step(how.slice) };
        let end = match step {
            Step::OutOfFuel => None,
            Step::Host(call) => {
                lines.extend(call.text.clone());
                vm.resume(answer(call.name, call.args.first().cloned()));
                None
            }
            Step::Done(value) => Some(Ok(value)),
            Step::Fault(report) => Some(Err(report)),
        };
        if let Some(end) = end {
            return Outcome { seen: Seen { lines, end, fuel: vm.fuel_used() }, stops };
        }
        stops += 1;
        if how.through_bytes {
            let bytes = vm.snapshot();
            let restored = Vm::restore(Arc::clone(&program), &bytes, how.settings.clone());
            vm = restored.unwrap_or_else(|error| panic!("{error}"));
        }
    }
}

struct AtOnce;

impl Answers for AtOnce {
    fn answer(&mut self, name: &'static str, args: Arguments<'_>) -> Option<Result<Data, HostFault>> {
        // A line is printed by who drives; what cannot leave the run is the machine's to refuse.
        let first = args.data(0);
        (name != "info" && first.is_some() != args.is_empty()).then(|| answer(name, first))
    }
}

fn answer(name: &str, first: Option<Data>) -> Result<Data, HostFault> {
    match name {
        "info" => Ok(Data::Null),
        "currentdate" => Ok(Data::Date(19_900)),
        "currenttime" => Ok(Data::DateTime(1_720_000_000_000)),
        "randomNumber" => Ok(first.unwrap_or_default()),
        "invokeurl" => Ok(Data::map([
            ("status", Data::Int(200)),
            ("list", Data::List(vec![Data::from("one"), Data::Null])),
        ])),
        _ => Err(HostFault {
            reason: "refused".into(),
            message: "not in a test".into(),
            help: None,
            data: None,
        }),
    }
}
