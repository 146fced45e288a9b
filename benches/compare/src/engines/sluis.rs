//! Ours, as the server runs it: metered, in slices; a host call that need not wait is answered at once.

use super::measure;
use crate::task::{Sample, Task};
use anyhow::{Result, anyhow, bail};
use sluis_lang::check::Environment;
use sluis_lang::value::data::Data;
use sluis_lang::vm::{Answers, Arguments, Entry, HostFault, Limits, Settings, Step, Vm};

/// Units of fuel between two looks at the clock, as the engine hands them out.
const SLICE: u64 = 50_000;

/// The host: answers with the first argument.
struct First;

impl Answers for First {
    fn answer(&mut self, _: &'static str, args: Arguments<'_>) -> Option<Result<Data, HostFault>> {
        args.data(0).map(Ok)
    }
}

pub fn run(task: &Task) -> Result<Sample> {
    let document = task.document.clone();
    let variables = if document.is_some() { vec!["document".to_owned()] } else { Vec::new() };
    let environment = Environment { variables, ..Environment::default() };
    let args = document.map(|text| vec![("document".to_owned(), Data::Text(text))]).unwrap_or_default();
    let load = || {
        let built = sluis_lang::build(&task.source, &environment);
        let program = built.program.ok_or_else(|| anyhow!("{:?}", built.diagnostics))?;
        let limits = Limits { fuel: u64::MAX, memory: 2 << 30, ..Limits::local() };
        Vm::new(program, Entry::Body, args, limits, Settings::default()).map_err(|error| anyhow!("{error}"))
    };
    measure(load, |mut vm| {
        loop {
            match vm.step_with(SLICE, &mut First) {
                Step::OutOfFuel => {}
                Step::Host(call) => vm.resume(Ok(call.args.into_iter().next().unwrap_or_default())),
                Step::Done(answer) => return Ok(answer.to_json()),
                Step::Fault(report) => bail!("{}: {}", report.code, report.message),
            }
        }
    })
}
