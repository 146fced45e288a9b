//! Rune.

use super::{lent, measure};
use crate::task::{Sample, Task};
use anyhow::{Result, anyhow};
use rune::runtime::RuntimeContext;
use rune::{Context, ContextError, Diagnostics, Module, Source, Sources, Vm};
use std::sync::Arc;

pub fn run(task: &Task) -> Result<Sample> {
    let context = prepare()?;
    let runtime = Arc::new(context.runtime()?);
    measure(
        || load(&context, runtime, task),
        |mut vm| {
            let check = match &task.document {
                Some(document) => vm.call(["main"], (task.n, document.clone())),
                None => vm.call(["main"], (task.n,)),
            };
            let check: i64 = rune::from_value(check.map_err(|error| anyhow!("{error}"))?)?;
            Ok(check.to_string())
        },
    )
}

fn load(context: &Context, runtime: Arc<RuntimeContext>, task: &Task) -> Result<Vm> {
    let mut sources = Sources::new();
    sources.insert(Source::memory(&task.source)?)?;
    let mut diagnostics = Diagnostics::new();
    let unit = rune::prepare(&mut sources).with_context(context).with_diagnostics(&mut diagnostics).build();
    let unit = unit.map_err(|error| anyhow!("{error}: {diagnostics:?}"))?;
    Ok(Vm::new(runtime, Arc::new(unit)))
}

fn prepare() -> Result<Context, ContextError> {
    let mut lending = Module::new();
    lending.function("ask", |n: i64, _end: i64| n).build()?;
    lending.function("date_parse", |text: &str| lent::date_parse(text)).build()?;
    lending.function("date_format", lent::date_format).build()?;
    lending.function("date_month", lent::date_month).build()?;
    lending.function("pad0", lent::pad0).build()?;
    lending.function("fixed2", lent::fixed2).build()?;
    let mut context = Context::with_default_modules()?;
    context.install(lending)?;
    context.install(rune_modules::json::module(false)?)?;
    Ok(context)
}
