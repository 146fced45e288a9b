//! QuickJS, linked in through rquickjs.

use super::measure;
use crate::task::{Sample, Task};
use anyhow::{Result, anyhow};
use rquickjs::{Coerced, Context, Ctx, Function, Runtime};

pub fn run(task: &Task) -> Result<Sample> {
    let runtime = Runtime::new()?;
    let context = Context::full(&runtime)?;
    context.with(|ctx| {
        let globals = ctx.globals();
        globals.set("ask", Function::new(ctx.clone(), |n: i64, _end: i64| n)?)?;
        if let Some(document) = &task.document {
            globals.set("INPUT", document.as_str())?;
        }
        let load = || load(&ctx, &task.source).map_err(|error| explain(&ctx, &error));
        measure(load, |main| {
            let check: Coerced<String> = main.call((task.n,)).map_err(|error| explain(&ctx, &error))?;
            Ok(check.0)
        })
    })
}

fn load<'js>(ctx: &Ctx<'js>, source: &str) -> rquickjs::Result<Function<'js>> {
    ctx.eval::<(), _>(source)?;
    ctx.globals().get("main")
}

fn explain(ctx: &Ctx<'_>, error: &rquickjs::Error) -> anyhow::Error {
    anyhow!("{error}: {:?}", ctx.catch())
}
